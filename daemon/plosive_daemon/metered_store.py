# SPDX-License-Identifier: Apache-2.0
"""The queue, counting what passes through it."""

from __future__ import annotations

import re
import threading
import time
from pathlib import Path

from plosive_daemon.job import Job, JobError, JobProgress, JobResult
from plosive_daemon.metrics import Metrics
from plosive_daemon.store import JobStore

__all__ = ["MeteredStore"]


_SHOT = re.compile(r"^\d+/\d+ |(?<=^dub) .*")
"""Which shot of a reel a stage belongs to, and which language: without end, and no matter for a metric."""


class MeteredStore(JobStore):
    """Tells `metrics` of stages, frames and tries that died; what the workers say is all it knows."""

    def __init__(self, folder: Path, metrics: Metrics, *, most_waiting: int, most_interruptions: int) -> None:
        super().__init__(folder, most_waiting=most_waiting, most_interruptions=most_interruptions)
        self._metrics = metrics
        self._stage_lock = threading.Lock()
        self._stages: dict[str, tuple[str, float]] = {}  # by job: the stage it is in, since when

    def put_progress(self, job_id: str, progress: JobProgress) -> None:
        super().put_progress(job_id, progress)
        now, told = time.monotonic(), _SHOT.sub("", progress.stage)
        with self._stage_lock:
            stage, since = self._stages.get(job_id, ("", now))
            if stage != told:
                self._stages[job_id] = (told, now)
        if stage and stage != told:
            self._metrics.add("plosive_stage_seconds_total", now - since, stage=stage)

    def finish(self, job_id: str, result: JobResult) -> Job:
        job = super().finish(job_id, result)
        self._leave(job_id)
        self._metrics.add("plosive_frames_total", result.frames_synced, fate="synced")
        self._metrics.add("plosive_frames_total", result.frames_total - result.frames_synced, fate="plate")
        return job

    def fail(self, job_id: str, error: JobError) -> Job:
        self._leave(job_id)
        return super().fail(job_id, error)

    def requeue(self, job_id: str, *, is_interrupted: bool = False) -> Job:
        self._leave(job_id)
        if not is_interrupted:
            self._metrics.add("plosive_worker_restarts_total")
        return super().requeue(job_id, is_interrupted=is_interrupted)

    def _leave(self, job_id: str) -> None:
        with self._stage_lock:
            stage, since = self._stages.pop(job_id, ("", 0.0))
        if stage:
            self._metrics.add("plosive_stage_seconds_total", time.monotonic() - since, stage=stage)
