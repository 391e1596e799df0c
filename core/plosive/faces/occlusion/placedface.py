# SPDX-License-Identifier: Apache-2.0
"""A face and what is seen around it on the frame's own pixels, row by row, for finding graphics."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from plosive.faces.occlusion.net import net_map, net_triangles
from plosive.faces.occlusion.placed import PlacedPictures
from plosive.faces.topology import OUTER_LIPS

__all__ = ["STEADY_LOWER", "PlacedFace", "slope"]

STEADY_LOWER = [50, 280, 205, 425, 4, 2, 164, 101, 330, 118, 347, 36, 266]
"""Landmarks of the lower face that speech hardly moves."""

_INSET_FACES = 0.06
_AROUND_LIPS_FACES = 0.04


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

    def mouth(
        self, rows: Sequence[int], corner: NDArray[np.int64], size: tuple[int, int]
    ) -> NDArray[np.bool_]:
        """Where the lips are in any of `rows`, and a little around: (h, w)."""
        import cv2

        solid = np.zeros(size, dtype=np.uint8)
        for row in rows:
            outline = np.round((self.points[row, OUTER_LIPS, :2] - corner) * 16).astype(np.int32)
            cv2.fillConvexPoly(solid, cv2.convexHull(outline), 1, shift=4)
        across = 2 * max(1, round(_AROUND_LIPS_FACES * self.face)) + 1
        disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (across, across))
        return np.asarray(cv2.dilate(solid, disc) > 0)

    def follow(self, row: int, other: int, corner: NDArray[np.int64]) -> NDArray[np.float64]:
        """The similarity (2, 3) that carries the face of `other` onto that of `row`, both seen from
        `corner`.
        """
        import cv2

        there, here = (self.points[one][STEADY_LOWER, :2] - corner for one in (other, row))
        found, _ = cv2.estimateAffinePartial2D(there, here, method=cv2.LMEDS)
        return np.eye(3)[:2] if found is None else np.asarray(found, dtype=np.float64)

    def spoken(
        self, picture: NDArray[np.uint8], row: int, other: int, corner: NDArray[np.int64]
    ) -> NDArray[np.float32]:
        """`picture` (h, w) of `other`, seen from `corner`, with each part of the face where `row` has it:
        lips and chin too, which `follow` leaves where they were. Beside the face it is as it was.
        """
        import cv2

        goal, start = (self.points[one, :, :2] - corner for one in (row, other))
        tall, wide = picture.shape
        look_at = net_map(goal, start, net_triangles(), max(tall, wide))[:tall, :wide]
        beside = look_at[..., 0] < -5
        moved = cv2.remap(
            picture.astype(np.float32), look_at, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        return np.where(beside, picture, moved).astype(np.float32)


def slope(picture: NDArray[np.float32]) -> NDArray[np.float32]:
    """How steep a picture (h, w, 3) is, levels a pixel: (h, w)."""
    import cv2

    slopes = cv2.magnitude(cv2.Sobel(picture, cv2.CV_32F, 1, 0), cv2.Sobel(picture, cv2.CV_32F, 0, 1))
    red, green, blue = cv2.split(slopes)
    return np.asarray(cv2.max(cv2.max(red, green), blue) / 4, dtype=np.float32)
