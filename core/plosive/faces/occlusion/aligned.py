# SPDX-License-Identifier: Apache-2.0
"""Small pictures of one face, upright and of one size, kept on disk while a plate streams by."""

from __future__ import annotations

import tempfile
from typing import IO

import numpy as np
from numpy.typing import NDArray

from plosive.errors import MediaWriteError
from plosive.faces.head import RIGID_POINTS

__all__ = ["SPAN_EYES", "AlignedFile", "aligned_affine", "aligned_middle", "aligned_picture", "moved"]

SPAN_EYES = 2.6
"""Side of an aligned picture in distances between the outer eye corners."""

_MIDDLE_DOWN = 0.288  # where the middle of the rigid points lies, of the side: room for the neck below


def aligned_middle(size: int) -> NDArray[np.float64]:
    """Where the middle of the rigid landmarks lies in a picture of `size` pixels: (2,) x, y."""
    return np.array([0.5 * size, _MIDDLE_DOWN * size])


def aligned_affine(landmarks: NDArray[np.float32], size: int) -> NDArray[np.float32]:
    """The similarity (2, 3) from the frame to an aligned picture: landmarks (478, 3) pixels.

    Size and roll come from the outer eye corners with depth, so that a turn of the head does not zoom, the
    place from the middle of all rigid landmarks, which jitters least.
    """
    across = landmarks[263] - landmarks[33]
    zoom = size / (SPAN_EYES * max(float(np.linalg.norm(across)), 1e-3))
    roll = np.arctan2(across[1], across[0])
    cosine, sine = zoom * np.cos(roll), zoom * np.sin(roll)
    turn = np.array([[cosine, sine], [-sine, cosine]])
    middle = landmarks[RIGID_POINTS, :2].mean(axis=0)
    return np.concatenate([turn, (aligned_middle(size) - turn @ middle)[:, None]], axis=1, dtype=np.float32)


def moved(points: NDArray[np.float32], affine: NDArray[np.float32]) -> NDArray[np.float32]:
    """x and y of `points` (..., 2+) under `affine` (2, 3): (..., 2)."""
    return np.asarray(points[..., :2] @ affine[:, :2].T + affine[:, 2], dtype=np.float32)


def aligned_picture(rgb: NDArray[np.uint8], affine: NDArray[np.float32], size: int) -> NDArray[np.uint8]:
    """The face of `rgb` (H, W, 3) under `affine`: (size, size, 3), the edge repeated beyond the picture."""
    import cv2

    zoom = float(np.hypot(affine[0, 0], affine[0, 1]))
    # A shrunk picture needs its pixels averaged, not picked: shrink by whole steps first.
    step = max(1, int(1 / zoom))
    turn = affine[:, :2].astype(np.float64)
    corners = np.array([[0, 0], [size, 0], [0, size], [size, size]], dtype=np.float64)
    seen = (corners - affine[:, 2]) @ np.linalg.inv(turn).T
    low = np.maximum(np.floor(seen.min(axis=0)).astype(int) - 2 * step, 0)
    high = np.minimum(np.ceil(seen.max(axis=0)).astype(int) + 2 * step, [rgb.shape[1], rgb.shape[0]])
    if high[0] - low[0] < 2 * step or high[1] - low[1] < 2 * step:
        return np.zeros((size, size, 3), dtype=np.uint8)
    part = rgb[low[1] : high[1], low[0] : high[0]]
    if step > 1:
        wide, tall = part.shape[1] // step, part.shape[0] // step
        part = cv2.resize(part[: tall * step, : wide * step], (wide, tall), interpolation=cv2.INTER_AREA)
    centre = (step - 1) / 2
    shift = affine[:, 2] + turn @ (low + centre)
    small = np.concatenate([turn * step, shift[:, None]], axis=1)
    return np.asarray(
        cv2.warpAffine(part, small, (size, size), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE),
        dtype=np.uint8,
    )


class AlignedFile:
    """A temporary file of pictures of one size, (height, width, 3) uint8 each; gone when let go of."""

    def __init__(self, size: tuple[int, int]) -> None:
        self._file: IO[bytes] = tempfile.TemporaryFile(prefix="plosive-faces-")  # noqa: SIM115 - close()
        self._size = size
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, picture: NDArray[np.uint8]) -> None:
        """Keep one more. Raises MediaWriteError when the disk is full."""
        try:
            self._file.seek(self._count * picture.nbytes)
            self._file.write(np.ascontiguousarray(picture).tobytes())
        except OSError as error:
            raise MediaWriteError(
                f"The temporary folder {tempfile.gettempdir()} is full or not writable ({error.strerror}); "
                "free some space or point TMPDIR to another disk."
            ) from error
        self._count += 1

    def read(self, place: int) -> NDArray[np.uint8]:
        """Picture number `place` in the order they were added."""
        height, width = self._size
        self._file.seek(place * height * width * 3)
        stored = np.frombuffer(self._file.read(height * width * 3), dtype=np.uint8)
        return stored.reshape(height, width, 3)

    def close(self) -> None:
        """Free the disk."""
        self._file.close()
