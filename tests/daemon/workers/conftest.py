# SPDX-License-Identifier: Apache-2.0
"""A pool of workers that take no media, in a folder of its own."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from plosive_daemon.job import Job, JobState
from plosive_daemon.job_logs import JobLogs
from plosive_daemon.settings import DaemonSettings
from plosive_daemon.store import JobStore
from plosive_daemon.workers.pool import WorkerPool

FAKE = (sys.executable, str(Path(__file__).with_name("fake_worker.py")))
SETTINGS = DaemonSettings(devices=("cpu",), worker_start_seconds=30.0, disk_check_seconds=0.1)


@pytest.fixture(autouse=True)
def _children_find_our_code(monkeypatch: pytest.MonkeyPatch, repository: Path) -> None:
    """Tests run in folders of their own, and a path in PYTHONPATH may be relative."""
    folders = [str(repository / name) for name in ("core", "daemon", "proto/gen")]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(folders))


@dataclass
class Workshop:
    """A queue and its workers. `out` is where results go."""

    store: JobStore
    logs: JobLogs
    pool: WorkerPool
    out: Path
    scratch: Path

    def submit(self, name: str = "a.bin", frames: int = 5, **wish: Any) -> str:
        """A job's id."""
        said = {key: value for key, value in wish.items() if key != "kind"}
        request = json.dumps({"out": str(self.out / name), "frames": frames, **said}).encode()
        about = {key: wish[key] for key in ("client", "device", "kind", "priority") if key in wish}
        job, _ = self.store.add(request, **{"client": "test", **about})
        return job.id

    def wait(self, job_id: str, until: Callable[[Job], bool], seconds: float = 20.0) -> Job:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            job = self.store.get(job_id)
            if until(job):
                return job
            time.sleep(0.005)
        raise AssertionError(f"{job} after {seconds} s; its log: {self.logs.last_lines(job_id, 50)}")

    def ended(self, job_id: str, seconds: float = 20.0) -> Job:
        return self.wait(job_id, lambda job: job.state.is_ended, seconds)

    def at_work(self, job_id: str, frames: int = 1) -> tuple[Job, int]:
        """The job when it has begun to render, and its worker's process."""
        job = self.wait(
            job_id,
            lambda job: job.state is JobState.RUNNING and job.progress.frames_done >= frames,
        )
        return job, int(job.warnings[-1].split()[-1])

    def cancel(self, job_id: str) -> float:
        """As the service does it; the seconds it took."""
        begun = time.monotonic()
        self.store.cancel(job_id)
        self.pool.cancel(job_id)
        return time.monotonic() - begun

    @property
    def partials(self) -> list[str]:
        """Whatever is unfinished where results go."""
        return [str(path) for path in self.out.rglob("*") if path.name.endswith((".part", ".partial"))]


def open_workshop(folder: Path, settings: DaemonSettings = SETTINGS, **pool: Any) -> Workshop:
    for name in ("queue", "logs", "scratch", "out"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    store = JobStore(folder / "queue")
    logs = JobLogs(folder / "logs", folder / "scratch", settings.job_log_bytes)
    made = WorkerPool(store, settings, logs, **{"command": FAKE, **pool})
    return Workshop(store, logs, made, folder / "out", folder / "scratch")


@pytest.fixture
def workshop(tmp_path: Path) -> Iterator[Workshop]:
    shop = open_workshop(tmp_path)
    shop.pool.start()
    yield shop
    shop.pool.stop(10.0)
    shop.store.close()


@pytest.fixture
def workshop_of(tmp_path: Path) -> Iterator[Callable[..., Workshop]]:
    """Makes a workshop with other settings."""
    made: list[Workshop] = []

    def make(**changes: Any) -> Workshop:
        pool = {name: changes.pop(name) for name in ("check_disks", "command", "results") if name in changes}
        shop = open_workshop(tmp_path / str(len(made)), replace(SETTINGS, **changes), **pool)
        made.append(shop)
        shop.pool.start()
        return shop

    yield make
    for shop in made:
        shop.pool.stop(10.0)
        shop.store.close()


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def children_of(pid: int) -> list[int]:
    """Processes whose group is `pid`, by /proc (proc(5), stat: fifth field)."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[2]) == pid and fields[0] != "Z":
                found.append(int(folder.name))
    return found
