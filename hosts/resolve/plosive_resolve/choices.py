# SPDX-License-Identifier: Apache-2.0
"""What the artist chose for one clip."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from plosive_host import PlosiveHostError

__all__ = ["OUTPUT_MODES", "Choices", "VoiceChoice"]

OUTPUT_MODES = ("take", "track", "timeline")


@dataclass(frozen=True)
class VoiceChoice:
    """For one voice that was found, by its `key`. `face` is what `Voice.face` of the proto takes: a number or
    name from the `faces` request, a place X,Y@FRAME; empty: found, which only a voice alone can be.
    """

    is_used: bool = True
    face: str = ""
    transcript: str = ""


@dataclass(frozen=True)
class Choices:
    """`strength` 0 to 1, `jaw` and `lip` 0 to 2. `voices` has a choice for each voice by `VoiceFound.key`;
    voices it does not name are used as `VoiceFound.is_suggested` says. `dub_path` names a file in place of
    what the timeline has, which begins with the clip's first frame. `first_record_frame` and
    `last_record_frame_inclusive` are timeline frames: outside them the plate stays; None: the clip's own.
    `folder` is where results go, empty: see `naming.result_folder`. `language` such as de, empty: found.
    Raises PlosiveHostError for values outside these bounds.
    """

    voices: Mapping[str, VoiceChoice] = field(default_factory=dict)
    dub_path: str = ""
    strength: float = 1.0
    jaw: float = 1.0
    lip: float = 1.0
    first_record_frame: int | None = None
    last_record_frame_inclusive: int | None = None
    handle_frames: int = 12
    output_mode: str = "take"
    folder: str = ""
    language: str = ""
    transcript: str = ""
    generator: str = ""
    elements: bool = False
    score: bool = True

    def __post_init__(self) -> None:
        for name, value, most in (("strength", self.strength, 1), ("jaw", self.jaw, 2), ("lip", self.lip, 2)):
            if not 0 <= value <= most:
                raise PlosiveHostError(f"{name} is {value}; it lies between 0 and {most}.", "CHOICE", name)
        if not 0 <= self.handle_frames <= 10000:
            raise PlosiveHostError(
                f"There are 0 to 10000 handle frames, not {self.handle_frames}.", "CHOICE", "handle_frames"
            )
        if self.output_mode not in OUTPUT_MODES:
            raise PlosiveHostError(
                f"The result goes to one of {', '.join(OUTPUT_MODES)}, not to '{self.output_mode}'.",
                "CHOICE",
                "output_mode",
            )
