# SPDX-License-Identifier: Apache-2.0
"""Curves and tracks of a face as animated knobs in Nuke, and a Transform that follows its mouth.

User knobs as Nuke writes them: `addUserKnob {type name l label R lowest highest}`, 20 a tab, 3 a whole
number, 7 a number, 12 a position.
"""

from __future__ import annotations

import numpy as np

from plosive.composite.elements.script import NukeNode, quoted, written_curve
from plosive.composite.elements.tracks import POINTS, ElementsFace, MadeFrames, nuke_pixels
from plosive.composite.elements.wanted import ElementsPlate

__all__ = ["face_nodes"]

_TILE_COLOUR = "0x3f6f4bff"


def face_nodes(plate: ElementsPlate, face: ElementsFace, frames: MadeFrames, y: int) -> list[NukeNode]:
    """A NoOp with a face's curves and tracks as animated knobs, and a Transform that follows its mouth."""
    name = f"Face{face.number}"
    numbers = [plate.number(index) for index in face.indices.tolist()]
    knobs = [
        ("tile_color", _TILE_COLOUR),
        ("label", quoted(f"{face.name or f'person {face.person}'}, frames {numbers[0]}-{numbers[-1]}")),
        ("addUserKnob", f"{{20 plosive l {name}}}"),
        ("addUserKnob", "{3 reference}"),
        ("reference", str(numbers[0])),
        ("addUserKnob", "{7 blend R 0 1}"),
        ("blend", f"{{{_blend_curve(plate, face)}}}"),
    ]
    for curve, values in face.curves.items():
        knobs.append(("addUserKnob", f"{{7 {curve} R 0 1}}"))
        knobs.append((curve, f"{{{written_curve(numbers, values.tolist())}}}"))
    points = nuke_pixels(frames.points(face), plate.info.height)
    for place, point in enumerate(POINTS):
        axes = (written_curve(numbers, points[:, place, axis].tolist(), 3) for axis in (0, 1))
        knobs.append(("addUserKnob", f"{{12 {point}}}"))
        knobs.append((point, f"{{{' '.join(axes)}}}"))
    follow = " ".join(
        f"{{{name}.mouth_centre.{axis}-{name}.mouth_centre.{axis}({name}.reference)}}" for axis in "xy"
    )
    middle = " ".join(f"{{{name}.mouth_centre.{axis}({name}.reference)}}" for axis in "xy")
    move = (
        ("translate", f"{{{follow}}}"),
        ("center", f"{{{middle}}}"),
        ("label", quoted("follows the mouth")),
    )
    return [
        NukeNode("NoOp", name, tuple(knobs), (), 700, y),
        NukeNode("Transform", f"FollowFace{face.number}", move, (), 840, y),
    ]


def _blend_curve(plate: ElementsPlate, face: ElementsFace) -> str:
    """The face's blend at every frame from one before to one after it, 0 where it is not seen."""
    first, last = int(face.indices[0]) - 1, int(face.indices[-1]) + 1
    values = np.zeros(last - first + 1)
    values[face.indices - first] = face.blend
    return written_curve([plate.number(index) for index in range(first, last + 1)], values.tolist(), 4)
