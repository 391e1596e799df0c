# SPDX-License-Identifier: Apache-2.0
"""Every call of Nuke's that the plug-in makes is in the public stubs (types-nuke 13.2), with these arguments.

What the stubs leave open (`Any` for most methods of knobs) the fake checks.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest


def test_against_types_nuke(repository: Path, tmp_path: Path) -> None:
    found = os.environ.get("TYPES_NUKE", "")
    if not found:
        places = [Path(one) / "nuke-stubs" for one in sys.path]
        found = next((str(one) for one in places if one.is_dir()), "")
    if not found or importlib.util.find_spec("mypy") is None:
        pytest.skip(
            "types-nuke and mypy are not installed (pip install types-nuke; TYPES_NUKE names its folder)"
        )
    (tmp_path / "stubs").mkdir()
    (tmp_path / "stubs" / "nuke").symlink_to(found)
    folders = [repository / "hosts" / "nuke", repository / "plugin", tmp_path / "stubs"]
    environment = {**os.environ, "MYPYPATH": os.pathsep.join(str(one) for one in folders)}
    command = [sys.executable, "-m", "mypy", "--config-file", "", "--python-version", "3.10",
               "--cache-dir", str(tmp_path / "cache"), "-p", "plosive_nuke"]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=repository)
    ours = [line for line in done.stdout.splitlines() if "plosive_nuke" in line]
    assert ours == [], done.stdout
    assert "checked" in done.stdout or "Success" in done.stdout, done.stdout + done.stderr
