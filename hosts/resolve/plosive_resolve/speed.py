# SPDX-License-Identifier: Apache-2.0
"""How fast a clip plays: told by 21.1, worked out before it.

Four numbers tell of it, none for sure: how long a stretch of its media the clip consumes (the seconds between
source start and end: their timecode cancels), how many frames it spans (`GetSourceEndFrame` is the frame
after the last, the last, or up to two before it: public measurements differ), where source start and left
offset are the same place, and how long all of the media would be on the timeline (both offsets and the
clip). Offsets count played frames. Artists type round percentages, so of the speeds that fit the roundest is
meant.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from plosive_resolve.timeline_view import Item

__all__ = ["SpeedReading", "read_speed", "source_offsets", "source_starts"]

_END_SHORT = 2  # frames by which the told end lies before the last one
_END_LONG = 2  # a rounded end, and a start that is one off
_NOISE = Fraction(1, 8)  # frames, of seconds that may be rounded to thousandths
_PERCENT_STEPS = tuple(
    Fraction(step) for step in ("100", "50", "25", "10", "5", "1", "1/2", "1/10", "1/100", "1/1000")
)


@dataclass(frozen=True)
class SpeedReading:
    """`is_exact`: told by Resolve, or all that it tells agrees."""

    speed: Fraction
    is_exact: bool
    notes: tuple[str, ...] = ()


def read_speed(item: Item, media_rate: Fraction, timeline_rate: Fraction) -> SpeedReading:
    """The speed of an item; see `ClipUse.speed`. 1 where nothing tells."""
    start, end = item.source_start, item.source_end
    consumed = _consumed(item, media_rate)
    is_reversed = start is not None and end is not None and end < start
    if consumed is not None:
        is_reversed = consumed < -_NOISE
    sign = -1 if is_reversed else 1
    if item.speed is not None:
        return SpeedReading(sign * abs(item.speed) if is_reversed else item.speed, True)
    if start is None or end is None:
        return SpeedReading(Fraction(1), False)
    rates = media_rate / timeline_rate
    expected = item.place.duration_frames * rates
    is_frozen = start == end and expected > _END_SHORT + 1
    if consumed is not None:
        is_frozen = abs(consumed) <= _NOISE
    if is_frozen:
        return SpeedReading(Fraction(0), True)
    if consumed is not None:
        span = abs(consumed)
        slack = _NOISE if rates == 1 else 1 + rates  # a length is a whole number of the timeline's frames
        low, high, likeliest = (span - slack) / expected, (span + slack) / expected, span / expected
    else:
        span = Fraction(abs(end - start))
        low, high = (span - _END_LONG) / expected, (span + _END_SHORT + 1) / expected
        likeliest = (span + 1) / expected
    told = next((one for one in _told_by_length(item, rates) if low <= one <= high), None)
    is_one = low <= 1 <= high and (consumed is not None or _is_as_shot(item, expected, rates, is_reversed))
    if told in (None, 1) and is_one:
        return SpeedReading(Fraction(sign), True)
    if told is None and not is_reversed:
        told = next((one for one in _told_by_offset(item, rates) if low <= one <= high), None)
    speed = told or _roundest(low, high, likeliest)
    note = (
        f"{item.place.name} plays at {'' if told else 'about '}{float(sign * speed * 100):g} % (worked out "
        "from its lengths; only Resolve 21.1 tells speeds, and one that changes is taken for its mean)."
    )
    return SpeedReading(sign * speed, told is not None, (note,))


def _consumed(item: Item, media_rate: Fraction) -> Fraction | None:
    """Frames of the media from source start to source end by their seconds, below 0 backwards; None where
    Resolve does not tell them, or they are not near the frames it tells.
    """
    start, end = item.source_start_seconds, item.source_end_seconds
    if start is None or end is None or item.source_start is None or item.source_end is None:
        return None
    consumed = (end - start) * media_rate
    off_by = abs(abs(consumed) - abs(item.source_end - item.source_start))
    return consumed if off_by <= 1 + _END_SHORT + _END_LONG + 1 else None


def source_starts(item: Item) -> tuple[Fraction, ...]:
    """The told source start in frames after the media's first one, likeliest first: it counts from where the
    media's properties say, else from 0, from the first file's number or from timecode.
    """
    if item.source_start is None or item.media is None:
        return ()
    media = item.media
    bases = (media.source_base, 0, media.first_number, media.start_timecode_frames or 0)
    return tuple(Fraction(item.source_start - base) for base in dict.fromkeys(bases))


def source_offsets(
    item: Item, speed: Fraction, media_rate: Fraction, timeline_rate: Fraction
) -> tuple[Fraction, ...]:
    """The left offset in frames of the media, at a speed above 0. Of a picture at another rate than the
    timeline's nobody tells in which of the two it counts: both readings.
    """
    if item.left_offset is None:
        return ()
    played = item.left_offset * speed
    return tuple(dict.fromkeys((played * media_rate / timeline_rate, played)))


def _is_as_shot(item: Item, expected: Fraction, rates: Fraction, is_reversed: bool) -> bool:
    """Whether span and offset agree with the clip's own speed. Backwards the offset counts from the media's
    end and bears nothing out.
    """
    assert item.source_start is not None and item.source_end is not None
    rounding = 0 if rates == 1 else 1
    long, short = -rounding, _END_SHORT + rounding
    length = item.source_end - item.source_start
    if is_reversed:
        return long - 1 <= expected - abs(length) <= short
    offsets = source_offsets(item, Fraction(1), rates, Fraction(1))
    if not offsets:
        return long <= expected - length <= short
    for start in source_starts(item):
        for offset in offsets:
            if abs(start - offset) > 1 or (rates == 1 and offset.denominator != 1):
                continue
            if long <= expected - (start + length - offset) <= short:
                return True
    return False


def _told_by_length(item: Item, rates: Fraction) -> Iterator[Fraction]:
    """Round speeds at which the whole media has the length that offsets and clip make together."""
    count = item.media.frame_count if item.media is not None else None
    if count is None or item.left_offset is None or item.right_offset is None:
        return
    offsets = item.left_offset + item.right_offset
    for whole in dict.fromkeys(
        (offsets + item.place.duration_frames, offsets / rates + item.place.duration_frames)
    ):
        yield from _round_percent(100 * count / (whole * rates))


def _told_by_offset(item: Item, rates: Fraction) -> Iterator[Fraction]:
    """Round speeds at which start and left offset are the same place. The start is tried as told first, then
    a frame off.
    """
    if not item.left_offset:
        return
    for wrong in (0, 1, -1):
        for start in source_starts(item):
            for unit in dict.fromkeys((rates, Fraction(1))):
                yield from _round_percent(100 * (start + wrong) / (item.left_offset * unit))


def _round_percent(percent: Fraction) -> Iterator[Fraction]:
    """The speed, if it is a percentage of at most two decimals."""
    near = Fraction(round(percent * 100), 100)
    if 0 < near <= 10_000 and abs(near - percent) < Fraction(1, 100_000):
        yield near / 100


def _roundest(low: Fraction, high: Fraction, likeliest: Fraction) -> Fraction:
    for step in _PERCENT_STEPS:
        first = max(1, int(-(-(low * 100) // step)))
        fitting = [number * step / 100 for number in range(first, int(high * 100 // step) + 1)]
        if fitting:
            return min(fitting, key=lambda one: abs(one - likeliest))
    return likeliest
