# SPDX-License-Identifier: Apache-2.0
"""What the kernel keeps from a worker, whatever the libraries in it are talked into."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from plosive_daemon.settings import DaemonSettings
from plosive_daemon.workers.confinement import is_confinable, sentence_of

pytestmark = pytest.mark.skipif(
    not is_confinable(), reason="this system's kernel has no Landlock, or too old a one"
)

_BEGIN = """
import json, os, socket, subprocess, sys, threading
from pathlib import Path
from plosive_daemon.workers.confinement import hold_to_roots
from plosive_daemon.workers.session import WorkerSettings
base = Path(sys.argv[1])
media, out, secret = base / "media", base / "out", base / "secret"
if len(sys.argv) < 3:
    print(hold_to_roots(WorkerSettings("cpu", (str(media),), (str(out),), (), True)))

def tried(what):
    try:
        return what()
    except OSError as error:
        return type(error).__name__
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("media", "out", "secret", "temporary", "state/scratch"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "media" / "plate.txt").write_text("plate")
    (tmp_path / "secret" / "film.txt").write_text("unreleased")
    (tmp_path / "media" / "link.txt").symlink_to(tmp_path / "secret" / "film.txt")
    (tmp_path / "state" / "token").write_text("token")
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    monkeypatch.setenv("PLOSIVE_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("PLOSIVE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "no-caches"))
    return tmp_path


def run(place: Path, program: str, *more: str) -> list[str]:
    """Lines that a process prints once it is confined to media (read) and out (write)."""
    done = subprocess.run(
        [sys.executable, "-c", _BEGIN + program, str(place), *more],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_reading(place: Path) -> None:
    told = run(
        place,
        """
print((media / "plate.txt").read_text())
for path in (
    secret / "film.txt",
    media / "link.txt",
    media / ".." / "secret" / "film.txt",
    Path(f"/proc/self/root{secret}/film.txt"),
    base / "state" / "token",
):
    print(tried(path.read_text))
print(tried(lambda: os.listdir(secret)))
print(tried(lambda: os.listdir(Path.home())))
found = []
thread = threading.Thread(target=lambda: found.append(tried((secret / "film.txt").read_text)))
thread.start(); thread.join()
print(*found)
print(subprocess.run(["cat", str(secret / "film.txt")], capture_output=True).returncode)
import numpy, json, zlib  # libraries are still found
print("numpy")
""",
    )
    denied = "PermissionError"
    assert told == ["The kernel holds this worker to the roots.", "plate", *[denied] * 8, "1", "numpy"]


def test_writing(place: Path) -> None:
    told = run(
        place,
        """
(out / ".a.part").write_text("whole")
os.replace(out / ".a.part", out / "a.txt")
os.link(out / "a.txt", out / "b.txt")
(out / "folder").mkdir()
os.replace(out / "b.txt", out / "folder" / "b.txt")
os.truncate(out / "folder" / "b.txt", 2)
print((out / "a.txt").read_text())
(base / "state" / "scratch" / "frame").write_text("kept")
(base / "cache" / "faces").write_text("kept")
(base / "temporary" / "t").write_text("kept")
for what in (
    lambda: (media / "plate.txt").write_text("over it"),
    lambda: os.truncate(media / "plate.txt", 0),
    lambda: (media / "new.txt").write_text("new"),
    lambda: (media / "plate.txt").unlink(),
    lambda: os.replace(out / "a.txt", media / "a.txt"),
    lambda: os.symlink(secret, secret / "link"),
    lambda: (base / "state" / "queue").mkdir(),
    lambda: socket.create_connection(("127.0.0.1", 9), timeout=1),
):
    print(tried(what))
""",
    )
    assert told[1] == "wh", "links are one file"
    assert set(told[2:-1]) <= {"PermissionError", "OSError"} and len(told) == 10
    assert told[-1] in ("PermissionError", "ConnectionRefusedError"), "kernels before 6.7 leave TCP alone"
    assert (place / "media" / "plate.txt").read_text() == "plate"
    assert sorted(path.name for path in (place / "media").iterdir()) == ["link.txt", "plate.txt"]


_CONFIG = """ocio_profile_version: 2
search_path: {search}
roles: {{scene_linear: linear, default: linear}}
colorspaces:
  - !<ColorSpace> {{name: linear}}
  - !<ColorSpace>
    name: graded
    to_scene_reference: !<FileTransform> {{src: {source}, interpolation: linear}}
"""
_LOOK = """
import numpy as np
from plosive.colour.config import _converted
from plosive.errors import PlosiveError
for name in sys.argv[-1].split(","):
    try:
        grey = np.full((1, 3), 0.5, np.float32)
        print(round(float(_converted(str(media / name), "graded", "linear", grey)[0, 0]), 2))
    except PlosiveError as error:
        print("refused" if "\\n" not in str(error) else "two lines")
"""


def test_lookup_tables_of_a_config_outside_the_roots(place: Path) -> None:
    table = "LUT_1D_SIZE 2\n0.25 0.25 0.25\n0.25 0.25 0.25\n"
    (place / "secret" / "look.cube").write_text(table)
    (place / "media" / "luts").mkdir()
    (place / "media" / "luts" / "own.cube").write_text(table)
    (place / "media" / "luts" / "link.cube").symlink_to(place / "secret" / "look.cube")
    for name, search, source in (
        ("own", "luts", "own.cube"),
        ("absolute", "luts", place / "secret" / "look.cube"),
        ("searched", place / "secret", "look.cube"),
        ("upwards", "luts", "../../secret/look.cube"),
        ("link", "luts", "link.cube"),
    ):
        (place / "media" / f"{name}.ocio").write_text(_CONFIG.format(search=search, source=source))
    names = "own.ocio,absolute.ocio,searched.ocio,upwards.ocio,link.ocio"
    assert run(place, _LOOK, "free", names) == ["0.25"] * 5, "OpenColorIO alone reads them all"
    assert run(place, _LOOK.replace("sys.argv[-1]", repr(names)))[1:] == ["0.25", *["refused"] * 4]


def test_both_kinds_of_roots_are_needed() -> None:
    """Results are read again to be checked: with results anywhere, all must be readable."""
    root = (Path("/somewhere"),)
    assert DaemonSettings(read_roots=root, write_roots=root).is_confined
    assert not DaemonSettings(read_roots=root).is_confined
    assert not DaemonSettings(write_roots=root).is_confined
    off = DaemonSettings(read_roots=root, write_roots=root, confinement="off")
    assert not off.is_confined
    assert sentence_of(DaemonSettings()) == ""
    assert "'confinement' is off" in sentence_of(off)
    assert "needs both" in sentence_of(DaemonSettings(read_roots=root))
    held = sentence_of(DaemonSettings(read_roots=root, write_roots=root))
    assert held == "the kernel holds workers to the roots"
