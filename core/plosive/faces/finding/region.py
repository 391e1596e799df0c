# SPDX-License-Identifier: Apache-2.0
"""Where in a picture a face is looked at: a square, turned with the head."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

__all__ = ["FaceRegion"]

_LONG_SIDES = 1.5
_RIGHT_EYE, _LEFT_EYE = 33, 263


@dataclass(frozen=True)
class FaceRegion:
    """A square around (x, y), `side` pixels long and turned clockwise by `roll` radians.

    It is 1.5 times as long as the face it was made from, which is what the landmark model was trained on.
    """

    x: float
    y: float
    side: float
    roll: float = 0.0

    @classmethod
    def around(cls, landmarks: NDArray[np.float32]) -> FaceRegion:
        """Around landmarks (478, 3) pixels, level with the eyes, MediaPipe's FaceLandmarkLandmarksToRoi."""
        points = landmarks[:, :2]
        low, high = points.min(axis=0), points.max(axis=0)
        across = points[_LEFT_EYE] - points[_RIGHT_EYE]
        middle = (low + high) / 2
        side = _LONG_SIDES * float((high - low).max())
        return cls(float(middle[0]), float(middle[1]), side, math.atan2(float(across[1]), float(across[0])))

    @classmethod
    def around_box(cls, x: float, y: float, longest: float, roll: float) -> FaceRegion:
        """Around a detected box with its middle at (x, y), MediaPipe's FaceDetectionFrontDetectionToRoi."""
        return cls(x, y, _LONG_SIDES * longest, roll)

    @property
    def face_width(self) -> float:
        """About the face's own size: what distances between faces are measured in."""
        return self.side / _LONG_SIDES

    def moved(self, x: float, y: float) -> FaceRegion:
        """The same square (x, y) pixels further."""
        return replace(self, x=self.x + x, y=self.y + y)

    def away(self, other: FaceRegion) -> float:
        """Distance of the middles in widths of the larger of the two faces."""
        larger = max(self.face_width, other.face_width, 1e-3)
        return math.hypot(self.x - other.x, self.y - other.y) / larger

    def times_larger(self, other: FaceRegion) -> float:
        """How much larger the larger of the two is: 1 or more."""
        larger, smaller = max(self.side, other.side), max(min(self.side, other.side), 1e-3)
        return larger / smaller
