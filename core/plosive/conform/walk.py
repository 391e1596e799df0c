# SPDX-License-Identifier: Apache-2.0
"""Walks an OpenTimelineIO timeline: where on it each clip stands, however deeply it is nested.

OpenTimelineIO's own ranges leave time warps out; here every level is an affine map from the edit's time to
its own, and the maps are chained.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil
from typing import Any

from plosive.conform.times.rates import clock_seconds, exact_seconds, snapped_rate
from plosive.conform.times.warp import item_warp
from plosive.errors import RangeError

__all__ = ["Placed", "duration_seconds", "is_item", "placed_items"]

Key = tuple[Fraction, Fraction]

_DEEPEST = 60
_NOTHING = (Fraction(0), Fraction(0))


@dataclass(frozen=True)
class Level:
    """A composition's own time is `at_zero` + `speed` * seconds of the edit, seen between `window_start` and
    `window_end` (seconds of the edit).
    """

    at_zero: Fraction
    speed: Fraction
    window_start: Fraction
    window_end: Fraction

    def local(self, record_seconds: Fraction) -> Fraction:
        return self.at_zero + self.speed * record_seconds

    def record_keys(self, keys: tuple[Key, ...]) -> tuple[Key, ...]:
        """Keys of the composition's own time as keys of the edit's, rising; none while it is frozen."""
        if not self.speed:
            return ()
        return tuple(sorted(((at - self.at_zero) / self.speed, clock) for at, clock in keys))

    def span(self, local_start: Fraction, local_end: Fraction) -> tuple[Fraction, Fraction] | None:
        """When a stretch of the composition is seen, in seconds of the edit; None when it is not."""
        if self.speed == 0:
            inside = local_start <= self.at_zero < local_end
            return (self.window_start, self.window_end) if inside else None
        ends = sorted((moment - self.at_zero) / self.speed for moment in (local_start, local_end))
        start, end = max(ends[0], self.window_start), min(ends[1], self.window_end)
        outside = end < start or (end == start and local_start != local_end)
        return None if outside else (start, end)


@dataclass(frozen=True)
class Placed:
    """An item where the edit has it: seen from `start_seconds` to `end_seconds`, when
    its own clock stands at `at_zero` + `speed` * seconds of the edit (a moving edge: backwards it starts at
    the end of the first frame shown). `shown_start_seconds` and `shown_end_seconds` add what dissolves show
    of it. `keys` are those of its warp, `is_listed` as there.
    """

    item: Any
    path: tuple[int, ...]
    track_names: tuple[str, ...]
    track: Any
    start_seconds: Fraction
    end_seconds: Fraction
    at_zero: Fraction
    speed: Fraction
    shown_start_seconds: Fraction
    shown_end_seconds: Fraction
    is_enabled: bool
    unsupported: tuple[str, ...]
    keys: tuple[Key, ...] = ()
    is_listed: bool = False

    @property
    def is_clip(self) -> bool:
        import opentimelineio as otio

        return isinstance(self.item, otio.schema.Clip)

    @property
    def source_start(self) -> Fraction:
        return self.at_zero + self.speed * self.start_seconds

    @property
    def source_end(self) -> Fraction:
        return self.at_zero + self.speed * self.end_seconds


def duration_seconds(item: Any) -> Fraction:
    """How long an item lasts in its parent: its source range, else all it holds. Time effects change what is
    shown, not for how long. Raises RangeError below 0.
    """
    import opentimelineio as otio

    if item.source_range is not None:
        length = exact_seconds(item.source_range.duration)
    elif isinstance(item, otio.schema.Clip):
        available = available_range(item)
        length = exact_seconds(available.duration) if available is not None else Fraction(0)
    else:
        length = contents_seconds(item)
    if length < 0:
        raise RangeError(
            f"'{item.name or item.schema_name()}' in the edit lasts {float(length):.3f} seconds; nothing "
            "lasts less than 0: mend it in the editing program and write the edit out anew."
        )
    return length


def contents_seconds(item: Any) -> Fraction:
    """How long all lasts that a stack or track holds; 0 for what holds nothing."""
    import opentimelineio as otio

    if isinstance(item, otio.schema.Stack):
        return max((duration_seconds(child) for child in item if is_item(child)), default=Fraction(0))
    if isinstance(item, otio.schema.Track):
        return sum((duration_seconds(child) for child in item if is_item(child)), Fraction(0))
    return Fraction(0)


def available_range(clip: Any) -> Any:
    """The range of a clip's active media as the edit says it, else None."""
    reference = clip.media_reference
    return reference.available_range if reference is not None else None


def is_item(child: Any) -> bool:
    """Whether it takes time on a track: transitions lie across cuts, unknown schemas take none."""
    import opentimelineio as otio

    return isinstance(child, otio.core.Item)


