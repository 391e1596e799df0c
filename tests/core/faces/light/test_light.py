# SPDX-License-Identifier: Apache-2.0
"""Light on a face whose light is known: the demo's portrait under gains of our own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.core.conftest import PictureFrame
from tests.core.faces.light.lit import gain_of, lit

from plosive.colour.transfer import Transfer, linear_from_scene, scene_from_linear
from plosive.faces.light.face_light import FaceLight
from plosive.faces.light.observer import LightObserver
from plosive.faces.light.relighting import relit, stops_of, working_of_view
from plosive.faces.light.texels import texels_of
from plosive.faces.measure import mouth_channels
from plosive.faces.track import FaceTrack
from plosive.generate.crops import CropFile
from plosive.generate.plate import PlateGenerator
from plosive.generate.pool import SourcePool
from plosive.generate.protocol import MouthWish, Shot
from plosive.generate.sources import SourceCollector, in_usual_light
from plosive.geometry import Box


def _under(
    portrait: list[PictureFrame], track: FaceTrack, change: str, rows: int
) -> tuple[list[NDArray[np.float32]], list[NDArray[np.float32]]]:
    """The portrait's pictures under a change of light, and its gains (h, w, 3)."""
    points = track.landmarks[0]
    face = np.array([*points[:, :2].mean(axis=0), np.linalg.norm(points[234] - points[454])], np.float32)
    size = portrait[0].width, portrait[0].height
    # Every third frame, so that a second of shadow passes within the portrait's ten.
    gains = [gain_of(change, 3 * row, 3 * rows, 25.0, face, size) for row in range(rows)]
    pictures = [lit(portrait[row].picture, gain) for row, gain in enumerate(gains)]
    return pictures, [np.broadcast_to(gain, pictures[0].shape) for gain in gains]


def _watched(pictures: list[NDArray[np.float32]], track: FaceTrack) -> FaceLight:
    observer = LightObserver()
    for row, index in enumerate(track.indices.tolist()):
        rgb = np.rint(np.clip(pictures[row], 0, 1) * 255).astype(np.uint8)
        observer.add(index, rgb, track.landmarks[row])
    return observer.finish(track)


def _field(light: FaceLight, track: FaceTrack, row: int, wanted: int) -> tuple[NDArray[np.float32], Box]:
    """Stops laid over the lower face when row `row` is brought to the light of `wanted`: read off grey."""
    points = track.landmarks[row]
    left, top = points[[61, 205, 164], :2].min(axis=0).astype(int)
    right, bottom = points[[291, 425, 199], :2].max(axis=0).astype(int)
    box = Box(int(left), int(top), int(right), int(bottom))
    grey = np.full((box.height, box.width, 3), 0.5, np.float32)
    return 2.4 * np.log2(light.relit(grey, box, points, row, wanted) / grey), box


@pytest.mark.parametrize(
    ("change", "mean_error", "largest"),
    [
        ("flicker", 0.05, 0.15),
        ("mains", 0.05, 0.15),
        ("tubes", 0.05, 0.15),
        ("ramp", 0.05, 0.15),
        ("shadow_soft", 0.15, 0.7),
        ("shadow_hard", 0.25, 1.2),
    ],
)
def test_known_changes_are_recovered(
    portrait: list[PictureFrame], track: FaceTrack, change: str, mean_error: float, largest: float
) -> None:
    pictures, gains = _under(portrait, track, change, len(track.indices))
    light = _watched(pictures, track)
    errors = []
    for row in range(1, len(track.indices)):
        found, box = _field(light, track, row, 0)
        there = track.landmarks[0, 1, :2] - track.landmarks[row, 1, :2]
        wanted = np.log2(gains[0][box.moved(*np.rint(there).astype(int)).slices])
        errors.append(np.abs(found - (wanted - np.log2(gains[row][box.slices]))))
    assert np.mean([error.mean() for error in errors]) < mean_error
    assert max(float(error.max()) for error in errors) < largest


