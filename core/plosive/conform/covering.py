# SPDX-License-Identifier: Apache-2.0
"""Which shots nobody sees, for others lie over them on higher tracks."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate
from typing import Any, Generic, TypeVar

from plosive.conform.plainness import is_plain
from plosive.conform.shot import Shot
from plosive.conform.times.rates import exact_seconds, nearest_frame
from plosive.conform.walk import Placed
from plosive.media.timecode import FrameRange

__all__ = ["hidden_shots"]

Laid = tuple[Placed, Shot | None]
Span = tuple[Fraction | int, Fraction | int]
Kind = TypeVar("Kind")


@dataclass(frozen=True)
class _Cover:
    """A clip that hides what lies below it in `frames` of the edit."""

    shot: Shot
    frames: FrameRange
    picture: tuple[int, int, Fraction]


def hidden_shots(laid: Sequence[Laid]) -> dict[int, str]:
    """Numbers of the shots of which no frame is seen, and what hides each, one sentence. `laid` is all that
    stands on the video tracks of an edit, each with its shot if it is one.

    A clip hides only what it surely does: it is switched on, its media is there, has no alpha and the same
    picture size as what lies below, all frames it shows exist, and neither it, nor what holds it, nor what
    lies over it has an effect, transform, opacity or blend that is not known to leave the picture alone.
    Frames under a transition of its own are not hidden, nor is a shot of which one frame is seen.
    """
    holders = {one.path: one.item for one, shot in laid if shot is None}
    changing = _Overlaps([one for one, _ in laid if one.is_enabled and not is_plain(one.item)], _seconds)
    covers = [
        cover
        for one, shot in laid
        if (cover := _cover(one, shot, holders)) is not None
        and not any(_is_above(over.path, one.path, holders) for over in changing.within(*_seconds(one)))
    ]
    by_frames = _Overlaps(covers, _frames)
    found: dict[int, str] = {}
    for one, shot in laid if covers else ():
        if shot is None or shot.media is None or not one.is_enabled or not is_plain(one.item):
            continue
        if not all(is_plain(holder) for holder in _holders(one.path, holders)):
            continue
        over = [
            cover
            for cover in by_frames.within(shot.shown.first_frame, shot.shown.last_frame_inclusive)
            if cover.picture == shot.media.picture
            and _is_above(cover.shot.otio_path, one.path, holders, most_below=2)
        ]
        if over and _are_hiding(shot.shown, over):
            found[shot.number] = _sentence(over)
    return found


class _Overlaps(Generic[Kind]):
    """Things by the stretch of the edit they take."""

    def __init__(self, things: Iterable[Kind], span: Callable[[Kind], Span]) -> None:
        self._things = sorted(((*span(one), one) for one in things), key=lambda entry: entry[:2])
        self._starts = [start for start, _, _ in self._things]
        self._ends = list(accumulate((end for _, end, _ in self._things), max))

    def within(self, start: Fraction | int, end: Fraction | int) -> Iterator[Kind]:
        """Those that reach into a stretch, by their starts."""
        candidates = self._things[bisect_left(self._ends, start) : bisect_right(self._starts, end)]
        return (one for _, its_end, one in candidates if its_end >= start)


def _seconds(one: Placed) -> Span:
    return one.shown_start_seconds, one.shown_end_seconds


def _frames(one: _Cover) -> Span:
    return one.frames.first_frame, one.frames.last_frame_inclusive


def _cover(one: Placed, shot: Shot | None, holders: dict[tuple[int, ...], Any]) -> _Cover | None:
    if shot is None or shot.media is None or not shot.is_usable or not is_plain(one.item):
        return None
    if not shot.media.is_opaque or shot.media.picture is None or one.unsupported:
        return None
    if any(holder.effects or not is_plain(holder) for holder in _holders(one.path, holders)):
        return None
    if not _is_whole(shot):
        return None
    before, after = _under_transitions(one, shot)
    if shot.record.duration_frames <= before + after:
        return None
    frames = FrameRange(shot.record.first_frame + before, shot.record.last_frame_inclusive - after)
    return _Cover(shot, frames, shot.media.picture)


def _is_whole(shot: Shot) -> bool:
    """Whether every frame that a shot's record shows is among those that exist."""
    there = shot.media.available if shot.media is not None else None
    record = shot.record
    if there is None or record.duration_frames <= 0:
        return False
    first, last = shot.retime.swept(record.first_frame, record.last_frame_inclusive)
    return there.first_frame <= first and last <= there.last_frame_inclusive


def _under_transitions(one: Placed, shot: Shot) -> tuple[int, int]:
    """Frames at both ends of the record in which a transition shows something else, too."""
    import opentimelineio as otio

    siblings, index = one.item.parent(), one.path[-1]
    if not isinstance(siblings, otio.schema.Track):
        return 0, 0
    before = siblings[index - 1] if index else None
    after = siblings[index + 1] if index + 1 < len(siblings) else None
    into = before.out_offset if isinstance(before, otio.schema.Transition) else None
    out = after.in_offset if isinstance(after, otio.schema.Transition) else None
    start, end = (
        nearest_frame(exact_seconds(offset), shot.edit_rate) if offset is not None else 0
        for offset in (into, out)
    )
    return max(0, start), max(0, end)


def _holders(path: tuple[int, ...], holders: dict[tuple[int, ...], Any]) -> Iterator[Any]:
    return (holders[path[:depth]] for depth in range(1, len(path)) if path[:depth] in holders)


def _is_above(
    upper: tuple[int, ...],
    lower: tuple[int, ...],
    holders: dict[tuple[int, ...], Any],
    most_below: int | None = None,
) -> bool:
    """Whether one place lies over another: they part in a stack, and there it is the later child.
    `most_below` is how many levels down from that stack it may lie: 2 is a clip of one of its tracks.
    """
    import opentimelineio as otio

    parting = next(
        (depth for depth, (one, other) in enumerate(zip(upper, lower, strict=False)) if one != other), None
    )
    if parting is None or upper[parting] < lower[parting]:
        return False
    if parting and not isinstance(holders.get(upper[:parting]), otio.schema.Stack):
        return False
    return most_below is None or len(upper) - parting <= most_below


def _are_hiding(frames: FrameRange, covers: list[_Cover]) -> bool:
    """Whether no frame is left open."""
    seen = frames.first_frame
    for cover in covers:  # by their first frames
        if cover.frames.first_frame > seen:
            return False
        seen = max(seen, cover.frames.last_frame_inclusive + 1)
    return seen > frames.last_frame_inclusive


def _sentence(covers: list[_Cover]) -> str:
    first, more = covers[0].shot, len(covers) - 1
    others = f" and {more} more clip{'s' if more > 1 else ''}" if more else ""
    hide = "hide" if more else "hides"
    return (
        f"Nobody sees it: '{first.name}' on {first.track_name or 'a higher track'} "
        f"(shot {first.number}){others} {hide} it; to sync it all the same name it with --only."
    )