def placed_items(timeline: Any, kind: str) -> Iterator[Placed]:
    """Every item that takes time on tracks of `kind` (`Video`, `Audio`), tracks from the lowest, in time
    order: tracks, compound clips and gaps, too, each before what it holds.
    """
    stack = timeline.tracks
    length = duration_seconds(stack)
    level = Level(_start(stack), Fraction(1), Fraction(0), length)
    base = Placed(
        stack, (), (), None, Fraction(0), length, level.at_zero, level.speed, Fraction(0), length, True, ()
    )  # fmt: skip
    for index, track in enumerate(stack):
        if getattr(track, "kind", kind) == kind and is_item(track):
            yield from _inside(track, replace(base, path=(index,)), level, Fraction(0), kind, _NOTHING)


def _start(item: Any) -> Fraction:
    import opentimelineio as otio

    if isinstance(item, otio.core.Composition) and item.source_range is not None:
        return _by_contents(item)
    available = available_range(item) if isinstance(item, otio.schema.Clip) else None
    if item.source_range is not None:
        rate = available.start_time.rate if available is not None else None
        return clock_seconds(item.source_range.start_time, rate)
    return exact_seconds(available.start_time) if available is not None else Fraction(0)


def _by_contents(item: Any) -> Fraction:
    """Where a compound clip's range starts in what it holds. A range that lies wholly behind that is counted
    by the compound's timecode: whole hours are taken off.
    """
    start = exact_seconds(item.source_range.start_time)
    held = contents_seconds(item)
    rate = snapped_rate(item.source_range.start_time.rate)
    hour = 3600 * ceil(rate) / rate
    return start % hour if start >= held > start % hour else start


def _inside(
    item: Any,
    above: Placed,
    level: Level,
    local_start: Fraction,
    kind: str,
    added: tuple[Fraction, Fraction],
) -> Iterator[Placed]:
    """An item, and all in it, that begins at `local_start` of its parent, whose time is `level`; a dissolve
    shows `added` seconds of it before and after.
    """
    import opentimelineio as otio

    length = duration_seconds(item)
    shown = level.span(local_start - added[0], local_start + length + added[1])
    if shown is None:
        return
    span = level.span(local_start, local_start + length)
    if span is None:  # a compound clip that ends within a dissolve: nothing of the item but what that shows
        is_early = level.speed * (local_start - level.local(shown[0])) > 0
        span = (shown[1], shown[1]) if is_early else (shown[0], shown[0])
    if len(above.path) > _DEEPEST:
        raise RangeError(
            f"The edit nests compound clips more than {_DEEPEST} deep; flatten them in the editing program."
        )
    warp = item_warp(item, length)
    start = _start(item) + (length * -warp.speed if warp.speed < 0 else 0)
    at_zero = start + warp.speed * (level.at_zero - local_start)
    keys = tuple((local_start + at, _start(item) + clock) for at, clock in warp.keys)
    here = replace(
        above,
        item=item,
        start_seconds=span[0],
        end_seconds=span[1],
        shown_start_seconds=shown[0],
        shown_end_seconds=shown[1],
        at_zero=at_zero,
        speed=warp.speed * level.speed,
        is_enabled=above.is_enabled and bool(item.enabled),
        unsupported=above.unsupported + warp.unsupported,
        keys=level.record_keys(keys) if keys else (),
        is_listed=warp.is_listed and level.speed > 0,
    )
    yield here
    if not isinstance(item, otio.core.Composition):
        return
    if warp.keys:
        note = f"the changing speed of '{item.name}' (its mean is taken)"
        here = replace(here, keys=(), unsupported=(*here.unsupported, note))
    below = Level(at_zero, here.speed, *shown)
    is_named = bool(item.name) or isinstance(item, otio.schema.Track)
    names = (*above.track_names, item.name) if is_named else above.track_names
    here = replace(here, track_names=names)
    if isinstance(item, otio.schema.Track):
        yield from _along(item, replace(here, track=item), below, kind)
        return
    for index, child in enumerate(item):
        if is_item(child) and getattr(child, "kind", kind) == kind:
            inner = replace(here, path=(*above.path, index))
            yield from _inside(child, inner, below, Fraction(0), kind, _NOTHING)


def _along(track: Any, here: Placed, level: Level, kind: str) -> Iterator[Placed]:
    """The clips of a track one after the other, and what transitions add to them."""
    import opentimelineio as otio

    position = Fraction(0)
    children = list(track)
    for index, child in enumerate(children):
        if not is_item(child):
            continue
        before = after = Fraction(0)
        if index and isinstance(children[index - 1], otio.schema.Transition):
            before = exact_seconds(children[index - 1].in_offset)
        if index + 1 < len(children) and isinstance(children[index + 1], otio.schema.Transition):
            after = exact_seconds(children[index + 1].out_offset)
        inner = replace(here, path=(*here.path, index))
        yield from _inside(child, inner, level, position, kind, (before, after))
        position += duration_seconds(child)
