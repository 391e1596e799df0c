# SPDX-License-Identifier: Apache-2.0
"""What `plosive bench` measures of a job in a daemon; the daemon is a fake one that tells when it likes."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import pytest

from plosive_client import Client
from plosive_client.measuring import _submits, _wanted, _Watched
from plosive_proto.v1 import job_pb2


def play(daemon: Any, end: int) -> None:
    """A job: nothing for a while, a face, a frame, its end."""
    while not daemon.jobs:
        time.sleep(0.01)
    (job_id,) = daemon.jobs
    daemon.tell_state(job_id, job_pb2.JOB_STATE_RUNNING)
    for stage in ("open", "faces", "render"):
        time.sleep(0.2)
        daemon.tell(job_id, progress=job_pb2.Progress(stage=stage, frames_done=int(stage != "open")))
    daemon.tell_state(job_id, end)


def test_a_job_is_measured_to_its_first_frames_and_its_end(daemon: Any, client: Client) -> None:
    player = threading.Thread(target=play, args=(daemon, job_pb2.JOB_STATE_DONE))
    player.start()
    wanted = _wanted(Path("/a.mov"), Path("/b.wav"), Path("/out"), 0)
    total, first, made = _Watched(client, 5).measured(wanted)
    player.join()
    assert 0.3 < first < made <= total
    assert daemon.streams_opened >= 5


def test_a_job_that_fails_is_no_measure(daemon: Any, client: Client) -> None:
    player = threading.Thread(target=play, args=(daemon, job_pb2.JOB_STATE_FAILED))
    player.start()
    with pytest.raises(RuntimeError, match="ended so"):
        _Watched(client, 1).measured(_wanted(Path("/a.mov"), Path("/b.wav"), Path("/out"), 0))
    player.join()


def test_submits_leave_nothing_waiting(daemon: Any, client: Client) -> None:
    taken = _submits(client, Path("/a.mov"), Path("/b.wav"), Path("/out"))
    assert len(taken) == len(daemon.jobs) == 20 and min(taken) > 0
    assert {job.state for job in daemon.jobs.values()} == {job_pb2.JOB_STATE_CANCELLED}
