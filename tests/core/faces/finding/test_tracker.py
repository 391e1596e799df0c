# SPDX-License-Identifier: Apache-2.0
"""Faces are linked from frame to frame: none jumps on to a neighbour, none is counted twice."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.core.faces.finding.scripted import GREY, Face, ScriptedTracker, placed, tracked

from plosive.faces.finding.followed import LONGEST_GAP_FRAMES
from plosive.faces.track import FaceTrack

Pictures = list[NDArray[np.uint8]]


@pytest.fixture
def face(track: FaceTrack) -> Face:
    return np.asarray(track.landmarks[0])


def test_two_people_keep_their_tracks_when_reported_in_another_order(face: Face) -> None:
    one, two = [placed(face, 150 + step, 120) for step in range(6)], [placed(face, 450, 80)] * 6
    found = tracked([[one[k], two[k]] if k % 2 else [two[k], one[k]] for k in range(6)])
    assert [len(person.indices) for person in found] == [6, 6]
    assert np.all(found[0].landmarks[:, 1, 0] < 200), "the larger face is number 1"
    assert np.all(found[1].landmarks[:, 1, 0] > 400)


@pytest.mark.parametrize(("gap", "tracks"), [(3, 1), (LONGEST_GAP_FRAMES - 1, 1), (LONGEST_GAP_FRAMES, 2)])
def test_a_face_hidden_for_some_frames_is_taken_up_again(face: Face, gap: int, tracks: int) -> None:
    here = [placed(face, 300)]
    found = tracked([here, here, *[[]] * gap, here])
    assert len(found) == tracks
    assert sum(len(person.indices) for person in found) == 3


def test_one_face_reported_twice_is_one(face: Face) -> None:
    here = placed(face, 300)
    assert len(tracked([[here, here + 1]] * 3)) == 1


def test_a_face_hidden_behind_another_does_not_go_on_as_the_other(face: Face) -> None:
    # The one behind is not there for frames 10 to 14; the landmark model then fits the one in front.
    front = [placed(face, 100 + 20 * k, 100) for k in range(25)]
    behind = [placed(face, 340, 90)] * 25
    hidden = [abs(float(front[k][1, 0]) - 340) < 50 for k in range(25)]
    found = tracked([[front[k]] if hidden[k] else [behind[k], front[k]] for k in range(25)])
    noses = [track.landmarks[:, 1, 0] for track in found]
    still = next(nose for nose in noses if abs(nose[0] - 340) < 1)
    assert np.all(np.abs(still - 340) < 1), "never on the one who walks by"
    walker = next(nose for nose in noses if abs(nose[0] - 100) < 1)
    assert len(walker) == 25


def test_a_fast_face_keeps_its_track(face: Face) -> None:
    found = tracked([[placed(face, 60 + 35 * k, 100)] for k in range(14)])
    assert [len(person.indices) for person in found] == [14]


def test_a_far_face_is_another(face: Face) -> None:
    found = tracked([[placed(face, 100)], [placed(face, 500)]])
    assert len(found) == 2


def test_landmarks_that_are_no_head_are_no_face(face: Face) -> None:
    scrambled = placed(face, 300)
    rng = np.random.default_rng(3)
    scrambled[:, :2] += rng.normal(0, 12, (len(scrambled), 2)).astype(np.float32)
    assert tracked([[scrambled]] * 3) == []


def test_a_cut_ends_tracks_and_searches_everything_again(face: Face, two_pictures: Pictures) -> None:
    here = [placed(face, 300)]
    tracker = ScriptedTracker()
    shots = [[seen.shot for seen in tracker.see(index, here, two_pictures[index >= 3])] for index in range(6)]
    assert shots == [[0], [0], [0], [1], [1], [1]]
    assert tracker.tracker.cut_indices == [3]
    assert sorted(found.shot for found in tracker.tracks()) == [0, 1]
    sizes = [len(tiles) for tiles in tracker.models.searches]
    assert sizes[3] == sizes[0] > sizes[1]


def test_a_take_that_was_shortened_is_cut_where_the_face_leaps(face: Face, two_pictures: Pictures) -> None:
    scene, changed = two_pictures[0], two_pictures[0].copy()
    changed[100:240, 430:600] = two_pictures[1][100:240, 430:600]
    moved = np.ascontiguousarray(np.roll(scene, 20, axis=1))

    def cuts(after: NDArray[np.uint8], x: float) -> list[int]:
        tracker = ScriptedTracker()
        for index in range(10):
            tracker.see(index, [placed(face, x if index >= 5 else 300)], after if index >= 5 else scene)
        return tracker.tracker.cut_indices

    assert cuts(changed, 318) == [5]
    assert cuts(changed, 301) == [], "the face goes on as it was: somebody walks by"
    assert cuts(moved, 320) == [], "all moved alike: the camera was pushed"


def test_a_flash_neither_cuts_nor_ends_the_track(face: Face, two_pictures: Pictures) -> None:
    here = [placed(face, 300)]
    tracker = ScriptedTracker()
    white = np.full_like(GREY, 255)
    for index in range(12):
        flash = index in (5, 6)
        tracker.see(index, [] if flash else here, white if flash else two_pictures[0])
    (found,) = tracker.tracks()
    assert found.indices.tolist() == [0, 1, 2, 3, 4, 7, 8, 9, 10, 11]
    assert found.shot == 0
    assert tracker.tracker.cut_indices == []


def test_a_face_in_the_very_last_frame_is_reported(face: Face) -> None:
    found = tracked([[], [], [], [placed(face, 300)]])
    assert [person.indices.tolist() for person in found] == [[3]]


def test_a_tracker_that_keeps_no_landmarks_says_so(face: Face) -> None:
    from plosive.faces.finding.tracker import FaceTracker

    with FaceTracker(keep_landmarks=False) as tracker:
        tracker.see(0, GREY)
        with pytest.raises(ValueError, match="keeps no landmarks"):
            tracker.tracks()
