# SPDX-License-Identifier: Apache-2.0
"""One face through one shot, as measured from the pictures: numbers only, whatever the clip's length."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plosive.faces.head import HeadShape, fit_head, head_shape
from plosive.faces.measure import aperture_iod, mouth_channels, width_of_face
from plosive.faces.topology import INNER_LIPS, OUTER_LIPS
from plosive.faces.visibility import mouth_inside
from plosive.quality.pixels import FacePixels, lower_face_box, measure_pixels

__all__ = ["FaceObservation", "FaceRecorder"]

_LIP_POINTS = np.concatenate([OUTER_LIPS, INNER_LIPS])
_BLOCK_FRAMES = 250  # full landmarks are held for this many frames only


@dataclass(frozen=True)
class FaceObservation:
    """Everything measured of one face, T frames; all arrays float32 but `indices` and `boxes`.

    `indices` (T,) are frame indices, rising. `channels` (T, 5) as `faces.measure.mouth_channels`; `aperture`
    (T,) in inter-ocular distances; `lips` (T, 40, 2) upright and relative to the nose base, the same unit;
    `angles` (T, 3) degrees; `face_widths` (T,) and `nose` (T, 2) pixels; `is_inside` (T,) whether mouth and
    chin lie in the picture; `boxes` (T, 4) int32 around the lower face: left, top, right, bottom, the last
    two exclusive. The rest are `FacePixels`, stacked.
    """

    shot: int
    indices: NDArray[np.int64]
    channels: NDArray[np.float32]
    aperture: NDArray[np.float32]
    lips: NDArray[np.float32]
    angles: NDArray[np.float32]
    face_widths: NDArray[np.float32]
    nose: NDArray[np.float32]
    is_inside: NDArray[np.bool_]
    boxes: NDArray[np.int32]
    detail: NDArray[np.float32]
    skin: NDArray[np.float32]
    upper: NDArray[np.float32]
    inside: NDArray[np.float32]
    whiteness: NDArray[np.float32]
    lower_colour: NDArray[np.float32]
    upper_colour: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.indices)

    def row(self, index: int) -> int | None:
        """The row of frame `index`; None where the face was not seen."""
        place = int(np.searchsorted(self.indices, index))
        return place if place < len(self.indices) and self.indices[place] == index else None


class FaceRecorder:
    """Collects one face frame by frame; landmarks become measures block by block."""

    def __init__(self, shot: int, width: int, height: int) -> None:
        self._shot = shot
        self._size = (width, height)
        self._shape: HeadShape | None = None
        self._indices: list[int] = []
        self._waiting: list[NDArray[np.float32]] = []
        self._measured: list[dict[str, NDArray[Any]]] = []
        self._boxes: list[tuple[int, int, int, int]] = []
        self._pixels: list[FacePixels] = []

    def add(self, index: int, rgb: NDArray[np.uint8], landmarks: NDArray[np.float32]) -> None:
        """Frame `index` (rising) shows this face at `landmarks` (478, 3) pixels in `rgb` (H, W, 3)."""
        box = lower_face_box(landmarks, *self._size, side_iod=0.1, below_iod=0.2, above_iod=0.1)  # to look at
        self._indices.append(index)
        self._boxes.append((box.left, box.top, box.right_exclusive, box.bottom_exclusive))
        self._pixels.append(measure_pixels(rgb, landmarks))
        self._waiting.append(landmarks)
        if len(self._waiting) == _BLOCK_FRAMES:
            self._measure()

    def observation(self) -> FaceObservation:
        """All that was added, at least one frame."""
        self._measure()
        measured = {
            name: np.concatenate([block[name] for block in self._measured]) for name in self._measured[0]
        }
        return FaceObservation(
            shot=self._shot,
            indices=np.array(self._indices, dtype=np.int64),
            boxes=np.array(self._boxes, dtype=np.int32),
            **measured,
        )

    def _measure(self) -> None:
        if not self._waiting:
            return
        landmarks = np.stack(self._waiting)
        pixels = {
            name: np.array([getattr(frame, name) for frame in self._pixels], dtype=np.float32)
            for name in FacePixels.__dataclass_fields__
        }
        self._waiting, self._pixels = [], []
        if self._shape is None:
            self._shape = head_shape(landmarks)
        head = fit_head(landmarks, self._shape)
        self._measured.append(
            {
                "channels": mouth_channels(landmarks, head),
                "aperture": aperture_iod(landmarks),
                "lips": np.ascontiguousarray((head.upright[:, _LIP_POINTS] - head.upright[:, 2:3])[..., :2]),
                "angles": head.angles_degrees(),
                "face_widths": width_of_face(landmarks),
                "nose": np.ascontiguousarray(landmarks[:, 1, :2]),
                "is_inside": mouth_inside(landmarks, *self._size),
                **pixels,
            }
        )
