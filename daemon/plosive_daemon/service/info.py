# SPDX-License-Identifier: Apache-2.0
"""What GetInfo tells."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Sequence

from plosive import __version__
from plosive.errors import PlosiveError
from plosive_daemon.job import JobState
from plosive_daemon.service.authentication import PROTOCOL_MAJOR, PROTOCOL_MINOR
from plosive_daemon.service.paths import Roots
from plosive_daemon.service.worker_pool import WorkerPool, payload_of, response_in
from plosive_daemon.settings import DaemonSettings
from plosive_daemon.store import JobStore
from plosive_proto.v1 import info_pb2

__all__ = ["DaemonInfo"]


class DaemonInfo:
    """Answers at once: devices are asked of a worker when `look` is called, not when somebody asks."""

    def __init__(
        self, settings: DaemonSettings, roots: Roots, store: JobStore, warnings: Sequence[str] = ()
    ) -> None:
        self._settings = settings
        self._roots = roots
        self._store = store
        self._warnings = tuple(warnings)
        self._lock = threading.Lock()
        self._found: info_pb2.GetInfoResponse | None = None
        self._pool: WorkerPool | None = None
        self.started_unix_ms = time.time_ns() // 1_000_000

    def look(self, pool: WorkerPool) -> None:
        """Ask a worker for the devices; what fails becomes a warning. Later told: `pool.problems`."""
        self._pool = pool
        try:
            found = response_in(
                pool.call("devices", payload_of(info_pb2.GetInfoRequest())), info_pb2.GetInfoResponse()
            )
        except PlosiveError as error:
            found = info_pb2.GetInfoResponse(warnings=[f"The devices are not known: {error}"])
        with self._lock:
            self._found = found

    def message(self) -> info_pb2.GetInfoResponse:
        """Versions, devices, roots and limits, and what is missing here."""
        counts = self._store.counts()
        with self._lock:
            found = self._found
        warnings = ["The devices are still being looked for."] if found is None else list(found.warnings)
        problems = [] if self._pool is None else self._pool.problems()
        return info_pb2.GetInfoResponse(
            plosive_version=__version__,
            protocol_major=PROTOCOL_MAJOR,
            protocol_minor=PROTOCOL_MINOR,
            process_id=os.getpid(),
            started_unix_ms=self.started_unix_ms,
            devices=[] if found is None else found.devices,
            read_roots=[str(root) for root in self._roots.read],
            write_roots=[str(root) for root in self._roots.write],
            limits=info_pb2.Limits(
                message_bytes=self._settings.message_bytes,
                waiting_jobs=self._settings.waiting_jobs,
                watchers=self._settings.watchers,
                cache_bytes=self._settings.cache_bytes,
            ),
            jobs_waiting=counts[JobState.WAITING],
            jobs_running=counts[JobState.RUNNING],
            warnings=[*self._warnings, *warnings, *problems],
        )
