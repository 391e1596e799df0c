# SPDX-License-Identifier: Apache-2.0
"""Clips in the shape in which Resolve and Hiero write them: which frames of the media they show.

The cases are of our own making, worked out by hand. The clips that Resolve and Hiero exported
for the tests of ynput/ayon-core were read for the shape.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

NTSC = 23.976
FLOAT_NTSC = 23.976024627685547

CASES = {
    # name: source (start, duration, rate), available, first file number or None, speed, first and last frame
    "whole frames from 0": ((12, 40, 24), (0, 100, 24), None, 1, 12, 51),
    "timecode 1 h": ((86412, 40, 24), (86400, 100, 24), None, 1, 12, 51),
    # 90030 / 25 = 3601.2 s = 86428.8 at 24: 28.8 on, 39 frames of 0.96 later 66.24
    "25 on media of 24": ((90030, 40, 25), (86400, 100, 24), None, 1, 28, 66),
    "rates written two ways": ((1000, 40, FLOAT_NTSC), (990, 100, NTSC), None, 1, 10, 49),
    "files from 1001, no timecode": ((30, 40, 24), (0, 100, 24), 1001, 1, 1031, 1070),
    "files from 1001, timecode": ((87429, 40, 24), (87399, 100, 24), 1001, 1, 1031, 1070),
    "range counts from the first file": ((1040, 20, 24), (1001, 100, 24), 1001, 1, 1040, 1059),
    "range counts from 0, media from its files": ((5, 40, 24), (1001, 100, 24), 1001, 1, 1006, 1045),
    # 500000 * 24 / 23.976 = 500500.5: with the rate as written, not 24000/1001
    "files of 24 in 23.976": ((500000, 24, NTSC), (500000, 1000, 24), 500000, 1, 500500, 500523),
    # made from frame 2000040 at 23.976: 2000040 * 23.976024627685547 / 23.976
    "late timecode, rates written two ways": (
        (2000040 * FLOAT_NTSC / NTSC, 40, FLOAT_NTSC),
        (2000000, 100, NTSC),
        1001,
        1,
        1041,
        1080,
    ),
    # 909990.8339241028 / 23.976024627685547 s is frame 948855.0 at 25, not 948855.03
    "freeze of one frame": (
        (909990.8339241028, 5, FLOAT_NTSC),
        (948674, 301, 25),
        948674,
        0,
        948855,
        948855,
    ),
    # twice as fast: 40, 42 ... 60 are shown, and 61 passes
    "200 per cent": ((39, 11, 24), (0, 99, 24), 1001, 2, 1040, 1061),
    "50 per cent": ((20, 11, 24), (0, 99, 24), 1001, 0.5, 1021, 1026),
    # backwards from the end of what is taken: 60, 59 ... 20
    "-100 per cent": ((20.000000000000004, 41, 24), (0, 100, 24), 1000, -1, 1020, 1060),
    # 30 to 30 + 2 * 11 (and a hair: 29.97 at 23.976 is 30)
    "-200 per cent in 23.976": ((29.97, 11, NTSC), (0, 100, 24), None, -2, 30, 51),
    "-50 per cent": ((20, 11, 24), (0, 99, 24), None, -0.5, 20, 25),
    "70 per cent": ((20, 10, 24), (0, 99, 24), None, 0.7, 20, 26),
}


@pytest.mark.parametrize("name", CASES)
def test_the_frames_that_are_shown(edits: Any, warp: Callable[[float], Any], name: str) -> None:
    source, available, first_file, speed, first, last = CASES[name]
    effects = (warp(speed),) if speed != 1 else ()
    clip = edits.clip(source, available, first_file=first_file, effects=effects)
    (shot,) = edits.read(edits.timeline([clip])).shots
    assert (shot.played_frames.first_frame, shot.played_frames.last_frame_inclusive) == (first, last)
    assert shot.record.duration_frames == source[1]
    assert {frame for _, frame in shot.media_frames()} <= set(range(first, last + 1))


def test_backwards_starts_with_the_last_frame(edits: Any, warp: Callable[[float], Any]) -> None:
    clip = edits.clip((20, 41, 24), (0, 100, 24), effects=(warp(-1),))
    (shot,) = edits.read(edits.timeline([clip])).shots
    assert [frame for _, frame in shot.media_frames()] == list(range(60, 19, -1))


def test_backwards_at_other_speeds_shows_the_frames_of_forwards_in_the_other_order(
    edits: Any, warp: Callable[[float], Any]
) -> None:
    """Hiero counts 11 frames from 30 at -200 per cent as 50 to 30, Flame 41 from 1040 at -70 as 1068-1040."""
    fast = edits.clip((30, 11, 24), (0, 101, 24), effects=(warp(-2),))
    slow = edits.clip((1040, 41, 25), (1000, 101, 25), first_file=1000, effects=(warp(-0.7),))
    (shot,) = edits.read(edits.timeline([fast])).shots
    assert [frame for _, frame in shot.media_frames()] == list(range(50, 29, -2))
    (shot,) = edits.read(edits.timeline([slow])).shots
    shown = [frame for _, frame in shot.media_frames()]
    assert (shown[0], shown[-1]) == (1068, 1040)


def test_a_slow_clip_holds_each_frame(edits: Any, warp: Callable[[float], Any]) -> None:
    clip = edits.clip((10, 6, 24), (0, 100, 24), effects=(warp(0.5),))
    (shot,) = edits.read(edits.timeline([clip])).shots
    assert [frame for _, frame in shot.media_frames()] == [10, 10, 11, 11, 12, 12]


def test_a_frame_list_of_hiero_adds_frames_at_each_frame(edits: Any, warp: Callable[[float], Any]) -> None:
    import opentimelineio as otio

    added = otio.schema.TimeEffect(
        name="TimeWarp1", effect_name="TimeWarp", metadata={"lookup": [0.0, 1.0, 3.0, 2.0]}
    )
    clip = edits.clip((10, 4, 24), (0, 100, 24), effects=(added,))
    (shot,) = edits.read(edits.timeline([clip])).shots
    assert [frame for _, frame in shot.media_frames()] == [10, 12, 15, 15]
    assert (shot.played_frames.first_frame, shot.played_frames.last_frame_inclusive) == (10, 15)


def hiero_warp(lookup: Any) -> Any:
    """A TimeWarp as Hiero's exports have it."""
    import opentimelineio as otio

    return otio.schema.TimeEffect(name="TimeWarp1", effect_name="TimeWarp", metadata={"lookup": lookup})


