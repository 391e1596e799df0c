# SPDX-License-Identifier: Apache-2.0
"""`plosive install resolve|nuke`."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import click

from plosive_install.errors import InstallError
from plosive_install.installation import Target, install_steps, target
from plosive_install.machine import Machine, this_machine
from plosive_install.manifest import read_manifest
from plosive_install.places import app_store_fusion_folders, store_folder
from plosive_install.removal import removal
from plosive_install.sources import HOST_NAMES, HOSTS, host_files, plosive_version
from plosive_install.steps import Step

__all__ = ["install"]

_NEXT = {
    "resolve": (
        "Start DaVinci Resolve again: it looks for scripts only when it starts.",
        "Workspace > Scripts > Plosive Check says whether all is well; Lip Sync Clip is in the same menu on "
        "the Edit and Fusion pages, and on the right-click menu of Fusion nodes.",
    ),
    "nuke": (
        "Start Nuke again; LipSync is then among its nodes.",
        "Farm machines need nothing of this to render its results.",
    ),
}


@click.command(short_help="Put Plosive into Resolve's or Nuke's menus.")
@click.argument("host", type=click.Choice(HOSTS))
@click.option(
    "--dir",
    "folder",
    metavar="FOLDER",
    type=click.Path(path_type=Path, file_okay=False),
    help="Instead of your own: Resolve's Fusion folder for all users, or a folder on NUKE_PATH.",
)
@click.option("--uninstall", is_flag=True, help="Remove exactly what was installed.")
@click.option("--dry-run", is_flag=True, help="Say what would be done and do nothing.")
def install(host: str, folder: Path | None, uninstall: bool, dry_run: bool) -> None:
    """Put Plosive into DaVinci Resolve's or Nuke's menus, for you alone and without an administrator.

    Run it again after every update of Plosive. `plosive doctor resolve` and `plosive doctor nuke` say what is
    wrong where something does not show.
    """
    try:
        machine = this_machine()
        _refuse_sudo(folder, os.environ)
        to = target(machine, host, folder)
        if uninstall:
            _uninstall(machine, to, dry_run)
        else:
            _install(machine, to, dry_run)
    except InstallError as error:
        raise click.ClickException(str(error)) from error


def _install(machine: Machine, to: Target, dry_run: bool) -> None:
    python, version = sys.executable, plosive_version()
    if not python:
        raise InstallError("This Python does not know where it lies; run plosive install with another.")
    steps = install_steps(to, host_files(to.host, python), version, python)
    if not steps:
        click.echo(f"Plosive {version} is in {HOST_NAMES[to.host]} already, whole and unchanged.")
        return
    was_there = read_manifest(to.store) is not None
    try:
        _carry_out(steps, dry_run)
    except InstallError:
        if not was_there:
            _take_back(machine, to)
        raise
    for sentence in (*_warnings(machine, to, python), *_NEXT[to.host], *_for_many(to)):
        click.echo(sentence)


def _take_back(machine: Machine, to: Target) -> None:
    """Of a first installation that failed nothing stays."""
    found = removal(to, _other_stores(machine, to))
    for step in found.steps if found else ():
        with contextlib.suppress(InstallError):  # what failed is told already
            step.run()


def _other_stores(machine: Machine, to: Target) -> tuple[Path, ...]:
    return tuple(store_folder(machine, host) for host in HOSTS if host != to.host)


def _uninstall(machine: Machine, of: Target, dry_run: bool) -> None:
    found = removal(of, _other_stores(machine, of))
    if found is None:
        click.echo(f"Plosive is not installed in {HOST_NAMES[of.host]} ({of.store} is not there).")
        return
    _carry_out(found.steps, dry_run)
    for sentence in found.left:
        click.echo(sentence)


def _carry_out(steps: tuple[Step, ...], dry_run: bool) -> None:
    for step in steps:
        if not dry_run:
            step.run()
        click.echo(f"  {'would: ' if dry_run else ''}{step.sentence()}")


def _warnings(machine: Machine, to: Target, python: str) -> tuple[str, ...]:
    told: list[str] = []
    if _will_vanish(python):
        told.append(
            f"{python}, which runs Plosive, lies where files are cleared away: install Plosive for good and "
            "run this again from there."
        )
    if to.host == "resolve" and app_store_fusion_folders(machine) and to.host_config is not None:
        told.append(
            "There is a DaVinci Resolve of the Mac App Store here: it runs no scripts of others and will "
            "not show Plosive; use the one from Blackmagic's website."
        )
    return tuple(told)


def _will_vanish(python: str) -> bool:
    """Environments that uvx and pipx run make for one command, and folders for temporary files."""
    folders = [Path(os.path.realpath(parent)) for parent in (Path(python).parent, Path(python).parents[1])]
    names = {part.lower() for folder in folders for part in folder.parts}
    temporary = Path(os.path.realpath(tempfile.gettempdir()))
    is_made_for_once = "archive-v0" in names or {"pipx", ".cache"} <= names
    return is_made_for_once or any(temporary in folder.parents for folder in folders)


def _for_many(to: Target) -> tuple[str, ...]:
    if to.host_config is not None:
        return ()
    told = ["Users whose Plosive lies elsewhere name its Python in PLOSIVE_PYTHON or their host.json."]
    if to.host == "nuke":
        told.append(
            f"Put {to.entry_folder} on NUKE_PATH, and for Nuke Studio and Hiero on HIERO_PLUGIN_PATH."
        )
    return tuple(told)


def _refuse_sudo(folder: Path | None, environment: Mapping[str, str]) -> None:
    """With sudo the files would be root's, in root's home or, worse, in the user's."""
    if folder is None and environment.get("SUDO_USER") and getattr(os, "geteuid", lambda: 1)() == 0:
        raise InstallError("plosive install needs no administrator; run it as yourself, without sudo.")
