# SPDX-License-Identifier: Apache-2.0
"""An item of an edit as a line from its own time to that of what it holds."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from plosive.conform.times.rates import exact_seconds
from plosive.conform.times.warp import TIME_MAP
from plosive.conform.walk import contents_seconds

__all__ = ["TimeLine", "time_line"]


@dataclass(frozen=True)
class TimeLine:
    """What an item shows: `begins` + `speed` * seconds into it, for `length` seconds. `begins` is the end of
    the first frame where it goes backwards. `keys` are those of a changing speed, counted from `begins`.
    """

    begins: Fraction
    speed: Fraction
    length: Fraction
    keys: tuple[tuple[Fraction, Fraction], ...] = ()

    @property
    def lowest(self) -> Fraction:
        return self.begins + (self.speed * self.length if self.speed < 0 else 0)

    def of(self, inner: TimeLine) -> TimeLine | None:
        """What it shows of what the one thing it holds shows; None where that is no such line."""
        if self.keys and inner.keys:
            return None
        begins, speed = inner.begins + inner.speed * self.begins, inner.speed * self.speed
        if self.keys:
            start = inner.begins
            keys = tuple((at, inner.speed * (self.begins + shown)) for at, shown in self.keys)
            return TimeLine(start, Fraction(1), self.length, keys)
        if inner.keys:
            if self.speed <= 0:
                return None
            keys = tuple(((at - self.begins) / self.speed, shown) for at, shown in inner.keys)
            return TimeLine(inner.begins, Fraction(1), self.length, keys)
        return TimeLine(begins, speed, self.length)


def time_line(item: Any) -> TimeLine:
    """By its source range and its time effects."""
    import opentimelineio as otio

    start, length = Fraction(0), Fraction(0)
    if item.source_range is not None:
        start, length = exact_seconds(item.source_range.start_time), exact_seconds(item.source_range.duration)
    elif isinstance(item, otio.core.Composition):
        length = contents_seconds(item)
    speed = Fraction(1)
    keys: tuple[tuple[Fraction, Fraction], ...] = ()
    for effect in item.effects:
        if isinstance(effect, otio.schema.LinearTimeWarp):
            speed *= Fraction(effect.time_scalar).limit_denominator(1_000_000)
        elif TIME_MAP in effect.metadata:
            keys = tuple((Fraction(at), Fraction(shown)) for at, shown in effect.metadata[TIME_MAP])
    if keys:
        return TimeLine(start, Fraction(1), length, keys)
    return TimeLine(start - (speed * length if speed < 0 else 0), speed, length)
