# SPDX-License-Identifier: Apache-2.0
"""How the words of a transcript sound."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from plosive.speech.text import espeak
from plosive.speech.text.languages import OTHER_SCRIPTS
from plosive.speech.text.letters import letter_names, sound_out
from plosive.speech.text.pinyin import readings

__all__ = ["Pronunciation", "in_dictionary", "pronunciations"]


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
    languages are read by eSpeak NG, see `espeak.pronounce` for errors; a word in Latin letters within
    another script is taken as English.
    """
    distinct = list(dict.fromkeys(words))
    english = [word for word in distinct if language == "en" or _is_loan(word, language)]
    others = [word for word in distinct if word not in set(english)]
    found: dict[str, Pronunciation] = {}
    if english:
        known = _dictionary({word.lower() for word in english})
        shouted = len(english) > 1 and all(word.isupper() for word in english)
        found |= {word: _english(word, known, shouted) for word in english}
    if others:
        read = {word: readings(word) if language == "zh" else (word,) for word in others}
        asked = list(dict.fromkeys(reading for each in read.values() for reading in each))
        heard = dict(zip(asked, espeak.pronounce(asked, language), strict=True))
        spelled = _spelled(others, language)
        for word in others:
            ways = [*(heard[reading] for reading in read[word]), spelled.get(word, ())]
            found[word] = Pronunciation(word, tuple(dict.fromkeys(way for way in ways if way)))
    return tuple(found[word] for word in words)


def _spelled(words: Sequence[str], language: str) -> dict[str, tuple[str, ...]]:
    """Abbreviations among `words` said letter by letter: eSpeak NG reads USA as a word where it can."""
    short = [word for word in words if 2 <= len(word) <= 5 and word.isalpha() and word.isupper()]
    if not short or len(short) == len(words) > 1:  # a text all in capitals marks nothing with them
        return {}
    letters = list(dict.fromkeys("".join(short)))
    sounds = dict(zip(letters, espeak.pronounce(letters, language), strict=True))
    return {word: tuple(phone for letter in word for phone in sounds[letter]) for word in short}


def in_dictionary(words: Sequence[str]) -> int:
    """How many of `words` (small letters) the English dictionary has."""
    known = _dictionary(set(words))
    return sum(word in known for word in words)


def _is_loan(word: str, language: str) -> bool:
    return language in OTHER_SCRIPTS and word.isascii() and any(letter.isalpha() for letter in word)


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


def _english(word: str, known: dict[str, list[tuple[str, ...]]], shouted: bool) -> Pronunciation:
    """`shouted`: the whole text is in capitals, so they do not mark abbreviations."""
    ways = known.get(word.lower(), [])
    if re.fullmatch(r"[A-Z]{2,5}", word) and not shouted:
        spelled = letter_names(word)
        if ways:  # IT, US: the word as likely as its letters
            return Pronunciation(word, tuple(dict.fromkeys([*ways, spelled])))
        if not re.search(r"[AEIOUY]", word):
            return Pronunciation(word, (spelled,))
    if ways:
        return Pronunciation(word, tuple(ways))
    guess: list[tuple[str, ...]] = []
    if espeak.espeak_program() is not None:
        guess += [way for way in espeak.pronounce([word], "en") if way]
    own = sound_out(word.lower().removesuffix("'s"))
    if own and word.lower().endswith("'s"):
        own = (*own, "AH", "Z") if own[-1] in ("S", "Z", "SH", "CH", "JH", "ZH") else (*own, "Z")
    if own and own not in guess:
        guess.append(own)
    if re.fullmatch(r"[A-Z]{2,5}", word) and not shouted:
        guess.append(letter_names(word))
    return Pronunciation(word, tuple(guess), guessed=True)
