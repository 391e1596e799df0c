# SPDX-License-Identifier: Apache-2.0
"""Which job goes next."""

from __future__ import annotations

import random
import time

import pytest

from plosive_daemon.scheduling import Waiting, may_run_on, next_job, order


@pytest.mark.parametrize(
    ("wanted", "device", "takes_auto", "may"),
    [
        ("auto", "cpu", True, True),
        ("", "cuda:0", True, True),
        ("auto", "cpu", False, False),
        ("cpu", "cpu", False, True),
        ("cpu", "cuda:0", True, False),
        ("cuda", "cuda:1", False, True),
        ("cuda:1", "cuda:1", True, True),
        ("cuda:1", "cuda:11", True, False),
        ("cuda", "cpu", True, False),
    ],
)
def test_devices(wanted: str, device: str, takes_auto: bool, may: bool) -> None:
    assert may_run_on(wanted, device, takes_auto=takes_auto) is may


def _done(jobs: list[Waiting], starts: dict[str, int]) -> list[Waiting]:
    """By `next_job` alone."""
    left, done = list(jobs), list[Waiting]()
    starts = dict(starts)
    while (job := next_job(left, starts, "cpu")) is not None:
        left.remove(job)
        done.append(job)
        starts[job.client] = max(starts.values(), default=0) + 1
    return done


def test_priority_then_turns_then_age() -> None:
    jobs = [
        Waiting(1, "a", 50, "auto"),
        Waiting(2, "a", 50, "auto"),
        Waiting(3, "a", 50, "cpu"),
        Waiting(4, "b", 50, "auto"),
        Waiting(5, "b", 90, "auto"),
        Waiting(6, "c", 50, "cuda"),
        Waiting(7, "d", 0, "auto"),
    ]
    assert [job.number for job in _done(jobs, {})] == [5, 1, 4, 2, 3, 7]
    first = next_job(jobs, {"b": 9}, "cuda:0")
    assert first is not None and first.number == 5
    assert next_job([], {}, "cpu") is None
    assert next_job(jobs[5:6], {}, "cpu") is None


def test_clips_go_before_reels_of_the_same_client_only() -> None:
    jobs = [
        Waiting(1, "a", 50, "auto", is_reel=True),
        Waiting(2, "a", 50, "auto"),
        Waiting(3, "b", 50, "auto"),
        Waiting(4, "c", 60, "auto", is_reel=True),
        Waiting(5, "a", 50, "auto"),
    ]
    assert [job.number for job in _done(jobs, {"b": 7})] == [4, 2, 3, 5, 1]
    assert order(jobs, {"b": 7}) == _done(jobs, {"b": 7})


def test_a_client_with_many_jobs_does_not_hold_up_one_with_few() -> None:
    jobs = [Waiting(number, "farm", 50, "auto") for number in range(100)]
    jobs += [Waiting(100 + number, "artist", 50, "auto") for number in range(3)]
    begun = [job.client for job in order(jobs, {"farm": 1})]
    assert begun[:6] == ["artist", "farm"] * 3


def test_the_whole_order_is_what_one_after_the_other_gives() -> None:
    chance = random.Random(1)
    for _ in range(50):
        jobs = [
            Waiting(number, chance.choice("abcd"), chance.choice((0, 50, 50, 90)), "auto", number % 3 == 0)
            for number in chance.sample(range(1000), 30)
        ]
        starts = {client: chance.randrange(20) for client in "ab"}
        assert order(jobs, starts) == _done(jobs, starts)


def test_a_thousand_jobs_are_quick() -> None:
    jobs = [Waiting(number, f"client {number % 10}", number % 3, "auto") for number in range(1000)]
    begun = time.process_time()
    assert len(order(jobs, {})) == 1000
    assert next_job(jobs, {}, "cuda:0") is not None
    assert time.process_time() - begun < 0.5
