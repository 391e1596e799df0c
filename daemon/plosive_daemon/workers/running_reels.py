# SPDX-License-Identifier: Apache-2.0
"""Reels at work, and which devices with nothing else to do help with them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from plosive_daemon.job import Job, JobKind, ReelProgress
from plosive_daemon.job_logs import JobLog
from plosive_daemon.scheduling import may_run_on

__all__ = ["RunningReel", "RunningReels"]

_LEAST_RENDERS = 2


@dataclass
class RunningReel:
    """The conform `job`, led by `device`. `helpers` are the devices that help, each with what stops it."""

    job: Job
    device: str
    log: JobLog
    has_work: bool = False
    is_ended: bool = False
    helpers: dict[str, threading.Event] = field(default_factory=dict)
    barred: set[str] = field(default_factory=set)


class RunningReels:
    """Of all devices of a daemon. `are_alike` tells whether two devices make the same pixels: what a render
    comes to depends on the kind of device, and others' renders would be of no use.
    """

    def __init__(self, are_alike: Callable[[str, str], bool] = lambda one, other: one == other) -> None:
        self._are_alike = are_alike
        self._changed = threading.Condition()
        self._reels: dict[str, RunningReel] = {}

    def begin(self, job: Job, device: str, log: JobLog) -> None:
        """`device` leads `job` from now on, if that is a reel."""
        if job.kind is JobKind.CONFORM:
            with self._changed:
                self._reels[job.id] = RunningReel(job, device, log)

    def tell(self, job_id: str, reel: ReelProgress) -> tuple[str, ...]:
        """How far a reel is; the devices that help with it."""
        with self._changed:
            known = self._reels.get(job_id)
            if known is None:
                return ()
            known.has_work = reel.renders_total - reel.renders_done >= _LEAST_RENDERS
            return tuple(sorted(known.helpers))

    def end(self, job_id: str, timeout_seconds: float) -> bool:
        """Its leader has ended, however: helpers stop. Whether they have, in time."""
        with self._changed:
            known = self._reels.pop(job_id, None)
            if known is None:
                return True
            known.is_ended = True
            for stop in known.helpers.values():
                stop.set()
            return self._changed.wait_for(lambda: not known.helpers, timeout_seconds)

    def join(self, device: str, takes_auto: bool, stop: threading.Event) -> RunningReel | None:
        """A reel that `device` helps with from now on; None where there is none. `stop` ends its help."""
        with self._changed:
            for known in self._reels.values():
                may_help = may_run_on(known.job.device, device, takes_auto=takes_auto)
                is_open = known.has_work and device not in known.barred and device != known.device
                if may_help and is_open and self._are_alike(known.device, device):
                    known.helpers[device] = stop
                    return known
        return None

    def leave(self, reel: RunningReel, device: str, *, is_final: bool) -> None:
        """`device` does not help any more; with `is_final` not with this try of this reel."""
        with self._changed:
            reel.helpers.pop(device, None)
            if is_final:
                reel.barred.add(device)
            self._changed.notify_all()
