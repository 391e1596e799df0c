# SPDX-License-Identifier: Apache-2.0
"""What a mouth does in the plate must not reach what it shall do: a frame is never its own source.

Its neighbours may serve it, as plain pictures: their shape, light and pose decide, and nothing of the frame's
own mouth does.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from plosive.faces.measure import mouth_channels
from plosive.faces.topology import OUTER_LIPS
from plosive.faces.track import FaceTrack
from plosive.generate import find_generator
from plosive.generate.choice import skin_around
from plosive.generate.crops import CropFile
from plosive.generate.pool import SourcePool
from plosive.generate.protocol import MouthWish, Shot
from plosive.generate.sources import SourceCollector

GREEN = np.array([0.0, 1.0, 0.0], np.float32)


def painted(frame, points: np.ndarray):  # type: ignore[no-untyped-def]
    """`frame` with its mouth painted green."""
    solid = np.zeros(frame.picture.shape[:2], np.uint8)
    cv2.fillPoly(solid, [np.round(points[OUTER_LIPS, :2]).astype(np.int32)], 1)
    return type(frame)(frame.index, np.where(solid[..., None] > 0, GREEN, frame.picture))


@pytest.mark.parametrize("row", [0, 4, 9])
def test_a_mouth_painted_green_is_not_seen_in_its_own_frame(
    row: int, track: FaceTrack, portrait: list, tmp_path: Path
) -> None:
    frames = list(portrait)
    frames[row] = painted(frames[row], track.landmarks[row])
    values = mouth_channels(track.head.upright)  # all as it is: no frame fits better than its own
    none = np.zeros(len(values), np.float32)
    with CropFile(str(tmp_path)) as crops:
        collector = SourceCollector(crops)
        for place, frame in enumerate(frames):
            collector.add(frame, track.landmarks[place])
        pool = SourcePool.of(track, collector.library())
        shot = Shot(track, MouthWish(values, none, none, none), pool, seed=0)
        patch = find_generator("plate").plan(shot).render(row, frames[row])
    assert patch is not None
    shown = patch.mouth * patch.mouth_matte[..., None] + patch.base * (1 - patch.mouth_matte[..., None])
    greener = shown[..., 1] - shown[..., [0, 2]].max(axis=-1)
    assert greener.max() < 0.1


def test_the_own_mouth_does_not_ask_for_mouths_like_it(
    track: FaceTrack, portrait: list, tmp_path: Path
) -> None:
    """What asks for sources in a frame's light is the skin around its mouth."""
    asked = []
    for frame in (portrait[4], painted(portrait[4], track.landmarks[4])):
        with CropFile(str(tmp_path)) as crops:
            collector = SourceCollector(crops)
            collector.add(frame, track.landmarks[4])
            asked.append(skin_around(collector.library().light))
    assert np.array_equal(asked[0], asked[1])
    assert asked[0].std() > 0
