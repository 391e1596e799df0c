# SPDX-License-Identifier: Apache-2.0
"""What times in a script do: phones as given, words near their cues, wrong times left aside."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from plosive.speech import Phone, PhoneSource, Speech, Word, analyse_speech
from plosive.speech.alignment.passages import TimedText, passages
from plosive.speech.text.lexicon import Pronunciation
from plosive.speech.text.script import Cue, Script

Samples = NDArray[np.float32]
PAUSE = 8_000
TIMES = 5


@pytest.fixture(scope="module")
def dub(demo_samples: Samples) -> Samples:
    return np.concatenate([np.concatenate([demo_samples, np.zeros(PAUSE, np.float32)])] * TIMES)


@pytest.fixture(scope="module")
def step(demo_samples: Samples) -> Fraction:
    return Fraction(len(demo_samples) + PAUSE, 16_000)


def cues(line: str, step: Fraction, late: Fraction = Fraction(0)) -> tuple[Cue, ...]:
    return tuple(
        Cue(line, step * row + Fraction(2, 5) + late, step * row + Fraction(31, 10) + late)
        for row in range(TIMES)
    )


def assert_every_line_is_placed(speech: Speech, step: Fraction) -> None:
    assert speech.source is PhoneSource.ALIGNED
    assert len(speech.words) == 6 * TIMES
    for row, word in enumerate(speech.words[::6]):
        assert abs(word.start_seconds - row * step - speech.words[0].start_seconds) <= Fraction(5, 100)


@pytest.mark.parametrize("late", [Fraction(-4, 10), Fraction(0), Fraction(4, 10)])
def test_cues_may_be_early_or_late(dub: Samples, demo_line: str, step: Fraction, late: Fraction) -> None:
    speech = analyse_speech(dub, script=Script(cues(demo_line, step, late)))
    assert_every_line_is_placed(speech, step)
    assert not speech.warnings


def test_a_cue_nobody_says_spoils_only_its_stretch(dub: Samples, demo_line: str, step: Fraction) -> None:
    script = list(cues(demo_line, step))
    script[2] = Cue(
        "something else entirely was written down here", script[2].start_seconds, script[2].end_seconds
    )
    speech = analyse_speech(dub, script=Script(tuple(script)))
    assert any("1 of 5 stretches" in warning for warning in speech.warnings)
    starts = {round(float(word.start_seconds / step)) for word in speech.words if word.text == "Maybe"}
    assert {0, 1, 3, 4} <= starts
    middle = [p for p in speech.phones if 2 * step <= p.start_seconds < 3 * step and p.symbol != "SIL"]
    assert len(middle) > 8  # heard without the words


def test_times_that_fit_nothing_are_left_aside(dub: Samples, demo_line: str, step: Fraction) -> None:
    script = Script((Cue(" ".join([demo_line] * TIMES), Fraction(0), Fraction(3)),))
    speech = analyse_speech(dub, script=script)
    assert_every_line_is_placed(speech, step)
    assert any("times" in warning for warning in speech.warnings)


def test_timed_words_lead_the_alignment(dub: Samples, demo_line: str, step: Fraction) -> None:
    plain = analyse_speech(dub, transcript=" ".join([demo_line] * TIMES))
    rng = np.random.default_rng(3)
    shaken = tuple(
        Word(word.text, max(word.start_seconds + shift, Fraction(0)), word.end_seconds + shift)
        for word, shift in zip(
            plain.words, [Fraction(int(x), 1000) for x in rng.normal(0, 60, 6 * TIMES)], strict=True
        )
    )
    speech = analyse_speech(dub, script=Script(cues(demo_line, step), shaken))
    assert_every_line_is_placed(speech, step)
    for ours, theirs in zip(speech.words, plain.words, strict=True):
        assert abs(ours.start_seconds - theirs.start_seconds) <= Fraction(6, 100)


def test_given_phones_are_used_as_they_are(demo_samples: Samples) -> None:
    given = (
        Phone("SIL", Fraction(0), Fraction(1, 2)),
        Phone("M", Fraction(1, 2), Fraction(601, 1000)),
        Phone("AA", Fraction(601, 1000), Fraction(9, 10)),
        Phone("P", Fraction(1), Fraction(99)),
    )
    speech = analyse_speech(demo_samples, script=Script((Cue("ma p"),), phones=given))
    assert speech.source is PhoneSource.GIVEN
    assert [phone.symbol for phone in speech.phones] == ["SIL", "M", "AA", "SIL", "P"]
    assert speech.phones[1].end_seconds == Fraction(601, 1000)
    assert speech.phones[-1].end_seconds == speech.duration_seconds
    assert any(phone.loudness for phone in speech.phones)
    for before, after in pairwise(speech.phones):
        assert before.end_seconds == after.start_seconds


def test_warnings_of_the_script_come_first(demo_samples: Samples, demo_line: str) -> None:
    speech = analyse_speech(demo_samples, script=Script((Cue(demo_line),), warnings=("Said before.",)))
    assert speech.warnings == ("Said before.",)


def test_passages_are_cut_only_where_the_pause_is_clear() -> None:
    word = (Pronunciation("a", (("AH",),)),)
    texts = [TimedText(word, 100, 600), TimedText(word, 650, 1200), TimedText(word, 1300, 1900)]
    clear = passages(texts, [(90, 610), (660, 1210), (1290, 1910)], 2_000, 60)
    assert [(passage.start, passage.end) for passage in clear if passage.words] == [
        (40, 635),
        (635, 1250),
        (1250, 1960),
    ]
    unclear = passages(texts, [(90, 560), (595, 625), (660, 1210), (1290, 1910)], 2_000, 60)
    assert [(passage.start, passage.end) for passage in unclear if passage.words] == [
        (40, 1250),
        (1250, 1960),
    ]


def test_passages_tile_the_dub() -> None:
    word = (Pronunciation("a", (("AH",),)),)
    texts = [TimedText(word, 500 * row, 500 * row + 200) for row in range(2, 9, 2)]
    made = passages(texts, [(500 * row, 500 * row + 200) for row in range(10)], 5_000, 60)
    assert made[0].start == 0
    assert made[-1].end == 5_000
    assert all(before.end == after.start for before, after in pairwise(made))
    assert sum(len(passage.words) for passage in made) == len(texts)
    assert sum(not passage.words for passage in made) == 5  # before, between and after: nobody wrote anything
