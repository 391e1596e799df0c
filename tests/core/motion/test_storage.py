# SPDX-License-Identifier: Apache-2.0
"""Motion files read back exactly, and bad ones are one sentence."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from plosive.errors import MediaReadError, MediaWriteError
from plosive.motion import load_motion, motion_curves, save_motion
from plosive.speech import Speech

RATE = Fraction(24_000, 1001)


@pytest.fixture
def saved(tmp_path: Path, demo_speech: Speech) -> Path:
    centres = [(k + Fraction(1, 2)) / RATE for k in range(84)]
    path = tmp_path / "shot.motion.json"
    save_motion(path, demo_speech, motion_curves(demo_speech, centres, frame_seconds=1 / RATE))
    return path


def test_round_trip_is_exact(saved: Path, demo_speech: Speech, tmp_path: Path) -> None:
    speech, curves = load_motion(saved)
    assert (speech.phones, speech.words, speech.duration_seconds) == (
        demo_speech.phones,
        demo_speech.words,
        demo_speech.duration_seconds,
    )
    assert (speech.source, speech.confidence, speech.warnings) == (
        demo_speech.source,
        demo_speech.confidence,
        demo_speech.warnings,
    )
    for name in ("loudness_db", "pitch_hz", "activity"):
        assert np.array_equal(getattr(speech.sound, name), getattr(demo_speech.sound, name))
    assert curves.centre_seconds[1] == Fraction(3, 2) / RATE
    again = tmp_path / "again.json"
    save_motion(again, speech, curves)
    assert again.read_bytes() == saved.read_bytes()


def test_the_file_says_what_it_is(saved: Path) -> None:
    document = json.loads(saved.read_text(encoding="utf-8"))
    assert document["format"] == "plosive-motion"
    assert document["version"] == 1
    assert document["curves"]["centre_seconds"][0] == "1001/48000"
    assert [path.name for path in saved.parent.iterdir()] == [saved.name]


@pytest.mark.parametrize(
    "damage",
    [
        lambda d: d.pop("curves"),
        lambda d: d["curves"]["jaw"].pop(),
        lambda d: d["curves"]["jaw"].__setitem__(0, None),
        lambda d: d["phones"][0].update(start_seconds="1/0"),
        lambda d: d.update(source="GUESSED"),
        lambda d: d.update(version=99),
        lambda d: d.update(format="recipe"),
    ],
)
def test_damaged_files_are_refused(saved: Path, damage: object) -> None:
    document = json.loads(saved.read_text(encoding="utf-8"))
    damage(document)  # type: ignore[operator]
    saved.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(MediaReadError, match=r"shot\.motion\.json"):
        load_motion(saved)


def test_missing_and_unwritable_files(tmp_path: Path, saved: Path) -> None:
    with pytest.raises(MediaReadError):
        load_motion(tmp_path / "gone.json")
    saved.write_text("{", encoding="utf-8")
    with pytest.raises(MediaReadError, match="JSON"):
        load_motion(saved)


def test_no_folder_to_write_to(tmp_path: Path, demo_speech: Speech) -> None:
    curves = motion_curves(demo_speech, [Fraction(1)], frame_seconds=Fraction(1, 25))
    with pytest.raises(MediaWriteError):
        save_motion(tmp_path / "nowhere" / "a.json", demo_speech, curves)
