# SPDX-License-Identifier: Apache-2.0
"""Puts LipSync into Nuke's menus, and into the script when it is chosen there."""

from __future__ import annotations

import os
import tempfile

import nuke
from plosive_host.log import log_path
from plosive_host.sighting import remember_sighting
from plosive_nuke.desk import LOG_NAME
from plosive_nuke.taking import range_from_input
from plosive_nuke.toolset import toolset_text

__all__ = ["add_menus", "create"]


def add_menus() -> None:
    """In the toolbar's and the Tab menu's Plosive, and in the menu bar; for `plosive doctor` it is noted
    which Nuke this is.
    """
    kind = "indie" if nuke.env.get("indie") else "studio" if nuke.env.get("studio") else ""
    remember_sighting("nuke", "Nuke", str(nuke.NUKE_VERSION_STRING), kind)
    call = "import plosive_nuke.menu; plosive_nuke.menu.{}()"
    nuke.menu("Nodes").addMenu("Plosive").addCommand("LipSync", call.format("create"))
    bar = nuke.menu("Nuke").addMenu("Plosive")
    bar.addCommand("Lip Sync", call.format("create"))
    bar.addCommand("Where is the log?", call.format("tell_log"))


def create() -> nuke.Node | None:
    """A LipSync node on what is selected, with its range."""
    handle, path = tempfile.mkstemp(suffix=".nk")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(toolset_text())
        with nuke.Undo("Lip Sync"):
            node = nuke.nodePaste(path.replace("\\", "/"))
            if node is not None and node.input(0) is not None:
                range_from_input(node)
    finally:
        os.remove(path)
    if node is not None and nuke.GUI:
        node.showControlPanel()
    return node


def tell_log() -> None:
    """Where the log of what happens in Nuke lies."""
    nuke.message(f"Plosive's log in Nuke:\n{log_path(LOG_NAME)}")
