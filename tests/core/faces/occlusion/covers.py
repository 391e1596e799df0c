# SPDX-License-Identifier: Apache-2.0
"""Things drawn before a face, with their exact mattes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["bar", "laid_over", "microphone", "subtitle"]


def bar(
    size: tuple[int, int], middle: tuple[float, float], face_width: float, degrees: float = 25.0
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """A dark, grained bar a third of a face wide through `middle` (x, y): picture (h, w, 3) 0..1 and matte
    (h, w).
    """
    import cv2

    width, height = size
    matte = np.zeros((height, width), dtype=np.uint8)
    angle = np.radians(degrees)
    along, across = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
    far, half = 4 * face_width, face_width / 6
    corners = [
        np.array(middle) + s * far * along + t * half * across
        for s, t in ((-1, -1), (1, -1), (1, 1), (-1, 1))
    ]
    cv2.fillConvexPoly(matte, np.round(np.array(corners) * 16).astype(np.int32), 255, cv2.LINE_AA, 4)
    return _grained((height, width), (0.22, 0.26, 0.3)), (matte / 255).astype(np.float32)


def microphone(
    size: tuple[int, int], middle: tuple[float, float], face_width: float
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """A nearly black head with its middle at `middle`, on a stand: picture and matte as `bar`."""
    import cv2

    width, height = size
    matte = np.zeros((height, width), dtype=np.uint8)
    x, y = round(middle[0]), round(middle[1])
    axes = (round(0.18 * face_width), round(0.22 * face_width))
    cv2.ellipse(matte, (x, y), axes, 0, 0, 360, 255, -1, cv2.LINE_AA)
    cv2.rectangle(matte, (x - axes[0] // 3, y), (x + axes[0] // 3, height), 255, -1)
    return _grained((height, width), (0.13, 0.13, 0.14)), (matte / 255).astype(np.float32)


def subtitle(
    size: tuple[int, int], middle: tuple[float, float], face_width: float
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """White letters with a black outline: picture and matte as `bar`."""
    import cv2

    width, height = size
    text, font, scale = "so we went home", cv2.FONT_HERSHEY_DUPLEX, face_width / 130
    (wide, tall), _ = cv2.getTextSize(text, font, scale, 2)
    at = (round(middle[0] - wide / 2), round(middle[1] + tall / 2))
    fill, matte = np.zeros((height, width), dtype=np.uint8), np.zeros((height, width), dtype=np.uint8)
    cv2.putText(matte, text, at, font, scale, 255, 6, cv2.LINE_AA)
    cv2.putText(fill, text, at, font, scale, 255, 2, cv2.LINE_AA)
    picture = np.repeat(fill[..., None] / np.float32(255), 3, axis=2).astype(np.float32)
    return picture, (matte / 255).astype(np.float32)


def laid_over(
    picture: NDArray[np.float32], cover: NDArray[np.float32], matte: NDArray[np.float32]
) -> NDArray[np.float32]:
    """`cover` over `picture` (h, w, 3) by `matte` (h, w)."""
    return np.asarray(picture + matte[..., None] * (cover - picture), dtype=np.float32)


def _grained(size: tuple[int, int], colour: tuple[float, float, float]) -> NDArray[np.float32]:
    grain = np.random.default_rng(1).normal(0, 0.015, (*size, 1))
    return np.clip(np.array(colour) + grain, 0, 1).astype(np.float32)
