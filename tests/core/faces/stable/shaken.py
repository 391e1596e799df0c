# SPDX-License-Identifier: Apache-2.0
"""A still face moved by known amounts, as by a shaken camera: what landmarks should do is known exactly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Shaken:
    """`frames` show a still after the affines (T, 2, 3), each pixels of the still to pixels of the frame."""

    frames: list[NDArray[np.uint8]]
    affines: NDArray[np.float64]

    def back(self, landmarks: NDArray[np.float32]) -> NDArray[np.float64]:
        """Landmarks (T, P, 2+) of the frames, in the still: (T, P, 2)."""
        away = landmarks[:, :, :2] - self.affines[:, None, :, 2]
        return np.einsum("tij,tpj->tpi", np.linalg.inv(self.affines[:, :, :2]), away)


def shake(
    still: NDArray[np.uint8],
    count: int,
    *,
    noise: float = 2.0,
    jpeg: int | None = 90,
    flicker: float = 0.0,
    degrees: float = 3.0,
    seed: int = 0,
) -> Shaken:
    """`count` frames of a slowly swaying, turning and breathing camera with sub-pixel jitter on top; sensor
    noise of `noise` (8-bit steps, one sigma), JPEG of quality `jpeg`, exposure up and down by `flicker`.
    """
    import cv2

    height, width = still.shape[:2]
    middle = np.array([width, height]) / 2
    random = np.random.default_rng(seed)
    frames, affines = [], []
    for step in range(count):
        angle = np.radians(degrees * np.sin(step / 9) + random.normal(0, 0.15))
        grown = 1 + 0.02 * np.sin(step / 13) + random.normal(0, 0.002)
        shift = width / 100 * np.array([np.sin(step / 7), 0.7 * np.cos(step / 5)]) + random.normal(0, 0.7, 2)
        turn = grown * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        affine = np.concatenate([turn, (middle + shift - turn @ middle)[:, None]], axis=1)
        picture = cv2.warpAffine(
            still, affine, (width, height), flags=cv2.INTER_LANCZOS4, borderMode=cv2.BORDER_REPLICATE
        ).astype(np.float32)
        picture *= 1 + flicker * np.sin(1.7 * step)
        picture = np.clip(picture + random.normal(0, noise, picture.shape), 0, 255).astype(np.uint8)
        if jpeg is not None:
            coded = cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, jpeg])[1]
            picture = np.ascontiguousarray(cv2.imdecode(coded, cv2.IMREAD_COLOR)[..., ::-1])
        frames.append(picture)
        affines.append(affine)
    return Shaken(frames, np.stack(affines))
