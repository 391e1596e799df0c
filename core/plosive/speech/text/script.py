# SPDX-License-Identifier: Apache-2.0
"""What is said in a dub, as somebody wrote it down: text, and what is known of its times."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

from plosive.speech.model import Phone, Word

__all__ = ["Cue", "Script"]

_HOUR_SECONDS = 3600


@dataclass(frozen=True)
class Cue:
    """A stretch of text, as written. Times are seconds of the dub; None where nothing is known of them."""

    text: str
    start_seconds: Fraction | None = None
    end_seconds: Fraction | None = None
    speaker: str | None = None


@dataclass(frozen=True)
class Script:
    """Everything a transcript file says.

    `cues` are in order of time and cover all text. `words` hold words timed by another program, `phones`
    phones timed by another program (in the aligner's symbols, without gaps); both may be empty. `language`
    is the file's own claim (`de`, `pt`), None without one. `warnings` are sentences for the artist.
    """

    cues: tuple[Cue, ...]
    words: tuple[Word, ...] = ()
    phones: tuple[Phone, ...] = ()
    language: str | None = None
    warnings: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """All text on one line."""
        return " ".join(cue.text for cue in self.cues)

    @property
    def speakers(self) -> tuple[str, ...]:
        """Everyone named in it, in order of their first line."""
        return tuple(dict.fromkeys(cue.speaker for cue in self.cues if cue.speaker))

    def spoken_by(self, speaker: str) -> Script:
        """What `speaker` says (upper and lower case alike): their lines, and the timed words within these.
        Times of phones, which say nothing of who speaks, are left out.
        """
        name = speaker.casefold()
        cues = tuple(cue for cue in self.cues if cue.speaker and cue.speaker.casefold() == name)
        spans = [
            (cue.start_seconds, cue.end_seconds)
            for cue in cues
            if cue.start_seconds is not None and cue.end_seconds is not None
        ]
        words = tuple(
            word
            for word in self.words
            if any(start <= (word.start_seconds + word.end_seconds) / 2 < end for start, end in spans)
        )
        return replace(self, cues=cues, words=words, phones=())

    def from_hour(self, name: str) -> Script:
        """The script with its times counted from the hour before its first one, where that is not the first.

        Programmes start at 01:00:00:00 or 10:00:00:00, and so do their subtitles; a dub of over an hour whose
        first hour nobody speaks in is unheard of. A warning says so of the file `name`.
        """
        starts = [cue.start_seconds for cue in self.cues if cue.start_seconds is not None]
        starts += [item.start_seconds for item in self.words]
        hours = int(min(starts) // _HOUR_SECONDS) if starts and not self.phones else 0
        if not hours:
            return self
        by = hours * _HOUR_SECONDS
        return replace(
            self,
            cues=tuple(_earlier(cue, by) for cue in self.cues),
            words=tuple(
                replace(word, start_seconds=word.start_seconds - by, end_seconds=word.end_seconds - by)
                for word in self.words
            ),
            warnings=(
                *self.warnings,
                f"The times in {name} begin at hour {hours}, taken as the start of the dub.",
            ),
        )


def _earlier(cue: Cue, by: int) -> Cue:
    if cue.start_seconds is None or cue.end_seconds is None:
        return cue
    return replace(cue, start_seconds=cue.start_seconds - by, end_seconds=cue.end_seconds - by)
