# SPDX-License-Identifier: Apache-2.0
"""Shapes and timing of the curves themselves."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import numpy as np

from plosive.motion import CHANNELS, MotionCurves, motion_curves
from plosive.motion.visemes import PARTS, VISEMES
from plosive.speech import Phone, Speech

HUNDRED = Fraction(100)


def sampled(speech: Speech, **gains: float) -> MotionCurves:
    frames = int(speech.duration_seconds * HUNDRED)
    centres = [(k + Fraction(1, 2)) / HUNDRED for k in range(frames)]
    return motion_curves(speech, centres, frame_seconds=1 / HUNDRED, **gains)


def test_every_phone_of_the_aligner_has_a_shape() -> None:
    for kind in [
        "AA AE AH AO AW AY EH ER EY IH IY OW OY UH UW",
        "B CH D DH F G HH JH K L M N NG P R S SH T",
        "TH V W Y Z ZH",
    ]:
        assert set(kind.split()) <= set(PARTS)
    for parts in PARTS.values():
        assert all(name in VISEMES for name, _ in parts)
        assert not parts or abs(sum(share for _, share in parts) - 1) < 1e-9


def test_shapes_are_told_apart(make_speech: Callable[..., Speech]) -> None:
    def shape(vowel: str) -> dict[str, float]:
        curves = sampled(make_speech([("T", 8), (vowel, 30), ("T", 8)]))
        return dict(zip(CHANNELS, curves.values[23].tolist(), strict=True))

    open_, wide, round_ = shape("AA"), shape("IY"), shape("UW")
    assert open_["aperture"] > wide["aperture"] > round_["aperture"]
    assert open_["jaw"] > wide["jaw"] > round_["jaw"]
    assert wide["width"] > open_["width"] > round_["width"]


def test_sibilants_keep_the_jaw_high_with_the_lips_open(make_speech: Callable[..., Speech]) -> None:
    curves = sampled(make_speech([("IY", 20), ("S", 20), ("IY", 20)]))
    assert curves.channel("jaw")[30] < 0.3
    assert curves.channel("aperture")[30] > 0.4


def test_a_diphthong_moves(make_speech: Callable[..., Speech]) -> None:
    curves = sampled(make_speech([("T", 8), ("AY", 30), ("T", 8)]))
    jaw = curves.channel("jaw")
    assert jaw[14] > jaw[33] + 0.2


def test_h_borrows_its_neighbours(make_speech: Callable[..., Speech]) -> None:
    with_h = sampled(make_speech([("HH", 10), ("UW", 30)]))
    assert abs(with_h.values[5, 0] - with_h.values[15, 0]) < 0.05


def test_louder_vowels_open_the_jaw_further(make_speech: Callable[..., Speech]) -> None:
    speech = make_speech([("T", 8), ("AA", 20), ("T", 8)])
    loud = replace(
        speech,
        phones=tuple(
            Phone(p.symbol, p.start_seconds, p.end_seconds, 1.0 if p.symbol == "AA" else 0.0)
            for p in speech.phones
        ),
    )
    assert sampled(loud).channel("jaw")[18] > sampled(speech).channel("jaw")[18] + 0.1


def test_gains_move_jaw_and_lips_apart(demo_speech: Speech) -> None:
    plain, jaw, lips = (sampled(demo_speech, **g) for g in ({}, {"jaw_gain": 1.5}, {"lip_gain": 1.5}))
    assert np.allclose(jaw.channel("width"), plain.channel("width"))
    assert jaw.channel("jaw").std() > 1.3 * plain.channel("jaw").std()
    assert np.allclose(lips.channel("jaw"), plain.channel("jaw"))
    assert lips.channel("rounding").std() > 1.3 * plain.channel("rounding").std()


def test_the_curve_does_not_depend_on_where_it_is_sampled(demo_speech: Speech) -> None:
    centres = [(k + Fraction(1, 2)) / 25 for k in range(80)]
    every = motion_curves(demo_speech, centres, frame_seconds=Fraction(1, 25))
    some = motion_curves(demo_speech, centres[20:40], frame_seconds=Fraction(1, 25))
    assert np.array_equal(every.values[20:40], some.values)
    assert every.symbols[20:40] == some.symbols


def test_same_input_same_bits(demo_speech: Speech) -> None:
    assert sampled(demo_speech).values.tobytes() == sampled(demo_speech).values.tobytes()


def test_a_minute_takes_under_a_second(make_speech: Callable[..., Speech]) -> None:
    speech = make_speech([(symbol, 8) for symbol in ("B", "AA", "T", "IY", "M", "AY", "F", "UW")] * 94)
    centres = [(k + Fraction(1, 2)) / 60 for k in range(3600)]
    begin = time.perf_counter()
    motion_curves(speech, centres, frame_seconds=Fraction(1, 60))
    assert time.perf_counter() - begin < 1.0
