# SPDX-License-Identifier: Apache-2.0
"""Puts a version into the node: from then on the node needs files only. Main thread only."""

from __future__ import annotations

import os
from typing import Any

import nuke
from plosive_host import PlosiveHostError
from plosive_nuke.knobs import press
from plosive_nuke.picture_files import for_view, frame_files
from plosive_nuke.versions import Shown

__all__ = ["inner", "is_alive", "show_version", "tell"]


def inner(group: nuke.Node, name: str) -> nuke.Node:
    """A node inside. Raises PlosiveHostError where somebody took it out."""
    found = group.node(name) if isinstance(group, nuke.Group) else None
    if found is None:
        raise PlosiveHostError(f"{group.name()} lacks the node {name}; make a new LipSync node.", "NUKE")
    return found


def is_alive(node: nuke.Node) -> bool:
    """Whether it is still in the script: Nuke raises ValueError for what was deleted."""
    try:
        node.fullName()
    except ValueError:
        return False
    return True


def tell(node: nuke.Node, knob: str, text: str) -> None:
    """A line of the panel; nothing that an artist would want to undo."""
    nuke.Undo.disable()
    try:
        node[knob].setValue(text)
    finally:
        nuke.Undo.enable()


def show_version(group: nuke.Node, folder: str, shown: Shown, number: int) -> list[str]:
    """One step of undo; returns sentences on what could not be set. Raises PlosiveHostError where files are
    missing, and nothing is changed then.
    """
    result = f"{folder}/{shown.result}"
    elements = f"{folder}/{shown.elements}/elements.%04d.exr" if shown.elements else ""
    _must_be_whole(result, elements, shown)
    reads = (
        inner(group, "Result"),
        inner(group, "Elements"),
        inner(group, "LayersLight"),
        inner(group, "Stamp"),
    )
    read, layers, light, stamp = reads
    count = shown.last_inclusive - shown.first + 1
    with nuke.Undo(f"Lip Sync v{number:03d}"):
        _set_read(read, result, shown.first, shown.last_inclusive, shown.starts_at)
        told = [
            f"The result's {name} could not be set to {value}; set it as the plate's Read has it."
            for name, value in shown.read_knobs
            if not _set_if_known(read, name, value)
        ]
        if elements:
            last = shown.elements_first + count - 1
            _set_read(layers, elements, shown.elements_first, last, shown.starts_at)
            layers["raw"].setValue(True)
        needs_light = bool(shown.layers_from)
        if shown.layers_from:
            needs_light = _set_if_known(light, "in_colorspace", shown.layers_from)
            needs_light = _set_if_known(light, "out_colorspace", "scene_linear") and needs_light
        light["disable"].setValue(not needs_light)
        can_rebuild = bool(elements) and (shown.layers_from == "" or needs_light)
        stamp["metadata"].fromScript(_stamped(shown, number))
        for name, number_of in (
            ("can_rebuild", int(can_rebuild)),
            ("has_layers", int(bool(elements))),
            ("result_first", shown.starts_at),
            ("result_last", shown.starts_at + count - 1),
            ("version", number),
        ):
            group[name].setValue(number_of)
        _set_views(group["has_result"], shown.views)
        group["layers_told"].setValue(_layers_told(elements, can_rebuild))
    return told


def _must_be_whole(result: str, elements: str, shown: Shown) -> None:
    for view in shown.views or ("",):
        for pattern, first in ((result, shown.first), (elements, shown.elements_first)):
            path = for_view(pattern, view)
            if not pattern or (path == result and "%" not in path):
                if pattern and not os.path.isfile(path):
                    raise PlosiveHostError(f"{path} is not there; sync again.", "MEDIA_READ")
                continue
            files = frame_files(path)
            last = first + shown.last_inclusive - shown.first
            if files is None or files.missing(first, last):
                raise PlosiveHostError(f"Frames of {path} are missing; sync again.", "MEDIA_READ")


def _set_read(read: nuke.Node, path: str, first: int, last_inclusive: int, starts_at: int) -> None:
    read["file"].setValue(path)
    for name, value in (("first", first), ("last", last_inclusive)):
        read[name].setValue(value)
        read[f"orig{name}"].setValue(value)
    read["origset"].setValue(True)
    read["frame_mode"].setValue("start at" if starts_at != first else "expression")
    read["frame"].setValue(str(starts_at) if starts_at != first else "")
    read["on_error"].setValue("error")
    read["localizationPolicy"].setValue("off")
    press(read, "reload")


def _set_if_known(node: nuke.Node, name: str, value: str | bool) -> bool:
    """Whether the knob took it: a colour space of another config is not known."""
    try:
        node[name].setValue(value)
    except (TypeError, ValueError, RuntimeError):
        return False
    return True


def _set_views(knob: Any, made: tuple[str, ...]) -> None:
    """1 in the views that were made, 0 in others. What is not split follows the first view."""
    everyone = [str(view) for view in nuke.views()]
    knob.setValue(int(len(everyone) == 1 or everyone[0] in made))
    for view in everyone[1:]:
        knob.splitView(view)
        knob.setExpression("1" if view in made else "0", 0, view)


def _stamped(shown: Shown, number: int) -> str:
    pairs = {"version": f"v{number:03d}", "dub": os.path.basename(shown.dub), "job": shown.job}
    return "\n".join(f"{{set plosive/{name} {_quoted(value)}}}" for name, value in pairs.items() if value)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("[", "\\[").replace("$", "\\$")
    return f'"{escaped}"'


def _layers_told(elements: str, can_rebuild: bool) -> str:
    if not elements:
        return "None were made."
    if can_rebuild:
        return "mouth, matte, blend, lips, st: in the working space."
    return "mouth is in the plate's own linear light, not the working space: see elements.json. No rebuilt."
