# SPDX-License-Identifier: Apache-2.0
"""A head is found again to a small fraction of a pixel from its skin, whatever its landmarks do."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.core.conftest import PictureFrame
from tests.core.faces.stable.shaken import Shaken, shake

from plosive.faces.head import fit_head
from plosive.faces.measure import width_of_face
from plosive.faces.stable.patch import moved
from plosive.faces.stable.registration import Registration, RegistrationObserver
from plosive.faces.stable.stabilise import stabilised
from plosive.faces.track import FaceTrack

COUNT = 24
NOISE_PIXELS = 0.4


@pytest.fixture(scope="module")
def shaken(portrait: list[PictureFrame]) -> Shaken:
    return shake(portrait[0].rgb8(), COUNT)


@pytest.fixture(scope="module")
def noisy(shaken: Shaken, track: FaceTrack) -> NDArray[np.float32]:
    """The still's landmarks where they belong, all moved by one error per frame and each by its own."""
    random = np.random.default_rng(1)
    still = track.landmarks[0]
    seen = np.einsum("tij,pj->tpi", shaken.affines[:, :, :2], still[:, :2]) + shaken.affines[:, None, :, 2]
    depth = np.repeat(still[None, :, 2:], COUNT, axis=0)
    landmarks = np.concatenate([seen, depth], axis=2)
    landmarks += random.normal(0, NOISE_PIXELS, (COUNT, 1, 3)) * [1, 1, 0]
    return (landmarks + random.normal(0, NOISE_PIXELS / 2, landmarks.shape)).astype(np.float32)


def registered(frames: list[NDArray[np.uint8]], landmarks: NDArray[np.float32]) -> Registration:
    observer = RegistrationObserver()
    for index, (frame, face) in enumerate(zip(frames, landmarks, strict=True)):
        observer.add(index, frame, face)
    return observer.finish(a_track(landmarks))


def a_track(landmarks: NDArray[np.float32]) -> FaceTrack:
    return FaceTrack(1, 0, np.arange(len(landmarks), dtype=np.int64), landmarks, 640, 360)


def error_pixels(shaken: Shaken, landmarks: NDArray[np.float32]) -> float:
    """How far landmarks stray from their own mean place in the still, root mean square."""
    places = shaken.back(landmarks)
    return float(np.sqrt(((places - places.mean(axis=0)) ** 2).sum(axis=2).mean()))


def posed(landmarks: NDArray[np.float32], found: Registration) -> NDArray[np.float32]:
    """The mean face in the registered pose of each frame: what pose alone errs by."""
    head = fit_head(landmarks, found.shape)
    still = moved(head.upright, found.motions, inverse=True).mean(axis=0)
    return head.picture(moved(np.repeat(still[None], len(landmarks), axis=0), found.motions))


def test_the_pose_errs_by_a_tenth_of_a_pixel(shaken: Shaken, noisy: NDArray[np.float32]) -> None:
    found = registered(shaken.frames, noisy)
    assert found.trust.min() > 0.8
    assert error_pixels(shaken, noisy) > 0.5
    assert error_pixels(shaken, posed(noisy, found)) < 0.13  # face 130 px wide: 0.1 %


def test_steady_landmarks_keep_to_the_picture(shaken: Shaken, noisy: NDArray[np.float32]) -> None:
    steady = stabilised(a_track(noisy), registered(shaken.frames, noisy))
    assert error_pixels(shaken, steady.landmarks) < 0.5 * error_pixels(shaken, noisy)
    assert steady.landmarks.dtype == np.float32
    # Steady is not frozen: the middle of each face still goes where the camera took it.
    middle = np.linalg.norm((steady.landmarks - noisy).mean(axis=1)[:, :2], axis=1)
    assert middle.max() < 4 * NOISE_PIXELS


def test_flicker_and_a_shadow_change_little(portrait: list[PictureFrame], noisy: NDArray[np.float32]) -> None:
    flickering = shake(portrait[0].rgb8(), COUNT, flicker=0.25)
    across = np.linspace(0.6, 1.0, 640)[None, :, None]
    shadowed = [
        (frame * (across if index % 2 else 1)).astype(np.uint8)
        for index, frame in enumerate(flickering.frames)
    ]
    found = registered(shadowed, noisy)
    assert error_pixels(flickering, posed(noisy, found)) < 0.2


def test_something_before_a_cheek_pulls_nothing_along(shaken: Shaken, noisy: NDArray[np.float32]) -> None:
    covered = [frame.copy() for frame in shaken.frames]
    for index in range(8, 16):
        x, y = noisy[index, 50, :2].astype(int) - 8
        covered[index][y : y + 16, x - 14 : x + 14] = (30, 90, 200)
    found = registered(covered, noisy)
    assert found.trust[8:16].mean() < found.trust[:8].mean()
    assert error_pixels(shaken, posed(noisy, found)) < 0.2


def test_a_lost_picture_leaves_landmarks_as_they_are(noisy: NDArray[np.float32]) -> None:
    random = np.random.default_rng(3)
    blank = [random.integers(0, 255, (360, 640, 3), dtype=np.uint8) for _ in noisy]
    found = registered(blank, noisy)
    assert np.median(found.trust) < 0.5
    steady = stabilised(a_track(noisy), found).landmarks
    assert np.isfinite(steady).all()
    assert np.linalg.norm((steady - noisy)[..., :2], axis=2).max() < 5


def test_faces_at_the_edge_and_outside_do_no_harm(shaken: Shaken, noisy: NDArray[np.float32]) -> None:
    away = noisy.copy()
    away[5, :, 0] += 600
    away[6, :, 0] -= 1200
    found = registered(shaken.frames, away)
    assert found.trust[6] == 0
    assert np.isfinite(stabilised(a_track(away), found).landmarks).all()


def test_twice_the_same_bits_and_arrays_hold_all(shaken: Shaken, noisy: NDArray[np.float32]) -> None:
    one, other = registered(shaken.frames, noisy), registered(shaken.frames, noisy)
    kept = Registration.from_arrays(one.arrays())
    for again in (other, kept):
        assert np.array_equal(one.motions, again.motions)
        assert np.array_equal(one.trust, again.trust)
        assert np.array_equal(one.shape.rigid, again.shape.rigid)


def test_a_track_may_have_fewer_frames_than_were_seen(shaken: Shaken, noisy: NDArray[np.float32]) -> None:
    observer = RegistrationObserver()
    for index, (frame, face) in enumerate(zip(shaken.frames, noisy, strict=True)):
        observer.add(2 * index, frame, face)
    rows = np.array([3, 4, 9], dtype=np.int64)
    found = observer.finish(FaceTrack(1, 0, 2 * rows, noisy[rows], 640, 360))
    assert found.motions.shape == (3, 6)
    with pytest.raises(ValueError, match="not added"):
        observer.finish(FaceTrack(1, 0, rows, noisy[rows], 640, 360))


def test_a_face_of_twenty_pixels_is_no_trouble(portrait: list[PictureFrame], track: FaceTrack) -> None:
    import cv2

    times = 20 / float(width_of_face(track.landmarks[0]))
    small = [
        cv2.resize(frame.rgb8(), None, fx=times, fy=times, interpolation=cv2.INTER_AREA) for frame in portrait
    ]
    faces = (track.landmarks * times).astype(np.float32)
    steady = stabilised(a_track(faces), registered(small, faces)).landmarks
    assert np.linalg.norm((steady - faces)[..., :2], axis=2).max() < 1.0
