# SPDX-License-Identifier: Apache-2.0
"""Lips that part within a frame and then stand still are the face's own; a caption over them is not."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from plosive.faces.finding.tracker import FaceTracker
from plosive.faces.occlusion.graphic import find_graphics
from plosive.faces.occlusion.observer import OcclusionObserver
from plosive.faces.occlusion.opening import beside_lips
from plosive.faces.occlusion.placed import PlacedPictures
from plosive.faces.occlusion.placedface import PlacedFace
from plosive.faces.topology import INNER_LIPS, OUTER_LIPS
from plosive.faces.track import FaceTrack
from plosive.media import open_plate

COUNT, FIRST, LAST = 30, 7, 17
HEIGHT, WIDTH = 340, 360
SKIN, LIPS, DARK = (205, 165, 135), (165, 85, 80), (45, 25, 25)


@pytest.fixture(scope="module")
def shut(track: FaceTrack) -> NDArray[np.float32]:
    """The portrait's landmarks 180 pixels wide, lips closed: (478, 3)."""
    face = track.landmarks[0].copy()
    face -= (face[:468].min(axis=0) + face[:468].max(axis=0)) / 2
    face *= 180 / np.linalg.norm(face[234, :2] - face[454, :2])
    face[:, :2] += (WIDTH / 2, HEIGHT / 2)
    upper, lower = INNER_LIPS[1:10], INNER_LIPS[:10:-1]
    face[lower] = face[upper]
    return face


@pytest.fixture(scope="module")
def parted(shut: NDArray[np.float32]) -> NDArray[np.float32]:
    """The same with the lower lip and the chin 20 pixels down."""
    face = shut.copy()
    lower = [*OUTER_LIPS[12:19], *INNER_LIPS[12:19], 152, 148, 377, 176, 400, 175, 199, 200, 18, 83, 313]
    face[lower, 1] += 20
    return face


def drawn(points: NDArray[np.float32], row: int, text: str = "") -> NDArray[np.uint8]:
    """A flat face with lips, the dark between them, the shade below them, and grain: (h, w, 3)."""
    picture = np.full((HEIGHT, WIDTH, 3), SKIN, dtype=np.uint8)
    shade = np.round(points[OUTER_LIPS[11:20], :2] * 16 + (0, 4 * 16)).astype(np.int32)
    cv2.fillPoly(picture, [shade], (150, 110, 85), cv2.LINE_AA, 4)
    for ring, colour in ((OUTER_LIPS, LIPS), (INNER_LIPS, DARK)):
        cv2.fillPoly(picture, [np.round(points[ring, :2] * 16).astype(np.int32)], colour, cv2.LINE_AA, 4)
    picture = cv2.GaussianBlur(picture, (0, 0), 1.2)
    if text:
        x, y = np.round(points[13, :2]).astype(int).tolist()
        for colour, thick in (((0, 0, 0), 6), ((255, 255, 255), 2)):
            cv2.putText(picture, text, (x - 70, y + 14), cv2.FONT_HERSHEY_DUPLEX, 1.1, colour, thick)
    grain = np.random.default_rng(row).normal(0, 1.5, (HEIGHT, WIDTH, 1))
    return np.clip(np.rint(picture + grain), 0, 255).astype(np.uint8)


def placed(
    shut: NDArray[np.float32], parted: NDArray[np.float32], text: str
) -> tuple[PlacedPictures, NDArray[np.float32]]:
    """Frames 7 to 17 with the lips parted, and `text` over them; the landmarks (T, 478, 3)."""
    landmarks = np.stack([parted if FIRST <= row <= LAST else shut for row in range(COUNT)])
    pictures = PlacedPictures(landmarks[0], drawn(shut, 0))
    for row, points in enumerate(landmarks):
        pictures.add(drawn(points, row, text if FIRST <= row <= LAST else ""), points)
    return pictures, landmarks


