# SPDX-License-Identifier: Apache-2.0
"""A head in centimetres, seen by a pinhole camera, is found again from its picture."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from plosive.faces.head import fit_head
from plosive.faces.stable.canonical import (
    MetricHead,
    canonical_vertices,
    identity_shape,
    metric_head,
    usual_focal_pixels,
)
from plosive.faces.track import FaceTrack

WIDTH, HEIGHT = 1920, 1080


def turn(yaw: float, pitch: float, roll: float) -> NDArray[np.float64]:
    """Rows times matrix."""
    y, p, r = np.radians([yaw, pitch, roll])
    about_y = np.array([[np.cos(y), 0, -np.sin(y)], [0, 1, 0], [np.sin(y), 0, np.cos(y)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(p), np.sin(p)], [0, -np.sin(p), np.cos(p)]])
    about_z = np.array([[np.cos(r), np.sin(r), 0], [-np.sin(r), np.cos(r), 0], [0, 0, 1]])
    return about_y @ about_x @ about_z


@pytest.fixture(scope="module")
def known() -> tuple[NDArray[np.float32], NDArray[np.float64], NDArray[np.float64]]:
    """Landmarks (T, 478, 3) as MediaPipe gives them (depth along the ray to the head), turns, places."""
    face = np.concatenate([canonical_vertices(), np.zeros((10, 3), np.float32)]).astype(np.float64)
    face -= face[2]
    random = np.random.default_rng(0)
    focal = usual_focal_pixels(WIDTH, HEIGHT)
    turns = np.stack([turn(*(random.uniform(-20, 20, 3) * (row > 0))) for row in range(40)])
    places = random.uniform([-30, -12, 70], [30, 12, 140], (40, 3))
    seen = face @ turns + places[:, None]
    picture = seen[..., :2] / seen[..., 2:] * focal + [WIDTH / 2, HEIGHT / 2]
    ray = places / np.linalg.norm(places, axis=1, keepdims=True)
    depth = np.einsum("tpi,ti->tp", seen - places[:, None], ray) * focal / places[:, 2:]
    return np.concatenate([picture, depth[..., None]], axis=2).astype(np.float32), turns, places


def test_the_canonical_face_is_a_face_in_centimetres() -> None:
    face = canonical_vertices()
    assert face.shape == (468, 3)
    assert 8 < np.linalg.norm(face[33] - face[263]) < 10
    assert face[152, 1] > face[13, 1] > face[4, 1] > face[168, 1]  # y grows downwards
    assert face[4, 2] < face[234, 2]  # the nose is nearer than the ear
    assert face[263, 0] > 0 > face[33, 0]


def test_a_known_head_is_found_in_centimetres(
    known: tuple[NDArray[np.float32], NDArray[np.float64], NDArray[np.float64]],
) -> None:
    landmarks, turns, places = known
    found = metric_head(fit_head(landmarks), WIDTH, HEIGHT)
    cosine = (np.einsum("tij,tij->t", found.rotation, turns) - 1) / 2
    assert np.degrees(np.arccos(np.clip(cosine, -1, 1))).max() < 2.5
    assert np.abs(found.translation[:, :2] - places[:, :2]).max() < 0.4
    assert np.abs(found.translation[:, 2] / places[:, 2] - 1).max() < 0.03
    away = np.linalg.norm(found.picture(WIDTH, HEIGHT)[:, :468] - landmarks[:, :468, :2], axis=2)
    assert away.mean() < 0.015 * np.linalg.norm(landmarks[:, 234] - landmarks[:, 454], axis=1).mean()


def test_distance_grows_with_the_lens_and_size_does_not(track: FaceTrack) -> None:
    near = metric_head(track.head, 640, 360, focal_pixels=500)
    far = metric_head(track.head, 640, 360, focal_pixels=1000)
    assert far.translation[:, 2] == pytest.approx(2 * near.translation[:, 2], rel=0.05)
    assert np.allclose(near.shape, far.shape)
    assert 7 < float(np.linalg.norm(near.shape[33] - near.shape[263])) < 11


def test_one_shape_serves_all_frames_and_is_at_rest(track: FaceTrack) -> None:
    upright = track.head.upright.copy()
    open_mouth = upright.copy()
    open_mouth[:, [14, 317, 87, 402, 178, 152], 1] += 0.3
    shape = identity_shape(np.concatenate([upright, open_mouth]))
    assert np.allclose(shape[2], 0)
    assert abs((shape[152] - shape[2])[1] - (upright[:, 152] - upright[:, 2])[:, 1].mean()) < 0.02


def test_arrays_hold_all(track: FaceTrack) -> None:
    head = metric_head(track.head, 640, 360)
    again = MetricHead.from_arrays(head.arrays())
    assert np.array_equal(again.rotation, head.rotation)
    assert np.array_equal(again.picture(640, 360), head.picture(640, 360))
