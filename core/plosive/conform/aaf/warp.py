# SPDX-License-Identifier: Apache-2.0
"""Motion effects in an AAF, in the terms of the other formats."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from plosive.conform.aaf.graph import avid_graph
from plosive.conform.times.rates import exact_seconds, snapped_rate
from plosive.conform.times.warp import LISTED, TIME_MAP

__all__ = ["straightened"]

_FOLLOWED = ("Linear", "Cubic", "")


def straightened(holder: Any) -> str:
    """Puts a motion effect that the AAF adapter laid on a stack into the terms of the rest: the source range
    begins at the lowest frame shown and lasts as long as the effect is seen. A transition before it made the
    adapter begin later by the effect's own frames, not by those shown. Returns what is not followed exactly,
    or an empty text.
    """
    import opentimelineio as otio

    effects = [effect for effect in holder.effects if isinstance(effect, otio.schema.TimeEffect)]
    if len(effects) != 1 or holder.source_range is None:
        return ""
    (effect,) = effects
    rate = snapped_rate(holder.source_range.duration.rate)
    begins = exact_seconds(holder.source_range.start_time) * rate
    seen = exact_seconds(holder.source_range.duration) * rate
    length = Fraction(effect.metadata.get("AAF", {}).get("Length") or seen)
    graph = avid_graph(effect, length)
    if graph is None:
        if isinstance(effect, otio.schema.LinearTimeWarp):
            speed = _speed(effect)
            lowest = begins * speed if speed >= 0 else -speed * (length - begins - seen)
            _begin(holder, lowest)
        return ""
    if graph.is_straight():
        (start, first), (end, last) = graph.points[0], graph.points[-1]
        speed = ((last - first) / (end - start)).limit_denominator(1_000_000)
        shown = graph.shown(begins)
        _begin(holder, shown if speed >= 0 else shown - speed + speed * seen)
        _swap(holder, effect, speed)
        return ""
    _begin(holder, Fraction(0))
    said = [(str(at / rate), str(value / rate)) for at, value in graph.listed(begins, seen)]
    metadata = {**dict(effect.metadata), TIME_MAP: said, LISTED: True}
    place = list(holder.effects).index(effect)
    holder.effects[place] = otio.schema.TimeEffect(effect.name, effect_name="TimeMap", metadata=metadata)
    if graph.curve not in _FOLLOWED:
        return f"the curve of '{effect.name}' on '{holder.name}' (straight between its keys)"
    return ""


def _begin(holder: Any, frames: Fraction) -> None:
    import opentimelineio as otio

    duration = holder.source_range.duration
    start = otio.opentime.RationalTime(float(frames), duration.rate)
    holder.source_range = otio.opentime.TimeRange(start, duration)


def _speed(effect: Any) -> Fraction:
    return Fraction(effect.time_scalar).limit_denominator(1_000_000)


def _swap(holder: Any, effect: Any, speed: Fraction) -> None:
    """One speed in the place of an effect; none where it changes nothing."""
    import opentimelineio as otio

    place = list(holder.effects).index(effect)
    metadata = dict(effect.metadata)
    if speed == 1:
        del holder.effects[place]
    elif speed == 0:
        holder.effects[place] = otio.schema.FreezeFrame(effect.name, metadata=metadata)
    else:
        warp = otio.schema.LinearTimeWarp(effect.name, time_scalar=float(speed), metadata=metadata)
        holder.effects[place] = warp
