# SPDX-License-Identifier: Apache-2.0
"""People are found once for all that follows; what a killed process left is found by its number alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from plosive.demo.sample import SamplePlate, write_sample
from plosive.faces.survey import survey_faces
from plosive.media import open_plate
from plosive.progress import SilentProgress
from plosive.sync.known_survey import SurveyCache
from plosive.sync.people import find_people


class Counting(SilentProgress):
    def __init__(self) -> None:
        super().__init__()
        self.frames = 0

    def advance(self, frames: int = 1) -> None:
        self.frames += frames


def test_people_are_looked_for_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLOSIVE_CACHE", str(tmp_path / "cache"))
    plate = tmp_path / "plate.mov"
    write_sample(plate, SamplePlate(14, 640, 360), SilentProgress())
    first, second = Counting(), Counting()
    found = find_people(plate, first)
    assert first.frames == 14
    with open_plate(plate) as reader:
        assert SurveyCache(reader).find(False) is not None, "a job finds it, too"
    again = find_people(plate, second)
    assert second.frames == 0
    for one in (found, again):
        (track,) = one.roll.tracks
        assert (track.number, track.person, len(track.indices)) == (1, 1, 14)
        assert [thumbnail.index for thumbnail in one.thumbnails[1]] == [2, 7, 11]
        assert all(thumbnail.picture.shape == (192, 192, 3) for thumbnail in one.thumbnails[1])
    assert np.array_equal(found.thumbnails[1][1].picture, again.thumbnails[1][1].picture)
    other = survey_faces(plate, SilentProgress())
    apart = other.roll.tracks[0].landmarks[..., :2] - found.roll.tracks[0].landmarks[..., :2]
    assert np.abs(apart).max() < 1, "`faces` does not settle landmarks, `sync` does"
