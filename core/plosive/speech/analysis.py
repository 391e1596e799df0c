# SPDX-License-Identifier: Apache-2.0
"""From a dub's sound and words to its phones: the ladder of attempts."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

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
from plosive.speech.languages import known_language
from plosive.speech.lexicon import Pronunciation, pronunciations
from plosive.speech.model import HOP_SECONDS, SAMPLE_RATE, Phone, PhoneSource, Sound, Speech, Word
from plosive.speech.pauses import split_at_pauses
from plosive.speech.sound import HOP_SAMPLES, measure_sound, speech_runs
from plosive.speech.transcript import words_of

__all__ = ["analyse_speech"]

# Words fit when the aligner's mean score a hop is this low, or when the agreement with free phone decoding
# outweighs it. On 14 dubs: right English words 10 to 28 (also in noise), wrong ones 36 to 61; other languages
# 22 to 41 and 47 to 60, their sounds being foreign to the model. Free to leave words out, wrong ones reach 32.
_STRAIN = 32.0
_STRAIN_FOREIGN = 44.0
_STRAIN_WITH_GAPS = 28.0
_LEAST_GAIN = 0.0  # of agreement over a hundredth of the score
_LEAST_GAIN_WITH_GAPS = 0.12
_LEAST_COVERED = 0.5  # share of the speech that the words must fill
_LEAST_SAID = 0.6  # share of the words when they may be left out
_SURE = 0.4  # likelihood of recognised words below which decoded phones predict mouths better (14 clips)
_LATEST_WORDS_PER_SECOND = 7


@dataclass
class _Part:
    """A stretch of the dub between pauses and what was found in it."""

    start: int
    end: int
    phones: tuple[AlignedPhone, ...] = ()
    words: tuple[AlignedWord, ...] = ()
    source: PhoneSource = PhoneSource.NONE
    confidence: float = 1.0


def analyse_speech(samples: NDArray[np.float32], *, transcript: str | None, language: str = "en") -> Speech:
    """Phones, words and sound of a dub.

    `samples` is mono 16 kHz (n,) float32 in -1..1. With a transcript its words are aligned, first
    strictly, then with wide beams, then with words left out; where they do not fit, or without a
    transcript, English is recognised and other languages are decoded to phones. What was done is in
    `Speech.source`, what to know in `Speech.warnings`; `Speech.confidence` is the share of time in which an
    independent phone decoding hears the same kind of sound (0..1, about 0.6 is a good alignment).
    Raises `LanguageError` for an unknown language and `MissingDependencyError` where a transcript
    needs a program that is not installed.
    """
    samples = np.nan_to_num(np.ascontiguousarray(samples, dtype=np.float32))
    language = known_language(language)
    sound = measure_sound(samples)
    runs = speech_runs(sound.activity)
    duration = Fraction(len(samples), SAMPLE_RATE)
    text = words_of(transcript, language) if transcript else ()
    if not runs:
        warning = ("The dub has no speech in it, so the transcript is not used.",) if text else ()
        return _silence(duration, sound, language, warning)
    words = pronunciations(text, language)
    warnings = _word_warnings(words)
    parts = [_Part(start, end) for start, end in split_at_pauses(runs, len(sound.activity))]
    words = tuple(word for word in words if word.ways)
    if transcript and not words:
        warnings.append("The transcript has no words that can be spoken, so the dub is analysed without it.")
    if words:
        _place_transcript(parts, words, samples, language, warnings)
    for part in parts:
        if not part.phones:
            _listen(part, _cut(samples, part), sound, language)
    if not words and language != "en" and any(part.phones for part in parts):
        warnings.append(
            f"Without a transcript, '{language}' is heard sound by sound: timing holds, shapes are rougher."
        )
    return _joined(parts, sound, duration, language, warnings)


def _place_transcript(
    parts: list[_Part],
    words: tuple[Pronunciation, ...],
    samples: NDArray[np.float32],
    language: str,
    warnings: list[str],
) -> None:
    """Gives every part its share of the words; parts where they do not fit stay empty."""
    at = 0
    refused = 0
    for number, part in enumerate(parts):
        piece = _cut(samples, part)
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


def _listen(part: _Part, piece: NDArray[np.float32], sound: Sound, language: str) -> None:
    """Fills a part without a transcript."""
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
    part.phones = _quiet_outside_speech(part, sound.activity)


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


def _quiet_outside_speech(part: _Part, activity: NDArray[np.float32]) -> tuple[AlignedPhone, ...]:
    """Decoding hears phones in noise too: those without voice activity become silence."""
    quiet: list[AlignedPhone] = []
    for phone in part.phones:
        heard = activity[part.start + phone.start : part.start + phone.end]
        silent = len(heard) == 0 or float(heard.max()) < 0.5
        quiet.append(AlignedPhone("SIL", phone.start, phone.end) if silent else phone)
    return tuple(quiet)


def _cut(samples: NDArray[np.float32], part: _Part) -> NDArray[np.float32]:
    return samples[part.start * HOP_SAMPLES : part.end * HOP_SAMPLES]


def _word_warnings(words: tuple[Pronunciation, ...]) -> list[str]:
    warnings: list[str] = []
    guessed = list(dict.fromkeys(word.word for word in words if word.guessed and word.ways))
    unsaid = list(dict.fromkeys(word.word for word in words if not word.ways))
    if guessed:
        warnings.append(f"These words are in no dictionary and their sound is guessed: {', '.join(guessed)}.")
    if unsaid:
        warnings.append(f"These words cannot be read and are left out: {', '.join(unsaid)}.")
    return warnings


def _silence(duration: Fraction, sound: Sound, language: str, warnings: tuple[str, ...]) -> Speech:
    phones = (Phone("SIL", Fraction(0), duration),) if duration else ()
    return Speech(duration, phones, (), sound, PhoneSource.NONE, language, 1.0, warnings)


def _joined(
    parts: list[_Part], sound: Sound, duration: Fraction, language: str, warnings: list[str]
) -> Speech:
    """Parts put end to end, silences merged, each phone with its loudness."""
    tiles: list[tuple[str, int, int]] = []
    words: list[Word] = []
    for part in parts:
        for phone in part.phones or (AlignedPhone("SIL", 0, part.end - part.start),):
            start, end = part.start + phone.start, part.start + phone.end
            if tiles and tiles[-1][0] == phone.symbol == "SIL":
                start = tiles.pop()[1]
            tiles.append((phone.symbol, start, end))
        words += [
            Word(word.text, (part.start + word.start) * HOP_SECONDS, (part.start + word.end) * HOP_SECONDS)
            for word in part.words
        ]
    levels = np.array([float(sound.loudness_db[start:end].mean()) for _, start, end in tiles])
    spoken = np.array([symbol != "SIL" for symbol, _, _ in tiles])
    usual = levels[spoken].mean() if spoken.any() else 0.0
    spread = max(float(levels[spoken].std()), 1.0) if spoken.any() else 1.0
    phones = tuple(
        Phone(
            symbol,
            start * HOP_SECONDS,
            min(end * HOP_SECONDS, duration),
            0.0 if symbol == "SIL" else float(np.clip((level - usual) / spread, -3, 3)),
        )
        for (symbol, start, end), level in zip(tiles, levels, strict=True)
    )
    lengths = [part.end - part.start for part in parts]
    confidence = float(np.average([part.confidence for part in parts], weights=lengths))
    order = list(PhoneSource)
    source = max((part.source for part in parts), key=order.index)  # the least trustworthy one used
    if not spoken.any():
        return _silence(duration, sound, language, tuple(warnings))
    return Speech(duration, phones, tuple(words), sound, source, language, confidence, tuple(warnings))
