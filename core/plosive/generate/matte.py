# SPDX-License-Identifier: Apache-2.0
"""The mouth's matte: a polygon around mouth and its folds, grown and feathered in face widths."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from plosive.geometry import Box

__all__ = ["MATTE_POINTS", "inside_outline", "mouth_matte"]

MATTE_POINTS = np.array(
    [
        203,
        206,
        216,
        212,
        202,
        204,
        194,
        201,
        200,
        421,
        418,
        424,
        422,
        432,
        436,
        426,
        423,
        391,
        393,
        164,
        167,
        165,
    ]
)
"""Landmarks around the mouth: under the nose, along the folds, above the chin."""

_GROWN_FACES = 0.06
_FEATHER_FACES = 0.05
_FAINTEST = 1 / 512
_SMALL_SIGMA = 3.5
_OUTLINE_FACES, _OUTLINE_FADE_FACES = 0.01, 0.06


def mouth_matte(
    points: NDArray[np.float32], face_width: float, box: Box, turned: float = 0.0
) -> NDArray[np.float32]:
    """Feathered matte inside `box`: `points` (478, 2) pixels -> (h, w) float32, 0..1, exactly 0 far out.

    Grown by an ellipse 0.06 face widths across and feathered by a Gaussian of 0.05: of the sizes tried,
    larger ones flicker and smaller ones leave a seam. Being that soft it is drawn small. On a head `turned`
    sideways (0..1, see `faces.pose.turnedness`) it ends inside the face's outline: what a source shows
    beyond the far cheek would be laid over the background here.
    """
    import cv2

    outline = points[MATTE_POINTS] - np.array([box.left, box.top], dtype=np.float32)
    sigma = max(0.8, _FEATHER_FACES * face_width)
    step = next(step for step in (4, 2, 1) if step == 1 or sigma >= _SMALL_SIGMA * step)
    width, height = -(-box.width // step), -(-box.height // step)
    solid = np.zeros((step * height, step * width), dtype=np.uint8)
    cv2.fillPoly(solid, [np.round(outline * 16).astype(np.int32)], 255, shift=4)
    radius = round(_GROWN_FACES * face_width) // 2
    small = cv2.resize(_grown(solid, radius % step), (width, height), interpolation=cv2.INTER_AREA)
    small = _grown(small, radius // step).astype(np.float32) / 255.0
    small = cv2.GaussianBlur(small, (0, 0), sigma / step, borderType=cv2.BORDER_REPLICATE)
    feathered = cv2.resize(small, (step * width, step * height), interpolation=cv2.INTER_LINEAR)
    feathered = feathered[: box.height, : box.width]
    matte = np.clip((feathered - _FAINTEST) / (1 - 2 * _FAINTEST), 0, 1)
    if turned > 0:
        matte *= 1 - np.float32(turned) * (1 - inside_outline(points, face_width, box))
    return np.asarray(matte, dtype=np.float32)


def _grown(solid: NDArray[np.uint8], radius: int) -> NDArray[np.uint8]:
    """`solid` (h, w) with `radius` pixels more on every side."""
    import cv2

    if radius == 0:
        return solid
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    return np.asarray(cv2.dilate(solid, disc), dtype=np.uint8)


def inside_outline(points: NDArray[np.float32], face_width: float, box: Box) -> NDArray[np.float32]:
    """1 well inside the outline of the face at `points` (478, 2) pixels, falling to 0 before it: (h, w) of
    `box`, float32.
    """
    import cv2

    outline = cv2.convexHull(points[:468] - np.array([box.left, box.top], dtype=np.float32))
    solid = np.zeros((box.height + 2, box.width + 2), dtype=np.uint8)
    cv2.fillPoly(solid, [np.round((outline + 1) * 16).astype(np.int32)], 255, shift=4)
    # A frame of the picture's own kind around the box: its edges are no outline.
    solid[0], solid[-1], solid[:, 0], solid[:, -1] = solid[1], solid[-2], solid[:, 1], solid[:, -2]
    depth = cv2.distanceTransform(solid, cv2.DIST_L2, 5)[1:-1, 1:-1]
    share = np.clip((depth / face_width - _OUTLINE_FACES) / _OUTLINE_FADE_FACES, 0, 1)
    return np.asarray(share * share * (3 - 2 * share), dtype=np.float32)
