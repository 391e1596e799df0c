# SPDX-License-Identifier: Apache-2.0
"""Pictures to cut between."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray


@pytest.fixture(scope="session")
def two_pictures() -> list[NDArray[np.uint8]]:
    """Two scenes with different things in them, (360, 640, 3) uint8."""
    import cv2

    scenes = []
    for seed in (1, 2):
        rng = np.random.default_rng(seed)
        coarse = rng.integers(20, 236, (9, 16, 3)).astype(np.uint8)
        scenes.append(np.asarray(cv2.resize(coarse, (640, 360), interpolation=cv2.INTER_CUBIC), np.uint8))
    return scenes
