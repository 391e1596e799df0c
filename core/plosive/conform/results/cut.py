# SPDX-License-Identifier: Apache-2.0
"""An edit laid flat, as exchange formats can say it: tracks of pieces of media, dissolves between them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import floor

from plosive.conform.times.retime_map import RetimeMap
from plosive.media.timecode import FrameRange, Timecode

__all__ = ["Cut", "CutMedia", "CutTrack", "Dissolve", "Mark", "Piece", "Sound"]


@dataclass(frozen=True)
class CutMedia:
    """A file, or an image sequence whose first file has the number `first_number` (None for files).

    `path` is where it lies, as text, a sequence as `name.####.exr`; for media that is offline as the edit had
    it. `start_frame` is the number that its timecode gives its first frame, 0 without timecode. `frames` is
    how many there are, where that is known. `reel` is what an edit list calls it.
    """

    name: str
    path: str
    first_number: int | None
    rate: Fraction
    start_frame: int
    is_drop_frame: bool
    frames: int | None
    reel: str

    @property
    def identity(self) -> tuple[str, Fraction, int, int | None]:
        """What tells it from other media: an edit may say different things of one path."""
        return self.path, self.rate, self.start_frame, self.frames

    def timecode(self, frame: int) -> Timecode:
        """The timecode of a frame, counted from the first as 0."""
        return Timecode(max(0, self.start_frame + frame), self.rate, self.is_drop_frame)

    def file_name(self, number: int) -> str:
        """A sequence's file of that number; files have one name."""
        hashes = self.path.count("#")
        return self.path.replace("#" * hashes, f"{number:0{hashes}d}") if hashes else self.path

    @property
    def ranged_name(self) -> str:
        """The name, of a sequence as Resolve writes it: `name.[1001-1099].exr`."""
        hashes = self.name.count("#")
        if not hashes or self.first_number is None:
            return self.name
        last = self.first_number + max(1, self.frames or 1) - 1
        span = f"[{self.first_number:0{hashes}d}-{last:0{hashes}d}]"
        return self.name.replace("#" * hashes, span)


@dataclass(frozen=True)
class Dissolve:
    """`frames` of the edit, the first of them `first_frame`, in which one piece goes over into the next, or
    to or from black.
    """

    first_frame: int
    frames: int

    @property
    def end_frame(self) -> int:
        return self.first_frame + self.frames


@dataclass(frozen=True)
class Mark:
    """A marker on frames of the edit, counted from its first as 0."""

    record: FrameRange
    name: str
    comment: str
    colour: str


@dataclass(frozen=True)
class Piece:
    """A shot of the edit on a track. `record` are frames of the edit counted from its first as 0, up to the
    middle of a dissolve; `retime` has positions in frames after the first of `media`. `dissolve_in` and
    `dissolve_out` are what joins it to the piece before and behind (`fades_in`, `fades_out`: to black).
    `filters` are effects as Final Cut Pro 7 XML has them; `has_effects` tells whether there are any of any
    kind, speeds apart.
    """

    number: int
    name: str
    media: CutMedia
    record: FrameRange
    retime: RetimeMap
    is_synced: bool
    is_enabled: bool
    dissolve_in: Dissolve | None = None
    dissolve_out: Dissolve | None = None
    fades_in: bool = False
    fades_out: bool = False
    markers: tuple[Mark, ...] = ()
    filters: tuple[object, ...] = ()
    has_effects: bool = False

    @property
    def shown(self) -> FrameRange:
        """`record` and all of the dissolves."""
        first = min(self.record.first_frame, self.dissolve_in.first_frame if self.dissolve_in else 10**12)
        last = max(
            self.record.last_frame_inclusive, self.dissolve_out.end_frame - 1 if self.dissolve_out else 0
        )
        return FrameRange(first, last)

    @property
    def speed(self) -> Fraction:
        """Frames of the media for each frame of the edit; of a speed that changes the mean."""
        if self.retime.is_constant:
            return self.retime.speeds[0] * self.retime.interval_seconds
        span, interval = self.shown, self.retime.interval_seconds
        first, end = span.first_frame * interval, (span.last_frame_inclusive + 1) * interval
        return (self.retime.position(end) - self.retime.position(first)) / span.duration_frames

    def position(self, record_frame: int) -> Fraction:
        """Where in the media, in frames after its first, the edit is when a frame of it begins."""
        return self.retime.position(record_frame * self.retime.interval_seconds)

    def frames(self, span: FrameRange | None = None) -> list[int]:
        """The media frame shown in each frame of `span`, which is all that is shown if not given."""
        span = span or self.shown
        return list(self.retime.frames(span.first_frame, span.last_frame_inclusive))

    def lowest(self, span: FrameRange | None = None) -> int:
        """The lowest media frame shown."""
        return min(self.frames(span))

    def is_said_by(self, start: Fraction, speed: Fraction, span: FrameRange | None = None) -> bool:
        """Whether a range that starts at the media frame `start` and a speed in media frames for each of the
        edit say the same: forwards from it, backwards to it.
        """
        span = span or self.shown
        count = span.duration_frames
        begin = start + (-speed * count if speed < 0 else 0)
        late = 1 if speed < 0 else 0
        return self.frames(span) == [floor(begin + speed * (number + late)) for number in range(count)]


@dataclass(frozen=True)
class Sound:
    """A stretch of a sound file on an audio track: from frame `first_frame` of the edit on for `frames`,
    from `start_seconds` after the file's first sample, which stands at `clock_seconds`. `channel` counts from
    1, None takes all. `length_seconds` is how long the file is, where that is known.
    """

    name: str
    path: str
    first_frame: int
    frames: int
    start_seconds: Fraction
    channel: int | None
    length_seconds: Fraction | None
    clock_seconds: Fraction
    is_enabled: bool


@dataclass(frozen=True)
class CutTrack:
    """`pieces` of a video track or `sounds` of an audio track, in order, two at once in dissolves alone."""

    name: str
    is_enabled: bool
    pieces: tuple[Piece, ...] = ()
    sounds: tuple[Sound, ...] = ()


@dataclass(frozen=True)
class Cut:
    """`rate` is the edit's in frames a second, `start_frame` the number that timecode gives its first frame.
    `video` goes from the lowest track up. `size` is width and height of the first synced plate, if known.
    `markers` are the edit's own. `left_out` are sentences on what no exchange format carries.
    """

    name: str
    rate: Fraction
    is_drop_frame: bool
    start_frame: int
    duration_frames: int
    video: tuple[CutTrack, ...]
    audio: tuple[CutTrack, ...]
    size: tuple[int, int] | None = None
    markers: tuple[Mark, ...] = ()
    left_out: tuple[str, ...] = ()

    def timecode(self, record_frame: int) -> Timecode:
        """The timecode of a frame of the edit, counted from its first as 0."""
        return Timecode(self.start_frame + record_frame, self.rate, self.is_drop_frame)

    @property
    def pieces(self) -> Iterator[Piece]:
        return (piece for track in self.video for piece in track.pieces)
