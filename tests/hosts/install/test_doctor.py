# SPDX-License-Identifier: Apache-2.0
"""What the doctor finds in any host, on machines of all three systems made of files and frozen views."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from tests.hosts.install.sick import CLIENT, Sick

from plosive_install.doctor import ClientSeen, DaemonSeen, Finding, State, View
from plosive_install.doctor.commands import findings
from plosive_install.installation import Target, target
from plosive_install.machine import Machine
from plosive_install.manifest import read_manifest
from plosive_install.places import (
    host_config,
    host_log,
)


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


def test_a_client_that_does_not_load(either: Sick) -> None:
    either.change(daemon=DaemonSeen(False, problem="it cannot be asked: no grpc"))
    assert "install Plosive again" in either.only("daemon").remedy


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
