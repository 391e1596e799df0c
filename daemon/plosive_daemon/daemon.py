# SPDX-License-Identifier: Apache-2.0
"""The daemon's parts, started in order and stopped in the other."""

from __future__ import annotations

import contextlib
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from plosive.errors import OptionError
from plosive_daemon.job import JobState
from plosive_daemon.metered_store import MeteredStore
from plosive_daemon.metrics import Metrics, labelled
from plosive_daemon.metrics_server import MetricsServer
from plosive_daemon.results import ResultCache
from plosive_daemon.service.authentication import PROTOCOL_MAJOR
from plosive_daemon.service.info import DaemonInfo
from plosive_daemon.service.paths import Roots
from plosive_daemon.service.server import PlosiveServer, call_limit, stream_limit
from plosive_daemon.service.servicer import ServiceParts
from plosive_daemon.service.submission import Submissions
from plosive_daemon.service.tls import credentials, place_of
from plosive_daemon.service.worker_pool import JobLogs, WorkerPool
from plosive_daemon.settings import DaemonSettings
from plosive_daemon.state_folder import Endpoint, StateFolder
from plosive_daemon.store import JobStore

__all__ = ["Daemon", "MakeWorkers"]

_LOG = logging.getLogger(__name__)
_LOOK_SECONDS = 0.5
_TIDY_SECONDS = 600.0

MakeWorkers = Callable[[JobStore, StateFolder, DaemonSettings], tuple[WorkerPool, JobLogs]]


class Daemon:
    """Serves in `serving`. Every failure to start is a PlosiveError."""

    def __init__(self, folder: StateFolder, settings: DaemonSettings, make_workers: MakeWorkers) -> None:
        self.settings = settings
        self.metrics = Metrics()
        self._folder = folder
        self._roots = Roots(settings.read_roots, settings.write_roots, (folder.root,))
        self._place = place_of(settings.address, folder.socket_path)
        self._credentials = credentials(self._place, settings)
        self._started = time.monotonic()
        self._store = MeteredStore(
            folder.queue,
            self.metrics,
            most_waiting=settings.waiting_jobs,
            most_interruptions=settings.interruptions,
        )
        told = self._store.recover()
        self.pool, logs = make_workers(self._store, folder, settings)
        if settings.scratch_folder is None and (lost := logs.remove_unknown(self._store.is_known)):
            told.append(
                f"The queue does not know {lost} jobs that had begun: its file was lost or is an older copy. "
                "What they had made so far was removed; submit them again. Their logs are still there."
            )
        for sentence in told:
            _LOG.warning("%s", sentence)
        self._info = DaemonInfo(settings, self._roots, self._store, told)
        self._parts = ServiceParts(
            self._store,
            self.pool,
            logs,
            self._info,
            Submissions(self._store, self._roots),
            self._roots,
            stream_limit(settings),
            call_limit(),
        )
        token = folder.token()
        try:
            self._server = PlosiveServer(self._parts, token, settings, self._place, self._credentials)
            self._metrics_server = _metrics_server(settings, self.metrics, token)
        except BaseException:
            self._store.close()
            raise
        self._looking = threading.Thread(target=self._look, name="plosive-look", daemon=True)
        self._read_gauges()

    @property
    def address(self) -> str:
        """Where it listens, as gRPC takes it."""
        return self._server.address

    @property
    def metrics_address(self) -> str:
        """HOST:PORT of the metrics; empty where there are none."""
        return "" if self._metrics_server is None else self._metrics_server.address

    @contextmanager
    def serving(self) -> Iterator[None]:
        """Answers calls and runs jobs while the block runs. At its end running jobs go back to the queue, and
        streams end with SHUTTING_DOWN.
        """
        try:
            self.pool.start()
            self._server.start()
            if self._metrics_server is not None:
                self._metrics_server.start()
                _LOG.info("metrics at http://%s/metrics", self.metrics_address)
            self._folder.write_endpoint(
                Endpoint(self.address, os.getpid(), PROTOCOL_MAJOR, self._info.started_unix_ms)
            )
            self._looking.start()
            _LOG.info("serving at %s (process %d)", self.address, os.getpid())
            yield
        finally:
            self._stop()

    def wait(self, stop: threading.Event) -> str:
        """Returns when `stop` is set, or after `idle_exit_seconds` with nothing to do; why, in words."""
        tidied = time.monotonic()
        while not stop.wait(_LOOK_SECONDS):
            if time.monotonic() - tidied > _TIDY_SECONDS:
                tidied = time.monotonic()
                for job_id in self._store.remove_oldest(self.settings.ended_jobs):
                    self._parts.logs.remove(job_id)
            if self.settings.idle_exit_seconds and self._is_idle():
                return f"nothing to do for {self.settings.idle_exit_seconds:g} s"
        return "asked to stop"

    def _is_idle(self) -> bool:
        if self._server.idle_seconds < self.settings.idle_exit_seconds:
            return False
        counts = self._store.counts()
        is_busy = counts[JobState.WAITING] or counts[JobState.RUNNING]
        return not (is_busy or self._parts.streams.count or self._parts.calls.count)

    def _look(self) -> None:
        # The first request should not wait for what conversion needs.
        import plosive.sync_options  # noqa: F401

        try:
            self._info.look(self.pool)
        except Exception:
            _LOG.exception("the devices cannot be asked for")

    def _stop(self) -> None:
        begun = time.monotonic()
        budget = self.settings.stop_seconds
        self._server.leave()
        with _told("the workers"):
            self.pool.stop(budget)
        if self._looking.ident is not None:
            self._looking.join(1.0)
        with _told("the queue"):
            self._store.close()  # wakes all watchers; they end with SHUTTING_DOWN
        with _told("the service"):
            self._server.stop(max(1.0, budget - (time.monotonic() - begun)))
        if self._metrics_server is not None:
            with _told("the metrics"):
                self._metrics_server.stop()
        if self._place.socket is not None:
            with contextlib.suppress(OSError):
                self._place.socket.unlink()
        _LOG.info("stopped in %.1f s", time.monotonic() - begun)

    def _read_gauges(self) -> None:
        self.metrics.gauge(
            "plosive_jobs",
            lambda: {labelled(state=state.value): count for state, count in self._store.counts().items()},
        )
        self.metrics.gauge("plosive_jobs_waiting", lambda: {"": self._store.counts()[JobState.WAITING]})
        results = ResultCache(self._folder.results, self.settings.cache_bytes)
        self.metrics.gauge("plosive_cache_bytes", lambda: {"": results.copied_bytes()})
        self.metrics.gauge("plosive_watchers", lambda: {"": self._parts.streams.count})
        self.metrics.gauge("plosive_calls_refused", lambda: {"": self._server.refusals})
        self.metrics.gauge("plosive_uptime_seconds", lambda: {"": time.monotonic() - self._started})


@contextmanager
def _told(what: str) -> Iterator[None]:
    """A part that fails to stop must not keep the next from it."""
    try:
        yield
    except Exception:
        _LOG.exception("%s did not stop well", what)


def _metrics_server(settings: DaemonSettings, metrics: Metrics, token: str) -> MetricsServer | None:
    if not settings.metrics_address:
        return None
    place = place_of(settings.metrics_address, None)
    if not place.is_loopback or place.host != "127.0.0.1":
        raise OptionError("Metrics are served at 127.0.0.1 only; give --metrics-port.")
    return MetricsServer(int(place.address.rpartition(":")[2]), metrics, token)
