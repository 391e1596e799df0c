# SPDX-License-Identifier: Apache-2.0
"""What a face looks like becomes numbers that stand light, size and mirroring."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from tests.core.conftest import PictureFrame
from tests.core.faces.finding.scripted import placed
from tests.core.faces.people.strangers import picture, seen

from plosive.faces.people.appearance import Appearance, AppearanceObserver, no_appearance, pooled
from plosive.faces.people.colours import clothes_and_hair
from plosive.faces.people.descriptors import describe, mirrored
from plosive.faces.people.likeness import distances
from plosive.faces.people.texture import FrontalFace, frontal_face
from plosive.faces.track import FaceTrack


def looks(portrait: list[PictureFrame], track: FaceTrack, row: int = 0) -> FrontalFace:
    return frontal_face(portrait[row].rgb8(), track.landmarks[row])


def test_a_frontal_face_fills_its_picture_and_knows_what_it_saw(
    portrait: list[PictureFrame], track: FaceTrack
) -> None:
    face = looks(portrait, track)
    assert face.texture.shape == (72, 64, 3)
    assert 0.4 < face.seen.mean() < 0.9
    assert np.all(face.texture[face.seen == 0].mean(axis=0) < face.texture[face.seen > 0.5].mean(axis=0))


def test_a_larger_picture_gives_the_same_face(portrait: list[PictureFrame], track: FaceTrack) -> None:
    once = looks(portrait, track)
    rgb, landmarks = portrait[0].rgb8(), track.landmarks[0]
    doubled = cv2.resize(rgb, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    twice = frontal_face(doubled, landmarks * np.float32(2) + np.array([0.5, 0.5, 0], np.float32))
    both = (once.seen > 0.5) & (twice.seen > 0.5)
    away = np.abs(once.texture.astype(int) - twice.texture.astype(int))[both]
    assert np.median(away) <= 4


def test_a_face_outside_the_picture_was_not_seen(portrait: list[PictureFrame], track: FaceTrack) -> None:
    beyond = track.landmarks[0] + np.array([5000, 0, 0], dtype=np.float32)
    assert frontal_face(portrait[0].rgb8(), beyond).seen.max() == 0


def test_the_mirrored_face_is_described_without_looking_again(
    portrait: list[PictureFrame], track: FaceTrack
) -> None:
    face = looks(portrait, track)
    flopped = FrontalFace(
        np.ascontiguousarray(face.texture[:, ::-1]), np.ascontiguousarray(face.seen[:, ::-1]), face.head
    )
    for plain, other in zip(describe(face), describe(flopped), strict=True):
        assert np.array_equal(mirrored(plain), other)


def test_exposure_hardly_counts_and_another_skin_does(track: FaceTrack) -> None:
    face = track.landmarks[0]
    bright, dark, other = (
        seen(face, seed, range(0, 30), gain) for seed, gain in ((1, 1.0), (1, 0.5), (2, 1.0))
    )
    apart = distances([bright], [dark, other])
    assert apart.patterns[0, 0] < 0.35 < 0.6 < apart.patterns[0, 1]
    assert apart.gradients[0, 0] < 0.05 < apart.gradients[0, 1]


def test_colours_are_told_against_the_skin(track: FaceTrack) -> None:
    face = placed(track.landmarks[0], 300, 110, 120)
    red, blue = ((200, 40, 40),), ((40, 40, 200),)
    plain = clothes_and_hair(picture([(1, face)], red), face)[0] / 255.0
    tinted = np.clip(picture([(1, face)], red) * np.array([1.0, 0.85, 0.7]), 0, 255).astype(np.uint8)
    other = clothes_and_hair(picture([(1, face)], blue), face)[0] / 255.0
    under_lamp = clothes_and_hair(tinted, face)[0] / 255.0
    assert plain @ under_lamp > 0.7
    assert plain @ other < plain @ under_lamp - 0.2


def test_few_moments_are_kept_of_a_long_track(track: FaceTrack) -> None:
    observer = AppearanceObserver()
    face = placed(track.landmarks[0], 300, 110)
    frame = picture([(1, face)])
    for index in range(2000):
        observer.add(index, frame, face)
    kept = observer.finish()
    assert len(kept) == 12
    assert np.all(np.diff(kept.indices) > 0)


def test_a_short_track_is_known_and_a_speck_is_not(track: FaceTrack) -> None:
    assert len(seen(track.landmarks[0], 1, range(0, 1))) == 1
    speck = placed(track.landmarks[0], 300, 8)
    observer = AppearanceObserver()
    observer.add(0, picture([(1, speck)]), speck)
    assert len(observer.finish()) == 0


def test_an_appearance_is_arrays_and_back(track: FaceTrack) -> None:
    one = seen(track.landmarks[0], 1, range(0, 20))
    again = Appearance.from_arrays(one.arrays())
    assert all(np.array_equal(value, again.arrays()[name]) for name, value in one.arrays().items())
    broken = one.arrays() | {"patterns": one.patterns[:, :3]}
    with pytest.raises(ValueError, match="patterns"):
        Appearance.from_arrays(broken)
    with pytest.raises(ValueError, match="missing"):
        Appearance.from_arrays({name: value for name, value in one.arrays().items() if name != "hair"})


def test_pooling_keeps_the_better_of_what_is_alike(track: FaceTrack) -> None:
    one, other = (seen(track.landmarks[0], 1, range(start, start + 60)) for start in (0, 60))
    together = pooled([one, no_appearance(), other], most=8)
    assert len(together) == 8
    assert len(set(together.indices.tolist())) == 8
    assert len(pooled([])) == 0
