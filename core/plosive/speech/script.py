# SPDX-License-Identifier: Apache-2.0
"""What is said in a dub, as somebody wrote it down: text, and what is known of its times."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from plosive.speech.model import Phone, Word

__all__ = ["Cue", "Script"]


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
