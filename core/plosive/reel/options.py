# SPDX-License-Identifier: Apache-2.0
"""What a conform is asked for."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from plosive.conform.results.exporting import EXPORTS
from plosive.errors import OptionError

__all__ = ["ConformOptions", "DubWish", "TranscriptWish"]

_LANGUAGE = re.compile(r"[A-Za-z0-9]+(?:[-_][A-Za-z0-9]+)*")
_CHANNEL = re.compile(r"(.+)#(\d+)")
_RESERVED = ":;|@,"
_TIME = re.compile(r"(.+)@([-+\d][\d:;.,/]*)")


@dataclass(frozen=True)
class DubWish:
    """The dub of one language. `source` is a sound file, or an audio track of the edit: its number (`A2` or
    `2`), name or role. `start` is the moment of the edit at which a sound file begins: timecode as the edit
    counts it, or seconds after its first frame; None means its first frame. `channel` counts from 1, None
    takes all. `speaker` is whose stem it is, where a language has one for each speaker; '' for everyone's.
    """

    language: str
    source: str
    start: str | None = None
    channel: int | None = None
    speaker: str = ""

    @staticmethod
    def parse(text: str) -> DubWish:
        """`LANG=SOURCE` or `LANG:SPEAKER=SOURCE`, and behind it `@TIME` and `#CHANNEL` where wanted. Raises
        OptionError.
        """
        named = _named(text)
        if named is None:
            raise OptionError(
                f"--dub {text!r} is not understood: give LANG=AUDIO or LANG=TRACK, as de=mix.wav, or one for "
                "each speaker, as de:Anna=A2."
            )
        language, speaker, source = named
        start, channel = None, None
        if not os.path.exists(source):
            numbered = _CHANNEL.fullmatch(source)
            if numbered is not None:
                source, channel = numbered[1], int(numbered[2])
                if channel < 1:
                    raise OptionError(f"--dub {text!r}: channels count from 1.")
        if not os.path.exists(source):
            timed = _TIME.fullmatch(source)
            if timed is not None:
                source, start = timed[1], timed[2]
        return DubWish(language, source, start, channel, speaker)


@dataclass(frozen=True)
class TranscriptWish:
    """What is said in one language, by `speaker` ('': by all). `source` is a file that
    `plosive.speech.read_script` reads, in the time of the edit, or without times the words of one render.
    `start` is the moment of the edit at which the file's 00:00:00 stands, as of `DubWish`; None leaves it to
    the file's times (`plosive.reel.dub.transcripts.edit_script`).
    """

    language: str
    source: str
    start: str | None = None
    speaker: str = ""

    @staticmethod
    def parse(text: str) -> TranscriptWish:
        """`LANG=FILE` or `LANG:SPEAKER=FILE`, and behind it `@TIME` where wanted. Raises OptionError."""
        named = _named(text)
        if named is None:
            raise OptionError(f"--transcript {text!r} is not understood: give LANG=FILE, as de=reel_de.srt.")
        language, speaker, source = named
        timed = None if os.path.exists(source) else _TIME.fullmatch(source)
        if timed is not None:
            return TranscriptWish(language, timed[1], timed[2], speaker)
        return TranscriptWish(language, source, None, speaker)


def _named(text: str) -> tuple[str, str, str] | None:
    """Language, speaker and source of `LANG[:SPEAKER]=SOURCE`; None for anything else."""
    head, mark, source = (part.strip() for part in text.partition("="))
    language, colon, speaker = (part.strip() for part in head.partition(":"))
    is_named = bool(speaker) == bool(colon) and not set(speaker) & set(_RESERVED)
    if not mark or not source or not is_named or not _LANGUAGE.fullmatch(language):
        return None
    return language, speaker, source


@dataclass(frozen=True)
class ConformOptions:
    """One conform of the edit `edit` into the folder `out`.

    With `tracks`, audio tracks of the edit that are named for a language (`DE`, `Dialogue de`, `German`) are
    dubs, too. `handles` are frames of the edit at both ends of each shot. `only` says which shots are synced:
    numbers `3,5-8`, a range of timecode `01:00:10:00-01:00:20:00`, or `marker` / `marker:TEXT` for shots
    under a marker (whose name, comment or colour is TEXT); empty means all. `jobs` is how many renders run at
    once. `media` are folders to look for media in, `path_map` pairs of (beginning there, folder here).
    `rate` is the edit's frame rate where its file does not say. `timeline` picks one of several timelines.
    With `rest` mouths rest where the dub pauses, and where they speak in shots without speech; without it
    long pauses keep the plate where its mouth rests, and shots without speech are not looked at.
    `transcripts` say what is said in a language, and `cast` (of `plosive faces --save-cast`) who the people
    in the plates are: speakers of these names get their faces. `sheet` is a table with what is chosen for
    single shots (`plosive.reel.choosing.sheet`); a dry run writes one to `write_sheet`, to be filled in.
    `exports` are further formats to write the conformed edit in. With `score` False results are not scored.
    """

    edit: Path
    out: Path
    dubs: tuple[DubWish, ...] = ()
    tracks: bool = False
    handles: int = 12
    only: tuple[str, ...] = ()
    dry_run: bool = False
    jobs: int = 1
    media: tuple[Path, ...] = ()
    path_map: tuple[tuple[str, str], ...] = ()
    rate: Fraction | None = None
    timeline: str | None = None
    exports: tuple[str, ...] = ()
    score: bool = True
    rest: bool = False
    device: str = "auto"
    seed: int = 0
    generator: str = "plate"
    transcripts: tuple[TranscriptWish, ...] = ()
    cast: Path | None = None
    sheet: Path | None = None
    write_sheet: Path | None = None

    def validated(self) -> ConformOptions:
        """Itself, if it makes sense without a look at any file; OptionError otherwise."""
        if self.handles < 0:
            raise OptionError(f"--handles must be 0 or more, not {self.handles}.")
        if self.jobs < 1:
            raise OptionError(f"--jobs must be 1 or more, not {self.jobs}.")
        self._require_voices()
        for one in self.exports:
            if one not in EXPORTS:
                raise OptionError(f"--format {one} is not known; choose {', '.join(EXPORTS)}.")
        if not self.dubs and not self.tracks and not self.dry_run:
            raise OptionError("There is no dub: give --dub LANG=AUDIO or LANG=TRACK, or --tracks.")
        if self.write_sheet is not None and not self.dry_run:
            raise OptionError("--write-sheet is for a plan: give --dry-run, too.")
        return self

    def _require_voices(self) -> None:
        heard = [(wish.language.casefold(), wish.speaker.casefold()) for wish in self.dubs]
        for language, speaker in heard:
            count = sum(other == language for other, _ in heard)
            if count > 1 and not speaker:
                raise OptionError(
                    f"--dub names {language} twice; give each language one dub, or one for each speaker "
                    f"(--dub {language}:NAME=...)."
                )
            if heard.count((language, speaker)) > 1:
                raise OptionError(f"--dub names the speaker {speaker} of {language} twice; leave one out.")
        written = [(wish.language.casefold(), wish.speaker.casefold()) for wish in self.transcripts]
        for language, speaker in written:
            told = f"{language}:{speaker}" if speaker else language
            if written.count((language, speaker)) > 1:
                raise OptionError(f"--transcript names {told} twice; leave one out.")
            if not self.tracks and self.dubs and language not in {other for other, _ in heard}:
                raise OptionError(f"--transcript {told} is for a language without a dub; give --dub, too.")
