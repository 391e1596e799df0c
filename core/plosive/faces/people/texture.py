# SPDX-License-Identifier: Apache-2.0
"""A face as it would look from the front: the ground on which faces are compared."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from plosive.faces.head import HeadFit, fit_head
from plosive.faces.topology import skin_triangles

__all__ = ["HEIGHT", "WIDTH", "FrontalFace", "frontal_face"]

WIDTH, HEIGHT = 64, 72
"""Size of a frontal picture, pixels."""

_EYES_APART = 34.0
_NOSE_BASE = np.array([WIDTH / 2, 42.0])
_SKIN_POINTS = 468
_SUBPIXEL_BITS = 4
_LEAST_AREA = 1e-3
_OVERSAMPLED = 1.3  # the source is shrunk to this many of its pixels for each of ours


@dataclass(frozen=True)
class FrontalFace:
    """`texture` (72, 64, 3) uint8 looks straight ahead, nose base at (32, 42), outer eye corners about 34
    pixels apart; `seen` (72, 64) float32 is 1 where the skin faced the camera, 0 where it was turned away,
    outside the picture, or is no skin (eyes, mouth, beyond the face). `head` is its pose, of one frame.
    """

    texture: NDArray[np.uint8]
    seen: NDArray[np.float32]
    head: HeadFit


def frontal_face(rgb: NDArray[np.uint8], landmarks: NDArray[np.float32]) -> FrontalFace:
    """Turn the face at `landmarks` (478, 3) pixels of `rgb` (H, W, 3) to the front.

    Each triangle of the face mesh is moved to where the upright head has it. The head keeps its own shape:
    how far apart eyes, nose and mouth stand is part of what tells people apart. A texture where nothing
    was seen is black.
    """
    import cv2

    head = fit_head(landmarks[None])
    target = head.upright[0, :_SKIN_POINTS, :2].astype(np.float64) * _EYES_APART + _NOSE_BASE
    source = landmarks[:_SKIN_POINTS, :2].astype(np.float64)
    triangles = _triangles()
    scale = float(head.scale[0]) / _EYES_APART  # source pixels for one of ours
    source_area, target_area = _areas(source[triangles]), _areas(target[triangles])
    safe_area = np.where(np.abs(target_area) < _LEAST_AREA, _LEAST_AREA, target_area)
    facing = np.clip(source_area / safe_area / max(scale, 1e-6) ** 2, 0, 1)

    # Rotating by MediaPipe's depth folds some triangles of a turned face over others: best seen ones last.
    drawn = np.full((HEIGHT, WIDTH), -1, dtype=np.int32)
    corners = np.rint(target[triangles] * (1 << _SUBPIXEL_BITS)).astype(np.int32)
    for number in np.argsort(facing, kind="stable").tolist():
        cv2.fillConvexPoly(drawn, corners[number], number, shift=_SUBPIXEL_BITS)
    rows, columns = np.nonzero(drawn >= 0)
    owner = drawn[rows, columns]
    places = _moved(np.stack([columns, rows], axis=1), target[triangles[owner]], source[triangles[owner]])

    picture, places = _shrunk(rgb, places, scale)
    lookup = np.full((HEIGHT, WIDTH, 2), -1e4, dtype=np.float32)
    lookup[rows, columns] = places
    height, width = picture.shape[:2]
    texture = cv2.remap(picture, lookup, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    seen = np.zeros((HEIGHT, WIDTH), dtype=np.float32)
    inside = np.all((places >= 0) & (places <= np.array([width - 1, height - 1])), axis=1)
    seen[rows, columns] = np.where(inside, facing[owner], 0)
    return FrontalFace(np.asarray(texture, dtype=np.uint8), seen, head)


@lru_cache(maxsize=1)
def _triangles() -> NDArray[np.int32]:
    return skin_triangles()


def _areas(corners: NDArray[np.float64]) -> NDArray[np.float64]:
    """Twice the signed areas of triangles (K, 3, 2)."""
    one, other = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    return np.asarray(one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0])


def _moved(
    points: NDArray[np.int64], target: NDArray[np.float64], source: NDArray[np.float64]
) -> NDArray[np.float32]:
    """Each of `points` (P, 2) in its own `target` triangle (P, 3, 2), taken to its `source` triangle."""
    across, down = target[:, 1] - target[:, 0], target[:, 2] - target[:, 0]
    away = points - target[:, 0]
    area = across[:, 0] * down[:, 1] - across[:, 1] * down[:, 0]
    area = np.where(np.abs(area) < _LEAST_AREA, _LEAST_AREA, area)
    first = np.clip((away[:, 0] * down[:, 1] - away[:, 1] * down[:, 0]) / area, -0.5, 1.5)
    second = np.clip((across[:, 0] * away[:, 1] - across[:, 1] * away[:, 0]) / area, -0.5, 1.5)
    places = (
        source[:, 0]
        + (source[:, 1] - source[:, 0]) * first[:, None]
        + (source[:, 2] - source[:, 0]) * second[:, None]
    )
    return np.asarray(places, dtype=np.float32)


def _shrunk(
    rgb: NDArray[np.uint8], places: NDArray[np.float32], scale: float
) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Only the part of `rgb` that holds `places` (P, 2), and shrunk where it is finer than needed."""
    import cv2

    height, width = rgb.shape[:2]
    low = np.clip(np.floor(places.min(axis=0)) - 2, 0, (width - 1, height - 1)).astype(int)
    high = np.clip(np.ceil(places.max(axis=0)) + 3, low + 1, (width, height)).astype(int)
    part = rgb[low[1] : high[1], low[0] : high[0]]
    moved = places - low.astype(np.float32)
    if scale <= _OVERSAMPLED:
        return part, moved
    size = np.maximum(np.rint((high - low) * _OVERSAMPLED / scale).astype(int), 1)
    ratio = (size / (high - low)).astype(np.float32)
    small = cv2.resize(part, (int(size[0]), int(size[1])), interpolation=cv2.INTER_AREA)
    return np.asarray(small, dtype=np.uint8), (moved + np.float32(0.5)) * ratio - np.float32(0.5)
