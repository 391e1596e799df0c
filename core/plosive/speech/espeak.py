# SPDX-License-Identifier: Apache-2.0
"""Pronunciations from the eSpeak NG program, in the aligner's phones."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Sequence

from plosive.errors import MissingDependencyError
from plosive.speech.languages import VOICES

__all__ = ["arpabet", "espeak_program", "pronounce"]

_HOW = "install eSpeak NG (Linux: apt install espeak-ng, macOS: brew install espeak-ng, Windows: winget install eSpeak-NG.eSpeak-NG)"

_IPA = {
    # affricates
    "t͡ʃ": "CH", "d͡ʒ": "JH", "tʃ": "CH", "dʒ": "JH", "tɕ": "CH", "dʑ": "JH", "ts.": "CH", "ts": "T S", "dz": "D Z",
    "pf": "P F", "tʂ": "CH", "dʐ": "JH",
    # diphthongs
    "aɪ": "AY", "aʊ": "AW", "eɪ": "EY", "oʊ": "OW", "əʊ": "OW", "ɔɪ": "OY", "ɔʏ": "OY", "ɔø": "OY", "ɪə": "IH R",
    "eə": "EH R", "ʊə": "UH R", "iə": "IY AH", "ai": "AY", "au": "AW", "ei": "EY", "ou": "OW", "ɛi": "EY",
    "œy": "AW", "ʌu": "AW", "ɑu": "AW", "uo": "W AO", "ya": "Y AA", "oɪ": "OY",
    # nasal vowels
    "ɑ̃": "AA N", "ɔ̃": "AO N", "ɛ̃": "AE N", "œ̃": "AH N", "ɐ̃": "AH N", "ã": "AA N", "õ": "AO N", "ẽ": "EH N",
    "ĩ": "IY N", "ũ": "UW N",
    # vowels
    "iː": "IY", "i": "IY", "ɪ": "IH", "ɨ": "IH", "ᵻ": "IH", "e": "EY", "ɛ": "EH", "æ": "AE", "a": "AA", "ɑ": "AA",
    "ä": "AA", "ɒ": "AA", "ɔ": "AO", "o": "OW", "ʊ": "UH", "u": "UW", "ɯ": "UW", "ʉ": "UW", "ʌ": "AH", "ə": "AH",
    "ɐ": "AH", "ɜ": "ER", "ɚ": "ER", "ɝ": "ER", "ɵ": "UH", "ø": "ER", "œ": "ER", "y": "UW", "ʏ": "UH", "ɤ": "AH",
    "ɘ": "IH",
    # consonants
    "p": "P", "b": "B", "β": "B", "m": "M", "ɱ": "M", "f": "F", "v": "V", "ʋ": "V", "ɸ": "F", "w": "W", "ʍ": "W",
    "ɥ": "W", "t": "T", "d": "D", "ʈ": "T", "ɖ": "D", "n": "N", "ɳ": "N", "l": "L", "ɫ": "L", "ɭ": "L", "ɬ": "L",
    "ʎ": "L Y", "θ": "TH", "ð": "DH", "s": "S", "z": "Z", "ʃ": "SH", "ʒ": "ZH", "ɕ": "SH", "ʑ": "ZH", "ʂ": "SH",
    "ʐ": "ZH", "ç": "HH", "ʝ": "Y", "j": "Y", "k": "K", "c": "K", "ɡ": "G", "g": "G", "ɟ": "G", "q": "K", "ɢ": "G",
    "x": "HH", "χ": "HH", "ɣ": "G", "ʁ": "R", "ʀ": "R", "r": "R", "ɹ": "R", "ɻ": "R", "ɾ": "D", "ɽ": "D", "ŋ": "NG",
    "ɴ": "NG", "ɲ": "N Y", "h": "HH", "ħ": "HH", "ɦ": "HH", "ʕ": "AA",
}  # fmt: skip
_LONGEST = max(map(len, _IPA))
_FOREIGN = re.compile(r"\([a-z-]+\)")  # "(en)": the voice could not read the script and switched to another


def espeak_program() -> str | None:
    """Path of the eSpeak NG program, or None where it is not installed."""
    return shutil.which("espeak-ng") or shutil.which("espeak")


def pronounce(words: Sequence[str], language: str) -> tuple[tuple[str, ...], ...]:
    """ARPAbet phones of each word, in order; an empty tuple for a word eSpeak NG cannot read.

    Raises `MissingDependencyError` where the program is not installed.
    """
    program = espeak_program()
    if program is None:
        raise MissingDependencyError(f"A transcript in '{language}' needs eSpeak NG to be read: {_HOW}.")
    if language == "zh":
        words = _pinyin(words)
    voice = VOICES[language]
    lines = _spoken(program, voice, words)
    if len(lines) != len(words):  # a word without sound gives no line: ask one by one
        lines = [" ".join(_spoken(program, voice, [word])) for word in words]
    return tuple(() if _FOREIGN.search(line) else arpabet(line) for line in lines)


def arpabet(ipa: str) -> tuple[str, ...]:
    """IPA of one word to ARPAbet, longest match first; marks that say nothing of the mouth are skipped."""
    phones: list[str] = []
    at = 0
    while at < len(ipa):
        for length in range(_LONGEST, 0, -1):
            found = _IPA.get(ipa[at : at + length])
            if found is not None and len(ipa[at : at + length]) == length:
                phones += found.split()
                at += length
                break
        else:
            at += 1
    if not phones:
        return ()
    # Long consonants and vowels are one movement of the mouth.
    return tuple(phone for row, phone in enumerate(phones) if row == 0 or phones[row - 1] != phone)


def _spoken(program: str, voice: str, words: Sequence[str]) -> list[str]:
    """IPA lines, one per clause; a blank line ends a clause."""
    command = [program, "-q", "-b", "1", "-v", voice, "--ipa", "--stdin"]
    text = "\n\n".join(words) + "\n"
    done = subprocess.run(command, input=text.encode(), capture_output=True, check=False, timeout=60)
    if done.returncode != 0:
        reason = done.stderr.decode(errors="replace").strip().splitlines()
        detail = reason[-1] if reason else "no reason given"
        raise MissingDependencyError(f"eSpeak NG cannot speak '{voice}' ({detail}): {_HOW}.")
    return [line.strip() for line in done.stdout.decode(errors="replace").splitlines() if line.strip()]


def _pinyin(words: Sequence[str]) -> list[str]:
    """Chinese characters to numbered pinyin, which eSpeak NG reads everywhere."""
    try:
        from pypinyin import Style, lazy_pinyin
    except ImportError:
        raise MissingDependencyError(
            "A Chinese transcript needs the package pypinyin to be read: pip install pypinyin."
        ) from None
    syllables = lazy_pinyin(list(words), style=Style.TONE3, neutral_tone_with_five=True)
    return list(syllables) if len(syllables) == len(words) else ["".join(lazy_pinyin(word)) for word in words]
