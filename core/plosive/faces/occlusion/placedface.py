# SPDX-License-Identifier: Apache-2.0
"""A face and what is seen around it on the frame's own pixels, row by row, for finding graphics."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from plosive.faces.occlusion.placed import PlacedPictures

__all__ = ["STEADY_LOWER", "PlacedFace", "slope"]

STEADY_LOWER = [50, 280, 205, 425, 4, 2, 164, 101, 330, 118, 347, 36, 266]
"""Landmarks of the lower face that speech hardly moves."""

_INSET_FACES = 0.06


class PlacedFace:
    """Pictures and face of each row, on the grid."""

    def __init__(self, pictures: PlacedPictures, landmarks: NDArray[np.float32]) -> None:
        self.pictures = pictures
        self.points = (landmarks + np.float32(0.5)) / np.float32(pictures.step) - np.float32(0.5)
        self.corners = pictures.corners
        self.face = float(
            np.median(np.linalg.norm(self.points[:, 234, :2] - self.points[:, 454, :2], axis=1))
        )
        self.count = len(pictures)

    def common(self, rows: list[int]) -> tuple[NDArray[np.int64], tuple[int, int]]:
        """First grid pixel and size (height, width) of what all `rows` show."""
        low = self.corners[rows].max(axis=0)
        high = self.corners[rows].min(axis=0) + np.array([self.pictures.wide, self.pictures.tall])
        wide, tall = np.maximum(high - low, 0).tolist()
        return low, (tall, wide)

    def part(self, row: int, corner: NDArray[np.int64], size: tuple[int, int]) -> NDArray[np.uint8]:
        """A part of a row's picture (h, w, 3); must lie inside it."""
        left, top = (corner - self.corners[row]).tolist()
        return self.pictures.read(row)[top : top + size[0], left : left + size[1]]

    def inside(self, row: int, corner: NDArray[np.int64], size: tuple[int, int]) -> NDArray[np.bool_]:
        """The face a little inside its outline: (h, w)."""
        import cv2

        points = self.points[row, :468, :2]
        middle = points.mean(axis=0)
        inset = middle + (points - middle) * (1 - 2 * _INSET_FACES) - corner
        solid = np.zeros(size, dtype=np.uint8)
        cv2.fillConvexPoly(solid, cv2.convexHull(np.round(inset).astype(np.int32)), 1)
        return np.asarray(solid > 0)

    def mouth(self, row: int, corner: NDArray[np.int64], size: tuple[int, int]) -> NDArray[np.bool_]:
        """Lips and what they move: (h, w)."""
        import cv2

        points = self.points[row][[61, 291, 0, 17, 37, 267, 84, 314], :2] - corner
        middle = points.mean(axis=0)
        solid = np.zeros(size, dtype=np.uint8)
        outline = np.round(middle + (points - middle) * 1.15).astype(np.int32)
        cv2.fillConvexPoly(solid, cv2.convexHull(outline), 1)
        return np.asarray(solid > 0)

    def follow(self, row: int, other: int, corner: NDArray[np.int64]) -> NDArray[np.float64]:
        """The similarity (2, 3) that carries the face of `other` onto that of `row`, both seen from
        `corner`.
        """
        import cv2

        there, here = (self.points[one][STEADY_LOWER, :2] - corner for one in (other, row))
        found, _ = cv2.estimateAffinePartial2D(there, here, method=cv2.LMEDS)
        return np.eye(3)[:2] if found is None else np.asarray(found, dtype=np.float64)


def slope(picture: NDArray[np.float32]) -> NDArray[np.float32]:
    """How steep a picture (h, w, 3) is, levels a pixel: (h, w)."""
    import cv2

    slopes = cv2.magnitude(cv2.Sobel(picture, cv2.CV_32F, 1, 0), cv2.Sobel(picture, cv2.CV_32F, 0, 1))
    red, green, blue = cv2.split(slopes)
    return np.asarray(cv2.max(cv2.max(red, green), blue) / 4, dtype=np.float32)
