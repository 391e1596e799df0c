# SPDX-License-Identifier: Apache-2.0
"""Which file frame a Read shows at which frame of the script."""

from __future__ import annotations

import re

import nuke

__all__ = ["read_shift"]

_SHIFTED = re.compile(r"\s*frame\s*(?:([+-])\s*(\d+))?\s*")


def read_shift(read: nuke.Node) -> int | None:
    """What is added to a frame of the script to get the Read's file frame; None where it is no plain shift,
    or where nothing documents it (`offset`, whose sign Foundry's guide leaves open).
    """
    mode, knob = str(read["frame_mode"].value()), read["frame"]
    text = str(knob.value()).strip()
    if mode == "expression":
        found = _SHIFTED.fullmatch(text) if text else None
        if not text:
            return 0
        if found is None:
            return None
        return int(found[1] + found[2]) if found[1] else 0
    if mode == "start at":
        if not text:
            return 0
        if re.fullmatch(r"-?\d+(\.0*)?", text) is None:
            return None
        return int(read["first"].value()) - int(float(text))
    return None
