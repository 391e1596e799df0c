# SPDX-License-Identifier: Apache-2.0
"""One sync: what is wanted of it (sync.proto says units and bounds)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from plosive_client.clip import ClipRange, Curve, FrameRange, Voice

__all__ = [
    "Elements",
    "KeptRange",
    "LengthMismatch",
    "Output",
    "PlateAudio",
    "Style",
    "SyncRequest",
    "VersionedName",
]


@dataclass(frozen=True)
class Style:
    """How the mouth moves; None: 1. Strength 0 to 1, the others 0 to 2."""

    strength: Curve | None = None
    jaw: Curve | None = None
    lip: Curve | None = None
    articulation: Curve | None = None


@dataclass(frozen=True)
class KeptRange:
    """Frames in which the plate stays; `face` empty: everybody's."""

    range: FrameRange
    face: str = ""


class PlateAudio(Enum):
    """What becomes of the plate's sound. UNSPECIFIED: kept where the file is patched, else dropped."""

    UNSPECIFIED = "unspecified"
    KEEP = "keep"
    MUTE = "mute"
    DROP = "drop"


class LengthMismatch(Enum):
    """What a dub longer than the plate does. UNSPECIFIED: it is cut."""

    UNSPECIFIED = "unspecified"
    ERROR = "error"
    HOLD = "hold"


@dataclass(frozen=True)
class VersionedName:
    """A name with a version that the daemon finds free: folder, stem and extension (.mov, .####.exr).
    `found_path` is the daemon's to set.
    """

    folder_path: str
    stem: str
    extension: str = ""
    found_path: str = ""


@dataclass(frozen=True)
class Output:
    """Where the result goes: a path or a versioned name, not both. `codec` empty: the plate's own."""

    path: str = ""
    versioned: VersionedName | None = None
    overwrite: bool = False
    plate_audio: PlateAudio = PlateAudio.UNSPECIFIED
    length_mismatch: LengthMismatch = LengthMismatch.UNSPECIFIED
    codec: str = ""


@dataclass(frozen=True)
class Elements:
    """Layers for compositing. `first_frame` None: the plate's number; `compression` zip, zips or none."""

    folder_path: str
    whole_window: bool = False
    first_frame: int | None = None
    compression: str = ""


@dataclass(frozen=True)
class SyncRequest:
    """A clip, 1 to 16 voices, and where the result goes. `generator` empty: plate."""

    clip: ClipRange
    voices: tuple[Voice, ...]
    output: Output
    style: Style | None = None
    kept_ranges: tuple[KeptRange, ...] = ()
    actor_footage_paths: tuple[str, ...] = ()
    cast_path: str = ""
    generator: str = ""
    seed: int = 0
    elements: Elements | None = None
    score: bool = False
