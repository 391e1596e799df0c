# SPDX-License-Identifier: Apache-2.0
"""The files in Resolve's script folders: short, readable by any Python, and nothing gets out of them."""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
SCRIPTS = ROOT / "hosts" / "resolve" / "Scripts"
FILES = sorted(SCRIPTS.rglob("*.py"))
BAKED = 'PLOSIVE_HOSTS = ""'


def run(
    file: Path, tmp_path: Path, *, begin: str = "", **environment: str
) -> subprocess.CompletedProcess[str]:
    """As Resolve runs it: its text is executed, `__file__` unknown. In a Python without site packages."""
    code = (
        f"{begin}\nexec(compile(open({str(file)!r}, encoding='utf-8').read(), 'script', 'exec'))\n"
        "print('Resolve goes on')"
    )
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PLOSIVE"))}
    return subprocess.run(
        [sys.executable, "-S", "-E", "-s", "-c", code],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={
            **kept,
            "TMPDIR": str(tmp_path),
            "TEMP": str(tmp_path),
            "PLOSIVE_HOST_DATA": str(tmp_path),
            "PLOSIVE_HOST_QUIET": "1",
            **environment,
        },
    )


def baked(file: Path, folder: Path, tmp_path: Path) -> Path:
    """The file as the installer writes it: with the folder it finds its package in."""
    text = file.read_text(encoding="utf-8")
    assert text.count(BAKED) == 1
    made = tmp_path / "entry.py"
    made.write_text(text.replace(BAKED, f"PLOSIVE_HOSTS = {json.dumps(str(folder))}"), encoding="utf-8")
    return made


def test_the_menu_has_its_entries() -> None:
    names = {file.relative_to(SCRIPTS).as_posix() for file in FILES}
    assert names == {
        "Edit/Lip Sync Clip.py",
        "Comp/Lip Sync Clip.py",
        "Tool/Lip Sync Clip.py",
        "Utility/Plosive Check.py",
    }  # shortcuts are kept by these names: they never change


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.parent.name)
def test_short_and_readable_by_old_pythons(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 40
    assert text.isascii()  # Python 2 would refuse the file
    for minor in (3, 6):
        tree = ast.parse(text, feature_version=(3, minor))
    for node in ast.walk(tree):  # what Python 2.7 and 3.4 do not know, either
        assert not isinstance(
            node, ast.JoinedStr | ast.AnnAssign | ast.AsyncFunctionDef | ast.NamedExpr | ast.Match
        )
        assert not (isinstance(node, ast.ImportFrom) and node.module == "__future__")
        assert not (
            isinstance(node, ast.FunctionDef) and (node.returns or any(a.annotation for a in node.args.args))
        )


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.parent.name)
def test_a_missing_package_is_told_and_logged(file: Path, tmp_path: Path) -> None:
    done = run(baked(file, tmp_path / "gone", tmp_path), tmp_path)
    log = tmp_path / "plosive-host-resolve.log"
    assert done.returncode == 0 and done.stdout.splitlines()[-1] == "Resolve goes on"
    assert str(log) in done.stdout and "plosive doctor resolve" in done.stdout
    assert "No module named 'plosive_resolve'" in log.read_text()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.parent.name)
def test_a_broken_package_is_told_and_logged(file: Path, tmp_path: Path) -> None:
    package = tmp_path / "hosts" / "plosive_resolve"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "entry.py").write_text("raise SystemExit('half an update')")
    done = run(baked(file, package.parent, tmp_path), tmp_path)
    assert done.returncode == 0 and done.stdout.splitlines()[-1] == "Resolve goes on"
    assert "half an update" in (tmp_path / "plosive-host-resolve.log").read_text()


def test_nowhere_to_write_a_log_is_no_fault(tmp_path: Path) -> None:
    (tmp_path / "plosive-host-resolve.log").mkdir()  # it can't be opened as a file
    done = run(baked(FILES[0], tmp_path / "gone", tmp_path), tmp_path)
    assert done.returncode == 0 and done.stdout.splitlines()[-1] == "Resolve goes on"


def test_a_console_that_cannot_show_the_path(tmp_path: Path) -> None:
    folder = tmp_path / "σκηνή"
    folder.mkdir()
    environment = {"TMPDIR": str(folder), "TEMP": str(folder), "PYTHONIOENCODING": "ascii:strict"}
    begin = "import sys, io; sys.stdout = io.TextIOWrapper(sys.stdout.buffer, 'ascii', line_buffering=True)"
    done = run(baked(FILES[0], tmp_path / "gone", tmp_path), tmp_path, begin=begin, **environment)
    assert done.returncode == 0 and done.stdout.splitlines()[-1] == "Resolve goes on"
    assert "run `plosive doctor resolve`" in done.stdout
    assert "No module named" in (folder / "plosive-host-resolve.log").read_text()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.parent.name)