def test_steady_light_changes_nothing(portrait: list[PictureFrame], track: FaceTrack) -> None:
    light = _watched([frame.picture for frame in portrait], track)
    assert np.abs(light.stops).max() < 0.05
    crop = np.full((20, 30, 3), 0.5, np.float32)
    same = FaceLight.steady(2, light.coords, Transfer.BT1886)
    assert same.relit(crop, Box(0, 0, 30, 20), track.landmarks[0], 0, 1) is crop


def test_black_and_flash_frames_are_finite(portrait: list[PictureFrame], track: FaceTrack) -> None:
    pictures = [frame.picture.copy() for frame in portrait]
    pictures[3][:] = 0
    pictures[6] = np.clip(pictures[6] * 4, 0, 1)
    light = _watched(pictures, track)
    assert np.isfinite(light.stops).all()
    assert light.levels[3].max() < -2
    assert light.levels[6].min() > 0.5
    found, _ = _field(light, track, 0, 3)
    assert np.isfinite(found).all() and found.max() < -6
    rest = np.delete(light.stops, [3, 6], axis=0)
    assert np.abs(rest).max() < 0.1


def test_all_black_or_all_clipped_is_steady(portrait: list[PictureFrame], track: FaceTrack) -> None:
    for level in (0.0, 1.0):
        light = _watched([np.full_like(frame.picture, level) for frame in portrait], track)
        assert np.abs(light.stops).max() < 1e-3


def test_a_face_out_of_the_picture_is_finite(portrait: list[PictureFrame], track: FaceTrack) -> None:
    points = track.landmarks + np.array([600, 0, 0], np.float32)
    observer = LightObserver()
    for row, index in enumerate(track.indices.tolist()):
        observer.add(index, portrait[row].rgb8(), points[row])
    assert np.isfinite(observer.finish(replace(track, landmarks=points)).stops).all()


def test_rows_that_were_not_shown_get_their_neighbour(portrait: list[PictureFrame], track: FaceTrack) -> None:
    pictures, _ = _under(portrait, track, "ramp", len(track.indices))
    observer = LightObserver()
    for row in (0, 1, 7, 8):
        rgb = np.rint(np.clip(pictures[row], 0, 1) * 255).astype(np.uint8)
        observer.add(int(track.indices[row]), rgb, track.landmarks[row])
    light = observer.finish(track)
    assert len(light.stops) == len(track.indices)
    assert np.abs(light.levels[3] - light.levels[1]).max() < 0.1
    assert np.abs(light.levels[5] - light.levels[7]).max() < 0.1
    assert not LightObserver().finish(track).stops.any()


def test_arrays_come_back(portrait: list[PictureFrame], track: FaceTrack, tmp_path: Path) -> None:
    pictures, _ = _under(portrait, track, "ramp", len(track.indices))
    light = replace(_watched(pictures, track), transfer=Transfer.SCENE)
    np.savez(tmp_path / "light.npz", **light.arrays())
    with np.load(tmp_path / "light.npz") as stored:
        again = FaceLight.from_arrays(dict(stored))
    assert again.transfer is Transfer.SCENE
    assert np.array_equal(again.stops, light.stops)
    assert np.array_equal(again.coords, light.coords)


@pytest.mark.parametrize("transfer", list(Transfer))
def test_a_stop_is_a_stop(transfer: Transfer) -> None:
    import torch

    from plosive.colour.transfer import to_linear

    pixels = np.linspace(0.1, 0.6, 30, dtype=np.float32).reshape(2, 5, 3)
    brighter = relit(pixels, np.float32(1), transfer)
    gain = to_linear(torch.from_numpy(brighter), transfer) / to_linear(torch.from_numpy(pixels), transfer)
    assert np.allclose(gain.numpy(), 2, rtol=0.02)
    extreme = np.array([[[-0.4, 0.0, 1.6]]], np.float32)
    for stops in (-4.0, 4.0):
        assert np.isfinite(relit(extreme, np.float32(stops), transfer)).all()


