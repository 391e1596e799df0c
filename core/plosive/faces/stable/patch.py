# SPDX-License-Identifier: Apache-2.0
"""The part of a face that speech does not move, sampled from a picture in a pose-free layout."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plosive.faces.head import HeadFit
from plosive.faces.stable.canonical import canonical_vertices
from plosive.faces.topology import skin_triangles
from plosive.geometry import Box

__all__ = ["PARAMETERS", "PATCH_MIDDLE", "PatchLayout", "moved", "patch_layout", "view_of"]

PARAMETERS = 6
"""A small motion of the head in its own frame: right, down (inter-ocular distances), growth (log), roll, yaw,
pitch (radians; each turns the axis named first towards the second: x to y, z to x, y to z).
"""

PATCH_MIDDLE = np.array([0.0, -0.35, 0.1], dtype=np.float32)
"""About this point of the upright face, the middle of the patch in its mean depth, motions turn and grow."""

_TEXEL_CM = 0.125
_LEFT_CM, _TOP_CM, _WIDTH, _HEIGHT = -6.4, -5.6, 104, 64
_CONTRAST_TEXELS = 11
_FLOOR = 1.5  # of 255: noise and banding in flat skin are no detail
_ROI_MARGIN = 6


@dataclass(frozen=True)
class PatchLayout:
    """Texels (64 x 104 over nose, glabella and upper cheeks of the canonical face) in one person's shape.

    `surface` (6656, 3) float32 are their points on the upright face, in inter-ocular distances; `weight`
    (6656,) says how surely each stays in place while its owner speaks, blinks and frowns: 0..1.
    """

    surface: NDArray[np.float32]
    weight: NDArray[np.float32]

    def sample(self, view: PatchView, motion: NDArray[np.float32]) -> NDArray[np.float32]:
        """The patch (64, 104) float32 as `view` shows it with the head moved by `motion` (6,): local contrast
        only, so that exposure and soft shadows fall out.
        """
        import cv2

        turn, shift = _as_affine(motion)
        places = self.surface @ (turn @ view.axes) + (shift @ view.axes + view.shift)
        map_xy = places.reshape(_HEIGHT, _WIDTH, 2)
        grey = cv2.remap(view.grey, map_xy, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        size = (_CONTRAST_TEXELS, _CONTRAST_TEXELS)
        detail = grey - cv2.blur(cv2.blur(grey, size), size)
        power = cv2.blur(cv2.blur(detail * detail, size), size)
        return np.asarray(detail / np.sqrt(power + np.float32(_FLOOR**2)), dtype=np.float32)


@dataclass(frozen=True)
class PatchView:
    """A frame's surroundings of one face: `grey` (h, w) float32, 0..255; upright points @ `axes` (3, 2) +
    `shift` (2,) are their x, y in it.
    """

    grey: NDArray[np.float32]
    axes: NDArray[np.float32]
    shift: NDArray[np.float32]


def patch_layout(upright: NDArray[np.float32]) -> PatchLayout:
    """The layout on a face whose upright landmarks are (478, 3), see `HeadFit`."""
    vertices = canonical_vertices()
    x = _LEFT_CM + _TEXEL_CM * np.arange(_WIDTH)
    y = _TOP_CM + _TEXEL_CM * np.arange(_HEIGHT)
    grid = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    corners, shares = _barycentric(grid, vertices)
    surface = (upright[corners] * shares[..., None]).sum(axis=1)
    weight = _stillness(grid)
    return PatchLayout(surface.astype(np.float32), weight.astype(np.float32))


def view_of(rgb: NDArray[np.uint8], head: HeadFit, layout: PatchLayout) -> PatchView | None:
    """What a frame (H, W, 3) uint8 shows of the face posed by `head` (one frame), shrunk by whole pixels
    where it is finer than the patch; None where nothing of it lies in the picture.
    """
    import cv2

    axes = (head.turn[0] * head.scale[0])[:, :2]
    places = layout.surface @ axes + head.origin[0, :2]
    x, y = np.ascontiguousarray(places.T)  # the extremes of rows are found ten times as fast
    low = np.array([x.min(), y.min()]) - _ROI_MARGIN
    high = np.array([x.max(), y.max()]) + _ROI_MARGIN
    if not (np.isfinite(low).all() and np.isfinite(high).all()):
        return None
    left, top = np.floor(low).astype(int).tolist()
    right, bottom = np.ceil(high).astype(int).tolist()
    box = Box(left, top, right, bottom).clipped(rgb.shape[1], rgb.shape[0])
    if box.width < 4 or box.height < 4:
        return None
    grey = cv2.cvtColor(np.ascontiguousarray(rgb[box.slices]), cv2.COLOR_RGB2GRAY)
    texel_pixels = float(head.scale[0]) * _TEXEL_CM / 8.9
    times = max(1, int(texel_pixels + 0.5))
    if times > 1:
        size = (max(2, box.width // times), max(2, box.height // times))
        grey = cv2.resize(grey[: size[1] * times, : size[0] * times], size, interpolation=cv2.INTER_AREA)
    shift = (head.origin[0, :2] - [box.left, box.top] + 0.5) / times - 0.5
    return PatchView(
        grey.astype(np.float32), (axes / times).astype(np.float32), np.asarray(shift, dtype=np.float32)
    )


def moved(
    upright: NDArray[np.float32], motions: NDArray[np.float32], *, inverse: bool = False
) -> NDArray[np.float32]:
    """Upright points (T, P, 3) after small motions (T, 6) of their head, to first order, or before them."""
    affines = [_as_affine(motion) for motion in motions]
    turns = np.stack([turn for turn, _ in affines])
    shifts = np.stack([shift for _, shift in affines])[:, None]
    if inverse:
        return np.asarray(np.einsum("tpi,tij->tpj", upright - shifts, np.linalg.inv(turns)), dtype=np.float32)
    return np.asarray(np.einsum("tpi,tij->tpj", upright, turns) + shifts, dtype=np.float32)


def _as_affine(motion: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Turn (3, 3) and shift (3,) of a motion (6,): points @ turn + shift."""
    right, down, growth, roll, yaw, pitch = motion.tolist()
    grown = 1 + growth
    turn = np.array([[grown, roll, -yaw], [-roll, grown, pitch], [yaw, -pitch, grown]], dtype=np.float32)
    shift = PATCH_MIDDLE - PATCH_MIDDLE @ turn + np.array([right, down, 0], dtype=np.float32)
    return turn, shift.astype(np.float32)


