# SPDX-License-Identifier: Apache-2.0
"""A clip that plays at another speed on the timeline than in its file: which moment of the timeline shows
which moment of the plate.

A map from seconds of the plate to seconds of the timeline, straight between keys, in exact fractions. Speed 2
shows the plate twice as fast; below 0 it plays backwards.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import ceil

from plosive.errors import OptionError
from plosive.keyed import plate_frame
from plosive.media.plate import PlateInfo

__all__ = ["Retime", "RetimeWish", "parse_retime"]

_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:/\d+)?")
_SLOWEST, _FASTEST = Fraction(1, 100), Fraction(100)
_MOST_KEYS = 1000
_MOST_DIGITS = 40


@dataclass(frozen=True)
class Retime:
    """`keys` are (seconds of the plate after its first frame, seconds of the timeline), in rising order of
    the plate; two or more, at least two of them apart. Keys at one moment of the plate hold it: what comes
    before it takes the first of them, the moment itself and what comes after it the last. Beyond the outer
    keys the speed there goes on. `timeline_interval` is how long a frame of the timeline lasts, in seconds.
    """

    keys: tuple[tuple[Fraction, Fraction], ...]
    timeline_interval: Fraction

    def timeline_seconds(self, plate_seconds: Fraction, is_end: bool = False) -> Fraction:
        """When a moment of the plate is shown; with `is_end` when what comes before it ends."""
        segments = self._segments
        chosen = segments[0]
        for segment in segments:
            if segment[0][0] > plate_seconds or (is_end and segment[0][0] == plate_seconds):
                break
            chosen = segment
        (start, shown), (end, last) = chosen
        return shown + (plate_seconds - start) * (last - shown) / (end - start)

    def plate_moments(self, timeline_seconds: Fraction) -> tuple[Fraction, ...]:
        """Every moment of the plate that is shown then, rising; nothing for a timeline moment never reached
        and for stretches that are passed at once.
        """
        found: set[Fraction] = set()
        segments = self._segments
        for number, ((start, shown), (end, last)) in enumerate(segments):
            if shown == last:
                continue
            at = start + (timeline_seconds - shown) * (end - start) / (last - shown)
            is_after = at >= start or number == 0
            is_before = at <= end or number == len(segments) - 1
            if is_after and is_before:
                found.add(at)
        for plate, shown, until in self.holds:
            if min(shown, until) <= timeline_seconds <= max(shown, until):
                found.add(plate)
        return tuple(sorted(found))

    @property
    def holds(self) -> tuple[tuple[Fraction, Fraction, Fraction], ...]:
        """(moment of the plate, first and last moment of the timeline) of everything held."""
        ends: dict[Fraction, list[Fraction]] = {}
        for plate, shown in self.keys:
            ends.setdefault(plate, []).append(shown)
        return tuple((plate, all_[0], all_[-1]) for plate, all_ in ends.items() if all_[0] != all_[-1])

    def shown(self, start: Fraction, end: Fraction) -> tuple[Fraction, Fraction]:
        """(when its centre is shown, for how long it is shown) of a frame from `start` to `end` of the plate,
        in seconds; a hold of its first moment counts.
        """
        centre = self.timeline_seconds((start + end) / 2)
        length = abs(self.timeline_seconds(end, is_end=True) - self.timeline_seconds(start))
        inner = [plate for plate, _ in self.keys if start < plate < end]
        if inner:  # it may turn back inside
            bounds = [start, *sorted(set(inner)), end]
            length = sum(
                (
                    abs(self.timeline_seconds(b, is_end=True) - self.timeline_seconds(a))
                    for a, b in pairwise(bounds)
                ),
                Fraction(0),
            )
        held = sum((abs(last - first) for at, first, last in self.holds if start <= at < end), Fraction(0))
        return centre, length + held

    def shown_gaps(self, frame_bounds: Sequence[Fraction]) -> tuple[Fraction, ...]:
        """For each frame between neighbours of `frame_bounds` (seconds of the plate, T + 1) the longest time,
        in seconds of the timeline, from the centre of a frame that is shown there to that of the next one.

        Where frames take h seconds and one is shown every I, these lie at most h * ceil(I / h) apart; where
        lengths change, at most I and half of both frames' lengths.
        """
        interval = self.timeline_interval
        lengths = [self._length(*bounds) for bounds in pairwise(frame_bounds)]
        gaps: list[Fraction] = []
        for number, length in enumerate(lengths):
            if not length:
                gaps.append(interval)
                continue
            reach = ceil(interval / length) + 1
            near = lengths[max(0, number - reach) : number + reach + 1]
            passed = [one for one in near if one < interval]
            if min(near) == max(near):
                gaps.append(length * max(1, ceil(interval / length)))
            else:
                across = interval + (max(passed) + max(near)) / 2 if passed else interval
                gaps.append(max(across, *near))
        return tuple(gaps)

    def _length(self, start: Fraction, end: Fraction) -> Fraction:
        """How long the timeline takes for a stretch of the plate, holds apart; where the speed changes
        within, as if the slower half were all of it.
        """
        middle = (start + end) / 2
        first = abs(self.timeline_seconds(middle, is_end=True) - self.timeline_seconds(start))
        last = abs(self.timeline_seconds(end, is_end=True) - self.timeline_seconds(middle))
        return 2 * max(first, last)

    @property
    def _segments(self) -> list[tuple[tuple[Fraction, Fraction], tuple[Fraction, Fraction]]]:
        return [(one, other) for one, other in pairwise(self.keys) if one[0] < other[0]]


@dataclass(frozen=True)
class RetimeWish:
    """What an artist says of a clip's speed: one `speed`, or `keys` of (frame or timecode as typed, seconds
    of the timeline). `timeline_rate` is the frame rate of the timeline, None for the plate's own.
    """

    speed: Fraction | None
    keys: tuple[tuple[Fraction | str, Fraction], ...] = ()
    timeline_rate: Fraction | None = None

    def placed(
        self, info: PlateInfo, frame_times: Sequence[Fraction], start_seconds: Fraction | None = None
    ) -> Retime:
        """The map for a plate whose frames start at `frame_times` (seconds). With one speed, second 0 of the
        timeline is `start_seconds` of the plate, where it is None its first frame, or played backwards the
        end of its last; keys say their own seconds. Raises OptionError for keys that are none.
        """
        interval = 1 / (self.timeline_rate or info.frame_rate)
        end = frame_times[-1] + 1 / info.frame_rate
        if self.speed is not None:
            if start_seconds is None:
                start_seconds = Fraction(0) if self.speed > 0 else end
            zero, one = (start_seconds, Fraction(0)), (start_seconds + self.speed, Fraction(1))
            return Retime((min(zero, one), max(zero, one)), interval)
        places = [(self._seconds(position, info, frame_times), shown) for position, shown in self.keys]
        if any(later[0] < earlier[0] for earlier, later in pairwise(places)):
            raise OptionError("--retime has keys that run backwards in the plate; name them in its order.")
        if places[0][0] == places[-1][0]:
            if places[0][1] != places[-1][1]:
                raise OptionError("--retime holds one frame for all its time: there is no mouth to move.")
            places.append((places[-1][0] + 1, places[-1][1] + 1))
        if all(shown == places[0][1] for _, shown in places):
            raise OptionError("--retime shows all of the plate at one moment; give other seconds.")
        return Retime(tuple(places), interval)

    @staticmethod
    def _seconds(position: Fraction | str, info: PlateInfo, frame_times: Sequence[Fraction]) -> Fraction:
        """When a frame number, whole or not, begins in the plate; beyond its ends at its own rate."""
        index = plate_frame(position, "retime", info) - info.first_frame
        last = len(frame_times) - 1
        whole = min(max(0, index.numerator // index.denominator), last)
        next_start = frame_times[whole + 1] if whole < last else frame_times[last] + 1 / info.frame_rate
        step = next_start - frame_times[whole] if 0 <= index < last + 1 else 1 / info.frame_rate
        return frame_times[whole] + (index - whole) * step


def parse_retime(text: str) -> RetimeWish:
    """`2`, `0.5`, `-1`, `50%`, `24000/25025`, or keys `1001=0, 1100=4.125` (plate frame or timecode = seconds
    of the timeline), each with `@25` behind it for a timeline of another frame rate than the plate's. Raises
    OptionError.
    """
    body, mark, rate_text = text.partition("@")
    rate = None
    if mark:
        rate = _number(rate_text, text)
        if not 1 <= rate <= 1000:
            raise OptionError(f"--retime {text}: a timeline has 1 to 1000 frames a second.")
    if "=" not in body:
        is_percent = body.strip().endswith("%")
        speed = _number(body.strip().removesuffix("%"), text) / (100 if is_percent else 1)
        if speed == 0:
            raise OptionError(
                "--retime 0 is a freeze frame: one picture for all the time has no mouth to move."
            )
        if not _SLOWEST <= abs(speed) <= _FASTEST:
            raise OptionError(f"--retime {text}: a speed lies between 1 and 10000 per cent, either way.")
        return RetimeWish(speed, (), rate)
    keys: list[tuple[Fraction | str, Fraction]] = []
    for part in body.split(","):
        position, mark, seconds = part.partition("=")
        if not mark:
            raise OptionError(f"--retime: '{part.strip()}' is no key; write FRAME=SECONDS, such as 1001=0.")
        place = position.strip()
        keys.append((place if ":" in place else _number(place, text), _number(seconds, text)))
    if len(keys) > _MOST_KEYS:
        raise OptionError(f"--retime has {len(keys)} keys; at most {_MOST_KEYS} are taken.")
    return RetimeWish(None, tuple(keys), rate)


def _number(text: str, whole: str) -> Fraction:
    plain = text.strip()
    if not _NUMBER.fullmatch(plain) or len(plain) > _MOST_DIGITS:
        raise OptionError(
            f"--retime {whole}: '{plain}' is no number; write a speed such as 2, 0.5, -1 or 50%, or keys "
            "such as 1001=0, 1100=4.125."
        )
    top, _, bottom = plain.partition("/")
    if bottom and not int(bottom):
        raise OptionError(f"--retime {whole}: '{plain}' divides by zero.")
    return Fraction(top) / int(bottom or 1)
