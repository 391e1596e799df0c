# SPDX-License-Identifier: Apache-2.0
"""One person's face through one shot."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from plosive.faces.head import HeadFit, fit_head
from plosive.faces.measure import width_of_face
from plosive.faces.people.appearance import Appearance

if TYPE_CHECKING:
    from plosive.faces.light.face_light import FaceLight
    from plosive.faces.occlusion.cover import Occlusion

__all__ = ["FaceTrack", "prominence"]


@dataclass(frozen=True)
class FaceTrack:
    """Landmarks of one face in one shot.

    `number` tells tracks apart (1 is the most prominent of the plate). `person` is who it is, as artists
    name faces, over all shots (1 is the most prominent, 0 not known); `name` is their name in the cast, ''
    without one; `appearance` is what they look like here, None where nobody asked. `indices` (T,) are the
    plate frames it was seen in, rising, gaps possible. `landmarks` (T, 478, 3) float32 are pixels: as
    found, until `plosive.faces.stable` ties them to the picture and makes them steady. `shot` counts shots
    from 0. `light` is how the light on it changes and `occlusion` what covers it, where that was watched;
    landmarks of covered rows are predicted.
    """

    number: int
    shot: int
    indices: NDArray[np.int64]
    landmarks: NDArray[np.float32]
    frame_width: int
    frame_height: int
    person: int = 0
    name: str = ""
    light: FaceLight | None = None
    appearance: Appearance | None = None
    occlusion: Occlusion | None = None

    @property
    def first_frame_index(self) -> int:
        return int(self.indices[0])

    @property
    def last_frame_index_inclusive(self) -> int:
        return int(self.indices[-1])

    @cached_property
    def head(self) -> HeadFit:
        """Pose of the head and pose-free landmarks, per seen frame."""
        return fit_head(self.landmarks)

    @cached_property
    def face_widths(self) -> NDArray[np.float32]:
        """Distance between the cheek edges (234 to 454) per seen frame, with depth: (T,) pixels."""
        return width_of_face(self.landmarks)

    @property
    def prominence(self) -> float:
        """How much this face asks to be the one: area times frames, less when away from the middle."""
        return prominence(self.face_widths, self.landmarks[:, 1, :2], self.frame_width, self.frame_height)

    def covers(self, frame_index: int, x: float, y: float) -> bool:
        """Whether the face lies at (x, y) pixels in plate frame `frame_index`."""
        row = self.row(frame_index)
        if row is None:
            return False
        face = self.landmarks[row, :, :2]
        return bool(np.all(face.min(axis=0) <= (x, y)) and np.all((x, y) <= face.max(axis=0)))

    def row(self, frame_index: int) -> int | None:
        """Which row of `landmarks` shows plate frame `frame_index`; None where the face is not seen."""
        place = int(np.searchsorted(self.indices, frame_index))
        if place < len(self.indices) and self.indices[place] == frame_index:
            return place
        return None


def prominence(
    face_widths: NDArray[np.float32], noses: NDArray[np.float32], frame_width: int, frame_height: int
) -> float:
    """See `FaceTrack.prominence`: widths (T,) and nose tips (T, 2), pixels."""
    middle = np.array([frame_width, frame_height], dtype=np.float32) / 2
    away = np.linalg.norm(noses - middle, axis=1) / np.linalg.norm(middle)
    return float((face_widths**2 * (1.0 - 0.5 * np.minimum(away, 1.0))).sum())
