# SPDX-License-Identifier: Apache-2.0
"""Piecewise-affine warps over the face mesh, with one fixed triangulation.

Only a warp that is affine in each triangle closes lips exactly: thin-plate splines, moving least squares and
blurred fields leave a gap.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plosive.faces.head import RIGID_POINTS
from plosive.faces.topology import skin_triangles
from plosive.generate.look import INNER_LOWER, INNER_UPPER
from plosive.geometry import Box

__all__ = ["JAW_POINTS", "WarpMesh", "affine_between", "build_mesh", "with_ring"]

JAW_POINTS = np.array(
    [234, 93, 132, 58, 172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397, 288, 361, 323, 454]
)
"""Outline of the jaw from one ear to the other."""

_NOSE_TIP = 4
_RING_SCALE = np.float32(1.45)
_MESH_POINTS = 468
_SUBPIXEL_BITS = 4
_ROWS_AT_ONCE = 48
_TEAR_PIXELS = 3.0
_THINNEST_PIXELS = 0.5
_EDGE_PIXELS = np.float32(0.75)


def with_ring(points: NDArray[np.float32]) -> NDArray[np.float32]:
    """Mesh points (478, 2) -> (468 + 21, 2): the mesh, then the jaw pushed out 1.45 times from the nose."""
    centre = points[_NOSE_TIP]
    ring = centre + (points[JAW_POINTS] - centre) * _RING_SCALE
    return np.concatenate([points[:_MESH_POINTS], ring], dtype=np.float32)


def affine_between(target: NDArray[np.float32], source: NDArray[np.float32]) -> NDArray[np.float32]:
    """Least-squares affine (2, 3) that takes target points to source points, on the rigid landmarks."""
    points = np.concatenate([target[RIGID_POINTS], np.ones((len(RIGID_POINTS), 1))], axis=1)
    solved, *_ = np.linalg.lstsq(
        points.astype(np.float64), source[RIGID_POINTS].astype(np.float64), rcond=None
    )
    return np.asarray(solved.T, dtype=np.float32)


@dataclass(frozen=True)
class WarpMesh:
    """Triangles over `with_ring` points: (K, 3) int32; the first `interior_count` lie in the mouth
    opening.
    """

    triangles: NDArray[np.int32]
    interior_count: int

    def fine_map(
        self,
        target: NDArray[np.float32],
        source: NDArray[np.float32],
        outside: NDArray[np.float32],
        box: Box,
    ) -> NDArray[np.float32]:
        """As `map`, at two samples a pixel each way: (2h, 2w, 2), to be averaged where lips meet."""
        doubled = Box(2 * box.left, 2 * box.top, 2 * box.right_exclusive, 2 * box.bottom_exclusive)
        beyond = outside.copy()
        beyond[:, 2] -= outside[:, :2].sum(axis=1) / 4
        beyond[:, :2] /= 2
        return self.map(target * 2 + np.float32(0.5), source, beyond, doubled)

    def map(
        self,
        target: NDArray[np.float32],
        source: NDArray[np.float32],
        outside: NDArray[np.float32],
        box: Box,
    ) -> NDArray[np.float32]:
        """For each pixel of `box` in the target, where to look in the source: (h, w, 2) float32 x, y.

        `target` and `source` are (489, 2) as from `with_ring`; outside the mesh the affine `outside` (2, 3)
        holds. The mouth opening is drawn first and skin over it, so that a closed mouth shows no slit.
        """
        import cv2

        corners = target[self.triangles]
        low, high = _ends(corners)
        seen = (low[:, 0] < box.right_exclusive) & (high[:, 0] >= box.left)
        seen &= (low[:, 1] < box.bottom_exclusive) & (high[:, 1] >= box.top)
        edge_one, edge_two = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
        area = (edge_one[:, 0] * edge_two[:, 1] - edge_one[:, 1] * edge_two[:, 0]) / 2
        longest = np.maximum(np.maximum(high[:, 0] - low[:, 0], high[:, 1] - low[:, 1]), 1e-6)
        sound = (area > 0) & (2 * area / longest > _THINNEST_PIXELS)
        interior = np.arange(len(self.triangles)) < self.interior_count
        # Slivers of the opening would show as dots along closed lips. Slivers and folds of the skin, which
        # would show as stray lines, lie under their sound neighbours and only fill what those leave free.
        seen &= (np.abs(area) > 1e-3) & (sound | ~interior)
        shown = np.flatnonzero(seen)
        shown = shown[np.argsort(np.where(interior[shown], 0, 1 + sound[shown]), kind="stable")]
        labels = np.full((box.height, box.width), len(shown), dtype=np.int32)
        origin = np.array([box.left, box.top], dtype=np.float32)
        fixed = np.round((corners[shown] - origin) * (1 << _SUBPIXEL_BITS)).astype(np.int32)
        for label, polygon in enumerate(fixed):
            cv2.fillConvexPoly(labels, polygon, label, shift=_SUBPIXEL_BITS)
        table = self._table(corners[shown], source[self.triangles[shown]], outside)
        return _looked_up(table, labels, box)

    def _table(
        self, corners: NDArray[np.float32], ends: NDArray[np.float32], outside: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """What a pixel of each triangle needs, the outside last: (2 axes, 5, K + 1) float32.

        Three coefficients of its affine, and the bounds of its source triangle: a pixel centre just outside
        a sliver would be thrown far by the affine.
        """
        affines = np.concatenate([_triangle_affines(corners, ends), outside[None]])
        low, high = _ends(ends)
        everywhere = np.full((1, 2), np.inf, dtype=np.float32)
        least = np.concatenate([low - _EDGE_PIXELS, -everywhere])
        most = np.concatenate([high + _EDGE_PIXELS, everywhere])
        table = np.concatenate([affines, least[..., None], most[..., None]], axis=2)
        return np.ascontiguousarray(table.transpose(1, 2, 0), dtype=np.float32)


def _looked_up(table: NDArray[np.float32], labels: NDArray[np.int32], box: Box) -> NDArray[np.float32]:
    """Where each pixel of `box` looks, by its triangle (h, w): (h, w, 2).

    A few rows at a time, as they stay in the processor's cache; `take` with numpy's own kind of index and
    without a check of it is four times as fast as a subscript.
    """
    x = np.arange(box.left, box.right_exclusive, dtype=np.float32)[None, :]
    y = np.arange(box.top, box.bottom_exclusive, dtype=np.float32)[:, None]
    look_at = np.empty((box.height, box.width, 2), dtype=np.float32)
    for top in range(0, box.height, _ROWS_AT_ONCE):
        rows = slice(top, top + _ROWS_AT_ONCE)
        index = labels[rows].astype(np.intp)
        for axis in (0, 1):
            by_x, by_y, shift, least, most = (row.take(index, mode="clip") for row in table[axis])
            by_x *= x
            by_y *= y[rows]
            by_x += by_y
            by_x += shift
            np.maximum(by_x, least, out=by_x)
            np.minimum(by_x, most, out=look_at[rows, :, axis])
    return look_at


def _ends(corners: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Least and greatest x and y of each triangle (K, 3, 2): two (K, 2)."""
    one, two, three = corners[:, 0], corners[:, 1], corners[:, 2]
    return np.minimum(np.minimum(one, two), three), np.maximum(np.maximum(one, two), three)


