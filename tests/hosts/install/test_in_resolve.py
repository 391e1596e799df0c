# SPDX-License-Identifier: Apache-2.0
"""The real host files, installed, run by the fake Resolve, and the doctor's look at what they left."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from plosive_install.doctor import State
from plosive_install.doctor.commands import findings
from plosive_install.doctor.looking import look
from plosive_install.installation import install_steps, target
from plosive_install.machine import Machine
from plosive_install.sources import host_files, plosive_version

TESTS = Path(__file__).resolve().parents[2]
RESOLVE_RUNS = """
import os, sys
sys.path += sys.argv[1].split(os.pathsep)  # of the fake; the installed packages go before
from fakes.resolve import FakeEdition, Scene
assert not {"plosive_host", "plosive_resolve"} & set(sys.modules)
app = Scene(edition=FakeEdition((20, 2))).app
app.ui_script.append(lambda window: window.click("Accept"))
told = app.script_globals("Utility")
with open(sys.argv[2], "rb") as file:
    exec(compile(file.read(), "script", "exec"), told)
print("from", sys.modules["plosive_resolve"].__file__)
print("from", sys.modules["plosive_host"].__file__)
"""


@pytest.fixture
def daemon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The one that the client's tests play with."""
    spec = importlib.util.spec_from_file_location("plosive_fake_daemon", TESTS / "plugin" / "fake_daemon.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "plosive_fake_daemon", module)
    spec.loader.exec_module(module)
    monkeypatch.setenv("PLOSIVE_STATE", str(tmp_path / "state"))
    fake = module.FakeDaemon(tmp_path / "state")
    fake.start()
    yield fake
    fake.stop()


def test_check_from_the_menu_and_the_doctor_after_it(
    daemon: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    names = (
        "XDG_DATA_HOME",
        "PLOSIVE_HOST_DATA",
        "PLOSIVE_HOST_CONFIG",
        "PLOSIVE_PYTHON",
        "LOCALAPPDATA",
        "APPDATA",
    )
    for name in names:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    monkeypatch.setenv("PLOSIVE_PYTHONPATH", os.pathsep.join(path for path in sys.path if path))
    monkeypatch.setenv("PYTHONPATH", "/of/resolve")
    machine = Machine(sys.platform, home, dict(os.environ))
    at = target(machine, "resolve")
    version = plosive_version()
    for step in install_steps(at, host_files("resolve", sys.executable), version, sys.executable):
        step.run()
    played = os.pathsep.join([str(TESTS / "hosts"), *(path for path in sys.path if path)])
    entry = at.entry_folder / "Scripts" / "Utility" / "Plosive Check.py"
    done = subprocess.run(
        [sys.executable, "-S", "-I", "-c", RESOLVE_RUNS, played, str(entry)],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(f"from {at.store}") == 2
    look_at = {finding.name: finding for finding in findings(look(machine, at), at)}
    problems = [finding for finding in look_at.values() if finding.state is State.PROBLEM]
    assert problems == [], (problems, done.stdout, done.stderr)
    assert look_at["daemon"].value == "Plosive 0.1.0 runs and answers"
    assert "DaVinci Resolve Studio 20.2" in look_at["last run"].value
    assert look_at["edition"].value.startswith("20.2")
    assert look_at["log"].state is State.FINE
