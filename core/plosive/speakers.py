# SPDX-License-Identifier: Apache-2.0
"""Whose face says which dub, and where nobody's lips are to be touched, as artists type it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from plosive.errors import OptionError

__all__ = ["NO_FACE", "NoSync", "Speaker", "speakers_and_transcript"]

NO_FACE = "off"
"""In the place of a face: the speaker is heard and not seen."""

_TIME = re.compile(r"^(?:\d{1,2}:\d{1,2}:\d{1,2}[:;]\d{1,3}|(?:\d+:)?\d+:\d+(?:\.\d*)?|-?\d+(?:\.\d*)?)$")


@dataclass(frozen=True)
class Speaker:
    """One face and what it says.

    `face` is a face as `--face` names it: a person's number or name, a click `X,Y@FRAME` or a box
    `X,Y,W,H@FRAME`. `voice` is the path of a dub, or, where one dub holds several speakers, the name that
    this one has in the turns. `audio_start` (timecode or seconds) is the plate's moment at which an own dub
    begins, below 0 before its first frame; None takes that of the job. `transcript` is what this speaker
    says; None takes that of the job. `name` is for an empty `face`: it is that of the person whom the cast
    calls so, if they are in the plate; of a name that the cast does not know it is whoever's lips move when
    this dub is heard. With `NO_FACE` nobody's lips move.
    """

    face: str
    voice: str
    audio_start: str | None = None
    transcript: str | None = None
    name: str = ""

    @property
    def dub(self) -> Path:
        """The dub, where `voice` is one."""
        return Path(self.voice)

    @staticmethod
    def parse(text: str) -> Speaker:
        """`FACE=DUB`, `FACE=DUB@TIME` or `FACE=NAME`. Raises OptionError for anything else."""
        face, mark, voice = (part.strip() for part in text.partition("="))
        if not (mark and face and voice):
            raise OptionError(f"--speaker {text!r} is not understood: give FACE=DUB, such as 1=anna.wav.")
        before, at, time = voice.rpartition("@")
        if at and before and _TIME.match(time) and not Path(voice).exists():
            return Speaker(face, before, time)
        return Speaker(face, voice)

    def __str__(self) -> str:
        said = f" saying {self.transcript}" if self.transcript else ""
        return f"{self.face}={self.voice}" + (f"@{self.audio_start}" if self.audio_start else "") + said


@dataclass(frozen=True)
class NoSync:
    """A range of the plate, frames or timecodes `FIRST-LAST`, in which `face` (None: every face) keeps the
    plate; with `if_resting` only where its mouth does not move as in speech.
    """

    frames: str
    face: str | None = None
    if_resting: bool = False

    @staticmethod
    def parse(text: str) -> NoSync:
        """`FIRST-LAST` or `FACE=FIRST-LAST`. Raises OptionError for anything else."""
        face, mark, frames = (part.strip() for part in text.rpartition("="))
        if not frames or (mark and not face):
            raise OptionError(f"--no-sync {text!r} is not understood: give FIRST-LAST or FACE=FIRST-LAST.")
        return NoSync(frames, face or None)

    def __str__(self) -> str:
        named = f"{self.face}={self.frames}" if self.face else self.frames
        return f"{named} where the mouth rests" if self.if_resting else named


def speakers_and_transcript(
    speakers: Sequence[str], transcripts: Sequence[str]
) -> tuple[tuple[Speaker, ...], str | None]:
    """What `--speaker` and `--transcript` say, each as often as typed: the speakers with what is their own,
    and the transcript of the whole job. A transcript that begins with a speaker's face or name and `=` is
    theirs. Raises OptionError where there are two for one speaker, or for the job.
    """
    cast = [Speaker.parse(text) for text in speakers]
    common: list[str] = []
    for text in transcripts:
        head, mark, rest = text.partition("=")
        wanted = head.strip().casefold()
        places = [
            place
            for place, speaker in enumerate(cast)
            if mark and wanted in (speaker.face.casefold(), speaker.voice.casefold())
        ]
        if not places:
            common.append(text)
            continue
        if cast[places[0]].transcript is not None:
            raise OptionError(f"--transcript is given twice for {head.strip()}; leave one out.")
        cast[places[0]] = replace(cast[places[0]], transcript=rest.strip())
    if len(common) > 1:
        raise OptionError(
            "--transcript is given twice; with --speaker write FACE=TEXT or FACE=FILE for each."
        )
    return tuple(cast), common[0] if common else None
