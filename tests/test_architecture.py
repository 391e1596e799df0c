# SPDX-License-Identifier: Apache-2.0
"""Holds the arrows of the design: who may import whom.

    hosts -> plosive_host -> (a child process) plosive_client -> plosive_proto <- plosive_daemon -> plosive

Imports are read with `ast`, lazy ones included. Rules for folders that do not exist yet apply when they do.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

if sys.version_info >= (3, 11):
    import tomllib

ROOT = Path(__file__).resolve().parents[1]
CORE = ROOT / "core" / "plosive"

HEAVY = (
    "OpenImageIO",
    "av",
    "cv2",
    "mediapipe",
    "numba",
    "opentimelineio",
    "pocketsphinx",
    "scipy",
    "skimage",
    "torch",
)
OUR_PROCESSES = ("plosive_client", "plosive_daemon", "plosive_host", "plosive_install", "plosive_proto")
HOST_APPS = ("DaVinciResolveScript", "fusionscript", "hiero", "nuke", "nukescripts")

FORBIDDEN = {
    "core": ("grpc", "google.protobuf", *OUR_PROCESSES, *HOST_APPS),
    "daemon": ("plosive_client", "plosive_host", "plosive_install", *HOST_APPS),
    "plugin/plosive_client": (
        "plosive",
        "plosive_daemon",
        "plosive_host",
        "plosive_install",
        "numpy",
        *HEAVY,
        *HOST_APPS,
    ),
    "plugin/plosive_host": (
        "plosive",
        "plosive_client",
        "plosive_daemon",
        "plosive_install",
        "plosive_proto",
        *HOST_APPS,
    ),
    "plugin/plosive_install": ("grpc", "plosive", "plosive_daemon", "plosive_proto", *HOST_APPS),
    "hosts": (
        "grpc",
        "google.protobuf",
        "plosive",
        "plosive_client",
        "plosive_daemon",
        "plosive_install",
        "plosive_proto",
    ),
}
STANDARD_LIBRARY_ONLY = {  # folder: what else it may import
    "plugin/plosive_host": ("plosive_host",),
    "plugin/plosive_install": ("click", "plosive_client", "plosive_host", "plosive_install"),
    "hosts": ("plosive_host", "plosive_hiero", "plosive_nuke", "plosive_resolve", "resolve_api", *HOST_APPS),
    "run.py": (),
    "requirements": (),
}
# What each stage of the core may import of the other stages; nobody below `sync` may import it.
STAGES = {
    "media": (),
    "speech": (),
    "motion": ("speech",),
    "faces": ("media",),
    "generate": ("faces", "motion", "media"),
    "composite": ("generate", "media"),
    "conform": ("media",),
    "preview": ("faces", "media", "motion", "speech"),
    "quality": ("faces", "media", "motion", "review", "speech"),
    "verify": ("media",),
}
TOPS = ("bench", "cli", "demo", "reel", "sync")
# Where a stage may reach further than STAGES says, and why.
EXCEPTIONS = {
    ("faces/survey.py", "review"): "the contact sheet that `plosive faces` shows",
}


def sources(folder: Path) -> Iterator[Path]:
    """All Python files in a folder, or the file itself; none when it does not exist."""
    if folder.is_file():
        yield folder
    yield from sorted(folder.rglob("*.py"))


def imported(path: Path) -> Iterator[tuple[int, str]]:
    """(line, dotted name) of every import in a file; `from a import b` gives both a and a.b."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), str(path))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: relative import; write the whole name"
            yield node.lineno, str(node.module)
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def within(name: str, package: str) -> bool:
    """Whether a dotted name is a package or lies in it."""
    return name == package or name.startswith(f"{package}.")


@pytest.mark.parametrize("folder", FORBIDDEN)
def test_arrows_between_processes(folder: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in sources(ROOT / folder)
        for line, name in imported(path)
        if any(within(name, banned) for banned in FORBIDDEN[folder])
    ]
    assert wrong == []


@pytest.mark.parametrize("place", STANDARD_LIBRARY_ONLY)
def test_standard_library_only(place: str) -> None:
    allowed = (*sys.stdlib_module_names, *STANDARD_LIBRARY_ONLY[place])
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in sources(ROOT / place)
        for line, name in imported(path)
        if name.partition(".")[0] not in allowed
    ]
    assert wrong == []


@pytest.mark.parametrize("stage", STAGES)
def test_stages_import_no_later_stage(stage: str) -> None:
    banned = [name for name in (*STAGES, *TOPS, "review") if name != stage and name not in STAGES[stage]]
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in sources(CORE / stage)
        for line, name in imported(path)
        for other in banned
        if within(name, f"plosive.{other}") and (path.relative_to(CORE).as_posix(), other) not in EXCEPTIONS
    ]
    assert wrong == []


def test_only_the_tops_import_quality() -> None:
    above = ("bench", "cli", "quality", "sync")
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in sources(CORE)
        if path.relative_to(CORE).parts[0] not in above
        for line, name in imported(path)
        if within(name, "plosive.quality")
    ]
    assert wrong == []


def test_no_module_without_a_subject() -> None:
    nameless = {"common", "helpers", "lib", "misc", "util", "utils"}
    code = (path for top in ("core", "daemon", "plugin", "hosts") for path in sources(ROOT / top))
    assert [str(path) for path in code if {path.stem, path.parent.name} & nameless] == []


@pytest.mark.parametrize(
    "module",
    [
        "plosive",
        "plosive.cli",
        "plosive.cli.root",
        "plosive.score_options",
        "plosive.sync_options",
        "plosive_daemon.daemon",
        "plosive_daemon.serve",
        "plosive_daemon.workers.pool",
    ],
)
def test_importing_is_light(module: str) -> None:
    code = f"import sys, {module}; print(*[n for n in {HEAVY!r} if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_every_source_states_its_licence() -> None:
    tops = ("core", "daemon", "plugin", "hosts", "tests", "requirements", "run.py")
    unmarked = [
        str(path.relative_to(ROOT))
        for top in tops
        for path in sources(ROOT / top)
        if "SPDX-License-Identifier: Apache-2.0" not in path.read_text(encoding="utf-8")[:200]
    ]
    assert unmarked == []


@pytest.mark.skipif(sys.version_info < (3, 11), reason="reading TOML needs Python 3.11")
def test_core_imports_only_what_is_declared() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    names = {
        re.split(r"[^A-Za-z0-9._-]", entry)[0].lower()
        for extra in ("core", "conform", "onnx")  # what is asked for with an extra of its own, too
        for entry in declared["project"]["optional-dependencies"][extra]
    }
    distribution = {
        "aaf2": "pyaaf2",
        "cv2": "opencv-contrib-python",
        "PIL": "pillow",
        "silero_vad": "silero-vad",
        "skimage": "scikit-image",
    }
    foreign = {
        name.partition(".")[0]
        for path in sources(CORE)
        for _, name in imported(path)
        if name.partition(".")[0] not in (*sys.stdlib_module_names, "plosive")
    }
    assert {distribution.get(name, name).lower() for name in foreign} - names == set()
