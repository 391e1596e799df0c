# SPDX-License-Identifier: Apache-2.0
"""Predicted against measured mouths: six speakers of the GRID corpus, exact words, own sound.

Needs the footage beside the checkout (third-party, never in the project); skips without it.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from plosive.faces.measure import CLOSED_APERTURE_IOD, mouth_channels
from plosive.motion import MotionCurves, MouthFootage, actor_range, fit_to_range, motion_curves
from plosive.speech import PhoneSource, Speech, analyse_speech

PLATES = Path(__file__).parents[4] / "shared" / "material" / "plates"
WORDS = {
    "grid_bbaf2n": "bin blue at F two now",
    "grid_brbk7n": "bin red by K seven now",
    "grid_lbbc2a": "lay blue by C two again",
    "grid_lrwp9a": "lay red with P nine again",
    "grid_sbia1a": "set blue in A one again",
    "grid_sbwe5n": "set blue with E five now",
}
RATE = 25

pytestmark = pytest.mark.skipif(
    not all((PLATES / f"{name}.mpg").exists() for name in WORDS), reason="the GRID plates are not here"
)

Truth = tuple[Speech, MotionCurves, NDArray[np.float32]]


def dub_of(path: Path) -> NDArray[np.float32]:
    av: Any = pytest.importorskip("av")
    resampler = av.AudioResampler(format="flt", layout="mono", rate=16_000)
    with av.open(str(path)) as container:
        frames = [*container.decode(audio=0), None]
        pieces = [out.to_ndarray()[0] for frame in frames for out in resampler.resample(frame)]
    return np.concatenate(pieces).astype(np.float32)


def mouth_of(path: Path) -> NDArray[np.float32]:
    av: Any = pytest.importorskip("av")
    mediapipe: Any = pytest.importorskip("mediapipe")
    landmarks = []
    options = {"static_image_mode": False, "refine_landmarks": True, "max_num_faces": 1}
    with av.open(str(path)) as container, mediapipe.solutions.face_mesh.FaceMesh(**options) as mesh:
        for frame in container.decode(video=0):
            picture = frame.reformat(frame.width * 2, frame.height * 2, "rgb24").to_ndarray()
            found = mesh.process(picture).multi_face_landmarks[0].landmark
            landmarks.append([(point.x, point.y, point.z) for point in found])
    size = np.array([frame.width, frame.height, frame.width], np.float32)
    return mouth_channels(np.array(landmarks, np.float32) * size)


def shown(measured: NDArray[np.float32]) -> MouthFootage:
    return MouthFootage(measured, (np.arange(len(measured)) + 0.5) / RATE)


@pytest.fixture(scope="module")
def grid() -> dict[str, Truth]:
    truths = {}
    for name, words in WORDS.items():
        path = PLATES / f"{name}.mpg"
        speech = analyse_speech(dub_of(path), transcript=words)
        measured = mouth_of(path)
        centres = [(k + Fraction(1, 2)) / RATE for k in range(len(measured))]
        truths[name] = speech, motion_curves(speech, centres, frame_seconds=Fraction(1, RATE)), measured
    return truths


def correlations(grid: dict[str, Truth], column: int) -> list[float]:
    return [
        float(np.corrcoef(curves.values[:, column], measured[:, column])[0, 1])
        for _, curves, measured in grid.values()
    ]


def test_words_are_aligned(grid: dict[str, Truth]) -> None:
    assert all(speech.source is PhoneSource.ALIGNED for speech, _, _ in grid.values())


def test_aperture_follows_the_real_mouth(grid: dict[str, Truth]) -> None:
    found = correlations(grid, 0)
    assert np.mean(found) >= 0.80, found
    assert min(found) >= 0.60, found


@pytest.mark.parametrize(("column", "least"), [(1, 0.60), (2, 0.78), (3, 0.80), (4, 0.78)])
def test_other_channels_follow_too(grid: dict[str, Truth], column: int, least: float) -> None:
    assert np.mean(correlations(grid, column)) >= least


def test_there_is_no_lag(grid: dict[str, Truth]) -> None:
    def mean_at(milliseconds: int) -> float:
        found = []
        for speech, curves, measured in grid.values():
            centres = [centre + Fraction(milliseconds, 1000) for centre in curves.centre_seconds]
            moved = motion_curves(speech, centres, frame_seconds=Fraction(1, RATE))
            found.append(np.corrcoef(moved.values[:, 0], measured[:, 0])[0, 1])
        return float(np.mean(found))

    lags = range(-80, 81, 10)
    assert abs(max(lags, key=mean_at)) <= 20


def test_lips_close_on_every_b_and_p_as_the_real_ones_do(grid: dict[str, Truth]) -> None:
    for name, (speech, curves, measured) in grid.items():
        for phone in speech.phones:
            if phone.symbol not in ("B", "P"):
                continue
            first = int(phone.start_seconds * RATE) - 1
            rows = slice(max(first, 0), int(phone.end_seconds * RATE) + 2)
            assert (curves.values[rows, 0] == 0).any(), (name, phone)
            assert measured[rows, 0].min() < 1.8 * CLOSED_APERTURE_IOD, (name, phone)


def test_amplitude_after_the_fit_is_the_actors(grid: dict[str, Truth]) -> None:
    ratios = [
        fit_to_range(curves, actor_range([shown(measured)])).values[:, 0].std() / measured[:, 0].std()
        for _, curves, measured in grid.values()
    ]
    assert 0.85 <= np.mean(ratios) <= 1.15
