# SPDX-License-Identifier: Apache-2.0
"""Flags go to a file and come back as they were; a bad file is one sentence."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from plosive.errors import MediaReadError, MediaWriteError, PlosiveError, RangeError
from plosive.quality.flags_file import FlagsFile, read_flags, write_flags
from plosive.quality.scorecard import Flag, Scorecard

Change = Callable[[dict[str, Any]], object]


@pytest.fixture
def written(small_card: Scorecard, tmp_path: Path) -> Path:
    path = tmp_path / "shot.flags.json"
    write_flags(small_card, path, transcript="Bob äh", language="de")
    return path


def test_round_trip_is_exact(small_card: Scorecard, tmp_path: Path) -> None:
    flags = (
        replace(small_card.flags[0], severity=1 / 3, value=0.1 + 0.2),
        Flag(0, 11, "x", 1, -2, 3, 0, "ß"),
    )
    path = tmp_path / "f.json"
    write_flags(replace(small_card, flags=flags), path, transcript="Bob äh", language="de")
    assert read_flags(path) == FlagsFile(
        result=small_card.result,
        plate=small_card.plate,
        dub=small_card.dub,
        transcript="Bob äh",
        language="de",
        frame_rate=Fraction(24000, 1001),
        first_frame=0,
        frame_count=12,
        start_timecode="01:00:00:00",
        flags=flags,
    )
    assert list(path.parent.glob(".*")) == [], "no temporary file is left"


def test_a_value_that_is_no_number_is_null_and_comes_back(written: Path) -> None:
    text = written.read_text(encoding="utf-8")
    assert "NaN" not in text
    assert json.loads(text)["flags"][1]["value"] is None
    assert math.isnan(read_flags(written).flags[1].value)


def test_without_plate_timecode_and_words(small_card: Scorecard, tmp_path: Path) -> None:
    write_flags(replace(small_card, plate=None, start_timecode=None), tmp_path / "f.json")
    flags = read_flags(tmp_path / "f.json")
    assert (flags.plate, flags.start_timecode, flags.transcript, flags.language) == (None, None, None, "en")


def test_files_are_named_absolutely(small_card: Scorecard, tmp_path: Path) -> None:
    write_flags(replace(small_card, result=Path("out/a.%04d.exr")), Path("f.json"))
    assert read_flags(tmp_path / "f.json").result == tmp_path / "out" / "a.%04d.exr"


def test_an_existing_file_is_replaced_only_when_asked(written: Path, small_card: Scorecard) -> None:
    before = written.read_bytes()
    with pytest.raises(MediaWriteError, match="exists already"):
        write_flags(small_card, written)
    assert written.read_bytes() == before
    write_flags(small_card, written, overwrite=True)
    assert read_flags(written).transcript is None
    with pytest.raises(MediaWriteError, match=r"must end in \.json to hold flags"):
        write_flags(small_card, written.with_suffix(".txt"))
    with pytest.raises(MediaWriteError, match="make it first"):
        write_flags(small_card, written.parent / "nowhere" / "f.json")


def test_no_flags_can_be_written_but_ask_for_nothing(small_card: Scorecard, tmp_path: Path) -> None:
    write_flags(replace(small_card, flags=()), tmp_path / "f.json")
    assert json.loads((tmp_path / "f.json").read_text(encoding="utf-8"))["flags"] == []
    with pytest.raises(MediaReadError, match="flags no range: there is nothing to do again"):
        read_flags(tmp_path / "f.json")


def first(**values: object) -> Change:
    return lambda document: document["flags"][0].update(values)


@pytest.mark.parametrize(
    ("change", "kind", "said"),
    [
        (lambda d: d.pop("schema"), MediaReadError, "is no flags file"),
        (lambda d: d.update(schema="plosive.score.v1"), MediaReadError, "holds 'plosive.score.v1', not"),
        (lambda d: d.update(flags={}), MediaReadError, "'flags' must be a list"),
        (lambda d: d.update(flags=[3]), MediaReadError, "flag 1 must be an object"),
        (lambda d: d.update(frame_count="12"), MediaReadError, "'frame_count' must be a whole number"),
        (lambda d: d.update(frame_count=0), MediaReadError, "'frame_count' must be at least 1"),
        (lambda d: d.update(first_frame=True), MediaReadError, "'first_frame' must be a whole number"),
        (lambda d: d.update(frame_rate="often"), MediaReadError, "'frame_rate' must be a rate"),
        (lambda d: d.update(frame_rate="24/0"), MediaReadError, "'frame_rate' must be a rate"),
        (lambda d: d.update(dub=None), MediaReadError, "'dub' must be a text"),
        (lambda d: d.update(plate=7), MediaReadError, "'plate' must be a text"),
        (first(severity="high"), MediaReadError, "in flag 1, 'severity' must be a number"),
        (first(severity=1.5), MediaReadError, "in flag 1, 'severity' must be between 0 and 1, not 1.5"),
        (first(severity=None), MediaReadError, "'severity' must be between 0 and 1"),
        (first(value=10**400), MediaReadError, "'value' is too large"),
        (first(face=-1), MediaReadError, "'face' must be 0 or more"),
        (first(first_frame=2.5), MediaReadError, "'first_frame' must be a whole number"),
        (lambda d: d["flags"][1].pop("sentence"), MediaReadError, "in flag 2, 'sentence' must be a text"),
        (first(last_frame_inclusive=12), RangeError, "range 2-12 in"),
        (first(first_frame=-1), RangeError, "leaves the frames of result.mov, which are 0-11."),
        (first(first_frame=5), RangeError, "range 5-4 in"),
    ],
)
def test_a_bad_file_is_one_sentence(
    written: Path, change: Change, kind: type[PlosiveError], said: str
) -> None:
    document = json.loads(written.read_text(encoding="utf-8"))
    change(document)
    written.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(kind) as caught:
        read_flags(written)
    assert said in str(caught.value)
    assert str(written) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_is_no_file_or_no_json_is_one_sentence(written: Path) -> None:
    with pytest.raises(MediaReadError, match="cannot be read: No such file"):
        read_flags(written.with_name("gone.json"))
    for text in ("", "{", '{"schema": "plosive.flags.v1", "frame_count": NaN}', "[" * 100_000):
        written.write_text(text, encoding="utf-8")
        with pytest.raises(MediaReadError, match="is not valid JSON"):
            read_flags(written)
    written.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(MediaReadError, match="is not valid JSON"):
        read_flags(written)
    written.write_text("[]", encoding="utf-8")
    with pytest.raises(MediaReadError, match="is no flags file"):
        read_flags(written)
