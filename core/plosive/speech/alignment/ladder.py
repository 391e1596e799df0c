# SPDX-License-Identifier: Apache-2.0
"""The ladder of attempts on a stretch of speech: from strict alignment down to single sounds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plosive.speech.alignment.agreement import agreement
from plosive.speech.alignment.aligner import (
    Aligned,
    AlignedPhone,
    AlignedWord,
    Grammar,
    align,
    decode_phones,
    recognise,
)
from plosive.speech.alignment.settling import settled
from plosive.speech.alignment.slowing import at_full_speed, haste, slowed
from plosive.speech.model import PhoneSource
from plosive.speech.sound.prosody import HOP_SAMPLES
from plosive.speech.text.lexicon import Pronunciation

__all__ = ["UNWRITTEN_HOPS", "Part", "listen", "place_transcript"]

# Words fit when the aligner's mean score a hop is this low, or when the agreement with free phone decoding
# outweighs it. On 14 dubs: right English words 10 to 28 (fast: 36), wrong ones 36 to 61; in other
# languages, foreign to the model, 22 to 41 and 47 to 60. Free to leave words out, wrong ones reach 32.
_STRAIN = 36.0
_STRAIN_FOREIGN = 44.0
_STRAIN_WITH_GAPS = 28.0
_LEAST_GAIN = 0.0  # of agreement over a hundredth of the score
_LEAST_GAIN_WITH_GAPS = 0.12
_LEAST_COVERED = 0.5  # share of the speech that the words must fill
_LEAST_SAID = 0.6  # share of the words when they may be left out
_MOST_SAID = 0.7  # fewer of the words than this are worth a warning
# Likelihood of recognised words below which decoded phones stand in. On 8 clips of connected speech words
# beat them at every likelihood (r of the mouth .57 against .39), on 6 of disconnected ones only above 0.4.
_SURE = 0.4
_SURE_CONNECTED = 0.2
_CONNECTED_WORDS = 10
_LATEST_WORDS_PER_SECOND = 7
UNWRITTEN_HOPS = 50  # speech this long inside a silence is words that the transcript lacks
_MARGIN_HOPS = 12  # soft beginnings and ends of speech that its energy does not show
_WHOLE = (Grammar.EXACT, Grammar.WIDE, Grammar.COARSE, Grammar.OPTIONAL)

Runs = Sequence[tuple[int, int]]


@dataclass
class Part:
    """A stretch of the dub between pauses and what was found in it."""

    start: int
    end: int
    phones: tuple[AlignedPhone, ...] = ()
    words: tuple[AlignedWord, ...] = ()
    source: PhoneSource = PhoneSource.NONE
    confidence: float = 1.0

    def cut(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """This part of the dub's samples."""
        return samples[self.start * HOP_SAMPLES : self.end * HOP_SAMPLES]

    def own(self, runs: Runs) -> list[tuple[int, int]]:
        """The `runs` of the dub inside this part, in hops from its start."""
        return [
            (max(start, self.start) - self.start, min(end, self.end) - self.start)
            for start, end in runs
            if start < self.end and end > self.start
        ]


def place_transcript(
    parts: list[Part],
    words: tuple[Pronunciation, ...],
    samples: NDArray[np.float32],
    runs: Runs,
    language: str,
) -> tuple[int, int]:
    """Gives every part its share of the words; parts where they do not fit stay empty.

    `runs` are the stretches of the dub with voice activity, in hops. Gives the number of parts that refused
    their words and the number of words that are not in the dub.
    """
    at = refused = unsaid = 0
    for number, part in enumerate(parts):
        last = number == len(parts) - 1
        seconds = (part.end - part.start) / 100
        ahead = words[at:] if last else words[at : at + int(seconds * _LATEST_WORDS_PER_SECOND) + 5]
        found = _best_fit(part.cut(samples), ahead, part.own(runs), language, whole=last) if ahead else None
        if found is None:
            refused += 1
            # Its share of the words that are left is the best guess at where the next one begins.
            at += round(len(words[at:]) * seconds / sum((p.end - p.start) / 100 for p in parts[number:]))
            continue
        found = settled(found, ahead, part.cut(samples))
        if last and len(found.words) < _MOST_SAID * len(ahead):
            unsaid = len(ahead) - len(found.words)
        at += max(word.index for word in found.words) + 1
        part.phones, part.words = found.phones, found.words
        if any(phone.symbol == "SIL" and _spoken_within(phone, part.own(runs)) for phone in found.phones):
            part.phones = _with_unwritten(found.phones, decode_phones(part.cut(samples)))
        part.source, part.confidence = PhoneSource.ALIGNED, _ease(found)
    return refused, unsaid


