# SPDX-License-Identifier: Apache-2.0
"""What hosts run of Plosive: short, readable by old Pythons, and never the end of a host's start."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from plosive_install.entry_file import baked, hosts_folder_of, sealed

ROOT = Path(__file__).resolve().parents[3]
HOSTS = ROOT / "hosts"
COPIED = sorted([*HOSTS.glob("resolve/Scripts/*/*.py"), *HOSTS.glob("nuke/Python/Startup/*.py")])
RUN_BY_NUKE = sorted(path for name in ("init.py", "menu.py") for path in HOSTS.glob(f"nuke/{name}"))
ENTRIES = [*COPIED, *RUN_BY_NUKE]
BROKEN = {
    "raises": "raise RuntimeError('broken on purpose')\n",
    "syntax": "def broken(:\n",
    "exits": "raise SystemExit('broken on purpose')\n",
    "interrupts": "raise KeyboardInterrupt('broken on purpose')\n",
    "missing": None,
}
PACKAGES = ("plosive_host", "plosive_resolve", "plosive_nuke", "plosive_hiero")
# A host that has no __file__ to tell, runs the entry and goes on; and modules of hosts that know nothing.
A_HOST = """
import sys, types
class Nothing(types.ModuleType):
    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return Nothing(name)
    def __call__(self, *arguments, **options):
        return Nothing("answer")
for name in ("nuke", "nukescripts", "hiero", "hiero.core", "hiero.ui"):
    sys.modules[name] = Nothing(name)
path = sys.argv[1]
told = {"__name__": "__main__", "resolve": None, "fusion": None}
if sys.argv[2] == "nuke":  # it tells the file, and pluginAddPath has put its folder on the path
    told["__file__"] = path
    sys.path.append(sys.argv[3])
with open(path, "rb") as file:
    source = file.read()
exec(compile(source, path, "exec"), told)
print("the host goes on")
"""


OLD = sorted(  # real ones, where pyenv has them
    path
    for version in ("2.7", "3.6", "3.7", "3.8")
    for path in Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")).glob(
        f"versions/{version}.*/bin/python"
    )
)


def relative(path: Path) -> str:
    return str(path.relative_to(HOSTS))


@pytest.mark.parametrize("path", ENTRIES, ids=relative)
def test_short_and_readable_by_any_python(path: Path) -> None:
    source = path.read_bytes()
    assert source.count(b"\n") <= 40
    ast.parse(source, feature_version=(3, 6))
    assert not any(
        isinstance(node, ast.JoinedStr | ast.NamedExpr | ast.AnnAssign)
        for node in ast.walk(ast.parse(source))
    ), "an old Python must be able to read this, to say that it is too old"


@pytest.mark.skipif(not OLD, reason="pyenv has no Python older than 3.9 here")
def test_real_old_pythons_say_that_they_are_too_old(tmp_path: Path) -> None:
    for path in ENTRIES:
        entry = tmp_path / path.name
        entry.write_bytes(sealed(baked(path.read_bytes(), tmp_path / "packages"), "0.1.0"))
        host = "nuke" if "nuke" in path.relative_to(HOSTS).parts else "resolve"
        for python in OLD:
            command = [str(python), "-S", "-E", "-c", A_HOST, str(entry), host, str(tmp_path)]
            done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
            assert done.returncode == 0, done.stderr
            assert done.stdout.endswith("the host goes on\n")
            if path.name != "init.py":  # it needs nothing
                assert "Plosive needs" in done.stdout, (path, python)


@pytest.mark.parametrize("path", COPIED, ids=relative)
def test_the_installer_can_tell_it_where_its_package_is(path: Path) -> None:
    source = path.read_bytes()
    assert hosts_folder_of(source) is None
    written = sealed(baked(source, Path('/it\'s "here"/日本')), "0.1.0")
    assert hosts_folder_of(written) == Path('/it\'s "here"/日本')
    ast.parse(written, feature_version=(3, 6))


@pytest.mark.parametrize(
    ("path", "how"),
    [
        pytest.param(path, how, id=f"{relative(path)}-{how}")
        for path in ENTRIES
        for how in BROKEN
        if "resolve" not in path.relative_to(HOSTS).parts or how == "interrupts"  # the others: ../resolve
    ],
)
def test_a_broken_package_is_told_and_the_host_goes_on(path: Path, how: str, tmp_path: Path) -> None:
    folder = tmp_path / "packages"
    source = BROKEN[how]
    for name in PACKAGES if source is not None else ():
        (folder / name).mkdir(parents=True)
        (folder / name / "__init__.py").write_text(str(source))
    entry = folder / path.name if path in RUN_BY_NUKE else tmp_path / path.name
    entry.parent.mkdir(exist_ok=True)
    entry.write_bytes(sealed(baked(path.read_bytes(), folder), "0.1.0"))
    host = "nuke" if "nuke" in path.relative_to(HOSTS).parts else "resolve"
    done = subprocess.run(
        [sys.executable, "-S", "-I", "-c", A_HOST, str(entry), host, str(folder)],
        capture_output=True,
        text=True,
        env={"TMPDIR": str(tmp_path), "TEMP": str(tmp_path), "TMP": str(tmp_path), "HOME": str(tmp_path)},
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("the host goes on\n"), done.stdout + done.stderr
    if path.name == "init.py":  # it only says where the packages are
        return
    log = tmp_path / f"plosive-host-{host}.log"
    assert "plosive doctor" in done.stdout + done.stderr
    assert str(log) in done.stdout + done.stderr
    expected = {"syntax": "SyntaxError", "missing": "ModuleNotFoundError"}.get(how, "broken on purpose")
    assert expected in log.read_text()
