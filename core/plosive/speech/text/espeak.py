# SPDX-License-Identifier: Apache-2.0
"""Pronunciations from the eSpeak NG program, in the aligner's phones."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Sequence

from plosive.errors import MissingDependencyError
from plosive.speech.text.ipa import arpabet
from plosive.speech.text.languages import VOICES

__all__ = ["espeak_program", "pronounce"]

_HOW = (
    "install eSpeak NG (Linux: apt install espeak-ng, macOS: brew install espeak-ng, "
    "Windows: winget install eSpeak-NG.eSpeak-NG)"
)

_SWITCH = re.compile(
    r"\([a-z-]+\)"
)  # "(en)": the voice switched to another, for a loan word or a strange script
_LATIN = re.compile(r"[^\W\d_]", re.ASCII)


def espeak_program() -> str | None:
    """Path of the eSpeak NG program, or None where it is not installed."""
    return shutil.which("espeak-ng") or shutil.which("espeak")


def pronounce(words: Sequence[str], language: str) -> tuple[tuple[str, ...], ...]:
    """ARPAbet phones of each word, in order; an empty tuple for a word eSpeak NG cannot read.

    Chinese must come in numbered pinyin, see `pinyin.readings`.

    Raises `MissingDependencyError` where the program is not installed.
    """
    program = espeak_program()
    if program is None:
        raise MissingDependencyError(f"A transcript in '{language}' needs eSpeak NG to be read: {_HOW}.")
    voice = VOICES[language]
    lines = _spoken(program, voice, words)
    if len(lines) != len(words):  # a word without sound gives no line: ask one by one
        lines = [" ".join(_spoken(program, voice, [word])) for word in words]
    return tuple(_phones(word, line, language) for word, line in zip(words, lines, strict=True))


def _phones(word: str, line: str, language: str) -> tuple[str, ...]:
    """What eSpeak NG said for `word`, in the aligner's phones.

    A loan word (`weekend` in French) is said by another voice and right; a letter in a script that the voice
    does not know is said by its name (`Chinese letter`) and nothing that anybody says.
    """
    if _SWITCH.search(line) and not _LATIN.search(word):
        return ()
    return arpabet(_SWITCH.sub("", line), language)


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
