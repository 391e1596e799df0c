# SPDX-License-Identifier: Apache-2.0
"""What generators are tried on: the demo's portrait, small, ten frames, asked to close and to open."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from plosive.contract.picture import PictureFrame
from plosive.faces.finding.tracker import FaceTracker
from plosive.faces.measure import mouth_channels
from plosive.faces.track import FaceTrack
from plosive.generate.crops import CropFile
from plosive.generate.facts import Need
from plosive.generate.pool import SourcePool
from plosive.generate.protocol import DubSound, Generator, MouthWish, Shot
from plosive.generate.sources import SourceCollector

__all__ = ["Ground", "Reads", "open_ground"]

FRAME_COUNT = 10
_WIDTH, _HEIGHT = 640, 360
_CLOSED_ROWS, _OPEN_FROM_ROW = slice(3, 6), 7
_OPEN_APERTURE = 0.45
_NOT_FINITE_ROW = 1


@dataclass(frozen=True)
class Ground:
    """Shots of one face, row r of the track in frame r, everything a generator may need in them.

    `plain` is a smile; in `cut_off` the picture ends in the lower lip; in `not_finite` some pixels beside
    the mouth of one frame are NaN and infinite, and others go up to 8.
    """

    plain: Scene
    cut_off: Scene
    not_finite: Scene


@dataclass(frozen=True)
class Scene:
    """One shot with its frames."""

    shot: Shot
    frames: tuple[PictureFrame, ...]

    def shot_for(self, generator: Generator, device: str, seed: int = 0) -> tuple[Shot, Reads]:
        """The shot with what `generator` says it needs and nothing else, and what it reads of the plate."""
        needs, reads = generator.facts.needs, Reads(self.frames)
        shot = replace(
            self.shot,
            seed=seed,
            device=device,
            dub=self.shot.dub if Need.DUB in needs else None,
            frames=reads.frames if Need.FRAMES in needs else None,
        )
        return shot, reads


class Reads:
    """The frames of a plate, and which of them were read."""

    def __init__(self, frames: Sequence[PictureFrame]) -> None:
        self._frames = frames
        self.indices: set[int] = set()

    def frames(self, first_index: int) -> Iterator[PictureFrame]:
        """As `Shot.frames`."""
        for frame in self._frames[first_index:]:
            self.indices.add(frame.index)
            yield frame


@contextmanager
def open_ground() -> Iterator[Ground]:
    """Make the scenes; their pictures lie in a temporary file until the end."""
    from plosive.demo.sample import SamplePlate

    sample = SamplePlate(FRAME_COUNT, _WIDTH, _HEIGHT)
    pictures = [(frame / np.float32(65535)).astype(np.float32) for frame in sample.frames()]
    frames = tuple(PictureFrame(index, picture) for index, picture in enumerate(pictures))
    with FaceTracker() as tracker:
        for frame in frames:
            tracker.see(frame.index, frame.rgb8())
        (track,) = tracker.tracks().values()
    with CropFile() as crops:
        last_row = int(track.landmarks[:, 17, 1].max())
        low = tuple(PictureFrame(frame.index, frame.picture[:last_row]) for frame in frames)
        yield Ground(
            _scene(track, frames, crops),
            _scene(replace(track, frame_height=last_row), low, crops),
            _scene(track, _spoiled(frames, track), crops),
        )


def _scene(track: FaceTrack, frames: tuple[PictureFrame, ...], crops: CropFile) -> Scene:
    collector = SourceCollector(crops)
    for row, frame in enumerate(frames):
        collector.add(frame, track.landmarks[row])
    values = mouth_channels(track.head.upright)
    closure = np.zeros(len(values), dtype=np.float32)
    closure[_CLOSED_ROWS] = 1
    values[_CLOSED_ROWS, 0] = 0
    values[_OPEN_FROM_ROW:, 0] = _OPEN_APERTURE
    nothing = np.zeros_like(closure)
    wish = MouthWish(values, closure, nothing, nothing)
    dub = DubSound(_hum, tuple(Fraction(2 * row + 1, 48) for row in range(len(frames))))
    pool = SourcePool.of(track, collector.library())
    return Scene(Shot(track, wish, pool, seed=0, dub=dub), frames)


def _hum() -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    seconds = np.arange(16000 * FRAME_COUNT // 24) / 16000
    return np.asarray(0.3 * np.sin(2 * np.pi * 140 * seconds), dtype=np.float32)


def _spoiled(frames: tuple[PictureFrame, ...], track: FaceTrack) -> tuple[PictureFrame, ...]:
    made = []
    for frame in frames:
        picture = frame.picture.copy()
        x, y = (round(float(value)) for value in track.landmarks[frame.index, 206, :2])
        picture[y : y + 3, x - 8 : x - 4] = 8.0
        if frame.index == _NOT_FINITE_ROW:
            picture[y + 6, x : x + 4] = [np.nan, np.inf, -np.inf]
        made.append(PictureFrame(frame.index, picture))
    return tuple(made)
