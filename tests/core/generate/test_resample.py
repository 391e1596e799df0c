# SPDX-License-Identifier: Apache-2.0
"""Sharp resampling where it is seen is resampling as a whole."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from plosive.generate.resample import resampled, resampled_at

RANDOM = np.random.default_rng(1)
SOURCE = RANDOM.uniform(0, 1, (60, 70, 3)).astype(np.float32)
LOOK_AT = (np.stack(np.meshgrid(np.arange(64), np.arange(50)), -1) * 1.01 + 0.3).astype(np.float32)
WHOLE = cv2.remap(SOURCE, LOOK_AT, None, cv2.INTER_LANCZOS4, borderMode=cv2.BORDER_REPLICATE)


def test_sharp_where_seen() -> None:
    rows, columns = np.mgrid[:50, :64]
    seen = (rows - 25) ** 2 + (columns - 30) ** 2 < 15**2
    made = resampled(SOURCE, LOOK_AT, seen)
    assert np.array_equal(made[seen], WHOLE[seen])
    linear = cv2.remap(SOURCE, LOOK_AT, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    assert np.array_equal(made[49], linear[49])


def test_nothing_seen_is_not_sharp() -> None:
    assert np.isfinite(resampled(SOURCE, LOOK_AT, np.zeros((50, 64), dtype=np.bool_))).all()


@pytest.mark.parametrize("count", [0, 1, 255, 256, 257, 3200])
def test_single_points(count: int) -> None:
    points = LOOK_AT.reshape(-1, 2)[:count]
    assert np.array_equal(resampled_at(SOURCE, points), WHOLE.reshape(-1, 3)[:count])
