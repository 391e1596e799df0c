# SPDX-License-Identifier: Apache-2.0
"""Other ways to make the same mouth: what is tried where the first choice was flagged."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from plosive.faces.measure import mouth_channels
from plosive.generate.choice import relative_sharpness
from plosive.generate.pool import SourcePool
from plosive.generate.protocol import Generator, MouthWish, Plan, Shot
from plosive.keyed import KeyedValue
from plosive.sync.switched import sources_of

__all__ = ["REACH_ROWS", "Candidate", "candidates_of", "range_weight"]

REACH_ROWS = 6
"""Rows beside a range over which another wish sets in, and within which a candidate may be joined."""

_CANDIDATES = 6
_CALM = 0.85
_LIVELY = 1.3
_NEIGHBOURS = 2
_BLURRED_SHARE = 0.4
_LEAST_SOURCES, _LEAST_SOURCES_SHARE = 12, 1 / 3
_PRESSED_OUTER = 0.03  # of face height: lips pressed on each other show less red
_APERTURE, _JAW, _OUTER = 0, 2, 3
_SHUT = 0.99


@dataclass(frozen=True)
class Candidate:
    """One way to render the flagged ranges of one face. `unlike` (T,) is how far it asks for another mouth
    than the first choice does, 0..1. `strength` is the share of the new motion, as in `--strength`.
    """

    name: str
    seed: int
    strength: KeyedValue
    plan: Plan
    unlike: NDArray[np.float32]

    @property
    def is_as_asked(self) -> bool:
        """Whether it asks the mouth for the same as the first choice."""
        return not self.unlike.any()


@dataclass(frozen=True)
class _Way:
    """What makes a candidate: another shot, where its wish differs, and its share of the new motion."""

    name: str
    shot: Shot
    unlike: NDArray[np.float32]
    share: float = 1.0


def candidates_of(
    generator: Generator,
    shot: Shot,
    first: Plan,
    ranges: Sequence[tuple[int, int]],
    flagged: Sequence[tuple[int, int]],
    figures: Collection[str],
    strength: KeyedValue | float = 1.0,
) -> list[Candidate]:
    """Up to six other plans of `shot`, those first that depart least from what was asked for.

    `ranges` are rows (first, last inclusive) to be rendered again, `flagged` the rows of the flags in them,
    `figures` what they are flagged for, `strength` the job's own. Ways that come to the first choice again
    are left out.
    """
    made: list[Candidate] = []
    strength = KeyedValue.of(strength)
    known = [sources_of(first)]
    rows = range_weight(len(shot.track.indices), ranges) >= 1
    for way in _ways(shot, first, ranges, flagged, figures, strength):
        if len(made) == _CANDIDATES:
            break
        plan = generator.plan(way.shot)
        sources = sources_of(plan)
        if sources is not None and not way.unlike.any():
            if any(other is not None and np.array_equal(other[rows], sources[rows]) for other in known):
                continue
            known.append(sources)
        made.append(Candidate(way.name, way.shot.seed, strength.scaled(way.share), plan, way.unlike))
    return made


def range_weight(row_count: int, ranges: Sequence[tuple[int, int]]) -> NDArray[np.float32]:
    """1 in `ranges` (rows, last inclusive), falling to 0 over the rows beside them: (row_count,)."""
    rows = np.arange(row_count)
    weight = np.zeros(row_count, dtype=np.float32)
    for first, last in ranges:
        away = np.maximum(np.maximum(first - rows, rows - last), 0)
        weight = np.maximum(weight, np.clip(1 - away / (REACH_ROWS + 1), 0, 1).astype(np.float32))
    return weight


def _ways(
    shot: Shot,
    first: Plan,
    ranges: Sequence[tuple[int, int]],
    flagged: Sequence[tuple[int, int]],
    figures: Collection[str],
    strength: KeyedValue,
) -> Iterator[_Way]:
    same = np.zeros(len(shot.track.indices), dtype=np.float32)
    weight = range_weight(len(same), ranges)
    for step in (1, 2):
        yield _Way(f"seed {shot.seed + step}", replace(shot, seed=shot.seed + step), same)
    if not {"closures", "tucks", "amplitude_aperture"} & set(figures):
        library = _kept(shot.sources, _is_sharp(shot.sources))
        if library is not None:
            yield _Way("sharper plate frames", replace(shot, sources=library), same)
    # These do without what fits best, so they come after what merely leaves out the blurred.
    for neighbours, name in ((0, "other plate frames"), (_NEIGHBOURS, "plate frames further off")):
        library = _without_shown(shot, first, flagged, neighbours)
        if library is not None:
            yield _Way(name, replace(shot, sources=library), same)
    if {"closures", "tucks"} & set(figures):
        yield _Way("lips pressed", _asking(shot, _pressed(shot.wish), weight), weight)
    if "amplitude_aperture" in figures:
        yield _Way("larger movement", _asking(shot, _larger(shot.wish), weight), weight)
    else:
        level = strength.constant
        calm = f"strength {_CALM * level:.2g}" if level is not None else f"{_CALM:g} of the strength"
        yield _Way(calm, _asking(shot, _calmer(shot), weight), weight, _CALM)
    for step in range(3, 3 + _CANDIDATES):
        yield _Way(f"seed {shot.seed + step}", replace(shot, seed=shot.seed + step), same)


def _asking(shot: Shot, wish: MouthWish, weight: NDArray[np.float32]) -> Shot:
    """`shot` asked for `wish` where `weight` (T,) is 1, for what it was asked where it is 0."""
    own, share = shot.wish, weight[:, None]
    return replace(
        shot,
        wish=replace(
            own,
            values=(own.values + share * (wish.values - own.values)).astype(np.float32),
            closure=(own.closure + weight * (wish.closure - own.closure)).astype(np.float32),
            tuck=(own.tuck + weight * (wish.tuck - own.tuck)).astype(np.float32),
            rest=(own.rest + weight * (wish.rest - own.rest)).astype(np.float32),
        ),
    )


def _calmer(shot: Shot) -> MouthWish:
    """Less of the new motion, more of the actor's own; closures stay."""
    own = mouth_channels(shot.track.head.upright)
    values = _CALM * shot.wish.values + (1 - _CALM) * own
    return replace(shot.wish, values=values.astype(np.float32))


