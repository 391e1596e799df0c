# SPDX-License-Identifier: Apache-2.0
"""A clip that plays at another speed: exact maps, both ways, and what the timeline shows of it."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from math import floor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plosive.colour.transfer import Transfer
from plosive.errors import OptionError, RangeError
from plosive.media.placement import place_retimed
from plosive.media.plate import PlateInfo, PlateKind
from plosive.media.retime import Retime, parse_retime

PLATE = PlateInfo(
    path=Path("clip.mov"),
    kind=PlateKind.VIDEO,
    width=1920,
    height=1080,
    frame_count=100,
    frame_rate=Fraction(25),
    first_frame=1001,
    start_timecode="01:00:00:00",
    pixel_aspect=Fraction(1),
    codec="prores",
    pixel_format="yuv422p10le",
    bit_depth=10,
    is_float=False,
    is_variable_rate=False,
    is_interlaced=False,
    has_alpha=False,
    has_audio=True,
    rotation_degrees=0,
    transfer=Transfer.BT1886,
)
FILM = Fraction(24000, 1001)


def times(info: PlateInfo = PLATE) -> list[Fraction]:
    return [index / info.frame_rate for index in range(info.frame_count)]


def retime(text: str, info: PlateInfo = PLATE, start: Fraction | None = None) -> Retime:
    return parse_retime(text).placed(info, times(info), start)


def centres(text: str, audio_start: str | None = None, info: PlateInfo = PLATE) -> tuple[Fraction, ...]:
    return place_retimed(info, times(info), parse_retime(text), audio_start).dub_centres


@pytest.mark.parametrize(
    ("text", "audio_start", "frame", "wanted"),
    [
        ("1", None, 1001, Fraction(1, 50)),
        ("1", None, 1100, Fraction(199, 50)),
        ("100%", "01:00:01:00", 1026, Fraction(1, 50)),
        ("2", None, 1001, Fraction(1, 100)),
        ("2", None, 1100, Fraction(199, 100)),
        ("200%", "1", 1026, Fraction(1, 100)),
        ("0.5", None, 1002, Fraction(3, 25)),
        ("1/4", None, 1001, Fraction(2, 25)),
        ("8", None, 1100, Fraction(199, 400)),
        ("-1", None, 1100, Fraction(1, 50)),
        ("-1", None, 1001, Fraction(199, 50)),
        ("-2", "01:00:02:00", 1050, Fraction(1, 100)),
        ("-2", "01:00:02:00", 1051, Fraction(-1, 100)),
        ("2", "-1", 1001, Fraction(1, 2) + Fraction(1, 100)),
        ("0.5", "00:59:59:00", 1001, Fraction(2) + Fraction(1, 25)),
        ("1001=1, 1101=9", "-1/2", 1001, Fraction(1) + Fraction(1, 25)),
        ("1001=0, 1101=8", None, 1001, Fraction(1, 25)),
        ("1001=0, 1101=8", "01:00:02:00", 1051, Fraction(1, 25)),
        ("1001=0, 1100=4.125", None, 1100, Fraction(33, 8) + Fraction(33, 8 * 99) / 2),
        ("1001=4, 1101=0", None, 1100, Fraction(1, 50)),
        ("1001=0, 1051=1, 1101=5", None, 1051, Fraction(1) + Fraction(4, 100)),
        ("1001=0, 1051=1, 1101=5", None, 1050, Fraction(1) - Fraction(1, 100)),
        ("01:00:02:00=3", None, 1051, Fraction(3) + Fraction(1, 50)),
        ("1051=2, 1051=4", None, 1051, None),
        ("1001=0, 1051=2, 1051=4, 1101=6", None, 1050, Fraction(2) - Fraction(1, 50)),
        ("1001=0, 1051=2, 1051=4, 1101=6", None, 1051, Fraction(4) + Fraction(1, 50)),
        ("1001=0, 1031=1.2, 1071=1.2, 1101=2.4", None, 1050, Fraction(6, 5)),
    ],
)
def test_cases(text: str, audio_start: str | None, frame: int, wanted: Fraction | None) -> None:
    if wanted is None:
        with pytest.raises(OptionError, match="no mouth to move"):
            centres(text, audio_start)
        return
    assert centres(text, audio_start)[frame - PLATE.first_frame] == wanted


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no number"),
        ("fast", "no number"),
        ("0", "freeze"),
        ("0%", "freeze"),
        ("1/0", "zero"),
        ("1e9", "no number"),
        ("101", "per cent"),
        ("0.001", "per cent"),
        ("1001", "per cent"),
        ("1001=0, 1100", "no key"),
        ("1001=0,, 1100=2", "no key"),
        ("=0", "no number"),
        ("1001=nan", "no number"),
        ("2@0", "1 to 1000"),
        ("2@x", "no number"),
        ("9" * 50, "no number"),
        (",".join(f"{n}={n}" for n in range(1001)), "at most"),
    ],
)
def test_what_is_no_retime_is_refused(text: str, said: str) -> None:
    with pytest.raises(OptionError, match=said):
        parse_retime(text)


def test_keys_out_of_order_and_starts_outside_are_refused() -> None:
    for text, said in (
        ("1100=0, 1001=4", "run backwards"),
        ("1001=1, 1100=1", "one moment"),
        ("1001=1, 1001=2", "no mouth"),
        ("01:00:00:77=1", "does not exist"),
    ):
        with pytest.raises(OptionError, match=said):
            retime(text)
    with pytest.raises(RangeError, match="outside the plate"):
        centres("2", "01:00:04:01")
    for text, start in (("2", "-4"), ("-1", "-0.5"), ("1001=4, 1101=0", "-1")):
        with pytest.raises(RangeError, match=r"nothing of the dub, which is 2\.00 s long"):
            place_retimed(PLATE, times(), parse_retime(text), start, Fraction(2))
    starts = [place_retimed(PLATE, times(), parse_retime(text), None) for text in ("2", "-1", "1051=0")]
    assert [one.dub_start_seconds for one in starts] == [0, 4, 2]
    assert centres("-1", "01:00:04:00")[-1] == Fraction(1, 50), "backwards the end is a start"


def test_holds_and_frames_never_shown_are_told() -> None:
    held = place_retimed(PLATE, times(), parse_retime("1001=0, 1051=2, 1051=5, 1101=7"), None)
    assert held.shown_seconds[50] == 3 + Fraction(1, 25)
    assert held.notes == (
        "Frame 1051 is held for 3.04 s: one picture has one mouth, that of 5.02 s of the dub.",
    )
    jumped = place_retimed(PLATE, times(), parse_retime("1001=0, 1031=1.2, 1071=1.2, 1101=2.4"), None)
    assert jumped.notes == (
        "40 frames (1031 to 1070) are never shown: they take the mouth of the nearest moment.",
    )
    plain = place_retimed(PLATE, times(), parse_retime("2"), None)
    assert plain.notes == () and plain.held_frames == 0 and plain.last_centre == Fraction(199, 100)


def test_a_plate_of_its_own_frame_times_keeps_them() -> None:
    uneven = [Fraction(0), Fraction(1, 10), Fraction(1, 2), Fraction(1)]
    info = replace(PLATE, frame_count=4, is_variable_rate=True, first_frame=0)
    made = parse_retime("1=0, 3=1.8").placed(info, uneven)
    assert made.timeline_seconds(Fraction(1, 10)) == 0 and made.timeline_seconds(Fraction(1)) == Fraction(
        9, 5
    )
    assert made.timeline_seconds(Fraction(1, 2)) == Fraction(4, 5)
    assert parse_retime("0.5=0").placed(info, uneven).keys[0][0] == Fraction(1, 20)


speeds = st.fractions(Fraction(1, 4), 8, max_denominator=1001).flatmap(
    lambda speed: st.sampled_from([speed, -speed])
)


@given(speeds, st.fractions(0, 4, max_denominator=25), st.integers(0, 99))
@settings(max_examples=120, deadline=None)
def test_one_speed_is_a_straight_line_and_comes_back(speed: Fraction, start: Fraction, frame: int) -> None:
    made = retime(f"{speed.numerator}/{speed.denominator}", start=start)
    moment = Fraction(frame, 25)
    assert made.timeline_seconds(start) == 0
    assert made.timeline_seconds(moment) == (moment - start) / speed
    assert made.plate_moments(made.timeline_seconds(moment)) == (moment,)


@st.composite
def rising(draw: st.DrawFn) -> Retime:
    """Keys rising or falling in the timeline, no holds."""
    count = draw(st.integers(2, 6))
    places = sorted(draw(st.sets(st.integers(0, 99), min_size=count, max_size=count)))
    steps = draw(
        st.lists(st.fractions(Fraction(1, 8), 4, max_denominator=1001), min_size=count, max_size=count)
    )
    sign = draw(st.sampled_from([1, -1]))
    shown = [Fraction(0)]
    for (before, after), step in zip(pairwise(places), steps, strict=False):
        shown.append(shown[-1] + sign * Fraction(after - before, 25) * step)
    keys = tuple((Fraction(place, 25), one) for place, one in zip(places, shown, strict=True))
    return Retime(keys, Fraction(1, 25))


@given(rising(), st.fractions(-1, 5, max_denominator=50))
@settings(max_examples=150, deadline=None)
def test_maps_without_turns_are_monotone_and_come_back(made: Retime, moment: Fraction) -> None:
    shown = made.timeline_seconds(moment)
    assert made.plate_moments(shown) == (moment,)
    later = made.timeline_seconds(moment + Fraction(1, 1000))
    is_falling = made.keys[-1][1] < made.keys[0][1]
    assert (later < shown) if is_falling else (later > shown)
    for plate, timeline in made.keys:
        assert made.timeline_seconds(plate) == made.timeline_seconds(plate, is_end=True) == timeline


def shown_frames(made: Retime, frame_count: int, rate: Fraction, phase: Fraction) -> list[int]:
    """Plate frames that a host shows on its timeline, whose frames are taken at `phase` of their length."""
    interval = made.timeline_interval
    ends = [made.timeline_seconds(Fraction(0)), made.timeline_seconds(frame_count / rate, is_end=True)]
    first, last = floor(min(ends) / interval), floor(max(ends) / interval)
    found = []
    for tick in range(first, last + 1):
        moments = made.plate_moments((tick + phase) * interval)
        found += [floor(moment * rate) for moment in moments[:1]]
    return [frame for frame in found if 0 <= frame < frame_count]


@given(
    rising(),
    st.sampled_from([FILM, Fraction(24), Fraction(25), Fraction(30000, 1001), Fraction(60)]),
    st.sampled_from([FILM, Fraction(25), Fraction(50)]),
    st.fractions(0, Fraction(99, 100), max_denominator=100),
)
@settings(max_examples=60, deadline=None)
def test_shown_frames_lie_no_further_apart_than_told(
    made: Retime, rate: Fraction, timeline: Fraction, phase: Fraction
) -> None:
    made = replace(made, timeline_interval=1 / timeline)
    bounds = [index / rate for index in range(61)]
    gaps = made.shown_gaps(bounds)
    middles = [made.timeline_seconds((start + end) / 2) for start, end in pairwise(bounds)]
    for one, other in pairwise(shown_frames(made, 60, rate, phase)):
        assert abs(middles[other] - middles[one]) <= max(gaps[min(one, other) : max(one, other) + 1])


def test_film_on_a_timeline_of_25() -> None:
    info = replace(PLATE, frame_rate=FILM)
    made = retime("1@25", info)
    bounds = [*times(info), 100 / FILM]
    assert set(made.shown_gaps(bounds)) == {1 / FILM}
    fast = retime("25025/24000@25", info)
    assert centres("25025/24000@25", info=info)[99] == Fraction(199, 50), "a frame of film for one of 25"
    assert set(fast.shown_gaps(bounds)) == {Fraction(1, 25)}
    assert set(retime("2@25", info).shown_gaps(bounds)) == {2 * (1 / FILM / 2)}
    assert set(
        retime("1@24", replace(info, frame_rate=Fraction(60))).shown_gaps([Fraction(n, 60) for n in range(9)])
    ) == {Fraction(3, 60)}