def test_a_frame_list_counts_frames_of_the_media(edits: Any) -> None:
    """1.25 frames of the media pass in each of the edit, but 4 added are 4: the list is in media frames."""
    warped = hiero_warp([-4.0, -2.0, 0.0, 2.0, 4.0])
    still = hiero_warp([0.0] * 5)
    for effect, shown in ((warped, [46, 49, 52, 55, 59]), (still, [50, 51, 52, 53, 55])):
        clip = edits.clip((40, 5, 20), (0, 100, 25), effects=(effect,))
        (shot,) = edits.read(edits.timeline([clip])).shots
        assert [frame for _, frame in shot.media_frames()] == shown


def test_of_two_frame_lists_the_last_says_when_the_first_is_looked_at(edits: Any) -> None:
    """Frame 1 asks for 1.5, between 1 (which adds 0) and 2 (which adds 4): 1.5 + 2."""
    lists = hiero_warp([0.0, 0.0, 4.0, 4.0]), hiero_warp([0.5, 0.5, 0.0, 0.0])
    clip = edits.clip((10, 4, 24), (0, 100, 24), effects=lists)
    (shot,) = edits.read(edits.timeline([clip])).shots
    assert [frame for _, frame in shot.media_frames()] == [10, 13, 16, 17]


@pytest.mark.parametrize(
    ("speed", "lookup", "shown"),
    [
        (1, [0.0, -2.0, -4.0, -6.0], [20, 19, 18, 17]),
        (1, [0.0, -3.0, -6.0, -9.0], [20, 18, 16, 14]),
        (1, [0.0, 3.0, 0.0, 0.0], [20, 24, 22, 23]),
        (-1, [0.0, 0.0, 0.0, 0.0], [23, 22, 21, 20]),
        (-1, [1.0, 1.0, 0.0, -2.0], [22, 21, 21, 22]),
        (-2, [0.0, 0.0, 0.0, 0.0], [26, 24, 22, 20]),
    ],
)
def test_a_frame_list_shows_what_it_says_backwards_too(
    edits: Any, warp: Callable[[float], Any], speed: float, lookup: list[float], shown: list[int]
) -> None:
    effects = (*((warp(speed),) if speed != 1 else ()), hiero_warp(lookup))
    (shot,) = edits.read(edits.timeline([edits.clip((20, 4, 24), (0, 100, 24), effects=effects)])).shots
    assert [frame for _, frame in shot.media_frames()] == shown


