# SPDX-License-Identifier: Apache-2.0
"""How bad a range of frames is, in one number that candidates are compared by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plosive.media.plate import PlateInfo
from plosive.quality.flags import flags_of
from plosive.quality.measured import MeasuredTake
from plosive.quality.scorecard import Flag, frame_name
from plosive.sync.flagged import MENDABLE

__all__ = ["Badness", "is_clearly_better", "measure_badness"]

_PHONES = ("closures", "tucks")
_LONG_SECONDS = 1.0  # a flag this long counts twice
_LOST_FACE = 2.0
_FINE = 0.1
_FOLLOWS = 0.5
_LEAST_GAIN, _LEAST_SHARE = 0.1, 0.15


@dataclass(frozen=True)
class Badness:
    """`total` is the sum of `by_figure` (what the flags weigh, by figure) and `fine`, which orders candidates
    with the same flags. `flags` are those that reach into the range.
    """

    by_figure: dict[str, float]
    fine: float
    flags: tuple[Flag, ...]

    @property
    def total(self) -> float:
        return sum(self.by_figure.values()) + self.fine

    @property
    def is_clean(self) -> bool:
        """Whether nothing is flagged."""
        return not self.by_figure

    @property
    def severities(self) -> dict[str, float]:
        """The worst severity of each flagged figure, 0..1; `faces` is the share of frames without one."""
        worst = {
            figure: max(flag.severity for flag in self.flags if flag.figure == figure)
            for figure in dict.fromkeys(flag.figure for flag in self.flags)
        }
        lost = self.by_figure.get("faces", 0.0) / _LOST_FACE
        return {**worst, "faces lost": lost} if lost > 0 else worst


def is_clearly_better(other: Badness, first: Badness) -> bool:
    """Whether `other` is worth leaving the first choice for: better by 0.1 and by 15 %."""
    gain = first.total - other.total
    return gain >= max(_LEAST_GAIN, _LEAST_SHARE * first.total)


def measure_badness(
    take: MeasuredTake, number: int, info: PlateInfo, first_index: int, last_index_inclusive: int
) -> Badness:
    """Of frames `first_index` to `last_index_inclusive` of face `number`, as `plosive score` measures them.

    Each figure weighs its worst flag's severity, twice that if a second is flagged; p, b, m and f, v count
    one by one. A face that can no longer be found is the worst that can happen. The fine part is the mean
    distance from what is wanted, all curves together, and how far the opening is from what the dub asks for.
    """

    def name(index: int) -> str:
        return frame_name(info.first_frame + index, info.first_frame, info.start_timecode, info.frame_rate)

    first, last = info.first_frame + first_index, info.first_frame + last_index_inclusive
    flags = tuple(
        flag
        for flag in flags_of(take, number, info.first_frame, name)
        if flag.figure in MENDABLE and flag.first_frame <= last and flag.last_frame_inclusive >= first
    )
    by_figure: dict[str, float] = {}
    for figure in MENDABLE:
        found = [flag for flag in flags if flag.figure == figure]
        if not found:
            continue
        seconds = sum(
            min(flag.last_frame_inclusive, last) - max(flag.first_frame, first) + 1 for flag in found
        ) / float(info.frame_rate)
        worst = max(flag.severity for flag in found)
        by_figure[figure] = (
            sum(flag.severity for flag in found)
            if figure in _PHONES
            else worst * (1 + seconds / _LONG_SECONDS)
        )
    lost = _lost_share(take, first_index, last_index_inclusive)
    if lost > 0:
        by_figure["faces"] = _LOST_FACE * lost
    return Badness(by_figure, _fine(take, first_index, last_index_inclusive), flags)


def _lost_share(take: MeasuredTake, first: int, last: int) -> float:
    """Share of the frames in which the plate's face can be judged and the new one cannot."""
    inner = take.take
    if inner.plate is None:
        return 0.0
    theirs = set(inner.plate.indices[inner.plate_usable].tolist()) & set(range(first, last + 1))
    ours = set(inner.seen.indices[inner.usable].tolist())
    return len(theirs - ours) / len(theirs) if theirs else 0.0


def _fine(take: MeasuredTake, first: int, last: int) -> float:
    indices = take.take.seen.indices
    rows = (indices >= first) & (indices <= last)
    shortfalls: list[float] = []

    def add(values: Sequence[float] | NDArray[np.floating[Any]], good: float, bad: float) -> None:
        known = np.asarray(values, dtype=np.float64)
        known = known[np.isfinite(known)]
        if len(known):
            shortfalls.append(float(np.clip((known - good) / (bad - good), 0, 1).mean()))

    if take.stability is not None:
        add(take.stability.popping_frames[rows], 1.0, 12.0)
        add(take.stability.flicker_frames[rows], 1.0, 15.0)
    if take.sharpness is not None:
        add(take.sharpness.per_frame[rows], 1.0, 0.3)
    if take.take.edges:
        inside = np.flatnonzero(rows)
        edges = [edge for edge in (take.take.edges[row] for row in inside.tolist()) if edge is not None]
        add([edge.gradient_ratio for edge in edges], 1.0, 3.0)
        add([edge.ring_colour for edge in edges], 0.0, 10.0)
    phones = [phone for phone in (*take.closures, *take.tucks) if first <= phone.frame_index <= last]
    add([phone.aperture for phone in phones], 0.0, 0.15)
    fine = _FINE * sum(shortfalls)
    if take.articulation is not None:
        away = np.abs(take.articulation.measured[rows, 0] - take.articulation.expected[rows, 0])
        away = away[np.isfinite(away)]
        fine += _FOLLOWS * float(away.mean()) if len(away) else 0.0
    return fine
