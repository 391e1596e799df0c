# SPDX-License-Identifier: Apache-2.0
"""`plosive jobs`."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from plosive_client.commands import jobs
from plosive_proto.v1 import errors_pb2, job_pb2


def run(*arguments: str) -> Result:
    return CliRunner().invoke(jobs, arguments)


def test_no_daemon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLOSIVE_STATE", str(tmp_path / "none"))
    done = run("list")
    assert done.exit_code != 0
    assert "plosive serve" in done.output


def test_lists(daemon: Any) -> None:
    assert run().output == "There are no jobs.\n"
    daemon.jobs[daemon.add_job("first")].label = "sh010 \x1b[31m"
    daemon.add_job("second")
    detail = errors_pb2.ErrorDetail(code=errors_pb2.ERROR_CODE_MEDIA_READ, sentence="It is damaged.")
    daemon.tell_state("second", job_pb2.JOB_STATE_FAILED, error=detail)
    lines = run("list").output.splitlines()
    assert lines[0].split() == ["ID", "STATE", "LABEL", "CLIENT", "PROGRESS", "SUBMITTED"]
    assert lines[1].split() == ["second", "failed", "media", "read"]
    assert "\x1b" not in lines[2]
    assert [job["id"] for job in json.loads(run("list", "--json", "--state", "failed").output)] == ["second"]
    assert "It is damaged." in run("show", "second").output


def test_submit_and_watch(daemon: Any, tmp_path: Path) -> None:
    submitted = run(
        "submit", "a.mov", "b.wav", "c.mov", "--range", "5-10", "--dub-start", "-1/24", "--face", "2"
    )
    assert submitted.exit_code == 0, submitted.output
    job_id = submitted.output.strip()
    sync = daemon.requests[job_id].sync
    assert sync.clip.media_path == str(tmp_path / "a.mov")
    assert (sync.clip.range.first_frame, sync.clip.range.last_frame_inclusive) == (5, 10)
    assert (sync.voices[0].dub_start_seconds.numerator, sync.voices[0].face) == (-1, "2")
    assert daemon.jobs[job_id].label == "c.mov"
    progress = job_pb2.Progress(
        stage="render", frames_done=3, frames_total=6, frames_per_second=2, seconds_left=63
    )
    daemon.tell(job_id, progress=progress)
    daemon.tell(job_id, warning="careful")
    result = job_pb2.JobResult(out_path="/c.mov")
    threading.Timer(0.3, lambda: daemon.tell_state(job_id, job_pb2.JOB_STATE_DONE, result=result)).start()
    watched = run("watch", job_id)
    assert watched.output.splitlines() == [
        "waiting",
        "render 3/6 2.0 fps 1:03 left",
        "warning: careful",
        "done: /c.mov",
    ]


def test_an_id_by_its_end(daemon: Any) -> None:
    daemon.add_job("01AAAB")
    daemon.add_job("01AAAC")
    assert "cancelled" in run("cancel", "AAAB").output
    assert daemon.jobs["01AAAB"].state == job_pb2.JOB_STATE_CANCELLED
    daemon.add_job("02AAAC")
    assert "may mean 2 jobs" in run("cancel", "AAAC").output
    assert "There is no job ZZ" in run("cancel", "ZZ").output
    assert "waiting" in run("retry", "AAAB", "--json").output
    assert run("logs", "AAAB", "--lines", "1").output == "three\n"
    assert run("cancel", "AAAB").exit_code == run("remove", "AAAB").exit_code == 0
    assert "01AAAB" not in daemon.jobs


@pytest.mark.parametrize("given", ["x", "5-", "5-x"])
def test_ranges_that_make_no_sense(daemon: Any, given: str) -> None:
    assert "FIRST-LAST" in run("submit", "a", "b", "c", "--range", given).output
