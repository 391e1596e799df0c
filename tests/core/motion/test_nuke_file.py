# SPDX-License-Identifier: Apache-2.0
"""The Nuke node, read by a strict parser of Foundry's curve grammar and Nuke's script syntax."""

from __future__ import annotations

import re
from fractions import Fraction

import numpy as np
import pytest

from plosive.motion import ARTICULATORS, CHANNELS, MotionTrack, frame_centres, motion_curves
from plosive.motion.nuke_file import motion_nuke
from plosive.speech import Speech

NUMBER = r"-?(?:\d+(?:\.\d+)?|\.\d+)(?:e-?\d+)?"
USER_KNOB = re.compile(r' addUserKnob \{(\d+) (\w+)(?: l ("[^"]*"|\w+))?((?: [RT+]\S* ?[^{}]*)?)\}')
CURVES = (*CHANNELS, "closure", "tuck", "rest", *ARTICULATORS)


def keys_of(text: str) -> dict[int, float]:
    """`{curve L x1 0.5 x2 1}` of the grammar, linear keys only, each with its frame."""
    inside = re.fullmatch(r"\{curve L((?: x-?\d+ " + NUMBER + r")+)\}", text)
    assert inside, text[:60]
    found = re.findall(r"x(-?\d+) (" + NUMBER + ")", inside[1])
    assert len({frame for frame, _ in found}) == len(found)
    return {int(frame): float(value) for frame, value in found}


def node_of(text: str) -> tuple[str, dict[str, str], dict[str, tuple[int, str]]]:
    """Class, knob values as written, and user knobs (type, the rest) of a script with one node."""
    lines = text.split("\n")
    head = re.fullmatch(r"(\w+) \{", lines[0])
    assert head and lines[-2:] == ["}", ""]
    values: dict[str, str] = {}
    user: dict[str, tuple[int, str]] = {}
    for line in lines[1:-2]:
        added = USER_KNOB.fullmatch(line)
        if added:
            user[added[2]] = int(added[1]), added[4]
            continue
        assert "addUserKnob" not in line, line
        knob = re.fullmatch(r" (\w+) (.+)", line)
        assert knob and knob[1] not in values, line
        bare = re.sub(r'"(?:[^"\\]|\\.)*"', "", knob[2])
        assert bare.count("{") == bare.count("}"), line
        values[knob[1]] = knob[2]
    return head[1], values, user


@pytest.fixture(scope="module")
def track(demo_speech: Speech) -> MotionTrack:
    rate = Fraction(24)
    curves = motion_curves(demo_speech, frame_centres(85, rate), frame_seconds=1 / rate)
    return MotionTrack(demo_speech, curves, rate, 1001)


def test_every_curve_is_a_knob_keyed_at_every_frame(track: MotionTrack) -> None:
    kind, values, user = node_of(motion_nuke(track))
    assert kind == "NoOp" and values["name"] == "PlosiveMotion" and values["inputs"] == "0"
    assert track.curves is not None
    for name in CURVES:
        assert user[name][0] == 7, "a number"
        assert re.fullmatch(r" R -?[\d.]+ [\d.]+", user[name][1])
        keys = keys_of(values[name][1:-1])
        assert list(keys) == list(range(1001, 1086))
        rules = ("closure", "tuck", "rest")
        curve = getattr(track.curves, name) if name in rules else track.curves.channel(name)
        assert np.allclose(list(keys.values()), curve, atol=6e-5)


def test_knobs_are_declared_before_their_values(track: MotionTrack) -> None:
    text = motion_nuke(track)
    for name in CURVES:
        assert text.index(f"addUserKnob {{7 {name} ") < text.index(f"\n {name} {{{{curve ")


def test_the_label_shows_the_opening(track: MotionTrack) -> None:
    label = node_of(motion_nuke(track))[1]["label"]
    assert "frames 1001-1085" in label
    assert label.count("\\[") == 2, "Tcl is escaped, so that Nuke evaluates it when it draws the node"


def test_without_curves_there_is_nothing_to_paste(demo_speech: Speech) -> None:
    with pytest.raises(ValueError, match="no curves"):
        motion_nuke(MotionTrack(demo_speech, None, Fraction(24)))
