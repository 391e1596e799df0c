# SPDX-License-Identifier: Apache-2.0
"""Installing, updating and removing on machines of all three systems, with stand-in host files."""

from __future__ import annotations

import json
import os
import runpy
import sys
from pathlib import Path

import pytest

from plosive_install.entry_file import hosts_folder_of, marker_of
from plosive_install.errors import InstallError
from plosive_install.installation import Target, install_steps, target
from plosive_install.machine import Machine
from plosive_install.manifest import manifest_path, read_manifest
from plosive_install.places import host_config, store_folder
from plosive_install.removal import removal
from plosive_install.sources import host_files
from plosive_install.startup_block import block_of

PYTHON = "/opt/plosive's/bin/python"


def put_in(to: Target, source: Path, version: str = "0.1.0", python: str = PYTHON) -> int:
    """How many steps it took."""
    steps = install_steps(to, host_files(to.host, python, source), version, python)
    for step in steps:
        step.run()
    return len(steps)


def take_out(of: Target, machine: Machine) -> tuple[str, ...]:
    others = tuple(store_folder(machine, host) for host in ("resolve", "nuke") if host != of.host)
    found = removal(of, others)
    assert found is not None
    for step in found.steps:
        step.run()
    return found.left


def tree(folder: Path) -> dict[str, bytes | str | None]:
    """All below a folder: contents of files, targets of links, None for folders."""
    return {
        str(path.relative_to(folder)): os.readlink(path)
        if path.is_symlink()
        else path.read_bytes()
        if path.is_file()
        else None
        for path in folder.rglob("*")
    }


@pytest.mark.parametrize("host", ["resolve", "nuke"])
def test_what_is_removed_is_what_was_installed(machine: Machine, source: Path, host: str) -> None:
    (machine.home / ".nuke").mkdir()
    (machine.home / ".nuke" / "init.py").write_bytes(b"import nuke\r\nx = 1")
    before = tree(machine.home)
    to = target(machine, host)
    assert put_in(to, source) > 0
    assert tree(machine.home) != before
    assert not [name for name in tree(machine.home) if name.endswith(".part")]
    assert take_out(to, machine) == ()
    assert tree(machine.home) == before
    assert removal(to) is None


def test_both_hosts_and_the_python_they_share(machine: Machine, source: Path) -> None:
    before = tree(machine.home)
    resolve, nuke = target(machine, "resolve"), target(machine, "nuke")
    put_in(resolve, source)
    put_in(nuke, source)
    assert json.loads(host_config(machine).read_bytes()) == {"python": PYTHON}
    take_out(resolve, machine)
    assert host_config(machine).exists()
    take_out(nuke, machine)
    assert tree(machine.home) == before


