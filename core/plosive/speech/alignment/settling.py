# SPDX-License-Identifier: Apache-2.0
"""Words beside a pause that were put on its wrong side."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from plosive.speech.alignment.aligner import Aligned, AlignedPhone, AlignedWord, Grammar, align
from plosive.speech.sound.prosody import HOP_SAMPLES
from plosive.speech.text.lexicon import Pronunciation

__all__ = ["settled"]

_PAUSE_HOPS = 30
_SQUEEZED_HOPS = 4  # the aligner gives every phone three
_MISFIT = 45.0  # score a hop; short words that were said reach 10 to 25
_WORDS_ALONG = 4  # neighbours that are aligned again with a word that moves


def settled(found: Aligned, words: Sequence[Pronunciation], samples: NDArray[np.float32]) -> Aligned:
    """`found` with short words moved across pauses where they fit badly.

    The aligner may squeeze a word into a few hops at the end of one phrase though it begins the next, or
    the other way round. Such a word is aligned again with its neighbours beyond the pause.
    """
    for pause in [phone for phone in found.phones if phone.symbol == "SIL"]:
        if pause.end - pause.start < _PAUSE_HOPS:
            continue
        row = sum(word.start < pause.start for word in found.words)
        if 0 < row < len(found.words):
            for moving in (row - 1, row):
                if _is_squeezed(found, found.words[moving]):
                    found = _moved(found, moving, pause, words, samples)
                    break
    return found


def _is_squeezed(found: Aligned, word: AlignedWord) -> bool:
    own = _phones_within(found, word.start, word.end)
    hops = sum(phone.end - phone.start for phone in own)
    return (
        bool(own)
        and max(phone.end - phone.start for phone in own) <= _SQUEEZED_HOPS
        and sum(phone.score for phone in own) >= _MISFIT * hops
    )


def _phones_within(found: Aligned, start: int, end: int) -> list[AlignedPhone]:
    return [p for p in found.phones if p.start >= start and p.end <= end and p.symbol != "SIL"]


def _moved(
    found: Aligned,
    moving: int,
    pause: AlignedPhone,
    words: Sequence[Pronunciation],
    samples: NDArray[np.float32],
) -> Aligned:
    middle = (pause.start + pause.end) // 2
    word = found.words[moving]
    if word.start < pause.start:
        rows = range(moving, min(moving + 1 + _WORDS_ALONG, len(found.words)))
        start, end = middle, found.words[rows[-1]].end
    else:
        rows = range(max(moving - _WORDS_ALONG, 0), moving + 1)
        start, end = found.words[rows[0]].start, middle
    piece = samples[start * HOP_SAMPLES : end * HOP_SAMPLES]
    said = [words[found.words[row].index] for row in rows]
    again = align(piece, said) or align(piece, said, Grammar.WIDE)
    if again is None or len(again.words) != len(rows):
        return found
    fresh = [AlignedPhone(p.symbol, p.start + start, p.end + start, p.score) for p in again.phones]
    kept = [p for p in found.phones if p.end <= min(start, word.start) or p.start >= max(end, word.end)]
    tiles: list[AlignedPhone] = []
    for phone in sorted([*kept, *fresh], key=lambda phone: phone.start):
        at = tiles[-1].end if tiles else 0
        if phone.start > at:
            tiles.append(AlignedPhone("SIL", at, phone.start))
        tiles.append(phone)
    if tiles[-1].end < found.phones[-1].end:
        tiles.append(AlignedPhone("SIL", tiles[-1].end, found.phones[-1].end))
    placed = {
        row: AlignedWord(new.text, new.start + start, new.end + start, found.words[row].index)
        for row, new in zip(rows, again.words, strict=True)
    }
    return Aligned(
        _joined_silences(tiles), tuple(placed.get(row, word) for row, word in enumerate(found.words))
    )


def _joined_silences(tiles: Sequence[AlignedPhone]) -> tuple[AlignedPhone, ...]:
    joined: list[AlignedPhone] = []
    for phone in tiles:
        if joined and joined[-1].symbol == phone.symbol == "SIL":
            phone = AlignedPhone("SIL", joined.pop().start, phone.end)
        joined.append(phone)
    return tuple(joined)
