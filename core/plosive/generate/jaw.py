# SPDX-License-Identifier: Apache-2.0
"""The plate's own lower face moved to a new jaw: chin, cheeks and neck edge follow the mouth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plosive.colour.transfer import finite_working
from plosive.generate.mesh import JAW_POINTS, WarpMesh, with_ring
from plosive.geometry import Box, box_around
from plosive.media.plate import PlateFrame

__all__ = ["JawMover", "MovedPlate"]

_FIELD_BLUR_FACES = 0.015
_LEAST_MOVE_PIXELS = 0.02
_FULL_MOVE_PIXELS = 0.2
_HELD_FACES = 0.06


@dataclass(frozen=True)
class MovedPlate:
    """Pixels of `box`, all float32: `base` (h, w, 3) working, `matte` (h, w) exactly 0 where nothing moved,
    `plate_map` (h, w, 2) the plate pixel that `base` shows, picture coordinates; `cover` (h, w) how far
    something lies before the face, None for nothing.
    """

    box: Box
    base: NDArray[np.float32]
    matte: NDArray[np.float32]
    plate_map: NDArray[np.float32]
    cover: NDArray[np.float32] | None = None


class JawMover:
    """Moves plates over one mesh."""

    def __init__(self, mesh: WarpMesh) -> None:
        self._mesh = mesh

    def move(
        self,
        frame: PlateFrame,
        own: NDArray[np.float32],
        target: NDArray[np.float32],
        face_width: float,
        least: Box,
        cover_in: Callable[[Box], NDArray[np.float32] | None] | None = None,
    ) -> MovedPlate:
        """Move `frame` from landmarks `own` to `target` (478, 2) pixels; the result covers at least
        `least`. `cover_in` tells what lies before the face in a box: near that the jaw is held, so that no
        pixel of it is moved from its place.
        """
        reach = _face_box(own, target, frame.width, frame.height).united(least)
        field = self._field(own, target, face_width, reach)
        cover = None if cover_in is None else cover_in(reach)
        if cover is not None:
            field = _held(field, cover, face_width)
        ramp = _ramp(field)
        box = box_around(ramp > 0, reach).united(least)
        inside = box.moved(-reach.left, -reach.top).slices
        plate_map = field[inside] + _pixel_grid(box)
        plate = finite_working(frame.working(box))
        base = _moved(plate, plate_map, ramp[inside], box)
        return MovedPlate(box, base, ramp[inside], plate_map, None if cover is None else cover[inside])

    def _field(
        self, own: NDArray[np.float32], target: NDArray[np.float32], face_width: float, box: Box
    ) -> NDArray[np.float32]:
        """How far from each pixel of `box` to where it comes from: (h, w, 2) pixels.

        The mesh warp, blurred so that cheeks do not crack, and so smooth that half resolution shows it all.
        """
        import cv2

        still = np.array([[1, 0, 0], [0, 1, 0]], dtype=np.float32)
        goal, start = with_ring(target), with_ring(own)
        goal[-len(JAW_POINTS) :] = start[-len(JAW_POINTS) :]
        half = Box(box.left // 2, box.top // 2, -(-box.right_exclusive // 2), -(-box.bottom_exclusive // 2))
        middle = np.float32(0.5)
        field = self._mesh.map((goal - middle) / 2, (start - middle) / 2, still, half) - _pixel_grid(half)
        sigma = max(0.5, _FIELD_BLUR_FACES * face_width / 2)
        field = cv2.GaussianBlur(field, (0, 0), sigma)
        field = cv2.resize(field, (2 * half.width, 2 * half.height), interpolation=cv2.INTER_LINEAR) * 2
        return np.asarray(field[box.moved(-2 * half.left, -2 * half.top).slices], dtype=np.float32)


def _face_box(own: NDArray[np.float32], target: NDArray[np.float32], width: int, height: int) -> Box:
    """Everything the new jaw may move: from the eyes down to the ring below the chin, and the mouth's
    matte.
    """
    points = np.concatenate([with_ring(own[:, :2])[-len(JAW_POINTS) :], target[:468], own[:468, :2]])
    left, top = np.floor(points.min(axis=0)).astype(int)
    right, bottom = np.ceil(points.max(axis=0)).astype(int)
    eyes = int(own[[33, 263, 168], 1].min())
    return Box(int(left), max(int(top), eyes), int(right) + 1, int(bottom) + 1).clipped(width, height)


def _held(field: NDArray[np.float32], cover: NDArray[np.float32], face_width: float) -> NDArray[np.float32]:
    """`field` (h, w, 2) faded out as far around `cover` (h, w) as any pixel moves: none looks there."""
    import cv2

    free = (cover == 0).astype(np.uint8)
    if free.all():
        return field
    away = cv2.distanceTransform(free, cv2.DIST_L2, 5)
    furthest = float(np.sqrt((field**2).sum(axis=2)).max()) + 2
    share = np.clip((away - furthest) / max(1.0, _HELD_FACES * face_width), 0, 1).astype(np.float32)
    held = field * (share * share * (3 - 2 * share))[..., None]
    return np.asarray(held, dtype=np.float32)


def _ramp(field: NDArray[np.float32]) -> NDArray[np.float32]:
    """A matte (h, w) that is exactly 0 where nothing moves: `field` (h, w, 2) pixels."""
    moved = np.sqrt(field[..., 0] ** 2 + field[..., 1] ** 2)
    ramp = (moved - _LEAST_MOVE_PIXELS) / (_FULL_MOVE_PIXELS - _LEAST_MOVE_PIXELS)
    return np.asarray(np.clip(ramp, 0, 1), dtype=np.float32)


def _moved(
    plate: NDArray[np.float32], plate_map: NDArray[np.float32], ramp: NDArray[np.float32], box: Box
) -> NDArray[np.float32]:
    """The plate moved by `plate_map`; its own values where `ramp` is 0."""
    import cv2

    look_at = plate_map - np.array([box.left, box.top], dtype=np.float32)
    base = cv2.remap(plate, look_at, None, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    cv2.copyTo(plate, (ramp == 0).astype(np.uint8), base)
    return np.asarray(base, dtype=np.float32)


def _pixel_grid(box: Box) -> NDArray[np.float32]:
    x = np.arange(box.left, box.right_exclusive, dtype=np.float32)
    y = np.arange(box.top, box.bottom_exclusive, dtype=np.float32)
    return np.stack(np.meshgrid(x, y), axis=-1)