def test_a_frame_list_that_goes_backwards_lies_in_the_plate_as_a_reversed_clip(
    edits: Any, warp: Callable[[float], Any]
) -> None:
    """The clip passes frame 20, from 21 down, in its first frame: 20 is at 1/24 s; so does the list."""
    listed = edits.clip((20, 4, 24), (0, 100, 24), effects=(hiero_warp([0.0, -2.0, -4.0, -6.0]),))
    turned = edits.clip((17, 4, 24), (0, 100, 24), effects=(warp(-1),))
    (shot,) = edits.read(edits.timeline([turned])).shots
    assert shot.retime.position(Fraction(1, 24)) == 20
    (shot,) = edits.read(edits.timeline([listed])).shots
    assert shot.retime.plate_keys == tuple((20 - n, Fraction(n + 1, 24)) for n in (3, 2, 1, 0))


@pytest.mark.parametrize("lookup", [5.0, []])
def test_a_time_warp_without_a_list_is_named_and_not_followed(edits: Any, lookup: Any) -> None:
    edit = edits.read(edits.timeline([edits.clip((10, 4, 24), (0, 100, 24), effects=(hiero_warp(lookup),))]))
    assert any("TimeWarp1" in one for one in edit.unsupported)
    assert [frame for _, frame in edit.shots[0].media_frames()] == [10, 11, 12, 13]


def test_a_graph_of_media_composer_says_what_each_frame_shows(edits: Any) -> None:
    import opentimelineio as otio

    def shown(*points: tuple[float, float]) -> list[int]:
        graph = {"keyframe_values": [list(point) for point in points], "keyframe_interpolation": "Linear"}
        effect = otio.schema.TimeEffect(
            effect_name="Unknown Time Warp Effect",
            metadata={"AAF": {"Parameters": {"PARAM_SPEED_OFFSET_MAP_U": graph}}},
        )
        (shot,) = edits.read(edits.timeline([edits.clip((10, 4, 24), (0, 100, 24), effects=(effect,))])).shots
        return [frame for _, frame in shot.media_frames()]

    assert shown((0, 0), (1, 0.5), (2, 2), (4, 8)) == [10, 10, 12, 15]
    assert shown((0, 7), (2, 5), (4, 1)) == [17, 16, 15, 13]  # the value itself, backwards too


def test_handles_grow_with_speed_and_end_where_the_media_does(
    edits: Any, warp: Callable[[float], Any]
) -> None:
    fast = edits.clip((30, 10, 24), (0, 100, 24), effects=(warp(2),))
    late = edits.clip((85, 10, 24), (0, 100, 24))
    held = edits.clip((50, 10, 24), (0, 100, 24), effects=(warp(0),))
    shots = edits.read(edits.timeline([fast, late, held]), handles=8).shots
    spans = [(shot.source_frames.first_frame, shot.source_frames.last_frame_inclusive) for shot in shots]
    assert spans == [(14, 65), (77, 99), (50, 50)]
    assert [(shot.handles_before, shot.handles_after) for shot in shots] == [(16, 16), (8, 5), (0, 0)]


def test_keys_of_the_plate_rise_in_the_plate(edits: Any, warp: Callable[[float], Any]) -> None:
    speeds = (2, -1, 0)
    clips = [edits.clip((20, 12, 24), (0, 100, 24), effects=(warp(speed),)) for speed in speeds]
    fast, back, held = edits.read(edits.timeline(clips)).shots
    assert fast.retime.plate_keys == ((20, 0), (68, 1))
    assert back.retime.plate_keys == ((8, Fraction(3, 2)), (32, Fraction(1, 2)))
    assert held.retime.plate_keys is None


def test_start_timecode_and_record_frames(edits: Any) -> None:
    clips = [edits.clip((0, 10, NTSC), (0, 100, NTSC)), edits.clip((20, 14, NTSC), (0, 100, NTSC))]
    edit = edits.read(edits.timeline(clips, start=(86400, NTSC)))
    assert str(edit.timecode(edit.shots[1].record.first_frame)) == "01:00:00:10"
    assert edit.rate.denominator == 1001
    assert edit.duration_frames == 24
