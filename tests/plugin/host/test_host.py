# SPDX-License-Identifier: Apache-2.0
"""What runs inside a host: its child, callbacks and sentences."""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from plosive_host import PlosiveHostError, Pump, Session, config_path, find_python, remember_python
from plosive_host.environment import child_environment
from plosive_proto.v1 import job_pb2

PACKAGE = Path(__file__).resolve().parents[3] / "plugin" / "plosive_host"
SYNC = {"clip": {"media_path": "/a.mov"}, "voices": [{"dub_path": "/b.wav"}], "output": {"path": "/c.mov"}}
SOURCES = os.pathsep.join(os.path.abspath(path) for path in sys.path if path)


@pytest.fixture(autouse=True)
def own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLOSIVE_HOST_CONFIG", str(tmp_path / "host.json"))
    monkeypatch.setenv("PLOSIVE_PYTHON", sys.executable)
    monkeypatch.setenv("PLOSIVE_PYTHONPATH", SOURCES)


@pytest.fixture
def pump() -> Pump:
    return Pump()


@pytest.fixture
def session(daemon: Any, pump: Pump) -> Iterator[Session]:
    with Session("Nuke", deliver=pump, hello={"start": False}) as session:
        session.start()
        yield session


def fake_python(folder: Path, script: str) -> str:
    """Something that is run as a Python would be."""
    path = folder / "python-of-the-test"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


def test_syntax_of_python_3_9() -> None:
    for path in PACKAGE.glob("*.py"):
        ast.parse(path.read_text(encoding="utf-8"), str(path), feature_version=(3, 9))


def test_an_old_python_runs_it(daemon: Any) -> None:
    old = shutil.which("python3.9")
    if old is None or subprocess.run([old, "-c", ""], capture_output=True).returncode:
        pytest.skip("there is no python3.9 here")
    script = """
import json, sys
from plosive_host import Session
with Session("old host", hello={"start": False}) as session:
    hello = session.start().wait(20.0)
    print(sys.version_info[1], hello["protocol"], len(session.call("jobs")["jobs"]))
"""
    environment = {**os.environ, "PYTHONPATH": str(PACKAGE.parent)}
    done = subprocess.run([old, "-c", script], capture_output=True, text=True, env=environment, timeout=60)
    assert done.stdout.split() == ["9", "1", "0"], done.stderr


def test_the_environment_of_the_child() -> None:
    given = {
        "PATH": "/bin",
        "PYTHONHOME": "/nuke",
        "PYTHONPATH": "/nuke/lib",
        "LD_LIBRARY_PATH": "/nuke",
        "DYLD_FRAMEWORK_PATH": "/nuke",
        "LD_PRELOAD": "/nuke/lib.so",
        "PYTHONEXECUTABLE": "/nuke/python",
        "PYTHONPLATLIBDIR": "nuke",
        "QML2_IMPORT_PATH": "/nuke",
        "__PYVENV_LAUNCHER__": "/nuke/python",
        "QT_PLUGIN_PATH": "/nuke",
        "PLOSIVE_STATE": "/state",
    }
    kept = child_environment(given)
    assert kept == {
        "GRPC_VERBOSITY": "ERROR",
        "PATH": "/bin",
        "PLOSIVE_STATE": "/state",
        "PYTHONSAFEPATH": "1",
        "PYTHONUTF8": "1",
    }


def test_a_job_with_callbacks_in_the_hosts_thread(daemon: Any, session: Session, pump: Pump) -> None:
    threads: set[str] = set()
    events: list[dict[str, Any]] = []
    done: list[dict[str, Any]] = []

    def on_event(message: dict[str, Any]) -> None:
        threads.add(threading.current_thread().name)
        events.append(message)

    session.request("submit", {"sync": SYNC, "label": "sh010"}, on_event=on_event, on_done=done.append)
    assert pump.run_until(lambda: len(events) >= 2, 20.0)
    job_id = events[0]["job"]["id"]
    daemon.tell(job_id, progress=job_pb2.Progress(stage="render", frames_done=3))
    daemon.tell_state(job_id, job_pb2.JOB_STATE_DONE)
    assert pump.run_until(lambda: bool(done), 20.0)
    assert [event["type"] for event in events] == ["submitted", "state", "progress", "state"]
    assert done[0]["job"]["state"] == "done"
    assert threads == {threading.main_thread().name}
    assert daemon.jobs[job_id].label == "sh010"


def test_call_and_errors(session: Session) -> None:
    assert session.call("info")["info"]["plosive_version"] == "0.1.0"
    with pytest.raises(PlosiveHostError, match="There is no job") as caught:
        session.call("job", {"job_id": "nobody"})
    assert caught.value.code == "JOB_UNKNOWN"


def test_stop(daemon: Any, session: Session, pump: Pump) -> None:
    job_id = daemon.add_job("job")
    errors: list[PlosiveHostError] = []
    events: list[dict[str, Any]] = []
    request = session.request("watch", {"job_id": job_id}, on_event=events.append, on_error=errors.append)
    assert pump.run_until(lambda: bool(events), 20.0)
    request.stop()
    assert pump.run_until(lambda: bool(errors), 20.0)
    assert errors[0].code == "CANCELLED"


def test_a_callback_that_fails_ends_nothing(session: Session, pump: Pump) -> None:
    def broken(message: dict[str, Any]) -> None:
        raise ZeroDivisionError

    session.request("info", on_done=broken).wait(20.0)
    pump.run_waiting()
    assert session.call("info")["type"] == "done"


