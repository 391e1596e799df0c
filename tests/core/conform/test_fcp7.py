# SPDX-License-Identifier: Apache-2.0
"""Final Cut Pro 7 XML: speeds that the adapter leaves in metadata, as Premiere writes them."""

from __future__ import annotations

from typing import Any

import pytest

from plosive.media import FrameRange

pytest.importorskip("otio_fcp_adapter", reason="needs otio-fcp-adapter")

RATE = "<rate><timebase>24</timebase><ntsc>FALSE</ntsc></rate>"


def parameter(name: str, value: str, keys: tuple[tuple[int, int], ...] = ()) -> str:
    frames = "".join(
        f"<keyframe><when>{when}</when><value>{shown}</value></keyframe>" for when, shown in keys
    )
    said = f"<parameterid>{name}</parameterid><name>{name}</name><value>{value}</value>"
    return f"<parameter>{said}{frames}</parameter>"


def sequence(first: int, length: int, parameters: str = "") -> str:
    """One clip of `length` frames from in point `first` of a file of 1000 that starts at 01:00:00:00."""
    remap = f"<filter><effect><name>R</name><effectid>timeremap</effectid>{parameters}</effect></filter>"
    clock = f"<timecode>{RATE}<string>01:00:00:00</string><frame>86400</frame></timecode>"
    return (
        f'<xmeml version="4"><sequence id="s"><name>A</name><duration>{length}</duration>{RATE}{clock}<media>'
        f'<video><track><clipitem id="c"><name>n</name><duration>500</duration>{RATE}<start>0</start>'
        f"<end>{length}</end><in>{first}</in><out>{first + length}</out>"
        f'<file id="f"><name>a.mov</name><pathurl>file://localhost/m/a.mov</pathurl>{RATE}'
        f"<duration>1000</duration>{clock}"
        f"</file>{remap if parameters else ''}</clipitem></track></video></media></sequence></xmeml>"
    )


CASES = {
    "as it is": ("", 1, FrameRange(20, 43)),
    "100 per cent": (parameter("speed", "100"), 1, FrameRange(20, 43)),
    "200 per cent": (parameter("speed", "200"), 2, FrameRange(40, 87)),
    "500 per cent by keys": (
        parameter("speed", "500") + parameter("graphdict", "0", ((0, 0), (20, 100), (44, 220), (200, 1000))),
        5,
        FrameRange(100, 219),
    ),
    "backwards": (
        parameter("speed", "100")
        + parameter("reverse", "TRUE")
        + parameter("graphdict", "0", ((0, 1000), (1000, 0))),
        -1,
        FrameRange(956, 979),
    ),
    "backwards, without keys": (
        parameter("speed", "100") + parameter("reverse", "TRUE"),
        -1,
        FrameRange(956, 979),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_one_speed(edits: Any, name: str) -> None:
    parameters, speed, frames = CASES[name]
    edit = edits.read(sequence(20, 24, parameters), "a.xml")
    (shot,) = edit.shots
    assert edit.start_frame == 86400
    assert (shot.speed, shot.played_frames) == (speed, frames)
    if speed == -1:
        assert [frame for _, frame in shot.media_frames()] == list(range(979, 955, -1))


def test_a_speed_that_changes(edits: Any) -> None:
    keys = ((0, 0), (30, 30), (40, 70), (100, 130))
    parameters = parameter("variablespeed", "1") + parameter("graphdict", "0", keys)
    (shot,) = edits.read(sequence(20, 24, parameters), "a.xml").shots
    expected = [*range(20, 30), *range(30, 70, 4), *range(70, 74)]
    assert [frame for _, frame in shot.media_frames()] == expected
    assert shot.played_frames == FrameRange(20, 73)
