# SPDX-License-Identifier: Apache-2.0
"""AAF: the adapter's timeline as tracks of clips.

The adapter transcribes an AAF as deep as it is nested, and can flatten that itself; but then it counts what
lies before a cut or a transition in frames of the edit where the media runs at another speed, and cuts off
what a sped-up sequence shows. Here each level is a line from its own time to that of what it holds, and lines
are chained.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from plosive.conform.aaf.warp import straightened
from plosive.conform.times.rates import exact_seconds, snapped_rate
from plosive.conform.times.time_line import TimeLine, time_line
from plosive.conform.times.warp import LISTED, TIME_MAP
from plosive.conform.walk import contents_seconds

__all__ = ["NOT_FOLLOWED", "mended"]

NOT_FOLLOWED = "plosive_not_followed"  # metadata of the timeline: what is not followed exactly
_CLASSES = ("", "Sequence", "TimelineMobSlot", "NestedScope", "SourceClip", "OperationGroup", "Selector")
_DEEPEST = 60


def mended(read: Any) -> Any:
    """What the adapter read with nothing simplified, every timeline of it flattened."""
    import opentimelineio as otio

    if isinstance(read, otio.schema.Timeline):
        found = [read]
    else:
        found = list(read.find_children(descended_from_type=otio.schema.Timeline))
    for timeline in found:
        notes: list[str] = []
        tracks = _tracks(timeline.tracks, notes)
        stack = otio.schema.Stack(timeline.tracks.name, children=tracks)
        stack.markers.extend(marker.clone() for marker in timeline.tracks.markers)
        timeline.tracks = stack
        _name(stack)
        if notes:
            timeline.metadata[NOT_FOLLOWED] = list(dict.fromkeys(notes))
    return read


def _tracks(stack: Any, notes: list[str]) -> list[Any]:
    """The tracks of an edit; one that only holds layers is these."""
    import opentimelineio as otio

    tracks: list[Any] = []
    for child in stack:
        rebuilt = _rebuilt(child, notes, 0)
        parts = list(rebuilt) if isinstance(rebuilt, otio.schema.Track) else [rebuilt]
        only = parts[0] if len(parts) == 1 else None
        if isinstance(only, otio.schema.Stack) and not only.effects and time_line(only) == _unmoved(only):
            layers = list(only)
            del only[:]
            for layer in layers:
                layer.enabled = layer.enabled and rebuilt.enabled and only.enabled
            tracks += layers
        elif _is_worth(rebuilt):
            tracks.append(rebuilt)
    return tracks


def _name(stack: Any) -> None:
    """Tracks without names of their own are called as Media Composer calls them."""
    counts: dict[str, int] = {}
    for track in stack:
        counts[track.kind] = counts.get(track.kind, 0) + 1
        if track.name in _CLASSES:
            track.name = f"{'A' if track.kind == 'Audio' else 'V'}{counts[track.kind]}"


def _unmoved(item: Any) -> TimeLine:
    return TimeLine(Fraction(0), Fraction(1), contents_seconds(item))


def _rebuilt(item: Any, notes: list[str], depth: int) -> Any:
    """A copy of an item in which what only wraps other things is gone."""
    import opentimelineio as otio

    if depth > _DEEPEST:
        raise RecursionError
    if not isinstance(item, otio.core.Composition):
        return item.clone()
    made = item.clone()
    del made[:]
    note = straightened(made)
    if note:
        notes.append(note)
    is_track = isinstance(made, otio.schema.Track)
    for child in item:
        inner = _rebuilt(child, notes, depth + 1)
        if is_track:
            made.extend(_in_track(inner))
        elif _is_worth(inner):
            made.append(_as_track(inner))
    if not is_track:
        _name(made)
    elif made.name in _CLASSES:
        made.name = ""
    return made


def _as_track(item: Any) -> Any:
    import opentimelineio as otio

    if isinstance(item, otio.schema.Track):
        return item
    kind = item.metadata.get("AAF", {}).get("MediaKind", "Picture")
    named = otio.schema.TrackKind.Audio if str(kind).startswith("Sound") else otio.schema.TrackKind.Video
    return otio.schema.Track(item.name, children=[item], kind=named)


def _is_worth(item: Any) -> bool:
    """Whether there is more in it than gaps."""
    import opentimelineio as otio

    if isinstance(item, otio.schema.Gap):
        return bool(item.effects or item.markers)
    if isinstance(item, otio.core.Composition):
        return bool(item.effects or item.markers) or any(_is_worth(child) for child in item)
    return True


def _in_track(item: Any) -> list[Any]:
    """What stands in a track in the place of an item: the one clip in it, the clips in it, or itself."""
    import opentimelineio as otio

    if not isinstance(item, otio.core.Composition):
        return [item]
    while len(item) == 1 and isinstance(item[0], otio.core.Item):
        merged = _merged(item, _single(item[0]))
        if merged is None:
            break
        if not isinstance(merged, otio.core.Composition):
            return [merged]
        item = merged
    if isinstance(item, otio.schema.Track):
        spliced = _spliced(item)
        if spliced is not None:
            return spliced
        kept = item.source_range
        item.source_range = None
        effects, markers = list(item.effects), list(item.markers)
        del item.effects[:], item.markers[:]
        wrapped = otio.schema.Stack(item.name, [item], kept, markers, effects)
        _name(wrapped)
        return [wrapped]
    return [item]


def _single(item: Any) -> Any:
    """The clip or gap that is all an item holds, else the item."""
    import opentimelineio as otio

    if isinstance(item, otio.core.Composition) and len(item) == 1:
        parts = _in_track(item.clone())
        if len(parts) == 1 and not isinstance(parts[0], otio.core.Composition):
            return parts[0]
    return item


def _merged(outer: Any, inner: Any) -> Any:
    """The inner item with the outer's range, effects and markers; None where that cannot be said."""
    import opentimelineio as otio

    if isinstance(inner, otio.schema.Gap):
        if outer.effects or inner.effects:
            return None
        length = otio.opentime.RationalTime(0, outer.duration().rate), outer.duration()
        gap = otio.schema.Gap(source_range=otio.opentime.TimeRange(*length))
        gap.markers.extend(marker.clone() for marker in (*inner.markers, *outer.markers))
        return gap
    own, held = time_line(outer), time_line(inner)
    line = own.of(held)
    if line is None or (line.keys and isinstance(inner, otio.core.Composition)):
        return None
    made = inner.clone()
    _settime_line(made, line, outer)
    made.enabled = inner.enabled and outer.enabled
    for marker in outer.markers:
        moved = marker.clone()
        at = held.begins + held.speed * exact_seconds(marker.marked_range.start_time)
        moved.marked_range = otio.opentime.TimeRange(_time(at, made), marker.marked_range.duration)
        made.markers.append(moved)
    return made


