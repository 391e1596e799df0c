# SPDX-License-Identifier: Apache-2.0
"""How bad a range of frames is, in one number that candidates are compared by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plosive.media.plate import PlateInfo
from plosive.quality.flags import flags_of, severity
from plosive.quality.measured import MeasuredTake
from plosive.quality.scorecard import Flag, frame_name
from plosive.sync.flagged import MENDABLE

__all__ = ["Badness", "is_clearly_better", "measure_badness"]

_PHONES = ("closures", "tucks")
_FRAMES_THAT_COUNT = {"popping": 1, "flicker": 1, "sharpness": 3, "seam": 3, "ring_colour": 3}
_LONG_SECONDS = 1.0  # a flag this long counts twice
_LOST_FACE = 2.0
_FINE = 0.1
_FOLLOWS = 0.5
_WANTED = (
    ("popping", 1.0, 12.0), ("flicker", 1.0, 15.0), ("sharpness", 1.0, 0.3), ("seam", 1.0, 3.0),
    ("ring_colour", 0.0, 10.0),
)  # fmt: skip
"""Curves with the values that are good and bad."""
_LEAST_GAIN, _LEAST_SHARE = 0.1, 0.15


@dataclass(frozen=True)
class Badness:
    """`total` is the sum of `by_figure` (what lies beyond the limits, by figure) and `fine`, which orders
    candidates that are alike. `flags` are those that reach into the range.
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
        return not self.flags and "faces" not in self.by_figure

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
    takes: Sequence[MeasuredTake | None],
    number: int,
    info: PlateInfo,
    first_index: int,
    last_index_inclusive: int,
) -> list[Badness | None]:
    """Each of `takes`, face `number`, in frames `first_index` to `last_index_inclusive`, as `plosive score`
    measures them; None for None.

    A figure weighs its worst flag's severity, twice that if a second is flagged; p, b, m and f, v count one
    by one. Curves weigh by all frames beyond the limit, in a flagged run or not: whether a run is long enough
    to be flagged hangs on a hair. A face that can no longer be found is the worst that can happen. The fine
    part is the mean distance from what is wanted, and how far the opening is from what the dub asks for.
    """

    def name(index: int) -> str:
        return frame_name(info.first_frame + index, info.first_frame, info.start_timecode, info.frame_rate)

    first, last = info.first_frame + first_index, info.first_frame + last_index_inclusive
    flags = [
        ()
        if take is None
        else tuple(
            flag
            for flag in flags_of(take, number, info.first_frame, name)
            if flag.figure in MENDABLE and flag.first_frame <= last and flag.last_frame_inclusive >= first
        )
        for take in takes
    ]
    limits = _limits([flag for own in flags for flag in own])
    rate = float(info.frame_rate)

    def seconds(flag: Flag) -> float:
        return (min(flag.last_frame_inclusive, last) - max(flag.first_frame, first) + 1) / rate

    def weighed(take: MeasuredTake, own: tuple[Flag, ...]) -> Badness:
        by_figure: dict[str, float] = {}
        for figure in MENDABLE:
            found = [flag for flag in own if flag.figure == figure]
            if figure in _FRAMES_THAT_COUNT:
                weight = _beyond(take, figure, limits.get(figure), first_index, last_index_inclusive, rate)
            elif figure in _PHONES:
                weight = sum(flag.severity for flag in found)
            else:
                worst = max((flag.severity for flag in found), default=0.0)
                weight = worst * (1 + sum(seconds(flag) for flag in found) / _LONG_SECONDS)
            if weight > 0:
                by_figure[figure] = weight
        lost = _lost_share(take, first_index, last_index_inclusive)
        if lost > 0:
            by_figure["faces"] = _LOST_FACE * lost
        return Badness(by_figure, _fine(take, first_index, last_index_inclusive), own)

    return [None if take is None else weighed(take, own) for take, own in zip(takes, flags, strict=True)]


def _limits(flags: Sequence[Flag]) -> dict[str, tuple[float, float]]:
    """By figure, the limit and the value at which its severity is 1, told by its flags."""
    limits: dict[str, tuple[float, float]] = {}
    for flag in sorted(flags, key=lambda flag: -flag.severity):
        if flag.severity < 1 or flag.figure not in limits:
            # See `quality.flags.severity`: 0.1 at the limit, straight up to 1.
            share = max((flag.severity - 0.1) / 0.9, 1e-3)
            limits[flag.figure] = flag.reference, flag.reference + (flag.value - flag.reference) / share
    return limits


def _beyond(
    take: MeasuredTake,
    figure: str,
    limit: tuple[float, float] | None,
    first: int,
    last: int,
    rate: float,
) -> float:
    """What the frames of a curve beyond its limit weigh; 0 where no take is flagged for it, or in as few
    frames as no flag is made of.
    """
    if limit is None:
        return 0.0
    values = _curve(take, figure)
    indices = take.take.seen.indices
    inside = values[(indices >= first) & (indices <= last) & np.isfinite(values)]
    falls = limit[1] < limit[0]
    beyond = np.sort(inside[inside < limit[0]] if falls else -inside[inside > limit[0]])
    count = _FRAMES_THAT_COUNT[figure]
    if len(beyond) < count:
        return 0.0
    worst = float(beyond[count - 1]) * (1 if falls else -1)
    return severity(worst, *limit) * (1 + len(beyond) / rate / _LONG_SECONDS)


def _curve(take: MeasuredTake, figure: str) -> NDArray[np.float64]:
    """The figure in each row of the take, NaN where it was not measured."""
    unknown = np.full(len(take.take.seen), np.nan)
    if figure in ("popping", "flicker") and take.stability is not None:
        found = take.stability.popping_frames if figure == "popping" else take.stability.flicker_frames
        return found.astype(np.float64)
    if figure == "sharpness" and take.sharpness is not None:
        return take.sharpness.per_frame.astype(np.float64)
    if figure in ("seam", "ring_colour") and take.take.edges:
        name = "gradient_ratio" if figure == "seam" else "ring_colour"
        return np.array([np.nan if edge is None else getattr(edge, name) for edge in take.take.edges])
    return unknown


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

    for figure, good, bad in _WANTED:
        add(_curve(take, figure)[rows], good, bad)
    phones = [phone for phone in (*take.closures, *take.tucks) if first <= phone.frame_index <= last]
    add([phone.aperture for phone in phones], 0.0, 0.15)
    fine = _FINE * sum(shortfalls)
    if take.articulation is not None:
        away = np.abs(take.articulation.measured[rows, 0] - take.articulation.expected[rows, 0])
        away = away[np.isfinite(away)]
        fine += _FOLLOWS * float(away.mean()) if len(away) else 0.0
    return fine
