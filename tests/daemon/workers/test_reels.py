# SPDX-License-Identifier: Apache-2.0
"""A reel takes hours: who waits before one clip does not wait for its end."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from plosive_daemon.job import Job, JobKind, JobState
from plosive_daemon.workers import making_way, supervisor
from plosive_daemon.workers.making_way import MakingWay

from .conftest import Workshop

Make = Callable[..., Workshop]


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(making_way, "_LOOK_SECONDS", 0.02)
    monkeypatch.setattr(making_way, "_PATIENCE_SECONDS", 0.1)
    monkeypatch.setattr(supervisor, "_TAKE_SECONDS", 0.05)


def submit_reel(shop: Workshop, frames: int, seconds: float, **wish: Any) -> str:
    """A reel of so many renders, ten times `seconds` each until `hurry`."""
    until = str(shop.out / "hurry")
    return shop.submit("reel", frames=frames, seconds=seconds, kind=JobKind.CONFORM, until=until, **wish)


def hurry(shop: Workshop) -> None:
    """What the test waited for has happened: the rest of the reel takes no time."""
    (shop.out / "hurry").touch()


def at_render(shop: Workshop, job_id: str, number: int) -> Job:
    return shop.wait(job_id, lambda job: job.progress.reel is not None and job.progress.reel.render >= number)


def made(shop: Workshop, name: str) -> list[Path]:
    """What a reel has made, in the order in which it was."""
    return sorted(shop.out.glob(f"{name}.*"), key=lambda path: path.stat().st_mtime_ns)


def test_a_clip_waits_for_one_render_and_not_for_the_reel(workshop: Workshop) -> None:
    reel = submit_reel(workshop, 6, 0.04, client="conform")
    at_render(workshop, reel, 2)
    clip = workshop.submit("clip", frames=2, client="editor")
    workshop.wait(clip, lambda job: job.state is JobState.RUNNING or job.state.is_ended)
    assert 1 <= len(made(workshop, "reel")) <= 5
    hurry(workshop)
    assert workshop.ended(clip).state is JobState.DONE
    job = workshop.ended(reel)
    assert (job.state, job.attempts) == (JobState.DONE, 1)
    assert len(made(workshop, "reel")) == 6 and (workshop.out / "reel").read_text() == "conformed"
    said = "\n".join(workshop.logs.last_lines(reel, 50))
    assert "makes room for another job" in said and said.count("Try 1 on cpu") == 2
    assert len({path.read_text() for path in made(workshop, "reel")}) == 1, "a worker was lost"


def test_a_clip_of_higher_priority_does_not_wait_for_a_render(workshop: Workshop) -> None:
    reel = workshop.submit("reel", frames=2, seconds=0.3, kind=JobKind.CONFORM)
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


TWO = ("cuda:0", "cuda:1")


def makers(shop: Workshop, name: str) -> set[str]:
    return {path.read_text() for path in made(shop, name)}


def said(shop: Workshop, job_id: str, text: str) -> Callable[[Job], bool]:
    return lambda job: text in "\n".join(shop.logs.last_lines(job_id, 99))


def test_a_device_with_nothing_to_do_helps_with_a_reel(workshop_of: Make) -> None:
    shop = workshop_of(devices=TWO)
    reel = submit_reel(shop, 40, 0.02)
    shop.wait(reel, lambda job: sorted(job.progress.device.split(", ")) == list(TWO))
    shop.wait(reel, lambda job: len(makers(shop, "reel")) == 2)
    hurry(shop)
    assert shop.ended(reel).state is JobState.DONE
    assert len(made(shop, "reel")) == 40 and len(makers(shop, "reel")) == 2
    assert said(shop, reel, " helps, process ")(shop.store.get(reel))
    folder = shop.logs.job_folder(reel).path
    shop.wait(reel, lambda job: not list(folder.iterdir()), 5.0)  # what they knew of each other goes


def test_one_that_helps_leaves_at_once_for_a_job_that_waits(workshop_of: Make) -> None:
    shop = workshop_of(devices=TWO)
    reel = submit_reel(shop, 20, 0.1)
    shop.wait(reel, said(shop, reel, " helps, process "))
    clip = shop.submit("clip", frames=1, priority=10)
    assert shop.ended(clip, 8.0).state is JobState.DONE
    shop.wait(reel, said(shop, reel, "makes room for another job"))
    assert not shop.store.get(reel).state.is_ended, "the reel itself went on"
    hurry(shop)
    job = shop.ended(reel)
    assert (job.state, job.attempts) == (JobState.DONE, 1)


def test_no_help_from_devices_that_would_make_other_pixels_or_are_not_asked_for(workshop_of: Make) -> None:
    shop = workshop_of(devices=("cuda:0", "cuda:1", "cpu"))
    waits_for_devices = shop.submit("clip", frames=1)
    shop.wait(waits_for_devices, lambda job: job.state.is_ended and bool(shop.pool.devices()))
    reel = shop.submit("reel", frames=4, seconds=0.03, kind=JobKind.CONFORM, device="cuda:1")
    assert shop.ended(reel).state is JobState.DONE
    assert shop.store.get(reel).progress.device == "cuda:1" and len(makers(shop, "reel")) == 1


@pytest.mark.parametrize("what", ["die", "unreadable"])
def test_a_helper_that_fails_costs_nothing_but_its_help(workshop_of: Make, what: str) -> None:
    shop = workshop_of(devices=TWO)
    reel = submit_reel(shop, 20, 0.1, what=what)
    shop.wait(reel, said(shop, reel, "cannot help: "))
    before = len(made(shop, "reel"))
    shop.wait(reel, lambda job: len(made(shop, "reel")) > before)  # time to try again, if it did
    hurry(shop)
    job = shop.ended(reel)
    assert (job.state, job.attempts) == (JobState.DONE, 1), job.error
    assert len(made(shop, "reel")) == 20 and len(makers(shop, "reel")) == 1
    assert said(shop, reel, "cannot help: ")(job)
    log = "\n".join(shop.logs.last_lines(reel, 99))
    assert log.count(" helps, process ") == 1, "it is not tried again and again"


def test_who_helps_ends_with_the_reel(workshop_of: Make) -> None:
    """Before the next try begins, or its folder is forgotten."""
    shop = workshop_of(devices=TWO)
    reel = shop.submit("reel", frames=20, seconds=0.2, kind=JobKind.CONFORM)
    shop.wait(reel, said(shop, reel, " helps, process "))
    assert shop.cancel(reel) < 3.0
    assert shop.ended(reel).state is JobState.CANCELLED
    lines = shop.logs.last_lines(reel, 99)
    assert "was stopped" in lines[-2] and "Cancelled." in lines[-1]
    before = len(made(shop, "reel"))
    clips = [shop.submit(f"clip{number}", frames=1) for number in range(4)]
    assert {shop.ended(clip).state for clip in clips} == {JobState.DONE}
    assert len(made(shop, "reel")) == before


def test_a_dead_leader_takes_its_helper_with_it_and_both_go_on(workshop_of: Make) -> None:
    shop = workshop_of(devices=TWO)
    reel = submit_reel(shop, 10, 0.1)
    shop.wait(reel, said(shop, reel, " helps, process "))
    lines = shop.logs.last_lines(reel, 99)
    os.kill(int(next(line for line in lines if "Try 1" in line).rstrip(".").split()[-1]), signal.SIGKILL)
    shop.wait(reel, said(shop, reel, "The worker died"))
    hurry(shop)
    job = shop.ended(reel)
    assert (job.state, job.attempts) == (JobState.DONE, 2)
    assert len(made(shop, "reel")) == 10
    log = "\n".join(shop.logs.last_lines(reel, 99))
    assert log.index("was stopped") < log.index("The worker died") < log.index("Try 2")
