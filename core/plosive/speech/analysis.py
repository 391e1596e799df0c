# SPDX-License-Identifier: Apache-2.0
"""From a dub's sound and words to its phones."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from plosive.speech.alignment.joining import joined, of_given_phones, silence
from plosive.speech.alignment.ladder import UNWRITTEN_HOPS, Part, listen
from plosive.speech.alignment.pauses import split_at_pauses
from plosive.speech.alignment.placing import placed, texts_of, timed_texts
from plosive.speech.model import SAMPLE_RATE, Speech
from plosive.speech.sound.breath import with_breaths
from plosive.speech.sound.prosody import measure_sound, speech_runs
from plosive.speech.sound.voice import background_db, voice_confidence
from plosive.speech.text.languages import known_language
from plosive.speech.text.lexicon import Pronunciation, pronunciations
from plosive.speech.text.script import Cue, Script

__all__ = ["analyse_speech"]

_UNCLEAR = 0.6  # of 29 dubs 28 are above
_QUIET_PEAK = 0.25
_NOISY_DB = 10.0  # with less, boundaries are half again as far off and fast speech is lost


def analyse_speech(
    samples: NDArray[np.float32],
    *,
    script: Script | None = None,
    transcript: str | None = None,
    language: str = "en",
) -> Speech:
    """Phones, words and sound of a dub.

    `samples` is mono 16 kHz (n,) float32 in -1..1. Its words come as a `script` or, without one, as plain
    text in `transcript`. Phones timed by another program are used as they are. Words are aligned: near the
    times the script gives, where it gives any; first strictly, then with wide beams, then with words left
    out. Where they do not fit, or without words, English is recognised and other languages are decoded to
    phones. What was done is in `Speech.source`, what to know in `Speech.warnings` (those of the script come
    first); `Speech.confidence` (0..1) is how easily the words found fit the sound: over 0.55 is a good
    alignment, 0.3 stands for phone decoding.
    Raises `LanguageError` for an unknown language and `MissingDependencyError` where a transcript
    needs a program that is not installed.
    """
    samples = np.ascontiguousarray(samples, dtype=np.float32)
    if not np.isfinite(samples).all():
        samples = np.nan_to_num(samples)
    language = known_language(language)
    script = script or Script((Cue(transcript),) if transcript else ())
    warnings = list(script.warnings)
    sound = measure_sound(samples)
    hops = len(sound.activity)
    runs = speech_runs(sound.activity)
    duration = Fraction(len(samples), SAMPLE_RATE)
    clearness = voice_confidence(sound.activity, runs)
    above = background_db(sound.loudness_db, runs)
    if above is not None and above < _NOISY_DB:
        warnings.append(
            f"The dub is noisy or has music under it (speech is {max(above, 0):.0f} dB above it); a clean "
            "dub gives truer mouths."
        )
    elif clearness < _UNCLEAR:
        warnings.append(
            "The voice is hard to tell from the other sounds in the dub; a clean dub gives truer mouths."
        )
    if script.phones:
        given = of_given_phones(script, sound, duration, language, warnings)
        return replace(given, voice_confidence=clearness)
    texts = texts_of(script, language)
    spelt = tuple(word for words, _, _ in texts for word in words)
    if not runs:
        if spelt:
            warnings.append("The dub has no speech in it, so the transcript is not used.")
        return silence(duration, sound, language, warnings)
    peak = float(max(samples.max(), -samples.min()))
    if peak < _QUIET_PEAK:  # the aligner takes 16-bit sound
        samples = samples * np.float32(2 * _QUIET_PEAK / peak)
    words = pronunciations(spelt, language)
    warnings += _word_warnings(words)
    said = timed_texts(texts, words)
    if (script.cues or script.words) and not said:
        warnings.append("The transcript has no words that can be spoken, so the dub is analysed without it.")
    if said:
        by_word = bool(script.words)
        parts = placed(said, samples, runs, hops, language, warnings, by_word=by_word)
    else:
        parts = [Part(start, end) for start, end in split_at_pauses(runs, hops)]
    for part in parts:
        spoken = sum(end - start for start, end in part.own(runs))
        if not part.phones and spoken >= (UNWRITTEN_HOPS if said else 1):
            listen(part, samples, runs, language)
    if not said and language != "en" and any(part.phones for part in parts):
        warnings.append(
            f"Without a transcript, '{language}' is heard sound by sound: timing holds, shapes are rougher."
        )
    speech = joined(parts, sound, duration, language, warnings)
    phones = with_breaths(speech.phones, samples, sound.activity)
    return replace(speech, phones=phones, voice_confidence=clearness)


def _word_warnings(words: tuple[Pronunciation, ...]) -> list[str]:
    warnings: list[str] = []
    guessed = list(dict.fromkeys(word.word for word in words if word.guessed and word.ways))
    unsaid = list(dict.fromkeys(word.word for word in words if not word.ways))
    if guessed:
        warnings.append(f"These words are in no dictionary and their sound is guessed: {', '.join(guessed)}.")
    if unsaid:
        warnings.append(f"These words cannot be read and are left out: {', '.join(unsaid)}.")
    return warnings
