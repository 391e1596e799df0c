# SPDX-License-Identifier: Apache-2.0
"""What the media pool holds: files as Resolve knows them, and folders."""

from __future__ import annotations

import itertools
import uuid
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from plosive.media.timecode import Timecode, allows_drop_frame

__all__ = ["FolderState", "MediaState", "new_id", "resolve_rate"]

_counter = itertools.count(1)


def new_id() -> str:
    """A unique id as GetUniqueId gives it: a UUID in text; the same ones in every run of the tests."""
    return str(uuid.UUID(int=0x9105_0000_0000_4000_8000_000000000000 + next(_counter)))


def resolve_rate(rate: Fraction) -> float:
    """A rate as Resolve tells it: a float of three decimals ([V] 23.976; never 24000/1001)."""
    return round(float(rate), 3)


@dataclass
class MediaState:
    """A clip of the media pool.

    `frame_count` counts at `rate` (of sound: the project's rate when it was imported, [M] frozen).
    `first_file_number` is that of an image sequence, else 0. `start_timecode_frame` counts frames at `rate`.
    `kind` is 'video', 'audio', 'both', 'sequence', 'still', 'compound' or 'timeline'; the last two have no
    file. `audio_seconds` is exact. `timeline` is what a clip of the kind 'timeline' or 'compound' holds.
    """

    name: str
    path: str
    kind: str
    rate: Fraction
    frame_count: int
    first_file_number: int = 0
    start_timecode_frame: int = 0
    is_drop_frame: bool = False
    width: int = 0
    height: int = 0
    video_codec: str = ""
    audio_channels: int = 0
    sample_rate: int = 0
    audio_seconds: Fraction = Fraction(0)
    clip_color: str = ""
    timeline: Any = None
    is_offline: bool = False
    properties: dict[str, str] = field(default_factory=dict)
    metadata: dict[str, str] = field(default_factory=dict)
    third_party_metadata: dict[str, str] = field(default_factory=dict)
    markers: dict[int, dict[str, Any]] = field(default_factory=dict)
    flags: list[str] = field(default_factory=list)
    proxy_path: str = ""
    id: str = field(default_factory=new_id)

    @property
    def has_video(self) -> bool:
        return self.kind != "audio"

    @property
    def has_audio(self) -> bool:
        return self.audio_channels > 0

    @property
    def type_text(self) -> str:
        """[M] 'Type' of GetClipProperty."""
        return {
            "video": "Video",
            "both": "Video + Audio",
            "audio": "Audio",
            "sequence": "Video",
            "still": "Still",
            "compound": "Compound",
            "timeline": "Timeline",
        }[self.kind]

    def timecode(self, frame: int) -> str:
        is_drop = self.is_drop_frame and allows_drop_frame(self.rate)
        return str(Timecode(self.start_timecode_frame + frame, self.rate, is_drop))

    def start_number(self, numbering: str) -> int:
        """The number of the first frame in the API: see FakeBehaviour.sequence_numbers."""
        return self.first_file_number if numbering == "file_numbers" else 0

    def clip_properties(self, numbering: str) -> dict[str, Any]:
        """[M] keys seen in dumps (hosts.md A1); all values are text but FPS (float). Of sound the video's are
        empty; a timeline or compound clip has no 'File Path'.
        """
        start = self.start_number(numbering)
        is_picture = self.has_video
        values: dict[str, Any] = {
            "Clip Name": self.name,
            "Clip Color": self.clip_color,
            "File Name": self.path.replace("\\", "/").rpartition("/")[2],
            "File Path": self.path,
            "Type": self.type_text,
            "Format": self.properties.get("Format", "QuickTime" if is_picture else "Wave"),
            "Video Codec": self.video_codec,
            "FPS": resolve_rate(self.rate),
            "Frames": str(self.frame_count),
            "Duration": str(Timecode(self.frame_count, self.rate)),
            "Start": str(start),
            "End": str(start + self.frame_count - 1),
            "Start TC": self.timecode(0),
            "End TC": self.timecode(self.frame_count),
            "Drop frame": "1" if self.is_drop_frame else "0",
            "Resolution": f"{self.width}x{self.height}" if is_picture else "",
            "PAR": "Square" if is_picture else "",
            "Field Dominance": "Auto" if is_picture else "",
            "Data Level": "Auto" if is_picture else "",
            "Alpha mode": "None" if is_picture else "",
            "Audio Ch": str(self.audio_channels),
            "Audio Bit Depth": "16" if self.has_audio else "",
            "Audio Codec": "Linear PCM" if self.has_audio else "",
            "Sample Rate": str(self.sample_rate) if self.has_audio else "",
            "Input Color Space": "",
            "Input LUT": "",
            "IDT": "",
            "Online Status": "Offline" if self.is_offline else "Online",
            "Proxy": "Half" if self.proxy_path else "None",
            "Proxy Media Path": self.proxy_path,
            "Reel Name": "",
            "Slate TC": self.timecode(0),
            "Usage": "0",
            "Super Scale": 1,
            "In": "",
            "Out": "",
        }
        values.update({key: value for key, value in self.properties.items() if key in values})
        return values


@dataclass
class FolderState:
    """A bin."""

    name: str
    clips: list[MediaState] = field(default_factory=list)
    folders: list[FolderState] = field(default_factory=list)
    id: str = field(default_factory=new_id)

    def walk(self) -> list[FolderState]:
        """This bin and all below it."""
        return [self, *(below for folder in self.folders for below in folder.walk())]
