# SPDX-License-Identifier: Apache-2.0
"""What a video file says about itself: its stream, tags, timecode and display matrix."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plosive.errors import MediaReadError
from plosive.media.opening import open_media
from plosive.media.orientation import Orientation

if TYPE_CHECKING:
    import av
    from av.container import InputContainer

__all__ = [
    "ColourTags",
    "VideoSource",
    "first_picture",
    "open_video",
    "orientation_of",
    "picture_stream",
    "source_of",
    "start_timecode",
]

_MOST_BROKEN_PACKETS = 300
_TOP_FIELD_FIRST = 2  # AV_FIELD_TT


@dataclass(frozen=True)
class ColourTags:
    """The file's colour tags as H.273 numbers; 2 (range: 0) means not said."""

    primaries: int
    transfer: int
    matrix: int
    range: int


@dataclass(frozen=True)
class VideoSource:
    """What a writer must know of the file to make another like it."""

    container_name: str
    stream_index: int
    codec_name: str
    profile: str | None
    codec_tag: str
    pixel_format: str
    bit_rate: int | None
    tags: ColourTags
    field_order: int
    display_matrix: tuple[int, ...] | None
    container_metadata: tuple[tuple[str, str], ...]
    stream_metadata: tuple[tuple[str, str], ...]
    first_packet_bytes: int | None = None
    """Asked for of DNxHD only, whose kinds differ in it."""

    @property
    def is_log(self) -> bool:
        """Whether the camera noted a log gamma in the file, as ARRI's do (com.arri.camera.ColorGammaSxS)."""
        return any(
            "gamma" in key.lower() and "log" in value.lower()
            for key, value in (*self.container_metadata, *self.stream_metadata)
        )


def open_video(path: Path) -> InputContainer:
    import av

    try:
        return open_media(path)
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise MediaReadError(
            f"{path.name} cannot be read as video ({_reason(error)}); it is damaged, cut short or no video."
        ) from error


def _reason(error: BaseException) -> str:
    text = getattr(error, "strerror", None) or str(error)
    return text[:1].lower() + text[1:] if text else type(error).__name__


def picture_stream(container: InputContainer, path: Path) -> av.VideoStream:
    from av.stream import Disposition

    streams = [
        stream
        for stream in container.streams.video
        if not stream.disposition & Disposition.attached_pic and stream.codec_context is not None
    ]
    if not streams:
        what = "only audio" if container.streams.audio else "no video that can be decoded"
        raise MediaReadError(f"{path.name} holds {what}; give a file with a picture as the plate.")
    preferred = [stream for stream in streams if stream.disposition & Disposition.default]
    return (preferred or streams)[0]


def first_picture(container: InputContainer, stream: av.VideoStream, path: Path) -> av.VideoFrame:
    """The first picture that can be decoded. Hundreds of broken packets are enough to give up."""
    import av

    failures = 0
    try:
        for packet in container.demux(stream):
            try:
                for picture in packet.decode():
                    return picture
            except av.error.FFmpegError:
                failures += 1
            if failures > _MOST_BROKEN_PACKETS:
                break
    except (av.error.FFmpegError, IndexError) as error:
        raise MediaReadError(
            f"{path.name} is damaged ({_reason(error)}); copy or export it again."
        ) from error
    raise MediaReadError(f"No picture of {path.name} can be decoded; it is damaged, cut short or empty.")


def source_of(container: InputContainer, stream: av.VideoStream, first: av.VideoFrame) -> VideoSource:
    context = stream.codec_context

    def said(of_stream: int, of_picture: int, unsaid: int) -> int:
        return int(of_stream) if int(of_stream) not in (unsaid, 0) else int(of_picture)

    tags = ColourTags(
        primaries=said(context.color_primaries, first.color_primaries, 2),
        transfer=said(context.color_trc, first.color_trc, 2),
        matrix=said(context.colorspace, first.colorspace, 2),
        range=said(context.color_range, first.color_range, 0),
    )
    return VideoSource(
        container_name=container.format.name,
        stream_index=stream.index,
        codec_name=context.name,
        profile=stream.profile,
        codec_tag=str(context.codec_tag),
        pixel_format=first.format.name,
        bit_rate=context.bit_rate,
        tags=tags,
        # PyAV 17, the last for Python 3.10, does not tell the order: top first is by far the usual one.
        field_order=int(getattr(context, "field_order", _TOP_FIELD_FIRST if first.interlaced_frame else 0)),
        display_matrix=_display_matrix(first),
        container_metadata=tuple(sorted(container.metadata.items())),
        stream_metadata=tuple(sorted(stream.metadata.items())),
        first_packet_bytes=_first_packet_bytes(container, stream) if context.name == "dnxhd" else None,
    )


def _first_packet_bytes(container: InputContainer, stream: av.VideoStream) -> int | None:
    import av

    try:
        container.seek(0)
        return next((packet.size for packet in container.demux(stream) if packet.size), None)
    except av.error.FFmpegError:
        return None


def start_timecode(container: InputContainer) -> str | None:
    for metadata in (container.metadata, *(stream.metadata for stream in container.streams)):
        for key, value in metadata.items():
            if key.lower() == "timecode" and value:
                return value
    return None


def _display_matrix(first: av.VideoFrame) -> tuple[int, ...] | None:
    from av.sidedata.sidedata import Type

    side_data: Any = first.side_data
    data = side_data.get(Type.DISPLAYMATRIX)
    if data is None or data.buffer_size != 36:
        return None
    return struct.unpack("=9i", bytes(data))


def orientation_of(first: av.VideoFrame, warnings: list[str]) -> Orientation:
    """The turn and mirroring of the display matrix: (x, y) is shown at (a x + c y, b x + d y)."""
    matrix = _display_matrix(first)
    if matrix is None:
        return Orientation()
    a, b, _, c, d, *_ = matrix
    one = 1 << 16
    if b == 0 and c == 0 and a and d:
        turns = {
            (True, True): (0, False),
            (False, False): (2, False),
            (False, True): (0, True),
            (True, False): (2, True),
        }
        return Orientation(*turns[a > 0, d > 0])
    if a == 0 and d == 0 and b and c:
        turns = {
            (True, False): (1, False),
            (False, True): (3, False),
            (True, True): (3, True),
            (False, False): (1, True),
        }
        return Orientation(*turns[b > 0, c > 0])
    if (a, b, c, d) != (one, 0, 0, one):
        warnings.append(
            "The picture is tilted by an odd angle in the file's display matrix; it is left as stored."
        )
    return Orientation()
