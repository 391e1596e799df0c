# SPDX-License-Identifier: Apache-2.0
"""Pictures around one mouth that stay on the frame's own pixels, for what stands still in the picture."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from plosive.faces.occlusion.aligned import AlignedFile

__all__ = ["PlacedPictures"]

_FACE_PIXELS = 240
_WIDE, _TALL = 1.35, 1.05
_SNAP = 4


class PlacedPictures:
    """Crops of one size, each on a grid of whole `step` frame pixels, in a temporary file.

    `corners` (T, 2) are the left and top grid pixels of each, so that the same grid pixel is the same place
    in the frame whatever the face does.
    """

    def __init__(self, landmarks: NDArray[np.float32], rgb: NDArray[np.uint8]) -> None:
        face = float(np.linalg.norm(landmarks[234, :2] - landmarks[454, :2]))
        self.step = max(1, round(face / _FACE_PIXELS))
        whole = np.array([rgb.shape[1] // self.step, rgb.shape[0] // self.step])
        wanted = np.round(np.array([_WIDE, _TALL]) * face / self.step).astype(int)
        self.wide, self.tall = (int(value) for value in np.maximum(np.minimum(wanted, whole), 1))
        self.face_width = face / self.step
        self._last_corner = whole - (self.wide, self.tall)
        self._corners: list[NDArray[np.int64]] = []
        self._file = AlignedFile((self.tall, self.wide))

    def __len__(self) -> int:
        return len(self._corners)

    @property
    def corners(self) -> NDArray[np.int64]:
        return np.array(self._corners, dtype=np.int64).reshape(-1, 2)

    def add(self, rgb: NDArray[np.uint8], landmarks: NDArray[np.float32]) -> None:
        """Keep the surroundings of the mouth of `landmarks` (478, 3) in frame `rgb` (H, W, 3)."""
        import cv2

        middle = landmarks[[13, 14], :2].mean(axis=0) / self.step
        corner = np.round((middle - np.array([self.wide, self.tall]) / 2) / _SNAP).astype(np.int64) * _SNAP
        corner = np.clip(corner, 0, self._last_corner)
        left, top = (corner * self.step).tolist()
        part = rgb[top : top + self.tall * self.step, left : left + self.wide * self.step]
        if self.step > 1:
            part = np.asarray(
                cv2.resize(part, (self.wide, self.tall), interpolation=cv2.INTER_AREA), dtype=np.uint8
            )
        self._corners.append(corner)
        self._file.add(part)

    def read(self, row: int) -> NDArray[np.uint8]:
        """The picture of a row (tall, wide, 3)."""
        return self._file.read(row)

    def placed(
        self, row: int, corner: NDArray[np.int64], size: tuple[int, int]
    ) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """The picture of a row laid into one of `size` (h, w) from grid pixel `corner`: (h, w, 3) 0..255, and
        which pixels it shows (h, w).
        """
        whole = np.zeros((*size, 3), dtype=np.float32)
        shown = np.zeros(size, dtype=np.bool_)
        left, top = (self._corners[row] - corner).tolist()
        from_y, to_y = max(top, 0), min(top + self.tall, size[0])
        from_x, to_x = max(left, 0), min(left + self.wide, size[1])
        if from_y < to_y and from_x < to_x:
            part = self.read(row)[from_y - top : to_y - top, from_x - left : to_x - left]
            whole[from_y:to_y, from_x:to_x] = part
            shown[from_y:to_y, from_x:to_x] = True
        return whole, shown

    def affine(self, corner: NDArray[np.int64]) -> NDArray[np.float32]:
        """From frame pixels to those of a picture whose first grid pixel is `corner`: (2, 3)."""
        zoom = 1 / self.step
        shift = 0.5 * zoom - 0.5 - corner
        return np.array([[zoom, 0, shift[0]], [0, zoom, shift[1]]], dtype=np.float32)

    def close(self) -> None:
        """Free the disk."""
        self._file.close()
