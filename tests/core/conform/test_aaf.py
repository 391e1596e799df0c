# SPDX-License-Identifier: Apache-2.0
"""AAF: motion effects, transitions beside them, nested sequences. What is played is written down by hand from
the format: an effect shows, at each of its frames, the frame of what it holds that its graph says; the two
sides of a transition overlap; sequences play from the frame that is used on.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import opentimelineio as otio
import pytest
from tests.core.conform.aafmaking import AafMaker

from plosive.conform import Edit, read_edit

HALF = Fraction(1, 2)
MATERIAL = Path(__file__).resolve().parents[4] / "shared" / "material" / "otio"


@pytest.fixture
def maker(tmp_path: Path) -> AafMaker:
    return AafMaker(tmp_path / "edit.aaf")


def read(path: Path) -> Edit:
    return read_edit(path, probe=False)


def shown(edit: Edit) -> list[list[int]]:
    """Frames of the media that each shot shows."""
    return [[frame for _, frame in shot.media_frames()] for shot in edit.shots]


def test_a_graph_says_where_an_effect_begins(maker: AafMaker) -> None:
    a = maker.media("a")
    edit = read(
        maker.finished(
            maker.row(
                maker.moved(maker.use(a, 20, 60), 4, HALF, [(0, 6), (4, 14)]),  # not at the clip's first
                maker.moved(maker.use(a, 20, 60), 4, HALF, [(-5, 0), (15, 40)]),  # a trimmed head
                maker.moved(maker.use(a, 30, 40), 4, -1, [(0, 25), (4, 21)]),
                maker.moved(maker.use(a, 70, 1), 4, 4, [(0, 0), (Fraction(4, 3), 0)]),
                maker.moved(maker.use(a, 70, 2), 4, 2),  # a ratio alone: twice as long
            )
        )
    )
    assert shown(edit) == [
        [26, 28, 30, 32], [30, 32, 34, 36], [55, 54, 53, 52], [70, 70, 70, 70], [70, 70, 71, 71],
    ]  # fmt: skip
    assert [shot.speed for shot in edit.shots] == [2, 2, -1, 0, HALF]
    assert str(edit.timecode(0)) == "01:00:00:00" and edit.shots[0].media is not None
    assert edit.shots[0].media.start_seconds == 3600
    assert not edit.unsupported


def test_a_graph_of_positions_goes_from_the_first_frame_to_the_last(maker: AafMaker) -> None:
    """As Media Composer writes it (avid_misc_speed_effects.aaf): its times end at 1, on the last frame."""
    a = maker.media("a")
    stretched = [(0, 0), (Fraction(1, 3), 4), (1, 6)]
    path = maker.finished(
        maker.row(
            maker.moved(maker.use(a, 30, 10), 7, 1, stretched, of=""),
            maker.moved(maker.use(a, 30, 10), 7, 1, [(0, 0), (2, 4), (6, 6)], of=""),
            maker.moved(maker.use(a, 30, 13), 7, 1, [(0, 0), (1, 12)], of=""),
            maker.moved(maker.use(a, 30, 10), 7, 1, stretched, of="", curve="Bezier"),
        )
    )
    edit = read(path)
    straight = [30, 32, 34, 34, 35, 35, 36]
    assert shown(edit) == [straight, straight, [30, 32, 34, 36, 38, 40, 42], straight]
    assert edit.shots[2].speed == 2 and edit.shots[2].retime.is_constant
    assert len(edit.unsupported) == 1 and "straight between its keys" in edit.unsupported[0]


@pytest.mark.skipif(not MATERIAL.is_dir(), reason="the edits of ../shared/material are not there")
def test_the_spline_is_the_one_whose_tangents_media_composer_wrote() -> None:
    """Its third key is entered by (-14/5, -1.909) and left by (8/5, 1.091), its first left by (8/5, 9/4): the
    Bezier of these, at whole frames.
    """
    edit = read(MATERIAL / "avid_misc_speed_effects.aaf")
    keys = [(0.0, 0.0), (4.0, 5.625), (11.0, 9.375), (15.0, 15.0)]
    out = [(1.6, 2.25), (2.8, 1.90909), (1.6, 1.09091)]
    into = [(-1.6, -1.09091), (-2.8, -1.90909), (-1.6, -2.25)]
    expected: dict[int, float] = {}
    for (one, two), leave, enter in zip(pairwise(keys), out, into, strict=True):
        points = [one, (one[0] + leave[0], one[1] + leave[1]), (two[0] + enter[0], two[1] + enter[1]), two]
        for step in range(20001):
            t = step / 20000
            weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
            at, value = (sum(w * p[axis] for w, p in zip(weights, points, strict=True)) for axis in (0, 1))
            if abs(at - round(at)) < 2e-4:
                expected[round(at)] = value
    shot = edit.shots[-1]
    played = [float(shot.retime.position(Fraction(72 + frame, 24))) - 32 for frame in range(16)]
    assert played == pytest.approx([expected[frame] for frame in range(16)], abs=2e-3)


def test_beside_a_transition_an_effect_goes_on_at_its_own_pace(maker: AafMaker) -> None:
    a, b = maker.media("a"), maker.media("b", timecode=90000)
    edit = read(
        maker.finished(
            maker.row(
                maker.moved(maker.use(a, 20, 20), 10, HALF, [(0, 0), (10, 20)]),
                maker.dissolve(4, 2),
                maker.moved(maker.use(b, 20, 20), 10, HALF, [(0, 0), (10, 20)]),
                maker.dissolve(4, 2),
                maker.moved(maker.use(a, 60, 10), 10, -1, [(0, 9), (10, -1)]),
            )
        )
    )
    assert edit.duration_frames == 22
    assert [shot.record.first_frame for shot in edit.shots] == [0, 8, 14]
    assert shown(edit) == [
        list(range(20, 40, 2)), list(range(20, 40, 2)), list(range(69, 59, -1)),
    ]  # fmt: skip


def test_sequences_in_sequences_play_from_where_they_are_used(maker: AafMaker) -> None:
    a, b = maker.media("a"), maker.media("b", timecode=90000)
    nested = maker.nest(maker.row(maker.use(a, 10, 20), maker.use(b, 20, 20)))
    fast = maker.nest(maker.moved(maker.use(a, 10, 40), 20, HALF, [(0, 0), (20, 40)]), "fast")
    back = maker.nest(maker.moved(maker.use(a, 10, 40), 40, -1, [(0, 39), (40, -1)]), "back")
    both = maker.row(maker.use(a, 20, 10), maker.use(b, 30, 10))
    edit = read(
        maker.finished(
            maker.row(
                maker.use(nested, 16, 8),
                maker.moved(maker.use(nested, 0, 40), 20, HALF, [(0, 0), (20, 40)]),
                maker.use(fast, 5, 4),
                maker.use(back, 5, 4),
                maker.moved(both, 10, HALF, [(0, 0), (10, 20)]),
                maker.resized(maker.moved(maker.use(a, 50, 8), 4, HALF, [(0, 0), (4, 8)])),
            )
        )
    )
    assert shown(edit) == [
        [26, 27, 28, 29], [20, 21, 22, 23],
        list(range(10, 30, 2)), list(range(20, 40, 2)),
        [20, 22, 24, 26], [44, 43, 42, 41],
        [20, 22, 24, 26, 28], [30, 32, 34, 36, 38],
        [50, 52, 54, 56],
    ]  # fmt: skip
    assert {shot.track_name for shot in edit.shots} == {"V1"}
    timeline = edit.otio_timeline
    assert isinstance(timeline, otio.schema.Timeline)
    plain = [item for item in timeline.tracks[0] if isinstance(item, otio.schema.Clip)]
    assert len(plain) == 5  # those that are not sped up together are clips of the track
