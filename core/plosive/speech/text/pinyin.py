# SPDX-License-Identifier: Apache-2.0
"""Chinese characters in pinyin, which eSpeak NG reads everywhere."""

from __future__ import annotations

from plosive.errors import MissingDependencyError

__all__ = ["readings"]

_MOST = 3  # rarer readings than that would only mislead the aligner


def readings(word: str) -> tuple[str, ...]:
    """The ways to read `word`, likeliest first, as numbered pinyin; anything but a character as it is.

    Raises `MissingDependencyError` where pypinyin is not installed.
    """
    try:
        from pypinyin import Style, pinyin
    except ImportError:
        raise MissingDependencyError(
            "A Chinese transcript needs the package pypinyin to be read: pip install pypinyin."
        ) from None
    syllables = pinyin(word, style=Style.TONE3, heteronym=len(word) == 1, neutral_tone_with_five=True)
    if len(word) == 1 and syllables:
        return tuple(syllables[0][:_MOST])
    return ("".join(syllable[0] for syllable in syllables),)