def test_an_old_python_is_refused_with_a_sentence(file: Path, tmp_path: Path) -> None:
    done = run(
        file, tmp_path, begin="import sys; sys.version_info = (3, 8, 10); sys.version = '3.8.10 (old)'"
    )
    assert "needs Python 3.9 or later, and Resolve runs this with 3.8.10" in done.stdout
    assert done.stdout.splitlines()[-1] == "Resolve goes on" and done.stderr == ""


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.parent.name)
def test_from_the_installed_folder(file: Path, tmp_path: Path) -> None:
    """A folder with the two packages, as the installer makes it; no Resolve answers here."""
    folder = tmp_path / "it's here"
    folder.mkdir()
    for package in (ROOT / "plugin" / "plosive_host", ROOT / "hosts" / "resolve" / "plosive_resolve"):
        (folder / package.name).symlink_to(package)
    done = run(baked(file, folder, tmp_path), tmp_path, PLOSIVE_PYTHON=str(tmp_path / "no python"))
    assert done.returncode == 0 and done.stdout.splitlines()[-1] == "Resolve goes on"
    assert "Resolve cannot be reached from this script" in done.stdout
    log = tmp_path / "logs" / "host-resolve.log"
    assert f"Log: {log}" in done.stdout
    assert "Resolve cannot be reached" in log.read_text()
    if file.parent.name == "Utility":
        assert "PLOSIVE_PYTHON names the Python" in done.stdout
    assert not (tmp_path / "plosive-host-resolve.log").exists()


def test_from_the_repository(tmp_path: Path) -> None:
    done = run(FILES[0], tmp_path, begin=f"__file__ = {str(FILES[0])!r}")
    assert "Resolve cannot be reached from this script" in done.stdout


def test_nothing_but_the_standard_library_is_loaded(tmp_path: Path) -> None:
    tell = (
        "import sys\n"
        f"sys.path[:0] = [{str(ROOT / 'hosts' / 'resolve')!r}, {str(ROOT / 'plugin')!r}]\n"
        "import plosive_resolve.entry\n"
        "names = {name.partition('.')[0] for name in sys.modules}\n"
        "ours = {'plosive_host', 'plosive_resolve', '__main__'}\n"
        "print(sorted(names - set(sys.stdlib_module_names) - ours))"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-I", "-c", tell], capture_output=True, text=True, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"


def other_python(name: str) -> str:
    """A real one, if there is one that runs."""
    version = name.removeprefix("python")
    kept = Path.home().joinpath(".pyenv", "versions").glob(f"{version}.*/bin/python")
    for found in (shutil.which(name), *map(str, sorted(kept))):
        if found and subprocess.run([found, "-c", ""], capture_output=True).returncode == 0:
            return found
    pytest.skip(f"{name} is not installed")


@pytest.mark.parametrize("name", ["python2.7", "python3.6", "python3.8"])
def test_real_old_pythons_say_the_sentence(name: str, tmp_path: Path) -> None:
    python = other_python(name)
    for file in FILES:
        done = subprocess.run([python, "-S", str(file)], capture_output=True, text=True, cwd=tmp_path)
        assert done.returncode == 0 and "needs Python 3.9 or later" in done.stdout, done.stderr


@pytest.mark.parametrize("name", ["python3.9", "python3.13", "python3.14"])
def test_every_module_is_imported_by_the_pythons_of_resolve(name: str, tmp_path: Path) -> None:
    code = (
        "import importlib, pkgutil, sys\n"
        f"sys.path[:0] = [{str(ROOT / 'hosts' / 'resolve')!r}, {str(ROOT / 'plugin')!r}]\n"
        "for package in ('plosive_host', 'plosive_resolve'):\n"
        "    for found in pkgutil.iter_modules(importlib.import_module(package).__path__):\n"
        "        print(importlib.import_module(package + '.' + found.name).__name__)\n"
    )
    done = subprocess.run([other_python(name), "-S", "-I", "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "plosive_resolve.lip_sync_clip" in done.stdout.split()


def test_syntax_of_python_3_9() -> None:
    for package in (ROOT / "plugin" / "plosive_host", ROOT / "hosts" / "resolve" / "plosive_resolve"):
        for path in sorted(package.rglob("*.py")):
            tree = ast.parse(path.read_text(encoding="utf-8"), str(path), feature_version=(3, 9))
            for node in ast.walk(tree):  # evaluated even with `from __future__ import annotations`
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                    if node.func.id in ("isinstance", "issubclass"):
                        assert not isinstance(node.args[1], ast.BinOp), f"{path}:{node.lineno}"
                    assert "strict" not in [word.arg for word in node.keywords] or node.func.id != "zip"
                    assert not {"slots", "kw_only"} & {word.arg for word in node.keywords}
