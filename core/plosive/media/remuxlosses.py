# SPDX-License-Identifier: Apache-2.0
"""What of a plate's file came along into a new container and what did not: both are read and compared."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plosive.errors import MediaReadError

if TYPE_CHECKING:
    from plosive.media.videoreader import VideoReader

__all__ = ["remux_keeps", "remux_losses"]

_OF_ANY_FILE = frozenset(
    {
        "major_brand",
        "minor_version",
        "compatible_brands",
        "encoder",
        "timecode",
        "duration",
        "handler_name",
        "language",
        "vendor_id",
        "number_of_bytes",
        "number_of_frames",
        "bps",
    }
)
_OF_ANY_MOV = frozenset({"mdat", "free", "wide", "skip", "minf"})
_DESCRIPTION_PARTS = (b"clap", b"pasp", b"gama", b"fiel", b"colr", b"mdcv", b"clli", b"dvcC", b"dvvC")
_PER_PICTURE = {
    "A53_CC": "closed captions",
    "AFD": "active format",
    "GOP_TIMECODE": "timecode in the stream",
    "S12M_TIMECODE": "timecode in the stream",
    "FILM_GRAIN_PARAMS": "film grain",
    "DYNAMIC_HDR_PLUS": "HDR10+",
    "DYNAMIC_HDR_VIVID": "HDR Vivid",
    "DOVI_METADATA": "Dolby Vision",
    "DOVI_RPU_BUFFER": "Dolby Vision",
}
_MOST_NAMES = 12


@dataclass(frozen=True)
class _File:
    """What a file holds beside picture and sound."""

    timecode: str | None
    tags: dict[str, str]
    others: tuple[str, ...]
    chapter_count: int
    parts: frozenset[str]
    beside: frozenset[str]


def remux_keeps(reader: VideoReader | None, result: Path) -> tuple[str, ...]:
    """Sentences on what came along. Empty while there is no `result`."""
    if reader is None or not result.exists():
        return ()
    plate, made = _told(reader.path, reader.stream_index), _told(result, 0)
    kept = []
    timecode = _start(reader, plate)
    if timecode and timecode == made.timecode:
        kept.append(f"The start timecode {timecode} is kept.")
    same = [key for key, value in plate.tags.items() if made.tags.get(key) == value]
    if same:
        kept.append(f"Tags of the plate that are kept: {_listed(same)}.")
    return tuple(kept)


def _start(reader: VideoReader, plate: _File) -> str | None:
    """The start timecode OUT should have: of a part of a plate that of its first frame."""
    return reader.info.start_timecode if reader.is_part else plate.timecode


def remux_losses(reader: VideoReader | None, result: Path) -> tuple[str, ...]:
    """Sentences on what did not come along. Empty while there is no `result`."""
    if reader is None or not result.exists():
        return ()
    plate, made = _told(reader.path, reader.stream_index), _told(result, 0)
    lost = []
    timecode = _start(reader, plate)
    if timecode and made.timecode is None:
        lost.append(f"The start timecode {timecode} is left out: the container has no place for it.")
    elif timecode and timecode != made.timecode:
        lost.append(f"The start timecode is {made.timecode} instead of {timecode}.")
    if plate.others:
        lost.append(f"Other tracks of the plate are left out: {_listed(plate.others)}.")
    if plate.chapter_count > made.chapter_count:
        lost.append(f"The plate's {plate.chapter_count} chapter marks are left out.")
    if plate.beside:
        lost.append(
            f"Data that the plate's pictures carry ({_listed(sorted(plate.beside))}) may be missing in those "
            "compressed anew."
        )
    tags = [key for key, value in plate.tags.items() if made.tags.get(key) != value]
    if tags:
        lost.append(f"Tags of the plate that are left out or written anew: {_listed(tags)}.")
    parts = _outermost(plate.parts - made.parts) if made.parts else []
    if result.suffix.lower() == ".mxf":
        lost.append(
            "The MXF is written anew as OP1a: only picture, sound and timecode come along, no other items."
        )
    if parts:
        lost.append(f"Parts of the plate's file that are left out: {_listed(parts)}.")
    return tuple(lost)


def _told(path: Path, picture_index: int) -> _File:
    from plosive.media.videosource import open_video, start_timecode

    with open_video(path) as container:
        streams: list[Any] = list(container.streams)
        tags = {**dict(container.metadata), **dict(streams[picture_index].metadata)}
        others = tuple(
            _spoken(stream)
            for stream in streams
            if stream.index != picture_index and stream.type != "audio" and not _is_timecode(stream)
        )
        return _File(
            start_timecode(container),
            {key: value for key, value in sorted(tags.items()) if _is_told(key)},
            others,
            len(container.chapters()),
            _mov_parts(path) if "mov" in container.format.name.split(",") else frozenset(),
            _beside(container, picture_index),
        )


def _beside(container: Any, picture_index: int) -> frozenset[str]:
    """What the first picture carries beside its samples: captions, film grain, HDR data that changes."""
    import av

    try:
        picture = next(container.decode(container.streams[picture_index]))
    except (av.error.FFmpegError, StopIteration):
        return frozenset()
    return frozenset(_PER_PICTURE[name] for name in _names(picture) if name in _PER_PICTURE)


def _names(picture: Any) -> list[str]:
    return [data.type.name for data in picture.side_data]


def _is_told(key: str) -> bool:
    key = key.lower()
    return key not in _OF_ANY_FILE and not key.startswith("_statistics")


def _is_timecode(stream: Any) -> bool:
    """A timecode track; the result's own tells the same."""
    return stream.type == "data" and "timecode" in {key.lower() for key in stream.metadata}


def _spoken(stream: Any) -> str:
    kind = {"data": "data", "subtitle": "subtitles", "video": "another picture", "attachment": "a file"}
    context = getattr(stream, "codec_context", None)
    name = f" ({context.name})" if context is not None else ""
    return f"{kind.get(stream.type, stream.type)}{name}"


def _mov_parts(path: Path) -> frozenset[str]:
    """Kinds of boxes of a MOV or MP4, by their way from the outermost, and what describes the picture."""
    from plosive.media.mov import read_mov

    try:
        file = read_mov(path)
        parts = set()
        for box in file.boxes():
            steps = [step.partition("[")[0] for step in box.path.split("/")]
            if box.fourcc.isprintable() and not _OF_ANY_MOV & set(steps) and "\xa9" not in box.path:
                parts.add("/".join(steps))
            if box.fourcc == "stsd":
                data = file.read(box)
                parts |= {f"stsd/{part.decode()}" for part in _DESCRIPTION_PARTS if part in data}
    except MediaReadError:
        return frozenset()
    return frozenset(parts)


def _outermost(parts: frozenset[str]) -> list[str]:
    """Without those inside others."""
    return [part for part in sorted(parts) if part.rpartition("/")[0] not in parts]


def _listed(names: list[str] | tuple[str, ...]) -> str:
    shown = ", ".join(names[:_MOST_NAMES])
    return shown if len(names) <= _MOST_NAMES else f"{shown} and {len(names) - _MOST_NAMES} more"
