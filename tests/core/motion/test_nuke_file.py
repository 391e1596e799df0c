# SPDX-License-Identifier: Apache-2.0
"""The Nuke node, read by a strict parser of Foundry's curve grammar and Nuke's script syntax."""

from __future__ import annotations

import re
from fractions import Fraction

import numpy as np
import pytest

from plosive.motion import ARTICULATORS, CHANNELS, CurvesFrom, MotionTrack, frame_centres, motion_curves
from plosive.motion.files.nuke_file import motion_nuke, read_motion_nuke
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


def test_the_node_reads_back(track: MotionTrack) -> None:
    read = read_motion_nuke(motion_nuke(track))
    assert read.curves is not None and track.curves is not None
    assert read.curves.centre_seconds == track.curves.centre_seconds
    assert np.abs(read.curves.values - track.curves.values).max() <= 6e-5
    assert read.curves.symbols == track.curves.symbols
    assert [(one.symbol, one.end_seconds) for one in read.speech.phones] == [
        (one.symbol, one.end_seconds) for one in track.speech.phones
    ]
    assert (read.frame_rate, read.first_frame, read.curves_from) == (Fraction(24), 1001, CurvesFrom.CURVES)
    assert motion_nuke(read) == motion_nuke(track)


def test_the_node_as_nuke_saves_it_in_a_script(track: MotionTrack) -> None:
    """Indented in a group among other nodes, keys deleted, one key held, one knob no longer animated."""
    text = motion_nuke(track)
    text = re.sub(r"(?m)^ jaw .*$", " jaw {{curve x1001 0.1 K x1011 1.1 x1021 0.3 x1031 0.5}}", text)
    text = re.sub(r"(?m)^ tongue .*$", " tongue 0.25", text)
    text = re.sub(r"(?m)^ width .*$", " width {{curve x1001 0.4 0.5 0.6 S 0.7 s0.1 t0.2}}", text)
    script = "Root {\n inputs 0\n}\nNoOp {\n name Other\n}\nGroup {\n name G\n}\n"
    script += "\n".join(f" {line}" for line in text.splitlines()) + "\nend_group\n"
    curves = read_motion_nuke(script).curves
    assert curves is not None
    jaw = curves.channel("jaw")
    assert np.allclose(
        jaw[[0, 5, 10, 19, 20, 29, 30, 84]], [0.1, 0.6, 1.1, 1.1, 0.3, 0.3, 0.5, 0.5], atol=1e-6
    )
    assert (curves.channel("tongue") == 0.25).all()
    assert np.allclose(curves.channel("width")[:5], [0.4, 0.5, 0.6, 0.7, 0.7])


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("dub_starts 0", "others 0", "no node that"),
        (" tuck {{curve L", ' tuck {{"curve*2" L', "knob tuck is driven by an expression"),
        ("last_frame 1085", "last_frame 7", "make no sense"),
    ],
)
def test_nodes_that_cannot_be_used(track: MotionTrack, before: str, after: str, said: str) -> None:
    text = motion_nuke(track)
    assert before in text
    with pytest.raises(ValueError, match=said):
        read_motion_nuke(text.replace(before, after))
