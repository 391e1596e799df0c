# SPDX-License-Identifier: Apache-2.0
"""The state folder: one daemon at a time, nothing for other users, nothing stale believed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from plosive.user_folders import daemon_folder
from plosive_daemon.private_files import is_private, write_private
from plosive_daemon.state_folder import AlreadyRunning, Endpoint, StateFolder, StateFolderError

_HOLDER = """
import sys, time
from pathlib import Path
from plosive_daemon.state_folder import Endpoint, StateFolder
folder = StateFolder(Path(sys.argv[1]))
folder.prepare()
folder.hold()
import os
if sys.argv[2:]:
    folder.write_endpoint(Endpoint("unix:/there", os.getpid(), 1, 5))
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[StateFolder]:
    made = StateFolder(tmp_path / "state")
    made.prepare()
    yield made
    made.let_go()


def _holder(root: Path, *arguments: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", _HOLDER, str(root), *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert process.stdout is not None and process.stdout.readline() == "held\n"
    return process


def test_where_it_lies(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("PLOSIVE_STATE", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    if sys.platform.startswith("linux"):
        assert StateFolder().root == tmp_path / "plosive" / "daemon"
    monkeypatch.setenv("PLOSIVE_STATE", str(tmp_path / "other"))
    assert daemon_folder() == StateFolder().root == tmp_path / "other"
    assert not StateFolder().root.exists()
    assert StateFolder(tmp_path / ("x" * 120)).socket_path is None


@pytest.mark.skipif(os.name == "nt", reason="modes mean nothing on Windows")
def test_nothing_is_for_others(folder: StateFolder) -> None:
    folder.hold()
    folder.token()
    folder.write_endpoint(Endpoint("127.0.0.1:5", 1, 1, 1))
    for path in (folder.root, *folder.root.rglob("*")):
        assert path.stat().st_mode & 0o077 == 0, path
    folder.root.chmod(0o755)
    folder.prepare()
    assert folder.root.stat().st_mode & 0o777 == 0o700


def test_a_second_daemon_is_told_of_the_first(folder: StateFolder) -> None:
    first = _holder(folder.root, "serving")
    with pytest.raises(
        AlreadyRunning, match=rf"process {first.pid}, at unix:/there\).*stop it first"
    ) as told:
        folder.hold()
    assert told.value.endpoint == Endpoint("unix:/there", first.pid, 1, 5) == folder.running_endpoint()
    first.kill()
    first.wait()
    assert folder.read_endpoint() is not None and folder.running_endpoint() is None
    folder.hold()
    assert folder.read_endpoint() is None
    folder.let_go()
    folder.let_go()
    assert [path.name for path in folder.root.iterdir() if path.is_file()] == ["daemon.lock"]


def test_one_that_only_starts_is_named_by_its_process(folder: StateFolder) -> None:
    first = _holder(folder.root)
    with pytest.raises(AlreadyRunning, match=rf"process {first.pid}, which is just starting") as told:
        folder.hold()
    assert told.value.endpoint is None
    first.communicate()
    folder.hold()


def test_a_child_does_not_inherit_the_lock(folder: StateFolder) -> None:
    """A worker that outlives a killed daemon for a moment must not keep the next one from starting."""
    folder.hold()
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, close_fds=False)
    folder.let_go()
    again = StateFolder(folder.root)
    again.hold()
    again.let_go()
    child.communicate(b"\n")


def test_the_token_is_kept_unless_others_could_read_it(folder: StateFolder) -> None:
    token = folder.token()
    assert len(token) >= 43 and is_private(folder.token_path)
    assert StateFolder(folder.root).token() == token
    assert folder.token(is_renewed=True) != token
    if os.name != "nt":
        token = folder.token()
        folder.token_path.chmod(0o644)
        assert folder.token() != token
    for damaged in (b"", b"short\n", b"x" * 400, b"\xff" * 43):
        write_private(folder.token_path, damaged)
        assert len(folder.token()) == 43
    folder.token_path.unlink()
    folder.token_path.symlink_to(folder.root / "elsewhere")
    folder.token()
    assert is_private(folder.token_path) and not (folder.root / "elsewhere").exists()


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '{"address": "a"}', json.dumps({"address": 5, "pid": "x"}), "\x00\xff"]
)
def test_a_damaged_endpoint_is_none(folder: StateFolder, text: str) -> None:
    folder.endpoint_path.write_text(text)
    assert folder.read_endpoint() is None and folder.running_endpoint() is None


def test_readers_never_see_half_an_endpoint(folder: StateFolder) -> None:
    endpoint = Endpoint("unix:/" + "x" * 5000, 1, 1, 1)
    folder.write_endpoint(endpoint)
    is_over = threading.Event()

    def write() -> None:
        while not is_over.is_set():
            folder.write_endpoint(endpoint)

    writer = threading.Thread(target=write)
    writer.start()
    assert all(folder.read_endpoint() == endpoint for _ in range(300))
    is_over.set()
    writer.join()


def test_what_cannot_be_used_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StateFolderError, match="cannot be made or used"):
        StateFolder(tmp_path / "file" / "state").prepare()
    with pytest.raises(StateFolderError, match="cannot be opened"):
        StateFolder(tmp_path / "missing").hold()
