# SPDX-License-Identifier: Apache-2.0
"""What those who wait for a job find at its bell: all that happened, or that only the file knows."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from plosive_daemon.job import JobEvent, JobProgress
from plosive_daemon.store import JobStore
from plosive_daemon.store.bells import Bell, Bells


def progress(sequence: int) -> JobEvent:
    return JobEvent("job", sequence, progress=JobProgress("render", sequence, 100))


def warning(sequence: int) -> JobEvent:
    return JobEvent("job", sequence, warning=f"{sequence}.")


@pytest.fixture
def bells() -> Bells:
    return Bells()


@pytest.fixture
def bell(bells: Bells) -> Iterator[Bell]:
    with bells.listening("job") as bell:
        yield bell


def test_what_was_told_here_is_known_and_nothing_else(bells: Bells, bell: Bell) -> None:
    assert bell.events_after(3) is None, "nothing was told yet"
    for event in (progress(5), warning(6), progress(7), progress(8)):
        bells.ring("job", event)
    assert bell.events_after(3) is None, "4 was not told here"
    assert bell.events_after(4) == [warning(6), progress(8)], "of progress the newest"
    assert bell.events_after(8) == [] and bell.events_after(9) is None
    bells.ring("job", warning(10))
    assert bell.events_after(8) is None and bell.events_after(9) == [warning(10)], "9 was not told here"


def test_after_a_change_that_only_the_file_tells_it_begins_anew(bells: Bells, bell: Bell) -> None:
    bells.ring("job", progress(5))
    bells.ring("job")
    assert bell.events_after(4) is None and bell.events_after(5) is None
    bells.ring("job", progress(7))
    assert bell.events_after(5) is None and bell.events_after(6) == [progress(7)]
    bells.ring("job", warning(6))  # out of order, which must not be: nothing is taken for known
    assert bell.events_after(6) is None and bell.events_after(7) is None


def test_only_so_much_is_remembered(bells: Bells, bell: Bell) -> None:
    for sequence in range(1, 1001):
        bells.ring("job", warning(sequence))
    assert bell.events_after(700) is None
    found = bell.events_after(900)
    assert found is not None and [event.sequence for event in found] == list(range(901, 1001))


def test_progress_wakes_only_those_who_wait_for_it(bells: Bells, bell: Bell) -> None:
    seen = bell.urgent_rings
    bells.ring("job", progress(1))
    assert bell.rings == 1 and bell.urgent_rings == seen
    timer = threading.Timer(0.1, lambda: bells.ring("job", warning(2)))
    begun = time.monotonic()
    timer.start()
    assert bell.wait(seen, 30.0, is_urgent=True) and time.monotonic() - begun < 10
    assert not bell.wait(bell.urgent_rings, 0.01, is_urgent=True)


def test_progress_can_be_held_back_but_nothing_else(tmp_path: Path) -> None:
    store = JobStore(tmp_path)
    try:
        job = store.add(b"")[0]
        store.take("cpu")
        (state,) = store.events_after(job.id, 0, 0.0)
        store.put_progress(job.id, JobProgress("render", 1, 100))
        begun = time.monotonic()
        (held,) = store.events_after(job.id, state.sequence, 5.0, progress_not_before=begun + 0.3)
        assert time.monotonic() - begun >= 0.3 and held.progress is not None
        with store.attending(job.id):
            timer = threading.Timer(0.1, lambda: store.add_warning(job.id, "At once."))
            store.put_progress(job.id, JobProgress("render", 2, 100))
            timer.start()
            events = store.events_after(job.id, held.sequence, 60.0, progress_not_before=begun + 50)
            assert time.monotonic() - begun < 30
            assert [event.warning for event in events if event.warning] == ["At once."]
    finally:
        store.close()
