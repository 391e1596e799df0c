# SPDX-License-Identifier: Apache-2.0
"""FCPXML: exact rates and times, connected clips, storylines, compound and multicam clips, retimes, roles."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from plosive.conform import read_edit
from plosive.errors import MediaReadError
from plosive.media import FrameRange

RESOURCES = """
<format id="f" frameDuration="1001/24000s"/>
<format id="g" frameDuration="1/25s"/>
<format id="w" frameDuration="1/24s"/>
<asset id="a" name="A" start="3603600/1000s" duration="100100/1000s" hasVideo="1" hasAudio="1" format="f">
  <media-rep kind="proxy-media" src="file:///p/A.mov"/><media-rep kind="original-media" src="file:///m/A%20B.mov"/>
</asset>
<asset id="b" name="B" src="file:///m/B.mov" start="0s" duration="40s" hasVideo="1" format="g"/>
<asset id="d" name="D" src="file:///m/D.wav" start="0s" duration="60s" hasAudio="1" audioRate="48000"/>
<media id="c" name="Compound"><sequence format="f" duration="96096/24000s" tcStart="0s"><spine>
  <asset-clip ref="b" offset="0s" start="0s" duration="48048/24000s" name="first"/>
  <asset-clip ref="b" offset="48048/24000s" start="10s" duration="48048/24000s" name="second"/>
</spine></sequence></media>
<media id="m" name="Multi"><multicam format="f" tcStart="0s">
  <mc-angle angleID="1"><asset-clip ref="a" offset="0s" duration="100100/1000s" name="angle 1"/></mc-angle>
  <mc-angle name="two" angleID="2"><asset-clip ref="b" offset="0s" duration="40s" name="angle 2"/></mc-angle>
