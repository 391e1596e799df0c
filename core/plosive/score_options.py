# SPDX-License-Identifier: Apache-2.0
"""What one scoring is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from plosive.colour.plate_colour import ColourChoice
from plosive.errors import OptionError

__all__ = ["REPORT_SUFFIXES", "ScoreOptions"]

REPORT_SUFFIXES = (".html", ".htm")


@dataclass(frozen=True)
class ScoreOptions:
    """One scoring of `result`, any lip-synced video, still or image sequence, by whomever it was made.

    `dub` is the speech it should say; None listens to the result's own sound. `plate` is the picture
    before the lip sync; without it, what is measured against a plate is left out. Scoring a plate as its
    own result is allowed: it gives the figures of real footage. `plate_range` is `FIRST-LAST` in the plate's
    own frame numbers, the part of it that `result` holds; None means all of it. `audio_start` (timecode or
    seconds, text as typed) is the result's moment at which the dub begins; None means its first frame.
    `audio_channel` counts from 1; None mixes all channels. `transcript` is the words themselves or a file
    that `plosive.speech.read_script` reads; `language` of `auto` is the transcript's own. `face` is `auto`, a
    person's number or name, `X,Y@FRAME`, or `X,Y,W,H@FRAME` (a box). Of a transcript with speakers' names
    only the lines of `transcript_speaker` are taken, where one is named. `sequence_rate` is the frame
    rate of an image sequence, in frames a second; None takes what its files say, else 24. `cast` is a file
    that `plosive faces --save-cast` wrote: its people keep their numbers and names. `colorspace` and `ocio`
    are result's and plate's colour space and OCIO config, `view` is the view of both that is looked at where
    they are stereo EXR files, as in `SyncOptions`.
    """

    result: Path
    dub: Path | None = None
    plate: Path | None = None
    plate_range: str | None = None
    audio_start: str | None = None
    audio_channel: int | None = None
    transcript: str | None = None
    language: str = "auto"
    face: str = "auto"
    sequence_rate: Fraction | None = None
    transcript_speaker: str | None = None
    cast: Path | None = None
    colorspace: str | None = None
    ocio: str | None = None
    view: str | None = None

    def validated(self) -> ScoreOptions:
        """Itself, if every value makes sense without looking at any file; OptionError otherwise."""
        if self.audio_channel is not None and self.audio_channel < 1:
            raise OptionError(f"--audio-channel counts from 1, not {self.audio_channel}.")
        if self.audio_start is not None and self.dub is None:
            raise OptionError("--audio-start says where a dub begins; name the dub with --audio.")
        if self.plate_range is not None and self.plate is None:
            raise OptionError("--plate-range says which part of a plate RESULT holds; name it with --plate.")
        if self.sequence_rate is not None and self.sequence_rate <= 0:
            raise OptionError(f"--rate must be above zero, not {self.sequence_rate}.")
        for name, text in (("face", self.face), ("language", self.language)):
            if not text.strip():
                raise OptionError(f"--{name} must not be empty.")
        return self

    @property
    def colour(self) -> ColourChoice:
        """What is said of the colour of result and plate."""
        return ColourChoice(self.colorspace, self.ocio)
