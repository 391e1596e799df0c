# SPDX-License-Identifier: Apache-2.0
"""Work behind is done in its order, its errors come back, and no thread is left."""

from __future__ import annotations

import threading
import time

import pytest

from plosive.errors import MediaWriteError
from plosive.faces.behind import WorkBehind


def test_work_is_done_in_order() -> None:
    done: list[int] = []
    with WorkBehind() as behind:
        for number in range(20):
            behind.do(lambda number=number: done.append(number))  # type: ignore[misc]
        behind.wait()
        assert done == list(range(20))
        behind.do(lambda: done.append(20))
    assert done == list(range(21))


def test_who_gives_work_is_never_far_ahead() -> None:
    done: list[int] = []

    def slowly(number: int) -> None:
        time.sleep(0.005)
        done.append(number)

    with WorkBehind() as behind:
        for number in range(10):
            behind.do(lambda number=number: slowly(number))  # type: ignore[misc]
            assert number - len(done) <= 2


def test_an_error_comes_back_and_ends_the_work() -> None:
    done: list[int] = []
    before = threading.active_count()

    def fail() -> None:
        raise MediaWriteError("The disk is full.")

    with pytest.raises(MediaWriteError, match="disk"), WorkBehind() as behind:
        behind.do(fail)
        for number in range(3):
            behind.do(lambda number=number: done.append(number))  # type: ignore[misc]
        behind.wait()
    assert done == []
    assert threading.active_count() == before


def test_an_error_elsewhere_leaves_no_thread() -> None:
    before = threading.active_count()
    with pytest.raises(KeyError), WorkBehind() as behind:
        behind.do(lambda: time.sleep(0.01))
        raise KeyError
    assert threading.active_count() == before
