# SPDX-License-Identifier: Apache-2.0
"""Edits that are damaged, odd or hostile: one sentence each, or a shot that says what is wrong with it."""

from __future__ import annotations

import json
from typing import Any

import opentimelineio as otio
import pytest

from plosive.conform import read_edit
from plosive.errors import MediaReadError, OptionError, PlosiveError, RangeError

ITEM = (
    '<clipitem id="c"><name>n</name><duration>10</duration><rate><timebase>24</timebase><ntsc>FALSE</ntsc>'
    "</rate><start>0</start><end>10</end><in>0</in><out>10</out>{}</clipitem>"
)
SEQUENCE = (
    '<xmeml version="4"><sequence id="s"><name>A</name><duration>10</duration><rate><timebase>24</timebase>'
    "<ntsc>FALSE</ntsc></rate><media><video><track>" + ITEM + "</track></video></media></sequence></xmeml>"
)
ENTITIES = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 9))
FILES = {
    "cut.otio": ('{"OTIO_SCHEMA": "Timeline.1", "name', "no valid JSON"),
    "null.otio": ("null", "holds no timeline"),
    "list.otio": ("[]", "holds no timeline"),
    "empty.otio": ("", "is empty"),
    "newer.otio": ('{"OTIO_SCHEMA": "Timeline.99", "name": "x"}', r"Timeline\.99"),
    "self.xml": (SEQUENCE.format('<sequence id="s"/>'), "a sequence of it holds itself"),
    "cut.xml": ("<xmeml><sequence>", "cannot be read as Final Cut Pro 7 XML"),
    "bomb.xml": (
        f'<!DOCTYPE x [<!ENTITY e0 "aaaaaaaaaa">{ENTITIES}]><xmeml version="4"><sequence><name>&e8;</name>'
        "</sequence></xmeml>",
        "cannot be read as Final Cut Pro 7 XML",
    ),
    "none.fcpxml": ('<fcpxml version="1.8"></fcpxml>', "holds no timeline"),
    "text.aaf": ("hello", "cannot be read as AAF"),
    "text.otioz": ("PK", "cannot be read as OTIO bundle"),
    "text.txt": ("hello", "no edit that Plosive reads"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_no_edit_is_one_sentence(edits: Any, name: str) -> None:
    text, sentence = FILES[name]
    with pytest.raises(MediaReadError, match=sentence) as failure:
        edits.read(text, name)
    assert "\n" not in str(failure.value)
    assert str(failure.value).startswith(name)


def test_an_edit_that_is_not_there(edits: Any) -> None:
    with pytest.raises(MediaReadError, match="does not exist"):
        read_edit(edits.folder / "none.otio")
    (edits.folder / "folder.otio").mkdir()
    with pytest.raises(MediaReadError, match="is a folder"):
        read_edit(edits.folder / "folder.otio")


def test_an_unknown_thing_on_a_track_is_named(edits: Any) -> None:
    timeline = json.loads(edits.timeline([edits.clip((0, 10, 24))]).to_json_string())
    timeline["tracks"]["children"][0]["children"].insert(0, {"OTIO_SCHEMA": "Hologram.7", "name": "h"})
    with pytest.raises(MediaReadError, match="does not know its Hologram, in the children of a Track"):
        edits.read(json.dumps(timeline))


def test_unknown_schemas_in_metadata_are_carried(edits: Any) -> None:
    timeline = json.loads(edits.timeline([edits.clip((0, 10, 24))]).to_json_string())
    strange = {"OTIO_SCHEMA": "Hologram.7", "depth": [1, 2, {"x": "y"}]}
    timeline["tracks"]["children"][0]["children"][0]["metadata"] = {"vendor": strange}
    edit = edits.read(json.dumps(timeline))
    kept = json.loads(edit.otio_timeline.to_json_string())
    assert kept["tracks"]["children"][0]["children"][0]["metadata"]["vendor"] == strange


@pytest.mark.parametrize(
    ("source", "available", "frames", "note"),
    [
        ((-10, 20, 24), (0, 100, 24), (0, 9), "shows frames -10-9"),
        ((95, 10, 24), (0, 100, 24), (95, 99), "the rest is left alone"),
        ((500, 10, 24), (0, 100, 24), None, "nothing of it exists"),
        ((5, 0, 24), (0, 100, 24), None, "has no length"),
    ],
)
def test_ranges_outside_the_media_are_told(
    edits: Any, source: Any, available: Any, frames: Any, note: str
) -> None:
    good = edits.clip((0, 10, 24), (0, 100, 24), name="good")
    odd, other = edits.read(edits.timeline([edits.clip(source, available, name="odd"), good])).shots
    found = odd.played_frames and (odd.played_frames.first_frame, odd.played_frames.last_frame_inclusive)
    assert found == frames
    assert any(note in warning for warning in odd.warnings)
    assert not odd.is_usable
    assert other.played_frames.duration_frames == 10
    assert other.warnings == ()


@pytest.mark.parametrize("source", [(0, -5, 24), (1e300, 5, 24), (0, 5, 1e9)])
def test_times_that_are_none(edits: Any, source: Any) -> None:
    with pytest.raises(RangeError):
        edits.read(edits.timeline([edits.clip(source), edits.clip((0, 10, 24))]))


def test_an_edit_without_a_rate_asks_for_it(edits: Any) -> None:
    with pytest.raises(RangeError, match="name it with --rate"):
        edits.read(edits.timeline([]))
    assert edits.read(edits.timeline([]), rate=25).rate == 25


def test_nests_too_deep_to_follow(edits: Any) -> None:
    item = edits.clip((0, 10, 24))
    for _ in range(80):
        item = otio.schema.Stack("s", children=[otio.schema.Track("t", children=[item])])
    with pytest.raises(RangeError, match="flatten them"):
        edits.read(edits.timeline([item]), rate=24)


def test_one_of_several_timelines_is_named(edits: Any) -> None:
    both = otio.schema.SerializableCollection()
    for name in ("one", "two"):
        timeline = edits.timeline([edits.clip((0, 10, 24), name=name)])
        timeline.name = name
        both.append(timeline)
    with pytest.raises(OptionError, match="name one of 'one', 'two'"):
        edits.read(both)
    with pytest.raises(OptionError, match="no timeline named 'three'"):
        edits.read(both, timeline_name="three")
    assert edits.read(both, timeline_name="two").shots[0].name == "two"


def test_handles_below_zero(edits: Any) -> None:
    with pytest.raises(PlosiveError, match="--handles"):
        edits.read(edits.timeline([edits.clip((0, 10, 24))]), handles=-1)


def test_a_file_cut_short_anywhere_is_a_sentence_and_no_crash(edits: Any) -> None:
    """OpenTimelineIO 0.18.1 ends the program on some of these."""
    text = edits.timeline([edits.clip((0, 10, 24), (0, 20, 24))]).to_json_string()
    for position in range(1, len(text) - 1, 37):
        with pytest.raises(MediaReadError):
            edits.read(text[:position])


@pytest.mark.parametrize("held", [None, 5, "clip", [], {"name": "no schema"}])
@pytest.mark.parametrize("key", ["children", "effects", "markers"])
def test_what_lies_where_a_clip_should_be_is_a_sentence_and_no_crash(edits: Any, key: str, held: Any) -> None:
    timeline = json.loads(edits.timeline([edits.clip((0, 10, 24))]).to_json_string())
    timeline["tracks"]["children"][0][key].append(held)
    with pytest.raises(MediaReadError, match=f"something in the {key} of a Track"):
        edits.read(json.dumps(timeline))


def test_numbers_without_end_in_metadata_are_read(edits: Any) -> None:
    text = edits.timeline([edits.clip((0, 10, 24))]).to_json_string()
    text = text.replace('"metadata": {}', '"metadata": {"x": [Inf, -Infinity, NaN]}', 1)
    assert len(edits.read(text).shots) == 1