def torn_pixels(look_at: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Where a map (h, w, 2) jumps between neighbours, as on closed lips: (h, w), a pixel wider."""
    import cv2

    torn = np.zeros(look_at.shape[:2], dtype=np.uint8)
    for axis in (0, 1):
        plane = look_at[..., axis]
        torn[:, :-1] |= np.abs(plane[:, 1:] - plane[:, :-1]) > _TEAR_PIXELS
        torn[:-1] |= np.abs(plane[1:] - plane[:-1]) > _TEAR_PIXELS
    return np.asarray(cv2.dilate(torn, np.ones((3, 3), dtype=np.uint8)), dtype=np.bool_)


def build_mesh(upright: NDArray[np.float32]) -> WarpMesh:
    """The mesh of any face; `upright` (478, 3), looking straight ahead, tells which way triangles turn.

    The mouth opening is a ladder between the inner lips, the jaw's surroundings one between jaw and ring.
    """
    ring = np.arange(_MESH_POINTS, _MESH_POINTS + len(JAW_POINTS))
    opening = _ladder(INNER_UPPER, INNER_LOWER)
    triangles = np.concatenate([opening, skin_triangles(), _ladder(JAW_POINTS, ring)])
    turned = _turned_alike(triangles, with_ring(upright[:, :2]))
    return WarpMesh(np.ascontiguousarray(turned, dtype=np.int32), len(opening))


def _ladder(one: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.int32]:
    """Triangles between two rows of points, without those that have a corner twice."""
    rungs = [
        triangle
        for step in range(len(one) - 1)
        for triangle in (
            (one[step], one[step + 1], other[step]),
            (one[step + 1], other[step + 1], other[step]),
        )
        if len(set(triangle)) == 3
    ]
    return np.array(rungs, dtype=np.int32)


def _turned_alike(triangles: NDArray[np.int32], points: NDArray[np.float32]) -> NDArray[np.int32]:
    """Corners in the order that makes every area positive, so that a fold shows as a negative one."""
    first, second, third = (points[triangles[:, corner]] for corner in range(3))
    one, two = second - first, third - first
    negative = one[:, 0] * two[:, 1] - one[:, 1] * two[:, 0] < 0
    return np.where(negative[:, None], triangles[:, ::-1], triangles)


def _triangle_affines(target: NDArray[np.float32], source: NDArray[np.float32]) -> NDArray[np.float32]:
    """Affine (K, 2, 3) taking each target triangle (K, 3, 2), of some area, onto its source triangle."""
    goal, start = target.astype(np.float64), source.astype(np.float64)
    goal_edges = goal[:, 1:] - goal[:, :1]
    start_edges = start[:, 1:] - start[:, :1]
    (a, b), (c, d) = np.moveaxis(goal_edges, 0, -1)
    inverse = (
        np.stack([np.stack([d, -b], -1), np.stack([-c, a], -1)], axis=1) / (a * d - b * c)[:, None, None]
    )
    linear = np.swapaxes(inverse @ start_edges, 1, 2)
    shift = start[:, 0] - np.einsum("kij,kj->ki", linear, goal[:, 0])
    return np.concatenate([linear, shift[..., None]], axis=2, dtype=np.float32)
