# SPDX-License-Identifier: Apache-2.0
"""The words of a dub: read from text or subtitles and made ready for alignment."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

from plosive.errors import OptionError

__all__ = ["read_transcript", "words_of"]

_SUFFIXES = (".txt", ".srt", ".vtt")
_CUE_TIME = re.compile(r"^\s*(\d+:)?\d+:\d\d[.,]\d+\s*-->.*$")
_TAG = re.compile(r"<[^>]*>|\{[^}]*\}|\[[^\]]*\]|\([^)]*\)")  # markup, and sounds written in brackets
_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?(?:st|nd|rd|th)?", re.IGNORECASE)
_YEAR = re.compile(r"^(1[1-9]|20)\d\d$")
_WORD = re.compile(
    r"[^\W\d_][^\W\d_\u0300-\u036f\u0900-\u0dff]*(?:['\u0300-\u036f\u0900-\u0dff][^\W\d_]*)*|\d+"
)
_ALONE = re.compile(r"[\u4e00-\u9fff\u3400-\u4dbf]")  # Chinese writes no spaces: one syllable a character
_ENGLISH_SIGNS = {"&": " and ", "%": " percent ", "+": " plus ", "=": " equals ", "@": " at "}
_SYMBOL_AMOUNT = re.compile(r"([$£€])\s?(\d[\d,]*(?:\.\d+)?)")
_CURRENCY = {"$": "dollars", "£": "pounds", "€": "euros"}
_ABBREVIATIONS = {
    "mr": "mister",
    "mrs": "missus",
    "dr": "doctor",
    "st": "saint",
    "vs": "versus",
    "etc": "et cetera",
}


def read_transcript(text_or_path: str | Path) -> str:
    """The spoken text of a transcript, on one line.

    `text_or_path` is the text itself or a `.txt`, `.srt` or `.vtt` file (UTF-8, UTF-16 with a mark, or
    Windows Latin). Cue numbers, times, markup and bracketed sounds are left out. Raises `OptionError`
    when it names a file that is not there or cannot be read.
    """
    given = str(text_or_path)
    looks_like_file = isinstance(text_or_path, Path) or given.lower().endswith(_SUFFIXES)
    if not looks_like_file:
        return " ".join(given.split())
    path = Path(text_or_path)
    try:
        raw = path.read_bytes()
    except OSError as error:
        reason = error.strerror or "it cannot be read"
        raise OptionError(f"The transcript {path} cannot be read: {reason}.") from error
    text = _decoded(raw)
    if path.suffix.lower() in (".srt", ".vtt"):
        text = _spoken_lines(text)
    return " ".join(text.split())


def words_of(text: str, language: str) -> tuple[str, ...]:
    """The words of `text` in order, numbers and signs spelled out for English, punctuation dropped."""
    text = unicodedata.normalize("NFC", _TAG.sub(" ", text)).replace("\u2019", "'").replace("\u02bc", "'")
    if language == "en":
        text = _english(text)
    if language == "ja":
        return _japanese(text)
    words: list[str] = []
    for match in _WORD.findall(text):
        words += list(match) if language == "zh" and _ALONE.match(match) else [match.strip("'")]
    return tuple(word for word in words if word)


def _decoded(raw: bytes) -> str:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", errors="replace")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")


def _spoken_lines(text: str) -> str:
    """What is spoken in an SRT or WebVTT text."""
    spoken: list[str] = []
    for block in re.split(r"\n\s*\n", text.replace("\r\n", "\n").replace("\r", "\n")):
        lines = block.strip().split("\n")
        timed = [row for row, line in enumerate(lines) if _CUE_TIME.match(line)]
        if timed:  # headers, notes and styles carry no time
            spoken += [_TAG.sub(" ", line).lstrip("- ") for line in lines[timed[0] + 1 :]]
    return " ".join(spoken)


def _english(text: str) -> str:
    """Numbers, currencies, signs and common abbreviations in words."""

    def spell(match: re.Match[str]) -> str:
        import inflect  # takes two seconds to import: only for texts with numbers

        engine = inflect.engine()
        number = match.group().replace(",", "")
        group = 2 if _YEAR.match(number) and not number.startswith("200") and number[2:] != "00" else 0
        return " " + str(engine.number_to_words(number, group=group)).replace(",", " ") + " "

    text = _SYMBOL_AMOUNT.sub(lambda m: f"{m.group(2)} {_CURRENCY[m.group(1)]}", text)
    for sign, word in _ENGLISH_SIGNS.items():
        text = text.replace(sign, word)
    text = _NUMBER.sub(spell, text).replace("-", " ")
    return re.sub(r"\b(\w+)\b\.?", lambda m: _ABBREVIATIONS.get(m.group(1).lower(), m.group()), text)


def _japanese(text: str) -> tuple[str, ...]:
    """Japanese words in kana where the tokenizer is installed (it reads kanji), else runs of characters."""
    try:
        from janome.tokenizer import Tokenizer  # type: ignore[import-untyped, import-not-found, unused-ignore]
    except ImportError:
        return tuple(_WORD.findall(text))
    kana: list[str] = []
    for token in Tokenizer().tokenize(text):
        reading = token.surface if token.reading == "*" else token.reading
        if any(character.isalnum() for character in reading):
            kana.append(reading)
    return tuple(kana)