def test_slow_answers(daemon: Any, session: Session) -> None:
    session.call("info")
    daemon.answer_seconds = 2.0
    with pytest.raises(PlosiveHostError, match="in time") as caught:
        session.call("info", timeout_seconds=0.2)
    assert caught.value.code == "TIMED_OUT"


def test_the_child_dies(daemon: Any, session: Session, pump: Pump) -> None:
    errors: list[PlosiveHostError] = []
    job_id = daemon.add_job("job")
    session.call("info")
    session.request("watch", {"job_id": job_id}, on_error=errors.append)
    assert session._child is not None
    session._child._process.kill()
    assert pump.run_until(lambda: bool(errors), 10.0)
    assert errors[0].code == "CHILD_ENDED" and "start it again" in str(errors[0])
    session.start().wait(20.0)
    assert session.call("job", {"job_id": job_id})["job"]["state"] == "waiting"


def test_close_leaves_no_process(daemon: Any, session: Session) -> None:
    session.call("info")
    begun = time.monotonic()
    session.close()
    session.close()
    assert time.monotonic() - begun < 3.0
    assert not session.is_running
    with pytest.raises(PlosiveHostError, match="closed"):
        session.call("info")


def test_the_child_ends_when_its_host_is_killed(daemon: Any) -> None:
    script = """
import os, signal, sys
from plosive_host import Session
session = Session("host", hello={"start": False})
session.start().wait(20.0)
print(session._child._process.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    environment = {**os.environ, "PYTHONPATH": str(PACKAGE.parent)}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, env=environment, timeout=60)
    child = int(done.stdout)
    deadline = time.monotonic() + 10.0
    while time.monotonic() < deadline:
        try:
            os.kill(child, 0)
        except ProcessLookupError:
            return
        state = Path(f"/proc/{child}/stat")
        if state.exists() and state.read_text().rpartition(")")[2].split()[0] == "Z":
            return
        time.sleep(0.1)
    raise AssertionError("the child outlived its host")


def test_which_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    two.mkdir()
    first, second = fake_python(one, "true"), fake_python(two, "true")
    remember_python(second)
    assert json.loads(config_path().read_text()) == {"python": second}
    assert find_python(first) == first
    assert find_python() == sys.executable
    monkeypatch.delenv("PLOSIVE_PYTHON")
    assert find_python() == second
    config_path().write_text("[]")
    with pytest.raises(PlosiveHostError, match="correct or remove"):
        find_python()
    config_path().unlink()
    plosive = tmp_path / "plosive"
    plosive.write_text("#!/bin/sh\n")
    plosive.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(PlosiveHostError, match="was not found"):
        find_python()
    shutil.copy(first, tmp_path / "python")
    assert find_python() == str(tmp_path / "python")


def test_a_python_that_is_not_there() -> None:
    with pytest.raises(PlosiveHostError, match="the plug-in's settings names the Python /nowhere") as caught:
        Session("host", python="/nowhere").start()
    assert caught.value.code == "NO_PYTHON"


@pytest.mark.parametrize(
    ("script", "code", "says"),
    [
        ('case "$1" in -c) echo 3 8;; *) echo SyntaxError >&2; exit 1;; esac', "TOO_OLD", "is Python 3.8"),
        (
            'case "$1" in -c) echo 3 11;; *) echo "x: No module named plosive_client" >&2; exit 1;; esac',
            "NO_PLOSIVE",
            "install it there",
        ),
        ("echo broken >&2; exit 1", "CHILD_ENDED", "could not run with .*: broken"),
        ("exit 0", "CHILD_ENDED", "it said nothing"),
    ],
)
def test_a_python_that_will_not_do(tmp_path: Path, script: str, code: str, says: str) -> None:
    with (
        Session("host", python=fake_python(tmp_path, script)) as session,
        pytest.raises(PlosiveHostError, match=says) as caught,
    ):
        session.start().wait(10.0)
    assert caught.value.code == code


def test_a_plosive_of_another_time(daemon: Any) -> None:
    with Session("host", hello={"start": False}) as session:
        session._hello["protocol"] = 99
        with pytest.raises(PlosiveHostError, match="update Plosive") as caught:
            session.start().wait(20.0)
    assert caught.value.code == "PROTOCOL"


def test_the_child_is_not_led_astray(
    daemon: Any, pump: Pump, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By what hosts set for themselves, nor by modules that lie in the user's home."""
    home = tmp_path / "home"
    for folder in (home, tmp_path / "of the host"):
        folder.mkdir()
        for name in ("grpc", "json", "plosive_client"):
            (folder / f"{name}.py").write_text("raise SystemExit('led astray')\n")
    for name in ("PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "QT_PLUGIN_PATH"):
        monkeypatch.setenv(name, str(tmp_path / "of the host"))
    monkeypatch.setenv("PYTHONEXECUTABLE", "/nuke/python")
    if sys.version_info >= (3, 11):  # PYTHONSAFEPATH is known since then
        monkeypatch.setenv("HOME", str(home))
        monkeypatch.setenv("USERPROFILE", str(home))
    with Session("led astray", deliver=pump, hello={"start": False}) as session:
        hello = session.start()
        assert pump.run_until(lambda: hello._ended.is_set(), 20.0)
        assert hello.wait(1.0)["protocol"] == 1
