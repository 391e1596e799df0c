# SPDX-License-Identifier: Apache-2.0
"""Which waiting job a device takes next: priority, fairness between clients, clips before reels, age."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

__all__ = ["Waiting", "may_run_on", "next_job", "order"]


@dataclass(frozen=True)
class Waiting:
    """A job that waits. `number` rises with age of submission; `device` is auto, cpu, cuda or cuda:N. A reel
    is many clips.
    """

    number: int
    client: str
    priority: int
    device: str
    is_reel: bool = False


def may_run_on(wanted: str, device: str, *, takes_auto: bool = True) -> bool:
    """Whether a job that wants `wanted` may run on `device` (cpu or cuda:N). `takes_auto` False is for a
    device that only does what asks for it, as the processor beside a GPU.
    """
    if wanted in ("", "auto"):
        return takes_auto
    return wanted == device or (wanted == "cuda" and device.startswith("cuda:"))


def next_job(
    waiting: Iterable[Waiting], last_starts: Mapping[str, int], device: str, *, takes_auto: bool = True
) -> Waiting | None:
    """The job that `device` does next, None where none may run there.

    The highest priority goes first; among its clients the one whose last start (`last_starts`, a count that
    rises with every start of any job; absent: never) is longest ago; of that client the oldest job, a reel
    after all others.
    """
    fitting = (job for job in waiting if may_run_on(job.device, device, takes_auto=takes_auto))
    return min(
        fitting,
        key=lambda job: (-job.priority, last_starts.get(job.client, 0), job.is_reel, job.number),
        default=None,
    )


def order(waiting: Sequence[Waiting], last_starts: Mapping[str, int]) -> list[Waiting]:
    """All of `waiting` in the order in which one device that takes everything would do them: `next_job` again
    and again, in n log n steps.
    """
    ordered: list[Waiting] = []
    starts = dict(last_starts)
    count = max(starts.values(), default=0)
    for priority in sorted({job.priority for job in waiting}, reverse=True):
        queues: dict[str, list[int]] = {}
        by_number = {job.number: job for job in waiting if job.priority == priority}
        by_turn = sorted(by_number, key=lambda number: (by_number[number].is_reel, number))
        for number in reversed(by_turn):  # the first is popped first
            queues.setdefault(by_number[number].client, []).append(number)
        turns = [
            (starts.get(client, 0), by_number[numbers[-1]].is_reel, numbers[-1], client)
            for client, numbers in queues.items()
        ]
        heapq.heapify(turns)
        while turns:
            _, _, number, client = heapq.heappop(turns)
            ordered.append(by_number[number])
            queues[client].pop()
            count += 1
            starts[client] = count
            if queues[client]:
                last = queues[client][-1]
                heapq.heappush(turns, (count, by_number[last].is_reel, last, client))
    return ordered
