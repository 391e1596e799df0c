# SPDX-License-Identifier: Apache-2.0
"""How fast a clip plays: told by 21.1, worked out from lengths before it.

A clip at its own speed spans as many frames of its media as it lasts, give or take what `GetSourceEndFrame`
is off (it is the last frame, or up to two before it; three public measurements). Any other span is a retime.
Of all speeds that agree with the span and with the left offset, the roundest percentage is meant: artists
type those.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from plosive_resolve.timeline_view import Item

__all__ = ["SpeedReading", "read_speed"]

_END_SHORT = 2  # frames by which the told end lies before the frame after the last, beyond rounding
_PERCENT_STEPS = (Fraction(100), Fraction(50), Fraction(25), Fraction(10), Fraction(5), Fraction(1))
_FINE_STEPS = (Fraction(1, 2), Fraction(1, 10), Fraction(1, 100), Fraction(1, 1000))


@dataclass(frozen=True)
class SpeedReading:
    """`is_exact`: told by Resolve or beyond doubt."""

    speed: Fraction
    is_exact: bool
    notes: tuple[str, ...] = ()


def read_speed(item: Item, media_rate: Fraction, timeline_rate: Fraction) -> SpeedReading:
    """The speed of an item with a source start; see `ClipUse.speed`."""
    start, end = item.source_start, item.source_end
    is_reversed = start is not None and end is not None and end < start
    if item.speed is not None:
        speed = -abs(item.speed) if is_reversed else item.speed
        return SpeedReading(speed, True)
    if start is None or end is None:
        return SpeedReading(Fraction(1), False)
    expected = item.place.duration_frames * media_rate / timeline_rate
    if start == end and expected > _END_SHORT + 1:
        return SpeedReading(Fraction(0), True)
    span = Fraction(abs(end - start))
    rounding = 0 if media_rate == timeline_rate else 1
    short = expected - span  # 0 where the end is the frame after the last, 1 the last, 2 and 3 seen before it
    is_as_long = -rounding <= short <= _END_SHORT + rounding
    if not is_reversed and is_as_long and _offset_agrees(item, Fraction(1), media_rate, timeline_rate):
        return SpeedReading(Fraction(1), True)
    if is_reversed and is_as_long:
        return SpeedReading(Fraction(-1), True)
    speed = _roundest(item, span, expected, media_rate, timeline_rate, is_reversed)
    percent = float(speed * 100)
    note = (
        f"{item.place.name} plays at about {percent:g} % (worked out from its lengths; only Resolve 21.1 "
        "tells speeds, and a speed that changes is taken for its mean)."
    )
    return SpeedReading(-speed if is_reversed else speed, False, (note,))


def _offset_agrees(item: Item, speed: Fraction, media_rate: Fraction, timeline_rate: Fraction) -> bool:
    """Whether the left offset at this speed is where the source start is, give or take a frame."""
    assert item.source_start is not None
    if item.left_offset is None or item.media is None:
        return True
    offset = item.left_offset * speed * media_rate / timeline_rate
    media = item.media
    bases = {0, media.first_number, media.start_timecode_frames or 0}
    return any(abs(item.source_start - base - offset) <= 1 for base in bases)


def _roundest(
    item: Item,
    span: Fraction,
    expected: Fraction,
    media_rate: Fraction,
    timeline_rate: Fraction,
    is_reversed: bool,
) -> Fraction:
    """Above 0: the roundest that fits, else the span and its last frame over the length."""
    low, high = span / expected, (span + _END_SHORT + 1) / expected
    middle = (span + 1) / expected
    for step in (*_PERCENT_STEPS, *_FINE_STEPS):
        first = -(-(low * 100) // step)
        fitting = [
            number * step / 100 for number in range(int(first), int(high * 100 // step) + 1) if number > 0
        ]
        if not is_reversed:
            fitting = [one for one in fitting if _offset_agrees(item, one, media_rate, timeline_rate)]
        if fitting:
            return min(fitting, key=lambda one: abs(one - middle))
    return middle
