# SPDX-License-Identifier: Apache-2.0
"""What the tests of `plosive score` share."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from plosive.media import read_dub
from plosive.quality.expectation import Expectation, expect
from plosive.quality.observation import FaceObservation
from plosive.quality.take import Take
from plosive.speech import Speech, analyse_speech

MakeTake = Callable[..., Take]
RATE = Fraction(25)


@pytest.fixture(scope="session")
def load_beside() -> Callable[[str], ModuleType]:
    """Loads a module that lies beside this file, by its name: tests/ is never on sys.path."""

    def load(stem: str) -> ModuleType:
        name = f"tests.core.quality.{stem}"
        if name not in sys.modules:
            spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{stem}.py"))
            assert spec is not None and spec.loader is not None
            module = importlib.util.module_from_spec(spec)
            sys.modules[name] = module  # dataclasses look their module up by name
            spec.loader.exec_module(module)
        return sys.modules[name]

    return load


@pytest.fixture(scope="session")
def damage(load_beside: Callable[[str], ModuleType]) -> ModuleType:
    """`damage.py` beside this file."""
    return load_beside("damage")


@pytest.fixture(scope="session")
def spoken(spoken_line: Path) -> Speech:
    """The demo's line, aligned."""
    words = "Maybe Bob prefers fluffy purple muffins."
    return analyse_speech(read_dub(spoken_line).speech_samples(), transcript=words)


@pytest.fixture(scope="session")
def expectation(spoken: Speech) -> Expectation:
    """The demo's line from the first frame on, at 25 frames a second."""
    return expect(spoken, Fraction(0), 1 / RATE)


@pytest.fixture(scope="session")
def make_take(expectation: Expectation) -> MakeTake:
    """A take of a synthetic mouth that does what the dub (`of`, else the demo's) asks, `lag_seconds` late and
    `size` times as far. With `plate` the same mouth, unchanged, is the plate.
    """

    def make(
        lag_seconds: float = 0.0, size: float = 1.0, plate: bool = False, of: Expectation | None = None
    ) -> Take:
        asked = expectation if of is None else of
        times = (np.arange(int(asked.end_seconds * RATE)) + 0.5) / float(RATE)
        before = synthetic_face(asked, times, 0.0, 1.0) if plate else None
        return Take(synthetic_face(asked, times, lag_seconds, size), before, asked, times, RATE)

    return make


def synthetic_face(
    expectation: Expectation, times: np.ndarray, lag_seconds: float, size: float
) -> FaceObservation:
    """A mouth in range units scaled to a face: opening up to a quarter of it, evenly lit, finely grained."""
    count = len(times)
    curve = expectation.values(times, lag_seconds)
    opening = np.clip(curve[:, 0], 0, None) * size * 0.2
    channels = np.stack(
        [
            opening,
            0.56 + 0.05 * size * curve[:, 1],
            0.74 + 0.06 * size * curve[:, 2],
            0.32 + opening,
            0.56 + opening,
        ],
        axis=1,
    )
    angle = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    outline = np.stack([np.cos(angle), np.zeros(40)], axis=1) * 0.25
    lips = np.repeat(outline[None], count, axis=0)
    lips[:, :, 1] = np.sin(angle) * (0.05 + opening[:, None] / 2) + 0.4
    noise = np.random.default_rng(7)

    def near(value: float, shape: tuple[int, ...], spread: float = 0.002) -> np.ndarray:
        return (value + spread * noise.standard_normal(shape)).astype(np.float32)

    return FaceObservation(
        shot=0,
        indices=np.arange(count, dtype=np.int64),
        channels=channels.astype(np.float32),
        aperture=(opening * 0.7).astype(np.float32),
        lips=(lips + 1e-4 * noise.standard_normal(lips.shape)).astype(np.float32),
        angles=np.zeros((count, 3), np.float32),
        face_widths=np.full(count, 200, np.float32),
        nose=np.full((count, 2), 300, np.float32),
        is_inside=np.ones(count, bool),
        boxes=np.tile(np.array([200, 280, 400, 460], np.int32), (count, 1)),
        detail=np.full((count, 2, 3), 1e-4, np.float32),
        skin=near(0.5, (count, 36)),
        upper=near(0.5, (count, 18)),
        inside=near(0.2, (count, 45), 0.01),
        whiteness=near(0.15, (count,)),
        lower_colour=near(0.5, (count, 3)),
        upper_colour=near(0.5, (count, 3)),
    )
