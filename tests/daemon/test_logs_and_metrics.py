# SPDX-License-Identifier: Apache-2.0
"""What is written down, and what is counted."""

from __future__ import annotations

import json
import logging
import os
import stat
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from plosive.errors import OptionError
from plosive_daemon.logs import LOG_NAME, logging_to
from plosive_daemon.metrics import Metrics, labelled
from plosive_daemon.metrics_server import MetricsServer
from plosive_daemon.settings import DaemonSettings

LOG = logging.getLogger("plosive_daemon.tests")


def lines(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_lines_are_json_with_the_jobs_id(tmp_path: Path) -> None:
    with logging_to(tmp_path, DaemonSettings()):
        LOG.info("said %s\nin two lines", "ä")
        LOG.debug("not at this level")
        try:
            raise ValueError("a defect")
        except ValueError:
            LOG.exception("oh", extra={"job_id": "01J"})
    LOG.warning("after")
    first, second = lines(tmp_path / LOG_NAME)
    assert (first["level"], first["message"]) == ("info", "said ä\nin two lines")
    assert first["time"].endswith("+00:00") and "job_id" not in first
    assert second["job_id"] == "01J" and "ValueError: a defect" in second["traceback"]


def test_a_thread_that_dies_is_told(tmp_path: Path) -> None:
    with logging_to(tmp_path, DaemonSettings()):
        thread = threading.Thread(target=lambda: 1 / 0, name="plosive-x")
        thread.start()
        thread.join()
        logging.getLogger("grpc._server").error("of grpc")
    first, second = lines(tmp_path / LOG_NAME)
    assert first["message"] == "plosive-x died" and "ZeroDivisionError" in first["traceback"]
    assert second["logger"] == "grpc._server"


def test_logs_rotate_and_are_private(tmp_path: Path) -> None:
    settings = DaemonSettings(log_bytes=64 << 10, log_files=2)
    with logging_to(tmp_path, settings):
        for _ in range(40):
            LOG.info("x" * 8_000)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == [LOG_NAME, f"{LOG_NAME}.1", f"{LOG_NAME}.2"]
    for path in tmp_path.iterdir():
        assert path.stat().st_size <= 64 << 10
        assert os.name == "nt" or stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_message_cannot_fill_the_disk(tmp_path: Path) -> None:
    with logging_to(tmp_path, DaemonSettings()):
        LOG.info("x" * 1_000_000)
    assert (tmp_path / LOG_NAME).stat().st_size < 20_000


def test_text_of_metrics() -> None:
    metrics = Metrics()
    metrics.add("plosive_stage_seconds_total", 1.5, stage="render")
    metrics.add("plosive_stage_seconds_total", 2, stage="render")
    metrics.add("plosive_stage_seconds_total", -9, stage='o"d\\d\n')
    metrics.gauge("plosive_jobs", lambda: {labelled(state="waiting"): 3, labelled(state="done"): 10_000_000})
    metrics.gauge("plosive_watchers", lambda: {"": 1 / 0})
    text = metrics.text()
    assert "# TYPE plosive_stage_seconds_total counter\n" in text
    assert 'plosive_stage_seconds_total{stage="render"} 3.5\n' in text
    assert 'plosive_stage_seconds_total{stage="o\\"d\\\\d\\n"} 0\n' in text
    assert 'plosive_jobs{state="waiting"} 3\n' in text and 'plosive_jobs{state="done"} 10000000\n' in text
    assert "# plosive_watchers cannot be read: ZeroDivisionError" in text
    assert "plosive_frames_total 0\n" in text and text.endswith("\n")


@pytest.fixture
def served() -> Iterator[str]:
    server = MetricsServer(0, Metrics(), "secret")
    server.start()
    yield f"http://{server.address}"
    server.stop()
    assert not any(thread.name == "plosive-metrics" for thread in threading.enumerate())


def get(url: str, token: str | None) -> tuple[int, str]:
    request = urllib.request.Request(url)
    if token is not None:
        request.add_header("Authorization", token)
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_metrics_want_the_token(served: str) -> None:
    for token in (None, "", "secret", "Bearer", "Bearer secre", "Bearer secret "[:-2]):
        status, text = get(f"{served}/metrics", token)
        assert status == 401 and "plosive_" not in text
    assert get(f"{served}/other", "Bearer secret")[0] == 404
    status, text = get(f"{served}/metrics", "Bearer secret")
    assert status == 200 and "plosive_frames_total" in text


def test_a_taken_port(served: str) -> None:
    with pytest.raises(OptionError, match="port"):
        MetricsServer(int(served.rpartition(":")[2]), Metrics(), "x")
