# SPDX-License-Identifier: Apache-2.0
"""Why Resolve does not show or run Plosive: every cause, on all three systems."""

from __future__ import annotations

import sys
import time
from dataclasses import replace

import pytest
from tests.hosts.install.sick import Sick

from plosive_install.doctor import Process, State, View
from plosive_install.doctor.commands import findings
from plosive_install.installation import install_steps, target
from plosive_install.machine import Machine
from plosive_install.places import (
    resolve_log,
    resolve_shared_fusion_folders,
    sighting,
)
from plosive_install.sources import host_files


@pytest.mark.parametrize(
    ("version", "is_studio", "state", "told"),
    [
        ("18.6.6", True, State.PROBLEM, "update DaVinci Resolve to 19.1"),
        ("19.0.3", True, State.PROBLEM, "update DaVinci Resolve to 19.1"),
        ("21.0.4", False, State.NOTE, ""),
        ("21.1.0", False, State.PROBLEM, "use Studio, or the round trip by file"),
        ("22.0.0", False, State.PROBLEM, "use Studio, or the round trip by file"),
    ],
)
def test_the_wrong_edition(resolve: Sick, version: str, is_studio: bool, state: State, told: str) -> None:
    resolve.says(version, is_studio)
    finding = resolve.only("edition", state)
    assert told in finding.remedy
    assert finding.value.startswith(f"{version} {'Studio' if is_studio else 'Free'} (from ")


@pytest.mark.parametrize("version", ["19.1.0", "20.2.2", "21.0.4", "21.1.0"])
def test_studio_is_fine(resolve: Sick, version: str) -> None:
    resolve.says(version)
    assert resolve.told() == {}


def test_the_last_run_tells_where_the_log_does_not(resolve: Sick) -> None:
    resolve_log(resolve.machine).unlink()
    resolve.saw("resolve", version="21.1.0", edition="free")
    assert "Free shows no Python scripts" in resolve.only("edition").value
    sighting(resolve.machine, "resolve").unlink()
    told = resolve.told()
    assert "edition" not in told if resolve.machine.is_mac else told["edition"][0].state is State.NOTE
    assert "Plosive Check" in told["last run"][0].remedy


def remove_pythons(sick: Sick) -> None:
    for path in (
        sick.machine.root / "usr/bin/python3.11",
        sick.machine.root / "Library/Frameworks/Python.framework/Versions/3.11",
    ):
        if path.exists():
            path.rmdir()
    sick.change(registry={})


def test_no_python_that_resolve_finds(resolve: Sick) -> None:
    remove_pythons(resolve)
    finding = resolve.only("Resolve's Python")
    assert finding.value == "none that Resolve finds" and "start Resolve again" in finding.remedy
    resolve.says("21.1.0")
    assert resolve.told() == {}


def test_a_python_that_is_too_old(resolve: Sick) -> None:
    remove_pythons(resolve)
    root = resolve.machine.root
    for folder in (root / "usr/bin/python3.8", root / "Library/Frameworks/Python.framework/Versions/3.8"):
        folder.mkdir(parents=True)
    core = r"HKCU\SOFTWARE\Python\PythonCore"
    resolve.change(
        registry={rf"{core}\3.8\InstallPath": str(root), rf"{core}\3.12-32\InstallPath": str(root)}
    )
    assert resolve.only("Resolve's Python").value == "only 3.8"


def test_a_pythonhome_that_is_gone(resolve: Sick) -> None:
    environment = {**resolve.machine.environment, "PYTHONHOME": "/gone"}
    resolve.change(machine=replace(resolve.machine, environment=environment))
    assert resolve.only("Resolve's Python").remedy == "unset PYTHONHOME"


@pytest.mark.parametrize("machine", ["darwin"], indirect=True)
def test_the_app_store(resolve: Sick) -> None:
    receipt = resolve.machine.root / "Applications/DaVinci Resolve.app/Contents/_MASReceipt/receipt"
    receipt.parent.mkdir(parents=True)
    receipt.write_bytes(b"")
    assert "Blackmagic's website" in resolve.only("App Store").remedy


def test_a_second_copy_for_all_users(resolve: Sick) -> None:
    shared = resolve_shared_fusion_folders(resolve.machine)[0]
    at = target(resolve.machine, "resolve", shared)
    files = host_files("resolve", sys.executable, resolve.source)
    for step in install_steps(at, files, "0.1.0", sys.executable):
        step.run()
    assert all(finding.state is State.NOTE for finding in resolve.told()["second copy"])
    for step in install_steps(at, files, "0.0.9", sys.executable):
        step.run()
    told = resolve.told()["second copy"]
    assert {finding.state for finding in told} == {State.PROBLEM}
    assert f'--dir "{shared}" --uninstall' in told[0].remedy


@pytest.mark.parametrize("name", ["resolve", "Resolve", "Resolve.exe"])
def test_resolve_must_be_started_again(resolve: Sick, name: str) -> None:
    resolve.change(processes=(Process(5, name, time.time() - 1000),))
    assert resolve.only("menu").remedy == "start Resolve again"
    resolve.change(processes=(Process(5, name, time.time() + 1000),))
    assert resolve.told() == {}
    resolve.change(processes=(Process(5, name, None),))
    assert resolve.told() == {}


def test_stale_script_runners(resolve: Sick) -> None:
    resolve.change(processes=(Process(9, "fuscript"), Process(10, "ResolvePython.exe")))
    finding = resolve.only("stale scripts")
    assert finding.value == "fuscript (9), ResolvePython.exe (10) run without Resolve"
    resolve.change(processes=(Process(9, "fuscript"), Process(5, "Resolve.exe", time.time() + 1000)))
    assert resolve.only("scripts", State.NOTE)


def test_another_copy_ran(resolve: Sick) -> None:
    resolve.saw("resolve", hosts_folder="/elsewhere")
    assert "from /elsewhere" in resolve.only("last run", State.NOTE).value


def test_no_resolve_at_all(machine: Machine) -> None:
    told = {
        finding.name: finding for finding in findings(View(machine, "0.1.0", ""), target(machine, "resolve"))
    }
    assert told["DaVinci Resolve"].state is State.NOTE
