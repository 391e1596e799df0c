# SPDX-License-Identifier: Apache-2.0
"""Plates that break other tools: every frame comes out, and what cannot be synced is the plate's own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from tests.core.conftest import PictureFrame

from plosive.media import open_plate
from plosive.progress import SilentProgress
from plosive.sync import SyncOptions, SyncResult, sync_plate

Picture = NDArray[np.uint8]
COUNT = 8


def write(path: Path, frames: list[Picture]) -> Path:
    """A lossless video (FFV1, 4:4:4) of RGB frames, 24 a second."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=24)
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt = "yuv444p"
        for frame in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), "rgb24")))
        container.mux(stream.encode(None))
    return path


def planes(path: Path) -> list[NDArray[np.uint16]]:
    with open_plate(path) as reader:
        return [np.stack([plane.copy() for plane in frame.planes()]) for frame in reader.frames()]  # type: ignore[attr-defined]


def empty(index: int = 0) -> Picture:
    """A grey room without anybody, a little brighter to the right."""
    row = np.linspace(60 + index, 120 + index, 320)
    return np.repeat(np.repeat(row[None, :, None], 180, axis=0), 3, axis=2).astype(np.uint8)


def noise(seed: int) -> Picture:
    coarse = np.random.default_rng(seed).uniform(0, 255, (18, 32, 3)).astype(np.float32)
    return np.clip(cv2.resize(coarse, (320, 180), interpolation=cv2.INTER_CUBIC), 0, 255).astype(np.uint8)


def shrunk(face: Picture, width: int) -> Picture:
    """The portrait `width` pixels wide in the middle of the empty room."""
    height = round(width * face.shape[0] / face.shape[1])
    small = cv2.resize(face, (width, height), interpolation=cv2.INTER_AREA)
    room = empty()
    top, left = (180 - height) // 2, (320 - width) // 2
    room[top : top + height, left : left + width] = small
    return room


@pytest.fixture(scope="session")
def faces(portrait: list[PictureFrame]) -> list[Picture]:
    """The portrait, 320 x 180, its face 65 pixels wide."""
    return [cv2.resize(frame.rgb8(), (320, 180), interpolation=cv2.INTER_AREA) for frame in portrait[:COUNT]]


def nobody(faces: list[Picture]) -> list[Picture]:
    return [empty(index) for index in range(COUNT)]


def at_the_last_frame(faces: list[Picture]) -> list[Picture]:
    return [*(empty() for _ in faces[1:]), faces[-1]]


def one_frame(faces: list[Picture]) -> list[Picture]:
    return faces[:1]


def cut_by_the_edge(faces: list[Picture]) -> list[Picture]:
    return [np.roll(face, 150, axis=1)[:, :320] for face in faces]


def twenty_pixels(faces: list[Picture]) -> list[Picture]:
    return [shrunk(face, 100) for face in faces]


def mirrored(faces: list[Picture]) -> list[Picture]:
    return [face[:, ::-1] for face in faces]


def upside_down(faces: list[Picture]) -> list[Picture]:
    return [face[::-1, ::-1] for face in faces]


def on_its_side(faces: list[Picture]) -> list[Picture]:
    return [np.rot90(face) for face in faces]


def shots_of_one_frame(faces: list[Picture]) -> list[Picture]:
    return [face if index % 2 else noise(index) for index, face in enumerate(faces)]


def black_and_flash(faces: list[Picture]) -> list[Picture]:
    black, flash = np.zeros_like(faces[0]), np.full_like(faces[0], 255)
    return [*faces[:3], black, faces[4], flash, *faces[6:]]


def sync(plate: Path, dub: Path, folder: Path, **options: object) -> SyncResult:
    wish = SyncOptions(plate, dub, folder / "out.mkv", codec="ffv1", **options)  # type: ignore[arg-type]
    return sync_plate(wish, SilentProgress())


@pytest.mark.parametrize(
    ("made", "least_synced"),
    [
        (nobody, 0),
        (at_the_last_frame, 0),
        (one_frame, 1),
        (cut_by_the_edge, 0),
        (twenty_pixels, 0),
        (mirrored, COUNT),
        (upside_down, COUNT),
        (on_its_side, COUNT),
        (shots_of_one_frame, 0),
        (black_and_flash, COUNT - 4),
    ],
)
def test_every_frame_comes_out(
    made: Callable[[list[Picture]], list[Picture]],
    least_synced: int,
    faces: list[Picture],
    spoken_line: Path,
    tmp_path: Path,
) -> None:
    frames = made(faces)
    plate = write(tmp_path / "plate.mkv", frames)
    result = sync(plate, spoken_line, tmp_path)
    before, after = planes(plate), planes(result.out)
    assert len(after) == result.frames_total == len(frames)
    assert result.frames_synced >= least_synced
    kept = {
        index: reason
        for first, last_inclusive, reason in result.kept_ranges
        for index in range(first, last_inclusive + 1)
    }
    assert len(kept) == len(frames) - result.frames_synced
    for index, reason in kept.items():
        assert reason
        np.testing.assert_array_equal(after[index], before[index])
    for one, other in zip(before, after, strict=True):
        assert (one != other).mean() < 0.2, "only a mouth may change"


def test_a_range_without_sync_is_the_plates_own(
    faces: list[Picture], spoken_line: Path, tmp_path: Path
) -> None:
    from plosive.speakers import NoSync

    plate = write(tmp_path / "plate.mkv", faces)
    result = sync(plate, spoken_line, tmp_path, no_sync=(NoSync("2-4"),))
    assert result.kept_ranges == ((2, 4, "no lip sync wanted"),)
    before, after = planes(plate), planes(result.out)
    for index in (2, 3, 4):
        np.testing.assert_array_equal(after[index], before[index])
    assert any((before[index] != after[index]).any() for index in (0, 1, 5, 6, 7))
