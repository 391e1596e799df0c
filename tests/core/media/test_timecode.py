# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import random
from fractions import Fraction

import pytest

from plosive.errors import RangeError
from plosive.media import FrameRange, Timecode, parse_frame_range, parse_time

NTSC_30, NTSC_60, FILM = Fraction(30000, 1001), Fraction(60000, 1001), Fraction(24000, 1001)
RATES = [Fraction(24), Fraction(25), Fraction(50), FILM, NTSC_30, NTSC_60, Fraction(120), Fraction(25, 2)]


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("is_drop_frame", [False, True])
def test_text_and_frames_are_inverse(rate: Fraction, is_drop_frame: bool) -> None:
    if is_drop_frame and rate not in (NTSC_30, NTSC_60):
        pytest.skip("drop frame is not defined at this rate")
    chance = random.Random(7)
    day = 24 * 3600 * int(rate)
    for number in [*range(4000), *(chance.randrange(day) for _ in range(2000))]:
        timecode = Timecode(number, rate, is_drop_frame)
        assert Timecode.parse(str(timecode), rate) == timecode


@pytest.mark.parametrize(
    ("number", "text"),
    [(1799, "00:00:59;29"), (1800, "00:01:00;02"), (17981, "00:09:59;29"), (17982, "00:10:00;00")],
)
def test_drop_frame_skips_names_each_minute_but_the_tenth(number: int, text: str) -> None:
    assert str(Timecode(number, NTSC_30, True)) == text


def test_drop_frame_follows_the_clock() -> None:
    hour = Timecode.parse("01:00:00;00", NTSC_30)
    assert abs(hour.seconds - 3600) < Fraction(1, 250)
    assert Timecode.parse("01:00:00:00", NTSC_30).seconds == Fraction(36036, 10)


def test_drop_frame_names_are_unique_and_rising() -> None:
    names = [Timecode(number, NTSC_60, True).fields for number in range(3 * 3600)]
    assert names == sorted(set(names))


@pytest.mark.parametrize("text", ["00:01:00;00", "00:01:00;01"])
def test_a_skipped_name_is_refused(text: str) -> None:
    with pytest.raises(RangeError, match="skips"):
        Timecode.parse(text, NTSC_30)


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("01:00:00", FILM),
        ("1:2:3:24", Fraction(24)),
        ("25:00:00:00", FILM),
        ("", FILM),
        ("01:00:00;00", FILM),
    ],
)
def test_malformed_timecode_is_refused(text: str, rate: Fraction) -> None:
    with pytest.raises(RangeError):
        Timecode.parse(text, rate)


def test_addition_wraps_the_name_at_a_day() -> None:
    last = Timecode.parse("23:59:59:24", Fraction(25))
    assert str(last + 1) == "00:00:00:00"


def test_high_rates_have_three_digits() -> None:
    assert str(Timecode(119, Fraction(120))) == "00:00:00:119"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("01:00:00:00", Fraction(36036, 10)),
        ("00:00:00:01", 1 / FILM),
        ("1.5", Fraction(3, 2)),
        ("-0.04", Fraction(-1, 25)),
        ("0", Fraction(0)),
        ("-1001/24000", Fraction(-1001, 24000)),
        ("1:30.5", Fraction(181, 2)),
        ("01:00:00", Fraction(3600)),
    ],
)
def test_times(text: str, seconds: Fraction) -> None:
    assert parse_time(text, FILM) == seconds


@pytest.mark.parametrize("text", ["", "abc", "1:2:3:4:5", "1e3", "nan", "12:61", "1/0"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(RangeError):
        parse_time(text, FILM)


def test_ranges() -> None:
    assert parse_frame_range("1001-1010", 1001, 1100) == FrameRange(1001, 1010)
    assert parse_frame_range(" 1005 ", 1001, 1100).duration_frames == 1
    assert parse_frame_range("1001-1100", 1001, 1100).duration_frames == 100


@pytest.mark.parametrize(
    "text", ["1000-1010", "1090-1101", "1010-1001", "a-b", "", "1001-", "1001-1002-1003"]
)
def test_bad_ranges_are_refused(text: str) -> None:
    with pytest.raises(RangeError):
        parse_frame_range(text, 1001, 1100)
