# SPDX-License-Identifier: Apache-2.0
"""Values over time: how they are written, where their keys lie in a plate, what they are in each frame."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from plosive.colour.transfer import Transfer
from plosive.errors import OptionError
from plosive.keyed import KeyedValue
from plosive.keyed_reading import read_keyed
from plosive.media.plate import PlateInfo, PlateKind

SEQUENCE = PlateInfo(
    path=Path("shot.%04d.exr"),
    kind=PlateKind.SEQUENCE,
    width=640,
    height=360,
    frame_count=100,
    frame_rate=Fraction(24),
    first_frame=1001,
    start_timecode="01:00:00:00",
    pixel_aspect=Fraction(1),
    codec="exr",
    pixel_format="half",
    bit_depth=16,
    is_float=True,
    is_variable_rate=False,
    is_interlaced=False,
    has_alpha=False,
    has_audio=False,
    rotation_degrees=0,
    transfer=Transfer.ACESCCT,
)
RAMP = [(Fraction(1001), 0.0), (Fraction(1013), 1.0)]


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("0.8", [(Fraction(0), 0.8)]),
        (" .5 ", [(Fraction(0), 0.5)]),
        ("1001=0, 1013=1", RAMP),
        ("1013=1,1001=0,", RAMP),
        ("1001.1=0.5", [(Fraction("1001.1"), 0.5)]),
        ("-8=0.25", [(Fraction(-8), 0.25)]),
        ("1001=0, 01:00:02:00=0.5", [(Fraction(1001), 0.0), ("01:00:02:00", 0.5)]),
        ("01:00:02;02=0.5", [("01:00:02;02", 0.5)]),
        ("{curve x1001 0 x1013 1}", RAMP),
        ("{{curve i l x1001 0 s0.1 t0 x1013 1}}", RAMP),
        ("curve x1001 0 x1013 1", RAMP),
        (
            "{curve 0.1 0.2 x5 0.3 0.4}",
            list(zip(map(Fraction, (0, 1, 5, 9)), (0.1, 0.2, 0.3, 0.4), strict=True)),
        ),
        ("{curve K x1 0 L x9 1 x12 0}", list(zip(map(Fraction, (1, 8, 9, 12)), (0, 0, 1, 0), strict=True))),
        ("{curve x1 0 K x9 1 x12 0}", list(zip(map(Fraction, (1, 9, 11, 12)), (0, 1, 1, 0), strict=True))),
        ("{curve K x1 0 2 3}", list(zip(map(Fraction, (1, 2, 3)), (0, 2, 3), strict=True))),
    ],
)
def test_written_values_are_read(text: str, keys: list[tuple[Fraction | str, float]]) -> None:
    assert read_keyed(text, "strength") == KeyedValue(tuple(keys))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("k.json", "[[1001, 0], [1013, 1]]"),
        ("k.json", '{"keys": [["1013", 1.0], [1001, 0.0]]}'),
        ("k.csv", "frame,value\n1001,0\n1013,1\n"),
        ("k.csv", "# an ease-in\n1001, 0 # here\n\n1013, 1"),
        ("k.txt", "1001 0\n1013\t1\n"),
        ("k.txt", "1001=0\n1013=1\n"),
        ("k.nk", "{curve x1001 0\n x1013 1}\n"),
        ("K.CSV", "\ufeff1001,0\n1013,1"),
    ],
)
def test_files_of_keys_are_read(name: str, content: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    assert read_keyed(str(tmp_path / name), "jaw") == KeyedValue(tuple(RAMP))


def test_json_keeps_frames_exact_and_knows_timecode_and_numbers(tmp_path: Path) -> None:
    path = tmp_path / "k.json"
    path.write_text('[[1001.1, 0.5], ["01:00:00:12", 1]]')
    assert read_keyed(str(path), "lip").keys == ((Fraction("1001.1"), 0.5), ("01:00:00:12", 1.0))
    path.write_text("0.7")
    assert read_keyed(str(path), "lip") == KeyedValue.of(0.7)


def test_what_the_record_holds_reads_back(tmp_path: Path) -> None:
    for text in ("0.25", "1001=0, 01:00:02:00=0.5, 1100=1"):
        value = read_keyed(text, "strength")
        (tmp_path / "k.json").write_text(json.dumps(value.facts()))
        assert read_keyed(str(tmp_path / "k.json"), "strength") == value
        assert read_keyed(str(value), "strength") == value


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("much", "--strength: 'much' is no value; give a number, FRAME=VALUE pairs"),
        ("", "--strength: '' is no value"),
        ("1001:0,1013:1", "'1001:0,1013:1' is no value"),
        ("1001=0, 1013", "--strength: '1013' is no key; write FRAME=VALUE."),
        ("1001=0, early=1", "'early' is neither a frame number nor a timecode"),
        ("1001=0, 1e3=1", "'1e3' is neither"),
        ("1001=0, 1013=half", "the value 'half' at 1013 is no number"),
        ("1001=nan", "the value 'nan' at 1001 is no number"),
        ("1001=0, 1001.0=1", "two keys at frame 1001"),
        ("=,=", "'' is neither a frame number"),
        ("{curve}", "has no keys"),
        ("{curve x1001 0 y1013 1}", "'y1013' in the Nuke curve is not understood"),
        ("nowhere.json", "nowhere.json cannot be read: No such file"),
    ],
)
def test_what_is_no_value_is_one_sentence(text: str, said: str) -> None:
    with pytest.raises(OptionError) as caught:
        read_keyed(text, "strength")
    assert said in str(caught.value)
    assert str(caught.value).startswith("--strength") and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("k.json", "{", "is not valid JSON"),
        ("k.json", "{}", "holds no keys"),
        ("k.json", "[[1001, 0, 3]]", "is no key; write [frame, value]"),
        ("k.json", "[[1001, null]]", "is no key"),
        ("k.json", "[[1001, NaN]]", "'NaN' at 1001 is no number"),
        ("k.json", "[]", "has no keys"),
        ("k.csv", "1001,0,3", "'1001 0 3' is no key; write a frame and a value"),
        ("k.csv", "frame,value\nearly,1", "'early' is neither"),
        ("k.csv", "", "has no keys"),
        ("k.txt", "1001;0", "is no key"),
    ],
)
def test_a_bad_file_is_one_sentence(name: str, content: str, said: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(OptionError) as caught:
        read_keyed(str(tmp_path / name), "jaw")
    assert said in str(caught.value)
    assert str(caught.value).startswith("--jaw") and "\n" not in str(caught.value)


def test_no_text_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "k.csv").write_bytes(b"\xff\xfe\x00\x80")
    with pytest.raises(OptionError, match="is not a text file"):
        read_keyed(str(tmp_path / "k.csv"), "jaw")


def test_keys_are_met_exactly_lines_are_straight_ends_are_held() -> None:
    value = read_keyed("1001=0, 1013=1, 1014=0.3", "strength").placed("strength", SEQUENCE)
    found = value.at(range(990, 1020))
    assert found.dtype == np.float64 and found.shape == (30,)
    by_frame = dict(zip(range(990, 1020), found.tolist(), strict=True))
    assert (by_frame[1001], by_frame[1013], by_frame[1014]) == (0.0, 1.0, 0.3)
    assert by_frame[1007] == 0.5 and by_frame[1004] == 0.25
    assert by_frame[990] == 0.0 and by_frame[1019] == 0.3
    assert KeyedValue.of(0.1).at([5, 6]).tolist() == [0.1, 0.1]
    assert KeyedValue.of(value) is value


def test_a_key_between_frames_counts_where_it_is() -> None:
    value = read_keyed("1000.5=0, 1001.5=1", "strength").placed("strength", SEQUENCE)
    assert value.at([1001]).tolist() == [0.5]


@pytest.mark.parametrize(
    ("info", "text", "frame"),
    [
        (SEQUENCE, "01:00:00:12", 1013),
        (SEQUENCE, "01:00:02:00", 1049),
        (replace(SEQUENCE, start_timecode=None), "00:00:01:00", 1025),
        (replace(SEQUENCE, first_frame=0, frame_rate=Fraction(24000, 1001)), "01:00:01:00", 24),
        (
            replace(SEQUENCE, start_timecode="01:00:59;28", frame_rate=Fraction(30000, 1001)),
            "01:01:00;02",
            1003,
        ),
        (
            replace(SEQUENCE, start_timecode="01:00:59;28", frame_rate=Fraction(30000, 1001)),
            "01:01:00:02",
            1003,
        ),
    ],
)
def test_timecode_keys_lie_on_the_plates_own(info: PlateInfo, text: str, frame: int) -> None:
    value = read_keyed(f"{text}=0.5, {info.first_frame + 90}=1", "strength").placed("strength", info)
    assert value.keys == ((Fraction(frame), 0.5), (Fraction(info.first_frame + 90), 1.0))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("01:00:00:24=1", "--lip: Timecode '01:00:00:24' does not exist at 24 fps"),
        ("01:00:00:12=1, 1013=0", "--lip has two keys at"),
        ("0=0, 50=1", "--lip has its keys at frames 0-50, and shot.%04d.exr has frames 1001-1100"),
        ("2000=0, 2050=1", "give keys in the plate's own frame numbers"),
        ("02:00:00:00=0, 02:00:01:00=1", "give keys in the plate's own frame numbers"),
    ],
)
def test_keys_that_are_not_in_the_plate_are_said(text: str, said: str) -> None:
    with pytest.raises(OptionError) as caught:
        read_keyed(text, "lip").placed("lip", SEQUENCE)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_one_value_for_all_may_have_its_key_anywhere() -> None:
    for text in ("0=0.5", "0=0.5, 50=0.5"):
        value = read_keyed(text, "lip").placed("lip", SEQUENCE)
        assert value.constant == 0.5 and (value.at([1001, 1100]) == 0.5).all()


def test_timecodes_have_no_value_before_they_are_placed() -> None:
    with pytest.raises(ValueError, match="placed"):
        read_keyed("01:00:00:12=1", "lip").at([1001])