def _barycentric(
    grid: NDArray[np.float64], vertices: NDArray[np.float32]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The triangle nearest the camera over each grid point (N, 2) and its corners' shares: two (N, 3). The
    eyes' holes are covered by whatever is drawn last beside them: they weigh nothing.
    """
    import cv2

    triangles = skin_triangles()
    depth = vertices[triangles, 2].mean(axis=1)
    triangles = triangles[np.argsort(-depth, kind="stable")]
    flat = vertices[triangles][..., :2].astype(np.float64)
    texels = np.round((flat - [_LEFT_CM, _TOP_CM]) / _TEXEL_CM * 16).astype(np.int32)
    drawn = np.full((_HEIGHT, _WIDTH), -1, dtype=np.int32)
    for label, corners in enumerate(texels):
        cv2.fillConvexPoly(drawn, corners, label, shift=4)
    labels = drawn.ravel()
    known = np.flatnonzero(labels >= 0)
    hole = np.flatnonzero(labels < 0)
    to_known = ((grid[hole, None] - grid[None, known[::7]]) ** 2).sum(axis=2)
    labels[hole] = labels[known[::7][to_known.argmin(axis=1)]]
    a, b, c = (flat[labels, corner] for corner in range(3))
    away, one, two = grid - a, b - a, c - a
    area = one[:, 0] * two[:, 1] - one[:, 1] * two[:, 0]
    second = (away[:, 0] * two[:, 1] - away[:, 1] * two[:, 0]) / area
    third = (one[:, 0] * away[:, 1] - one[:, 1] * away[:, 0]) / area
    return triangles[labels].astype(np.int64), np.stack([1 - second - third, second, third], axis=1)


def _stillness(grid: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weight of each point of the canonical face (N, 2) cm: nose and glabella fully, cheeks down to where
    smiles reach, nothing of eyes, lids and brows.
    """
    x, y = np.abs(grid[:, 0]), grid[:, 1]
    eye = ((x - 3.15) / 2.0) ** 2 + ((y + 2.6) / 1.3) ** 2
    not_eye = np.clip((eye - 1) / 0.4, 0, 1)
    brow = np.clip((x - 0.9) / 0.5, 0, 1) * np.clip((-3.6 - y) / 0.3, 0, 1)
    low = np.clip((1.9 - y) / 0.5, 0, 1) * np.where(x > 2.0, np.clip((1.4 - y) / 1.2, 0, 1), 1.0)
    side = np.clip((6.2 - x) / 1.2, 0, 1)
    top = np.clip((y + 5.6) / 0.8, 0, 1)
    return np.asarray(not_eye * (1 - brow) * low * side * top)
