# SPDX-License-Identifier: Apache-2.0
"""What the doctor asks this machine, and how it reads what other systems say."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from plosive_install.doctor import DaemonSeen, Process
from plosive_install.doctor.commands import nuke, resolve
from plosive_install.doctor.looking import client_of, look
from plosive_install.doctor.processes import (
    elapsed_seconds,
    processes,
    processes_of_cim,
    processes_of_proc,
    processes_of_ps,
)
from plosive_install.installation import install_steps, target
from plosive_install.machine import Machine
from plosive_install.sources import host_files, hosts_source, plosive_version


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """This machine, with another home and no daemon."""
    for name in ("XDG_DATA_HOME", "PLOSIVE_HOST_DATA", "PLOSIVE_HOST_CONFIG", "PLOSIVE_PYTHON", "NUKE_PATH"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PLOSIVE_STATE", str(tmp_path / "state"))
    (tmp_path / "home").mkdir()
    return Machine(sys.platform, tmp_path / "home", {}, tmp_path / "root")


def test_this_process_is_found() -> None:
    own = [process for process in processes() if process.pid == os.getpid()]
    assert len(own) == 1 and own[0].started_unix_seconds is not None
    assert time.time() - 7 * 86_400 < own[0].started_unix_seconds <= time.time() + 2


def test_processes_of_proc(tmp_path: Path) -> None:
    (tmp_path / "stat").write_text("cpu 1 2\nbtime 1000\n")
    (tmp_path / "42").mkdir()
    fields = " ".join(["S", "1", *["0"] * 17, str(5 * os.sysconf("SC_CLK_TCK")), "0"])
    (tmp_path / "42" / "stat").write_text(f"42 (a (b) c) {fields}\n")
    (tmp_path / "42" / "cmdline").write_bytes(b"/opt/resolve/bin/resolve\0-nogui\0")
    (tmp_path / "43").mkdir()
    (tmp_path / "self").mkdir()
    assert list(processes_of_proc(tmp_path)) == [Process(42, "resolve", 1005.0)]


def test_processes_of_ps() -> None:
    text = """\
    1 02-03:04:05 /sbin/launchd
  501       10:00 /Applications/DaVinci Resolve/DaVinci Resolve.app/Contents/MacOS/Resolve
junk
"""
    assert list(processes_of_ps(text, 1_000_000.0)) == [
        Process(1, "launchd", 1_000_000.0 - 183_845),
        Process(501, "Resolve", 999_400.0),
    ]
    assert elapsed_seconds("x") is None


def test_processes_of_cim() -> None:
    text = (
        '[{"i":4,"n":"System","c":""},{"i":9,"n":"Resolve.exe","c":"2026-11-21T20:00:00.1234567Z"},{"i":1}]'
    )
    assert list(processes_of_cim(text)) == [
        Process(4, "System"),
        Process(9, "Resolve.exe", 1_795_291_200.0),
    ]
    assert list(processes_of_cim('{"i":4,"n":"System","c":""}')) == [Process(4, "System")]
    assert list(processes_of_cim("")) == []


def test_a_python_that_has_plosive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLOSIVE_PYTHONPATH", os.pathsep.join(path for path in sys.path if path))
    seen = client_of(sys.executable)
    assert seen.problem == "" and seen.plosive_version == plosive_version()
    assert seen.python_version.startswith(f"{sys.version_info[0]}.{sys.version_info[1]}.")


def test_pythons_that_have_none(tmp_path: Path) -> None:
    assert client_of(str(tmp_path / "gone")).problem == "it is not there or cannot be run"
    if os.name == "nt":
        return
    broken = tmp_path / "python"
    broken.write_text(
        "#!/bin/sh\necho \"ModuleNotFoundError: No module named 'plosive_client'\" >&2\nexit 1\n"
    )
    broken.chmod(0o755)
    assert "No module named 'plosive_client'" in client_of(str(broken)).problem


def test_the_whole_look(own: Machine, source: Path) -> None:
    at = target(own, "nuke")
    for step in install_steps(at, host_files("nuke", sys.executable, source), "0.1.0", sys.executable):
        step.run()
    view = look(own, at)
    assert view.daemon == DaemonSeen(False)
    assert list(view.clients) == [sys.executable]
    assert view.python == sys.executable and view.version == plosive_version()
    assert view.package.startswith(plosive_version()) or not (hosts_source() / "nuke").is_dir()


@pytest.mark.parametrize("name", ["resolve", "nuke"])
def test_the_command(own: Machine, name: str) -> None:
    command = {"resolve": resolve, "nuke": nuke}[name]
    done = CliRunner().invoke(command, ["--json"], standalone_mode=False)
    told = json.loads(done.output)
    assert done.return_value == 1 and told["ok"] is False and told["host"] == name
    installed = next(finding for finding in told["findings"] if finding["name"] == "installed")
    assert installed["state"] == "problem" and installed["remedy"] == f"run: plosive install {name}"
    shown = CliRunner().invoke(command, [], standalone_mode=False)
    assert shown.return_value == 1
    assert (
        f"! installed         not in {'DaVinci Resolve' if name == 'resolve' else 'Nuke'}  -> run:"
        in shown.output
    )
    assert shown.output.rstrip().endswith("(marked !).")