def _settime_line(made: Any, line: TimeLine, outer: Any) -> None:
    """Range and effects of an item that shows `line`, in the place of `outer`."""
    import opentimelineio as otio

    of_time = [
        one for item in (made, outer) for one in item.effects if isinstance(one, otio.schema.TimeEffect)
    ]
    others = [
        one.clone()
        for item in (made, outer)
        for one in item.effects
        if not isinstance(one, otio.schema.TimeEffect)
    ]
    told = of_time[-1] if of_time else None
    name, metadata = (told.name, dict(told.metadata)) if told is not None else ("", {})
    metadata.pop(TIME_MAP, None)
    effects = others
    if line.keys:
        metadata |= {TIME_MAP: [(str(at), str(shown)) for at, shown in line.keys], LISTED: True}
        effects = [*others, otio.schema.TimeEffect(name, effect_name="TimeMap", metadata=metadata)]
    elif line.speed == 0:
        effects = [*others, otio.schema.FreezeFrame(name, metadata=metadata)]
    elif line.speed != 1:
        warp = otio.schema.LinearTimeWarp(name, time_scalar=float(line.speed), metadata=metadata)
        effects = [*others, warp]
    duration = outer.source_range.duration if outer.source_range is not None else outer.duration()
    del made.effects[:]
    made.effects.extend(effects)
    made.source_range = otio.opentime.TimeRange(_time(line.lowest, made, duration.rate), duration)


def _time(seconds: Fraction, item: Any, rate: float | None = None) -> Any:
    """Seconds of an item's own clock; where `rate` is not its media's, converted with the rates as they are
    written, as `rates.clock_seconds` takes it back.
    """
    import opentimelineio as otio

    own = item.source_range.start_time.rate if item.source_range is not None else rate or 1
    value = float(seconds * snapped_rate(own))
    return otio.opentime.RationalTime(value * ((rate or own) / own), rate or own)


def _spliced(track: Any) -> list[Any] | None:
    """A track's items cut to its range, to stand in the track around it; None where it does more."""
    import opentimelineio as otio

    line = time_line(track)
    simple = (otio.schema.Clip, otio.schema.Gap)
    if track.effects or track.markers or not track.enabled:
        return None
    if not all(isinstance(child, simple) and not time_line(child).keys for child in track):
        return _released(track) if track.source_range is None else None
    parts, at, end = [], Fraction(0), line.begins + line.length
    for child in _released(track):
        own = time_line(child)
        first, last = max(line.begins - at, Fraction(0)), min(end - at, own.length)
        at += own.length
        if last <= first:
            continue
        if first or last != own.length:
            cut = TimeLine(own.begins + own.speed * first, own.speed, last - first)
            rate = child.source_range.duration.rate
            length = otio.opentime.RationalTime(float((last - first) * snapped_rate(rate)), rate)
            child.source_range = otio.opentime.TimeRange(_time(cut.lowest, child), length)
        parts.append(child)
    if at < end:
        rate = float(track.duration().rate)
        rest = otio.opentime.RationalTime(float((end - at) * snapped_rate(rate)), rate)
        zero = otio.opentime.RationalTime(0, rate)
        parts.append(otio.schema.Gap(source_range=otio.opentime.TimeRange(zero, rest)))
    return parts


def _released(track: Any) -> list[Any]:
    children = list(track)
    del track[:]
    return children
