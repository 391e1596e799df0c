# SPDX-License-Identifier: Apache-2.0
"""Where the dub pauses, the plate stays as long as its own mouth rests."""

from __future__ import annotations

from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from tests.core.conftest import PictureFrame
from tests.core.sync.plates import a_plate
from tests.core.sync.test_hard_plates import write

from plosive.faces.track import FaceTrack
from plosive.faces.visibility import kept_ranges
from plosive.progress import SilentProgress
from plosive.speakers import NoSync
from plosive.sync import SyncOptions
from plosive.sync.kept import unsynced_frames
from plosive.sync.opened import open_job
from plosive.sync.resting import RESTING, resting_frames
from plosive.sync.stopwatch import Stopwatch
from plosive.sync.understood import understand_job

COUNT = 200
TIMES = tuple(Fraction(index, 25) for index in range(COUNT))


def speaking(track: FaceTrack, first: int, last: int) -> FaceTrack:
    """The portrait's face over 8 s, its lower lip moving four times a second from `first` to `last`."""
    landmarks = np.repeat(track.landmarks[:1], COUNT, axis=0)
    moves = np.zeros(COUNT, dtype=np.float32)
    moves[first : last + 1] = np.abs(np.sin(np.arange(last + 1 - first) * np.pi * 4 / 25)) * 8
    landmarks[:, [14, 87, 317, 17, 84, 314], 1] += moves[:, None]
    return FaceTrack(1, 0, np.arange(COUNT), landmarks, 640, 360, 1)


def kept(track: FaceTrack, told: dict[int, str] | None = None) -> list[int]:
    reasons = [(told or {}).get(index, "") for index in range(COUNT)]
    found = resting_frames(track, range(20, 180), reasons, a_plate(COUNT), TIMES)
    assert set(found.values()) <= {RESTING}
    return sorted(found)


def test_a_mouth_that_rests_keeps_all_that_is_asked(track: FaceTrack) -> None:
    assert kept(speaking(track, 0, -1)) == list(range(20, 180))


def test_a_mouth_that_speaks_on_is_replaced_until_it_rests(track: FaceTrack) -> None:
    frames = kept(speaking(track, 0, 90))
    assert frames[-1] == 179 and 93 < frames[0] < 110
    assert frames == list(range(frames[0], 180))
    assert kept(speaking(track, 0, 199)) == []


def test_what_is_shorter_than_a_second_is_not_kept(track: FaceTrack) -> None:
    assert kept(speaking(track, 0, 150)) == []
    assert len(kept(speaking(track, 0, 130))) >= 25


def test_frames_kept_anyway_tell_nothing_of_a_mouth(track: FaceTrack) -> None:
    told = dict.fromkeys(range(100, 110), "mouth hidden")
    assert kept(speaking(track, 0, -1), told) == [*range(20, 100), *range(110, 180)]
    late = FaceTrack(1, 0, np.arange(60, COUNT), speaking(track, 0, -1).landmarks[60:], 640, 360, 1)
    assert kept(late) == list(range(60, 180))


def test_such_a_wish_is_no_plain_one(track: FaceTrack) -> None:
    wish = NoSync("1003-1005", if_resting=True)
    assert str(wish) != str(NoSync("1003-1005"))
    options = SyncOptions(Path("p.mov"), Path("d.wav"), Path("o.mov"), no_sync=(wish, NoSync("1010-1010")))
    (plain,) = unsynced_frames(options, a_plate(30), [speaking(track, 0, -1)]).values()
    (resting,) = unsynced_frames(options, a_plate(30), [speaking(track, 0, -1)], if_resting=True).values()
    assert (sorted(plain), sorted(resting)) == ([9], [2, 3, 4])


def lips_moved(picture: NDArray[np.uint8], track: FaceTrack, pixels: float) -> NDArray[np.uint8]:
    """The portrait with lower lip and chin drawn down by `pixels`."""
    height, width = picture.shape[:2]
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    lip = track.landmarks[0, 14, :2]
    below = 0.5 + 0.5 * np.tanh((y - lip[1]) / 3)
    share = below * np.exp(-(((x - lip[0]) / 40) ** 2) - (((y - lip[1]) / 40) ** 2))
    return np.asarray(cv2.remap(picture, x, (y - pixels * share).astype(np.float32), cv2.INTER_LINEAR))


def test_a_job_keeps_the_plate_only_where_its_mouth_rests(
    portrait: list[PictureFrame], track: FaceTrack, spoken_line: Path, tmp_path: Path
) -> None:
    """60 frames of the portrait, whose mouth rests in the first 40 and then moves four times a second."""
    swing = np.concatenate([np.zeros(40), 10 * np.abs(np.sin(np.arange(20) * np.pi * 4 / 24))])
    first = portrait[0].rgb8()
    frames = [lips_moved(first, track, float(by)) for by in swing]
    small = [cv2.resize(frame, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA) for frame in frames]
    plate = write(tmp_path / "plate.mkv", [np.asarray(frame, dtype=np.uint8) for frame in small])
    options = SyncOptions(
        plate, spoken_line, tmp_path / "out.mkv", no_sync=(NoSync("4-56", if_resting=True),), use_cache=False
    )
    with ExitStack() as stack:
        opened = open_job(options.validated(), stack)
        job = understand_job(opened, SilentProgress(), Stopwatch(), stack)
        (judged,) = job.visibilities.values()
    ((start, end, reason),) = kept_ranges(judged.reasons, 0)
    assert (start, reason) == (4, RESTING) and 28 <= end < 40
    assert judged.blend[end : end + 5].tolist() == [0, 0.25, 0.5, 0.75, 1], "the change is no jump"
