# SPDX-License-Identifier: Apache-2.0
"""The faults in a short form; `python -m faults` (see __main__.py) does each many times."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from .kinds import KINDS
from .load import Load, put_under_load, quantile

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks for processes in /proc")
_SMALL = ("daemon_killed", "worker_killed", "client_killed", "power_cut", "unreadable")
_DAMAGED = ("queue_damaged", "both_damaged")


@pytest.mark.parametrize("name", [*_SMALL, *_DAMAGED, "clock_jumps"])
def test_nothing_is_lost(name: str, tmp_path: Path) -> None:
    KINDS[name](tmp_path / "shop", 1)


def test_many_submit_and_watch(tmp_path: Path) -> None:
    """`python -m faults load` measures what is asked for; here that everybody is told, within reason."""
    load = Load(clients=3, jobs=30, watchers=36, seconds=4.0)
    measured = put_under_load(tmp_path / "shop", load)
    assert measured.problems == [] and len(measured.submits) == load.jobs
    assert len(measured.warnings) > load.watchers, "each of 18 is told five a second for two seconds at least"
    assert quantile(measured.warnings, 0.99) < 2.0
    before, _, after = measured.memory_mb
    assert after - before < 64


def test_nothing_is_lost_on_a_full_disk(tmp_path: Path) -> None:
    """Needs the right to mount a small disk; that is tried in a name space of its own."""
    import os
    import subprocess

    if shutil.which("unshare") is None or shutil.which("mount") is None:
        pytest.skip("no small disk can be made here")
    small = tmp_path / "small"
    small.mkdir()
    mount = f'mount -t tmpfs -o size=12m plosive "{small}"'
    if subprocess.run(["unshare", "-m", "sh", "-c", mount], capture_output=True).returncode:
        pytest.skip("no small disk can be mounted here")
    paths = os.pathsep.join([str(Path(__file__).parents[1]), *(path for path in sys.path if path)])
    faults = f'"{sys.executable}" -m faults --count 1 --fault disk_full --small-disk "{small}"'
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c", f"{mount} && {faults}"],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": paths},
    )
    assert done.returncode == 0, done.stdout + done.stderr
