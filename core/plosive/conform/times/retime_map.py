# SPDX-License-Identifier: Apache-2.0
"""Which frame of its media a shot shows at which moment of the edit: straight between keys, exact."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import ceil, floor

__all__ = ["RetimeMap"]

Key = tuple[Fraction, Fraction]


@dataclass(frozen=True)
class RetimeMap:
    """`keys` are (seconds of the edit after its first frame, position in the media in frames, by the media's
    own numbers), two or more, rising in the edit. Beyond the outer keys the outermost speed goes on. A frame
    f of the media fills the positions from f to f + 1. `interval_seconds` is how long a frame of the edit
    lasts. With `is_listed` keys say what is on the screen from their moment on, backwards too.
    """

    keys: tuple[Key, ...]
    interval_seconds: Fraction
    is_listed: bool = False

    @staticmethod
    def linear(
        record_seconds: Fraction, position: Fraction, frames_per_second: Fraction, interval_seconds: Fraction
    ) -> RetimeMap:
        """The map of one speed, in frames of the media for each second of the edit; 0 is a freeze."""
        keys = ((record_seconds, position), (record_seconds + 1, position + frames_per_second))
        return RetimeMap(keys, interval_seconds)

    def position(self, record_seconds: Fraction) -> Fraction:
        """Where in the media, in frames, the edit is at a moment."""
        (start, first), (end, last) = self._segment(record_seconds)
        return first + (record_seconds - start) * (last - first) / (end - start)

    def frame(self, record_seconds: Fraction) -> int:
        """What is on the screen in the frame of the edit that begins at a moment: forwards the media frame
        met at its beginning, backwards the one met at its end, so that the same frames are shown both ways,
        unless keys list them.
        """
        (_, first), (_, last) = self._segment(record_seconds)
        is_late = last < first and not self.is_listed
        return floor(self.position(record_seconds + self.interval_seconds * is_late))

    def frames(self, first_frame: int, last_frame_inclusive: int) -> Iterator[int]:
        """What is on the screen in each of these frames of the edit, counted from its first as 0."""
        numbers = range(first_frame, last_frame_inclusive + 1)
        return (self.frame(number * self.interval_seconds) for number in numbers)

    def swept(self, first_frame: int, last_frame_inclusive: int) -> tuple[int, int]:
        """First and last media frame of all that are on the screen in these frames of the edit, or pass
        wholly while they are: where the edit is faster it skips some, and a host may show any of them, or mix
        them.
        """
        start = first_frame * self.interval_seconds
        end = (last_frame_inclusive + 1) * self.interval_seconds
        inner = [position for moment, position in self.keys if start < moment < end]
        positions = [self.position(start), *inner, self.position(end)]
        if self.is_constant:
            shown = [self.frame(start), self.frame(last_frame_inclusive * self.interval_seconds)]
        else:
            shown = list(self.frames(first_frame, last_frame_inclusive))
        return min(ceil(min(positions)), *shown), max(floor(max(positions)) - 1, *shown)

    @property
    def speeds(self) -> tuple[Fraction, ...]:
        """Frames of the media for each second of the edit, between each two keys; below 0 backwards."""
        return tuple((last - first) / (end - start) for (start, first), (end, last) in pairwise(self.keys))

    @property
    def is_constant(self) -> bool:
        """Whether one speed holds throughout."""
        return len(self.keys) == 2 or len(set(self.speeds)) == 1

    @property
    def is_freeze(self) -> bool:
        """Whether one frame is held throughout."""
        return set(self.speeds) == {Fraction(0)}

    @property
    def plate_keys(self) -> tuple[Key, ...] | None:
        """(position in the media, seconds of the edit), rising in the media, as `media.retime.Retime` has its
        keys; None where the media is gone through forwards and backwards, or held throughout.
        """
        speeds = self.speeds
        if min(speeds) >= 0 < max(speeds):
            return tuple((position, moment) for moment, position in self.keys)
        if max(speeds) <= 0 > min(speeds):
            late = self.interval_seconds * self.is_listed  # a frame is left, at its start, after it was shown
            return tuple((position, moment + late) for moment, position in reversed(self.keys))
        return None

    def shifted(self, seconds: Fraction) -> RetimeMap:
        """The same, later in the edit."""
        keys = tuple((moment + seconds, position) for moment, position in self.keys)
        return RetimeMap(keys, self.interval_seconds, self.is_listed)

    def _segment(self, record_seconds: Fraction) -> tuple[Key, Key]:
        after = bisect_right(self.keys, record_seconds, key=lambda key: key[0])
        after = min(max(after, 1), len(self.keys) - 1)
        return self.keys[after - 1], self.keys[after]
