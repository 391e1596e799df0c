# SPDX-License-Identifier: Apache-2.0
"""What `analyse_speech` makes of speech, wrong words, silence, noise and tones."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from plosive.errors import LanguageError
from plosive.speech import PhoneSource, Speech, analyse_speech

Samples = NDArray[np.float32]


def assert_tiles(speech: Speech) -> None:
    assert speech.phones[0].start_seconds == 0
    assert speech.phones[-1].end_seconds == speech.duration_seconds
    for before, after in pairwise(speech.phones):
        assert before.end_seconds == after.start_seconds
        assert before.start_seconds < before.end_seconds
        assert not before.symbol == after.symbol == "SIL"


@pytest.fixture(scope="module")
def aligned(demo_samples: Samples, demo_line: str) -> Speech:
    return analyse_speech(demo_samples, transcript=demo_line)


def test_words_are_aligned_in_order(aligned: Speech) -> None:
    assert aligned.source is PhoneSource.ALIGNED
    assert [word.text for word in aligned.words] == ["Maybe", "Bob", "prefers", "fluffy", "purple", "muffins"]
    assert not aligned.warnings
    assert aligned.confidence > 0.4
    assert_tiles(aligned)


def test_every_plosive_is_a_phone(aligned: Speech) -> None:
    labials = [phone.symbol for phone in aligned.phones if phone.symbol in ("P", "B", "M")]
    assert labials == ["M", "B", "B", "B", "P", "P", "P", "M"]
    assert [phone.symbol for phone in aligned.phones if phone.symbol == "F"] == ["F"] * 4


def test_silence_at_both_ends_is_silence(aligned: Speech) -> None:
    first, last = aligned.phones[0], aligned.phones[-1]
    assert first.symbol == last.symbol == "SIL"
    assert abs(first.end_seconds - Fraction(2, 5)) < Fraction(5, 100)
    assert abs(aligned.duration_seconds - last.start_seconds - Fraction(2, 5)) < Fraction(8, 100)


def test_same_input_same_result(aligned: Speech, demo_samples: Samples, demo_line: str) -> None:
    again = analyse_speech(demo_samples, transcript=demo_line)
    assert again.phones == aligned.phones
    assert again.words == aligned.words
    assert np.array_equal(again.sound.activity, aligned.sound.activity)


def test_a_quiet_dub_gives_the_same_phones(aligned: Speech, demo_samples: Samples, demo_line: str) -> None:
    quiet = analyse_speech(demo_samples * np.float32(0.03), transcript=demo_line)
    assert quiet.source is PhoneSource.ALIGNED
    starts = [float(phone.start_seconds) for phone in quiet.phones]
    assert starts == pytest.approx([float(phone.start_seconds) for phone in aligned.phones], abs=0.06)


def test_speech_cut_off_at_the_edges_still_aligns(demo_samples: Samples, demo_line: str) -> None:
    inside = demo_samples[int(0.41 * 16000) : int(3.1 * 16000)]
    speech = analyse_speech(inside, transcript=demo_line)
    assert speech.source is PhoneSource.ALIGNED
    assert len(speech.words) == 6
    assert_tiles(speech)


@pytest.mark.parametrize(
    "words", ["the quick brown fox jumps over the lazy dog and runs home", "hello", "one two three " * 12]
)
def test_wrong_words_are_refused_with_a_warning(demo_samples: Samples, words: str) -> None:
    speech = analyse_speech(demo_samples, transcript=words)
    assert speech.source in (PhoneSource.RECOGNISED, PhoneSource.DECODED)
    assert any("does not fit" in warning for warning in speech.warnings)
    assert not speech.is_silent
    assert_tiles(speech)


def test_without_words_the_mouth_still_moves(demo_samples: Samples) -> None:
    speech = analyse_speech(demo_samples, transcript=None)
    assert speech.source in (PhoneSource.RECOGNISED, PhoneSource.DECODED)
    assert sum(phone.symbol != "SIL" for phone in speech.phones) > 12
    assert_tiles(speech)


def test_an_unknown_word_is_reported_and_aligned(demo_samples: Samples) -> None:
    speech = analyse_speech(demo_samples, transcript="Maybe Bob prefers fluffy purple muffinz")
    assert speech.source is PhoneSource.ALIGNED
    assert any("muffinz" in warning for warning in speech.warnings)


def test_another_language_without_words_is_decoded(demo_samples: Samples) -> None:
    speech = analyse_speech(demo_samples, transcript=None, language="fi")
    assert speech.source is PhoneSource.DECODED
    assert speech.warnings
    assert_tiles(speech)


@pytest.mark.parametrize("transcript", [None, "hello there"])
@pytest.mark.parametrize("kind", ["silence", "noise", "faint noise", "tone", "click"])
def test_sound_without_speech_is_silence(kind: str, transcript: str | None) -> None:
    rng = np.random.default_rng(7)
    time = np.arange(48_000) / 16_000
    sound = {
        "silence": np.zeros(48_000),
        "noise": rng.normal(0, 0.1, 48_000),
        "faint noise": rng.normal(0, 0.0005, 48_000),
        "tone": 0.3 * np.sin(2 * np.pi * 440 * time),
        "click": np.where(np.arange(48_000) == 24_000, 0.9, 0.0),
    }[kind]
    speech = analyse_speech(sound.astype(np.float32), transcript=transcript)
    assert speech.is_silent
    assert speech.source is PhoneSource.NONE
    assert [phone.symbol for phone in speech.phones] == ["SIL"]
    assert bool(speech.warnings) == (transcript is not None)


def test_speech_in_white_noise_still_aligns(demo_samples: Samples, demo_line: str) -> None:
    power = float(np.sqrt(np.mean(demo_samples**2)))
    noise = np.random.default_rng(1).normal(0, power / 10, len(demo_samples)).astype(np.float32)
    speech = analyse_speech(demo_samples + noise, transcript=demo_line)
    assert speech.source is PhoneSource.ALIGNED


def test_no_samples_at_all() -> None:
    speech = analyse_speech(np.zeros(0, np.float32), transcript=None)
    assert speech.duration_seconds == 0
    assert speech.is_silent


def test_a_long_dub_is_split_at_its_pauses(demo_samples: Samples, demo_line: str) -> None:
    times = 24  # over a minute and a half: two parts
    pause = np.zeros(8_000, np.float32)
    long = np.concatenate([np.concatenate([demo_samples, pause])] * times)
    speech = analyse_speech(long, transcript=" ".join([demo_line] * times))
    assert speech.source is PhoneSource.ALIGNED
    assert len(speech.words) == 6 * times
    assert_tiles(speech)
    step = Fraction(len(demo_samples) + 8_000, 16_000)
    for number, word in enumerate(speech.words[::6]):
        drift = word.start_seconds - number * step - speech.words[0].start_seconds
        assert abs(drift) <= Fraction(3, 100)


def test_an_unknown_language_names_the_known_ones() -> None:
    with pytest.raises(LanguageError, match=r"'tlh'.*\bde\b.*\ben\b"):
        analyse_speech(np.zeros(16_000, np.float32), transcript="nuqneH", language="tlh")
