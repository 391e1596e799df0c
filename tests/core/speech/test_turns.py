# SPDX-License-Identifier: Apache-2.0
"""Who speaks when: RTTM, subtitles with names, and the stretches that are one speaker's own."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from plosive.errors import OptionError
from plosive.speech import Turn, hear, read_script, read_turns, spoken_spans, turns_of

RTTM = """\
SPKR-INFO scene 1 <NA> <NA> <NA> unknown anna <NA> <NA>
SPEAKER scene 1 3.500 1.250 <NA> <NA> ben <NA> <NA>
SPEAKER scene 1 0.12 2.88 <NA> <NA> anna <NA> <NA>
"""
SUBTITLES = """\
1
00:00:00,500 --> 00:00:02,000
ANNA: Where were you?

2
00:00:02,100 --> 00:00:03,000
BEN: Out.

3
00:00:03,000 --> 00:00:04,000
(door)
"""


def test_rttm_is_read_in_order_of_time(tmp_path: Path) -> None:
    path = tmp_path / "scene.rttm"
    path.write_text(RTTM)
    assert read_turns(path) == (
        Turn(Fraction(3, 25), Fraction(3), "anna"),
        Turn(Fraction(7, 2), Fraction(19, 4), "ben"),
    )


@pytest.mark.parametrize(
    "line", ["SPEAKER scene 1 one 2 <NA> <NA> ben", "SPEAKER scene 1 -1 2 <NA> <NA> ben", "SPEAKER 1"]
)
def test_a_damaged_line_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "scene.rttm"
    path.write_text(RTTM + line + "\n")
    with pytest.raises(OptionError, match=r"Line 4 of scene\.rttm"):
        read_turns(path)


def test_subtitles_with_names_are_turns_and_lines(tmp_path: Path) -> None:
    path = tmp_path / "scene.srt"
    path.write_text(SUBTITLES)
    assert [(turn.speaker, turn.start_seconds) for turn in read_turns(path)] == [
        ("ANNA", Fraction(1, 2)),
        ("BEN", Fraction(21, 10)),
    ]
    script = read_script(path)
    assert script.speakers == ("ANNA", "BEN")
    assert script.spoken_by("ben").text == "Out."
    with pytest.raises(OptionError, match=r"no line of Carl; those named in it are ANNA, BEN"):
        hear(np.zeros(16_000, np.float32), str(path), "en", Fraction(1), "Carl")


def test_without_names_or_times_there_are_no_turns(tmp_path: Path) -> None:
    path = tmp_path / "scene.srt"
    path.write_text(SUBTITLES.replace("ANNA: ", "").replace("BEN: ", ""))
    with pytest.raises(OptionError, match="does not say who speaks when"):
        read_turns(path)
    with pytest.raises(OptionError, match="does not say who speaks when"):
        turns_of(read_script("ANNA: Hello"), "--transcript")


def test_spans_reach_into_pauses_but_not_into_others_turns() -> None:
    turns = (
        Turn(Fraction(1), Fraction(2), "Anna"),
        Turn(Fraction(21, 10), Fraction(3), "Ben"),
        Turn(Fraction(4), Fraction(5), "anna"),
        Turn(Fraction(51, 10), Fraction(6), "Anna"),
    )
    assert spoken_spans(turns, "ANNA") == (
        (Fraction(4, 5), Fraction(41, 20)),
        (Fraction(19, 5), Fraction(31, 5)),
    )
    assert spoken_spans(turns, "Carl") == ()
