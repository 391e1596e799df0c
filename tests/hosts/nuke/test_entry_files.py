# SPDX-License-Identifier: Apache-2.0
"""init.py and menu.py: short, and nothing in them stops Nuke from starting."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from fakes.nuke import FakeNuke

NAMES = ("init.py", "menu.py")


@pytest.mark.parametrize("name", NAMES)
def test_short_and_old_enough_for_nuke_13(repository: Path, name: str) -> None:
    text = (repository / "hosts" / "nuke" / name).read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 40
    ast.parse(text, feature_version=(3, 7))


def run(repository: Path, name: str, before: str = "", after: str = "") -> subprocess.CompletedProcess[str]:
    """As Nuke runs it, in a Python with nothing of ours on its path."""
    path = str(repository / "hosts" / "nuke" / name)
    code = "\n".join(
        (
            "import os, sys, types",
            before,
            f"exec(compile(open({path!r}).read(), {path!r}, 'exec'), {{'__file__': {path!r}}})",
            after,
            "print('started')",
        )
    )
    return subprocess.run([sys.executable, "-S", "-I", "-c", code], capture_output=True, text=True)


def test_init_finds_the_packages_with_the_standard_library_alone(repository: Path) -> None:
    host = "sys.modules['nuke'] = types.ModuleType('nuke')"
    done = run(repository, "init.py", host, "import plosive_nuke, plosive_nuke.toolset, plosive_host")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "started"), done.stderr


@pytest.mark.parametrize("name", NAMES)
def test_nothing_of_ours_there(repository: Path, tmp_path: Path, name: str) -> None:
    text = (repository / "hosts" / "nuke" / name).read_text(encoding="utf-8")
    (tmp_path / name).write_text(text.replace('PLOSIVE_HOSTS = ""', 'PLOSIVE_HOSTS = "/nowhere/at/all"'))
    code = f"exec(open({str(tmp_path / name)!r}).read())\nprint('started')"
    done = subprocess.run([sys.executable, "-S", "-I", "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "started"), done.stderr
    assert name == "init.py" or "Plosive has no menu: No module named" in done.stdout


def test_a_broken_package_is_told_with_the_log(repository: Path, tmp_path: Path) -> None:
    package = tmp_path / "plosive_nuke"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "menu.py").write_text("raise SystemExit('broken')")
    lead = f"sys.path[:0] = [{str(tmp_path)!r}, {str(repository / 'plugin')!r}]"
    lead += f"\nos.environ['PLOSIVE_HOST_DATA'] = {str(tmp_path / 'data')!r}"
    done = run(repository, "menu.py", lead)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "started"), done.stderr
    assert "Plosive has no menu: broken" in done.stdout
    log = tmp_path / "data" / "logs" / "host-nuke.log"
    assert str(log) in done.stdout and "SystemExit: broken" in log.read_text(encoding="utf-8")


def test_an_older_nuke_is_told(repository: Path) -> None:
    done = run(repository, "menu.py", "sys.version_info = (3, 7, 7)")
    assert "needs Nuke 14 or later for its buttons" in done.stdout and "started" in done.stdout


def test_the_menus(nuke: FakeNuke, repository: Path) -> None:
    exec(compile((repository / "hosts" / "nuke" / "menu.py").read_text(), "menu.py", "exec"), {})
    command = nuke.menu("Nodes").menus["Plosive"].commands["LipSync"]
    exec(command, {})
    assert nuke.toNode("LipSync1") is not None
    exec(nuke.menu("Nuke").menus["Plosive"].commands["Where is the log?"], {})
    assert "host-nuke.log" in nuke.messages[0]
