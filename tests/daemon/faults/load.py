# SPDX-License-Identifier: Apache-2.0
"""Load: clients in processes of their own submit jobs and watch; what a warning takes from the worker that
says it to each watcher is measured (one monotonic clock for all processes of a machine).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from plosive_client import (
    Cancellation,
    Client,
    ClipRange,
    JobState,
    Output,
    PlosiveClientError,
    SyncRequest,
    Voice,
    connect,
)

from .shop import Shop

__all__ = ["Load", "LoadMeasured", "put_under_load", "quantile"]

_FRAME_MILLISECONDS = 20  # 50 frames a second, one warning every ten and progress as often as workers tell it
_MAIN = "import sys; from faults.load import be_client; be_client(*sys.argv[1:])"


@dataclass(frozen=True)
class Load:
    """`clients` submit `jobs` in all and watch with `watchers` in all: half of them (`are_all_on_one`: all) a
    job that runs for `seconds`, the others jobs that wait.
    """

    clients: int = 10
    jobs: int = 1000
    watchers: int = 200
    seconds: float = 20.0
    are_all_on_one: bool = False


@dataclass(frozen=True)
class LoadMeasured:
    """Latencies in seconds, memory of the daemon in MB: before, with all jobs queued, after the watching.
    `watch_cpu_seconds` is what the daemon itself took of the processor while all watched.
    """

    submits: list[float]
    warnings: list[float]
    memory_mb: tuple[float, float, float]
    submit_seconds: float
    watch_cpu_seconds: float
    waiting: int
    problems: list[str]

    def lines(self) -> list[str]:
        """For a person."""
        before, queued, after = self.memory_mb
        return [
            f"{len(self.submits)} jobs submitted in {self.submit_seconds:.1f} s, {self.waiting} waiting",
            f"a submit: {_milliseconds(self.submits)}",
            f"{len(self.warnings)} warnings at watchers; one: {_milliseconds(self.warnings)}",
            f"the daemon took {self.watch_cpu_seconds:.1f} s of the processor while they watched",
            f"memory of the daemon: {before:.0f} MB, {queued:.0f} with all jobs queued, {after:.0f} after",
            *self.problems[:5],
        ]


def quantile(values: Sequence[float], share: float) -> float:
    """NaN of nothing."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else float("nan")


def _milliseconds(values: Sequence[float]) -> str:
    told = [f"{name} {1000 * quantile(values, share):.1f}" for name, share in _SHARES.items()]
    return ", ".join(told) + " ms"


_SHARES = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "longest": 1.0}


def put_under_load(folder: Path, load: Load) -> LoadMeasured:
    """A fresh daemon in `folder` with quick workers under `load`, and what was measured."""
    settings = {"WATCHERS": str(load.watchers + 100), "WAITING_JOBS": str(load.jobs + 100)}
    with closing(Shop(folder, 1, **settings)) as shop, shop.start() as client:
        assert shop.daemon is not None
        shop.wait(client, shop.submit(client, "warm", 2).id)
        before = _memory_mb(shop.daemon.pid)
        shop.plate("short", 2)
        begun = time.monotonic()
        kids = [_client_process(shop, load, number) for number in range(load.clients)]
        for kid in kids:
            assert kid.stdout is not None and kid.stdout.readline() == "submitted\n"
        submit_seconds, waiting = time.monotonic() - begun, client.info().jobs_waiting
        queued = _memory_mb(shop.daemon.pid)
        running = _running(shop, client, load.seconds)
        for kid in kids:
            assert kid.stdin is not None
            kid.stdin.write(f"{running}\n")
            kid.stdin.flush()
        used = _cpu_seconds(shop.daemon.pid)
        told = [json.loads(kid.communicate(timeout=load.seconds + 240)[0]) for kid in kids]
        after, used = _memory_mb(shop.daemon.pid), _cpu_seconds(shop.daemon.pid) - used
        shop.stop()
        good = bytes(255 - value for value in (shop.media / "short.mov").read_bytes())
        assert all(path.read_bytes() == good for path in shop.out.glob("*_*.mov")), "a result is not whole"
    return LoadMeasured(
        [value for one in told for value in one["submits"]],
        [value for one in told for value in one["warnings"]],
        (before, queued, after),
        submit_seconds,
        used,
        waiting,
        [sentence for one in told for sentence in one["problems"]],
    )


