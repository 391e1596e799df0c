# SPDX-License-Identifier: Apache-2.0
"""The words of a script placed in the dub, near the times that it gives."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from plosive.speech.alignment.ladder import Part, place_transcript
from plosive.speech.alignment.passages import TimedText, passages
from plosive.speech.alignment.pauses import split_at_pauses
from plosive.speech.model import HOP_SECONDS
from plosive.speech.text.lexicon import Pronunciation
from plosive.speech.text.script import Script
from plosive.speech.text.transcript import words_of

__all__ = ["placed", "texts_of", "timed_texts"]

_CUE_MARGIN_HOPS = 60  # subtitles come and go half a second early or late
_WORD_MARGIN_HOPS = 20  # of words timed by recognition
_MOST_REFUSED = 0.5  # share of the time: with more, the times are wrong rather than the words

Runs = Sequence[tuple[int, int]]


def texts_of(script: Script, language: str) -> list[tuple[tuple[str, ...], int | None, int | None]]:
    """The words of each stretch of text of a script with its times in hops: timed words, else cues."""
    items = (
        [(word.text, word.start_seconds, word.end_seconds) for word in script.words]
        if script.words
        else [(cue.text, cue.start_seconds, cue.end_seconds) for cue in script.cues]
    )
    return [
        (
            words_of(text, language),
            None if start is None else round(start / HOP_SECONDS),
            None if end is None else round(end / HOP_SECONDS),
        )
        for text, start, end in items
    ]


def timed_texts(
    texts: Sequence[tuple[tuple[str, ...], int | None, int | None]], words: Sequence[Pronunciation]
) -> list[TimedText]:
    """`texts` with their `words` as pronounced (all of them, in order); what cannot be said is left out."""
    made: list[TimedText] = []
    at = 0
    for own, start, end in texts:
        said = tuple(word for word in words[at : at + len(own)] if word.ways)
        at += len(own)
        if said:
            made.append(TimedText(said, start, end))
    return made


def placed(
    texts: Sequence[TimedText],
    samples: NDArray[np.float32],
    runs: Runs,
    hops: int,
    language: str,
    warnings: list[str],
    *,
    by_word: bool,
) -> list[Part]:
    """Parts that tile 0..`hops`, those with words aligned, those without or where they do not fit empty.

    Where the texts have times, each stretch is aligned by itself; where hardly any fits that way, the
    times are left aside. `by_word` says that every text is a word timed by recognition.
    """
    if any(text.start is not None for text in texts):
        margin = _WORD_MARGIN_HOPS if by_word else _CUE_MARGIN_HOPS
        parts: list[Part] = []
        refused_hops = written_hops = unsaid = refused = count = 0
        for passage in passages(texts, runs, hops, margin):
            own = _parts(passage.start, passage.end, runs)
            parts += own
            spoken = [part for part in own if part.own(runs)]
            if not passage.words:
                continue
            count += 1
            written_hops += passage.end - passage.start
            if spoken:
                unsaid += place_transcript(spoken, passage.words, samples, runs, language)[1]
            if not any(part.phones for part in spoken):
                refused += 1
                refused_hops += passage.end - passage.start
        if refused_hops <= _MOST_REFUSED * written_hops:
            _tell(refused, count, unsaid, warnings)
            return parts
        warnings.append("The times in the transcript do not fit the dub, so they are not used.")
    words = tuple(word for text in texts for word in text.words)
    parts = _parts(0, hops, runs)
    spoken = [part for part in parts if part.own(runs)]
    refused, unsaid = place_transcript(spoken, words, samples, runs, language)
    _tell(refused, len(spoken), unsaid, warnings)
    return parts


def _parts(start: int, end: int, runs: Runs) -> list[Part]:
    own = [
        (max(left, start) - start, min(right, end) - start)
        for left, right in runs
        if left < end and right > start
    ]
    return [Part(start + left, start + right) for left, right in split_at_pauses(own, end - start)]


def _tell(refused: int, count: int, unsaid: int, warnings: list[str]) -> None:
    if unsaid:
        warnings.append(f"{unsaid} words of the transcript are not in the dub.")
    if refused and refused == count:
        warnings.append("The transcript does not fit the dub, so the dub is analysed without it.")
    elif refused:
        warnings.append(f"The transcript does not fit {refused} of {count} stretches of the dub.")
