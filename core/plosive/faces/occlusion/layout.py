# SPDX-License-Identifier: Apache-2.0
"""Every frame of one face laid out alike, whatever its pose and mouth: the ground for comparing them.

Each frame is warped by its landmarks onto the track's mean face (a shape-free picture in the sense of Cootes
2001), so that turns of the head and speech move nothing; what then differs is light, or something in the way.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from plosive.faces.head import RIGID_POINTS
from plosive.faces.occlusion.aligned import SPAN_EYES, aligned_middle
from plosive.faces.occlusion.net import cross, net_labels, net_map, net_triangles, net_weights

__all__ = ["FaceLayout"]

_LEAST_FACING = 0.4
_SMOOTH_SIGMA = 1 / 14
_MOUTH_OUTLINE = [61, 291, 0, 17, 37, 267, 84, 314, 57, 287]


class FaceLayout:
    """The mean face of a track in `size` x `size` pixels: `upright` (T, 478, 3) as in `HeadFit`."""

    def __init__(self, upright: NDArray[np.float32], size: int) -> None:
        self.size = size
        mean = upright.mean(axis=0)
        middle = mean[RIGID_POINTS, :2].mean(axis=0)
        flat = (mean[:, :2] - middle) * (size / SPAN_EYES) + aligned_middle(size)
        self.points = flat.astype(np.float32)
        self._triangles = net_triangles()
        labels = net_labels(self.points, self._triangles, size)
        self.skin = labels >= 0
        """The face without its surroundings: (size, size)."""
        rows, columns = np.nonzero(self.skin)
        self._corners = self._triangles[labels[rows, columns]]
        self._weights = net_weights(self.points, self._corners, np.stack([columns, rows], axis=1))
        one, two, three = (self.points[self._corners[:, k]].astype(np.float64) for k in range(3))
        area = cross(two - one, three - one)
        self._area = np.where(np.abs(area) < 1e-3, 1e-3, area)

    @cached_property
    def lower(self) -> NDArray[np.bool_]:
        """The lower face, a little inside its outline, where covering is looked for: (size, size)."""
        import cv2

        across = max(3, round(self.size * 0.07)) | 1
        inside = cv2.erode(self.skin.astype(np.uint8), np.ones((across, across), dtype=np.uint8)) > 0
        eyes = self.points[[33, 133, 362, 263, 145, 374], 1].max()
        inside &= np.arange(self.size)[:, None] > eyes + 0.015 * self.size
        return np.asarray(inside, dtype=np.bool_)

    @cached_property
    def mouth(self) -> NDArray[np.bool_]:
        """The lips and a little more: (size, size)."""
        import cv2

        solid = np.zeros((self.size, self.size), dtype=np.uint8)
        outline = np.round(self.points[_MOUTH_OUTLINE]).astype(np.int32)
        cv2.fillConvexPoly(solid, cv2.convexHull(outline), 1)
        across = max(3, round(self.size * 0.07)) | 1
        return np.asarray(cv2.dilate(solid, np.ones((across, across), dtype=np.uint8)) > 0)

    @cached_property
    def cheeks(self) -> NDArray[np.bool_]:
        """The lower face without the mouth, which speech changes at once: (size, size)."""
        return self.lower & ~self.mouth

    @cached_property
    def bend(self) -> NDArray[np.float32]:
        """1, x, y, x x, x y, y y of each face pixel, x and y from -1 to 1 across the layout: (6, P)."""
        rows, columns = np.nonzero(self.skin)
        x, y = columns / self.size * 2 - 1, rows / self.size * 2 - 1
        return np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], dtype=np.float32)

    @property
    def smooth_sigma(self) -> float:
        """What is smooth over the face stays when a layout is blurred by so many pixels."""
        return _SMOOTH_SIGMA * self.size

    @cached_property
    def smooth_weight(self) -> NDArray[np.float32]:
        """How much of each face pixel so blurred comes from the face: (P, 1)."""
        import cv2

        inside = cv2.GaussianBlur(self.skin.astype(np.float32), (0, 0), self.smooth_sigma)
        return np.asarray(np.maximum(inside[self.skin], 1e-3)[:, None], dtype=np.float32)

    def flattened(self, picture: NDArray[np.uint8], points: NDArray[np.float32]) -> NDArray[np.float32]:
        """`picture` (h, w, 3) with landmarks `points` (478, 2) in its pixels, laid out: (size, size, 3)
        0..255.
        """
        import cv2

        look_at = np.full((self.size, self.size, 2), -10, dtype=np.float32)
        look_at[self.skin] = np.einsum("pk,pkc->pc", self._weights, points[self._corners])
        flat = cv2.remap(picture, look_at, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(flat, dtype=np.float32)

    def facing(self, points: NDArray[np.float32], zoom: float) -> NDArray[np.bool_]:
        """Which laid-out pixels the frame shows well, not seen from the side: (size, size).

        `points` (478, 2) are its landmarks in an aligned picture `1 / zoom` times as large as the layout.
        """
        import cv2

        placed = points * np.float32(zoom)
        one, two, three = (placed[self._corners[:, k]].astype(np.float64) for k in range(3))
        seen = np.zeros((self.size, self.size), dtype=np.float32)
        seen[self.skin] = cross(two - one, three - one) / self._area
        return np.asarray(cv2.erode(seen, np.ones((3, 3), dtype=np.uint8)) > _LEAST_FACING)

    def back(self, points: NDArray[np.float32], side: int) -> NDArray[np.float32]:
        """For each pixel of an aligned picture with landmarks `points`, where it lies in the layout:
        (side, side, 2); -10 beside the face.
        """
        return net_map(points, self.points, self._triangles, side)
