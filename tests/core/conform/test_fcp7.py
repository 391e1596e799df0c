# SPDX-License-Identifier: Apache-2.0
"""Final Cut Pro 7 XML: speeds that the adapter leaves in metadata, as Premiere writes them."""

from __future__ import annotations

from typing import Any

import pytest

from plosive.errors import MediaReadError
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


def test_what_is_switched_off_is_off(edits: Any) -> None:
    """Premiere writes it for clips and for tracks."""
    xml = sequence(20, 24)
    assert edits.read(xml, "a.xml").shots[0].is_enabled
    off = "<enabled>FALSE</enabled>"
    assert not edits.read(xml.replace("<name>n</name>", f"<name>n</name>{off}"), "b.xml").shots[0].is_enabled
    assert not edits.read(xml.replace("</track>", f"{off}</track>"), "c.xml").shots[0].is_enabled


@pytest.mark.parametrize(
    ("parameters", "frames"),
    [
        ("", FrameRange(120, 143)),
        (parameter("speed", "200"), FrameRange(140, 187)),
        (
            parameter("speed", "100") + parameter("reverse", "TRUE"),
            FrameRange(906, 929),
        ),
    ],
)
def test_a_subclip_counts_from_its_own_beginning(edits: Any, parameters: str, frames: FrameRange) -> None:
    """As Final Cut Pro and Premiere export it: `startoffset` is where in the media it begins."""
    info = "<subclipinfo><startoffset>100</startoffset><endoffset>50</endoffset></subclipinfo>"
    xml = sequence(20, 24, parameters).replace("<file id", info + "<file id", 1)
    assert edits.read(xml, "a.xml").shots[0].played_frames == frames


def test_a_still_of_a_movie_is_a_freeze(edits: Any) -> None:
    xml = sequence(20, 24).replace("<file id", "<stillframe>TRUE</stillframe><file id", 1)
    (shot,) = edits.read(xml, "a.xml").shots
    assert shot.retime.is_freeze and shot.played_frames == FrameRange(20, 20)


def nested(speed: str, sequences: str) -> str:
    """A sequence of another, from its frame 2 on; then the same, which stands empty the second time."""
    remap = ""
    if speed:
        said = parameter("speed", speed)
        remap = f"<filter><effect><name>R</name><effectid>timeremap</effectid>{said}</effect></filter>"
    clips = "".join(
        f'<clipitem id="n{start}"><name>nest</name><duration>12</duration>{RATE}<start>{start}</start>'
        f"<end>{start + 8}</end><in>2</in><out>10</out>{one}{remap}</clipitem>"
        for start, one in zip((0, 8), sequences.split("|"), strict=True)
    )
    return (
        f'<xmeml version="4"><sequence id="o"><name>O</name><duration>16</duration>{RATE}<media><video>'
        f"<track>{clips}</track></video></media></sequence></xmeml>"
    )


@pytest.mark.parametrize(("speed", "frames"), [("", range(22, 30)), ("200", range(24, 40, 2))])
def test_a_sequence_in_a_sequence_is_followed(edits: Any, speed: str, frames: range) -> None:
    inner = sequence(20, 24).removeprefix('<xmeml version="4">').removesuffix("</xmeml>")
    inner = inner.replace('id="s"', 'id="inner"').replace('id="c"', 'id="ic"')
    first, again = edits.read(nested(speed, f'{inner}|<sequence id="inner"/>'), "a.xml").shots
    assert [frame for _, frame in first.media_frames()] == list(frames)
    assert [frame for _, frame in again.media_frames()] == list(frames)
    assert again.record.first_frame == 8 and again.media is not None and again.media.name == "a.mov"


def test_a_sequence_that_holds_itself_is_told(edits: Any) -> None:
    with pytest.raises(MediaReadError, match="holds itself"):
        edits.read(nested("", '<sequence id="o"/>|<sequence id="o"/>'), "a.xml")


def test_a_file_may_be_written_out_later(edits: Any) -> None:
    xml = sequence(20, 24)
    file = xml[xml.index("<file") : xml.index("</file>") + 7]
    late = xml.replace(file, '<file id="f"/>').replace(
        "</xmeml>", f"<clip><name>m</name>{file}</clip></xmeml>"
    )
    (shot,) = edits.read(late, "a.xml").shots
    assert shot.media is not None and shot.media.name == "a.mov"
    assert shot.played_frames == FrameRange(20, 43)
