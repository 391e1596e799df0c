# SPDX-License-Identifier: Apache-2.0
"""The rules that always hold: plosives close, f and v tuck, silence rests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from plosive.errors import OptionError
from plosive.motion import MotionCurves, motion_curves
from plosive.speech import Speech

RATES = [
    Fraction(24_000, 1001),
    Fraction(24),
    Fraction(25),
    Fraction(30_000, 1001),
    Fraction(50),
    Fraction(60_000, 1001),
]


def curves_of(speech: Speech, rate: Fraction, first: int = 0, **gains: float) -> MotionCurves:
    frames = int(speech.duration_seconds * rate + Fraction(1, 2))
    centres = [(first + k + Fraction(1, 2)) / rate for k in range(frames)]
    return motion_curves(speech, centres, frame_seconds=1 / rate, **gains)


def faster(speech: Speech, factor: Fraction) -> Speech:
    phones = tuple(
        replace(phone, start_seconds=phone.start_seconds / factor, end_seconds=phone.end_seconds / factor)
        for phone in speech.phones
    )
    return replace(speech, duration_seconds=speech.duration_seconds / factor, phones=phones)


def assert_all_closures(speech: Speech, curves: MotionCurves, rate: Fraction) -> None:
    for phone in speech.phones:
        if phone.symbol in ("P", "B", "M"):
            closed = [
                curves.closure[row] == 1 and curves.values[row, 0] == 0
                for row, centre in enumerate(curves.centre_seconds)
                if phone.start_seconds - 1 / rate <= centre <= phone.end_seconds + 1 / rate
            ]
            assert any(closed), f"{phone} is open at {rate} fps"


@pytest.mark.parametrize("rate", RATES, ids=lambda rate: f"{float(rate):.3f}")
@pytest.mark.parametrize("factor", [Fraction(7, 10), Fraction(1), Fraction(8, 5), Fraction(11, 5)], ids=float)
def test_every_plosive_closes_at_every_rate_and_speed(
    demo_speech: Speech, rate: Fraction, factor: Fraction
) -> None:
    speech = faster(demo_speech, factor)
    assert_all_closures(speech, curves_of(speech, rate), rate)


def test_closures_hold_whatever_the_gains(demo_speech: Speech) -> None:
    curves = curves_of(demo_speech, RATES[1], jaw_gain=2.5, lip_gain=3.0)
    assert_all_closures(demo_speech, curves, RATES[1])


def test_a_closure_between_two_distant_frames_snaps_to_one(make_speech: Callable[..., Speech]) -> None:
    speech = make_speech([("AA", 50), ("B", 4), ("AA", 50)])
    centres = [Fraction(30, 100), Fraction(45, 100), Fraction(62, 100), Fraction(80, 100)]  # variable rate
    curves = motion_curves(speech, centres, frame_seconds=Fraction(1, 100))
    assert curves.closure.tolist() == [0, 0, 1, 0] or curves.closure.tolist() == [0, 1, 0, 0]
    assert curves.values[curves.closure == 1, 0] == 0


def test_lips_close_before_the_sound_and_open_after_it(make_speech: Callable[..., Speech]) -> None:
    speech = make_speech([("AA", 60), ("B", 8), ("AA", 60)])
    rate = Fraction(1000)
    curves = curves_of(speech, rate)
    shut = np.flatnonzero(curves.closure == 1) / 1000
    assert shut.min() == pytest.approx(0.56, abs=0.003)
    assert shut.max() == pytest.approx(0.68, abs=0.003)
    assert np.abs(np.diff(curves.values[:, 0])).max() * 1000 < 40  # range units a second: no jump
    assert curves.values[300, 0] > 0.8


def test_neighbouring_vowels_open_between_plosives(make_speech: Callable[..., Speech]) -> None:
    speech = make_speech([("SIL", 60), ("B", 8), ("AA", 18), ("B", 8), ("SIL", 60)])
    curves = curves_of(speech, Fraction(25))
    vowel = [row for row, symbol in enumerate(curves.symbols) if symbol == "AA"]
    assert curves.values[vowel, 0].max() > 0.3


def test_f_and_v_tuck_the_lip(make_speech: Callable[..., Speech]) -> None:
    speech = make_speech([("AA", 40), ("F", 6), ("AA", 40), ("V", 6), ("AA", 40)])
    for rate in RATES:
        curves = curves_of(speech, rate)
        tucked = curves.tuck == 1
        assert np.diff(np.flatnonzero(tucked)).max() > 1  # both
        assert curves.values[tucked, 0].max() < 0.2
        assert not (curves.closure > 0).any()


def test_w_nearly_closes(make_speech: Callable[..., Speech]) -> None:
    curves = curves_of(make_speech([("AA", 40), ("W", 10), ("AA", 40)]), Fraction(100))
    assert curves.values[45, 0] < 0.1
    assert curves.closure.max() == 0


def test_sibilants_keep_the_jaw_high_whatever_the_gain(make_speech: Callable[..., Speech]) -> None:
    speech = make_speech([("AA", 40), ("S", 12), ("AA", 40)])
    loud = curves_of(speech, Fraction(100), jaw_gain=3.0)
    assert loud.values[40:52, 2].max() <= 0.351
    assert loud.values[20, 2] > 1.5


def test_a_raised_voice_and_a_long_vowel_open_further(make_speech: Callable[..., Speech]) -> None:
    def opening(hops: int, pitch: float) -> float:
        speech = make_speech([("T", 10), ("AA", hops), ("T", 10)])
        phones = tuple(replace(phone, pitch=pitch) for phone in speech.phones)
        return float(curves_of(replace(speech, phones=phones), Fraction(100)).values[:, 2].max())

    assert opening(12, 0.0) < opening(12, 2.0)
    assert opening(8, 0.0) < opening(12, 0.0) < opening(25, 0.0)


def test_a_silent_dub_rests_in_every_frame(make_speech: Callable[..., Speech]) -> None:
    curves = curves_of(make_speech([("SIL", 300)]), Fraction(24))
    assert (curves.rest == 1).all()
    assert (curves.values[:, 0] == 0).all()
    assert (np.ptp(curves.values, axis=0) == 0).all()


def test_long_pauses_rest_and_short_ones_stay_parted(make_speech: Callable[..., Speech]) -> None:
    def rests_in(pause: int) -> MotionCurves:
        return curves_of(make_speech([("AA", 40), ("SIL", pause), ("S", 10), ("AA", 40)]), Fraction(100))

    long, short = rests_in(150), rests_in(40)
    assert (long.rest[45:177] == 1).all()  # sealed within 100 ms, until just before the word
    assert (long.values[45:177, 0] == 0).all()
    assert long.rest[189] < 0.5
    assert long.values[190, 0] > 0.2
    assert (short.rest == 0).all()
    assert short.values[45:75, 0].min() > 0.1


def test_the_mouth_opens_where_a_breath_is_heard(make_speech: Callable[..., Speech]) -> None:
    phones = [("AA", 40), ("SIL", 90), ("BREATH", 60), ("S", 10), ("AA", 40)]
    curves = curves_of(make_speech(phones), Fraction(100))
    assert (curves.rest[45:127] == 1).all()
    assert (curves.rest[140:] == 0).all()
    assert curves.values[145:190, 0].min() > 0.35


def test_a_breath_before_a_plosive_ends_in_closed_lips(make_speech: Callable[..., Speech]) -> None:
    curves = curves_of(make_speech([("SIL", 40), ("BREATH", 50), ("B", 8), ("AA", 40)]), Fraction(100))
    assert curves.values[60:80, 0].min() > 0.3
    assert (curves.values[87:97, 0] == 0).all()


def test_lips_close_between_a_breath_and_a_first_plosive(make_speech: Callable[..., Speech]) -> None:
    phones = [("BREATH", 40), ("SIL", 30), ("M", 8), ("AA", 40)]
    curves = curves_of(make_speech(phones), Fraction(100))
    assert curves.values[10:30, 0].min() > 0.3
    assert (curves.values[45:75, 0] == 0).all()


def test_without_a_breath_lips_stay_closed_until_a_first_plosive(make_speech: Callable[..., Speech]) -> None:
    curves = curves_of(make_speech([("SIL", 60), ("P", 8), ("AA", 40)]), Fraction(100))
    assert (curves.values[:66, 0] == 0).all()


def test_the_end_seals_and_stays_sealed(make_speech: Callable[..., Speech]) -> None:
    curves = curves_of(make_speech([("S", 10), ("AA", 30), ("SIL", 100)]), Fraction(100))
    assert (curves.rest[49:] == 1).all()
    assert (curves.values[49:, 0] == 0).all()


def test_frames_outside_the_dub_rest(demo_speech: Speech) -> None:
    centres = [Fraction(-1), Fraction(-1, 50), Fraction(1), demo_speech.duration_seconds, Fraction(100)]
    curves = motion_curves(demo_speech, centres, frame_seconds=Fraction(1, 25))
    assert curves.rest.tolist()[:2] == [1, 1]
    assert curves.rest.tolist()[3:] == [1, 1]
    assert curves.symbols[0] == curves.symbols[-1] == "SIL"
    assert curves.symbols[2] != "SIL"


def test_no_frames_is_no_curves(demo_speech: Speech) -> None:
    assert motion_curves(demo_speech, [], frame_seconds=Fraction(1, 25)).values.shape == (0, 5)


def test_nonsense_is_refused(demo_speech: Speech) -> None:
    with pytest.raises(OptionError):
        motion_curves(demo_speech, [], frame_seconds=Fraction(0))
    with pytest.raises(OptionError):
        motion_curves(demo_speech, [], frame_seconds=Fraction(1, 25), jaw_gain=-1)