def _larger(wish: MouthWish) -> MouthWish:
    """The mouth opens further from where it is closed."""
    closed = wish.closure >= _SHUT
    rest = wish.values[closed].mean(axis=0) if closed.any() else np.percentile(wish.values, 10, axis=0)
    values = wish.values.copy()
    for column in (_APERTURE, _JAW, _OUTER):
        values[:, column] = rest[column] + _LIVELY * (values[:, column] - rest[column])
    return replace(wish, values=values)


def _pressed(wish: MouthWish) -> MouthWish:
    """Lips shut for a frame more on each side of a closure, and pressed on each other."""
    closure = wish.closure.copy()
    closure[1:] = np.maximum(closure[1:], wish.closure[:-1])
    closure[:-1] = np.maximum(closure[:-1], wish.closure[1:])
    values = wish.values.copy()
    values[closure >= _SHUT, _APERTURE] = 0
    values[:, _OUTER] -= _PRESSED_OUTER * closure
    return replace(wish, values=values, closure=closure)


def _without_shown(
    shot: Shot, first: Plan, flagged: Sequence[tuple[int, int]], neighbours: int
) -> SourcePool | None:
    """The sources without those that the first choice shows in the flagged rows, and as many of
    their neighbours on each side.
    """
    sources = sources_of(first)
    if sources is None:
        return None
    shown = np.concatenate([sources[start : last + 1] for start, last in flagged])
    away = np.abs(shot.sources.keys[:, None] - np.unique(shown)[None])
    return _kept(shot.sources, away.min(axis=1) > neighbours)


def _is_sharp(sources: SourcePool) -> NDArray[np.bool_]:
    sharpness = relative_sharpness(sources)
    return np.asarray(sharpness >= np.quantile(sharpness, _BLURRED_SHARE))


def _kept(sources: SourcePool, wanted: NDArray[np.bool_]) -> SourcePool | None:
    """The sources (N,) that are `wanted`; None where they are too few to make a mouth of."""
    places = np.flatnonzero(wanted)
    if len(places) < max(_LEAST_SOURCES, _LEAST_SOURCES_SHARE * len(sources)):
        return None
    if (sources.rows[places] < 0).all():  # light is judged by the plate's own
        return None
    return sources.only(places)
