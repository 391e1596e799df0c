# SPDX-License-Identifier: Apache-2.0
"""Why Nuke does not show or run Plosive: every cause, on all three systems."""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from pathlib import Path

from tests.hosts.install.sick import Sick

from plosive_install.doctor import Process, State
from plosive_install.installation import install_steps, target
from plosive_install.places import sighting
from plosive_install.sources import host_files


def test_init_py_without_the_block(nuke: Sick) -> None:
    path = nuke.at.entry_folder / "init.py"
    content = path.read_bytes()
    path.write_bytes(b"x = 1\n")
    assert "has no block of Plosive" in nuke.only("init.py").value
    path.write_bytes(b"".join(content.splitlines(keepends=True)[:-1]))
    assert "lost its first or last line" in nuke.only("init.py").value
    path.write_bytes(b"if x\n" + content)
    assert "line 1" in nuke.only("init.py").value
    path.unlink()
    assert nuke.only("init.py").value == f"{path} is gone"


def test_a_menu_py_at_which_nuke_stops(nuke: Sick) -> None:
    (nuke.at.entry_folder / "menu.py").write_bytes(b"print 'Nuke 11'\n")
    assert "menu.py has an error in line 1" in nuke.only("start-up").value


def test_nuke_path(nuke: Sick, tmp_path: Path) -> None:
    site, gone = tmp_path / "site", tmp_path / "gone"
    separator = ";" if nuke.machine.is_windows else ":"
    environment = {**nuke.machine.environment, "NUKE_PATH": f"{site}{separator}{gone}"}
    site.mkdir()
    (site / "init.py").write_bytes(b"if x\n")
    nuke.change(machine=replace(nuke.machine, environment=environment))
    told = nuke.told()
    assert told["NUKE_PATH"][0].value == f"{gone} is not there"
    assert f"{site / 'init.py'} has an error in line 1" in told["start-up"][0].value
    (site / "init.py").unlink()
    gone.mkdir()
    at = target(nuke.machine, "nuke", site)
    files = host_files("nuke", sys.executable, nuke.source)
    for step in install_steps(at, files, "0.1.0", sys.executable):
        step.run()
    assert "take one away" in nuke.only("NUKE_PATH").remedy


def test_an_old_nuke(nuke: Sick) -> None:
    folder = next(nuke.machine.root.parent.rglob("Nuke15.1v3")).parent
    (folder / "Nuke13.2v9").mkdir()
    (folder / "NukeSomething").mkdir()
    assert "13.2v9: its Python is too old" in nuke.only("Nuke", State.NOTE).value


def test_a_nuke_that_runs_since_before(nuke: Sick) -> None:
    nuke.change(processes=(Process(5, "Nuke15.1", time.time() - 1000),))
    assert nuke.only("menu", State.NOTE)


def test_nuke_has_not_loaded_it(nuke: Sick) -> None:
    sighting(nuke.machine, "nuke").unlink()
    assert "--safe" in nuke.only("last start", State.NOTE).remedy
    site = nuke.machine.root / "site"
    site.mkdir(parents=True)
    environment = {**nuke.machine.environment, "NUKE_PATH": str(site)}
    nuke.change(machine=replace(nuke.machine, environment=environment))
    assert "with --dir" in nuke.only("last start", State.NOTE).remedy
