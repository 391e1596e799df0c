# SPDX-License-Identifier: Apache-2.0
"""How likely two tracks show one person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plosive.faces.people.appearance import Appearance
from plosive.faces.people.descriptors import mirrored

__all__ = ["Distances", "distances", "moment_distances"]

_LEAST_SEEN = 0.25
_NEAREST_SHARE = 0.25
_LEAST_COMMON_CELLS = 8.0


@dataclass(frozen=True)
class Distances:
    """Between A and B tracks, all (A, B) float32, NaN where there was nothing to compare.

    Each is the mean over the closest quarter of the pairs of moments: a hand before the face in some of them
    does no harm. `patterns` and `gradients` of 0 (alike) to about 1, weighed by the cells both saw;
    `flopped_patterns` and `flopped_gradients` the same against the mirrored face; `clothes` and `hair` of 0
    to 1 (Hellinger distance, squared); `embedding` the cosine distance, 0 to 2.

    The head's shape has no figure of its own: the frontal faces keep it, and fitted beside them it told
    nothing more.
    """

    patterns: NDArray[np.float32]
    gradients: NDArray[np.float32]
    flopped_patterns: NDArray[np.float32]
    flopped_gradients: NDArray[np.float32]
    clothes: NDArray[np.float32]
    hair: NDArray[np.float32]
    embedding: NDArray[np.float32]


@dataclass(frozen=True)
class _Cells:
    """Moments of one descriptor made ready for matrix products: see `_between`."""

    weighted: NDArray[np.float32]
    energy: NDArray[np.float32]
    weights: NDArray[np.float32]


def distances(first: Sequence[Appearance], second: Sequence[Appearance]) -> Distances:
    """All of `first` against all of `second`. Memory grows with one row of tracks, not with all pairs."""
    rows: dict[str, list[NDArray[np.float32]]] = {name: [] for name in Distances.__dataclass_fields__}
    places = _places(second)
    ready = {
        name: _ready([getattr(one, kind) for one in second], [one.seen for one in second], flopped)
        for name, kind, flopped in (
            ("patterns", "patterns", False),
            ("gradients", "gradients", False),
            ("flopped_patterns", "patterns", True),
            ("flopped_gradients", "gradients", True),
        )
    }
    colours = {name: _histograms([getattr(one, name) for one in second]) for name in ("clothes", "hair")}
    for one in first:
        for name, cells in ready.items():
            mine = _ready([getattr(one, name.removeprefix("flopped_"))], [one.seen], False)
            rows[name].append(_nearest(_between(mine, cells), places))
        for name, theirs in colours.items():
            mine_seen = _histograms([getattr(one, name)])
            rows[name].append(_nearest(_hellinger(mine_seen, theirs), places))
        rows["embedding"].append(_cosine(one, second))
    empty = np.zeros((0, len(second)), dtype=np.float32)
    return Distances(**{name: np.stack(found) if found else empty for name, found in rows.items()})


def moment_distances(one: Appearance) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Patterns and gradients between all moments of one track, (N, N) each; inf where too little was seen."""
    patterns, gradients = (_ready([cells], [one.seen], False) for cells in (one.patterns, one.gradients))
    return _between(patterns, patterns), _between(gradients, gradients)


def _ready(cells: list[NDArray[np.uint8]], seen: list[NDArray[np.uint8]], flopped: bool) -> _Cells:
    values, share = np.concatenate(cells), np.concatenate(seen)
    if flopped:
        values, share = mirrored(values), mirrored(share)
    weights = share.astype(np.float32) / np.float32(255)
    weights[weights < _LEAST_SEEN] = 0
    scaled = values.astype(np.float32) / np.float32(255)
    return _Cells(
        weighted=(scaled * weights[..., None]).reshape(len(values), values.shape[1] * values.shape[2]),
        energy=(scaled**2).sum(axis=2) * weights,
        weights=weights,
    )


def _between(one: _Cells, other: _Cells) -> NDArray[np.float32]:
    """Mean squared difference of cells, each pair weighed by how much both saw of it: (N, M), inf where
    they saw too little in common.
    """
    common = one.weights @ other.weights.T
    total = one.energy @ other.weights.T + one.weights @ other.energy.T
    total -= 2 * one.weighted @ other.weighted.T
    apart = np.maximum(total, 0) / np.maximum(common, np.float32(1e-6))
    return np.where(common < _LEAST_COMMON_CELLS, np.float32(np.inf), apart)


def _nearest(pairs: NDArray[np.float32], places: NDArray[np.int64]) -> NDArray[np.float32]:
    """Mean of the closest quarter for each track: pairs (N, all moments) to (B,).

    `places` (B, longest) are the moments of each track; -1 fills up the shorter ones.
    """
    if not places.size or not pairs.size:
        return np.full(len(places), np.nan, dtype=np.float32)
    blocks = pairs[:, places]
    blocks[:, places < 0] = np.inf
    ranked = np.sort(blocks.transpose(1, 0, 2).reshape(len(places), -1), axis=1)
    counts = len(pairs) * (places >= 0).sum(axis=1)
    wanted = np.maximum(1, np.rint(counts * _NEAREST_SHARE))
    taken = np.isfinite(ranked) & (np.arange(ranked.shape[1]) < wanted[:, None])
    number = taken.sum(axis=1)
    total = np.where(taken, ranked, 0).sum(axis=1)
    return np.where(number > 0, total / np.maximum(number, 1), np.nan).astype(np.float32)


def _places(tracks: Sequence[Appearance]) -> NDArray[np.int64]:
    """Which rows of all moments are each track's: (B, longest), -1 where a track has fewer."""
    longest = max((len(one) for one in tracks), default=0)
    made = np.full((len(tracks), longest), -1, dtype=np.int64)
    start = 0
    for row, one in enumerate(tracks):
        made[row, : len(one)] = np.arange(start, start + len(one))
        start += len(one)
    return made


def _histograms(parts: list[NDArray[np.uint8]]) -> NDArray[np.float32]:
    """Roots of histograms (N, 343), each of length 1, or NaN where nothing was measured."""
    rows = np.concatenate(parts).astype(np.float32)
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.where(length > 0, rows / np.maximum(length, np.float32(1)), np.float32(np.nan))


def _hellinger(mine: NDArray[np.float32], theirs: NDArray[np.float32]) -> NDArray[np.float32]:
    """All pairs (N, M); inf where one was not measured."""
    apart = np.maximum(1 - mine @ theirs.T, 0)
    return np.where(np.isfinite(apart), apart, np.float32(np.inf))


def _cosine(one: Appearance, second: Sequence[Appearance]) -> NDArray[np.float32]:
    found = np.full(len(second), np.nan, dtype=np.float32)
    for place, other in enumerate(second):
        length = one.embedding.shape[1]
        if length and len(one) and len(other) and other.embedding.shape[1] == length:
            found[place] = 1 - _nearest_cosines(one.embedding @ other.embedding.T)
    return found


def _nearest_cosines(pairs: NDArray[np.float32]) -> float:
    ranked = np.sort(pairs, axis=None)[::-1]
    return float(ranked[: max(1, round(len(ranked) * _NEAREST_SHARE))].mean())
