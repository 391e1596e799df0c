# SPDX-License-Identifier: Apache-2.0
"""Which frames of the plate a job looks at, and which of them it writes."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import islice
from math import ceil
from typing import TypeVar

from plosive.media.part import with_handles
from plosive.media.placement import Placement, retime_notes
from plosive.media.plate import PlateInfo
from plosive.media.timecode import FrameRange, parse_frame_range
from plosive.sync_options import SyncOptions

__all__ = ["JobSpan", "job_span", "placement_in"]

_LOOK_AROUND_SECONDS = Fraction(2)
"""Half a second is what tracking needs: landmarks of the first frames of a part then lie as far from those of
the whole plate (0.5 pixels of a face 261 wide) as all others do. The rest is more mouths to choose from.
"""

_T = TypeVar("_T")


@dataclass(frozen=True)
class JobSpan:
    """Frames in the plate's own numbers. `asked` are those of --range with --only-range, `written` they and
    their handles. Of all of the `plate`, `looked` are seen: faces are tracked, and mouths taken, a little
    around what is written. Without --only-range all are the whole plate. `note` is a sentence on handles
    that the plate lacks.
    """

    plate: FrameRange
    looked: FrameRange
    written: FrameRange
    asked: FrameRange
    is_part: bool = False
    note: str = ""

    @property
    def first_index(self) -> int:
        """Where what is written begins in what is looked at."""
        return self.written.first_frame - self.looked.first_frame

    @property
    def end_index(self) -> int:
        """The index after the last that is written."""
        return self.first_index + self.written.duration_frames

    def written_part(self, values: Sequence[_T]) -> Sequence[_T]:
        """Of one value a looked-at frame (held frames may follow) those of what is written."""
        return values[self.first_index : self.end_index if self.is_part else None]

    def written_indices(self, indices: Collection[int]) -> frozenset[int]:
        """Of `indices` of looked-at frames those that are written, counted from the first of these."""
        first, end = self.first_index, self.end_index
        return frozenset(index - first for index in indices if first <= index < end)

    def of(self, frames: Iterator[_T]) -> Iterator[_T]:
        """What is written of `frames`, which begin with the first written one."""
        return islice(frames, self.written.duration_frames) if self.is_part else frames

    def facts(self) -> dict[str, object]:
        """For the record, in the plate's numbers: what OUT holds, and what lists of one value a frame
        begin and end with.
        """
        return {
            "out_range": {
                "first_frame": self.written.first_frame,
                "last_frame_inclusive": self.written.last_frame_inclusive,
                "handles_before": self.asked.first_frame - self.written.first_frame,
                "handles_after": self.written.last_frame_inclusive - self.asked.last_frame_inclusive,
            },
            "looked_range": {
                "first_frame": self.looked.first_frame,
                "last_frame_inclusive": self.looked.last_frame_inclusive,
            },
        }


def job_span(options: SyncOptions, info: PlateInfo) -> JobSpan:
    """The span of a job on the whole plate `info`. Raises RangeError for a range outside it."""
    whole = FrameRange(info.first_frame, info.last_frame_inclusive)
    if not options.only_range or options.frame_range is None:
        return JobSpan(whole, whole, whole, whole)
    asked = parse_frame_range(options.frame_range, info.first_frame, info.last_frame_inclusive)
    written = with_handles(asked, options.handles, info)
    looked = with_handles(written, ceil(_LOOK_AROUND_SECONDS * info.frame_rate), info)
    span = JobSpan(whole, looked, written, asked, True)
    before = asked.first_frame - written.first_frame
    after = written.last_frame_inclusive - asked.last_frame_inclusive
    if min(before, after) < options.handles:
        note = (
            f"The plate has no {options.handles} handles around frames {asked.first_frame}-"
            f"{asked.last_frame_inclusive}: OUT has {before} before and {after} after them."
        )
        return replace(span, note=note)
    return span


def placement_in(placement: Placement, frames: FrameRange, info: PlateInfo) -> Placement:
    """`placement` on a plate, `info`, as it is on `frames` of it alone: times count from the first of them.
    How the dub's length fits the plate's no longer matters, so no notes are left.
    """
    first = frames.first_frame - info.first_frame
    end = first + frames.duration_frames
    if frames.duration_frames == info.frame_count:
        return placement
    offset = placement.frame_starts[first]
    part = replace(
        placement,
        dub_start_seconds=placement.dub_start_seconds - offset,
        frame_starts=tuple(start - offset for start in placement.frame_starts[first:end]),
        dub_centres=placement.dub_centres[first:end],
        notes=(),
        before_seconds=placement.before_seconds + offset,
        shown_seconds=placement.shown_seconds[first:end],
        shown_gaps=placement.shown_gaps[first:end],
    )
    return replace(part, notes=retime_notes(part, frames.first_frame)) if part.is_retimed else part
