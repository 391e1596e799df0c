# SPDX-License-Identifier: Apache-2.0
"""Every cause the doctor knows, on machines of all three systems made of files and frozen views."""

from __future__ import annotations

import json
import os
import plistlib
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from plosive_install.doctor import ClientSeen, DaemonSeen, Finding, Process, State, View
from plosive_install.doctor.commands import findings
from plosive_install.installation import Target, install_steps, target
from plosive_install.machine import Machine
from plosive_install.manifest import read_manifest
from plosive_install.places import (
    host_config,
    host_log,
    resolve_log,
    resolve_shared_fusion_folders,
    sighting,
)
from plosive_install.sources import host_files

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


@pytest.fixture
def resolve(machine: Machine, source: Path) -> Sick:
    return healthy(machine, source, "resolve")


@pytest.fixture
def nuke(machine: Machine, source: Path) -> Sick:
    return healthy(machine, source, "nuke")


@pytest.fixture(params=["resolve", "nuke"])
def either(machine: Machine, source: Path, request: pytest.FixtureRequest) -> Sick:
    return healthy(machine, source, str(request.param))


def test_nothing_is_wrong(either: Sick) -> None:
    assert either.told() == {}
    names = [finding.name for finding in findings(either.view, either.at)]
    assert {"installed", "package", "script", "Plosive's Python", "daemon", "log"} <= set(names)


def test_not_installed(machine: Machine, source: Path) -> None:
    for host in ("resolve", "nuke"):
        at = target(machine, host)
        told = {finding.name: finding for finding in findings(View(machine, "0.1.0", ""), at)}
        assert told["installed"].state is State.PROBLEM
        assert told["installed"].remedy == f"run: plosive install {host}"
        assert told["Plosive's Python"].state is State.PROBLEM


def test_files_of_another_version(either: Sick) -> None:
    either.change(
        version="0.2.0", clients={sys.executable: ClientSeen("3.11.4", "0.2.0")}, daemon=DaemonSeen(False)
    )
    told = either.told()
    assert "has the files of Plosive 0.1.0, and this is 0.2.0" in told["installed"][0].value
    assert all("is of Plosive 0.1.0" in finding.value for finding in told["script"])


def test_a_script_that_is_gone_changed_or_leads_nowhere(either: Sick) -> None:
    manifest = read_manifest(either.at.store)
    assert manifest is not None
    path = manifest.entries[0]
    content = path.read_bytes()
    path.write_bytes(content + b"x = 1\n")
    assert f"{path} was changed" in either.only("script").value
    path.unlink()
    assert either.only("script").value == f"{path} is gone"
    path.write_bytes(content)
    os.rename(either.at.store, either.at.store.with_name("moved"))
    assert "installed" in either.told()


def test_the_package_is_gone_or_torn(either: Sick) -> None:
    manifest = read_manifest(either.at.store)
    assert manifest is not None
    folder = either.at.store / manifest.current
    (folder / "plosive_host" / "session.py").unlink()
    assert "1 files are missing" in either.only("package").value
    os.rename(folder, folder.with_name("moved"))
    told = either.told()
    assert "which is gone" in told["script"][0].value


def test_a_damaged_list(either: Sick) -> None:
    (either.at.store / "installed.json").write_text("{")
    assert "is damaged" in either.told()["installed"][0].value


def test_a_python_that_is_gone(either: Sick) -> None:
    host_config(either.machine).write_text('{"python": "/gone/python"}')
    finding = either.only("Plosive's Python")
    assert finding.value == f"/gone/python, named in {host_config(either.machine)}, is gone"
    assert finding.remedy.startswith("run: plosive install")


def test_a_variable_that_names_another_python(either: Sick) -> None:
    machine = replace(
        either.machine, environment={**either.machine.environment, "PLOSIVE_PYTHON": "/gone/python"}
    )
    either.change(machine=machine)
    assert "unset it" in either.only("Plosive's Python").remedy


