# SPDX-License-Identifier: Apache-2.0
"""A dub with its script: the language taken, given phones kept, words shown as written."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from plosive.errors import MissingDependencyError
from plosive.speech import PhoneSource, Word, hear
from plosive.speech.hearing import as_written
from plosive.speech.text import espeak
from plosive.speech.text.wording import wordings_of

Samples = NDArray[np.float32]


def _table(path: Path, length: Fraction) -> Path:
    last = float(length) + 3
    path.write_text(
        f"Begin,End,Label,Type\n0.1,0.9,Bob,words\n0.1,0.3,b,phones\n0.3,0.7,ɔ,phones\n0.7,{last},m,phones\n",
        encoding="utf-8",
    )
    return path


def test_given_phones_are_used_as_they_are_without_espeak(
    demo_samples: Samples, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(espeak, "espeak_program", lambda: None)
    length = Fraction(len(demo_samples), 16_000)
    speech = hear(demo_samples, str(_table(tmp_path / "line.de.csv", length)), "auto", length)
    assert (speech.source, speech.language) == (PhoneSource.GIVEN, "de")
    assert [phone.symbol for phone in speech.phones] == ["SIL", "B", "AO", "M"]
    assert speech.phones[-1].end_seconds == speech.duration_seconds == length
    assert [word.text for word in speech.words] == ["Bob"]


def test_a_language_that_needs_espeak_says_so(demo_samples: Samples, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(espeak, "espeak_program", lambda: None)
    with pytest.raises(MissingDependencyError, match="'de' needs eSpeak NG"):
        hear(demo_samples, "Vielleicht mag Bob lieber Pflaumen.", "auto", Fraction(1))


def test_the_language_is_the_transcripts(demo_samples: Samples, demo_line: str) -> None:
    speech = hear(demo_samples, demo_line, "auto", Fraction(3))
    assert speech.language == "en"
    assert not any("--language" in warning for warning in speech.warnings)
    assert speech.source is PhoneSource.ALIGNED


def test_without_a_transcript_english_is_heard(demo_samples: Samples) -> None:
    speech = hear(demo_samples[:16_000], None, "auto", Fraction(1, 2))
    assert speech.language == "en"


def test_words_are_shown_as_written() -> None:
    wordings = wordings_of("Mr. Bob has 42 muffins", "en")
    spoken = [wording.spoken for wording in wordings]
    words = tuple(Word(text, Fraction(row), Fraction(row + 1)) for row, text in enumerate(spoken))
    assert as_written(words, wordings) == (
        Word("Mr.", Fraction(0), Fraction(1)),
        Word("Bob", Fraction(1), Fraction(2)),
        Word("has", Fraction(2), Fraction(3)),
        Word("42", Fraction(3), Fraction(5)),
        Word("muffins", Fraction(5), Fraction(6)),
    )
    strange = Word("well", Fraction(0), Fraction(1))
    assert as_written((strange, *words[3:]), wordings)[0] == strange
