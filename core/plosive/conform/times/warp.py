# SPDX-License-Identifier: Apache-2.0
"""What the time effects of an item of an edit do: one speed, or keys."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from plosive.conform.aaf.graph import AvidGraph, avid_graph
from plosive.conform.times.rates import exact_seconds, exact_value, snapped_rate

__all__ = ["LISTED", "TIME_MAP", "Warp", "item_warp"]

TIME_MAP = (
    "plosive_time_map"  # metadata of a time effect: pairs of (seconds of the item, seconds shown) as text
)
LISTED = "plosive_time_map_listed"  # beside it: each pair is what is shown from its moment on, backwards too


@dataclass(frozen=True)
class Warp:
    """`speed` is 1 untouched, 0 for a freeze, below 0 backwards; where it changes, `keys` are (seconds after
    the item's start in its parent, seconds after the start of its source range), rising, and `speed` their
    mean. With `is_listed` each key is what is shown from its moment on, also where the next is lower.
    `unsupported` names effects that are not followed.
    """

    speed: Fraction = Fraction(1)
    keys: tuple[tuple[Fraction, Fraction], ...] = ()
    unsupported: tuple[str, ...] = ()
    is_listed: bool = False


def item_warp(item: Any, length_seconds: Fraction) -> Warp:
    """What the time effects of an item that lasts `length_seconds` in its parent make of its time.

    OpenTimelineIO leaves open what a time warp means. As Resolve, Hiero and the EDL adapter write it, the
    source range starts at the lowest frame shown and lasts as long as the record; `time_scalar` times as much
    media is shown, backwards from the end of that. Hiero's TimeWarps have a list of frames to add at each
    frame; of several the last is uppermost: it says when the ones below are looked at.
    """
    import opentimelineio as otio

    speed = Fraction(1)
    offsets: list[list[Fraction]] = []
    keys: tuple[tuple[Fraction, Fraction], ...] = ()
    unsupported: list[str] = []
    is_listed = False
    for effect in item.effects:
        if isinstance(effect, otio.schema.LinearTimeWarp):
            speed *= Fraction(effect.time_scalar).limit_denominator(1_000_000)
        elif isinstance(effect, otio.schema.TimeEffect):
            lookup = effect.metadata.get("lookup")
            mapped = effect.metadata.get(TIME_MAP)
            if mapped is not None:
                keys = tuple((Fraction(at), Fraction(clock)) for at, clock in mapped)
                is_listed = bool(effect.metadata.get(LISTED))
            elif (graph := _graph(effect, item)) is not None:
                rate = snapped_rate(item.source_range.duration.rate)
                shown = graph.listed(Fraction(0), length_seconds * rate)
                keys, is_listed = tuple((at / rate, frame / rate) for at, frame in shown), True
            elif _is_listed(lookup) and "TimeWarp" in effect.effect_name:
                offsets.append([exact_value(float(value)) for value in lookup])
            else:
                name = effect.name or effect.effect_name or effect.schema_name()
                unsupported.append(f"the time effect '{name}'")
    if offsets and item.source_range is not None:
        rate = snapped_rate(item.source_range.duration.rate)
        keys = _looked_up(_stacked(offsets), speed, (rate, _media_rate(item) or rate), length_seconds)
    if len(keys) > 1:
        (first, begins), (last, ends) = keys[0], keys[-1]
        speed = (ends - begins) / (last - first) if last > first else Fraction(1)
        return Warp(speed, keys, tuple(unsupported), bool(offsets) or is_listed)
    return Warp(speed, (), tuple(unsupported))


def _graph(effect: Any, item: Any) -> AvidGraph | None:
    """Media Composer's, on an item that the AAF adapter made."""
    if item.source_range is None:
        return None
    duration = item.source_range.duration
    return avid_graph(effect, exact_seconds(duration) * snapped_rate(duration.rate))


def _is_listed(lookup: Any) -> bool:
    """Whether a TimeWarp says something for each frame; one that is not animated is a single number."""
    return hasattr(lookup, "__len__") and not isinstance(lookup, str) and len(lookup) > 0


def _media_rate(item: Any) -> Fraction | None:
    """Frames a second of a clip's media, as the edit says it."""
    given = getattr(getattr(item, "media_reference", None), "available_range", None)
    return snapped_rate(given.start_time.rate) if given is not None else None


def _stacked(offsets: list[list[Fraction]]) -> list[Fraction]:
    """What several lists, the uppermost last, add together at each frame."""
    together = []
    for number in range(max(map(len, offsets))):
        frame = Fraction(number)
        for added in reversed(offsets):
            frame += _added_at(added, frame)
        together.append(frame - number)
    return together


def _added_at(added: list[Fraction], frame: Fraction) -> Fraction:
    """Straight between the numbers of a list, the outermost beyond."""
    last = len(added) - 1
    if not 0 < frame < last:
        return added[0] if frame <= 0 else added[last]
    number = frame.__floor__()
    return added[number] + (frame - number) * (added[number + 1] - added[number])


def _looked_up(
    offsets: list[Fraction], speed: Fraction, rates: tuple[Fraction, Fraction], length_seconds: Fraction
) -> tuple[tuple[Fraction, Fraction], ...]:
    """Keys from frames to add at each frame of the record. `rates` are the record's and the media's: Hiero
    counts what is added in frames of the media, whatever its rate. Each key is the frame shown: of a clip
    that goes backwards the one met at the frame's end.
    """
    rate, media_rate = rates
    is_backwards = speed < 0
    start = length_seconds * -speed if is_backwards else Fraction(0)
    keys = [
        (number / rate, start + speed * ((number + is_backwards) / rate + added / media_rate))
        for number, added in enumerate(offsets)
    ]
    if len(keys) == 1:
        keys.append((keys[0][0] + 1 / rate, keys[0][1] + speed / rate))
    return tuple(keys)
