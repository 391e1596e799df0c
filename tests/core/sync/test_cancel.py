# SPDX-License-Identifier: Apache-2.0
"""A job stops in whatever it does, leaves nothing, and shows what it makes."""

from __future__ import annotations

from pathlib import Path

import cv2
import pytest

from plosive.demo.sample import SamplePlate, write_sample
from plosive.errors import JobCancelled
from plosive.progress import SilentProgress
from plosive.sync import LatestPicture, SyncOptions, sync_plate

FRAMES = 8


class Until(SilentProgress):
    """Cancels at the `calls`-th call inside a stage."""

    def __init__(self, stage: str, calls: int = 1) -> None:
        super().__init__()
        self.stages: list[str] = []
        self._stage, self._calls = stage, calls

    def start(self, stage: str, total_frames: int | None) -> None:
        self.stages.append(stage)
        self._count(stage)

    def advance(self, frames: int = 1) -> None:
        self._count(self.stages[-1])

    def _count(self, stage: str) -> None:
        if stage == self._stage:
            self._calls -= 1
            if self._calls == 0:
                raise JobCancelled("The job was cancelled.")


@pytest.fixture(scope="module")
def plate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("cancel") / "plate.mov"
    write_sample(path, SamplePlate(FRAMES, 640, 360), SilentProgress())
    return path


def test_every_stage_can_be_cancelled_and_nothing_is_left(
    plate: Path, spoken_line: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLOSIVE_CACHE", str(tmp_path / "cache"))
    place = tmp_path / "results"
    place.mkdir()
    options = SyncOptions(plate, spoken_line, place / "out.mov", elements=place / "layers")
    for stage, calls in (("open", 1), ("faces", 4), ("speech", 2), ("plan", 1), ("render", 3)):
        with pytest.raises(JobCancelled):
            sync_plate(options, Until(stage, calls))
        assert list(place.iterdir()) == [], stage
    picture = LatestPicture(tmp_path / "latest.jpg", 200, 0.0)
    told = Until("never")
    sync_plate(options, told, picture=picture)
    assert told.stages == ["open", "faces", "speech", "plan", "render"]
    shown = cv2.imread(str(picture.path))
    assert shown.shape == (112, 200, 3) and picture.number == FRAMES - 1


def test_a_picture_that_cannot_be_written_fails_nothing(plate: Path, tmp_path: Path) -> None:
    from plosive.media import open_plate

    now = [0.0]
    picture = LatestPicture(tmp_path / "no" / "folder.jpg", 100, 2.0, lambda: now[0])
    good = LatestPicture(tmp_path / "good.jpg", 100, 2.0, lambda: now[0])
    with open_plate(plate) as reader:
        for frame in reader.frames():
            picture.offer(frame)
            good.offer(frame)
            now[0] += 0.75
    assert picture.number is None
    assert good.number == 6, "every two seconds"
    assert [path.name for path in tmp_path.iterdir()] == ["good.jpg"]