def test_an_entry_finds_its_package(machine: Machine, source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    to = target(machine, "resolve")
    put_in(to, source)
    entry = to.entry_folder / "Scripts" / "Edit" / "Lip Sync Clip.py"
    monkeypatch.setattr(sys, "path", list(sys.path))
    runpy.run_path(str(entry))
    stand_in = sys.modules.pop("stand_in")
    assert Path(str(stand_in.__file__)).parents[1] == hosts_folder_of(entry.read_bytes())
    assert stand_in.said == ["Stands in for an entry file."]
    folder = Path(str(stand_in.__file__)).parents[1]
    assert json.loads((folder / "host.json").read_bytes()) == {"python": PYTHON}
    assert (folder / "plosive_host" / "session.py").is_file()
    assert not (folder / "Scripts").exists()


def test_again_is_nothing(machine: Machine, source: Path) -> None:
    to = target(machine, "nuke")
    put_in(to, source)
    before = tree(machine.home)
    assert put_in(to, source) == 0
    assert tree(machine.home) == before


def test_an_update_keeps_the_version_that_a_running_host_may_load(machine: Machine, source: Path) -> None:
    to = target(machine, "resolve")
    before = tree(machine.home)
    folders = []
    for version in ("0.1.0", "0.2.0", "0.3.0"):
        (source / "resolve" / "stand_in" / "__init__.py").write_text(f"said = []  # {version}\n")
        put_in(to, source, version)
        entry = (to.entry_folder / "Scripts" / "Edit" / "Lip Sync Clip.py").read_bytes()
        marker, folder = marker_of(entry), hosts_folder_of(entry)
        assert marker is not None and marker.is_intact and marker.version == version
        assert folder is not None and folder.name.startswith(version)
        folders.append(folder)
    assert [folder.is_dir() for folder in folders] == [False, True, True]
    take_out(to, machine)
    assert tree(machine.home) == before


def test_an_entry_that_a_new_version_has_no_more(machine: Machine, source: Path) -> None:
    to = target(machine, "resolve")
    put_in(to, source)
    (source / "resolve" / "Scripts" / "Utility" / "Plosive Check.py").unlink()
    put_in(to, source, "0.2.0")
    assert not (to.entry_folder / "Scripts" / "Utility" / "Plosive Check.py").exists()


def test_a_moved_python_is_told_again(machine: Machine, source: Path) -> None:
    to = target(machine, "resolve")
    put_in(to, source)
    put_in(to, source, python="/new/python")
    assert json.loads(host_config(machine).read_bytes()) == {"python": "/new/python"}
    manifest = read_manifest(to.store)
    assert manifest is not None and manifest.python == "/new/python"


def test_a_file_of_somebody_elses_stays(machine: Machine, source: Path) -> None:
    to = target(machine, "resolve")
    path = to.entry_folder / "Scripts" / "Edit" / "Lip Sync Clip.py"
    path.parent.mkdir(parents=True)
    path.write_text("mine = True\n")
    before = tree(machine.home)
    with pytest.raises(InstallError, match="was not written by plosive install; move it away"):
        put_in(to, source)
    assert tree(machine.home) == before


def test_a_changed_entry_is_neither_replaced_nor_removed(machine: Machine, source: Path) -> None:
    to = target(machine, "resolve")
    put_in(to, source)
    path = to.entry_folder / "Scripts" / "Edit" / "Lip Sync Clip.py"
    changed = path.read_bytes().replace(b"import sys", b"import sys, os")
    path.write_bytes(changed)
    with pytest.raises(InstallError, match="was changed since Plosive wrote it"):
        put_in(to, source, "0.2.0")
    assert take_out(to, machine) == (f"{path} was changed since Plosive wrote it and stays.",)
    assert path.read_bytes() == changed
    assert not store_folder(machine, "resolve").exists()


def test_a_list_that_was_lost(machine: Machine, source: Path) -> None:
    """The files are known again by their last lines."""
    to = target(machine, "nuke")
    put_in(to, source)
    manifest_path(to.store).unlink()
    put_in(to, source, "0.2.0")
    block = block_of((to.entry_folder / "init.py").read_bytes())
    assert block is not None and block.version == "0.2.0"
    take_out(to, machine)
    assert not (to.entry_folder / "init.py").exists()


def test_a_damaged_list_is_told_and_leads_nowhere(machine: Machine, source: Path) -> None:
    to = target(machine, "nuke")
    put_in(to, source)
    told = json.loads(manifest_path(to.store).read_bytes())
    for packages in ({"..": ["x"]}, {"a": ["../x"]}, {"a": ["/etc/x"]}, []):
        manifest_path(to.store).write_text(json.dumps({**told, "packages": packages}))
        with pytest.raises(InstallError, match="is damaged"):
            removal(to)
    manifest_path(to.store).write_text(json.dumps({**told, "format": 2}))
    with pytest.raises(InstallError, match="newer Plosive"):
        removal(to)


def test_a_package_that_was_damaged_is_mended(machine: Machine, source: Path) -> None:
    to = target(machine, "resolve")
    put_in(to, source)
    manifest = read_manifest(to.store)
    assert manifest is not None
    part = to.store / manifest.current / "stand_in" / "__init__.py"
    part.write_text("broken(")
    assert put_in(to, source) > 0
    assert part.read_text() == "said = []\n"


def test_what_others_put_into_a_package_stays(machine: Machine, source: Path) -> None:
    to = target(machine, "resolve")
    put_in(to, source)
    manifest = read_manifest(to.store)
    assert manifest is not None
    folder = to.store / manifest.current
    compiled = folder / "stand_in" / "__pycache__" / "__init__.cpython-39.pyc"
    compiled.parent.mkdir()
    compiled.write_bytes(b"")
    (folder / "notes.txt").write_text("mine")
    take_out(to, machine)
    assert [path.name for path in folder.rglob("*")] == ["notes.txt"]


def test_another_python_named_since_stays(machine: Machine, source: Path) -> None:
    to = target(machine, "resolve")
    put_in(to, source)
    host_config(machine).write_text('{"python": "/my/own"}')
    take_out(to, machine)
    assert host_config(machine).read_text() == '{"python": "/my/own"}'


def test_a_startup_file_that_is_a_link(machine: Machine, source: Path, tmp_path: Path) -> None:
    own = tmp_path / "dotfiles" / "init.py"
    own.parent.mkdir()
    own.write_bytes(b"import nuke\n")
    own.chmod(0o640)
    (machine.home / ".nuke").mkdir()
    link = machine.home / ".nuke" / "init.py"
    link.symlink_to(own)
    to = target(machine, "nuke")
    put_in(to, source)
    assert link.is_symlink() and block_of(own.read_bytes()) is not None
    assert own.stat().st_mode & 0o777 == 0o640
    take_out(to, machine)
    assert link.is_symlink() and own.read_bytes() == b"import nuke\n"


def test_a_home_that_is_a_link(machine: Machine, source: Path, tmp_path: Path) -> None:
    link = tmp_path / "home link"
    link.symlink_to(machine.home)
    linked = Machine("linux", link, {})
    before = tree(machine.home)
    to = target(linked, "nuke")
    put_in(to, source)
    block = block_of((machine.home / ".nuke" / "init.py").read_bytes())
    assert block is not None and block.hosts_folder is not None and link in block.hosts_folder.parents
    take_out(to, linked)
    assert tree(machine.home) == before


def test_a_startup_file_with_an_error_is_left_alone(machine: Machine, source: Path) -> None:
    (machine.home / ".nuke").mkdir()
    (machine.home / ".nuke" / "init.py").write_bytes(b"print 'Nuke 11'\n")
    before = tree(machine.home)
    with pytest.raises(InstallError, match=r"error in line 1: .*NUKE_PATH"):
        put_in(target(machine, "nuke"), source)
    assert tree(machine.home) == before


def test_a_torn_block_is_left_alone(machine: Machine, source: Path) -> None:
    to = target(machine, "nuke")
    put_in(to, source)
    startup = to.entry_folder / "init.py"
    torn = b"".join(startup.read_bytes().splitlines(keepends=True)[:-1])
    startup.write_bytes(torn)
    with pytest.raises(InstallError, match="lost its first or last line"):
        put_in(to, source, "0.2.0")
    assert any("lost its first or last line" in sentence for sentence in take_out(to, machine))
    assert startup.read_bytes() == torn


def test_a_file_in_the_place_of_a_folder(machine: Machine, source: Path) -> None:
    (machine.home / ".nuke").write_text("a file")
    with pytest.raises(InstallError, match="cannot be"):
        put_in(target(machine, "nuke"), source)
    assert (machine.home / ".nuke").read_text() == "a file"


def test_a_folder_for_many_users(machine: Machine, source: Path, tmp_path: Path) -> None:
    site = tmp_path / "site tools"
    before = tree(machine.home)
    to = target(machine, "nuke", site)
    put_in(to, source)
    assert tree(machine.home) == before
    block = block_of((site / "init.py").read_bytes())
    assert block is not None and block.hosts_folder is not None and site in block.hosts_folder.parents
    assert (site / "Python" / "Startup" / "plosive_startup.py").is_file()
    take_out(to, machine)
    assert not site.exists()


def test_a_crash_between_two_files_can_be_taken_back(machine: Machine, source: Path) -> None:
    before = tree(machine.home)
    to = target(machine, "nuke")
    steps = install_steps(to, host_files("nuke", PYTHON, source), "0.1.0", PYTHON)
    for count in range(1, len(steps)):
        for step in steps[:count]:
            step.run()
        take_out(to, machine)
        assert tree(machine.home) == before, count