</multicam></media>
"""
START = "3603600/1000s"
FRAME = Fraction(1001, 24000)


def frames(count: int) -> str:
    return f"{1001 * count}/24000s"


def project(spine: str, form: str = "f", attributes: str = 'tcStart="3603600/1000s" tcFormat="NDF"') -> str:
    return (
        f'<?xml version="1.0"?><fcpxml version="1.10"><resources>{RESOURCES}</resources><library><event>'
        f'<project name="P"><sequence format="{form}" {attributes}><spine>{spine}</spine></sequence>'
        "</project></event></library></fcpxml>"
    )


def used(
    ref: str, offset: str, length: int, name: str, start: str = "", more: str = "", inside: str = ""
) -> str:
    """An `asset-clip` of some frames."""
    begins = f' start="{start}"' if start else ""
    attributes = f'ref="{ref}" offset="{offset}"{begins} duration="{frames(length)}" name="{name}" {more}'
    return f"<asset-clip {attributes}>{inside}</asset-clip>"


def record(shot: Any) -> tuple[int, int]:
    return shot.record.first_frame, shot.record.last_frame_inclusive


def test_rates_timecode_and_files_are_exact(edits: Any) -> None:
    spine = f'<gap offset="3603600/1000s" start="3600s" duration="{frames(10)}"/>' + used(
        "a", frames(86410), 24, "x", frames(86424)
    )
    edit = edits.read(project(spine), "p.fcpxml")
    (shot,) = edit.shots
    assert (edit.rate, edit.start_frame, edit.duration_frames) == (Fraction(24000, 1001), 86400, 34)
    assert record(shot) == (10, 33)
    assert shot.played_frames == FrameRange(24, 47)
    assert shot.media.url == "file:///m/A%20B.mov"
    assert "(the edit has it at /m/A B.mov)" in edit.offline[0].sentence


def test_drop_frame_is_read(edits: Any) -> None:
    text = project("", attributes='tcStart="0s" tcFormat="DF"').replace("1001/24000s", "1001/30000s", 1)
    edit = edits.read(text, "p.fcpxml")
    assert (edit.rate, edit.is_drop_frame) == (Fraction(30000, 1001), True)


def test_connected_clips_and_storylines_stand_in_their_parents_time(edits: Any) -> None:
    storyline = used("b", "0s", 5, "s1") + used("b", frames(5), 5, "s2", "2s")
    inside = used("b", frames(86520), 10, "over", "1s", 'lane="1"')
    inside += f'<spine lane="2" offset="{frames(86540)}">{storyline}</spine>'
    spine = used("a", START, 100, "main", frames(86500), inside=inside)
    edit = edits.read(project(spine), "p.fcpxml")
    assert {shot.name: record(shot) for shot in edit.shots} == {
        "main": (0, 99),
        "over": (20, 29),
        "s1": (40, 44),
        "s2": (45, 49),
    }
    assert [track.name for track in edit.tracks if track.kind == "video"] == ["Video 0", "Video 1", "Video 2"]


def test_a_dissolve_lies_across_its_cut(edits: Any) -> None:
    spine = used("b", START, 20, "x")
    spine += f'<transition name="Cross Dissolve" offset="{frames(86414)}" duration="{frames(12)}"/>'
    spine += used("b", frames(86420), 20, "y", "4s")
    first, second = edits.read(project(spine), "p.fcpxml").shots
    assert (first.transition_out_frames, second.transition_in_frames) == (6, 6)
    assert (record(first), record(second)) == ((0, 19), (20, 39))


def test_compound_clips_show_what_lies_in_their_range(edits: Any) -> None:
    spine = (
        f'<ref-clip ref="c" offset="3603600/1000s" start="{frames(40)}" duration="{frames(20)}" name="nest"/>'
    )
    first, second = edits.read(project(spine), "p.fcpxml").shots
    assert (first.name, record(first), second.name, record(second)) == ("first", (0, 7), "second", (8, 19))
    assert second.played_frames == FrameRange(250, 261)


def test_a_multicam_shows_its_chosen_angle(edits: Any) -> None:
    spine = (
        f'<mc-clip ref="m" offset="3603600/1000s" start="2s" duration="{frames(24)}" name="mc">'
        '<mc-source angleID="1" srcEnable="audio"/><mc-source angleID="2" srcEnable="video"/></mc-clip>'
    )
    edit = edits.read(project(spine), "p.fcpxml")
    (shot,) = edit.shots
    assert (shot.name, shot.played_frames.first_frame) == ("angle 2", 50)
    assert [use.name for use in edit.audio] == ["angle 1"]


def test_a_time_map_is_a_speed_or_keys(edits: Any) -> None:
    clip = (
        '<asset-clip ref="b" offset="{at}" start="{start}" duration="{length}" name="{name}">'
        "<timeMap>{points}</timeMap></asset-clip>"
    )
    line = '<timept time="0s" value="{}s"/><timept time="20s" value="{}s"/>'
    spine = (
        clip.format(at="3600s", start="5s", length="1s", name="fast", points=line.format(0, 40))
        + clip.format(at="3601s", start="5s", length="1s", name="back", points=line.format(40, 20))
        + clip.format(
            at="3602s",
            start="1s",
            length="2s",
            name="ramp",
            points=line.format(0, 2).replace("20s", "2s") + '<timept time="4s" value="6s"/>',
        )
    )
    text = project(spine, form="w", attributes='tcStart="3600s"')
    fast, back, ramp = edits.read(text, "p.fcpxml").shots
    assert (fast.speed, back.speed) == (2, -1)
    assert fast.played_frames == FrameRange(250, 299)
    assert back.played_frames == FrameRange(850, 874)
    assert not ramp.retime.is_constant
    assert ramp.played_frames == FrameRange(25, 99)


def test_rates_that_are_near_are_conformed_frame_by_frame(edits: Any) -> None:
    clip = '<asset-clip ref="b" offset="3600s" start="4s" duration="2s" name="x">{}</asset-clip>'
    text = project(clip.format('<conform-rate srcFrameRate="25"/>'), form="w", attributes='tcStart="3600s"')
    (shot,) = edits.read(text, "p.fcpxml").shots
    assert [frame for _, frame in shot.media_frames()] == list(range(100, 148))
    text = project(clip.format('<conform-rate scaleEnabled="0"/>'), form="w", attributes='tcStart="3600s"')
    (shot,) = edits.read(text, "p.fcpxml").shots
    assert shot.played_frames == FrameRange(100, 149)


def test_sound_has_roles_and_markers_have_frames(edits: Any) -> None:
    inside = f'<marker start="{frames(86412)}" duration="{frames(1)}" value="look"/>'
    inside += used("d", frames(86424), 24, "german", "3s", 'lane="-1" audioRole="dialogue.German"')
    spine = used("a", START, 48, "x", more='audioRole="dialogue"', inside=inside)
    edit = edits.read(project(spine), "p.fcpxml")
    roles = {track.roles for track in edit.tracks if track.kind == "audio"}
    assert roles == {("dialogue",), ("dialogue.German",)}
    (german,) = [use for use in edit.audio if use.role == "dialogue.German"]
    assert german.record_start_seconds == 24 * FRAME
    assert german.media_start_seconds == 3
    assert [(marker.name, marker.record.first_frame) for marker in edit.markers if marker.shot] == [
        ("look", 12)
    ]


def test_compound_clips_that_hold_themselves_are_refused(edits: Any) -> None:
    text = project(f'<ref-clip ref="c" offset="3603600/1000s" duration="{frames(20)}"/>')
    text = text.replace(
        '<asset-clip ref="b" offset="0s" start="0s"', '<ref-clip ref="c" offset="0s" start="0s"'
    )
    text = text.replace('name="first"/>', 'name="first"></ref-clip>')
    with pytest.raises(MediaReadError, match="nests compound clips without end"):
        edits.read(text, "p.fcpxml")


@pytest.mark.parametrize("time", ["abc", "1/0s", ""])
def test_times_that_are_none_are_one_sentence(edits: Any, time: str) -> None:
    with pytest.raises(MediaReadError, match="is no time"):
        edits.read(project(f'<asset-clip ref="a" offset="3603600/1000s" duration="{time}"/>'), "p.fcpxml")


def test_a_folder_of_final_cut_pro_is_read(tmp_path: Path) -> None:
    """Final Cut Pro exports `Name.fcpxmld`, a folder with Info.fcpxml in it, since version 1.10."""
    folder = tmp_path / "Cut.fcpxmld"
    folder.mkdir()
    with pytest.raises(MediaReadError, match=r"Cut\.fcpxmld cannot be read as FCPXML"):
        read_edit(folder)
    spine = '<gap offset="0s" duration="2s"/>'
    text = (
        '<fcpxml version="1.13"><resources><format id="r1" frameDuration="1/24s"/></resources>'
        '<library><event><project name="p"><sequence format="r1" tcStart="0s">'
        f"<spine>{spine}</spine></sequence></project>"
        "</event></library></fcpxml>"
    )
    (folder / "Info.fcpxml").write_text(text, encoding="utf-8")
    assert read_edit(folder).duration_frames == 48
