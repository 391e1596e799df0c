# SPDX-License-Identifier: Apache-2.0
"""Which jobs are refused before any file is looked at."""

from __future__ import annotations

import dataclasses
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from plosive.errors import OptionError
from plosive.keyed import KeyedValue
from plosive.sync_options import SyncOptions

GOOD = SyncOptions(plate=Path("plate.mov"), dub=Path("dub.wav"), out=Path("out.mov"))


def test_defaults_are_valid() -> None:
    assert GOOD.validated() is GOOD


def test_numbers_become_values_over_time() -> None:
    made = dataclasses.replace(GOOD, strength=0.5, articulation=2).validated()
    assert (made.strength, made.articulation) == (KeyedValue.of(0.5), KeyedValue.of(2.0))
    assert made.validated() is made


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"strength": 1.01}, "--strength must be between 0 and 1, not 1.01"),
        ({"strength": float("nan")}, "--strength"),
        ({"jaw": -0.1}, "--jaw must be between 0 and 2"),
        ({"lip": 2.5}, "--lip must be between 0 and 2"),
        ({"articulation": -1.0}, "--articulation must be between 0 and 2, not -1"),
        (
            {"jaw": KeyedValue((("01:00:00:00", 1.0), (Fraction(7), 3.0)))},
            "--jaw must be between 0 and 2, not 3 at frame 7.",
        ),
        (
            {"strength": KeyedValue((("01:00:00:00", -1.0), (Fraction(7), 0.0)))},
            "--strength must be between 0 and 1, not -1 at 01:00:00:00.",
        ),
        ({"device": "tpu"}, "--device must be one of auto, cpu, cuda, not 'tpu'"),
        ({"on_length_mismatch": "loop"}, "--on-length-mismatch must be one of plate, error, hold"),
        ({"audio_channel": 0}, "counts from 1"),
        ({"seed": -1}, "--seed"),
        ({"sequence_rate": Fraction(0)}, "--rate"),
        ({"face": " "}, "--face must not be empty"),
        ({"out": Path("plate.mov")}, "may not be the plate"),
        ({"out": Path("dub.wav")}, "may not be the dub"),
        ({"report": Path("plate.mov")}, "would overwrite"),
        ({"report": Path("r.pdf")}, "--report r.pdf must end in .html, for the score as a page, or in .json"),
        ({"report": Path("report")}, "must end in .html"),
    ],
)
def test_refused(change: dict[str, Any], said: str) -> None:
    with pytest.raises(OptionError) as caught:
        dataclasses.replace(GOOD, **change).validated()
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_page_is_known_by_its_ending() -> None:
    reports = (None, Path("r.json"), Path("r.HTML"), Path("r.htm"))
    pages = [dataclasses.replace(GOOD, report=report).validated().page for report in reports]
    assert pages == [None, None, Path("r.HTML"), Path("r.htm")]


def test_the_plate_is_known_by_another_spelling_too(tmp_path: Path) -> None:
    (tmp_path / "shot").mkdir()
    plate = tmp_path / "plate.mov"
    plate.touch()
    options = dataclasses.replace(GOOD, plate=plate, out=tmp_path / "shot" / ".." / "plate.mov")
    with pytest.raises(OptionError, match="may not be the plate"):
        options.validated()
