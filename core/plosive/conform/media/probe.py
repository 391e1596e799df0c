# SPDX-License-Identifier: Apache-2.0
"""What the files of an edit say of themselves: frames, rate, timecode."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil
from pathlib import Path

from plosive.errors import PlosiveError, RangeError
from plosive.media import FrameRange, PlateInfo, PlateKind, Timecode, open_plate
from plosive.media.opening import open_media

__all__ = ["MediaFacts", "MediaProbe"]

_WITHOUT_ALPHA = (".dpx", ".cin", ".jpg", ".jpeg")


@dataclass(frozen=True)
class MediaFacts:
    """Frames by the numbers `plosive sync` gives them, the file's own rate (a sequence's may be unknown:
    None), its start timecode as text and in seconds, (width, height, pixel aspect) of its pictures and
    whether they surely have no alpha, or the sentence on why it cannot be read.
    """

    frames: FrameRange | None = None
    rate: Fraction | None = None
    start_timecode: str | None = None
    timecode_seconds: Fraction | None = None
    is_still: bool = False
    picture: tuple[int, int, Fraction] | None = None
    is_opaque: bool = False
    failure: str = ""


@dataclass
class MediaProbe:
    """Opens each file once and remembers what it said."""

    _known: dict[tuple[Path, Fraction], MediaFacts] = field(default_factory=dict)
    _heard: dict[tuple[Path, Fraction], MediaFacts] = field(default_factory=dict)

    def facts(self, path: Path, rate: Fraction) -> MediaFacts:
        """Facts of a file, or of a sequence (`name.####.exr`) played at `rate`, which counts its timecode."""
        known = self._known.get((path, rate))
        if known is None:
            known = self._known[path, rate] = _looked(path, rate)
        return known

    def sound_facts(self, path: Path, rate: Fraction) -> MediaFacts:
        """Facts of a sound file in frames of `rate`, the last one perhaps in part; a Broadcast Wave's time
        reference is its timecode.
        """
        known = self._heard.get((path, rate))
        if known is None:
            known = self._heard[path, rate] = _heard(path, rate)
        return known


def _looked(path: Path, rate: Fraction) -> MediaFacts:
    try:
        with open_plate(path, sequence_rate=rate if "#" in path.name else None) as plate:
            info = plate.info
    except PlosiveError as error:
        return MediaFacts(failure=str(error))
    seconds = None
    if info.start_timecode is not None:
        try:
            seconds = Timecode.parse(info.start_timecode, info.frame_rate).seconds
        except RangeError:
            seconds = None
    return MediaFacts(
        frames=FrameRange(info.first_frame, info.last_frame_inclusive),
        rate=None if info.kind is PlateKind.SEQUENCE else info.frame_rate,
        start_timecode=info.start_timecode,
        timecode_seconds=seconds,
        is_still=info.kind is PlateKind.STILL or (info.kind is PlateKind.SEQUENCE and info.frame_count == 1),
        picture=(info.width, info.height, info.pixel_aspect),
        is_opaque=_is_opaque(info),
    )


def _is_opaque(info: PlateInfo) -> bool:
    """Files of a sequence of EXR, PNG or TIFF may differ, and be less than the picture; whether ProRes 4444
    has alpha is known frame by frame.
    """
    if info.has_alpha or info.is_variable_rate:
        return False
    if info.kind is PlateKind.VIDEO:
        return not (info.codec.startswith("prores") and "444" in info.pixel_format)
    return info.path.suffix.lower() in _WITHOUT_ALPHA


def _heard(path: Path, rate: Fraction) -> MediaFacts:
    import av

    try:
        with open_media(path) as container:
            streams = container.streams.audio
            if not streams:
                return MediaFacts(failure=f"{path.name} holds no sound; choose another file.")
            stream = streams[0]
            tags = {**container.metadata, **stream.metadata}
            if stream.duration is not None and stream.time_base is not None:
                length = Fraction(stream.duration) * stream.time_base
            else:
                length = Fraction(container.duration or 0, av.time_base)
            sample_rate = stream.rate or 48000
    except (av.FFmpegError, OSError, ValueError) as error:
        return MediaFacts(failure=f"{path.name} cannot be read as sound ({error}); export it again.")
    reference = tags.get("time_reference", "")
    seconds = Fraction(int(reference), sample_rate) if reference.isdigit() else None
    timecode = tags.get("timecode")
    if seconds is None and timecode is not None:
        try:
            seconds = Timecode.parse(timecode, rate).seconds
        except RangeError:
            seconds = None
    count = ceil(length * rate)
    return MediaFacts(
        frames=FrameRange(0, count - 1) if count else None, start_timecode=timecode, timecode_seconds=seconds
    )
