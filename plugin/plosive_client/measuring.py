# SPDX-License-Identifier: Apache-2.0
"""Measuring a daemon of its own against the command line, for `plosive bench`.

`python -m plosive_client.measuring PLATE DUB FOLDER WATCHERS` prints the figures as JSON on its last line.
FOLDER is for the state, caches and results of the daemon that is started for it, and ended.
"""

from __future__ import annotations

import dataclasses
import json
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from plosive_client.cancellation import Cancellation
from plosive_client.client import Client
from plosive_client.clip import ClipRange, Voice
from plosive_client.connecting import connect
from plosive_client.errors import PlosiveClientError
from plosive_client.job import JobState
from plosive_client.sync import Output, SyncRequest

__all__ = ["MeasuredDaemon", "measure_daemon"]

_COLD_SECONDS, _WARM_SECONDS = 60.0, 12.0
_SUBMITS = 20
_SERVE = (sys.executable, "-m", "plosive.cli", "serve")


@dataclass(frozen=True)
class MeasuredDaemon:
    """Seconds of wall time. `cold_seconds`: from the start of the daemon to its health and first answer. Each
    job is measured twice, first with nothing known of plate and dub, then with both: `cli_seconds` by
    `plosive sync`, `job_seconds` from submit to done in the warm daemon while `watchers` watch it,
    `first_seconds` from submit to the first frame that any stage tells, `render_seconds` to the first one
    that is made. `submit_seconds` is the median of some submits beside it; `preview_seconds` one frame as a
    preview, with everything known of the plate, in a worker that has shown none.
    """

    cold_seconds: float
    watchers: int
    cli_seconds: tuple[float, float]
    job_seconds: tuple[float, float]
    first_seconds: tuple[float, float]
    render_seconds: tuple[float, float]
    submit_seconds: float
    preview_seconds: float


def measure_daemon(plate: Path, dub: Path, folder: Path, watchers: int) -> MeasuredDaemon:
    """Raises PlosiveClientError where the daemon does not come up, RuntimeError where a job fails."""
    kept = {
        "PLOSIVE_STATE": folder / "state",
        "PLOSIVE_LOGS": folder / "logs",
        "PLOSIVE_CACHE": folder / "own",
    }
    os.environ.update({name: str(path) for name, path in kept.items()})
    os.environ["PLOSIVE_DAEMON_WATCHERS"] = str(watchers + 100)
    cli = [_by_command_line(plate, dub, folder, number) for number in range(2)]
    begun = time.monotonic()
    with (folder / "serve.log").open("wb") as log:
        daemon = subprocess.Popen(_SERVE, stdout=log, stderr=log, start_new_session=True)
    try:
        with _client(daemon, begun) as client:
            cold = time.monotonic() - begun
            _await_warm(client, begun)
            jobs = [
                _Watched(client, watchers).measured(_wanted(plate, dub, folder, seed)) for seed in range(2)
            ]
            submits = _submits(client, plate, dub, folder)
            begun = time.monotonic()
            client.preview_frame(_wanted(plate, dub, folder, 0), 1)
            preview = time.monotonic() - begun
    finally:
        daemon.terminate()
        daemon.wait(60)
    totals, firsts, renders = zip(*jobs, strict=True)
    return MeasuredDaemon(
        cold, watchers, (cli[0], cli[1]), totals, firsts, renders, statistics.median(submits), preview
    )


def _by_command_line(plate: Path, dub: Path, folder: Path, number: int) -> float:
    out = folder / f"cli{number}{plate.suffix}"
    command = [sys.executable, "-m", "plosive.cli", "sync", str(plate), "--audio", str(dub), "-o", str(out)]
    begun = time.monotonic()
    environment = {**os.environ, "PLOSIVE_CACHE": str(folder / "cli")}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if done.returncode:
        raise RuntimeError(f"plosive sync ended with {done.returncode}\n{done.stderr}")
    return time.monotonic() - begun


def _client(daemon: subprocess.Popen[bytes], begun: float) -> Client:
    while True:
        try:
            return connect(is_started=False, client_name="bench")
        except PlosiveClientError:
            if daemon.poll() is not None or time.monotonic() - begun > _COLD_SECONDS:
                raise
            time.sleep(0.01)


def _await_warm(client: Client, begun: float) -> None:
    """Workers import what they need while nobody asks; then they sleep."""
    while not client.info().devices and time.monotonic() - begun < _COLD_SECONDS:
        time.sleep(0.1)
    time.sleep(_WARM_SECONDS)


def _wanted(plate: Path, dub: Path, folder: Path, seed: int) -> SyncRequest:
    """Another seed is another request: an earlier result is not given again."""
    out = Output(str(folder / f"daemon{seed}{plate.suffix}"))
    return SyncRequest(ClipRange(str(plate)), (Voice(str(dub)),), out, seed=seed)


class _Watched:
    """One job with many watchers."""

    def __init__(self, client: Client, watchers: int) -> None:
        self._client = client
        self._watchers = watchers

    def measured(self, wanted: SyncRequest) -> tuple[float, float, float]:
        """Seconds from submit to done, to the first frame told, to the first one made."""
        begun = time.monotonic()
        job = self._client.submit(wanted)
        stop = Cancellation()
        others = [
            threading.Thread(target=self._watch, args=(job.id, stop), daemon=True)
            for _ in range(self._watchers - 1)
        ]
        for thread in others:
            thread.start()
        first = made = None
        for event in self._client.watch(job.id):
            now = time.monotonic() - begun
            progress = event.progress or (event.job and event.job.progress)
            if progress and progress.frames_done:
                first = now if first is None else first
                made = now if made is None and progress.stage == "render" else made
            last = event
        total = time.monotonic() - begun
        stop.cancel()
        for thread in others:
            thread.join()
        if last.job is None or last.job.state is not JobState.DONE:
            raise RuntimeError(f"the job ended so: {last}")
        return total, total if first is None else first, total if made is None else made

    def _watch(self, job_id: str, stop: Cancellation) -> None:
        try:
            for _ in self._client.watch(job_id, cancellation=stop):
                pass
        except PlosiveClientError:
            if not stop.is_cancelled:
                raise


def _submits(client: Client, plate: Path, dub: Path, folder: Path) -> Sequence[float]:
    """Of jobs that are cancelled then."""
    taken, ids = list[float](), list[str]()
    for number in range(_SUBMITS):
        begun = time.monotonic()
        ids.append(client.submit(_wanted(plate, dub, folder, 100 + number)).id)
        taken.append(time.monotonic() - begun)
    for job_id in reversed(ids):
        client.cancel(job_id)
    return taken


def main(arguments: Sequence[str]) -> int:
    """The exit code."""
    plate, dub, folder, watchers = arguments
    places = [Path(each).absolute() for each in (plate, dub, folder)]
    measured = measure_daemon(places[0], places[1], places[2], int(watchers))
    print(json.dumps(dataclasses.asdict(measured)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
