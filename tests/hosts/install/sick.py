# SPDX-License-Identifier: Apache-2.0
"""A machine on which everything is right, to be made sick in one place."""

from __future__ import annotations

import json
import plistlib
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path

from plosive_install.doctor import ClientSeen, DaemonSeen, Finding, State, View
from plosive_install.doctor.commands import findings
from plosive_install.installation import Target, install_steps, target
from plosive_install.machine import Machine
from plosive_install.manifest import read_manifest
from plosive_install.places import host_log, resolve_log, sighting
from plosive_install.sources import host_files

__all__ = ["CLIENT", "Sick", "healthy"]

CLIENT = ClientSeen("3.11.4", "0.1.0")


@dataclass
class Sick:
    """A machine on which everything is right, until a test changes something."""

    at: Target
    view: View
    source: Path

    @property
    def machine(self) -> Machine:
        return self.view.machine

    def change(self, **values: object) -> None:
        self.view = replace(self.view, **values)  # type: ignore[arg-type]

    def told(self) -> dict[str, list[Finding]]:
        """Findings that are not fine, by name."""
        told: dict[str, list[Finding]] = {}
        for finding in findings(self.view, self.at):
            assert "\n" not in finding.value + finding.remedy
            if finding.state is State.PROBLEM:
                assert finding.remedy, finding
            if finding.state is not State.FINE:
                told.setdefault(finding.name, []).append(finding)
        return told

    def only(self, name: str, state: State = State.PROBLEM) -> Finding:
        """The one thing that is not fine."""
        told = self.told()
        assert list(told) == [name], told
        assert len(told[name]) == 1 and told[name][0].state is state, told
        return told[name][0]

    def says(self, version: str, studio: bool = True) -> None:
        """What Resolve writes into its log when it starts."""
        path = resolve_log(self.machine)
        path.parent.mkdir(parents=True, exist_ok=True)
        word = " Studio" if studio else ""
        with path.open("a") as log:
            log.write(
                f"0x7f | Main | INFO  | 2026-03-16 15:31:50,796 | Running DaVinci Resolve{word} v{version}"
            )
            log.write(".0009 (Linux/Clang x86_64)\nmore\n")

    def saw(self, host: str, **values: object) -> None:
        manifest = read_manifest(self.at.store)
        assert manifest is not None
        told = {
            "product": "DaVinci Resolve Studio",
            "version": "20.1.0",
            "edition": "studio",
            "python": "3.11.4",
            "hosts_folder": str(self.at.store / manifest.current),
            "seen_unix_seconds": int(time.time()),
            **values,
        }
        sighting(self.machine, host).write_text(json.dumps(told))


def healthy(machine: Machine, source: Path, host: str) -> Sick:
    """The host is there, has run, and Plosive is in it."""
    at = target(machine, host)
    python = sys.executable
    for step in install_steps(at, host_files(host, python, source), "0.1.0", python):
        step.run()
    view = View(machine, "0.1.0", python, clients={python: CLIENT}, daemon=DaemonSeen(True, "0.1.0", pid=7))
    log = host_log(machine, host)
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text("")
    sick = Sick(at, view, source)
    (install_resolve if host == "resolve" else install_nuke)(sick)
    return sick


def install_resolve(sick: Sick) -> None:
    root, machine = sick.machine.root, sick.machine
    registry = {}
    if machine.is_mac:
        program = root / "Applications/DaVinci Resolve/DaVinci Resolve.app/Contents"
        python = root / "Library/Frameworks/Python.framework/Versions/3.11"
        program.mkdir(parents=True)
        (program / "Info.plist").write_bytes(plistlib.dumps({"CFBundleShortVersionString": "20.1.0"}))
    elif machine.is_windows:
        program_files = Path(machine.environment["ProgramFiles"])
        program = program_files / "Blackmagic Design" / "DaVinci Resolve" / "Resolve.exe"
        python = program_files / "Python311"
        program.mkdir(parents=True)
        registry = {r"HKLM\SOFTWARE\Python\PythonCore\3.11\InstallPath": str(python)}
    else:
        program, python = root / "opt/resolve/bin/resolve", root / "usr/bin/python3.11"
        program.mkdir(parents=True)
    python.mkdir(parents=True)
    sick.says("20.1.0")
    sick.saw("resolve")
    sick.change(registry=registry)


def install_nuke(sick: Sick) -> None:
    folder = {
        "darwin": sick.machine.root / "Applications",
        "win32": Path(sick.machine.environment.get("ProgramFiles", "/")),
    }.get(sick.machine.system, sick.machine.root / "usr/local")
    (folder / "Nuke15.1v3").mkdir(parents=True)
    sick.saw("nuke", product="NukeX", version="15.1v3")