def _running(shop: Shop, client: Client, seconds: float) -> str:
    """A job that goes before all others, at work."""
    plate = shop.plate("long", int(seconds * 1000 / _FRAME_MILLISECONDS))
    voice = Voice(str(shop.media / "dub.wav"), transcript=str(_FRAME_MILLISECONDS))
    wanted = SyncRequest(ClipRange(str(plate)), (voice,), Output(str(shop.out / "long.mov")))
    job = client.submit(wanted, priority=100, timeout_seconds=90.0)
    shop.until(lambda: client.job(job.id), lambda job: job.state is JobState.RUNNING, 60.0)
    return job.id


def _client_process(shop: Shop, load: Load, number: int) -> subprocess.Popen[str]:
    asked = (shop.folder, number, load.jobs // load.clients, load.watchers // load.clients)
    paths = f"{Path(__file__).parents[1]}:{shop.environment['PYTHONPATH']}"
    return subprocess.Popen(
        [sys.executable, "-c", _MAIN, *map(str, asked), "all" if load.are_all_on_one else "half"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**shop.environment, "PYTHONPATH": paths},
        text=True,
    )


def be_client(folder: str, number: str, jobs: str, watchers: str, share: str) -> None:
    """The main function of a client's process; its last line is what it measured, as JSON."""
    with connect(
        is_started=False,
        client_name=f"client {number}",
        reconnect_seconds=120,
        state_folder=Path(folder, "state"),
    ) as client:
        submits, ids = _submitted(client, Path(folder), int(number), int(jobs))
        print("submitted", flush=True)
        running_id = sys.stdin.readline().strip()
        watchers_here = int(watchers)
        on_running = watchers_here if share == "all" else watchers_here // 2
        watcher = _Watcher(client, Cancellation())
        others = [ids[place % len(ids)] for place in range(watchers_here - on_running)] if ids else []
        threads = [threading.Thread(target=watcher.watch, args=(running_id, True)) for _ in range(on_running)]
        idle = [threading.Thread(target=watcher.watch, args=(job_id, False)) for job_id in others]
        for thread in (*idle, *threads):
            thread.start()
        for thread in threads:
            thread.join()
        watcher.stop.cancel()
        for thread in idle:
            thread.join()
    print(json.dumps({"submits": submits, "warnings": watcher.seconds, "problems": watcher.problems}))


def _submitted(client: Client, folder: Path, number: int, jobs: int) -> tuple[list[float], list[str]]:
    submits, ids = list[float](), list[str]()
    plate, dub = str(folder / "media" / "short.mov"), str(folder / "media" / "dub.wav")
    for row in range(jobs):
        out = Output(str(folder / "out" / f"{number}_{row}.mov"))
        wanted = SyncRequest(ClipRange(plate), (Voice(dub, transcript="1"),), out)
        begun = time.monotonic()
        job = client.submit(wanted, idempotency_key=f"{number}.{row}", timeout_seconds=120)
        submits.append(time.monotonic() - begun)
        ids.append(job.id)
    return submits, ids


class _Watcher:
    """Watches jobs, each call in its own thread; `seconds` from the worker's word to here."""

    def __init__(self, client: Client, stop: Cancellation) -> None:
        self.stop = stop
        self.seconds: list[float] = []
        self.problems: list[str] = []
        self._client = client

    def watch(self, job_id: str, is_to_end: bool) -> None:
        begun, last = time.monotonic(), None
        try:
            for event in self._client.watch(job_id, cancellation=self.stop):
                last = event
                if event.warning and event.warning.startswith("at "):
                    said = float(event.warning[3:])
                    if said > begun + 1.0:  # what was said before is told as a whole at first
                        self.seconds.append(time.monotonic() - said)
        except PlosiveClientError as error:
            if not self.stop.is_cancelled:
                self.problems.append(str(error)[:200])
            return
        if is_to_end and (last is None or last.job is None or not last.job.state.is_ended):
            self.problems.append(f"the stream of {job_id} ended before its job")


def _memory_mb(pid: int) -> float:
    """proc(5), status."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


def _cpu_seconds(pid: int) -> float:
    """proc(5), stat: user and system time."""
    values = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(values[11]) + int(values[12])) / os.sysconf("SC_CLK_TCK")
