# SPDX-License-Identifier: Apache-2.0
"""What a conform is asked for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from plosive.errors import OptionError

__all__ = ["EXPORTS", "ConformOptions", "DubWish"]

EXPORTS = ("edl", "xml", "fcpxml", "aaf")
_LANGUAGE = re.compile(r"[A-Za-z0-9]+(?:[-_][A-Za-z0-9]+)*")
_CHANNEL = re.compile(r"(.+)#(\d+)")
_TIME = re.compile(r"(.+)@([-+\d][\d:;.,/]*)")


@dataclass(frozen=True)
class DubWish:
    """The dub of one language. `source` is a sound file, or an audio track of the edit: its number (`A2` or
    `2`), name or role. `start` is the moment of the edit at which a sound file begins: timecode as the edit
    counts it, or seconds after its first frame; None means its first frame. `channel` counts from 1, None
    takes all.
    """

    language: str
    source: str
    start: str | None = None
    channel: int | None = None

    @staticmethod
    def parse(text: str) -> DubWish:
        """`LANG=SOURCE`, and behind it `@TIME` and `#CHANNEL` where wanted. Raises OptionError."""
        language, mark, source = (part.strip() for part in text.partition("="))
        if not mark or not source or not _LANGUAGE.fullmatch(language):
            raise OptionError(
                f"--dub {text!r} is not understood: give LANG=AUDIO or LANG=TRACK, as de=mix.wav."
            )
        start, channel = None, None
        if not Path(source).exists():
            numbered = _CHANNEL.fullmatch(source)
            if numbered is not None:
                source, channel = numbered[1], int(numbered[2])
                if channel < 1:
                    raise OptionError(f"--dub {text!r}: channels count from 1.")
        if not Path(source).exists():
            timed = _TIME.fullmatch(source)
            if timed is not None:
                source, start = timed[1], timed[2]
        return DubWish(language, source, start, channel)


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

    def validated(self) -> ConformOptions:
        """Itself, if it makes sense without a look at any file; OptionError otherwise."""
        if self.handles < 0:
            raise OptionError(f"--handles must be 0 or more, not {self.handles}.")
        if self.jobs < 1:
            raise OptionError(f"--jobs must be 1 or more, not {self.jobs}.")
        languages = [wish.language.casefold() for wish in self.dubs]
        for language in languages:
            if languages.count(language) > 1:
                raise OptionError(f"--dub names {language} twice; give each language one dub.")
        for one in self.exports:
            if one not in EXPORTS:
                raise OptionError(f"--format {one} is not known; choose {', '.join(EXPORTS)}.")
        if not self.dubs and not self.tracks and not self.dry_run:
            raise OptionError("There is no dub: give --dub LANG=AUDIO or LANG=TRACK, or --tracks.")
        return self
