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
_MEDIAN_FRAMES, _SLOW_FRAMES = 5, 1.5
_LEAST_NOISE, _LEAST_MOUTH_NOISE = 0.06, 0.4
_CORRELATED = 2.0
_CUTS_STOPS = (4.0, 1.5, 0.8, 0.5, 0.5)
_MOST_ROWS = 400
_BLOCK_ROWS = 1000


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
        to_nodes = _covariance(grid_places(), places) @ inverse
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
    seen: NDArray[np.float32], places: NDArray[np.float32], is_mouth: NDArray[np.bool_]
) -> NDArray[np.float32]:
    """Light on the grid (T, GRID_ROWS, GRID_COLUMNS, 3), in stops about the track's usual: `seen` (T, P, 3)
    stops, NaN where a place is not seen, at `places` (P, 2) face widths.
    """
    from scipy.ndimage import gaussian_filter1d, median_filter

    count = len(seen)
    some = np.unique(np.linspace(0, count - 1, min(count, _MOST_ROWS)).astype(int))
    noise = np.where(is_mouth, _LEAST_MOUTH_NOISE, _LEAST_NOISE).astype(np.float32)
    sample = seen[some]
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
            _on_grid(smoother, seen[start : start + _BLOCK_ROWS] - own) - usual
            for start in range(0, count, _BLOCK_ROWS)
        ]
    )
    # The median first: a flash frame would darken its neighbours.
    slow = median_filter(light, size=(_MEDIAN_FRAMES, 1, 1), mode="nearest")
    slow = gaussian_filter1d(slow, _SLOW_FRAMES, axis=0, mode="nearest")
    steadied = _shrunk(slow, _USUAL_STOPS) + _shrunk(light - slow, _USUAL_BEAT_STOPS)
    return steadied.reshape(count, GRID_ROWS, GRID_COLUMNS, 3)


def _on_grid(smoother: Smoother, changes: NDArray[np.float32]) -> NDArray[np.float32]:
    """Changes (T, P, 3) as light on the grid: (T, K, 3)."""
    return np.asarray(np.einsum("kp,tpc->tkc", smoother.to_nodes, smoother.explained(changes), optimize=True))


def _shrunk(light: NDArray[np.float32], usual_stops: tuple[float, ...]) -> NDArray[np.float32]:
    """`light` (T, K, 3) with its level, slopes and detail each less what they might be by chance."""
    x, y = grid_places().astype(np.float64).T
    level, slopes = np.ones((len(x), 1)), np.stack([x, y, x * x, x * y, y * y], axis=1)
    left = light
    result = np.zeros_like(light)
    for basis, usual in zip((level, slopes, None), usual_stops, strict=True):
        part = left
        if basis is not None:
            ours = basis - level @ (np.linalg.pinv(level) @ basis) if basis is not level else level
            project = (ours @ np.linalg.pinv(ours)).astype(np.float32)
            part = np.einsum("kn,tnc->tkc", project, left, optimize=True)
        left = left - part
        power = (part**2).mean(axis=(1, 2))
        share = np.clip(1 - (usual**2 / np.maximum(power, 1e-12)) ** 2, 0, 1)
        result += part * share[:, None, None].astype(np.float32)
    return result


def _covariance(one: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.float64]:
    squared = ((one[:, None].astype(np.float64) - other[None]) ** 2).sum(axis=-1)
    shares = [
        spread**2 * np.exp(-squared / (2 * length**2))
        for spread, length in zip(_SPREADS_STOPS, _LENGTHS_FACES, strict=True)
    ]
    return np.asarray(np.sum(shares, axis=0))


def _median(values: NDArray[np.float32], axis: int) -> NDArray[np.float32]:
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # nothing seen: NaN
        return np.asarray(np.nanmedian(values, axis=axis), dtype=np.float32)
