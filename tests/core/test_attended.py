# SPDX-License-Identifier: Apache-2.0
"""Long work with somebody beside it who asks whether to stop."""

from __future__ import annotations

import threading
import time

import pytest

from plosive.attended import BEAT_SECONDS, attended
from plosive.errors import JobCancelled
from plosive.progress import SilentProgress


def test_attended_work_gives_its_result_its_error_or_nothing() -> None:
    assert attended(lambda: 3, SilentProgress()) == 3
    with pytest.raises(ZeroDivisionError):
        attended(lambda: 1 // 0, SilentProgress())
    with pytest.raises(TimeoutError, match="its own"):
        attended(lambda: (_ for _ in ()).throw(TimeoutError("its own")), SilentProgress())
    release = threading.Event()
    asked: list[float] = []

    class Impatient(SilentProgress):
        def advance(self, frames: int = 1) -> None:
            assert frames == 0
            asked.append(time.monotonic())
            if len(asked) == 2:
                raise JobCancelled("stop")

    with pytest.raises(JobCancelled):
        attended(lambda: release.wait(30), Impatient())
    release.set()
    assert len(asked) == 2 and asked[1] - asked[0] >= BEAT_SECONDS * 0.9
