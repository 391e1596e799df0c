# SPDX-License-Identifier: Apache-2.0
"""Other shots of the plate lend mouths to the shot that lacks them."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tests.core.sync.plates import a_plate

from plosive.contract.picture import PictureFrame
from plosive.faces.measure import INNER_LIP_PAIRS, mouth_channels
from plosive.faces.track import FaceTrack
from plosive.generate.crops import CropFile
from plosive.generate.pool import SourcePool
from plosive.generate.protocol import MouthWish
from plosive.generate.sources import SourceCollector, SourceLibrary
from plosive.progress import SilentProgress
from plosive.sync.other_shots import other_shots
from plosive.sync.take_pictures import pools_with_takes

COUNT, SECOND_SHOT = 20, 30
DARKER = np.float32(0.8)


def _shot(track: FaceTrack, number: int, first: int) -> FaceTrack:
    there_and_back = np.r_[0:10, 9:-1:-1]
    return replace(
        track,
        number=number,
        shot=number,
        person=1,
        indices=np.arange(first, first + COUNT),
        landmarks=track.landmarks[there_and_back],
    )


def _library(
    portrait: list[PictureFrame], track: FaceTrack, gain: np.float32, crops: CropFile
) -> SourceLibrary:
    collector = SourceCollector(crops)
    for row in range(COUNT):
        picture = portrait[min(row, 19 - row)].picture * gain
        collector.add(PictureFrame(row, picture.astype(np.float32)), track.landmarks[row])
    return collector.library()


def _closed(track: FaceTrack) -> FaceTrack:
    landmarks = track.landmarks.copy()
    upper, lower = INNER_LIP_PAIRS.T
    landmarks[:, upper] = landmarks[:, lower] = (landmarks[:, upper] + landmarks[:, lower]) / 2
    return replace(track, landmarks=landmarks)


def _wish(track: FaceTrack, values: NDArray[np.float32]) -> MouthWish:
    none = np.zeros(len(values), dtype=np.float32)
    fields = {name: none for name in MouthWish.__dataclass_fields__} | {"values": values}
    return MouthWish(**fields)


def test_a_closed_shot_opens_with_mouths_of_another_shot_in_its_own_light(
    portrait: list[PictureFrame], track: FaceTrack, tmp_path: Path
) -> None:
    second = _shot(track, 2, SECOND_SHOT)
    first = _closed(_shot(track, 1, 0))
    info = a_plate(60)
    times = [Fraction(index, 25) for index in range(60)]
    with CropFile(str(tmp_path)) as crops:
        libraries = {
            1: _library(portrait, first, np.float32(1), crops),
            2: _library(portrait, second, DARKER, crops),
        }
        pool = SourcePool.of(first, libraries[1])
        wish = _wish(first, mouth_channels(second.head.upright))
        takes = {1: other_shots(first, [first, second], info, times)}
        pools = pools_with_takes({1: pool}, {1: wish}, takes, info, SilentProgress(), libraries)
        lent = np.flatnonzero(pools[1].rows < 0)
        assert len(lent) >= 6
        assert (pools[1].take[lent] == 0).all(), "it is the plate's own picture"
        assert (pools[1].frame_indices[lent] >= SECOND_SHOT).all()
        there = pools[1].lit_pixels(int(lent[0]), 0)[0].mean()
        row = int(pools[1].frame_indices[lent[0]]) - SECOND_SHOT
        lit = libraries[1].pixels(row)[0].mean()
        raw = libraries[2].pixels(row)[0].mean()
        assert abs(there - lit) < 0.25 * abs(raw - lit)


def test_another_person_lends_nothing(track: FaceTrack) -> None:
    first, other = _shot(track, 1, 0), replace(_shot(track, 2, SECOND_SHOT), person=2)
    times = [Fraction(index, 25) for index in range(60)]
    assert other_shots(first, [first, other], a_plate(60), times) == ()
