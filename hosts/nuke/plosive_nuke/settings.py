# SPDX-License-Identifier: Apache-2.0
"""What the panel says, read once when a button is pressed."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from fractions import Fraction

import nuke
from plosive_host import PlosiveHostError
from plosive_nuke.knobs import evaluated
from plosive_nuke.panel import AUTOMATIC_FACE, PLACED_FACE

__all__ = ["Curve", "Settings", "exact", "read_settings"]

Curve = tuple[tuple[int, float], ...]
"""(frame of the script, value): one key for what is constant, else one for every frame that says something.
"""

_STYLES = ("strength", "jaw", "lips")
_MOST_FRAMES = 100_000
_MOST_KEYS = 10_000  # what a daemon takes


@dataclass(frozen=True)
class Settings:
    """Frames are the script's. `face` is empty (found), a person's number, or a place as (x, y, frame),
    Nuke's pixels from the left bottom. `folder` is absolute, `stem` without version.
    """

    dub: str
    dub_frame: Fraction
    dub_channel: int
    transcript: str
    transcript_file: str
    language: str
    face: str | tuple[float, float, int]
    first: int
    last_inclusive: int
    handles: int
    strength: Curve
    jaw: Curve
    lips: Curve
    generator: str
    seed: int
    folder: str
    stem: str
    has_elements: bool
    is_rendered: bool
    views: tuple[str, ...]
    python: str
    priority: int


def read_settings(node: nuke.Node, is_dub_needed: bool = True) -> Settings:
    """Raises PlosiveHostError with the knob at fault."""
    first, last = _whole(node, "first"), _whole(node, "last")
    if last < first:
        raise PlosiveHostError(
            f"The range of {node.name()} ends before it begins; correct first and last frame.", "NUKE"
        )
    if last - first >= _MOST_FRAMES:
        raise PlosiveHostError(f"The range of {node.name()} has more than {_MOST_FRAMES} frames.", "NUKE")
    handles = _whole(node, "handles")
    if not 0 <= handles <= 10_000:
        raise PlosiveHostError("Handles are 0 to 10000 frames.", "NUKE")
    dub = _path(node, "dub")
    if is_dub_needed and not dub:
        raise PlosiveHostError(f"{node.name()} has no dub; choose its file.", "NUKE")
    transcript, transcript_file = _text(node, "transcript"), _path(node, "transcript_file")
    if transcript and transcript_file:
        raise PlosiveHostError("Give a transcript or a file of it, not both.", "NUKE")
    sampled = [_curve(node, name, first - handles, last + handles) for name in _STYLES]
    return Settings(
        dub,
        exact(node["dub_frame"].value()),
        _whole(node, "dub_channel"),
        transcript,
        transcript_file,
        _text(node, "language"),
        _face(node),
        first,
        last,
        handles,
        sampled[0],
        sampled[1],
        sampled[2],
        _text(node, "generator"),
        _whole(node, "seed"),
        _folder(node),
        _stem(node),
        bool(node["elements"].value()),
        str(node["plate_source"].value()) == "rendered",
        _views(node),
        _path(node, "python"),
        _whole(node, "priority"),
    )


def exact(value: float) -> Fraction:
    """A knob's number as it is written: 0.1 is a tenth."""
    return Fraction(repr(float(value)))


def _curve(node: nuke.Node, name: str, first: int, last_inclusive: int) -> Curve:
    knob = node[name]
    if not knob.isAnimated() and not knob.hasExpression():
        return ((first, float(knob.value())),)
    values = [float(knob.getValueAt(frame)) for frame in range(first, last_inclusive + 1)]
    if len(set(values)) == 1:
        return ((first, values[0]),)
    keys = [(first + place, value) for place, value in enumerate(values)]
    kept = [
        key
        for place, key in enumerate(keys)
        if place in (0, len(keys) - 1) or {values[place - 1], values[place + 1]} != {key[1]}
    ]  # what lies between two of its like says nothing
    if len(kept) > _MOST_KEYS:
        raise PlosiveHostError(f"{name} changes in more than {_MOST_KEYS} frames; animate it less.", "NUKE")
    return tuple(kept)


def _face(node: nuke.Node) -> str | tuple[float, float, int]:
    told = str(node["face"].value())
    if told == PLACED_FACE:
        x, y = node["face_position"].value()
        return float(x), float(y), _whole(node, "face_frame")
    return "" if told == AUTOMATIC_FACE else told.split(" ", 1)[0]


def _views(node: nuke.Node) -> tuple[str, ...]:
    everyone = [str(view) for view in nuke.views()]
    if str(node["views_wanted"].value()) == "all views":
        return tuple(everyone)
    shown = nuke.thisView()
    return (shown if shown in everyone else everyone[0],)


def _folder(node: nuke.Node) -> str:
    told = str(node["folder"].value())
    if "root.name" in told and not str(nuke.root()["name"].value()):
        raise PlosiveHostError(
            "The script has no name yet; save it, or choose another output folder.", "NUKE"
        )
    path = _path(node, "folder")
    if not path:
        raise PlosiveHostError(f"{node.name()} has no output folder; choose one.", "NUKE")
    return path


def _stem(node: nuke.Node) -> str:
    stem = _text(node, "name_stem")
    if re.search(r'[\\/:*?"<>|%#@]', stem):
        raise PlosiveHostError(f"The name '{stem}' holds signs that files must not have; correct it.", "NUKE")
    return stem


def _path(node: nuke.Node, name: str) -> str:
    """Absolute, Tcl worked out; relative ones lie beside the project directory, as Nuke has it."""
    told = evaluated(node, name).strip()
    if not told:
        return ""
    told = os.path.expanduser(told)
    if not os.path.isabs(told):
        told = os.path.join(evaluated(nuke.root(), "project_directory"), told)
    return os.path.abspath(told)


def _text(node: nuke.Node, name: str) -> str:
    return str(node[name].value()).strip()


def _whole(node: nuke.Node, name: str) -> int:
    return int(node[name].value())
