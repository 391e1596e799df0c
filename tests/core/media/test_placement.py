# SPDX-License-Identifier: Apache-2.0
"""The dub lies where it is put, exactly."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from plosive.colour.transfer import Transfer
from plosive.errors import DubError, RangeError
from plosive.media.placement import is_of_lengths, place_dub
from plosive.media.plate import PlateInfo, PlateKind

NTSC = Fraction(24000, 1001)
INFO = PlateInfo(
    path=Path("plate.mov"),
    kind=PlateKind.VIDEO,
    width=1920,
    height=1080,
    frame_count=48,
    frame_rate=NTSC,
    first_frame=0,
    start_timecode="01:00:00:00",
    pixel_aspect=Fraction(1),
    codec="prores",
    pixel_format="yuv422p10le",
    bit_depth=10,
    is_float=False,
    is_variable_rate=False,
    is_interlaced=False,
    has_alpha=False,
    has_audio=False,
    rotation_degrees=0,
    transfer=Transfer.BT1886,
)
STARTS = tuple(index / NTSC for index in range(48))
LENGTH = 48 / NTSC


def test_frame_centres_are_exact() -> None:
    placed = place_dub(INFO, STARTS, LENGTH, None, "plate")
    assert placed.dub_centres[0] == Fraction(1001, 48000)
    assert placed.dub_centres[47] == 47 / NTSC + Fraction(1001, 48000)
    assert placed.notes == () and placed.held_frames == 0


def test_variable_rate_frames_are_centred_in_their_own_time() -> None:
    starts = (Fraction(0), Fraction(1, 30), Fraction(1, 10))
    placed = place_dub(replace(INFO, frame_rate=Fraction(30)), starts, Fraction(4, 30), None, "plate")
    assert placed.dub_centres == (Fraction(1, 60), Fraction(1, 15), Fraction(7, 60))


@pytest.mark.parametrize("start", ["0.5", "00:00.5"])
def test_a_start_in_seconds_counts_from_the_first_frame(start: str) -> None:
    placed = place_dub(INFO, STARTS, LENGTH - Fraction(1, 2), start, "error")
    assert placed.dub_start_seconds == Fraction(1, 2)
    assert placed.dub_centres[0] == Fraction(1001, 48000) - Fraction(1, 2)


def test_a_timecode_counts_on_the_plates_own() -> None:
    placed = place_dub(INFO, STARTS, LENGTH - 24 / NTSC, "01:00:01:00", "error")
    assert placed.dub_start_seconds == 24 / NTSC


@pytest.mark.parametrize(("start", "seconds"), [("-0.5", Fraction(-1, 2)), ("00:59:59:00", -24 / NTSC)])
def test_a_dub_may_begin_before_the_plate(start: str, seconds: Fraction) -> None:
    placed = place_dub(INFO, STARTS, LENGTH - seconds, start, "error")
    assert placed.dub_start_seconds == seconds and placed.notes == ()
    assert placed.dub_centres[0] == Fraction(1001, 48000) - seconds
    assert placed.frame_starts[0] == 0, "the plate's time does not move"
    cut = place_dub(INFO, STARTS, LENGTH, start, "plate")
    assert "before the plate" in cut.notes[0] and "the mouth rests" in cut.notes[0]


@pytest.mark.parametrize("start", ["-2.002", "-9", "00:00:00:00", "00:59:57:23"])
def test_a_dub_that_is_over_before_the_plate_is_refused(start: str) -> None:
    with pytest.raises(RangeError, match=r"nothing of the dub, which is 2\.00 s long, is heard"):
        place_dub(INFO, STARTS, LENGTH, start, "plate")


@pytest.mark.parametrize("start", ["01:00:05:00", "9"])
def test_a_start_outside_the_plate_is_said(start: str) -> None:
    with pytest.raises(RangeError, match="outside the plate"):
        place_dub(INFO, STARTS, LENGTH, start, "plate")


def test_a_longer_dub_is_cut_held_or_refused() -> None:
    longer = LENGTH + Fraction(1, 2)
    assert "cut off" in place_dub(INFO, STARTS, longer, None, "plate").notes[0]
    held = place_dub(INFO, STARTS, longer, None, "hold")
    assert held.held_frames == 12, "half a second at 23.976 is 11.988 frames"
    assert len(held.dub_centres) == 60 and "held for 12 frames" in held.notes[0]
    with pytest.raises(DubError, match=r"0\.50 s after"):
        place_dub(INFO, STARTS, longer, None, "error")


def test_a_shorter_dub_is_followed_by_rest() -> None:
    placed = place_dub(INFO, STARTS, Fraction(1), None, "hold")
    assert placed.held_frames == 0 and "rests" in placed.notes[0]
    with pytest.raises(DubError, match="before the plate"):
        place_dub(INFO, STARTS, Fraction(1), None, "error")


def test_less_than_a_frame_is_no_difference() -> None:
    assert place_dub(INFO, STARTS, LENGTH + Fraction(1, 100), None, "error").notes == ()


@pytest.mark.parametrize(
    ("length", "wish"), [(LENGTH * 2, "plate"), (LENGTH * 2, "hold"), (LENGTH / 2, "plate")]
)
def test_notes_on_lengths_are_known_as_such(length: Fraction, wish: str) -> None:
    (note,) = place_dub(INFO, STARTS, length, None, wish).notes
    assert is_of_lengths(note) and is_of_lengths(f"Anna: {note}")
    assert not is_of_lengths("No face was found: every frame is the plate's own.")
