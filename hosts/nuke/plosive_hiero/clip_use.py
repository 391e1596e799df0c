# SPDX-License-Identifier: Apache-2.0
"""Which frames of its media a clip on the timeline, or in a bin, plays, and when.

Known of Hiero's times: those of a TrackItem count from 0 at the first frame of its Clip, and
`Clip.sourceIn()` is the number that frame has in the media: the file number in a sequence, from 0 in a movie
(Foundry's own exporters add the two: FnFrameExporter, FnNukeHelpers; MediaFileInfo.startFrame). `timelineOut`
and `sourceOut` are included; played backwards `sourceIn` is the higher one. Times of a Sequence count from 0
whatever its start timecode. `mapTimelineToSource` is what the program itself says is played, so frames are
asked there and not worked out; how it rounds between two frames nobody tells, so both are counted in.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

__all__ = ["ClipUse", "Media"]


@dataclass(frozen=True)
class Media:
    """A picture file, or the pattern of a sequence. Frames `first_number` to `last_number_inclusive` are as
    the daemon takes them: from 0 in a movie, file numbers in a sequence. `rate` is the file's own frame rate,
    None: it does not tell.
    """

    path: str
    is_sequence: bool
    first_number: int
    last_number_inclusive: int
    rate: Fraction | None
    colorspace: str = ""


@dataclass(frozen=True)
class ClipUse:
    """`timeline_first` to `timeline_last_inclusive` are shown, overhangs of dissolves counted in; the clip
    itself is on `timeline_in` to `timeline_out_inclusive`. At `timeline_in` it shows the frame `position` of
    its media (a number as Media has it, perhaps between two), and `speed` frames more at each one of the
    timeline, below 0 backwards. A clip of a bin has its own rate as `timeline_rate`.
    """

    name: str
    media: Media
    timeline_rate: Fraction
    timeline_in: int
    timeline_out_inclusive: int
    timeline_first: int
    timeline_last_inclusive: int
    position: Fraction
    speed: Fraction

    @property
    def shown_numbers(self) -> tuple[int, int]:
        """First and last (inclusive) frame of the media that the clip may show."""
        ends = [self.position_at(self.timeline_first), self.position_at(self.timeline_last_inclusive)]
        low, high = self.media.first_number, self.media.last_number_inclusive
        return min(max(floor(min(ends)), low), high), min(max(ceil(max(ends)), low), high)

    def with_handles(self, handle_frames: int) -> tuple[int, int]:
        """First and last frame (inclusive) of a result with handles, which end where the media ends."""
        first, last = self.shown_numbers
        return (
            max(self.media.first_number, first - handle_frames),
            min(self.media.last_number_inclusive, last + handle_frames),
        )

    def position_at(self, timeline_frame: int) -> Fraction:
        """The media's frame at a frame of the timeline."""
        return self.position + (timeline_frame - self.timeline_in) * self.speed

    @property
    def has_other_time(self) -> bool:
        """Whether the timeline shows its frames at other moments than its file has them: it is retimed, or of
        another rate, which Hiero plays frame for frame. The rate of a sequence is ours to tell.
        """
        if self.media.is_sequence:
            return self.speed != 1
        return self.speed != 1 or self.media.rate != self.timeline_rate

    def moment_seconds(self, number: Fraction) -> Fraction:
        """When, in seconds after the timeline's frame 0, the beginning of the media's frame `number` is
        passed, if the clip went on at this speed. Played backwards a frame is passed from its end, which is
        the beginning of the next one.
        """
        if self.speed > 0:
            after = (number - self.position) / self.speed
        else:
            after = (self.position + 1 - number) / -self.speed
        return (self.timeline_in + after) / self.timeline_rate

    @property
    def start_seconds(self) -> Fraction:
        """When the clip begins on the timeline, after its frame 0."""
        return Fraction(self.timeline_in) / self.timeline_rate

    @property
    def end_seconds(self) -> Fraction:
        return Fraction(self.timeline_out_inclusive + 1) / self.timeline_rate