@pytest.mark.parametrize(
    ("seen", "told"),
    [
        (
            ClientSeen(problem="it has no Plosive that works (No module named 'grpc')"),
            "No module named 'grpc'",
        ),
        (ClientSeen("3.12.1", "0.0.9"), "has Plosive 0.0.9, and this is 0.1.0"),
    ],
)
def test_a_python_with_no_plosive_or_another(either: Sick, seen: ClientSeen, told: str) -> None:
    either.change(clients={sys.executable: seen})
    assert told in either.only("Plosive's Python").value


def test_a_host_json_that_holds_nothing(either: Sick) -> None:
    host_config(either.machine).write_text("[]")
    assert "names none" in either.only("Plosive's Python").value


def test_the_python_beside_the_package_is_next(either: Sick) -> None:
    host_config(either.machine).unlink()
    assert either.told() == {}


@pytest.mark.parametrize(
    ("seen", "told"),
    [
        (DaemonSeen(True, "0.0.9", pid=4711), "end process 4711 when its jobs are done"),
        (
            DaemonSeen(True, problem="It did not answer.", pid=4711, log="/l"),
            "end process 4711; the next job",
        ),
    ],
)
def test_a_stale_daemon(either: Sick, seen: DaemonSeen, told: str) -> None:
    either.change(daemon=seen)
    assert told in either.only("daemon").remedy


def test_no_daemon_is_fine(either: Sick) -> None:
    either.change(daemon=DaemonSeen(False))
    assert either.told() == {}


def test_a_log_that_is_not_there_yet(either: Sick) -> None:
    host_log(either.machine, either.at.host).unlink()
    assert "not there yet" in either.only("log", State.NOTE).value


def test_a_log_that_cannot_be_written(either: Sick, monkeypatch: pytest.MonkeyPatch) -> None:
    log = str(host_log(either.machine, either.at.host))
    access: Callable[..., bool] = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: str(path) != log and access(path, mode))
    assert either.only("log").value == f"{log} cannot be written"


def test_what_went_wrong_last(either: Sick) -> None:
    log = host_log(either.machine, either.at.host)
    log.write_text(
        "2026-11-21 20:00:00,1 7 ERROR an older one\n2026-11-21 20:15:52,123 7 ERROR The dub is gone (DUB)\n"
        "Traceback\n2026-11-21 20:16:00,000 7 INFO check\n"
    )
    assert either.only("last failure", State.NOTE).value == "2026-11-21 20:15: The dub is gone (DUB)"


def test_a_script_that_could_not_even_start(either: Sick, tmp_path: Path) -> None:
    names = {name: str(tmp_path) for name in ("TMPDIR", "TEMP")}
    environment = {**either.machine.environment, **names}
    either.change(machine=replace(either.machine, environment=environment))
    log = tmp_path / f"plosive-host-{either.at.host}.log"
    log.write_text("Traceback\nImportError: why\n")
    assert "could not start: ImportError: why" in either.only("start").value
    os.utime(log, (0, 0))
    assert either.told() == {}


def test_files_that_changed_under_the_same_version(either: Sick) -> None:
    either.change(package="0.1.0-000000000000")
    assert "has other files than this Plosive 0.1.0 brings" in either.only("installed").value


@pytest.mark.parametrize("machine", ["darwin"], indirect=True)
def test_a_folder_that_macos_guards(either: Sick) -> None:
    python = str(either.machine.home / "Documents" / "plosive" / ".venv" / "bin" / "python")
    host_config(either.machine).write_text(json.dumps({"python": python}))
    either.change(clients={python: CLIENT})
    assert "say yes when it asks" in either.only("Plosive's Python", State.NOTE).remedy


def test_a_check_that_fails_of_itself_ends_no_other(resolve: Sick, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(view: View, at: Target) -> list[Finding]:
        raise KeyError("why")

    from plosive_install.doctor import commands

    monkeypatch.setitem(commands._CHECKS, "resolve", (broken, *commands._CHECKS["resolve"]))
    assert "broken failed: KeyError('why') in test_doctor.py" in resolve.only("doctor").value


# Resolve


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
    assert told in resolve.only("edition", state).remedy


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
    resolve.change(registry={r"HKCU\SOFTWARE\Python\PythonCore\3.8\InstallPath": str(root)})
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


# Nuke


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
