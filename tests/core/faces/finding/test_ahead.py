# SPDX-License-Identifier: Apache-2.0
"""Frames read ahead arrive in order, errors in their turn, and nothing is left behind."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import numpy as np
import pytest
from tests.core.conftest import PictureFrame

from plosive.errors import MediaReadError
from plosive.faces.finding.ahead import pictures_ahead


def frames(count: int, broken_at: int | None = None) -> Iterator[PictureFrame]:
    for index in range(count):
        if index == broken_at:
            raise MediaReadError("Frame 3 cannot be read.")
        yield PictureFrame(index, np.full((4, 6, 3), index / 255, dtype=np.float32))


def test_frames_come_in_order_with_their_pictures() -> None:
    given = [(frame.index, int(rgb[0, 0, 0])) for frame, rgb in pictures_ahead(frames(9))]
    assert given == [(index, index) for index in range(9)]


def test_an_error_is_raised_after_the_frames_before_it() -> None:
    seen = []
    with pytest.raises(MediaReadError, match="Frame 3"):
        for frame, _ in pictures_ahead(frames(9, broken_at=3)):
            seen.append(frame.index)
    assert seen == [0, 1, 2]


def test_who_stops_early_leaves_no_thread() -> None:
    before = threading.active_count()
    pictures = pictures_ahead(frames(100))
    assert next(pictures)[0].index == 0
    pictures.close()  # type: ignore[attr-defined]
    assert threading.active_count() == before
