# SPDX-License-Identifier: Apache-2.0
"""One shot of an edit: where it stands in the edit, which frames of which media it shows, and when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from plosive.conform.times.retime_map import RetimeMap
from plosive.media.timecode import FrameRange

__all__ = ["Shot", "ShotMedia", "ranged_path"]


def ranged_path(path: Path, frames: FrameRange) -> Path:
    """`name.1001-1039####.exr` of `name.####.exr`."""
    start, mark, end = path.name.partition("#")
    return path.with_name(f"{start}{frames.first_frame}-{frames.last_frame_inclusive}{mark}{end}")


@dataclass(frozen=True)
class ShotMedia:
    """A file or image sequence that an edit refers to.

    `url` is as the edit has it; `path` is where it lies on this machine (a sequence as `name.####.exr`) or
    None while it is offline, and `found` says how it was found: `as written`, `mapped`, `beside the edit`,
    `by name`, `by timecode`; empty while it is offline. `reference_key` is the active key of the clip's
    references. `kind` is `file`, `sequence`, `still`, or on audio tracks `sound`. `rate` is the media's
    frames a second. Frames have the numbers `plosive sync` gives them: of files from 0, of sequences those in
    the files' names; `first_frame` is shown when the media's clock (its timecode, or 0) stands at
    `start_seconds`. `available` are the frames that exist, as the media says when it was looked at
    (`is_probed`), else as the edit says, None where nobody does. `start_timecode` is the media's own, as
    text, where it was found in the files. `file_rate` is what the file itself says of its frames a second,
    which the edit may play otherwise; None for sequences. `aliases` are names it may be found by, too: the
    clip's, the reel's. `frame_step` is how far apart the numbers of the files are that the edit plays.
    `picture` is (width, height, pixel aspect) of its upright pictures, None until it was looked at;
    `is_opaque` says that they surely have no alpha. With `is_part` the files have gaps, and `available` are
    those without one around what is shown.
    """

    name: str
    url: str
    path: Path | None
    found: str
    reference_key: str
    kind: str
    rate: Fraction
    first_frame: int
    start_seconds: Fraction
    available: FrameRange | None
    is_probed: bool = False
    start_timecode: str | None = None
    file_rate: Fraction | None = None
    aliases: tuple[str, ...] = ()
    frame_step: int = 1
    picture: tuple[int, int, Fraction] | None = None
    is_opaque: bool = False
    is_part: bool = False

    @property
    def is_online(self) -> bool:
        return self.path is not None

    @property
    def plate_path(self) -> Path | None:
        """What is to be opened: `path`, with a range of files where it has gaps."""
        if not self.is_part or self.path is None or self.available is None:
            return self.path
        return ranged_path(self.path, self.available)

    def position(self, clock_seconds: Fraction) -> Fraction:
        """Where in the media, in frames by its own numbers, a moment of its clock lies."""
        return self.first_frame + (clock_seconds - self.start_seconds) * self.rate

    def clock_seconds(self, position: Fraction) -> Fraction:
        """The moment of the media's clock at which a frame (or a position within it) is shown."""
        return self.start_seconds + (position - self.first_frame) / self.rate


@dataclass(frozen=True)
class Shot:
    """One use of a piece of media on a video track of an edit.

    `number` counts from 1 through the edit's video clips, in the order they begin, lower tracks first. `name`
    is the clip's own, which need not be the only one of its kind. `otio_path` leads to the clip: which child
    to take at each level, from the timeline's stack of tracks downwards; `track_names` are the tracks (and
    nests) passed on the way. `record` are the frames of the edit in which it stands, counted from the edit's
    first as 0; `record_start_seconds` and `record_end_seconds` the exact moments, counted likewise. `shown`
    is `record` and what a dissolve or wipe at either end adds (`transition_in_frames`,
    `transition_out_frames`). `edit_rate` is the edit's frames a second. `source_start_seconds` and
    `source_end_seconds` are the moments of the media's clock at which the record begins and ends: with speed
    below 0 the end is earlier, with a freeze they are one. `retime` says which media frame each moment of the
    edit shows. `played_frames` spans all media frames shown in `shown`; `source_frames` adds handles. Both
    are clipped to what exists; None where nothing can be shown: no media, no length, or a range wholly
    outside. `handles_before`, `handles_after` are the handles there are room for, in frames of the media
    below and above `played_frames`. `is_enabled` is False for a clip that is switched off itself or lies in
    something that is. `other_references` are the keys of the clip's inactive media. `hidden` says
    which clips over it leave nothing of it to be seen, empty where it is seen or may be. `warnings` are
    sentences for the artist.
    """

    number: int
    name: str
    otio_path: tuple[int, ...]
    track_names: tuple[str, ...]
    media: ShotMedia | None
    edit_rate: Fraction
    record: FrameRange
    record_start_seconds: Fraction
    record_end_seconds: Fraction
    shown: FrameRange
    transition_in_frames: int
    transition_out_frames: int
    source_start_seconds: Fraction
    source_end_seconds: Fraction
    retime: RetimeMap
    played_frames: FrameRange | None
    source_frames: FrameRange | None
    handles_before: int
    handles_after: int
    is_enabled: bool
    other_references: tuple[str, ...] = ()
    hidden: str = ""
    warnings: tuple[str, ...] = ()

    @property
    def is_usable(self) -> bool:
        """Whether there are frames to sync: switched on, online, moving, of some length, in its media."""
        media = self.media
        is_there = media is not None and media.is_online and media.kind != "still"
        return self.is_enabled and is_there and self.source_frames is not None

    @property
    def speed(self) -> Fraction:
        """1 for a clip that plays as it was shot, whatever the rates; 0 for a freeze. With changing speed the
        mean of the record.
        """
        length = self.record_end_seconds - self.record_start_seconds
        if not length:
            return Fraction(1)
        return (self.source_end_seconds - self.source_start_seconds) / length

    @property
    def track_name(self) -> str:
        """The innermost track's."""
        return self.track_names[-1] if self.track_names else ""

    def media_frames(self) -> Iterator[tuple[int, int]]:
        """(frame of the edit, frame of the media) for every frame of `shown`, not clipped to what exists."""
        span = self.shown
        numbers = range(span.first_frame, span.last_frame_inclusive + 1)
        shown = self.retime.frames(span.first_frame, span.last_frame_inclusive)
        return zip(numbers, shown, strict=True)
