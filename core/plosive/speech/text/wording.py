# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: RUF001  (other scripts look like Latin letters)
"""The words of a text as they are said, each with what was written for it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from plosive.speech.text.numerals import in_words, plain_number
from plosive.speech.text.signs import ABBREVIATIONS, CLOCK, ORDINAL_MARKS, SIGNS

__all__ = ["Wording", "wordings_of"]

_UNSPOKEN = re.compile(r"<[^>]*>|\{[^}]*\}|\[[^\]]*\]|\([^)]*\)|（[^）]*）|【[^】]*】")
_NUMBER = r"\d{1,3}(?:[.,'\u00a0\u202f ]\d{3})+(?:[.,]\d+)?|\d+(?:[.,]\d+)?"
_UNIT = r"(?:km/h|km|kg|cm|mm|%|°C?|€|\$|£)"
_YEAR = re.compile(r"(?:1[1-9]|20)\d\d")
_INITIALS = re.compile(r"\b(?:[^\W\d_]\.){2,}(?:[^\W\d_]\b)?")  # U.S.A.
_WORD = re.compile(
    r"[^\W\d_][^\W\d_\u0300-\u036f\u0900-\u0dff]*(?:['\u0300-\u036f\u0900-\u0dff][^\W\d_]*)*|\d+|[\ue000-\uf8ff]"
)
_ALONE = re.compile(r"[\u4e00-\u9fff\u3400-\u4dbf]")  # Chinese writes no spaces: one syllable a character
_FIRST, _LAST = 0xE000, 0xF8FF  # private characters that stand for what is said otherwise than written
_SPACELESS = frozenset({"ja", "zh"})


@dataclass(frozen=True)
class Wording:
    """A word as it is said and what was written for it; all words said for one writing share `group`."""

    spoken: str
    written: str
    group: int


def wordings_of(text: str, language: str) -> tuple[Wording, ...]:
    """The words of `text` in order: numbers, signs and abbreviations in words, punctuation dropped."""
    text = unicodedata.normalize("NFKC" if language in _SPACELESS else "NFC", _UNSPOKEN.sub(" ", text))
    text = re.sub(r"[\ue000-\uf8ff]", " ", text)
    for apostrophe in "\u2019\u02bc\u2018`´":
        text = text.replace(apostrophe, "'")
    if language == "zh":
        text = re.sub(r"[A-Za-z][A-Za-z']*", r" \g<0> ", text)
    text = "".join(_ascii_digit(character) for character in text)
    said: list[tuple[str, str]] = []  # written, spoken

    def stand_in(written: str, spoken: str) -> str:
        if not spoken.strip() or _FIRST + len(said) > _LAST:
            return f" {spoken} "
        said.append((written.strip(), spoken))
        return f" {chr(_FIRST + len(said) - 1)} "

    text = _with_stand_ins(text, language, stand_in)
    if language == "ja":
        for row, (_, spoken) in enumerate(said):
            text = text.replace(f" {chr(_FIRST + row)} ", spoken)
        return tuple(_japanese(text))
    wordings: list[Wording] = []
    for group, match in enumerate(_WORD.findall(text)):
        row = ord(match[0]) - _FIRST
        written, spoken = said[row] if 0 <= row < len(said) else (match, match)
        words = _WORD.findall(spoken) if 0 <= row < len(said) else [match]
        if language == "zh":
            words = [part for word in words for part in (list(word) if _ALONE.match(word) else [word])]
            written = written if 0 <= row < len(said) else ""
        for number, word in enumerate(words):
            # A Chinese run of characters is many words, each written as itself.
            own = group * 10_000 + (0 if written else number)
            if word.strip("'"):
                wordings.append(Wording(word.strip("'"), written.strip("'") or word, own))
    return tuple(wordings)


def _with_stand_ins(text: str, language: str, stand_in: Callable[[str, str], str]) -> str:
    """`text` with what is said otherwise replaced by single characters."""
    signs = SIGNS.get(language, {})
    short = ABBREVIATIONS.get(language, {})

    def number(match: re.Match[str]) -> str:
        before, digits, mark, unit = match.groups()
        plain = plain_number(digits, language)
        form = (
            "ordinal" if mark else "year" if _YEAR.fullmatch(digits) and not (before or unit) else "cardinal"
        )
        sign = signs.get((before or unit or "").strip().rstrip("C"), "")
        if (before or unit or "").strip() in ("$", "€", "£") and re.fullmatch(r"\d+\.\d\d", plain):
            whole, cents = plain.split(".")
            rest = in_words(str(int(cents)), language) if int(cents) else ""
            return stand_in(match.group(), f"{in_words(whole, language)} {sign} {rest}")
        words = in_words(plain, language, form)
        if sign and language == "zh" and (unit or "").strip() == "%":
            return stand_in(match.group(), f"百分之{words}")
        return stand_in(match.group(), f"{words} {sign}")

    def clock(match: re.Match[str]) -> str:
        hours, minutes = in_words(match[1], language), in_words(match[2].lstrip("0") or "0", language)
        if match[2] == "00":
            minutes = "o'clock" if language == "en" else ""
        return stand_in(match.group(), f"{hours} {CLOCK.get(language, '')} {minutes}")

    def abbreviation(match: re.Match[str]) -> str:
        return stand_in(match.group(), short[re.sub(r"\s", "", match.group().lower())])

    if short:
        forms = sorted(
            (re.escape(form).replace(r"\.", r"\.\s?").removesuffix(r"\s?") for form in short), key=len
        )
        choice = "|".join(reversed(forms))
        pattern = rf"(?<![^\W_])(?:{choice})(?![^\W_])"
        text = re.sub(pattern, abbreviation, text, flags=re.IGNORECASE)
    text = _INITIALS.sub(lambda match: match.group().replace(".", ""), text)
    hour = rf"(?:\s+{CLOCK[language]}\b)?" if language in CLOCK else ""
    text = re.sub(rf"(?<![\d:])(\d{{1,2}}):(\d\d)(?![\d:]){hour}", clock, text)
    mark = ORDINAL_MARKS.get(language, "(?!)")
    close = r"(?![^\W\d_])" if language not in _SPACELESS | {"ko", "th"} else ""
    text = re.sub(
        rf"(?:([$€£])\s?)?(?<!\d)({_NUMBER})(?:(?:({mark}){close})|(\s?{_UNIT}(?![^\W\d_])))?", number, text
    )
    for sign in "&@+=%":
        if sign in signs:
            text = text.replace(sign, f" {signs[sign]} ")
    return text


def _ascii_digit(character: str) -> str:
    """Digits of all scripts as 0 to 9."""
    if character.isdecimal() and not character.isascii():
        return str(unicodedata.decimal(character))
    return character


def _japanese(text: str) -> Iterator[Wording]:
    """Japanese words in kana where the tokenizer is installed (it reads kanji), else runs of characters."""
    try:
        tokenizer = _tokenizer()
    except ImportError:
        for group, word in enumerate(_WORD.findall(text)):
            yield Wording(word, word, group)
        return
    for group, token in enumerate(tokenizer.tokenize(text)):
        spoken = token.surface if token.phonetic == "*" else token.phonetic
        if any(character.isalnum() for character in spoken):
            yield Wording(spoken, token.surface, group)


@lru_cache(maxsize=1)
def _tokenizer() -> Any:
    """Its dictionary takes a second to load, and scripts are read cue by cue."""
    from janome.tokenizer import Tokenizer  # type: ignore[import-untyped, import-not-found, unused-ignore]

    return Tokenizer()
