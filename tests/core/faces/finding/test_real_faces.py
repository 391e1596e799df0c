# SPDX-License-Identifier: Apache-2.0
"""The models find faces of any size, turned, cut off and many at once; what holds none is no trouble."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from tests.core.conftest import PictureFrame

from plosive.faces.finding.region import FaceRegion
from plosive.faces.finding.tracker import FaceTracker
from plosive.faces.measure import width_of_face
from plosive.faces.track import FaceTrack

Picture = NDArray[np.uint8]
PORTRAIT_HEIGHT, PORTRAIT_WIDTH = 360, 640


@pytest.fixture(scope="module")
def picture(portrait: list[PictureFrame]) -> Picture:
    return portrait[0].rgb8()


def faces_in(*pictures: Picture) -> list[list[NDArray[np.float32]]]:
    """The faces of each frame of a clip."""
    with FaceTracker() as tracker:
        return [
            [face.landmarks for face in tracker.see(index, shown)] for index, shown in enumerate(pictures)
        ]


def smaller(picture: Picture, scale: float) -> Picture:
    return np.asarray(cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)


def on_canvas(width: int, height: int, *placed: tuple[Picture, int, int]) -> Picture:
    """Pictures at (left, top) on a dim canvas; what reaches beyond is cut off."""
    canvas = np.full((height, width, 3), 60, dtype=np.uint8)
    for picture, left, top in placed:
        part = picture[max(0, -top) :, max(0, -left) :][: height - max(0, top), : width - max(0, left)]
        canvas[max(0, top) : max(0, top) + part.shape[0], max(0, left) : max(0, left) + part.shape[1]] = part
    return canvas


def test_landmarks_do_not_depend_on_the_frame_around_the_face(picture: Picture) -> None:
    ((face,),) = faces_in(picture)
    ((moved,),) = faces_in(on_canvas(1600, 900, (picture, 700, 400)))
    moved = moved - np.array([700, 400, 0], dtype=np.float32)
    assert np.median(np.abs(moved - face)[:, :2]) < 0.5


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_face_on_its_side_or_head_is_found(picture: Picture, turns: int) -> None:
    ((upright,),) = faces_in(picture)
    for (face,) in faces_in(*[np.ascontiguousarray(np.rot90(picture, turns))] * 3):
        assert width_of_face(face) == pytest.approx(float(width_of_face(upright)), rel=0.06)
        roll = FaceRegion.around(face).roll - FaceRegion.around(upright).roll
        assert np.cos(roll + turns * np.pi / 2) > 0.95


def test_a_mirrored_face_is_found(picture: Picture) -> None:
    ((face,),) = faces_in(np.ascontiguousarray(picture[:, ::-1]))
    ((straight,),) = faces_in(picture)
    assert face[1, 0] == pytest.approx(PORTRAIT_WIDTH - straight[1, 0], abs=4)


def test_many_sizes_at_once_are_found_in_the_first_frame(picture: Picture) -> None:
    places = [(0.25, 60, 60), (0.4, 500, 40), (0.6, 1000, 100), (1.0, 100, 500), (0.3, 1100, 700)]
    shown = on_canvas(1600, 900, *((smaller(picture, scale), left, top) for scale, left, top in places))
    first, second = faces_in(shown, shown)
    assert len(first) == len(second) == len(places)


def test_a_face_of_twenty_pixels_is_no_trouble(picture: Picture) -> None:
    tiny = smaller(picture, 20 / 130)
    for found in faces_in(*[on_canvas(640, 360, (tiny, 300, 160))] * 3):
        assert len(found) <= 1
        assert all(10 < width_of_face(face) < 40 for face in found)


def test_a_face_that_leaves_the_frame_is_followed_or_dropped(picture: Picture, track: FaceTrack) -> None:
    nose = float(track.landmarks[0, 1, 0])
    lefts = [round(-step * nose / 8) for step in range(14)]
    seen = faces_in(*(on_canvas(PORTRAIT_WIDTH, PORTRAIT_HEIGHT, (picture, left, 0)) for left in lefts))
    assert len(seen[0]) == 1
    assert all(len(found) <= 1 and all(np.isfinite(face).all() for face in found) for found in seen)
    assert seen[-1] == [], "nothing is left of it"


def test_a_face_only_in_the_last_frame_is_found(picture: Picture) -> None:
    empty = np.full_like(picture, 60)
    *before, last = faces_in(empty, empty, empty, picture)
    assert before == [[], [], []]
    assert len(last) == 1


def test_black_frames_between_faces_are_no_trouble(picture: Picture) -> None:
    black = np.zeros_like(picture)
    counts = [len(found) for found in faces_in(picture, picture, black, picture, black, black, picture)]
    assert counts == [1, 1, 0, 1, 0, 0, 1]


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (7, 5), (63, 63), (65, 33), (31, 401), (641, 361)])
def test_frames_of_any_size_are_searched(picture: Picture, size: tuple[int, int]) -> None:
    shown = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    for found in faces_in(shown, shown):
        assert len(found) <= 1


def test_a_size_that_changes_begins_a_new_shot(picture: Picture) -> None:
    with FaceTracker() as tracker:
        for index, scale in enumerate([1.0, 1.0, 0.5, 0.5]):
            tracker.see(index, smaller(picture, scale))
        assert tracker.cut_indices == [2]
        assert [len(track.indices) for track in tracker.tracks().values()] == [2, 2]
