# SPDX-License-Identifier: Apache-2.0
"""From a request to a job in the queue: checked, its result's name found, stored."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Protocol

from plosive_daemon.job import Job, JobKind, JobState
from plosive_daemon.service.conform_conversion import conform_options_of
from plosive_daemon.service.conversion import require_device, sync_options_of
from plosive_daemon.service.errors import InvalidRequest
from plosive_daemon.service.limits import require_within_limits
from plosive_daemon.service.paths import Roots
from plosive_daemon.service.request_paths import with_real_paths
from plosive_daemon.service.versioned_names import free_path
from plosive_daemon.store import JobStore, JobUnknown, KeyReused
from plosive_proto.v1 import conform_pb2, job_pb2

__all__ = ["Submissions", "SubmitsJobs"]

_USUAL_PRIORITY = 50
_MOST_PRIORITY = 100
_PAGE = 500


class SubmitsJobs(Protocol):
    """What the servicer needs."""

    def submit(self, request: job_pb2.SubmitJobRequest, client: str) -> tuple[Job, bool]:
        """The job, and whether it was there already."""

    def conform(self, request: conform_pb2.ConformRequest, client: str) -> tuple[Job, bool]:
        """The same of a conform."""


class Submissions:
    """One at a time, so that two requests never get one name."""

    def __init__(self, store: JobStore, roots: Roots) -> None:
        self._store = store
        self._roots = roots
        self._lock = threading.Lock()
        self._promised: dict[Path, str] | None = None

    def submit(self, request: job_pb2.SubmitJobRequest, client: str) -> tuple[Job, bool]:
        """Raises InvalidRequest, PathRefused, MediaReadError, OptionError, KeyReused, QueueFull."""
        require_within_limits(request)
        asked = job_pb2.SubmitJobRequest()
        asked.CopyFrom(request)
        if asked.sync.output.HasField("versioned"):
            asked.sync.output.versioned.ClearField("found_path")
        priority = _priority(request)
        device = require_device(request.device, "device")
        with self._lock:
            if request.idempotency_key:
                known = self._store.find(request.idempotency_key)
                if known is not None:
                    return _same(known, asked), True
            out = self._checked(asked, device)
            job, existed = self._store.add(
                asked.SerializeToString(deterministic=True),
                label=request.label,
                client=client,
                priority=priority,
                idempotency_key=request.idempotency_key,
                device=device,
            )
            if self._promised is not None:
                self._promised[out] = job.id
        return job, existed

    def conform(self, request: conform_pb2.ConformRequest, client: str) -> tuple[Job, bool]:
        """Raises InvalidRequest, PathRefused, MediaReadError, KeyReused, QueueFull."""
        require_within_limits(request)
        priority = _priority(request)
        device = require_device(request.device, "device")
        wanted = request.SerializeToString(deterministic=True)
        with self._lock:
            known = self._store.find(request.idempotency_key) if request.idempotency_key else None
            if known is None:  # one that is known may have lost its edit meanwhile
                conform_options_of(with_real_paths(request, self._roots), device=device)
            return self._store.add(
                wanted,
                kind=JobKind.CONFORM,
                label=request.label,
                client=client,
                priority=priority,
                idempotency_key=request.idempotency_key,
                device=device,
            )

    def _checked(self, asked: job_pb2.SubmitJobRequest, device: str) -> Path:
        """Refuse what will never work; the result's path, found free where a version is wanted."""
        real = with_real_paths(asked.sync, self._roots, "sync")
        versioned = real.output.versioned if real.output.HasField("versioned") else None
        if versioned is not None:
            if not versioned.folder_path or not Path(versioned.folder_path).is_dir():
                raise InvalidRequest(
                    "The folder for the result does not exist; make it first.",
                    "sync.output.versioned.folder_path",
                )
            out = free_path(versioned, Path(real.clip.media_path), self._is_promised)
            asked.sync.output.versioned.found_path = versioned.found_path = str(out)
        return sync_options_of(real, device=device).out

    def _is_promised(self, path: Path) -> bool:
        """Whether a job that has not ended will write there."""
        if self._promised is None:
            self._promised = self._read_promises()
        job_id = self._promised.get(path)
        if job_id is None:
            return False
        try:
            is_ended = self._store.get(job_id).state.is_ended
        except JobUnknown:
            is_ended = True
        if is_ended:
            del self._promised[path]
        return not is_ended

    def _read_promises(self) -> dict[Path, str]:
        promised: dict[Path, str] = {}
        token = ""
        while True:
            jobs, token = self._store.page((JobState.WAITING, JobState.RUNNING), "", _PAGE, token)
            for job in jobs:
                if job.kind is not JobKind.SYNC:
                    continue
                output = job_pb2.SubmitJobRequest.FromString(self._store.get(job.id).request).sync.output
                promised[Path(output.path or output.versioned.found_path)] = job.id
            if not token:
                return promised


def _priority(request: job_pb2.SubmitJobRequest | conform_pb2.ConformRequest) -> int:
    priority = request.priority if request.HasField("priority") else _USUAL_PRIORITY
    if priority > _MOST_PRIORITY:
        raise InvalidRequest(f"A priority is 0 to {_MOST_PRIORITY}, not {priority}.", "priority")
    return priority


def _same(known: Job, asked: job_pb2.SubmitJobRequest) -> Job:
    """The job of the same key, if its request is the same but for what the daemon put in."""
    is_sync = known.kind is JobKind.SYNC
    stored = job_pb2.SubmitJobRequest.FromString(known.request) if is_sync else job_pb2.SubmitJobRequest()
    if stored.sync.output.HasField("versioned"):
        stored.sync.output.versioned.ClearField("found_path")
    is_same = stored.SerializeToString(deterministic=True) == asked.SerializeToString(deterministic=True)
    if not (is_sync and is_same):
        raise KeyReused(
            f"The idempotency key '{known.idempotency_key}' belongs to another request (job {known.id}); "
            "use a new key for a new request."
        )
    return known
