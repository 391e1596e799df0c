# SPDX-License-Identifier: Apache-2.0
"""Why LipSync is not among Nuke's nodes, or does nothing."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from plosive_install.doctor.finding import Finding, fine, note, problem
from plosive_install.doctor.nuke_program import nukes
from plosive_install.doctor.shared_checks import (
    check_daemon,
    check_data_folder,
    check_entries,
    check_installed,
    check_log,
    check_package,
    check_python,
    check_start,
    read_sighting,
)
from plosive_install.doctor.view import View
from plosive_install.installation import Target
from plosive_install.places import nuke_path_folders, nuke_user_folder
from plosive_install.startup_block import block_of, is_torn, wrong_line

__all__ = ["NUKE_CHECKS"]

_OLDEST_MAJOR = 14
_INSTALL = "run: plosive install nuke"


def check_programs(view: View, at: Target) -> Iterator[Finding]:
    """Which Nukes there are, and which of them are too old for the node (its results play in all)."""
    found = nukes(view.machine)
    if not found:
        yield note("Nuke", "not where it is usually installed")
    for seen in found:
        if seen.version[0] >= _OLDEST_MAJOR:
            yield fine("Nuke", f"{seen} in {seen.folder}")
        else:
            told = f"{seen}: its Python is too old to make a LipSync node; results made elsewhere play in it"
            yield note("Nuke", told, "use Nuke 14 or later to sync")


def check_startup_file(view: View, at: Target) -> Iterator[Finding]:
    """Whether init.py leads to Plosive, and gets as far as that."""
    path = at.startup_file
    assert path is not None
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        yield problem("init.py", f"{path} is gone", _INSTALL)
        return
    except OSError as error:
        yield problem("init.py", f"{path} cannot be read: {error.strerror}", "change its permissions")
        return
    block, wrong = block_of(content), wrong_line(content, path)
    if is_torn(content):
        yield problem(
            "init.py",
            f"Plosive's block in {path} lost its first or last line",
            f"remove the rest of it and {_INSTALL}",
        )
    elif block is None:
        yield problem("init.py", f"{path} has no block of Plosive", _INSTALL)
    elif wrong:
        yield problem("init.py", f"{path} has an error in {wrong}: Nuke stops there", "mend that line")
    elif block.version != view.version:
        yield problem(
            "init.py", f"its block is of Plosive {block.version}, and this is {view.version}", _INSTALL
        )
    elif block.hosts_folder is None or not block.hosts_folder.is_dir():
        yield problem("init.py", f"it leads to {block.hosts_folder}, which is gone", _INSTALL)
    else:
        yield fine("init.py", f"{path} leads to {block.hosts_folder}")


def check_menu_file(view: View, at: Target) -> Iterator[Finding]:
    """A menu.py with an error ends Nuke's start before the menus of others are made."""
    for folder in dict.fromkeys((at.entry_folder, *nuke_path_folders(view.machine))):
        for name in ("init.py", "menu.py"):
            path = folder / name
            if path == at.startup_file:
                continue
            try:
                wrong = wrong_line(path.read_bytes(), path)
            except OSError:
                continue
            if wrong:
                told = f"{path} has an error in {wrong}: Nuke stops there"
                yield problem("start-up", told, "mend that line, or ask who keeps that file")


def check_nuke_path(view: View, at: Target) -> Iterator[Finding]:
    """Folders on NUKE_PATH that are gone, and second copies of Plosive on it. All init.py and menu.py run,
    those of .nuke last; of modules of one name the first that was loaded stays.
    """
    own_block = _block_folder(nuke_user_folder(view.machine) / "init.py")
    for folder in nuke_path_folders(view.machine):
        if not folder.is_dir():
            yield note("NUKE_PATH", f"{folder} is not there", "correct NUKE_PATH, or mount that disk")
            continue
        there = _block_folder(folder / "init.py")
        if (folder / "plosive_nuke").is_dir():
            there = folder
        if there is None:
            continue
        if own_block is not None and os.path.realpath(there) != os.path.realpath(own_block):
            told = f"{folder} brings a Plosive, too, and its init.py runs before that of .nuke"
            yield problem(
                "NUKE_PATH", told, "take one away: plosive install nuke --uninstall removes your own"
            )
        else:
            yield fine("NUKE_PATH", f"{folder} brings Plosive")


def check_started_since(view: View, at: Target) -> Iterator[Finding]:
    """Nuke reads init.py when it starts."""
    running = tuple(process for process in view.processes if process.name.lower().startswith("nuke"))
    path = at.startup_file
    if not running or path is None or not path.exists() or block_of(path.read_bytes()) is None:
        return
    written = path.stat().st_mtime
    if any(process.started_unix_seconds and process.started_unix_seconds < written for process in running):
        yield note("menu", "a Nuke runs since before init.py was changed", "start it again to see the change")


def check_has_run(view: View, at: Target) -> Iterator[Finding]:
    """Whether Nuke ever loaded it, and as what."""
    found = False
    for host, name in (("nuke", "Nuke"), ("hiero", "Nuke Studio or Hiero")):
        seen = read_sighting(view, host)
        if seen is not None:
            found = True
            value = f"{seen['when']}: {seen.get('product', name)} {seen.get('version', '')}".strip()
            yield fine("last start", f"{value}, Python {seen.get('python', '')}")
    if not found:
        remedy = "start Nuke; it loads no plug-ins with --safe, and says why in its terminal"
        if nuke_path_folders(view.machine):
            remedy += (
                f"; NUKE_PATH is set here: where it leaves {nuke_user_folder(view.machine)} out, install "
            )
            remedy += "into a folder of it with --dir"
        yield note("last start", "no Nuke has loaded Plosive yet", remedy)


def _block_folder(path: Path) -> Path | None:
    try:
        block = block_of(path.read_bytes())
    except OSError:
        return None
    return block.hosts_folder if block is not None else None


NUKE_CHECKS: tuple[Callable[[View, Target], Iterator[Finding]], ...] = (
    check_programs,
    check_installed,
    check_package,
    check_startup_file,
    check_entries,
    check_menu_file,
    check_nuke_path,
    check_started_since,
    check_python,
    check_daemon,
    check_data_folder,
    check_start,
    check_log,
    check_has_run,
)
