# SPDX-License-Identifier: Apache-2.0
"""One clip's job in the daemon, as the session tells of it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from plosive_host import PlosiveHostError, Session
from plosive_host.session import Request

__all__ = ["JobWatch"]

_STAGES = {
    "open": "opening the plate",
    "faces": "looking for faces",
    "speech": "listening to the dub",
    "motion": "working out the mouth",
    "footage": "looking through other takes",
    "plan": "choosing mouths",
    "render": "making frames",
    "redo": "making some frames anew",
    "watch": "checking the result",
    "report": "writing the report",
}
# Where stages begin in a whole job, from jobs of some seconds on a CPU. They come in other orders, too.
_BEGINS = {
    "open": 0.0,
    "speech": 0.02,
    "faces": 0.1,
    "footage": 0.35,
    "plan": 0.38,
    "render": 0.4,
    "redo": 0.85,
    "watch": 0.9,
    "report": 0.97,
}


class JobWatch:
    """Begins with `submit`; `state` is waiting, running, done, failed or cancelled. All of it happens in the
    thread in which the session delivers.
    """

    def __init__(self, session: Session, name: str, sync: Mapping[str, Any], log: logging.Logger) -> None:
        self.name = name
        self.sync = dict(sync)
        self.state = "waiting"
        self.job_id = ""
        self.job: dict[str, Any] = {}
        self.warnings: list[str] = []
        self.error: PlosiveHostError | None = None
        self.is_known = False
        self._session = session
        self._log = log
        self._progress: dict[str, Any] = {}
        self._request: Request | None = None
        self._is_cancelled = False
        self._furthest = 0.0

    def submit(self) -> None:
        self._log.info("submit %s: %s", self.name, self.sync)
        fields = {"sync": self.sync, "label": self.name[:200]}
        self._request = self._session.request(
            "submit", fields, on_event=self._event, on_done=self._done, on_error=self._failed
        )

    def take(self, job: Mapping[str, Any]) -> None:
        """Its result is known already: `job` is one that is done."""
        self._log.info("%s is known: job %s", self.name, job.get("id"))
        self.job_id = str(job.get("id") or "")
        self.is_known = True
        self._done({"job": {**job, "state": "done"}})

    def cancel(self) -> None:
        """The job ends, in the daemon too; its state says so when it has."""
        self._is_cancelled = True
        if self.is_over or self._request is None:
            self._end("cancelled")
        elif self.job_id:
            self._session.request("cancel", {"job_id": self.job_id})
        # else: as soon as the daemon tells which job it is

    @property
    def is_over(self) -> bool:
        return self.state in ("done", "failed", "cancelled")

    @property
    def preview_path(self) -> str:
        return str(self._progress.get("preview_path") or "")

    @property
    def fraction(self) -> float:
        """About how much of it is done, 0 to 1; it never falls."""
        self._furthest = max(self._furthest, 1.0 if self.is_over else self._reached())
        return self._furthest

    def _reached(self) -> float:
        stage = str(self._progress.get("stage") or "")
        begin = _BEGINS.get(stage, 0.0)
        later = [share for share in _BEGINS.values() if share > begin]
        total = int(self._progress.get("frames_total") or 0)
        done = int(self._progress.get("frames_done") or 0)
        return begin + (min(later, default=1.0) - begin) * (min(1.0, done / total) if total else 0.0)

    @property
    def sentence(self) -> str:
        """What it does now, for a line of its own."""
        if self.state == "failed":
            return f"{self.name}: {self.error}"
        if self.state in ("done", "cancelled"):
            return f"{self.name}: {self.state}"
        if self.state == "waiting":
            ahead = int(self.job.get("jobs_ahead") or 0)
            return f"{self.name}: waiting" + (f", {ahead} before it" if ahead else "")
        stage = str(self._progress.get("stage") or "")
        text = f"{self.name}: {_STAGES.get(stage, stage or 'beginning')}"
        total, done = (
            int(self._progress.get("frames_total") or 0),
            int(self._progress.get("frames_done") or 0),
        )
        if total:
            text += f", {done} of {total}"
        left = self._progress.get("seconds_left")
        if isinstance(left, (int, float)) and left >= 0:
            text += f", about {_duration(left)} left"
        return text

    def _event(self, event: dict[str, Any]) -> None:
        kind = event.get("type")
        if kind in ("submitted", "state"):
            self.job = event.get("job") or {}
            self.job_id = str(self.job.get("id") or self.job_id)
            if kind == "submitted":
                self._log.info("%s is job %s", self.name, self.job_id)
                if self._is_cancelled:
                    self.cancel()
            self.state = "running" if self.job.get("state") == "running" else self.state
        elif kind == "progress":
            self.state = "running"
            self._progress = event.get("progress") or {}
        elif kind == "warning":
            self._warn(str(event.get("warning") or ""))

    def _done(self, answer: dict[str, Any]) -> None:
        self.job = answer.get("job") or {}
        for sentence in self.job.get("warnings") or ():
            self._warn(str(sentence))
        self._log.info("%s is done: %s", self.name, self.job.get("result"))
        self._end("done")

    def _failed(self, error: PlosiveHostError) -> None:
        self.job = error.message.get("job") or self.job
        self.error = error
        if error.code in ("CHILD_ENDED", "CONNECTION_LOST") and self.job_id:
            self.error = PlosiveHostError(
                f"{error} Its job may go on in the daemon: run Lip Sync Clip again, and the result is taken.",
                error.code,
            )
        self._log.error("%s failed (%s): %s", self.name, error.code, error)
        self._end("cancelled" if error.code == "CANCELLED" else "failed")

    def _end(self, state: str) -> None:
        if not self.is_over:
            self.state = state

    def _warn(self, sentence: str) -> None:
        if sentence and sentence not in self.warnings:
            self._log.warning("%s: %s", self.name, sentence)
            self.warnings.append(sentence)


def _duration(seconds: float) -> str:
    whole = round(seconds)
    if whole < 90:
        return f"{whole} s"
    return f"{round(whole / 60)} min"
