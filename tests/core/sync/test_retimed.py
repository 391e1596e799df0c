# SPDX-License-Identifier: Apache-2.0
"""A plate that plays at another speed than the dub: every closure is seen, whatever frames the host shows."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from math import floor
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from plosive.colour.transfer import Transfer
from plosive.demo.sample import SamplePlate, write_sample
from plosive.errors import OptionError
from plosive.faces.finding.tracker import FaceTracker
from plosive.faces.measure import CLOSED_APERTURE_IOD, aperture_iod
from plosive.media import open_plate
from plosive.media.placement import Placement, place_dub, place_retimed
from plosive.media.plate import PlateInfo, PlateKind
from plosive.media.retime import parse_retime
from plosive.motion import MotionCurves, motion_curves
from plosive.progress import SilentProgress
from plosive.speech import Phone, PhoneSource, Sound, Speech
from plosive.sync import SyncOptions, sync_plate
from plosive.sync.sampling import in_dub_order, sampled

WORDS = "Maybe Bob prefers fluffy purple muffins"
FILM = Fraction(24000, 1001)
PLATE = PlateInfo(
    path=Path("clip.mov"),
    kind=PlateKind.VIDEO,
    width=640,
    height=360,
    frame_count=400,
    frame_rate=Fraction(25),
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


def speech(seconds: int = 40) -> Speech:
    """Short closures among vowels, at uneven times."""
    chance = np.random.default_rng(4)
    phones, at = list[Phone](), Fraction(0)
    while at < seconds:
        for symbol, length in (("AA", chance.integers(60, 300)), ("BPM"[chance.integers(3)], 30)):
            end = at + Fraction(int(length), 1000)
            phones.append(Phone(symbol, at, end))
            at = end
    empty = np.zeros(int(at * 100), np.float32)
    return Speech(at, tuple(phones), (), Sound(empty, empty, empty), PhoneSource.ALIGNED, "en", 0.6)


def curves_of(placement: Placement, said: Speech, rate: Fraction) -> MotionCurves:
    return sampled(placement, rate, lambda at, step: motion_curves(said, at, frame_seconds=step))


def seen(text: str, info: PlateInfo, phase: Fraction) -> NDArray[np.int64]:
    """Plate frames shown on the timeline, whose frames are taken at `phase` of their length."""
    times = [index / info.frame_rate for index in range(info.frame_count)]
    retime = parse_retime(text).placed(info, times)
    end = times[-1] + 1 / info.frame_rate
    ends = sorted((retime.timeline_seconds(Fraction(0)), retime.timeline_seconds(end, is_end=True)))
    first, last = (floor(one / retime.timeline_interval) for one in ends)
    found = set[int]()
    for tick in range(first, last + 1):
        for moment in retime.plate_moments((tick + phase) * retime.timeline_interval):
            found.add(floor(moment * info.frame_rate))
    return np.array([index for index in sorted(found) if 0 <= index < info.frame_count])


CASES = [
    ("1", Fraction(25)),
    ("2", Fraction(25)),
    ("0.5", Fraction(25)),
    ("0.25", Fraction(25)),
    ("8", Fraction(25)),
    ("1.7", Fraction(25)),
    ("-1", Fraction(25)),
    ("-2", Fraction(30)),
    ("1@25", FILM),
    ("25025/24000@25", FILM),
    ("1@24000/1001", Fraction(60)),
    ("1@8", Fraction(25)),
    ("-3@10", Fraction(24)),
    ("0=0, 100=2, 200=9, 400=12", Fraction(25)),
    ("0=12, 150=9, 200=5, 400=0", Fraction(25)),
]


@pytest.mark.parametrize(("text", "rate"), CASES)
def test_every_closure_is_shown(text: str, rate: Fraction) -> None:
    info = replace(PLATE, frame_rate=rate)
    times = [index / rate for index in range(info.frame_count)]
    placement = place_retimed(info, times, parse_retime(text), None)
    said = speech()
    curves = curves_of(placement, said, rate)
    assert curves.centre_seconds == placement.dub_centres
    # A closure whose nearest frames lie beyond the plate's ends cannot be shown.
    low, high = min(placement.dub_centres) + Fraction(1, 5), max(placement.dub_centres) - Fraction(1, 5)
    asked = [phone for phone in said.phones if phone.symbol in "BPM" and low < phone.start_seconds < high]
    assert len(asked) > 5
    for phase in (Fraction(0), Fraction(1, 3), Fraction(1, 2), Fraction(9, 10)):
        shown = seen(text, info, phase)
        closed = [curves.centre_seconds[row] for row in shown[curves.closure[shown] == 1].tolist()]
        reach = max(Fraction(6, 100), max(placement.shown_gaps)) * Fraction(11, 20) + Fraction(4, 100)
        for phone in asked:
            middle = (phone.start_seconds + phone.end_seconds) / 2
            assert min(abs(moment - middle) for moment in closed) < reach


def test_at_speed_1_nothing_differs_from_a_plate_that_is_not_retimed() -> None:
    times = [Fraction(index, 25) for index in range(100)]
    info = replace(PLATE, frame_count=100)
    said = speech(6)
    plain = curves_of(place_dub(info, times, said.duration_seconds, "0.4", "plate"), said, Fraction(25))
    made = curves_of(place_retimed(info, times, parse_retime("1"), "0.4"), said, Fraction(25))
    assert made.centre_seconds == plain.centre_seconds and made.symbols == plain.symbols
    for name in ("values", "closure", "tuck", "rest", "articulators"):
        assert np.array_equal(getattr(made, name), getattr(plain, name))
    assert in_dub_order(made) is None


def test_backwards_is_forwards_turned_round() -> None:
    times = [Fraction(index, 25) for index in range(100)]
    info = replace(PLATE, frame_count=100)
    said = speech(6)
    forwards = curves_of(place_retimed(info, times, parse_retime("1"), None), said, Fraction(25))
    backwards = curves_of(place_retimed(info, times, parse_retime("-1"), None), said, Fraction(25))
    assert backwards.centre_seconds == forwards.centre_seconds[::-1]
    assert np.array_equal(backwards.values, forwards.values[::-1])
    order = in_dub_order(backwards)
    assert order is not None and order.tolist() == list(range(99, -1, -1))
    assert np.array_equal(backwards.taken(order).closure, forwards.closure)


def test_what_makes_no_sense_with_a_retime_is_refused() -> None:
    options = SyncOptions(Path("p.mov"), Path("d.wav"), Path("o.mov"), retime="2")
    assert options.validated().retime == "2"
    assert replace(options, turns=Path("t.rttm")).validated().has_turns, "by the frames shown in each turn"
    for bad, said in (
        (replace(options, retime="quick"), "no number"),
        (replace(options, redo=Path("f.json")), "--redo"),
        (replace(options, on_length_mismatch="hold"), "hold"),
    ):
        with pytest.raises(OptionError, match=said):
            bad.validated()


def test_a_job_played_backwards_closes_where_the_timeline_does(spoken_line: Path, tmp_path: Path) -> None:
    plate = tmp_path / "plate.mov"
    write_sample(plate, SamplePlate(34, 640, 360), SilentProgress())
    options = SyncOptions(plate, spoken_line, tmp_path / "out.mov", transcript=WORDS, retime="-1")
    result = sync_plate(options, SilentProgress())
    assert result.frames_synced == result.frames_total == 34
    assert any("not laid into OUT" in sentence for sentence in result.notes)
    with av.open(str(result.out)) as container:
        assert not container.streams.audio
    kept = json.loads((tmp_path / "out.motion.json").read_text(encoding="utf-8"))
    closed = 33 - np.flatnonzero(np.array(kept["curves"]["closure"]) >= 0.99)
    assert len(closed) >= 4
    with open_plate(result.out) as reader, FaceTracker() as tracker:
        faces = [tracker.see(frame.index, frame.rgb8())[0] for frame in reader.frames()]
    measured = aperture_iod(np.stack([face.landmarks for face in faces]))
    assert measured[closed].max() <= 1.5 * CLOSED_APERTURE_IOD
    assert measured.max() > 0.1, "and open in between"
