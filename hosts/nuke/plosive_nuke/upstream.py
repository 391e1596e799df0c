# SPDX-License-Identifier: Apache-2.0
"""A key of everything that makes the picture at an input: the same key, the same pixels."""

from __future__ import annotations

import hashlib
import os

import nuke
from plosive_nuke.knobs import evaluated
from plosive_nuke.picture_files import for_view, frame_files

__all__ = ["upstream_key"]

_NOT_SEEN = {
    "name",
    "xpos",
    "ypos",
    "label",
    "tile_color",
    "gl_color",
    "note_font",
    "note_font_size",
    "note_font_color",
    "selected",
    "hide_input",
    "postage_stamp",
    "icon",
    "help",
    "cached",
    "bdwidth",
    "bdheight",
    "knobChanged",
    "status",
    "log_told",
    "layers_told",
    "job",
}
_ROOT_SEEN = (
    "fps",
    "format",
    "colorManagement",
    "OCIO_config",
    "customOCIOConfigPath",
    "workingSpaceLUT",
    "int8Lut",
    "int16Lut",
    "logLut",
    "floatLut",
)


def upstream_key(node: nuke.Node | None, first: int, last_inclusive: int, view: str) -> str:
    """40 letters. Positions, names and labels do not count; files that are read do, with size and time of
    change.
    """
    digest = hashlib.sha1()
    for name in _ROOT_SEEN:
        knob = nuke.root().knob(name)
        digest.update(f"{name}={'' if knob is None else knob.toScript()}\n".encode())
    digest.update(f"{first} {last_inclusive} {view} {os.environ.get('OCIO', '')}\n".encode())
    found = [] if node is None else [node]
    places = {one.fullName(): place for place, one in enumerate(found)}
    for one in found:  # grows while it is walked
        digest.update(f"{one.Class()}\n".encode())
        for name in sorted(one.knobs()):
            if name not in _NOT_SEEN:
                digest.update(f" {name} {one[name].toScript()}\n".encode())
        _add_files(digest, one, view)
        for source in _above(one):
            if source is not None and source.fullName() not in places:
                places[source.fullName()] = len(found)
                found.append(source)
            digest.update(f" < {'-' if source is None else places[source.fullName()]}\n".encode())
    return digest.hexdigest()


def _above(node: nuke.Node) -> list[nuke.Node | None]:
    """Inputs in their order, then what else it depends on."""
    sources: list[nuke.Node | None] = [node.input(index) for index in range(node.inputs())]
    sources += node.dependencies(nuke.EXPRESSIONS | nuke.HIDDEN_INPUTS)
    if isinstance(node, nuke.Group):
        sources += node.nodes()
    if node.Class() == "Input":
        group = node.parent()
        sources.append(group.input(int(node["number"].value())) if group is not None else None)
    return sources


def _add_files(digest: hashlib._Hash, node: nuke.Node, view: str) -> None:
    path = for_view(evaluated(node, "file"), view)
    if not path or node.Class() == "Write":
        return
    files = frame_files(path)
    for place in [path] if files is None else files.paths(path):
        try:
            status = os.stat(place)
        except OSError:
            continue
        digest.update(f"{place} {status.st_size} {status.st_mtime_ns}\n".encode())
