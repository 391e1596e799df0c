# SPDX-License-Identifier: Apache-2.0
"""What was heard is found again to the bit, and only where everything it depends on is the same."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from plosive.speech import Phone, PhoneSource, Sound, Speech, Word
from plosive.sync.known_speech import SpeechCache, _facts, _speech, transcript_content

SAMPLES = np.linspace(-1, 1, 1600, dtype=np.float32)
END = Fraction(7, 24)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PLOSIVE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "speech"


def speech() -> Speech:
    rng = np.random.default_rng(2)
    third = Fraction(1, 3)
    return Speech(
        third,
        (Phone("B", Fraction(0), Fraction(1, 7), 0.1 + 0.2, -1e-9), Phone("SIL", Fraction(1, 7), third)),
        (Word("naïve", Fraction(0), Fraction(1, 7)),),
        Sound(*(rng.normal(size=33).astype(np.float32) for _ in range(3))),
        PhoneSource.ALIGNED,
        "en",
        0.123456789012345678,
        ("It is quiet.",),
        1 / 3,
    )


def equal(one: Speech, other: Speech) -> bool:
    same = _facts(one) == _facts(other) and repr(one.phones) == repr(other.phones)
    arrays = [(a.sound.pitch_hz, a.sound.activity) for a in (one, other)]
    return same and all(a.dtype == b.dtype and np.array_equal(a, b) for a, b in zip(*arrays, strict=True))


def heard(**changed: object) -> int:
    """How often somebody listens."""
    count = 0

    def hear() -> Speech:
        nonlocal count
        count += 1
        return speech()

    told: dict[str, object] = {
        "samples": SAMPLES,
        "transcript": "naïve",
        "language": "en",
        "last_centre_seconds": END,
        "speaker": None,
    }
    found = SpeechCache(**(told | changed)).heard(hear)  # type: ignore[arg-type]
    assert equal(found, speech())
    return count


def test_the_same_is_heard_once(cache: Path) -> None:
    assert heard() == 1
    assert heard() == 0
    louder = SAMPLES.copy()
    louder[5] = np.nextafter(louder[5], np.float32(2))
    for changed in (
        {"samples": louder},
        {"transcript": None},
        {"language": "de"},
        {"speaker": "Bob"},
    ):
        assert heard(**changed) == 1, changed
        assert heard(**changed) == 0, changed
    assert len(list(cache.glob("*.json"))) == 5


def test_clips_of_any_length_that_hear_the_same_share_it(cache: Path) -> None:
    """Without words a dub is heard up to two seconds after the last frame; with them, all of it."""
    long = np.linspace(-1, 1, 4 * 16_000, dtype=np.float32)
    assert heard(samples=long, last_centre_seconds=Fraction(1)) == 1
    assert heard(samples=long, last_centre_seconds=Fraction(50)) == 0
    assert heard(samples=long, transcript=None, last_centre_seconds=Fraction(1)) == 1
    assert heard(samples=long, transcript=None, last_centre_seconds=Fraction(5, 2)) == 1
    assert heard(samples=long, transcript=None, last_centre_seconds=Fraction(50)) == 0


@pytest.mark.parametrize("spoiled", ["", "{", "[]", "null", '{"duration": "1/0"}', "\x00"])
def test_damaged_files_are_heard_again(spoiled: str, cache: Path) -> None:
    heard()
    (file,) = cache.glob("*.json")
    file.write_text(spoiled, encoding="utf-8")
    assert heard() == 1 and heard() == 0


def test_no_part_of_it_may_be_missing_or_of_another_kind() -> None:
    whole = json.loads(json.dumps(_facts(speech())))
    found = _speech(whole)
    assert found is not None and equal(found, speech())
    for key in whole:
        assert _speech({name: value for name, value in whole.items() if name != key}) is None
        assert _speech(whole | {key: {"a": "b"}}) is None or key in ("language", "warnings")
    whole["sound"]["activity"].pop()
    assert _speech(whole) is None


def test_a_folder_that_cannot_be_written_only_keeps_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("PLOSIVE_CACHE", str(tmp_path / "file"))
    assert heard() == 1 and heard() == 1


def test_a_transcript_counts_by_its_content(tmp_path: Path) -> None:
    first, copy, other = tmp_path / "a.srt", tmp_path / "b.srt", tmp_path / "a.de.srt"
    for path in (first, copy, other):
        path.write_text("1\n")
    assert transcript_content(str(first)) == transcript_content(str(copy)) != transcript_content(str(other))
    first.write_text("2\n")
    assert transcript_content(str(first)) != transcript_content(str(copy))
    assert transcript_content(None) is None and transcript_content("words " * 500) == "words " * 500
    assert transcript_content("bad\0name") == "bad\0name"
