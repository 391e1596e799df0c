# SPDX-License-Identifier: Apache-2.0
"""Each job's log is bounded, private, and told from its end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from plosive_daemon.job_logs import JobLogs
from plosive_daemon.store.job_ids import job_id_after


def test_lines_come_back_oldest_first_with_their_time(tmp_path: Path) -> None:
    logs = JobLogs(tmp_path / "logs", tmp_path / "scratch")
    with logs.open("A1") as log:
        for number in range(10):
            log.write(f"line {number}\n")
    lines = logs.last_lines("A1", 3)
    assert [line.split(" ", 1)[1] for line in lines] == ["line 7", "line 8", "line 9"]
    assert lines[0].split(" ")[0].endswith("Z")
    assert logs.last_lines("A1", 0) == [] and logs.last_lines("B2", 5) == []


def test_a_log_never_grows_past_its_bound(tmp_path: Path) -> None:
    logs = JobLogs(tmp_path / "logs", tmp_path / "scratch", most_bytes=10_000)
    with logs.open("A1") as log:
        for number in range(5_000):
            log.write(f"line {number} of a library that talks")
    files = list((tmp_path / "logs").iterdir())
    assert 5_000 < sum(file.stat().st_size for file in files) <= 10_100
    assert logs.last_lines("A1", 10_000)[-1].endswith("line 4999 of a library that talks")
    with logs.open("A1") as log:
        log.write("x" * 100_000)
    assert len(logs.last_lines("A1", 1)[0]) < 5_000


def test_many_threads_write_whole_lines(tmp_path: Path) -> None:
    logs = JobLogs(tmp_path / "logs", tmp_path / "scratch", most_bytes=1 << 20)
    with logs.open("A1") as log:
        threads = [
            threading.Thread(target=lambda: [log.write("abc" * 50) for _ in range(200)]) for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    lines = logs.last_lines("A1", 10_000)
    assert len(lines) == 800 and all(line.endswith(" " + "abc" * 50) for line in lines)
    log.write("after its end")
    assert len(logs.last_lines("A1", 10_000)) == 800


def test_remove_forgets_log_and_scratch(tmp_path: Path) -> None:
    logs = JobLogs(tmp_path / "logs", tmp_path / "scratch")
    with logs.open("A1") as log:
        log.write("here")
    folder = logs.job_folder("A1")
    folder.make()
    folder.preview.touch()
    logs.remove("A1")
    logs.remove("A1")
    assert list((tmp_path / "logs").iterdir()) == [] and not folder.path.exists()


def test_what_unknown_jobs_kept_goes_with_what_they_were_writing(tmp_path: Path) -> None:
    logs = JobLogs(tmp_path / "logs", tmp_path / "scratch")
    known, lost = (job_id_after("", moment) for moment in (1, 2))
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    partials = [tmp_path / f".{name}.mov.{ended.pid}.part" for name in ("known", "lost")]
    for job_id, partial in zip((known, lost), partials, strict=True):
        logs.open(job_id).close()
        logs.job_folder(job_id).make()
        place = tmp_path / job_id
        place.mkdir()
        line = {"pid": ended.pid, "folders": [str(place)]}
        (logs.job_folder(job_id).path / "tries.txt").write_text(json.dumps(line) + "\n")
        (place / partial.name).touch()
    (tmp_path / "scratch" / "somebody else's").mkdir()
    assert logs.remove_unknown(lambda job_id: job_id == known) == 1
    assert sorted(path.name for path in (tmp_path / "scratch").iterdir()) == [known, "somebody else's"]
    assert (tmp_path / known / partials[0].name).exists()
    assert not (tmp_path / lost / partials[1].name).exists()
    assert len(list((tmp_path / "logs").iterdir())) == 2, "logs stay"
    assert logs.remove_unknown(lambda job_id: job_id == known) == 0, "it is said once"
    assert JobLogs(tmp_path / "logs", tmp_path / "none").remove_unknown(lambda job_id: False) == 0


@pytest.mark.parametrize("job_id", ["", "..", "a/b", "/etc", "a\0b", "x" * 65, "a.b"])
def test_an_id_is_never_a_path(tmp_path: Path, job_id: str) -> None:
    logs = JobLogs(tmp_path / "logs", tmp_path / "scratch")
    for action in (logs.open, logs.remove, logs.job_folder, lambda name: logs.last_lines(name, 1)):
        with pytest.raises(ValueError, match="no job's id"):
            action(job_id)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_logs_are_closed_to_others(tmp_path: Path) -> None:
    logs = JobLogs(tmp_path / "logs", tmp_path / "scratch")
    logs.open("A1").close()
    assert (tmp_path / "logs").stat().st_mode & 0o077 == 0
    assert all(file.stat().st_mode & 0o077 == 0 for file in (tmp_path / "logs").iterdir())
