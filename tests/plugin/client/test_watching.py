# SPDX-License-Identifier: Apache-2.0
"""A job's events over streams that break and daemons that restart: complete, in order, each once."""

from __future__ import annotations

import random
import threading
from typing import Any

import pytest

from plosive_client import (
    Cancellation,
    Cancelled,
    Client,
    ConnectionLost,
    JobState,
    JobUnknown,
    WatchEvent,
    connect,
)
from plosive_proto.v1 import errors_pb2, job_pb2


def play(daemon: Any, job_id: str, script: random.Random, events: int) -> None:
    """Random events, the last of them the job's end."""
    daemon.tell_state(job_id, job_pb2.JOB_STATE_RUNNING)
    for number in range(events):
        if script.random() < 0.3:
            daemon.tell(job_id, warning=f"warning {number}")
        else:
            daemon.tell(job_id, progress=job_pb2.Progress(stage="render", frames_done=number))
    daemon.tell_state(job_id, job_pb2.JOB_STATE_DONE)


@pytest.mark.parametrize("seed", range(12))
def test_nothing_is_lost_or_repeated_over_cuts(daemon: Any, client: Client, seed: int) -> None:
    script = random.Random(seed)
    job_id = daemon.add_job(f"job{seed}")
    events = script.randrange(1, 40)
    daemon.cuts = [script.randrange(0, 8) for _ in range(script.randrange(0, 6))]
    player = threading.Thread(target=play, args=(daemon, job_id, script, events))
    player.start()
    told = list(client.watch(job_id))
    player.join()
    assert [event.sequence for event in told] == list(range(1, events + 4))
    for event, sent in zip(told, daemon.events[job_id], strict=True):
        assert (event.warning or "") == sent.warning
        assert (event.progress.frames_done if event.progress else 0) == sent.progress.frames_done
        assert (event.job is not None) == sent.HasField("job")
    assert told[-1].job is not None and told[-1].job.state is JobState.DONE


@pytest.mark.parametrize("seed", range(3))
def test_over_restarts_of_the_daemon(daemon: Any, client: Client, seed: int) -> None:
    script = random.Random(seed)
    job_id = daemon.add_job("job")

    def restarts() -> None:
        for number in range(3):
            daemon.tell(job_id, warning=f"before restart {number}")
            daemon.stop(leaves_endpoint=script.random() < 0.5)
            if script.random() < 0.5:
                daemon.token = f"{seed}{number}" * 22
            daemon.tell(job_id, warning=f"while it was down {number}")
            daemon.start()
        play(daemon, job_id, script, 5)

    restarter = threading.Thread(target=restarts)
    restarter.start()
    told = [event.sequence for event in client.watch(job_id)]
    restarter.join()
    assert told == list(range(1, len(daemon.events[job_id]) + 1))


def test_taken_up_by_hand(daemon: Any, client: Client) -> None:
    job_id = daemon.add_job("job")
    play(daemon, job_id, random.Random(1), 5)
    told = list(client.watch(job_id))
    assert list(client.watch(job_id, after_sequence=3)) == told[3:]
    assert list(client.watch(job_id, after_sequence=told[-1].sequence)) == []


def test_a_failed_job_tells_why(daemon: Any, client: Client) -> None:
    job_id = daemon.add_job("job")
    detail = errors_pb2.ErrorDetail(
        code=errors_pb2.ERROR_CODE_MEDIA_READ, sentence="The plate is damaged.", field="sync.clip.media_path"
    )
    daemon.tell_state(job_id, job_pb2.JOB_STATE_FAILED, error=detail)
    last = list(client.watch(job_id))[-1]
    assert last.job is not None and last.job.error is not None
    assert last.job.error.sentence == "The plate is damaged."
    assert last.job.error.code.value == "MEDIA_READ"


def test_a_queue_that_was_rebuilt_still_tells_the_end(daemon: Any, client: Client) -> None:
    job_id = daemon.add_job("job")
    daemon.tell(job_id, warning="one")
    daemon.tell(job_id, warning="two")
    told: list[WatchEvent] = []
    for event in client.watch(job_id):
        told.append(event)
        if event.warning == "two":
            daemon.stop()
            del daemon.events[job_id][:]
            daemon.tell_state(job_id, job_pb2.JOB_STATE_DONE)
            daemon.start()
    assert [event.sequence for event in told] == [1, 2, 3, 4]
    assert told[-1].job is not None and told[-1].job.state is JobState.DONE


def test_a_number_the_job_never_reached_begins_anew(daemon: Any, client: Client) -> None:
    """As a daemon answers whose queue was set back: the whole state, with its own number."""
    job_id = daemon.add_job("job")
    daemon.tell_state(job_id, job_pb2.JOB_STATE_RUNNING)
    daemon.begins_anew = True
    watching = client.watch(job_id, after_sequence=1000)
    first = next(watching)
    assert first.job is not None and first.job.state is JobState.RUNNING and first.sequence < 1000
    daemon.tell(job_id, warning="told")
    daemon.tell_state(job_id, job_pb2.JOB_STATE_DONE)
    assert [event.warning for event in watching if event.warning] == ["told"]


def test_unknown_jobs(client: Client) -> None:
    with pytest.raises(JobUnknown):
        next(client.watch("nobody"))


def test_cancelled_watching(daemon: Any, client: Client) -> None:
    job_id = daemon.add_job("job")
    stop = Cancellation()
    events = client.watch(job_id, cancellation=stop)
    assert next(events).sequence == 1
    threading.Timer(0.1, stop.cancel).start()
    with pytest.raises(Cancelled, match="the job goes on"):
        next(events)


def test_away_for_too_long(daemon: Any) -> None:
    job_id = daemon.add_job("job")
    with connect(is_started=False, reconnect_seconds=0.5) as client:
        events = client.watch(job_id)
        next(events)
        daemon.stop()
        with pytest.raises(ConnectionLost):
            next(events)


def test_ten_watchers_at_once(daemon: Any, client: Client) -> None:
    job_id = daemon.add_job("job")
    told: list[list[int]] = []

    def watch() -> None:
        told.append([event.sequence for event in client.watch(job_id)])

    watchers = [threading.Thread(target=watch) for _ in range(10)]
    for watcher in watchers:
        watcher.start()
    daemon.tell(job_id, warning="soon")
    daemon.stop()
    daemon.start()
    play(daemon, job_id, random.Random(3), 10)
    for watcher in watchers:
        watcher.join(15.0)
    assert told == 10 * [list(range(1, len(daemon.events[job_id]) + 1))]
