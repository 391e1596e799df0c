# SPDX-License-Identifier: Apache-2.0
"""Knobs of kinds that Foundry's stubs do not tell apart."""

from __future__ import annotations

from typing import Any

import nuke

__all__ = ["evaluated", "press", "set_choices"]


def evaluated(node: nuke.Node, name: str) -> str:
    """The text of a file knob with its Tcl worked out and the studio's filename filters applied, frame
    numbers left as `%04d`; empty where there is none.
    """
    knob: Any = node.knob(name)
    told = "" if knob is None else str(knob.getEvaluatedValue() or "")
    return str(nuke.filenameFilter(told) or told) if told else ""


def press(node: nuke.Node, name: str) -> None:
    """A button; nothing where the node has none of that name."""
    knob: Any = node.knob(name)
    if knob is not None:
        knob.execute()


def set_choices(node: nuke.Node, name: str, choices: list[str]) -> None:
    """What a pulldown offers."""
    knob: Any = node[name]
    knob.setValues(choices)
