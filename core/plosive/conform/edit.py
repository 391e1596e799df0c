# SPDX-License-Identifier: Apache-2.0
"""An edit as it was read: its shots, its sound, its markers, and what is missing or not understood."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from plosive.conform.shot import Shot, ShotMedia
from plosive.media.timecode import FrameRange, Timecode, parse_time

__all__ = ["AudioUse", "Edit", "EditMarker", "EditTrack", "OfflineMedia"]

_TIMECODE = re.compile(r"(\d+:\d+:\d+)([:;])(\d+)")


@dataclass(frozen=True)
class EditTrack:
    """A track of the edit's outermost stack. `kind` is `video` or `audio`; `index` counts from 1 within its
    kind, from the lowest; `roles` are what the edit calls its clips (`dialogue`, `Dialogue.English`), where
    it says.
    """

    name: str
    kind: str
    index: int
    otio_index: int
    is_enabled: bool
    roles: tuple[str, ...] = ()


@dataclass(frozen=True)
class AudioUse:
    """One use of a sound on an audio track: from `record_start_seconds` to `record_end_seconds` of the edit
    (from its first frame) it plays its media from `source_start_seconds` of its clock on, at `speed`.
    `media.start_seconds` is the clock at the file's first sample. `channels` are the file's channels that are
    heard, counted from 1; empty for all, or where the edit does not say. `is_on_muted_track` says that it is
    off for its track's sake alone. `offline` is why the file is not
    there, empty where it is.
    """

    track_name: str
    track_index: int
    role: str
    name: str
    otio_path: tuple[int, ...]
    media: ShotMedia | None
    channels: tuple[int, ...]
    record_start_seconds: Fraction
    record_end_seconds: Fraction
    source_start_seconds: Fraction
    speed: Fraction
    is_enabled: bool
    offline: str = ""
    is_on_muted_track: bool = False

    @property
    def media_start_seconds(self) -> Fraction:
        """Where in the file, in seconds from its first sample, the use begins."""
        start = self.media.start_seconds if self.media is not None else Fraction(0)
        return self.source_start_seconds - start


@dataclass(frozen=True)
class EditMarker:
    """A marker of the timeline, a track or a clip, as frames of the edit counted from its first as 0; one
    frame at least. `shot` is the number of the shot it lies on, None where it lies on no shot.
    """

    name: str
    colour: str
    comment: str
    record: FrameRange
    shot: int | None


@dataclass(frozen=True)
class OfflineMedia:
    """Media that could not be found, the shots that use it, and what was looked at."""

    name: str
    url: str
    shots: tuple[int, ...]
    sentence: str


@dataclass(frozen=True)
class Edit:
    """`rate` is in frames a second; `start_frame` is the number that timecode gives the first frame (86400
    for 01:00:00:00 at 24); `duration_frames` goes from there to the end of the longest track. `shots` are all
    video clips with media, disabled and unusable ones, too; `unsupported` names what was found and not
    followed (generators, unknown schemas, effects over time); all of it stays in `otio_timeline`, the
    timeline as the library has it, which nobody may change: copy it first.
    """

    path: Path
    format: str
    name: str
    rate: Fraction
    is_drop_frame: bool
    start_frame: int
    duration_frames: int
    tracks: tuple[EditTrack, ...]
    shots: tuple[Shot, ...]
    audio: tuple[AudioUse, ...]
    markers: tuple[EditMarker, ...]
    offline: tuple[OfflineMedia, ...]
    unsupported: tuple[str, ...]
    warnings: tuple[str, ...]
    otio_timeline: object = field(compare=False, repr=False)

    def timecode(self, record_frame: int) -> Timecode:
        """The timecode of a frame of the edit, counted from its first as 0."""
        return Timecode(self.start_frame + record_frame, self.rate, self.is_drop_frame)

    def seconds_of(self, text: str) -> Fraction:
        """The moment that somebody names, in seconds after the edit's first frame: its timecode (of a
        drop-frame edit with `:` before the frames, too), or such seconds. Raises RangeError for what is
        neither.
        """
        timecode = _TIMECODE.fullmatch(text.strip())
        if timecode is None:
            return parse_time(text, self.rate)
        mark = ";" if self.is_drop_frame else timecode[2]
        said = parse_time(f"{timecode[1]}{mark}{timecode[3]}", self.rate)
        return said - Fraction(self.start_frame) / self.rate
