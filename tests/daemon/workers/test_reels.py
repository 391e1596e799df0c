# SPDX-License-Identifier: Apache-2.0
"""A reel takes hours: who waits before one clip does not wait for its end."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from plosive_daemon.job import Job, JobKind, JobState
from plosive_daemon.workers import making_way
from plosive_daemon.workers.making_way import MakingWay

from .conftest import Workshop

Make = Callable[..., Workshop]


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(making_way, "_LOOK_SECONDS", 0.02)
    monkeypatch.setattr(making_way, "_PATIENCE_SECONDS", 0.1)


def at_render(shop: Workshop, job_id: str, number: int) -> Job:
    return shop.wait(job_id, lambda job: job.progress.reel is not None and job.progress.reel.render >= number)


def made(shop: Workshop, name: str) -> list[Path]:
    """What a reel has made, in the order in which it was."""
    return sorted(shop.out.glob(f"{name}.*"), key=lambda path: path.stat().st_mtime_ns)


def test_a_clip_waits_for_one_render_and_not_for_the_reel(workshop: Workshop) -> None:
    reel = workshop.submit("reel", frames=6, seconds=0.05, kind=JobKind.CONFORM, client="conform")
    at_render(workshop, reel, 2)
    clip = workshop.submit("clip", frames=2, client="editor")
    workshop.wait(clip, lambda job: job.state is JobState.RUNNING or job.state.is_ended)
    assert 1 <= len(made(workshop, "reel")) <= 5
    assert workshop.ended(clip).state is JobState.DONE
    job = workshop.ended(reel)
    assert (job.state, job.attempts) == (JobState.DONE, 1)
    assert len(made(workshop, "reel")) == 6 and (workshop.out / "reel").read_text() == "conformed"
    said = "\n".join(workshop.logs.last_lines(reel, 50))
    assert "makes room for another job" in said and said.count("Try 1 on cpu") == 2
    assert len({path.read_text() for path in made(workshop, "reel")}) == 1, "a worker was lost"


def test_a_clip_of_higher_priority_does_not_wait_for_a_render(workshop: Workshop) -> None:
    reel = workshop.submit("reel", frames=2, seconds=1.0, kind=JobKind.CONFORM)
    at_render(workshop, reel, 1)
    clip = workshop.submit("clip", frames=2, priority=90)
    assert workshop.ended(clip, 8.0).state is JobState.DONE
    assert made(workshop, "reel") == []
    workshop.cancel(reel)
    assert workshop.ended(reel).state is JobState.CANCELLED


@pytest.mark.parametrize("wish", [{"kind": JobKind.CONFORM, "client": "b"}, {"priority": 10, "client": "b"}])
def test_nobody_else_interrupts_a_reel(workshop: Workshop, wish: dict[str, Any]) -> None:
    reel = workshop.submit("reel", frames=3, seconds=0.03, kind=JobKind.CONFORM)
    at_render(workshop, reel, 1)
    other = workshop.submit("other", frames=1, **wish)
    assert workshop.ended(reel).state is JobState.DONE
    assert "makes room" not in "\n".join(workshop.logs.last_lines(reel, 50))
    assert workshop.ended(other).state is JobState.DONE


def test_each_turn_of_a_reel_makes_one_render_at_least(workshop: Workshop) -> None:
    now = [0.0]
    reel = workshop.store.add(b"{}", kind=JobKind.CONFORM, client="a", device="cuda:7")[0]
    workshop.store.take("cuda:7")
    way = MakingWay(workshop.store, reel, "cuda:7", True, clock=lambda: now[0])
    assert not way.is_due(3)
    workshop.store.add(b"{}", client="b", device="cuda:7")
    for _ in range(100):
        now[0] += 1.0
        assert not way.is_due(3), "between no two renders"
    now[0] += 1.0
    assert way.is_due(4)
    now[0] += 6.0
    assert not way.is_due(4), "too late: the next render is well on its way"
