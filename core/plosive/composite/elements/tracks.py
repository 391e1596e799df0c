# SPDX-License-Identifier: Apache-2.0
"""Curves and tracks of every face: as JSON (elements.schema.json), and all landmarks as an npz.

Positions are pixels as in Nuke: origin at the bottom left corner of the picture, x right, y up, pixel centres
at .5. Frame numbers are those of the EXR files.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from plosive.composite.elements.header import CONTRACT
from plosive.composite.elements.layers import MadeFace
from plosive.composite.elements.wanted import ElementsPlate, Made, describe_light

__all__ = ["POINTS", "ElementsFace", "MadeFrames", "elements_json", "landmarks_npz", "points_of"]

POINTS: Mapping[str, tuple[int, ...]] = {
    "mouth_centre": (61, 291, 13, 14),
    "corner_left": (61,),
    "corner_right": (291,),
    "upper_lip": (13,),
    "lower_lip": (14,),
    "chin": (152,),
    "nose": (1,),
}
"""Points that are tracked, each the mean of these landmarks; left and right are the picture's."""

FORMULA = "plate * (1 - matte.A * blend.A) + mouth * (matte.A * blend.A)"
_SCHEMA = "plosive.elements.v1"


@dataclass(frozen=True)
class ElementsFace:
    """One face of the plate that was synced; T = frames it is seen in.

    `indices` (T,) are plate frames, `landmarks` (T, 478, 3) pixels of the plate (origin top left, y down,
    pixel centres at integers), `blend` (T,) 0..1, `curves` what the mouth was asked to do, (T,) each.
    """

    number: int
    person: int
    name: str
    shot: int
    indices: NDArray[np.int64]
    landmarks: NDArray[np.float32]
    blend: NDArray[np.float32]
    curves: Mapping[str, NDArray[np.float32]]


@dataclass
class MadeFrames:
    """What came of each face in each plate frame, gathered while frames are written in any order.

    `sources` holds the take (0 is the plate) and frame index a mouth was taken from, `mouths` the points of
    the new mouth, (7, 2) pixels as `ElementsFace.landmarks`, where its generator tells; both by (face number,
    frame index).
    """

    sources: dict[tuple[int, int], tuple[int, int]] = field(default_factory=dict)
    mouths: dict[tuple[int, int], NDArray[np.float32]] = field(default_factory=dict)

    def add(self, index: int, faces: Sequence[MadeFace]) -> None:
        """Remember the faces of plate frame `index`."""
        for face in faces:
            patch = face.patch
            self.sources[face.number, index] = patch.source_take, patch.source_index
            if patch.target is not None:
                self.mouths[face.number, index] = points_of(patch.target[None])[0]

    def facts(self, index: int, numbers: Sequence[int]) -> list[dict[str, Any]]:
        """What is remembered of faces `numbers` in plate frame `index`, ready for JSON."""
        return [
            {
                "face": number,
                "source": list(self.sources[number, index]),
                "mouth": self.mouths[number, index].tolist() if (number, index) in self.mouths else None,
            }
            for number in numbers
            if (number, index) in self.sources
        ]

    def recall(self, index: int, facts: Sequence[Mapping[str, Any]]) -> None:
        """Remember what `facts` told; all of it or, with KeyError, TypeError or ValueError, nothing."""
        sources: dict[tuple[int, int], tuple[int, int]] = {}
        mouths: dict[tuple[int, int], NDArray[np.float32]] = {}
        for face in facts:
            key = int(face["face"]), index
            take, source = face["source"]
            sources[key] = int(take), int(source)
            if face["mouth"] is not None:
                mouths[key] = np.array(face["mouth"], dtype=np.float32).reshape(len(POINTS), 2)
        self.sources |= sources
        self.mouths |= mouths

    def points(self, face: ElementsFace) -> NDArray[np.float32]:
        """The points of the face as the final shows it: (T, 7, 2), the plate's own where nothing was made."""
        points = points_of(face.landmarks)
        for row, index in enumerate(face.indices.tolist()):
            points[row] = self.mouths.get((face.number, index), points[row])
        return points


def points_of(landmarks: NDArray[np.float32]) -> NDArray[np.float32]:
    """`POINTS` of landmarks (T, 478, 2 or 3): (T, 7, 2) pixels."""
    points = [landmarks[:, list(which), :2].mean(axis=1) for which in POINTS.values()]
    return np.stack(points, axis=1, dtype=np.float32)


