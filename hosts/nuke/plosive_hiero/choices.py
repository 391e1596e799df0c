# SPDX-License-Identifier: Apache-2.0
"""What the artist chose for one clip."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["OUTPUT_MODES", "Choices", "VoiceChoice"]

OUTPUT_MODES = ("version", "track")


@dataclass(frozen=True)
class VoiceChoice:
    """For one voice that was found. `face` is what `Voice.face` of the proto takes; empty: found, which only
    a voice alone can be.
    """

    is_used: bool = True
    face: str = ""


@dataclass(frozen=True)
class Choices:
    """`voices` by `VoiceFound.key`; those it does not name are used as they were suggested. `dub_path` names
    a file instead, which begins with the clip's first frame. `strength` is 0 to 1, `jaw` and `lip` 0 to 2.
    `folder` is absolute and there. `output_mode`: version (of the clip's bin item) or track (a track item
    above).
    """

    folder: str
    voices: Mapping[str, VoiceChoice] = field(default_factory=dict)
    dub_path: str = ""
    dub_face: str = ""
    dub_channel: int = 0
    strength: float = 1.0
    jaw: float = 1.0
    lip: float = 1.0
    handle_frames: int = 12
    output_mode: str = "version"
    language: str = ""
    transcript: str = ""
    generator: str = ""
    elements: bool = False
    score: bool = True

    @property
    def written_handles(self) -> int | None:
        """Handles of the result's file. A version takes the place of the whole media: None."""
        return None if self.output_mode == "version" else self.handle_frames