def test_linear_pictures_are_read_through_their_view() -> None:
    from plosive.media.imageframe import view_of_linear

    linear = np.array([0.09, 0.18, 0.72], np.float32)
    shown = view_of_linear(linear)
    codes = 255 * (1.055 * shown ** (1 / 2.4) - 0.055)
    back = working_of_view()[np.rint(codes).astype(int)]
    assert np.allclose(stops_of(back, Transfer.SCENE), np.log2(linear), atol=0.06)
    coded = scene_from_linear(linear)
    assert np.allclose(
        linear_from_scene(relit(coded, np.float32(-5), Transfer.SCENE)), linear / 32, rtol=0.02
    )


def test_float_plates_are_followed_far_above_white(portrait: list[PictureFrame], track: FaceTrack) -> None:
    observer = LightObserver(Transfer.SCENE)
    for row, index in enumerate(track.indices.tolist()):
        linear = portrait[row].picture ** 2.4 * (8.0 if row == 5 else 1.0)
        frame = PictureFrame(index, scene_from_linear(linear.astype(np.float32)))
        view = np.rint(np.clip(portrait[row].picture, 0, 1) * 255).astype(np.uint8)
        observer.add(index, view, track.landmarks[row], frame)
    light = observer.finish(track)
    assert np.abs(light.levels[5] - 3).max() < 0.15
    assert np.abs(np.delete(light.levels, 5, axis=0)).max() < 0.1


def test_places_are_spread_over_the_lower_face(track: FaceTrack) -> None:
    texels = texels_of(track.landmarks[0])
    assert 150 < len(texels) < 400
    assert 20 < texels.is_mouth.sum() < len(texels) / 2
    assert np.allclose(texels.weights.sum(axis=1), 1, atol=1e-5)
    assert texels.is_facing(track.landmarks[0]).mean() > 0.6
    mirrored = track.landmarks[0] * np.array([-1, 1, 1], np.float32)
    assert not texels.is_facing(mirrored).any()


def test_mouths_follow_the_light(portrait: list[PictureFrame], track: FaceTrack, tmp_path: Path) -> None:
    """Every new mouth comes out as the unchanged plate's would under the same light: both from one source,
    two frames away; the first rows of the ramp drive red over white, where no 8-bit view tells light.
    """
    wish = _wish(track)
    rendered = {}
    for change in ("steady", "ramp"):
        pictures, gains = _under(portrait, track, change, len(track.indices))
        frames = [PictureFrame(row, picture) for row, picture in enumerate(pictures)]
        lighted = replace(track, light=_watched(pictures, track))
        with CropFile(str(tmp_path)) as crops:
            collector = SourceCollector(crops)
            for row, frame in enumerate(frames):
                collector.add(frame, track.landmarks[row])
            library = collector.library()
            calm = in_usual_light(library, lighted)
            pool = SourcePool.of(lighted, library).only(np.array([6]))
            plan = PlateGenerator().plan(Shot(lighted, wish, pool, 0))
            patches = [plan.render(row, frames[row]) for row in (4, 8)]
        rendered[change] = patches, gains, calm.light.mean(axis=(1, 2))
    assert np.ptp(rendered["ramp"][2], axis=0).max() < 0.02
    for number, row in enumerate((4, 8)):
        plain, changed = rendered["steady"][0][number], rendered["ramp"][0][number]
        assert plain is not None and changed is not None
        inside = plain.mouth_matte > 0.9
        wanted = lit(plain.mouth, rendered["ramp"][1][row][plain.box.slices])[inside].mean(axis=0)
        assert np.abs(changed.mouth[inside].mean(axis=0) - wanted).max() < 0.012


def _wish(track: FaceTrack) -> MouthWish:
    still = np.zeros(len(track.indices), np.float32)
    return MouthWish(mouth_channels(track.head.upright), still, still, still)
