# SPDX-License-Identifier: Apache-2.0
"""Machines of all three systems, made of empty folders, and host files that stand in for the real ones."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.hosts.install.sick import Sick, healthy

from plosive_install.machine import Machine

_ENTRY = '''# SPDX-License-Identifier: Apache-2.0
"""Stands in for an entry file."""

PLOSIVE_HOSTS = ""

import sys

sys.path.insert(0, PLOSIVE_HOSTS)
from stand_in import said

said.append(__doc__)
'''
_FILES = {
    "resolve": {
        "Scripts/Edit/Lip Sync Clip.py": _ENTRY,
        "Scripts/Utility/Plosive Check.py": _ENTRY,
        "stand_in/__init__.py": "said = []\n",
        "stand_in/__pycache__/__init__.cpython-39.pyc": "left over",
    },
    "nuke": {
        "init.py": "PLOSIVE_HOSTS = ''\n",
        "menu.py": "import stand_in\n",
        "stand_in/__init__.py": "said = []\n",
        "Python/Startup/plosive_startup.py": _ENTRY,
    },
}


def write_files(folder: Path, files: dict[str, str]) -> None:
    """Texts by path below a folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A folder `hosts` as the repository has one."""
    for host, files in _FILES.items():
        write_files(tmp_path / "hosts" / host, files)
    return tmp_path / "hosts"


@pytest.fixture(params=["linux", "darwin", "win32"])
def machine(request: pytest.FixtureRequest, tmp_path: Path) -> Machine:
    """A user whose name is as awkward as names are."""
    home = tmp_path / "users" / 'José O\'Neil "Jo" 日本 \U0001f600'
    home.mkdir(parents=True)
    environment = {}
    if request.param == "win32":
        environment = {
            "APPDATA": str(home / "AppData" / "Roaming"),
            "LOCALAPPDATA": str(home / "AppData" / "Local"),
            "PROGRAMDATA": str(tmp_path / "ProgramData"),
            "ProgramFiles": str(tmp_path / "Program Files"),
        }
    return Machine(str(request.param), home, environment, tmp_path / "root")


@pytest.fixture
def resolve(machine: Machine, source: Path) -> Sick:
    return healthy(machine, source, "resolve")


@pytest.fixture
def nuke(machine: Machine, source: Path) -> Sick:
    return healthy(machine, source, "nuke")


@pytest.fixture(params=["resolve", "nuke"])
def either(machine: Machine, source: Path, request: pytest.FixtureRequest) -> Sick:
    return healthy(machine, source, str(request.param))
