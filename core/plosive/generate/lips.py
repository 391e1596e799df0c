# SPDX-License-Identifier: Apache-2.0
"""Where lips end and the mouth opening begins, when an open mouth has to be drawn closed."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from plosive.faces.measure import width_of_face
from plosive.generate.look import INNER_LOWER, INNER_UPPER
from plosive.geometry import Box

__all__ = [
    "LOWER_RINGS",
    "UPPER_RINGS",
    "bared_contour",
    "closing_share",
    "creased",
    "opened_contour",
    "spread_rings",
]

UPPER_RINGS = np.array(
    [
        INNER_UPPER,
        [62, 183, 42, 41, 38, 12, 268, 271, 272, 407, 292],
        [76, 184, 74, 73, 72, 11, 302, 303, 304, 408, 306],
        [61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291],
    ]
)
LOWER_RINGS = np.array(
    [
        INNER_LOWER,
        [62, 96, 89, 179, 86, 15, 316, 403, 319, 325, 292],
        [76, 77, 90, 180, 85, 16, 315, 404, 320, 307, 306],
        [61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291],
    ]
)
"""The four contours of each lip, inner to outer, corner to corner, opposite each other point by point."""

_UPPER_SHARE = np.array([0.9, 1.0, 0.9, 0.5, 0.25, 0.2, 0.25, 0.5, 0.9, 1.0, 0.9], dtype=np.float32)
_LOWER_SHARE = np.array([0.9, 0.6, 0.4, 0.25, 0.18, 0.15, 0.18, 0.25, 0.4, 0.6, 0.9], dtype=np.float32)
"""How far along the way to the outer contour the real edge of a lip may lie, corner to corner."""

_CREASE_DEPTH = np.array([0.36, 0.44, 0.44], dtype=np.float32)  # of R, G, B: the shadow of lips is warm
_CREASE_WIDTH_FACES = 0.006
_HARMLESS_CLOSING = 0.4
_SAMPLES = 12
_PALER, _BRIGHTER, _DARK = 1.18, 0.9, 0.3  # than the lip's own colour: teeth, and what lies behind them
_BARE_MARGIN, _BESIDE = 0.15, 0.6
_MOST_BARED = 0.6
_ROOM_SHARE = 0.6
"""How far the outer contour gives way where the inner one takes its place: skin is taken for lip there."""


def closing_share(source: NDArray[np.float32], target: NDArray[np.float32]) -> float:
    """How much of an open mouth has to vanish, 0..1: 1 for a clearly open `source` and a closed `target`.

    Up to two fifths count as none: the opening only gets smaller, and lips keep their own edge.
    """
    open_now, open_then = _gap(source), _gap(target)
    unit = float(np.linalg.norm(source[33] - source[263]))
    closing = float(np.clip(1 - open_then / max(open_now, 1e-6), 0, 1))
    closing = max(0.0, closing - _HARMLESS_CLOSING) / (1 - _HARMLESS_CLOSING)
    return closing * float(np.clip(open_now / (0.05 * unit), 0, 1))


def creased(
    picture: NDArray[np.float32], target: NDArray[np.float32], box: Box, strength: float
) -> NDArray[np.float32]:
    """`picture` (h, w, 3) working, showing `box`, with the shadow between closed lips at `target` (478, 2).

    Lips closed from an open source meet in a flat line, since the shadow lay in the opening. `strength` 0..1.
    """
    import cv2

    line = (target[INNER_UPPER] + target[INNER_LOWER]) / 2
    width = max(0.7, _CREASE_WIDTH_FACES * float(width_of_face(target)))
    thickness = max(1, round(width))
    (left, top), (right, bottom) = np.floor(line.min(axis=0)), np.ceil(line.max(axis=0))
    reach = Box(int(left), int(top), int(right) + 1, int(bottom) + 1).grown(thickness + round(4 * width) + 2)
    reach = reach.moved(-box.left, -box.top).clipped(box.width, box.height)
    made = picture.copy()
    if reach.is_empty:
        return made
    line -= np.array([box.left + reach.left, box.top + reach.top], dtype=np.float32)
    drawn = np.zeros((reach.height, reach.width), dtype=np.uint8)
    cv2.polylines(drawn, [np.round(line * 16).astype(np.int32)], False, 255, thickness, cv2.LINE_AA, 4)
    shadow = cv2.GaussianBlur(drawn.astype(np.float32) / 255, (0, 0), width)
    made[reach.slices] *= 1 - _CREASE_DEPTH * np.float32(strength) * shadow[..., None]
    return made


def opened_contour(
    source: NDArray[np.float32], target: NDArray[np.float32], pixels: NDArray[np.float32] | None = None
) -> NDArray[np.float32]:
    """Source landmarks (478, 2) pixels with the inner lips moved apart, the more the mouth has to close.

    Tracked inner lips lie a little inside the real edge of teeth and dark, and well inside the real
    corners of a smile; closing an open source to `target` (478, 2) along them leaves slivers of tooth on the
    lip line. Moved part of the way to the outer contour, most at the corners, the slivers fall into the
    opening, which closes: as far as `pixels` (h, w, 3) working, the source itself, show teeth or dark there,
    or as far as they ever reach without `pixels`. A source that needs no closing is left as it is.
    """
    closing = closing_share(source, target)
    if closing < 0.05:
        return source
    moved = source.copy()
    for rings, share in ((UPPER_RINGS, _UPPER_SHARE), (LOWER_RINGS, _LOWER_SHARE)):
        inner, outer = source[rings[0]], source[rings[3]]
        way = outer - inner
        if pixels is not None:
            share = np.minimum(share, _bare_share(pixels, inner, way))
        room = _ROOM_SHARE * np.square(share)
        room[[0, -1]] = 0
        new_inner = inner + closing * share[:, None] * way
        new_outer = outer + closing * room[:, None] * way
        for ring in rings:
            moved[ring] = _beside(source[ring], inner, way, new_inner, new_outer)
    return moved


def bared_contour(source: NDArray[np.float32], pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    """Source landmarks (478, 2) of a mouth that has to open far, its inner lips moved to where lips begin in
    `pixels` (h, w, 3) working.

    Lips called closed that let teeth through would carry those along on their edges.
    """
    moved = source.copy()
    for rings in (UPPER_RINGS, LOWER_RINGS):
        inner, outer = source[rings[0]], source[rings[3]]
        way = outer - inner
        share = np.minimum(_bare_share(pixels, inner, way), _MOST_BARED)
        share[[0, -1]] = 0
        share = np.where(share > _BARE_MARGIN + 0.5 / _SAMPLES, share, 0)[:, None]
        for ring in rings[:3]:
            before = _beside(source[ring], inner, way, inner, outer)
            moved[ring] += _beside(source[ring], inner, way, inner + share * way, outer) - before
    return moved


def _bare_share(
    pixels: NDArray[np.float32], inner: NDArray[np.float32], way: NDArray[np.float32]
) -> NDArray[np.float32]:
    """How far along `way` (11, 2) from the `inner` contour (11, 2) teeth or dark are seen, no lip: (11,)."""
    import cv2

    along = np.linspace(0, 1, _SAMPLES, dtype=np.float32)
    at = inner[:, None] + along[None, :, None] * way[:, None]
    seen = cv2.remap(pixels, at.astype(np.float32), None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    lip = np.median(seen[3:8, _SAMPLES // 2 : -1].reshape(-1, 3), axis=0)
    light = np.maximum(seen.mean(axis=2), 1e-3)
    pale = (seen.min(axis=2) / light > _PALER * lip.min() / lip.mean()) & (light > _BRIGHTER * lip.mean())
    bare = pale | (light < _DARK * lip.mean())
    # Only what begins at the opening: beyond a lip there is skin, which may be pale.
    reach = np.logical_and.accumulate(bare, axis=1).sum(axis=1) / _SAMPLES
    reach = np.maximum(reach, np.maximum(np.append(reach[1:], 0), np.append(0, reach[:-1])) * _BESIDE)
    return np.asarray(np.clip(reach + _BARE_MARGIN, 0, 1), dtype=np.float32)


def spread_rings(shape: NDArray[np.float64], like: NDArray[np.float64]) -> None:
    """Lay the middle contours of `shape` (478, 3) between its inner and outer ones as in `like`, in place."""
    for rings in (UPPER_RINGS, LOWER_RINGS):
        way = like[rings[3]] - like[rings[0]]
        for ring in rings[1:3]:
            shape[ring] = _beside(like[ring], like[rings[0]], way, shape[rings[0]], shape[rings[3]])


def _beside(
    points: NDArray[Any],
    inner: NDArray[Any],
    way: NDArray[Any],
    new_inner: NDArray[Any],
    new_outer: NDArray[Any],
) -> NDArray[Any]:
    """Points (P, 2 or 3) moved to the new way from inner to outer contour, at the same share of it."""
    along = ((points - inner) * way).sum(axis=1) / np.maximum((way**2).sum(axis=1), 1e-9)
    return np.asarray(new_inner + np.clip(along, 0, 1)[:, None] * (new_outer - new_inner))


def _gap(points: NDArray[np.float32]) -> float:
    apart = points[INNER_LOWER[4:7]] - points[INNER_UPPER[4:7]]
    return float(np.linalg.norm(apart, axis=1).mean())
