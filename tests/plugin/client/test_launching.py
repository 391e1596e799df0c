# SPDX-License-Identifier: Apache-2.0
"""A daemon that is absent is started, on its own, once."""

from __future__ import annotations

import os
import signal
import stat
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from plosive_client import DaemonAbsent, launching
from plosive_client.connecting import connect
from plosive_client.launching import daemon_command, daemon_environment
from plosive_client.state_folder import is_daemon_alive, read_endpoint

FAKE = Path(__file__).parents[1] / "fake_daemon.py"


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(launching, "daemon_command", lambda: [sys.executable, str(FAKE)])
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(path for path in sys.path if path))
    folder = tmp_path / "state"
    yield folder
    endpoint = read_endpoint(folder)
    if endpoint is not None and is_daemon_alive(folder):
        os.kill(endpoint.pid, signal.SIGKILL)


def test_started_when_absent(state: Path) -> None:
    with connect(state_folder=state) as client:
        assert client.info().protocol_major == 1
    endpoint = read_endpoint(state)
    assert endpoint is not None
    assert os.getsid(endpoint.pid) == endpoint.pid != os.getsid(0)
    log = state / "logs" / "start.log"
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    assert stat.S_IMODE(state.stat().st_mode) == 0o700
    with connect(state_folder=state, is_started=False) as client:  # it outlived the first client
        assert client.info().process_id == endpoint.pid


def test_started_once_for_many(state: Path) -> None:
    found: list[int] = []

    def ask() -> None:
        with connect(state_folder=state) as client:
            found.append(client.info().process_id)

    threads = [threading.Thread(target=ask) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(40.0)
    assert len(found) == 5 and len(set(found)) == 1


def test_started_again_under_a_client(state: Path) -> None:
    with connect(state_folder=state) as client:
        first = client.info().process_id
        assert first > 1
        os.kill(first, signal.SIGKILL)
        assert client.info(timeout_seconds=20.0).process_id != first


def test_one_that_is_killed_while_it_starts(
    state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = f"""
import os, pathlib, runpy, signal
mark = pathlib.Path({str(tmp_path / "mark")!r})
if not mark.exists():
    mark.touch()
    os.kill(os.getpid(), signal.SIGKILL)
runpy.run_path({str(FAKE)!r}, run_name="__main__")
"""
    monkeypatch.setattr(launching, "daemon_command", lambda: [sys.executable, "-c", script])
    with connect(state_folder=state) as client:
        assert client.info().protocol_major == 1


def test_one_that_ends_at_once(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command = [sys.executable, "-c", "import sys; sys.exit('The disk is full; make room.')"]
    monkeypatch.setattr(launching, "daemon_command", lambda: command)
    with pytest.raises(DaemonAbsent, match="ended at once: The disk is full; make room"):
        connect(state_folder=state)


def test_one_that_never_serves(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        launching, "daemon_command", lambda: [sys.executable, "-c", "import time; time.sleep(5)"]
    )
    begun = time.monotonic()
    with pytest.raises(DaemonAbsent, match="did not serve in time"):
        connect(state_folder=state, start_seconds=0.5)
    assert time.monotonic() - begun < 3.0


def test_no_plosive_to_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert daemon_command() == [sys.executable, "-m", "plosive.cli", "serve"]
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DaemonAbsent, match="install plosive"):
        daemon_command()


def test_its_environment(tmp_path: Path) -> None:
    given = {
        "PATH": "/bin",
        "QT_PLUGIN_PATH": "/x",
        "LD_LIBRARY_PATH": "/x",
        "PYTHONPATH": f"core{os.pathsep}/b",
    }
    assert daemon_environment(given, tmp_path) == {
        "PATH": "/bin",
        "PYTHONPATH": f"{Path('core').absolute()}{os.pathsep}/b",
        "PLOSIVE_STATE": str(tmp_path),
    }
