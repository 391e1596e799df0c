# SPDX-License-Identifier: Apache-2.0
"""All that runs inside a host: readable by Python 3.9, loaded by every Python that is here from 3.9 on, with
nothing but the standard library (`-S -I`: no site packages, nothing of the environment).

Hosts' own modules are stood in for. Pythons are looked for where pyenv keeps them; the one of this run is
always tried.
"""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = [ROOT / "plugin", ROOT / "hosts" / "nuke", ROOT / "hosts" / "resolve"]
PACKAGES = ["plosive_host", "plosive_hiero", "plosive_nuke", "plosive_resolve"]
SOURCES = sorted([*(ROOT / "hosts").rglob("*.py"), *(ROOT / "plugin" / "plosive_host").rglob("*.py")])
STAND_INS = ["nuke", "nukescripts", "hiero", "hiero.core", "hiero.ui", "DaVinciResolveScript"]
STAND_INS += ["PySide6", "PySide6.QtCore", "PySide6.QtGui", "PySide6.QtWidgets"]
OLDEST = (3, 9)

LOAD_ALL = """
import importlib, json, os, pkgutil, sys, types
class Nothing(types.ModuleType):
    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (), {})
folders, packages, stand_ins = json.loads(sys.argv[1])
for name in stand_ins:
    sys.modules[name] = Nothing(name)
before = set(sys.modules)
sys.path[:0] = folders
loaded = 0
for package in packages:
    for info in pkgutil.walk_packages(importlib.import_module(package).__path__, package + "."):
        if not info.name.endswith("__main__"):
            importlib.import_module(info.name)
            loaded += 1
home = os.path.join(os.path.dirname(os.__file__), "")
found = {}
for name in set(sys.modules) - before:
    path = getattr(sys.modules[name], "__file__", None)
    is_own = path is None or (path.startswith(home) and "site-packages" not in path)
    if name.partition(".")[0] not in packages and not is_own:
        found[name] = path
print(json.dumps([loaded, found]))
"""


def pythons() -> list[str]:
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    found = {}
    for path in sorted(root.glob("*/bin/python")):
        version = re.match(r"(\d+)\.(\d+)", path.parents[1].name)
        if version and (int(version[1]), int(version[2])) >= OLDEST:
            found[path.parents[1].name.rpartition(".")[0]] = str(path)
    return [sys.executable, *found.values()]


def test_there_is_something_to_test() -> None:
    assert {path.relative_to(ROOT).parts[2] for path in SOURCES} >= {"plosive_nuke", "plosive_hiero"}
    assert len(SOURCES) > 100


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_readable_by_python_3_9(path: Path) -> None:
    ast.parse(path.read_text(encoding="utf-8"), str(path), feature_version=OLDEST)


@pytest.mark.parametrize("python", pythons(), ids=lambda path: "/".join(Path(path).parts[-3:]))
def test_all_modules_load_with_the_standard_library_alone(python: str, tmp_path: Path) -> None:
    told = json.dumps([[str(folder) for folder in FOLDERS], PACKAGES, STAND_INS])
    command = [python, "-S", "-I", "-B", "-c", LOAD_ALL, told]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=60)
    assert done.returncode == 0, done.stderr
    loaded, found = json.loads(done.stdout)
    assert loaded > 100
    assert found == {}, "not of the standard library"
