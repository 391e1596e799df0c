# SPDX-License-Identifier: Apache-2.0
"""Takes settings over from what is in the script."""

from __future__ import annotations

import nuke
from plosive_host import PlosiveHostError
from plosive_nuke.knobs import evaluated
from plosive_nuke.read_frames import read_shift
from plosive_nuke.showing import inner

__all__ = ["dub_from_selected", "range_from_input"]


def dub_from_selected(node: nuke.Node) -> None:
    """The sound of a selected Read's movie, which begins with its first frame, or the file of a selected
    AudioRead. Raises PlosiveHostError where neither is selected.
    """
    parent = node.parent() or nuke.root()
    chosen = [one for one in parent.nodes() if one.isSelected() and one.Class() in ("Read", "AudioRead")]
    if len(chosen) != 1:
        raise PlosiveHostError("Select the one Read or AudioRead whose sound is the dub.", "NUKE")
    source = chosen[0]
    path = evaluated(source, "file")
    if not path or "%" in path:
        raise PlosiveHostError(f"{source.name()} reads no movie or audio file.", "NUKE")
    shift = read_shift(source) if source.Class() == "Read" else None
    with nuke.Undo("Dub of Lip Sync"):
        node["dub"].setValue(path)
        if shift is not None:
            node["dub_frame"].setValue(float(1 - shift))  # Nuke counts movies from 1


def range_from_input(node: nuke.Node) -> None:
    """The range of the first input; a dub that began at the range's first frame still does. Raises
    PlosiveHostError where nothing is connected.
    """
    source = node.input(0)
    if source is None:
        raise PlosiveHostError(
            f"Nothing is connected to {node.name()}; connect the plate to its first input.", "NUKE"
        )
    first, last = int(source.firstFrame()), int(source.lastFrame())
    was_at_first = float(node["dub_frame"].value()) == int(node["first"].value())
    with nuke.Undo("Range of Lip Sync"):
        for name in ("Result", "Elements", "Preview"):
            read = inner(node, name)
            if not read["file"].value():  # else its frame 1 would stretch the range of this node
                for knob in ("first", "last", "origfirst", "origlast"):
                    read[knob].setValue(first)
        node["first"].setValue(first)
        node["last"].setValue(last)
        if was_at_first:
            node["dub_frame"].setValue(float(first))