def _best_fit(
    piece: NDArray[np.float32], words: tuple[Pronunciation, ...], runs: Runs, language: str, *, whole: bool
) -> Aligned | None:
    """The first rung of the ladder that fits; very fast speech that does not fit is slowed down."""
    if not whole:
        return _first_fit(piece, words, runs, language, (Grammar.PREFIX,))
    factor = haste(words, runs)
    if factor > 1:
        found = _first_fit(piece, words, runs, language, (Grammar.EXACT,))
        if found is not None:
            return found
        slow = [(round(start * factor), round(end * factor)) for start, end in runs]
        found = _first_fit(slowed(piece, factor), words, slow, language, _WHOLE)
        if found is not None:
            return at_full_speed(found, factor, -(-len(piece) // HOP_SAMPLES))
    return _first_fit(piece, words, runs, language, _WHOLE)


def _first_fit(
    piece: NDArray[np.float32],
    words: tuple[Pronunciation, ...],
    runs: Runs,
    language: str,
    grammars: Sequence[Grammar],
) -> Aligned | None:
    decoded: tuple[AlignedPhone, ...] = ()
    for grammar in grammars:
        found = align(piece, words, grammar)
        if found is None or _spoken_hops(found) < _LEAST_COVERED * sum(end - start for start, end in runs):
            continue
        limit = _STRAIN if language == "en" else _STRAIN_FOREIGN
        gain = _LEAST_GAIN
        if grammar is Grammar.OPTIONAL:
            limit += _STRAIN_WITH_GAPS - _STRAIN
            gain = _LEAST_GAIN_WITH_GAPS
            if len(found.words) < _LEAST_SAID * len(words):
                continue
        if _strain(found) <= limit:
            return found
        decoded = decoded or decode_phones(piece)
        if agreement(found.phones, decoded) - _strain(found) / 100 >= gain:
            return found
    return None


def _spoken_hops(found: Aligned) -> int:
    return sum(phone.end - phone.start for phone in found.phones if phone.symbol != "SIL")


def _strain(found: Aligned) -> float:
    """The aligner's mean score a hop, silences left out: how hard the words had to be forced."""
    scores = sum(phone.score for phone in found.phones if phone.symbol != "SIL")
    return scores / max(_spoken_hops(found), 1)


def _ease(found: Aligned) -> float:
    """Confidence 0..1 from the strain: right words reach 0.55 to 0.85, wrong ones stay below 0.45."""
    return float(np.clip(1 - _strain(found) / 64, 0, 1))


def _spoken_within(phone: AlignedPhone, runs: Runs) -> bool:
    """Whether voice is active for long inside a silence."""
    active = sum(max(min(phone.end, end) - max(phone.start, start), 0) for start, end in runs)
    return active >= UNWRITTEN_HOPS


def listen(part: Part, samples: NDArray[np.float32], runs: Runs, language: str) -> None:
    """Fills a part without a transcript; `runs` as for `place_transcript`."""
    piece = part.cut(samples)
    decoded = decode_phones(piece)
    part.phones, part.source, part.confidence = decoded, PhoneSource.DECODED, 0.3
    if language == "en":
        heard = recognise(piece)
        if heard is not None:
            lengths = np.array([word.end - word.start for word in heard.words], float)
            sure = float(np.average([word.likelihood for word in heard.words], weights=lengths))
            if sure >= (_SURE if len(heard.words) < _CONNECTED_WORDS else _SURE_CONNECTED):
                part.phones, part.words = _with_unwritten(heard.phones, decoded), heard.words
                part.source, part.confidence = PhoneSource.RECOGNISED, _ease(heard)
    part.phones = _quiet_outside_speech(part, runs)


def _with_unwritten(
    phones: tuple[AlignedPhone, ...], decoded: tuple[AlignedPhone, ...]
) -> tuple[AlignedPhone, ...]:
    """Phones, with decoded ones where someone clearly speaks and no word was placed (a longer silence)."""
    filled: list[AlignedPhone] = []
    for phone in phones:
        inside = [
            AlignedPhone(other.symbol, max(other.start, phone.start), min(other.end, phone.end))
            for other in decoded
            if other.start < phone.end and other.end > phone.start
        ]
        spoken = sum(other.end - other.start for other in inside if other.symbol != "SIL")
        unwritten = (
            phone.symbol == "SIL" and spoken >= UNWRITTEN_HOPS and spoken > 0.6 * (phone.end - phone.start)
        )
        filled += inside if unwritten else [phone]
    return tuple(filled)


def _quiet_outside_speech(part: Part, runs: Runs) -> tuple[AlignedPhone, ...]:
    """Decoding hears phones in noise too: those without voice activity become silence."""
    quiet: list[AlignedPhone] = []
    for phone in part.phones:
        start, end = part.start + phone.start - _MARGIN_HOPS, part.start + phone.end + _MARGIN_HOPS
        heard = any(start < run_end and end > run_start for run_start, run_end in runs)
        quiet.append(phone if heard else AlignedPhone("SIL", phone.start, phone.end))
    return tuple(quiet)
