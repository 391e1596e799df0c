# SPDX-License-Identifier: Apache-2.0
"""A daemon's service without workers, at a socket of its own."""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import pytest

from plosive.errors import JobCancelled
from plosive_daemon.job import JobProgress
from plosive_daemon.service.answering import ERROR_METADATA
from plosive_daemon.service.info import DaemonInfo
from plosive_daemon.service.paths import Roots
from plosive_daemon.service.server import PlosiveServer, call_limit, stream_limit
from plosive_daemon.service.servicer import ServiceParts
from plosive_daemon.service.submission import Submissions
from plosive_daemon.service.tls import place_of
from plosive_daemon.settings import DaemonSettings
from plosive_daemon.store import JobStore
from plosive_proto.v1 import errors_pb2, job_pb2, plosive_pb2_grpc

TOKEN = "t" * 43
METADATA = (("authorization", f"Bearer {TOKEN}"), ("plosive-protocol", "1"), ("plosive-client", "tests"))


class FakePool:
    """Answers what `answers` holds for a kind; an exception is raised, an Event is waited for."""

    def __init__(self, store: JobStore | None = None) -> None:
        self.store = store
        self.asked: list[tuple[str, bytes]] = []
        self.cancelled_jobs: list[str] = []
        self.cancelled_calls = threading.Event()
        self.answers: dict[str, Any] = {"devices": {"devices": [{"name": "cpu", "label": "Processor"}]}}
        self.is_running = False

    def start(self) -> None:
        self.is_running = True

    def stop(self, timeout_seconds: float) -> None:
        del timeout_seconds
        self.is_running = False

    def problems(self) -> list[str]:
        return []

    def cancel(self, job_id: str) -> None:
        self.cancelled_jobs.append(job_id)

    def call(
        self,
        kind: str,
        payload: dict[str, Any],
        on_progress: Callable[[JobProgress], None] | None = None,
        *,
        cancelled: threading.Event | None = None,
    ) -> dict[str, Any]:
        self.asked.append((kind, base64.b64decode(payload["request"])))
        answer = self.answers.get(kind, {})
        if isinstance(answer, BaseException):
            raise answer
        if answer == "wait":
            assert cancelled is not None
            if on_progress is not None:
                on_progress(JobProgress(stage="faces", frames_done=1, frames_total=9))
            assert cancelled.wait(20)
            self.cancelled_calls.set()
            raise JobCancelled("Stopped.")
        if on_progress is not None:
            on_progress(JobProgress(stage=kind, frames_done=3, frames_total=3))
        assert isinstance(answer, dict)
        return answer


class FakeLogs:
    def __init__(self) -> None:
        self.removed: list[str] = []

    def last_lines(self, job_id: str, count: int) -> list[str]:
        return [f"{job_id} line {number}" for number in range(5)][-count:]

    def remove(self, job_id: str) -> None:
        self.removed.append(job_id)

    def remove_unknown(self, is_known: Callable[[str], bool]) -> int:
        return 0


@dataclass
class Running:
    """A service, its parts, and a stub that shows the token."""

    address: str
    store: JobStore
    pool: FakePool
    logs: FakeLogs
    server: PlosiveServer
    parts: ServiceParts
    stub: Any
    channel: grpc.Channel
    folder: Path
    metadata: tuple[tuple[str, str], ...] = METADATA

    def call(self, name: str, request: Any, metadata: Any = METADATA, timeout: float = 10) -> Any:
        return getattr(self.stub, name)(request, metadata=metadata, timeout=timeout)

    def refused(
        self, name: str, request: Any, metadata: Any = METADATA
    ) -> tuple[grpc.StatusCode, errors_pb2.ErrorDetail]:
        """Status and detail of a call that must fail."""
        with pytest.raises(grpc.RpcError) as caught:
            answer = self.call(name, request, metadata)
            list(answer) if hasattr(answer, "cancel") else None
        return status_and_detail(caught.value)

    def job_request(self, **more: Any) -> job_pb2.SubmitJobRequest:
        """A request that will do."""
        request = job_pb2.SubmitJobRequest(**more)
        request.sync.clip.media_path = str(self.folder / "media" / "plate.mov")
        request.sync.voices.add().dub_path = str(self.folder / "media" / "dub.wav")
        request.sync.output.path = str(self.folder / "out" / "synced.mov")
        return request


def status_and_detail(error: Any) -> tuple[grpc.StatusCode, errors_pb2.ErrorDetail]:
    trailing = dict(error.trailing_metadata() or ())
    assert ERROR_METADATA in trailing, error
    return error.code(), errors_pb2.ErrorDetail.FromString(trailing[ERROR_METADATA])


@pytest.fixture
def settings() -> DaemonSettings:
    return DaemonSettings(watchers=20, message_bytes=1 << 20, waiting_jobs=50)


@pytest.fixture
def running(tmp_path: Path, settings: DaemonSettings) -> Iterator[Running]:
    for name in ("queue", "media", "out"):
        (tmp_path / name).mkdir()
    for name in ("plate.mov", "dub.wav"):
        (tmp_path / "media" / name).write_bytes(b"media")
    store = JobStore(tmp_path / "queue", most_waiting=settings.waiting_jobs)
    pool, logs = FakePool(store), FakeLogs()
    roots = Roots((tmp_path / "media", tmp_path / "out"), (tmp_path / "out",))
    info = DaemonInfo(settings, roots, store, ["told at start"])
    streams, calls = stream_limit(settings), call_limit()
    parts = ServiceParts(store, pool, logs, info, Submissions(store, roots), roots, streams, calls)
    server = PlosiveServer(parts, TOKEN, settings, place_of("127.0.0.1:0", None), None)
    server.start()
    with grpc.insecure_channel(server.address) as channel:
        stub = plosive_pb2_grpc.PlosiveStub(channel)  # type: ignore[no-untyped-call]
        yield Running(server.address, store, pool, logs, server, parts, stub, channel, tmp_path)
    store.close()
    server.stop(1.0)
