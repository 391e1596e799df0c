# SPDX-License-Identifier: Apache-2.0
"""Which frame of its media a shot shows at which moment of the edit: straight between keys, exact."""

from __future__ import annotations

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
    f of the media fills the positions from f to f + 1.
    """

    keys: tuple[Key, ...]

    @staticmethod
    def linear(record_seconds: Fraction, position: Fraction, frames_per_second: Fraction) -> RetimeMap:
        """The map of one speed, in frames of the media for each second of the edit; 0 is a freeze."""
        return RetimeMap(
            ((record_seconds, position), (record_seconds + 1, position + frames_per_second)),
        )

    def position(self, record_seconds: Fraction) -> Fraction:
        """Where in the media, in frames, the edit is at a moment."""
        (start, first), (end, last) = self._segment(record_seconds)
        return first + (record_seconds - start) * (last - first) / (end - start)

    def frame(self, record_seconds: Fraction) -> int:
        """The frame on the screen at a moment. Played backwards, a frame is entered at its end: the same
        frames are shown as forwards, in the other order.
        """
        (start, first), (end, last) = self._segment(record_seconds)
        position = first + (record_seconds - start) * (last - first) / (end - start)
        return ceil(position) - 1 if last < first else floor(position)

    def swept(self, start_seconds: Fraction, end_seconds: Fraction) -> tuple[int, int]:
        """First and last frame of the media that pass between two moments of the edit, the second not
        counted: also those that a faster edit skips, for a host may show any of them, or mix them.
        """
        inner = [position for moment, position in self.keys if start_seconds < moment < end_seconds]
        positions = [self.position(start_seconds), *inner, self.position(end_seconds)]
        low, high = min(positions), max(positions)
        first = floor(low)
        return first, max(first, ceil(high) - 1)

    def frames(self, first_frame: int, last_frame_inclusive: int, rate: Fraction) -> Iterator[int]:
        """What is on the screen in each of these frames of the edit, which has `rate` frames a second."""
        return (
            self.frame(Fraction(number) / rate) for number in range(first_frame, last_frame_inclusive + 1)
        )

    @property
    def speeds(self) -> tuple[Fraction, ...]:
        """Frames of the media for each second of the edit, between each two keys; below 0 backwards."""
        return tuple((last - first) / (end - start) for (start, first), (end, last) in pairwise(self.keys))

    @property
    def is_constant(self) -> bool:
        """Whether one speed holds throughout."""
        return len(set(self.speeds)) == 1

    @property
    def is_freeze(self) -> bool:
        """Whether one frame is held throughout."""
        return set(self.speeds) == {0}

    def shifted(self, seconds: Fraction) -> RetimeMap:
        """The same, later in the edit."""
        return RetimeMap(tuple((moment + seconds, position) for moment, position in self.keys))

    def _segment(self, record_seconds: Fraction) -> tuple[Key, Key]:
        chosen = (self.keys[0], self.keys[1])
        for pair in pairwise(self.keys):
            if pair[0][0] > record_seconds:
                break
            chosen = pair
        return chosen
