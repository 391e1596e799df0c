# SPDX-License-Identifier: Apache-2.0
"""Folders of the three systems, as the hosts' own documents have them."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from plosive_host.folders import data_folder as the_hosts_data_folder
from plosive_host.log import log_path
from plosive_host.python import config_path
from plosive_host.sighting import sighting_path
from plosive_install import places
from plosive_install.machine import Machine, this_machine

HOME = Path("/h")
WINDOWS = {"APPDATA": "/h/AppData/Roaming", "LOCALAPPDATA": "/h/AppData/Local", "PROGRAMDATA": "/ProgramData"}


@pytest.mark.parametrize(
    ("system", "environment", "own", "shared"),
    [
        (
            "linux",
            {},
            "/h/.local/share/DaVinciResolve/Fusion",
            ["/opt/resolve/Fusion", "/home/resolve/Fusion"],
        ),
        (
            "darwin",
            {},
            "/h/Library/Application Support/Blackmagic Design/DaVinci Resolve/Fusion",
            ["/Library/Application Support/Blackmagic Design/DaVinci Resolve/Fusion"],
        ),
        (
            "win32",
            WINDOWS,
            "/h/AppData/Roaming/Blackmagic Design/DaVinci Resolve/Support/Fusion",
            ["/ProgramData/Blackmagic Design/DaVinci Resolve/Fusion"],
        ),
    ],
)
def test_resolves_folders(system: str, environment: dict[str, str], own: str, shared: list[str]) -> None:
    machine = Machine(system, HOME, environment)
    assert places.resolve_user_fusion_folder(machine) == Path(own)
    assert [str(path) for path in places.resolve_shared_fusion_folders(machine)] == shared


def test_nukes_folder_is_where_home_says_on_windows_only() -> None:
    assert places.nuke_user_folder(Machine("linux", HOME, {"HOME": "/else"})) == Path("/h/.nuke")
    assert places.nuke_user_folder(Machine("win32", HOME, {})) == Path("/h/.nuke")
    assert places.nuke_user_folder(Machine("win32", HOME, {"HOME": "/else"})) == Path("/else/.nuke")


def test_nuke_path_is_split_as_the_system_does() -> None:
    told = {"NUKE_PATH": "/a:/b::"}
    assert places.nuke_path_folders(Machine("darwin", HOME, told)) == (Path("/a"), Path("/b"))
    told = {"NUKE_PATH": "C:/a;D:/b"}
    assert places.nuke_path_folders(Machine("win32", HOME, told)) == (Path("C:/a"), Path("D:/b"))


@pytest.mark.parametrize("variable", ["", "XDG_DATA_HOME", "PLOSIVE_HOST_DATA", "PLOSIVE_HOST_CONFIG"])
def test_the_host_looks_where_the_installer_writes(
    variable: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("XDG_DATA_HOME", "PLOSIVE_HOST_DATA", "PLOSIVE_HOST_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    if variable:
        monkeypatch.setenv(variable, str(tmp_path / "told"))
    machine = this_machine()
    assert machine == Machine(sys.platform, Path.home(), dict(os.environ))
    assert places.data_folder(machine) == the_hosts_data_folder()
    assert places.host_config(machine) == config_path()
    assert places.host_log(machine, "nuke") == log_path("nuke")
    assert places.sighting(machine, "nuke") == sighting_path("nuke")


def test_the_app_stores_containers(tmp_path: Path) -> None:
    container = tmp_path / "Library/Containers/com.blackmagic-design.DaVinciResolveLite"
    assert places.app_store_fusion_folders(Machine("darwin", tmp_path)) == ()
    container.mkdir(parents=True)
    found = container / "Data/Library/Application Support/Fusion"
    assert places.app_store_fusion_folders(Machine("darwin", tmp_path)) == (found,)
    assert places.app_store_fusion_folders(Machine("linux", tmp_path)) == ()
