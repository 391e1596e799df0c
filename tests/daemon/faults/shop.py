# SPDX-License-Identifier: Apache-2.0
"""A daemon with its media and results, and what must hold after every fault."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from plosive_client import Client, ClipRange, Job, JobState, Output, PlosiveClientError, SyncRequest, Voice
from plosive_client import connect as connect_client

__all__ = ["FRAME_BYTES", "JOBS", "Shop", "Submitter"]

FRAME_BYTES = 1024
JOBS = 4
_MARK = "PLOSIVE_FAULT_SHOP"
_DAEMON = Path(__file__).with_name("quick_daemon.py")
_ROOT = Path(__file__).parents[3]


class Shop:
    """One state folder, and the daemon that serves from it, if any. `told` collects what jobs came to."""

    def __init__(self, folder: Path, seed: int, state: Path | None = None, **settings: str) -> None:
        self.folder = folder
        self.state = state or folder / "state"
        self.out = folder / "out"
        self.media = folder / "media"
        for each in (self.out, self.media):
            each.mkdir(parents=True)
        self.random = random.Random(seed)
        self.mark = f"{os.getpid()}-{seed}-{folder.name}"
        self.clock = folder / "clock"
        self.daemon: subprocess.Popen[bytes] | None = None
        self.settings = {"DISK_RESERVE_BYTES": "0", "DEVICES": "cpu", **settings}
        (self.media / "dub.wav").write_bytes(b"speech")

    @property
    def environment(self) -> dict[str, str]:
        paths = os.pathsep.join(str(_ROOT / name) for name in ("core", "daemon", "plugin", "proto/gen"))
        given = {f"PLOSIVE_DAEMON_{name}": value for name, value in self.settings.items()}
        return {
            **os.environ,
            **given,
            _MARK: self.mark,
            "PLOSIVE_STATE": str(self.state),
            "PLOSIVE_FAULT_CLOCK": str(self.clock),
            "PYTHONPATH": paths,
        }

    def start(self) -> Client:
        """A daemon that answers."""
        with (self.folder / "daemon.log").open("ab") as log:
            self.daemon = subprocess.Popen(
                [sys.executable, str(_DAEMON)],
                stdout=log,
                stderr=log,
                env=self.environment,
                start_new_session=True,
            )
        return self.client()

    def client(self, seconds: float = 90.0) -> Client:
        deadline = time.monotonic() + seconds
        while True:
            try:
                return connect_client(
                    state_folder=self.state, is_started=False, client_name="faults", reconnect_seconds=90.0
                )
            except PlosiveClientError:
                if time.monotonic() > deadline or (self.daemon and self.daemon.poll() is not None):
                    raise AssertionError((self.folder / "daemon.log").read_text()[-2000:]) from None
                time.sleep(0.05)

    def kill(self) -> None:
        """As a machine's crash does it to the daemon; its workers must end by themselves."""
        assert self.daemon is not None
        self.daemon.kill()
        self.daemon.wait(30)

    def stop(self) -> None:
        """As a user does it."""
        assert self.daemon is not None
        self.daemon.terminate()
        assert self.daemon.wait(60) == 0, "the daemon did not stop well"
        self.require_no_orphans()

    def close(self) -> None:
        """Whatever happened, nothing stays."""
        for pid in self.processes():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if self.daemon is not None:
            self.daemon.wait(30)

    def processes(self, part: str = "") -> list[int]:
        """All of this shop, whatever their group or session, by the mark in their environment (proc(5)); of
        those with `part` in their command line.
        """
        found = []
        for folder in Path("/proc").iterdir():
            if folder.name.isdigit() and int(folder.name) != os.getpid():
                with suppress(OSError):
                    has_mark = f"{_MARK}={self.mark}".encode() in (folder / "environ").read_bytes()
                    if has_mark and part.encode() in (folder / "cmdline").read_bytes():
                        found.append(int(folder.name))
        return found

    def plate(self, name: str, frames: int) -> Path:
        path = self.media / f"{name}.mov"
        path.write_bytes(self.random.randbytes(frames * FRAME_BYTES))
        return path

    def submit(self, client: Client, name: str, frames: int = 30, pause_milliseconds: int = 15) -> Job:
        """A job that makes NAME.mov; its idempotency key is its name."""
        plate = self.media / f"{name}.mov"
        if not plate.exists():
            self.plate(name, frames)
        voice = Voice(str(self.media / "dub.wav"), transcript=str(pause_milliseconds))
        output = Output(str(self.out / f"{name}.mov"))
        wanted = SyncRequest(ClipRange(str(plate)), (voice,), output)
        return client.submit(wanted, label=name, idempotency_key=name, timeout_seconds=90.0)

    def moment(self, client: Client, job_id: str, most_seconds: float = 0.8) -> None:
        """Lets a random time go by: mostly from the first frame of a job, else from now."""
        if self.random.random() < 0.8:
            self.until(
                lambda: client.job(job_id, timeout_seconds=90.0),
                lambda job: job.state.is_ended or bool(job.progress and job.progress.frames_done),
                90.0,
            )
        time.sleep(self.random.uniform(0.0, most_seconds))

    def wait(self, client: Client, job_id: str, seconds: float = 120.0) -> Job:
        """The job when it has ended."""
        return self.until(
            lambda: client.job(job_id, timeout_seconds=90.0), lambda job: job.state.is_ended, seconds
        )

    @staticmethod
    def until(look: Callable[[], Job], is_right: Callable[[Job], bool], seconds: float) -> Job:
        deadline = time.monotonic() + seconds
        while True:
            job = look()
            if is_right(job):
                return job
            assert time.monotonic() < deadline, f"after {seconds:g} s: {job}"
            time.sleep(0.03)

    def require_true(self, jobs: Iterable[Job]) -> None:
        """Each job has ended; what is done is there and whole, what is not is not there at all."""
        for job in jobs:
            out = self.out / f"{job.label}.mov"
            assert job.state.is_ended, job
            if job.state is JobState.DONE:
                assert self.is_whole(out), f"{out} is not what it should be: {job}"
            else:
                assert not out.exists(), f"{out} is there, but the job is not done: {job}"
                assert job.error is not None and job.error.sentence, job
        self.require_whole_files()

    def is_whole(self, out: Path) -> bool:
        return out.exists() and out.read_bytes() == bytes(
            255 - value for value in (self.media / out.name).read_bytes()
        )

    def require_whole_files(self) -> None:
        """Also in the midst of everything: nothing under a final name is partial."""
        for path in self.out.glob("*.mov"):
            if not path.name.startswith("."):
                assert self.is_whole(path), f"{path} is partial or wrong"

    def require_no_partials(self) -> None:
        left = [path.name for path in self.out.iterdir() if path.name.startswith(".")]
        assert not left, f"unfinished files stayed: {left}"

    def require_no_orphans(self, seconds: float = 10.0) -> None:
        deadline = time.monotonic() + seconds
        while left := self.processes():
            assert time.monotonic() < deadline, f"processes outlived the daemon: {left}"
            time.sleep(0.05)


class Submitter(threading.Thread):
    """Submits `JOBS` jobs, one after the other; `acknowledged` are those whose answer came."""

    def __init__(self, shop: Shop, client: Client) -> None:
        super().__init__(daemon=True)
        self.acknowledged: dict[str, str] = {}
        self.failures: list[PlosiveClientError] = []
        self._shop = shop
        self._client = client

    def run(self) -> None:
        for number in range(JOBS):
            name = f"shot{number}"
            with suppress(PlosiveClientError):
                self.acknowledged[name] = self._shop.submit(self._client, name).id
            time.sleep(self._shop.random.uniform(0.0, 0.05))
