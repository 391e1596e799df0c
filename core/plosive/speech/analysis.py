# SPDX-License-Identifier: Apache-2.0
"""From a dub's sound and words to its phones."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from plosive.speech.aligner import AlignedPhone
from plosive.speech.ladder import Part, listen, place_transcript
from plosive.speech.languages import known_language
from plosive.speech.lexicon import Pronunciation, pronunciations
from plosive.speech.model import HOP_SECONDS, SAMPLE_RATE, Phone, PhoneSource, Sound, Speech, Word
from plosive.speech.pauses import split_at_pauses
from plosive.speech.sound import measure_sound, speech_runs
from plosive.speech.transcript import words_of

__all__ = ["analyse_speech"]


def analyse_speech(samples: NDArray[np.float32], *, transcript: str | None, language: str = "en") -> Speech:
    """Phones, words and sound of a dub.

    `samples` is mono 16 kHz (n,) float32 in -1..1. With a transcript its words are aligned, first
    strictly, then with wide beams, then with words left out; where they do not fit, or without a
    transcript, English is recognised and other languages are decoded to phones. What was done is in
    `Speech.source`, what to know in `Speech.warnings`; `Speech.confidence` (0..1) is how easily the words
    found fit the sound: over 0.55 is a good alignment, 0.3 stands for phone decoding.
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
    parts = [Part(start, end) for start, end in split_at_pauses(runs, len(sound.activity))]
    words = tuple(word for word in words if word.ways)
    if transcript and not words:
        warnings.append("The transcript has no words that can be spoken, so the dub is analysed without it.")
    spoken = [part for part in parts if part.own(runs)]
    if words:
        place_transcript(spoken, words, samples, runs, language, warnings)
    for part in spoken:
        if not part.phones:
            listen(part, samples, runs, language)
    if not words and language != "en" and any(part.phones for part in parts):
        warnings.append(
            f"Without a transcript, '{language}' is heard sound by sound: timing holds, shapes are rougher."
        )
    return _joined(parts, sound, duration, language, warnings)


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
    parts: list[Part], sound: Sound, duration: Fraction, language: str, warnings: list[str]
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
    if not spoken.any():
        return _silence(duration, sound, language, tuple(warnings))
    used = [part for part in parts if part.phones]
    confidence = float(
        np.average([part.confidence for part in used], weights=[part.end - part.start for part in used])
    )
    order = list(PhoneSource)
    source = max((part.source for part in used), key=order.index)  # the least trustworthy one
    return Speech(duration, phones, tuple(words), sound, source, language, confidence, tuple(warnings))
