# SPDX-License-Identifier: Apache-2.0
"""A small talking-free face for every stage: the demo's portrait, tracked once for the whole session."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest

from plosive.contract.picture import PictureFrame
from plosive.demo.sample import SamplePlate
from plosive.faces.finding.tracker import FaceTracker
from plosive.faces.track import FaceTrack
from plosive.generate.crops import CropFile
from plosive.generate.sources import SourceCollector, SourceLibrary
from plosive.quality.figure import Better, Definition, Figure
from plosive.quality.scorecard import Equality, FaceScore, Flag, Point, Scorecard, ScoredPhone

FRAME_COUNT = 10
WIDTH, HEIGHT = 640, 360


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is found in the user's cache, nothing is left there."""
    monkeypatch.setenv("PLOSIVE_CACHE", str(tmp_path_factory.getbasetemp() / f"cache-{uuid4().hex}"))


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
    with FaceTracker() as tracker:
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


@pytest.fixture
def small_card(tmp_path: Path) -> Scorecard:
    """A made-up score of a 12-frame result at 24000/1001 fps, 01:00:00:00: two flags, a figure that was not
    measured, curves with gaps.
    """
    closures = Definition("closures", "Closures", "", "Share of p, b, m.", Better.HIGH, (0.85, 1.0))
    drift = Definition("drift", "Drift", "ms", "Where the mouth lies.", Better.REFERENCE, None, True)
    seen = Figure(closures, 0.625, 8, "phones", details={"missed": (3, float("nan")), "rate": Fraction(1, 3)})
    times = tuple(Fraction(index * 1001, 24000) for index in range(12))
    gaps = np.array([*np.linspace(0.1, 0.8, 11), np.nan], np.float32)
    return Scorecard(
        result=tmp_path / "result.mov",
        plate=tmp_path / "plate.mov",
        dub=tmp_path / "line.wav",
        frame_rate=Fraction(24000, 1001),
        first_frame=0,
        frame_count=12,
        start_timecode="01:00:00:00",
        width=640,
        height=360,
        frame_seconds=times,
        faces=(
            FaceScore(1, 1, 0, 11, 12, 131.5, True, (seen,), ((11, 11, "the face is turned away"),)),
            FaceScore(2, 1, 4, 9, 6, 40.0, False),
        ),
        figures=(seen, Figure(drift, None, 0, note="There is no plate.")),
        points=(
            Point("lips", "Lips", 0.625, "5 of 8 closures are there."),
            Point("picture", "Picture", 0.9, "It is sharp."),
            Point("kept", "Kept", None, "There is no plate."),
        ),
        flags=(
            Flag(2, 4, "closures", 0.75, 0.1, 0.85, 1, "The lips stay open on b."),
            Flag(9, 9, "flicker", 0.2, float("nan"), 1.5, 0, "The picture flickers."),
        ),
        series={"aperture": gaps},
        lip_boxes=np.full((12, 4), np.nan, np.float32),
        phones=(ScoredPhone("B", Fraction(1, 24), Fraction(1, 12)),),
        speech_source="forced alignment of the transcript",
        speech_confidence=0.61,
        equalities=(Equality("frames", "12", "12", True), Equality("colour", "bt709", "unknown", None)),
        warnings=("The dub is quiet.",),
        stage_seconds={"watch": 1.5},
    )
