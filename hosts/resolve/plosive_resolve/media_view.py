# SPDX-License-Identifier: Apache-2.0
"""A clip of the media pool, as its properties tell it.

Names of properties as seen in public dumps of `GetClipProperty()`; they are text but for FPS. A sequence's
file is written with its numbers in brackets, shot.[1001-1096].exr.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from plosive_resolve.application import can
from plosive_resolve.rates import frames_of_timecode, rate_of

if TYPE_CHECKING:
    from resolve_api import MediaPoolItem

__all__ = ["Media", "media_of", "path_and_numbers"]

_NUMBERS = re.compile(r"\[(\d+)-(\d+)\]")
_RAW_EXTENSIONS = (".ari", ".arx", ".braw", ".crm", ".nev", ".r3d", ".rmf")
_RAW_CODECS = ("arriraw", "blackmagic raw", "braw", "n-raw", "prores raw", "redcode", "x-ocn")
_NOT_FILES = ("compound", "fusion", "generator", "multicam", "stereo", "timeline", "adjustment")


@dataclass(frozen=True)
class Media:
    """`kind` is one of video, sequence, still, audio, made (a timeline, compound, generator: no plain file).
    `path` is as the daemon takes it, a sequence as shot.%04d.exr; empty where there is none. Frames of a
    sequence begin with `first_number`, those of a video with 0; Resolve counts the same frames from
    `source_base` where it takes or tells source frames. `frame_count` and `rate` (frames per second) are None
    where Resolve tells none; `start_timecode` empty likewise. `marks` is what Plosive wrote to it.
    """

    media_id: str
    name: str
    kind: str
    path: str
    rate: Fraction | None
    frame_count: int | None
    first_number: int = 0
    source_base: int = 0
    start_timecode: str = ""
    is_raw: bool = False
    is_online: bool = True
    has_picture: bool = True
    properties: Mapping[str, Any] = field(default_factory=dict, compare=False)
    marks: Mapping[str, str] = field(default_factory=dict, compare=False)
    pool_item: MediaPoolItem | None = field(default=None, compare=False, repr=False)

    @property
    def in_pool(self) -> MediaPoolItem:
        """Only of media that the media pool holds: a render of Plosive's own is not in it."""
        assert self.pool_item is not None, f"{self.name} is not in the media pool"
        return self.pool_item

    @property
    def start_timecode_frames(self) -> int | None:
        """Frames since midnight of its first frame."""
        return frames_of_timecode(self.start_timecode, self.rate) if self.rate else None

    @property
    def is_drop_frame(self) -> bool:
        return any(mark in self.start_timecode for mark in ";.")


def media_of(pool_item: MediaPoolItem | None) -> Media | None:
    """None for None and for an item without properties."""
    if pool_item is None:
        return None
    properties = pool_item.GetClipProperty()
    if not isinstance(properties, Mapping):
        return None
    path, numbers = path_and_numbers(str(properties.get("File Path") or ""))
    told_type = str(properties.get("Type") or "")
    codec = f"{properties.get('Video Codec') or ''} {properties.get('Format') or ''}".lower()
    return Media(
        media_id=str(pool_item.GetUniqueId() or ""),
        name=str(properties.get("Clip Name") or pool_item.GetName() or ""),
        kind=_kind(told_type, path, numbers is not None),
        path=path,
        rate=rate_of(properties.get("FPS")),
        frame_count=numbers[1] - numbers[0] + 1 if numbers else _count(properties),
        first_number=numbers[0] if numbers else 0,
        source_base=_number(properties.get("Start")),
        start_timecode=str(properties.get("Start TC") or ""),
        is_raw=path.lower().endswith(_RAW_EXTENSIONS) or any(word in codec for word in _RAW_CODECS),
        is_online=str(properties.get("Online Status") or "Online").lower() != "offline",
        has_picture=told_type.lower() != "audio",
        properties=dict(properties),
        marks=_marks(pool_item),
        pool_item=pool_item,
    )


def path_and_numbers(file_path: str) -> tuple[str, tuple[int, int] | None]:
    """/shots/a.[1001-1096].exr gives /shots/a.%04d.exr and (1001, 1096), both ends included."""
    folder, name = _split(file_path)
    found = list(_NUMBERS.finditer(name))
    if not found:
        return file_path, None
    match = found[-1]
    first, last = match.groups()
    padding = f"%0{len(first)}d" if len(first) == len(last) or first.startswith("0") else "%d"
    plain = name[: match.start()].replace("%", "%%") + padding + name[match.end() :].replace("%", "%%")
    return folder + plain, (int(first), int(last))


def _split(path: str) -> tuple[str, str]:
    """Both kinds of slashes: a Windows path may be read in a test elsewhere."""
    cut = max(path.rfind(posixpath.sep), path.rfind("\\")) + 1
    return path[:cut], path[cut:]


def _kind(told_type: str, path: str, is_sequence: bool) -> str:
    lower = told_type.lower()
    if not path or any(word in lower for word in _NOT_FILES):
        return "made"
    if lower == "audio":
        return "audio"
    if is_sequence:
        return "sequence"
    return "still" if lower == "still" else "video"


def _count(properties: Mapping[str, Any]) -> int | None:
    text = str(properties.get("Frames") or "")
    return int(text) if text.isdigit() and int(text) > 0 else None


def _number(told: object) -> int:
    text = str(told or "")
    return int(text) if text.isdigit() else 0


def _marks(pool_item: MediaPoolItem) -> dict[str, str]:
    if not can(pool_item, "GetThirdPartyMetadata"):
        return {}
    told = pool_item.GetThirdPartyMetadata()
    if not isinstance(told, Mapping):
        return {}
    return {str(key): str(value) for key, value in told.items() if str(key).startswith("Plosive ")}