def nuke_pixels(points: NDArray[np.float32], height: int) -> NDArray[np.float32]:
    """Picture points (..., 2), y down with pixel centres at integers, as Nuke counts them."""
    placed = [points[..., 0] + 0.5, height - 0.5 - points[..., 1]]
    return np.stack(placed, axis=-1, dtype=np.float32)


def elements_json(plate: ElementsPlate, made: Made, faces: Sequence[ElementsFace], frames: MadeFrames) -> str:
    """The text of `elements.json`: one curve or track a line."""
    info = plate.info
    head: dict[str, Any] = {
        "schema": _SCHEMA,
        "contract": CONTRACT,
        "made_by": {
            "plosive": made.version,
            "generator": made.generator,
            "seed": made.seed,
            "dub": list(made.dubs),
        },
        "plate": {
            "file": info.path.name,
            "width": info.width,
            "height": info.height,
            "pixel_aspect": str(info.pixel_aspect),
            "frame_rate": str(info.frame_rate),
            "first_frame": info.first_frame,
            "last_frame_inclusive": info.last_frame_inclusive,
            "start_timecode": info.start_timecode,
        },
        "elements": {
            "files": "elements.%04d.exr",
            "first_frame": plate.first_made_number,
            "last_frame_inclusive": plate.last_made_number_inclusive,
            "light": describe_light(info),
            "transfer": info.transfer.value,
            "colour": None if info.colour is None else info.colour.facts(),
            "final": FORMULA,
        },
        "positions": "pixels; origin bottom left, y up, pixel centres at .5",
        "landmarks": "landmarks.npz",
    }
    lines = [f" {json.dumps(name)}: {json.dumps(value)}" for name, value in head.items()]
    listed = ",\n".join(_face_text(plate, face, frames) for face in faces)
    lines.append(f' "faces": [\n{listed}\n ]' if faces else ' "faces": []')
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _face_text(plate: ElementsPlate, face: ElementsFace, frames: MadeFrames) -> str:
    height = plate.info.height
    sources = [frames.sources.get((face.number, index)) for index in face.indices.tolist()]
    values: dict[str, object] = {
        "number": face.number,
        "person": face.person,
        "name": face.name or None,
        "shot": face.shot,
        "frames": [plate.number(index) for index in face.indices.tolist()],
        "source_takes": [None if source is None else source[0] for source in sources],
        "source_frames": [None if source is None else _source_frame(plate, *source) for source in sources],
        "blend": _rounded(face.blend, 4),
    }
    lines = [f"   {json.dumps(name)}: {json.dumps(value)}" for name, value in values.items()]
    groups = {
        "curves": {name: _rounded(curve, 5) for name, curve in face.curves.items()},
        "plate_points": _named(nuke_pixels(points_of(face.landmarks), height)),
        "final_points": _named(nuke_pixels(frames.points(face), height)),
    }
    for group, members in groups.items():
        told = ",\n".join(f"    {json.dumps(name)}: {json.dumps(value)}" for name, value in members.items())
        lines.append(f'   "{group}": {{\n{told}\n   }}')
    return "  {\n" + ",\n".join(lines) + "\n  }"


def _source_frame(plate: ElementsPlate, take: int, index: int) -> int:
    """The number of a source frame: the elements' in the plate, from 0 in another take."""
    return index if take else plate.number(index)


def _named(points: NDArray[np.float32]) -> dict[str, list[Any]]:
    return {name: _rounded(points[:, place], 3) for place, name in enumerate(POINTS)}


def _rounded(values: NDArray[np.float32], digits: int) -> list[Any]:
    plain: list[Any] = values.astype(np.float64).round(digits).tolist()
    return plain


def landmarks_npz(file: IO[bytes], plate: ElementsPlate, faces: Sequence[ElementsFace]) -> None:
    """Write `face<number>_frames` (T,) int64 and `face<number>_landmarks` (T, 478, 3) float32 of the plate's
    own faces, in Nuke's pixels; the third is MediaPipe's depth in pixels, smaller is nearer.
    """
    arrays: dict[str, NDArray[Any]] = {}
    for face in faces:
        there = nuke_pixels(face.landmarks[..., :2], plate.info.height)
        arrays[f"face{face.number}_frames"] = face.indices.astype(np.int64) + plate.first_number
        arrays[f"face{face.number}_landmarks"] = np.concatenate([there, face.landmarks[..., 2:3]], axis=2)
    np.savez(file, **arrays)
