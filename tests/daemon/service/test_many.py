# SPDX-License-Identifier: Apache-2.0
"""Many watchers and many submitters at once: everybody is told, and nothing is kept of those who left."""

from __future__ import annotations

import threading
import time
from typing import Any

import grpc
import pytest

from plosive_daemon.job import JobProgress, JobResult
from plosive_daemon.settings import DaemonSettings
from plosive_proto.v1 import job_pb2, plosive_pb2_grpc

WATCHERS = 100
CHANNELS = 10


@pytest.fixture
def settings() -> DaemonSettings:
    return DaemonSettings(watchers=WATCHERS * 2, waiting_jobs=2_000)


def test_a_hundred_watchers_and_ten_submitters(running: Any) -> None:
    job_id = running.call("SubmitJob", running.job_request()).job.id
    running.store.take("cpu")
    options = [("grpc.use_local_subchannel_pool", 1)]  # a connection for each
    channels = [grpc.insecure_channel(running.address, options=options) for _ in range(CHANNELS)]
    stubs = [plosive_pb2_grpc.PlosiveStub(channel) for channel in channels]  # type: ignore[no-untyped-call]
    seen: list[list[job_pb2.WatchJobResponse]] = [[] for _ in range(WATCHERS)]
    is_there = threading.Semaphore(0)

    def watch(number: int) -> None:
        request = job_pb2.WatchJobRequest(job_id=job_id)
        for message in stubs[number % CHANNELS].WatchJob(request, metadata=running.metadata, timeout=60):
            if not seen[number]:
                is_there.release()
            seen[number].append(message)

    def submit(number: int) -> None:
        for _ in range(10):
            stubs[number].SubmitJob(running.job_request(), metadata=running.metadata, timeout=60)

    threads = [threading.Thread(target=watch, args=(number,)) for number in range(WATCHERS)]
    for thread in threads:
        thread.start()
    for _ in threads:
        assert is_there.acquire(timeout=60)
    assert running.parts.streams.count == WATCHERS
    threads += [threading.Thread(target=submit, args=(number,)) for number in range(CHANNELS)]
    for thread in threads[WATCHERS:]:
        thread.start()
    for frame in range(1, 11):
        running.store.put_progress(job_id, JobProgress("render", frame, 10))
        running.store.add_warning(job_id, f"Sentence {frame}.")
    running.store.finish(job_id, JobResult("/out/x.mov"))
    for thread in threads:
        thread.join(60)
    for messages in seen:
        numbers = [message.sequence for message in messages]
        assert numbers == sorted(set(numbers)) and messages[0].WhichOneof("event") == "job"
        told = [message.warning for message in messages if message.warning]
        assert told == [
            f"Sentence {frame}." for frame in range(1, 11)
        ]  # coalesced progress, no lost sentence
        assert messages[-1].job.state == job_pb2.JOB_STATE_DONE
    assert sum(running.store.counts().values()) == 1 + 10 * CHANNELS
    for channel in channels:
        channel.close()
    deadline = time.monotonic() + 10
    while running.parts.streams.count and time.monotonic() < deadline:
        time.sleep(0.02)
    assert running.parts.streams.count == 0