def test_lips_that_part_and_stand_still_are_no_graphic(
    shut: NDArray[np.float32], parted: NDArray[np.float32]
) -> None:
    pictures, landmarks = placed(shut, parted, "")
    change = np.abs(pictures.read(FIRST).astype(int) - pictures.read(FIRST - 1)).max(axis=2)
    assert (change > 40).sum() > 0.02 * pictures.face_width**2  # there is something to be taken for one
    assert find_graphics(pictures, landmarks) == []


def test_a_caption_that_comes_as_the_lips_part_is_one(
    shut: NDArray[np.float32], parted: NDArray[np.float32]
) -> None:
    (run,) = find_graphics(*placed(shut, parted, "Really?"))
    assert (run.first, run.last_inclusive) == (FIRST, LAST)


def test_what_goes_on_beyond_the_face_tells_only_on_its_own_lines() -> None:
    stepped, face, lips = (np.zeros((40, 60), dtype=np.bool_) for _ in range(3))
    face[:, 20:40], lips[15:25, 22:38] = True, True
    stepped[18:22, 24:36] = True
    assert beside_lips(stepped, face, lips) == 0
    stepped[30:35, 0:10] = True  # something else, beside the face and below the line
    assert beside_lips(stepped, face, lips) == 0
    stepped[18:22, 0:10] = True
    assert beside_lips(stepped, face, lips) == 40


def test_the_mouth_of_several_frames_holds_the_lips_of_each(
    shut: NDArray[np.float32], parted: NDArray[np.float32]
) -> None:
    pictures, landmarks = placed(shut, parted, "")
    look = PlacedFace(pictures, landmarks)
    corner, size = look.common([FIRST - 1, FIRST])
    closed, open_, both = (look.mouth(rows, corner, size) for rows in ([6], [7], [6, 7]))
    np.testing.assert_array_equal(both, closed | open_)
    assert (open_ & ~closed).sum() > 10 * np.ptp(shut[OUTER_LIPS, 0]) / 2
    x, y = np.round(parted[OUTER_LIPS, :2] - corner).astype(int).T
    assert both[y, x].all()


def test_what_speech_moves_is_where_the_frame_has_it(
    shut: NDArray[np.float32], parted: NDArray[np.float32]
) -> None:
    pictures, landmarks = placed(shut, parted, "")
    look = PlacedFace(pictures, landmarks)
    corner, size = look.common([FIRST - 1, FIRST])
    before, now = (
        cv2.cvtColor(look.part(row, corner, size), cv2.COLOR_RGB2GRAY) for row in (FIRST - 1, FIRST)
    )
    spoken = look.spoken(before, FIRST, FIRST - 1, corner)
    lower = np.zeros(size, dtype=np.uint8)
    ring = [*OUTER_LIPS[11:20], *INNER_LIPS[:10:-1]]
    cv2.fillPoly(lower, [np.round(parted[ring, :2] - corner).astype(np.int32)], 1)
    off = np.abs(spoken - now)[lower > 0].mean()
    assert off < 0.5 * np.abs(before.astype(float) - now)[lower > 0].mean()


def test_a_real_speaker_whose_mouth_stands_open_is_free(material: Path) -> None:
    """Frames 0 to 29 of a speaker before a plain ground, 1.5 times as large: the lips part in frame 7, and
    stand open to frame 17.
    """
    observer = OcclusionObserver()
    with open_plate(material / "plates" / "grid_lrwp9a.mpg") as reader, FaceTracker() as tracker:
        for frame in islice(reader.frames(), 30):
            rgb = cv2.resize(frame.rgb8(), (540, 432), interpolation=cv2.INTER_LINEAR).astype(np.uint8)
            (face,) = tracker.see(frame.index, rgb)
            observer.add(frame.index, rgb, face.landmarks)
        (track,) = tracker.tracks().values()
    occlusion, landmarks = observer.finish(track)
    assert occlusion.ranges(track.indices) == ()
    assert landmarks is track.landmarks
