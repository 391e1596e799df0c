# SPDX-License-Identifier: Apache-2.0
"""Each job's log is bounded, private, and told from its end."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from plosive_daemon.job_logs import JobLogs


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
