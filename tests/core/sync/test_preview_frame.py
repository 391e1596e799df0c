# SPDX-License-Identifier: Apache-2.0
"""One frame before the job: the pixels it will give."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

import plosive.sync.opened
import plosive.sync.plate_memory
from plosive.demo.sample import SamplePlate, write_sample
from plosive.errors import OptionError, RangeError
from plosive.generate.crops import CropFile
from plosive.generate.plate import PlateGenerator
from plosive.geometry import Box
from plosive.media import open_plate
from plosive.progress import SilentProgress
from plosive.sync import SyncOptions, plate_memory, sync_plate
from plosive.sync.known_survey import SurveyCache
from plosive.sync.late_crops import LateCropFile
from plosive.sync.preview_frame import FramePreviewer, sync_frame

FRAMES = 9


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("preview")
    write_sample(made / "plate.mov", SamplePlate(FRAMES, 640, 360), SilentProgress())
    return made


@pytest.fixture(scope="module")
def options(folder: Path, spoken_line: Path) -> SyncOptions:
    return SyncOptions(folder / "plate.mov", spoken_line, folder / "out.mkv", codec="ffv1", frame_range="0-5")


def test_a_frame_is_the_jobs_to_the_bit_with_and_without_what_is_known(
    options: SyncOptions, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLOSIVE_CACHE", str(tmp_path / "cache"))
    sought = sync_frame(options, 4, 4000)  # nothing is known yet
    sync_plate(options, SilentProgress())
    with open_plate(options.out) as reader:
        wanted = [frame.rgb8() for frame in reader.frames()]
    with FramePreviewer() as previewer:
        shown = {number: previewer.frame(options, number, 4000) for number in (4, 3, 7)}
        small = previewer.frame(options, 3, 100)
        other = previewer.frame(replace(options, strength=0.5), 3, 4000)
        again = previewer.frame(options, 3, 4000)
        shutil.copy(options.plate, tmp_path / "other.mov")
        between = []
        for most_bytes in (1 << 40, 0):  # what is found there may be kept, or is too much
            monkeypatch.setattr(plate_memory, "_MOST_CROP_BYTES", most_bytes)
            with open_plate(tmp_path / "other.mov") as other_plate:
                previewer.survey(other_plate, other_plate, SilentProgress(), SurveyCache(other_plate))
            between.append(previewer.frame(options, 4, 4000).picture)
    assert all(np.array_equal(picture, wanted[4]) for picture in between)
    assert np.array_equal(sought.picture, wanted[4])
    for number, one in shown.items():
        assert np.array_equal(one.picture, wanted[number]), number
        assert one.number == number
    assert shown[7].reason == "outside --range" and shown[4].reason == ""
    assert "speech" not in shown[3].stage_seconds, "the second frame of a job is only rendered"
    assert np.array_equal(small.picture, cv2.resize(wanted[3], (100, 56), interpolation=cv2.INTER_AREA))
    assert not np.array_equal(other.picture, wanted[3]), "other options, another frame"
    assert np.array_equal(again.picture, wanted[3])


def test_what_cannot_be_shown_is_told(options: SyncOptions, monkeypatch: pytest.MonkeyPatch) -> None:
    with FramePreviewer() as previewer:
        with pytest.raises(OptionError, match="1 pixel"):
            previewer.frame(options, 3, 0)
        facts = replace(PlateGenerator.facts, is_any_order=False)
        monkeypatch.setattr(PlateGenerator, "facts", facts)
        with pytest.raises(OptionError, match="in order"):
            previewer.frame(options, 3, 100)
        monkeypatch.undo()
        with pytest.raises(RangeError, match="frames 0-8"):
            previewer.frame(options, FRAMES, 100)
        with pytest.raises(RangeError, match="frames 0-5"):
            previewer.frame(replace(options, only_range=True), 7, 100)
    assert plosive.sync.opened.find_generator("plate").facts.is_any_order


@pytest.mark.parametrize("is_sought", [True, False])
def test_pixels_read_late_are_those_read_at_once(folder: Path, is_sought: bool) -> None:
    boxes = {1: Box(10, 20, 60, 50), 2: Box(0, 0, 8, 8), 7: Box(300, 100, 340, 160)}
    with open_plate(folder / "plate.mov") as reader, CropFile() as early, LateCropFile(is_sought) as late:
        at_once = {
            frame.index: early.add(frame.working(boxes[frame.index]), boxes[frame.index])
            for frame in reader.frames()
            if frame.index in boxes
        }
        late.attend(reader)
        tickets = {index: late.promise(index, box) for index, box in boxes.items()}
        own = late.add(np.ones((4, 4, 3), np.float32), Box(0, 0, 4, 4))
        late.read_ahead(SilentProgress())
        for index in (7, 1, 2, 7):
            assert np.array_equal(late.read(tickets[index]), early.read(at_once[index]))
        assert np.allclose(late.read(own), 1, atol=1e-4)


def test_what_every_plan_looks_at_is_kept_and_lent(
    options: SyncOptions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A preview after a survey reads no more of the plate than its frame and the sources of that."""
    monkeypatch.setenv("PLOSIVE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(plosive.sync.plate_memory, "_is_sought", lambda plate: False)
    first = sync_frame(options, 3, 4000)
    (kept,) = (tmp_path / "cache" / "mouths").iterdir()
    reads: list[int] = []
    real = LateCropFile._frame
    monkeypatch.setattr(LateCropFile, "_frame", lambda self, index: reads.append(index) or real(self, index))
    monkeypatch.setattr(LateCropFile, "_read_all", lambda *_: pytest.fail("everything was read"))
    again = sync_frame(options, 3, 4000)
    assert len(reads) <= 2
    assert np.array_equal(again.picture, first.picture)
    monkeypatch.undo()
    monkeypatch.setenv("PLOSIVE_CACHE", str(tmp_path / "cache"))
    kept.write_bytes(b"damaged")
    assert np.array_equal(sync_frame(options, 3, 4000).picture, first.picture)


def test_a_survey_leaves_its_pictures_to_the_first_frame(
    options: SyncOptions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLOSIVE_CACHE", str(tmp_path / "cache"))
    with FramePreviewer() as previewer, open_plate(options.plate) as plate:
        previewer.survey(plate, plate, SilentProgress(), SurveyCache(plate))
        monkeypatch.setattr(LateCropFile, "_frame", lambda *_: pytest.fail("the plate was read again"))
        shown = previewer.frame(options, 3, 4000)
        with pytest.raises(RangeError, match="frames 0-8"):
            previewer.frame(options, 20, 4000)
    monkeypatch.undo()
    monkeypatch.setenv("PLOSIVE_CACHE", str(tmp_path / "cache"))
    for path in (tmp_path / "cache" / "mouths").iterdir():
        path.unlink()
    assert np.array_equal(shown.picture, sync_frame(options, 3, 4000).picture)
