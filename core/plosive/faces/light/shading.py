# SPDX-License-Identifier: Apache-2.0
"""From what each place of the skin shows to light that varies smoothly over the face.

Light is the sum of three Gaussian processes over the face plane (level, slopes, and detail down to a
shadow's edge); their posterior means given the skin's changes are linear in them (Rasmussen and Williams
2006, 2.25). Changes that the fit cannot explain (highlights, folds, what passes before the face) are cut
short, Huber's way (pseudo-values: Huber 1981, 7.8). Level, slopes and detail, each as it goes slowly and as
it beats from frame to frame, are taken back as far as they do not rise above what a steady plate shows (after
James and Stein 1961), so that noise does not light the mouth.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["GRID_COLUMNS", "GRID_ROWS", "Smoother", "grid_places", "shading_of"]

GRID_ROWS, GRID_COLUMNS = 11, 14
GRID_LEFT, GRID_TOP, GRID_STEP = -0.39, -0.30, 0.06

_SPREADS_STOPS = (3.0, 0.8, 0.6)
_LENGTHS_FACES = (np.inf, 0.45, 0.12)
_USUAL_STOPS = (0.02, 0.04, 0.08)
_USUAL_BEAT_STOPS = (0.03, 0.05, 0.06)
_UNEVEN_SHARE = 0.8
_MEDIAN_FRAMES, _SLOW_FRAMES = 5, 1.5
_LEAST_NOISE, _LEAST_MOUTH_NOISE = 0.06, 0.4
_CORRELATED = 2.0
_CUTS_STOPS = (4.0, 1.2, 0.6, 0.5)
_MOST_ROWS = 240
_BLOCK_ROWS = 500


def grid_places() -> NDArray[np.float32]:
    """Nodes of the light's grid, row by row: (K, 2) face widths right of and below the mouth's middle."""
    x = GRID_LEFT + GRID_STEP * np.arange(GRID_COLUMNS)
    y = GRID_TOP + GRID_STEP * np.arange(GRID_ROWS)
    return np.asarray(np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2), dtype=np.float32)


@dataclass(frozen=True)
class Smoother:
    """Linear maps from changes at P places, in stops: `to_places` (P, P) gives the light there, `to_nodes`
    (K, P) on the grid.
    """

    to_places: NDArray[np.float32]
    to_nodes: NDArray[np.float32]

    @classmethod
    def of(cls, places: NDArray[np.float32], noise: NDArray[np.float32]) -> Smoother:
        """For `places` (P, 2) face widths, each with its own `noise` (P,) stops."""
        known = _covariance(places, places)
        inverse = np.linalg.inv(known + np.diag(noise.astype(np.float64) ** 2))
        to_nodes = _covariance(_on_face(places), places) @ inverse
        return cls((known @ inverse).astype(np.float32), to_nodes.astype(np.float32))

    def explained(self, changes: NDArray[np.float32]) -> NDArray[np.float32]:
        """Pseudo-values of `changes` (T, P, 3) stops, NaN where not seen: what the fit cannot explain is cut
        short.
        """
        usual = np.nan_to_num(_median(changes, axis=1))
        fit = np.broadcast_to(usual[:, None], changes.shape)
        values = fit
        for cut in _CUTS_STOPS:
            left = np.nan_to_num(changes - fit)
            values = fit + np.clip(left, -cut, cut)
            fit = np.einsum("qp,tpc->tqc", self.to_places, values, optimize=True)
        return np.asarray(values, dtype=np.float32)


def shading_of(
    seen: Callable[[NDArray[np.int64]], NDArray[np.float32]],
    count: int,
    places: NDArray[np.float32],
    is_mouth: NDArray[np.bool_],
) -> NDArray[np.float32]:
    """Light on the grid (count, GRID_ROWS, GRID_COLUMNS, 3), in stops about the track's usual.

    `seen` gives any of the `count` rows: (rows, P, 3) stops, NaN where one of the `places` (P, 2), face
    widths from the middle of the mouth, is not seen. It is asked for blocks of rows, so memory stays flat.
    """
    from scipy.ndimage import gaussian_filter1d, median_filter

    some = np.unique(np.linspace(0, count - 1, min(count, _MOST_ROWS)).astype(int))
    noise = np.where(is_mouth, _LEAST_MOUTH_NOISE, _LEAST_NOISE).astype(np.float32)
    sample = seen(some)
    own = np.nan_to_num(_median(sample - _median(sample, axis=1)[:, None], axis=0))
    smoother = Smoother.of(places, noise)
    for _ in range(3):
        changes = sample - own
        fit = np.einsum("qp,tpc->tqc", smoother.to_places, smoother.explained(changes), optimize=True)
        own = own + np.nan_to_num(_median(changes - fit, axis=0))
        spread = 1.48 * np.nan_to_num(_median(np.abs(changes - fit), axis=0), nan=1.0).max(axis=-1)
        smoother = Smoother.of(places, np.maximum(noise, _CORRELATED * spread))
    usual = np.median(_on_grid(smoother, sample - own), axis=0)
    light = np.concatenate(
        [
            _on_grid(smoother, seen(rows) - own) - usual
            for rows in np.array_split(np.arange(count), max(1, -(-count // _BLOCK_ROWS)))
        ]
    )
    # The median first: a flash frame would darken its neighbours.
    slow = median_filter(light, size=(_MEDIAN_FRAMES, 1, 1), mode="nearest")
    slow = gaussian_filter1d(slow, _SLOW_FRAMES, axis=0, mode="nearest")
    steadied = _shrunk(slow, _USUAL_STOPS) + _shrunk(light - slow, _USUAL_BEAT_STOPS, _UNEVEN_SHARE)
    return steadied.reshape(count, GRID_ROWS, GRID_COLUMNS, 3)


def _on_grid(smoother: Smoother, changes: NDArray[np.float32]) -> NDArray[np.float32]:
    """Changes (T, P, 3) as light on the grid: (T, K, 3)."""
    return np.asarray(np.einsum("kp,tpc->tkc", smoother.to_nodes, smoother.explained(changes), optimize=True))


def _shrunk(
    light: NDArray[np.float32], usual_stops: tuple[float, float, float], uneven_share: float = 0.0
) -> NDArray[np.float32]:
    """`light` (T, K, 3) with its level, slopes and detail each less what they might be by chance.

    A level counts as chance up to `uneven_share` of the frame's detail too.
    """
    x, y = grid_places().astype(np.float64).T
    bases = np.stack([x, y, x * x, x * y, y * y], axis=1)
    bases -= bases.mean(axis=0)
    project = (bases @ np.linalg.pinv(bases)).astype(np.float32)
    level = light.mean(axis=1, keepdims=True)
    slopes = np.einsum("kn,tnc->tkc", project, light, optimize=True)
    detail = light - level - slopes
    rough = uneven_share**2 * _power(detail)
    result = _kept(level, np.maximum(usual_stops[0] ** 2, rough))
    result = result + _kept(slopes, usual_stops[1] ** 2) + _kept(detail, usual_stops[2] ** 2)
    return np.asarray(result, dtype=np.float32)


def _kept(part: NDArray[np.float32], usual: NDArray[np.float32] | float) -> NDArray[np.float32]:
    """What of `part` (T, N, 3) rises above the `usual` power: nothing below it, 94 % at four times it."""
    share = np.clip(1 - (usual / np.maximum(_power(part), 1e-12)) ** 2, 0, 1)
    return np.asarray(part * share[:, None, None], dtype=np.float32)


def _power(part: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray((part**2).mean(axis=(1, 2)))


def _on_face(places: NDArray[np.float32]) -> NDArray[np.float32]:
    """The grid's nodes (K, 2); beside the face, the nearest of `places` (P, 2) instead, so that light goes on
    there as it is at the face's edge.
    """
    nodes = grid_places()
    away = np.sqrt(((nodes[:, None] - places[None]) ** 2).sum(axis=-1))
    beside = away.min(axis=1) > GRID_STEP
    return np.where(beside[:, None], places[away.argmin(axis=1)], nodes)


def _covariance(one: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.float64]:
    squared = ((one[:, None].astype(np.float64) - other[None]) ** 2).sum(axis=-1)
    shares = [
        spread**2 * np.exp(-squared / (2 * length**2))
        for spread, length in zip(_SPREADS_STOPS, _LENGTHS_FACES, strict=True)
    ]
    return np.asarray(np.sum(shares, axis=0))


def _median(values: NDArray[np.float32], axis: int) -> NDArray[np.float32]:
    """The median of what is not NaN, NaN where all is: several times as fast as numpy's nanmedian."""
    ordered = np.sort(np.ascontiguousarray(np.moveaxis(values, axis, -1)), axis=-1)  # NaN comes last
    count = np.count_nonzero(~np.isnan(ordered), axis=-1)[..., None]
    lower = np.take_along_axis(ordered, np.maximum(count - 1, 0) // 2, axis=-1)
    upper = np.take_along_axis(ordered, np.minimum(count // 2, ordered.shape[-1] - 1), axis=-1)
    return np.asarray((lower + upper)[..., 0] / 2, dtype=np.float32)
