# SPDX-License-Identifier: Apache-2.0
"""What a face itself does, told from what lies before it: parted lips, folds, highlights."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from plosive.faces.measure import width_of_face
from plosive.faces.topology import INNER_LIPS, OUTER_LIPS

__all__ = ["beside_lips", "height_in_faces", "share_beside", "without_islands", "without_opening"]

_REACH_MOUTHS = 0.12
_OPEN_BELOW, _COVERED_ABOVE = 0.5, 0.8
_EDGE_FACES = 0.05
_SOLID = 128


def without_opening(matte: NDArray[np.uint8], points: NDArray[np.float32]) -> NDArray[np.uint8]:
    """`matte` (h, w), 0..255, of an aligned picture whose landmarks are `points` (478, 3) pixels.

    Teeth, tongue and the dark look like nothing that was seen while the lips were shut. So between the lips
    it counts only as far as the lips around are covered, which nothing that comes before a mouth leaves free.
    """
    import cv2

    inner, outer = (_filled(points[ring, :2], matte.shape) for ring in (INNER_LIPS, OUTER_LIPS))
    inner = cv2.dilate(inner, np.ones((3, 3), dtype=np.uint8))
    lips = ((outer > 0) & (inner == 0)).astype(np.float32)
    if not inner.any() or not lips.any():
        return matte
    width = float(np.linalg.norm(points[61, :2] - points[291, :2]))
    sigma = max(1.0, _REACH_MOUTHS * width)
    near = cv2.GaussianBlur(lips, (0, 0), sigma)
    covered = cv2.GaussianBlur(lips * matte, (0, 0), sigma) / 255
    share = covered / np.maximum(near, 1e-4)
    trust = np.clip((share - _OPEN_BELOW) / (_COVERED_ABOVE - _OPEN_BELOW), 0, 1)
    return np.where(inner > 0, matte * trust, matte).astype(np.uint8)


def without_islands(matte: NDArray[np.uint8], points: NDArray[np.float32]) -> NDArray[np.uint8]:
    """`matte` less the pieces that do not reach the face's outline: what comes before a face comes from
    beside it, folds and highlights of a smile begin and end on it.
    """
    import cv2

    face = _face(points, matte.shape)
    edge = max(1, round(_EDGE_FACES * float(width_of_face(points))))
    within = cv2.erode(face, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * edge + 1, 2 * edge + 1)))
    count, pieces = cv2.connectedComponents((matte >= _SOLID).astype(np.uint8))
    reaching = np.unique(pieces[within == 0])
    kept = np.isin(pieces, reaching[reaching > 0]).astype(np.uint8)
    if count > 1 and not kept.any():
        return np.zeros_like(matte)
    soft = cv2.dilate(kept, np.ones((9, 9), dtype=np.uint8))  # with its soft edge
    return np.where(soft > 0, matte, 0).astype(np.uint8)


def beside_lips(stepped: NDArray[np.bool_], face: NDArray[np.bool_], lips: NDArray[np.bool_]) -> int:
    """How many pixels of a step, on the lines it has on the `face`, lie where no `lips` were: all (h, w).

    Lips part within a frame and may then stand still, so a step within them tells nothing; a caption goes on
    beside them, be it beyond the face.
    """
    lines = (stepped & face).any(axis=1)
    return int((stepped & ~lips)[lines].sum())


def share_beside(matte: NDArray[np.uint8], points: NDArray[np.float32]) -> float:
    """How much of what `matte` (h, w) covers lies beside the face whose landmarks are `points`: 0..1."""
    solid = matte >= _SOLID
    beside = solid & (_face(points, matte.shape) == 0)
    return float(beside.sum() / max(1, solid.sum()))


def height_in_faces(matte: NDArray[np.uint8], points: NDArray[np.float32]) -> float:
    """How far what `matte` (h, w) covers reaches from top to bottom, in widths of the face of `points`."""
    rows = np.flatnonzero((matte >= _SOLID).any(axis=1))
    return float(np.ptp(rows) + 1) / float(width_of_face(points)) if len(rows) else 0.0


def _face(points: NDArray[np.float32], shape: tuple[int, ...]) -> NDArray[np.uint8]:
    import cv2

    return _filled(cv2.convexHull(np.ascontiguousarray(points[:468, :2]))[:, 0], shape)


def _filled(outline: NDArray[np.float32], shape: tuple[int, ...]) -> NDArray[np.uint8]:
    import cv2

    solid = np.zeros(shape[:2], dtype=np.uint8)
    cv2.fillPoly(solid, [np.round(outline * 16).astype(np.int32)], 1, shift=4)
    return solid
