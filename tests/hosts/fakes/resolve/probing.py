# SPDX-License-Identifier: Apache-2.0
"""What Resolve would know of real files, found with Plosive's own readers."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

from fakes.resolve.media import MediaState
from plosive.errors import PlosiveError
from plosive.media import PlateInfo, PlateKind, Timecode, open_plate

__all__ = ["ProbeFailure", "probe_file", "probe_sequence"]


class ProbeFailure(Exception):
    """A file that Resolve would not import."""


class Sound(NamedTuple):
    channels: int = 0
    sample_rate: int = 0
    seconds: Fraction = Fraction(0)


def probe_file(path: str, project_rate: Fraction) -> MediaState:
    """A video, a sound file or one picture. Of sound the rate is the project's at import ([M] frozen).

    Raises ProbeFailure.
    """
    file = Path(path)
    if not file.is_file():
        raise ProbeFailure(path)
    sound = _sound(file)
    try:
        with open_plate(file) as plate:
            info = plate.info
    except PlosiveError:
        if not sound.channels:
            raise ProbeFailure(path) from None
        frames = int(sound.seconds * project_rate)
        return MediaState(
            file.name,
            path,
            "audio",
            project_rate,
            frames,
            audio_channels=sound.channels,
            sample_rate=sound.sample_rate,
            audio_seconds=sound.seconds,
        )
    if info.kind is not PlateKind.VIDEO:
        return _picture(file.name, path, "still", info, project_rate, 1)
    media = _picture(
        file.name, path, "both" if sound.channels else "video", info, info.frame_rate, info.frame_count
    )
    media.first_file_number = 0
    media.audio_channels, media.sample_rate, media.audio_seconds = sound
    return media


def probe_sequence(pattern: str, first: int, last: int, project_rate: Fraction) -> MediaState:
    """The files first to last of a pattern such as a.%04d.exr, at the project's rate ([?] where files state
    one).

    Named as Resolve names it: a.[0001-0100].exr. Raises ProbeFailure when files are missing.
    """
    names = [Path(pattern % number) for number in range(first, last + 1)]
    if "%" not in pattern or not names or not all(name.is_file() for name in names):
        raise ProbeFailure(pattern)
    with open_plate(names[0]) as plate:
        info = plate.info
    head, _, rest = pattern.partition("%")
    width, _, tail = rest.partition("d")
    shown = f"{head}[{first:{width}d}-{last:{width}d}]{tail}"
    media = _picture(Path(shown).name, shown, "sequence", info, project_rate, last - first + 1)
    media.first_file_number = first
    return media


def _picture(name: str, path: str, kind: str, info: PlateInfo, rate: Fraction, frames: int) -> MediaState:
    start, is_drop = 0, False
    if info.start_timecode:
        timecode = Timecode.parse(info.start_timecode, rate)
        start, is_drop = timecode.frame_number, timecode.is_drop_frame
    return MediaState(
        name,
        path,
        kind,
        rate,
        frames,
        first_file_number=info.first_frame,
        start_timecode_frame=start,
        is_drop_frame=is_drop,
        width=info.width,
        height=info.height,
        video_codec=info.codec,
    )


def _sound(path: Path) -> Sound:
    """The first track with sound; its length from the file's header."""
    import av

    try:
        with av.open(str(path), metadata_errors="replace") as container:
            if not container.streams.audio:
                return Sound()
            stream = container.streams.audio[0]
            if stream.duration is None or stream.time_base is None:
                return Sound()
            seconds = Fraction(stream.duration) * stream.time_base
            return Sound(stream.codec_context.channels, stream.codec_context.sample_rate, seconds)
    except (av.error.FFmpegError, OSError):
        return Sound()
