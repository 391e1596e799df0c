# SPDX-License-Identifier: Apache-2.0
"""The wheel carries the host files, and installs them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from plosive_install.sources import HOSTS, host_files, hosts_source


@pytest.fixture(scope="module")
def unpacked(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built as pip builds it, unpacked as pip --target does."""
    pytest.importorskip("hatchling", reason="the build needs hatchling (extra dev)")
    folder = tmp_path_factory.mktemp("wheel")
    build = f"import hatchling.build; print(hatchling.build.build_wheel({str(folder)!r}))"
    done = subprocess.run([sys.executable, "-c", build], capture_output=True, text=True, cwd=repository)
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(folder / done.stdout.split()[-1]) as wheel:
        wheel.extractall(folder / "site")
    return folder / "site"


def test_it_installs_what_the_repository_has(unpacked: Path, repository: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    script = (
        "import sys; from pathlib import Path; sys.path.insert(0, sys.argv[1])\n"
        "import plosive_install\n"
        "assert Path(plosive_install.__file__).is_relative_to(sys.argv[1]), plosive_install.__file__\n"
        "from plosive_install.commands import install\n"
        "install.main([*sys.argv[2:]])\n"
    )
    names = ("XDG_DATA_HOME", "PYTHONPATH", "PLOSIVE_HOST_DATA", "PLOSIVE_HOST_CONFIG", "SUDO_USER")
    kept = {name: value for name, value in os.environ.items() if name not in names}
    environment = {**kept, "HOME": str(home), "USERPROFILE": str(home), "LOCALAPPDATA": str(home / "L")}
    environment["APPDATA"] = str(home / "R")
    for host in (name for name in HOSTS if (repository / "hosts" / name).is_dir()):
        expected = host_files(host, sys.executable, repository / "hosts")
        for options in ([], ["--uninstall"]):
            done = subprocess.run(
                [sys.executable, "-c", script, str(unpacked), host, *options],
                capture_output=True,
                text=True,
                env=environment,
                cwd=tmp_path,
            )
            assert done.returncode == 0, done.stderr
            if not options:
                found = list(home.rglob("installed.json"))
                assert len(found) == 1
                told = json.loads(found[0].read_bytes())
                assert set(told["packages"][told["current"]]) == set(expected.package)
                assert len(told["entries"]) == len(expected.entries)
        assert list(home.iterdir()) == []


def test_the_repository_is_the_source_here(repository: Path) -> None:
    assert hosts_source() == repository / "hosts"
