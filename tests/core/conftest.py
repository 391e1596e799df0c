# SPDX-License-Identifier: Apache-2.0
"""A small talking-free face for every stage: the demo's portrait, tracked once for the whole session."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from plosive.demo.sample import SamplePlate
from plosive.faces.detector import FaceDetector
from plosive.faces.track import FaceTrack
from plosive.faces.tracking import FaceTracker
from plosive.generate.crops import CropFile
from plosive.generate.sources import SourceCollector, SourceLibrary
from plosive.geometry import Box

FRAME_COUNT = 10
WIDTH, HEIGHT = 640, 360


class PictureFrame:
    """A `PlateFrame` over a float picture (H, W, 3), working values; changes are added where touched."""

    def __init__(self, index: int, picture: NDArray[np.float32]) -> None:
        self.index = index
        self.start_seconds = Fraction(index, 24)
        self.picture = picture
        self.height, self.width = picture.shape[:2]

    def rgb8(self) -> NDArray[np.uint8]:
        return np.rint(np.clip(self.picture, 0, 1) * 255).astype(np.uint8)

    def working(self, box: Box) -> NDArray[np.float32]:
        return self.picture[box.slices].copy()

    def merged(self, box: Box, change: NDArray[np.float32], touched: NDArray[np.bool_]) -> PictureFrame:
        picture = self.picture.copy()
        picture[box.slices] += np.where(touched[..., None], change, 0)
        return PictureFrame(self.index, picture)


@pytest.fixture(scope="session")
def portrait() -> list[PictureFrame]:
    """Ten frames of the public-domain portrait of the demo (scikit-image's astronaut), 640 x 360, face 130
    px wide.
    """
    sample = SamplePlate(FRAME_COUNT, WIDTH, HEIGHT)
    return [
        PictureFrame(index, (frame / np.float32(65535)).astype(np.float32))
        for index, frame in enumerate(sample.frames())
    ]


@pytest.fixture(scope="session")
def track(portrait: list[PictureFrame]) -> FaceTrack:
    """The portrait's face, tracked by MediaPipe."""
    with FaceDetector() as detector:
        tracker = FaceTracker(detector)
        for frame in portrait:
            tracker.see(frame.index, frame.rgb8())
        (found,) = tracker.tracks().values()
    return found


@pytest.fixture(scope="session")
def sources(
    portrait: list[PictureFrame], track: FaceTrack, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SourceLibrary]:
    """The portrait's own source library."""
    with CropFile(str(tmp_path_factory.mktemp("crops"))) as crops:
        collector = SourceCollector(crops)
        for row, frame in enumerate(portrait):
            collector.add(frame, track.landmarks[row])
        yield collector.library()


@pytest.fixture(scope="session")
def spoken_line() -> Path:
    """The demo's dub: 'Maybe Bob prefers fluffy purple muffins', 3.5 s, made with espeak-ng."""
    import plosive.demo

    return Path(plosive.demo.__file__).with_name("maybe_bob.wav")
