# SPDX-License-Identifier: Apache-2.0
"""The real host files, installed beside an init.py of the user's own, as Nuke runs them when it starts."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from plosive_install.doctor import State
from plosive_install.doctor.commands import findings
from plosive_install.doctor.looking import look
from plosive_install.installation import install_steps, target
from plosive_install.machine import Machine
from plosive_install.removal import removal
from plosive_install.sources import host_files, plosive_version

# nuke.pluginAddPath puts a folder on both paths and, inside an init.py, runs its init.py (Foundry's Python
# reference); with the GUI the menu.py of every folder runs afterwards.
NUKE_STARTS = """
import os, sys, types
class Nothing(types.ModuleType):
    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return Nothing(name)
    def __call__(self, *arguments, **options):
        return Nothing("answer")
nuke = sys.modules["nuke"] = Nothing("nuke")
nuke.GUI, nuke.NUKE_VERSION_STRING = True, "15.1v3"
paths = []
def run(path):
    if os.path.exists(path):
        with open(path, "rb") as file:
            exec(compile(file.read(), path, "exec"), {"__name__": "__main__", "__file__": path, "nuke": nuke})
def add(path):
    paths.append(path)
    sys.path.insert(0, path)
    run(os.path.join(path, "init.py"))
nuke.pluginAddPath = add
run(os.path.join(sys.argv[1], "init.py"))
for path in [*paths, sys.argv[1]]:
    run(os.path.join(path, "menu.py"))
import plosive_nuke, plosive_host
print("from", plosive_nuke.__file__)
print("from", plosive_host.__file__)
foreign = {name.partition(".")[0] for name in sys.modules} - set(sys.stdlib_module_names)
print("loaded", sorted(foreign - {"nuke", "plosive_nuke", "plosive_host", "__main__"}))
"""


def test_a_start_with_the_users_own_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "Jo's home"
    (home / ".nuke").mkdir(parents=True)
    (home / ".nuke" / "init.py").write_bytes(b"import nuke\r\nprint('own init')")
    (home / ".nuke" / "menu.py").write_bytes(b"print('own menu')\n")
    names = ("XDG_DATA_HOME", "PLOSIVE_HOST_DATA", "PLOSIVE_HOST_CONFIG", "PLOSIVE_PYTHON", "NUKE_PATH")
    for name in (*names, "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(home))
    monkeypatch.setenv("PLOSIVE_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("PLOSIVE_PYTHONPATH", os.pathsep.join(path for path in sys.path if path))
    machine = Machine(sys.platform, home, dict(os.environ))
    at = target(machine, "nuke")
    for step in install_steps(at, host_files("nuke", sys.executable), plosive_version(), sys.executable):
        step.run()
    done = subprocess.run(
        [sys.executable, "-S", "-I", "-c", NUKE_STARTS, str(home / ".nuke")],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[:2] == ["own init", "own menu"], done.stdout + done.stderr
    assert done.stdout.count(f"from {at.store}") == 2
    assert lines[-1] == "loaded []"
    found = {finding.name: finding for finding in findings(look(machine, at), at)}
    assert [finding for finding in found.values() if finding.state is State.PROBLEM] == []
    assert "Nuke 15.1v3" in found["last start"].value
    away = removal(at)
    assert away is not None and away.left == ()
    for step in away.steps:
        step.run()
    assert sorted(path.name for path in (home / ".nuke").iterdir()) == ["init.py", "menu.py"]
    assert (home / ".nuke" / "init.py").read_bytes() == b"import nuke\r\nprint('own init')"
