# SPDX-License-Identifier: Apache-2.0
"""The ladder of attempts on a stretch of speech: from strict alignment down to single sounds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plosive.speech.agreement import agreement
from plosive.speech.aligner import (
    Aligned,
    AlignedPhone,
    AlignedWord,
    Grammar,
    align,
    decode_phones,
    recognise,
)
from plosive.speech.lexicon import Pronunciation
from plosive.speech.model import PhoneSource
from plosive.speech.sound import HOP_SAMPLES

__all__ = ["Part", "listen", "place_transcript"]

# Words fit when the aligner's mean score a hop is this low, or when the agreement with free phone decoding
# outweighs it. On 14 dubs: right English words 10 to 28 (also in noise), wrong ones 36 to 61; in other
# languages, foreign to the model, 22 to 41 and 47 to 60. Free to leave words out, wrong ones reach 32.
_STRAIN = 32.0
_STRAIN_FOREIGN = 44.0
_STRAIN_WITH_GAPS = 28.0
_LEAST_GAIN = 0.0  # of agreement over a hundredth of the score
_LEAST_GAIN_WITH_GAPS = 0.12
_LEAST_COVERED = 0.5  # share of the speech that the words must fill
_LEAST_SAID = 0.6  # share of the words when they may be left out
_SURE = 0.4  # likelihood of recognised words below which decoded phones predict mouths better (14 clips)
_LATEST_WORDS_PER_SECOND = 7
_MARGIN_HOPS = 12  # soft beginnings and ends of speech that its energy does not show


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


def place_transcript(
    parts: list[Part],
    words: tuple[Pronunciation, ...],
    samples: NDArray[np.float32],
    language: str,
    warnings: list[str],
) -> None:
    """Gives every part its share of the words; parts where they do not fit stay empty."""
    at = 0
    refused = 0
    for number, part in enumerate(parts):
        piece = part.cut(samples)
        decoded = decode_phones(piece)
        last = number == len(parts) - 1
        seconds = (part.end - part.start) / 100
        ahead = words[at:] if last else words[at : at + int(seconds * _LATEST_WORDS_PER_SECOND) + 5]
        found = _best_fit(piece, ahead, decoded, language, whole=last) if ahead else None
        if found is None:
            refused += 1
            # Its share of the words that are left is the best guess at where the next one begins.
            at += round(len(words[at:]) * seconds / sum((p.end - p.start) / 100 for p in parts[number:]))
            continue
        if last and len(found.words) < 0.7 * len(ahead):
            warnings.append(f"{len(ahead) - len(found.words)} words of the transcript are not in the dub.")
        at += max(word.index for word in found.words) + 1
        part.phones, part.words = _with_unwritten(found.phones, decoded), found.words
        part.source, part.confidence = PhoneSource.ALIGNED, agreement(found.phones, decoded)
    if refused == len(parts):
        warnings.append("The transcript does not fit the dub, so the dub is analysed without it.")
    elif refused:
        warnings.append(f"The transcript does not fit {refused} of {len(parts)} stretches of the dub.")


def _best_fit(
    piece: NDArray[np.float32],
    words: tuple[Pronunciation, ...],
    decoded: tuple[AlignedPhone, ...],
    language: str,
    *,
    whole: bool,
) -> Aligned | None:
    """The first rung of the ladder that fits."""
    for grammar in (Grammar.EXACT, Grammar.WIDE, Grammar.OPTIONAL) if whole else (Grammar.PREFIX,):
        found = align(piece, words, grammar)
        if found is not None and _fits(found, decoded, words, language, grammar):
            return found
    return None


def _fits(
    found: Aligned,
    decoded: tuple[AlignedPhone, ...],
    words: tuple[Pronunciation, ...],
    language: str,
    grammar: Grammar,
) -> bool:
    """Whether the words placed in `found` are likely the ones spoken."""
    spoken = [phone for phone in found.phones if phone.symbol != "SIL"]
    hops = sum(phone.end - phone.start for phone in spoken)
    heard = sum(phone.end - phone.start for phone in decoded if phone.symbol != "SIL")
    if hops < _LEAST_COVERED * heard:
        return False
    strain = sum(phone.score for phone in spoken) / max(hops, 1)
    limit = _STRAIN if language == "en" else _STRAIN_FOREIGN
    gain = _LEAST_GAIN
    if grammar is Grammar.OPTIONAL:
        limit += _STRAIN_WITH_GAPS - _STRAIN
        gain = _LEAST_GAIN_WITH_GAPS
        if len(found.words) < _LEAST_SAID * len(words):
            return False
    return strain <= limit or agreement(found.phones, decoded) - strain / 100 >= gain


def listen(part: Part, samples: NDArray[np.float32], runs: Sequence[tuple[int, int]], language: str) -> None:
    """Fills a part without a transcript; `runs` are the stretches of the dub with voice activity, in hops."""
    piece = part.cut(samples)
    decoded = decode_phones(piece)
    part.phones, part.source, part.confidence = decoded, PhoneSource.DECODED, 0.3
    if language == "en":
        heard = recognise(piece)
        if heard is not None:
            lengths = np.array([word.end - word.start for word in heard.words], float)
            sure = float(np.average([word.likelihood for word in heard.words], weights=lengths))
            if sure >= _SURE:
                part.phones, part.words = _with_unwritten(heard.phones, decoded), heard.words
                part.source, part.confidence = PhoneSource.RECOGNISED, agreement(heard.phones, decoded)
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
        unwritten = phone.symbol == "SIL" and spoken >= 40 and spoken > 0.6 * (phone.end - phone.start)
        filled += inside if unwritten else [phone]
    return tuple(filled)


def _quiet_outside_speech(part: Part, runs: Sequence[tuple[int, int]]) -> tuple[AlignedPhone, ...]:
    """Decoding hears phones in noise too: those without voice activity become silence."""
    quiet: list[AlignedPhone] = []
    for phone in part.phones:
        start, end = part.start + phone.start - _MARGIN_HOPS, part.start + phone.end + _MARGIN_HOPS
        heard = any(start < run_end and end > run_start for run_start, run_end in runs)
        quiet.append(phone if heard else AlignedPhone("SIL", phone.start, phone.end))
    return tuple(quiet)
