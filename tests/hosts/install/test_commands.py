# SPDX-License-Identifier: Apache-2.0
"""`plosive install` as a user meets it."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

import plosive_install.commands as commands
from plosive_install.commands import install
from plosive_install.machine import Machine
from plosive_install.places import data_folder, nuke_user_folder
from plosive_install.startup_block import block_of


@pytest.fixture
def home(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """This machine's system with another home, and the stand-in host files."""
    folder = tmp_path / "home"
    folder.mkdir()
    for name in (
        "XDG_DATA_HOME",
        "LOCALAPPDATA",
        "APPDATA",
        "PLOSIVE_HOST_DATA",
        "PLOSIVE_HOST_CONFIG",
        "SUDO_USER",
    ):
        monkeypatch.delenv(name, raising=False)
    machine = Machine(sys.platform, folder, {})
    monkeypatch.setattr(commands, "this_machine", lambda: machine)
    monkeypatch.setattr("plosive_install.sources.hosts_source", lambda: source)
    return machine


def run(*arguments: str) -> str:
    done = CliRunner().invoke(install, list(arguments), catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def test_a_dry_run_does_nothing(home: Machine) -> None:
    told = run("nuke", "--dry-run")
    assert str(nuke_user_folder(home) / "init.py") in told and "would: " in told
    assert list(home.home.iterdir()) == []


def test_install_and_uninstall(home: Machine) -> None:
    told = run("nuke")
    assert "Start Nuke again" in told
    assert json.loads((data_folder(home) / "host.json").read_bytes()) == {"python": sys.executable}
    assert "already, whole and unchanged" in run("nuke")
    would = run("nuke", "--uninstall", "--dry-run")
    assert (data_folder(home) / "host.json").exists()
    assert would.replace("would: ", "") == run("nuke", "--uninstall")
    assert list(home.home.iterdir()) == []
    assert "Plosive is not installed in Nuke" in run("nuke", "--uninstall")


def test_a_folder_for_many(home: Machine, tmp_path: Path) -> None:
    told = run("nuke", "--dir", str(tmp_path / "site"))
    assert f"Put {tmp_path / 'site'} on NUKE_PATH" in told
    assert list(home.home.iterdir()) == []


def test_the_app_store_is_told_of(home: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    mac = Machine("darwin", home.home, {})
    monkeypatch.setattr(commands, "this_machine", lambda: mac)
    assert "App Store" not in run("resolve")
    (home.home / "Library/Containers/com.blackmagic-design.DaVinciResolveLite").mkdir(parents=True)
    run("resolve", "--uninstall")
    assert "There is a DaVinci Resolve of the Mac App Store here" in run("resolve")


def test_a_failure_is_one_sentence(home: Machine) -> None:
    nuke_user_folder(home).write_text("a file")
    done = CliRunner().invoke(install, ["nuke"])
    assert done.exit_code == 1 and done.output.startswith("Error: ") and done.output.count("\n") == 1
    with pytest.raises(click.ClickException, match="cannot be"):
        install.main(["nuke"], standalone_mode=False)


def test_a_first_installation_that_fails_leaves_nothing(
    home: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    nuke_user_folder(home).mkdir()
    startup = nuke_user_folder(home) / "init.py"
    startup.write_text("x = 1\n")
    access = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: path != startup and access(path, mode))
    done = CliRunner().invoke(install, ["nuke"])
    assert done.exit_code == 1 and f"{startup} cannot be written: you have no permission" in done.output
    assert [path.name for path in home.home.rglob("*")] == [".nuke", "init.py"]
    assert startup.read_text() == "x = 1\n"


def test_a_failing_update_leaves_what_was_there(home: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    run("nuke")
    startup = nuke_user_folder(home) / "init.py"
    before = startup.read_bytes()
    access = os.access
    monkeypatch.setattr(commands, "plosive_version", lambda: "9.0.0")
    monkeypatch.setattr(os, "access", lambda path, mode: path != startup and access(path, mode))
    assert CliRunner().invoke(install, ["nuke"]).exit_code == 1
    assert startup.read_bytes() == before
    folder = block_of(before)
    assert folder is not None and folder.hosts_folder is not None and folder.hosts_folder.is_dir()
    monkeypatch.undo()


@pytest.mark.parametrize(
    ("python", "is_told"),
    [
        ("{tmp}/x/bin/python", True),
        ("/h/.cache/uv/archive-v0/Ab/bin/python", True),
        ("/opt/p/bin/python", False),
    ],
)
def test_a_python_that_will_vanish(
    home: Machine, monkeypatch: pytest.MonkeyPatch, python: str, is_told: bool
) -> None:
    monkeypatch.setattr(sys, "executable", python.format(tmp=tempfile.gettempdir()))
    assert ("cleared away" in run("resolve")) is is_told


def test_sudo_is_refused(home: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUDO_USER", "jo")
    monkeypatch.setattr(os, "geteuid", lambda: 0, raising=False)
    done = CliRunner().invoke(install, ["resolve"])
    assert "run it as yourself, without sudo" in done.output
