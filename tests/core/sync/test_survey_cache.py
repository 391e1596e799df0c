# SPDX-License-Identifier: Apache-2.0
"""The face map is made once a plate: later dubs find it, and give the very same pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from plosive.demo.sample import SamplePlate, write_sample
from plosive.errors import MediaReadError
from plosive.faces.finding.tracker import FaceTracker
from plosive.generate.crops import CropFile
from plosive.media import open_plate
from plosive.media.fingerprint import fingerprint
from plosive.progress import SilentProgress
from plosive.sync.known_survey import SurveyCache
from plosive.sync.stopwatch import Stopwatch
from plosive.sync.survey import PlateSurvey, survey_plate


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PLOSIVE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "faces"


@pytest.fixture
def plate(tmp_path: Path) -> Path:
    path = tmp_path / "plate.mov"
    write_sample(path, SamplePlate(8, 320, 180), SilentProgress())
    return path


def surveyed(plate: Path, crops: CropFile, with_observations: bool = False) -> tuple[PlateSurvey, Stopwatch]:
    watch = Stopwatch()
    with open_plate(plate) as reader:
        survey = survey_plate(reader, crops, SilentProgress(), watch, with_observations, SurveyCache(reader))
    return survey, watch


def require_same(one: PlateSurvey, other: PlateSurvey) -> None:
    assert [track.number for track in one.tracks] == [track.number for track in other.tracks]
    assert one.cut_indices == other.cut_indices
    for first, second in zip(one.tracks, other.tracks, strict=True):
        np.testing.assert_array_equal(first.landmarks, second.landmarks)
        np.testing.assert_array_equal(first.indices, second.indices)
        known, again = one.library(first), other.library(second)
        assert len(known) == len(again) > 0
        np.testing.assert_array_equal(known.inside, again.inside)
        np.testing.assert_array_equal(known.redness, again.redness)
        for source in range(len(known)):
            pixels, box = known.pixels(source)
            np.testing.assert_array_equal(pixels, again.pixels(source)[0])
            assert box == again.pixels(source)[1]


def test_the_second_look_does_no_face_work_and_finds_the_same(
    plate: Path, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with CropFile(str(tmp_path)) as crops:
        first, _ = surveyed(plate, crops)
        assert len(list(cache.iterdir())) == 1
        monkeypatch.setattr(FaceTracker, "see", lambda *_: pytest.fail("a face was looked for again"))
        copied = tmp_path / "copy of it.mkv"
        copied.write_bytes(plate.read_bytes())
        again, watch = surveyed(copied, crops)
        require_same(first, again)
        assert "faces" not in watch.seconds


def test_another_picture_is_looked_at_anew(plate: Path, cache: Path, tmp_path: Path) -> None:
    with CropFile(str(tmp_path)) as crops:
        surveyed(plate, crops)
        write_sample(plate, SamplePlate(9, 320, 180), SilentProgress())
        assert len(surveyed(plate, crops)[0].tracks[0].indices) == 9
    assert len(list(cache.iterdir())) == 2


def test_measures_for_scoring_are_kept_where_they_were_made(plate: Path, cache: Path, tmp_path: Path) -> None:
    with CropFile(str(tmp_path)) as crops:
        assert surveyed(plate, crops)[0].observations == {}
        first, watch = surveyed(plate, crops, with_observations=True)
        assert "faces" in watch.seconds
        again, watch = surveyed(plate, crops, with_observations=True)
        assert "faces" not in watch.seconds
    np.testing.assert_array_equal(first.observations[1].skin, again.observations[1].skin)
    assert first.observations[1].shot == again.observations[1].shot


def test_a_damaged_file_is_dropped(plate: Path, cache: Path, tmp_path: Path) -> None:
    with CropFile(str(tmp_path)) as crops:
        first, _ = surveyed(plate, crops)
        (kept,) = cache.iterdir()
        kept.write_bytes(kept.read_bytes()[:1000])
        again, watch = surveyed(plate, crops)
        require_same(first, again)
        assert "faces" in watch.seconds


def test_nothing_is_kept_when_that_is_not_wanted(plate: Path, cache: Path, tmp_path: Path) -> None:
    with CropFile(str(tmp_path)) as crops, open_plate(plate) as reader:
        unused = SurveyCache(reader, is_used=False)
        survey_plate(reader, crops, SilentProgress(), Stopwatch(), cache=unused)
    assert not cache.exists()


def test_a_folder_that_cannot_be_made_fails_no_job(
    plate: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("PLOSIVE_CACHE", str(tmp_path / "file"))
    with CropFile(str(tmp_path)) as crops:
        assert len(surveyed(plate, crops)[0].tracks) == 1


def test_a_fingerprint_tells_content_apart_and_not_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = tmp_path / "a", tmp_path / "b"
    one.write_bytes(b"x" * 300_000)
    other.write_bytes(b"x" * 300_000)
    assert fingerprint([one]) == fingerprint([other])
    other.write_bytes(b"x" * 150_000 + b"y" + b"x" * 149_999)
    assert fingerprint([one]) != fingerprint([other])
    assert fingerprint([one, other]) != fingerprint([other, one])
    with pytest.raises(MediaReadError, match="cannot be read"):
        fingerprint([tmp_path / "none"])
    # As if they were too large to be read whole.
    monkeypatch.setattr("plosive.media.fingerprint._WHOLE_BYTES", 1000)
    before = fingerprint([one])
    one.write_bytes(b"y" + b"x" * 299_999)
    assert fingerprint([one]) != before
