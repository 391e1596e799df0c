# SPDX-License-Identifier: Apache-2.0
"""How the words of a transcript sound."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from plosive.speech import espeak
from plosive.speech.letters import letter_names, sound_out

__all__ = ["Pronunciation", "pronunciations"]


@dataclass(frozen=True)
class Pronunciation:
    """A word and the ways to say it, each a tuple of ARPAbet symbols, likeliest first.

    `guessed` is True where an English word is in no dictionary. Without ways it cannot be aligned.
    """

    word: str
    ways: tuple[tuple[str, ...], ...]
    guessed: bool = False


def pronunciations(words: Sequence[str], language: str) -> tuple[Pronunciation, ...]:
    """The pronunciation of every word, in order.

    English comes from the aligner's own dictionary (CMUdict); words it lacks are guessed. Other
    languages are read by eSpeak NG, see `espeak.pronounce` for errors.
    """
    if not words:
        return ()
    distinct = list(dict.fromkeys(words))
    if language == "en":
        known = _dictionary({word.lower() for word in distinct})
        found = {word: _english(word, known) for word in distinct}
    else:
        ways = espeak.pronounce(distinct, language)
        found = {
            word: Pronunciation(word, (way,) if way else ()) for word, way in zip(distinct, ways, strict=True)
        }
    return tuple(found[word] for word in words)


def _dictionary(wanted: set[str]) -> dict[str, list[tuple[str, ...]]]:
    """The entries of the aligner's dictionary for `wanted` (lower case)."""
    from pocketsphinx import get_model_path

    found: dict[str, list[tuple[str, ...]]] = {}
    path = Path(get_model_path("en-us")) / "cmudict-en-us.dict"
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            entry, *phones = line.split()
            word = entry.split("(")[0]
            if word in wanted:
                found.setdefault(word, []).append(tuple(phones))
    return found


def _english(word: str, known: dict[str, list[tuple[str, ...]]]) -> Pronunciation:
    ways = known.get(word.lower())
    if ways:
        return Pronunciation(word, tuple(ways))
    stem = word.lower().removesuffix("'s")
    if re.fullmatch(r"[A-Z]{2,5}", word) and not re.search(r"[AEIOUY]", word):
        return Pronunciation(word, (letter_names(word),))
    guess: list[tuple[str, ...]] = []
    if espeak.espeak_program() is not None:
        guess += [way for way in espeak.pronounce([word], "en") if way]
    own = sound_out(stem)
    if own and stem != word.lower():
        own = (*own, "AH", "Z") if own[-1] in ("S", "Z", "SH", "CH", "JH", "ZH") else (*own, "Z")
    if own and own not in guess:
        guess.append(own)
    return Pronunciation(word, tuple(guess), guessed=True)
