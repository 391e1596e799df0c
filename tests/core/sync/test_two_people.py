# SPDX-License-Identifier: Apache-2.0
"""Two people side by side in one job: each mouth says its own dub, and elements hold both."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from tests.core.composite.elements_made import whole
from tests.core.conftest import PictureFrame
from tests.core.sync.test_hard_plates import write
from tests.core.sync.test_job import silence

from plosive.faces.finding.tracker import FaceTracker
from plosive.faces.measure import aperture_iod
from plosive.media import open_plate, read_dub
from plosive.progress import SilentProgress
from plosive.speakers import Speaker
from plosive.sync import SyncOptions, SyncResult, sync_plate

COUNT = 20


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("two")


@pytest.fixture(scope="module")
def plate(portrait: list[PictureFrame], folder: Path) -> Path:
    """The portrait on the left; on the right the portrait mirrored, a little larger and in colder light."""
    frames = []
    for index in range(COUNT):
        left = portrait[min(index, 18 - index) % len(portrait)].rgb8()[:, 140:500]
        right = cv2.resize(left[:, ::-1], None, fx=1.15, fy=1.15, interpolation=cv2.INTER_CUBIC)[:360, :360]
        right = np.clip(right * np.array([0.8, 0.95, 1.1]), 0, 255).astype(np.uint8)
        frames.append(np.hstack([left, right]))
    return write(folder / "plate.mkv", frames)


@pytest.fixture(scope="module")
def places(plate: Path) -> dict[str, str]:
    """A click on each face of the first frame."""
    with open_plate(plate) as reader, FaceTracker() as tracker:
        faces = tracker.see(0, next(iter(reader.frames())).rgb8())
    noses = sorted(face.landmarks[1, :2].tolist() for face in faces)
    assert len(noses) == 2
    return {side: f"{x:.0f},{y:.0f}@0" for side, (x, y) in zip(("left", "right"), noses, strict=True)}


@pytest.fixture(scope="module")
def synced(plate: Path, places: dict[str, str], spoken_line: Path, folder: Path) -> SyncResult:
    """The left one speaks the demo's line, the right one says nothing."""
    quiet = silence(folder / "quiet.wav", 1.0)
    speakers = (
        Speaker(places["left"], str(spoken_line), transcript="Maybe Bob prefers fluffy purple muffins"),
        Speaker(places["right"], str(quiet)),
    )
    out = folder / "out.mkv"
    options = SyncOptions(
        plate, None, out, speakers=speakers, codec="ffv1", elements=folder / "elements", use_cache=False
    )
    return sync_plate(options, SilentProgress())


def test_each_mouth_says_its_own(synced: SyncResult) -> None:
    assert synced.frames_synced == COUNT
    left, right = [], []
    with open_plate(synced.out) as reader, FaceTracker() as tracker:
        for frame in reader.frames():
            for face in tracker.see(frame.index, frame.rgb8()):
                (left if face.landmarks[1, 0] < 360 else right).append(face.landmarks)
    assert len(left) == len(right) == COUNT
    assert aperture_iod(np.stack(left)).max() > 0.06
    assert aperture_iod(np.stack(right)).max() < 0.04


def test_the_report_and_the_files_know_both(
    synced: SyncResult, places: dict[str, str], spoken_line: Path
) -> None:
    report = json.loads((synced.out.parent / "out.plosive.json").read_text(encoding="utf-8"))
    assert [speaker["name"] for speaker in report["speakers"]] == list(places.values())
    assert {tuple(speaker["persons"]) for speaker in report["speakers"]} == {(1,), (2,)}
    assert report["options"]["speakers"][0].startswith(f"{places['left']}={spoken_line}")
    assert len(list(synced.out.parent.glob("out.*.motion.json"))) == 2
    assert abs(read_dub(synced.out).duration_seconds - COUNT / 24) < 1 / 20


def test_the_final_can_be_rebuilt_from_the_elements_of_both(plate: Path, synced: SyncResult) -> None:
    import torch

    from plosive.colour.transfer import to_linear, to_working
    from plosive.geometry import Box

    index = 12
    with open_plate(plate) as reader:
        frame = next(reader.frames(index))
        working = frame.working(Box(0, 0, frame.width, frame.height))
        linear = to_linear(torch.from_numpy(working), reader.info.transfer).numpy()
    layers = whole(synced.out.parent / "elements" / f"elements.{index:04d}.exr")
    rgb = ("red", "green", "blue")
    final = np.stack([layers[f"rgba.{name}"] for name in rgb], axis=2)
    mouth = np.stack([layers[f"mouth.{name}"] for name in rgb], axis=2)
    exists, share = layers["mouth.alpha"], (layers["matte.alpha"] * layers["blend.alpha"])[..., None]
    rebuilt = linear * (1 - share) + mouth * share
    assert exists[:, :360].any() and exists[:, 360:].any()
    inside = share[..., 0] > 0
    assert np.abs(rebuilt - final)[inside].max() < 1e-6
    with open_plate(synced.out) as reader:
        frame = next(reader.frames(index))
        delivered = frame.working(Box(0, 0, frame.width, frame.height))
    # The delivered frame went through 8-bit YCbCr: codes are whole numbers.
    coded = to_working(torch.from_numpy(final), reader.info.transfer).numpy()
    off = np.abs(coded - delivered)[inside]
    assert off.max() < 2.5 / 255
    assert np.median(off) < 0.6 / 255
