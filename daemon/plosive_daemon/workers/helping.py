# SPDX-License-Identifier: Apache-2.0
"""One device's help with a reel that another one leads."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from plosive.errors import PlosiveError
from plosive_daemon.store import JobStore
from plosive_daemon.workers.leftovers import JobFolder
from plosive_daemon.workers.process import WorkerProcess
from plosive_daemon.workers.protocol import ProgressTold, Start
from plosive_daemon.workers.running import End, Limits, Outcome, run_request
from plosive_daemon.workers.running_reels import RunningReel

__all__ = ["help_with"]

_LOOK_SECONDS = 0.5
_SAID = {
    End.DONE: "has nothing more to do for it",
    End.PAUSED: "makes room for another job",
    End.CANCELLED: "was stopped",
}


def help_with(
    reel: RunningReel,
    worker: WorkerProcess,
    device: str,
    takes_auto: bool,
    store: JobStore,
    payload: dict[str, Any],
    limits: Limits,
    stop: threading.Event,
    check_disks: Callable[[tuple[Path, ...]], None],
) -> Outcome:
    """Have `worker` help until there is nothing more to do, `stop` is set, or any job waits that `device` may
    do: that is PAUSED. `payload` is the leader's. What was begun is in the render's journal: whoever makes
    it next goes on there.
    """
    pause = threading.Event()
    looked = time.monotonic()

    def look(told: ProgressTold) -> None:
        nonlocal looked
        now = time.monotonic()
        if now - looked < _LOOK_SECONDS:
            return
        looked = now
        try:
            if store.first_waiting(device, takes_auto=takes_auto) is not None:
                pause.set()
        except PlosiveError:
            pause.set()

    folder = JobFolder(Path(payload["folder"])).of_helper(device)
    reel.log.write(f"{device} helps, process {worker.pid}.")
    folder.make()
    folder.clean()
    outcome = run_request(
        worker,
        Start(f"{reel.job.id}.{device}", reel.job.kind.value, {**payload, "helper": device}),
        limits,
        stop,
        on_progress=look,
        check_disks=lambda folders: check_disks((folder.path, *folders)),
        pause=pause,
    )
    if outcome.is_worker_lost:
        worker.let_go()
    folder.clean()
    said = _SAID.get(outcome.end)
    if said is None:
        said = f"cannot help: {outcome.error.sentence if outcome.error else outcome.reason}"
    made = f"; it made {outcome.result['renders']}" if outcome.end is End.DONE else ""
    reel.log.write(f"{device} {said}{made}.")
    return outcome
