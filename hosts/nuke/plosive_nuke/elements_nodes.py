# SPDX-License-Identifier: Apache-2.0
"""Brings `elements.nk`, the whole comp of a result's layers, into the script beside the node."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

import nuke
from plosive_host import PlosiveHostError

__all__ = ["paste"]

_ROOT = re.compile(r"^Root \{\n(?: .*\n)*\}\n", re.MULTILINE)


def paste(node: nuke.Node, folder: str) -> None:
    """Of the version in `folder`. Its project settings are left out: the script keeps its own. Raises
    PlosiveHostError where the version has no elements.
    """
    scripts = sorted(Path(folder).glob("elements*/elements.nk")) if folder else []
    if not scripts:
        raise PlosiveHostError("This version has no elements; switch them on and sync.", "NUKE")
    parent = node.parent() or nuke.root()
    with nuke.Undo("Elements of Lip Sync"), parent:
        for one in parent.nodes():
            one.setSelected(False)
        for script in scripts:
            text = _ROOT.sub("", script.read_text(encoding="utf-8"))
            handle, path = tempfile.mkstemp(suffix=".nk")
            try:
                with os.fdopen(handle, "w", encoding="utf-8") as file:
                    file.write(text)
                nuke.nodePaste(path.replace("\\", "/"))
            finally:
                os.remove(path)
