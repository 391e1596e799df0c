# SPDX-License-Identifier: Apache-2.0
"""run.py: which Pythons and machines it takes, and that set-up happens once and survives interruption."""

from __future__ import annotations

import ast
import importlib.util
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture
def script(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """run.py as a module whose project is an empty one in a temporary folder."""
    spec = importlib.util.spec_from_file_location("run_script", repository / "run.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    root, environment = tmp_path / "project", tmp_path / "project" / ".venv"
    (root / "requirements").mkdir(parents=True)
    (root / "requirements" / "lock.txt").write_text("# nothing\n")
    (root / "pyproject.toml").write_text("# nothing\n")
    for name, path in {
        "ROOT": root,
        "ENVIRONMENT": environment,
        "MARKER": environment / "plosive-setup.txt",
        "LOG": environment / "plosive-setup.log",
        "GUARD": environment / "plosive-setup.lock",
        "LOCK_FILE": root / "requirements" / "lock.txt",
        "PROJECT_FILE": root / "pyproject.toml",
    }.items():
        monkeypatch.setattr(module, name, str(path))
    return module


@pytest.fixture
def steps(script: ModuleType, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Set-up's steps are only noted; making the environment leaves one file."""
    taken: list[str] = []

    def note(title: str, command: Sequence[str]) -> None:
        del command
        taken.append(title)
        if title == "making the environment":
            (Path(script.ENVIRONMENT) / "pyvenv.cfg").write_text("")

    monkeypatch.setattr(script, "step", note)
    return taken


@pytest.mark.parametrize("version", [(2, 7, 18), (3, 7, 16), (3, 9, 1), (3, 13, 0), (4, 0, 0)])
def test_another_python_is_told_in_one_sentence(repository: Path, version: tuple[int, int, int]) -> None:
    code = (
        "import runpy, sys; sys.version_info = {!r}; sys.argv = ['run.py', 'test'];"
        " runpy.run_path({!r}, run_name='__main__')"
    ).format((*version, "final", 0), str(repository / "run.py"))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("Plosive needs Python 3.10, 3.11 or 3.12, and this is ")
    assert len(done.stderr.splitlines()) == 1


def test_old_pythons_can_parse_it(repository: Path) -> None:
    tree = ast.parse((repository / "run.py").read_text(encoding="utf-8"), feature_version=(3, 4))
    too_new = (ast.AnnAssign, ast.AsyncFunctionDef, ast.JoinedStr, ast.Nonlocal)
    for node in ast.walk(tree):
        assert not isinstance(node, too_new), f"line {node.lineno}"
        if isinstance(node, ast.FunctionDef):
            assert node.returns is None
            assert not node.args.kwonlyargs
            assert all(argument.annotation is None for argument in node.args.args)
        if isinstance(node, (ast.List, ast.Tuple)):
            assert not any(isinstance(part, ast.Starred) for part in node.elts), f"line {node.lineno}"
        if isinstance(node, ast.Raise):
            assert node.cause is None, f"line {node.lineno}: Python 2 knows no `raise ... from`"


@pytest.mark.parametrize(
    ("system", "machine", "libc", "mac", "said"),
    [
        ("Linux", "x86_64", ("glibc", "2.36"), "", None),
        ("Linux", "aarch64", ("glibc", "2.36"), "", "x86-64 Linux only"),
        ("Linux", "x86_64", ("", ""), "", "musl"),
        ("Linux", "x86_64", ("glibc", "2.17"), "", "this one has 2.17"),
        ("Darwin", "arm64", ("", ""), "14.5", None),
        ("Darwin", "arm64", ("", ""), "13.6", "macOS 14"),
        ("Darwin", "x86_64", ("", ""), "14.5", "Apple silicon"),
        ("Windows", "AMD64", ("", ""), "", None),
        ("Windows", "ARM64", ("", ""), "", "x86-64 Windows only"),
        ("FreeBSD", "amd64", ("", ""), "", "not on FreeBSD"),
    ],
)
def test_machines(
    script: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    system: str,
    machine: str,
    libc: tuple[str, str],
    mac: str,
    said: str | None,
) -> None:
    monkeypatch.setattr(script.platform, "system", lambda: system)
    monkeypatch.setattr(script.platform, "machine", lambda: machine)
    monkeypatch.setattr(script.platform, "libc_ver", lambda: libc)
    monkeypatch.setattr(script.platform, "mac_ver", lambda: (mac, ("", "", ""), machine))
    sentence = script.unsupported_machine()
    assert sentence is None if said is None else said in sentence


def test_set_up_happens_once(script: ModuleType, steps: list[str]) -> None:
    script.set_up()
    assert len(steps) == 3
    script.set_up()
    assert len(steps) == 3


def test_changed_lock_installs_again_into_the_same_environment(script: ModuleType, steps: list[str]) -> None:
    script.set_up()
    Path(script.LOCK_FILE).write_text("# something else\n")
    script.set_up()
    assert [title for title in steps if title == "making the environment"] == ["making the environment"]
    assert len(steps) == 5


def test_interrupted_set_up_is_done_again_from_nothing(
    script: ModuleType, steps: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(title: str, command: Sequence[str]) -> None:
        del title, command
        (Path(script.ENVIRONMENT) / "half_installed").write_text("")
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(script, "step", stopped)
        with pytest.raises(KeyboardInterrupt):
            script.set_up()
    script.set_up()
    assert steps[0] == "making the environment"
    assert not (Path(script.ENVIRONMENT) / "half_installed").exists()


def test_an_environment_of_somebody_else_is_left_alone(script: ModuleType, steps: list[str]) -> None:
    environment = Path(script.ENVIRONMENT)
    environment.mkdir()
    (environment / "precious").write_text("")
    with pytest.raises(script.SetupError, match="was not made by"):
        script.set_up()
    assert [path.name for path in environment.iterdir()] == ["precious"]
    assert steps == []


def test_failing_pip_is_one_sentence_with_the_place_of_its_log(script: ModuleType) -> None:
    Path(script.ENVIRONMENT).mkdir()
    pip = "import sys; print('Collecting x'); print('ERROR: No matching distribution for x'); sys.exit(1)"
    with pytest.raises(script.SetupError) as caught:
        script.step("installing the packages", [sys.executable, "-c", pip])
    sentence = str(caught.value)
    assert "while installing the packages: No matching distribution for x" in sentence
    assert sentence.endswith(script.LOG)
    assert "Collecting x" in Path(script.LOG).read_text()


def test_unknown_word_shows_usage(repository: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(repository / "run.py"), "dance"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "python run.py demo" in done.stderr


def test_lock_names_no_cuda_library_and_every_direct_dependency(repository: Path) -> None:
    lock = (repository / "requirements" / "lock.txt").read_text(encoding="utf-8")
    lines = [line for line in lock.splitlines() if line and not line.startswith("#")]
    assert not [line for line in lines if line.startswith(("nvidia-", "cuda-", "triton"))]
    assert "torch==2.13.0" in lines
    assert all("==" in line for line in lines)
    for name in (
        "av",
        "click",
        "mediapipe",
        "mypy",
        "openimageio",
        "pillow",
        "pocketsphinx",
        "pytest",
        "ruff",
    ):
        assert any(line.startswith(f"{name}==") for line in lines), name
