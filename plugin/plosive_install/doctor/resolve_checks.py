# SPDX-License-Identifier: Apache-2.0
"""Why Lip Sync Clip is not in Resolve's menu, or does nothing."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from plosive_install.doctor.finding import Finding, fine, note, problem
from plosive_install.doctor.resolve_program import (
    is_of_the_app_store,
    resolve_programs,
    resolve_seen,
    system_pythons,
    version_text,
)
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
from plosive_install.entry_file import marker_of
from plosive_install.installation import Target
from plosive_install.places import app_store_fusion_folders, resolve_shared_fusion_folders

__all__ = ["RESOLVE_CHECKS"]

_OLDEST = (19, 1)
_FREE_ENDS_BEFORE = (21, 1)
_OWN_PYTHON_SINCE = (21, 1)
_OLDEST_PYTHON = (3, 9)
_RESOLVES = ("resolve", "DaVinci Resolve")
_HELPERS = ("fuscript", "ResolvePython")
_BY_FILE = "use Studio, or the round trip by file: plosive conform"


def check_program(view: View, at: Target) -> Iterator[Finding]:
    """Whether there is a Resolve, and not only the App Store's."""
    found = resolve_programs(view.machine)
    stores = [path for path in found if is_of_the_app_store(path)]
    for path in stores:
        yield problem(
            "App Store",
            f"{path} is the Mac App Store's and runs no scripts of others",
            "install the one from Blackmagic's website; projects stay",
        )
    if not found and app_store_fusion_folders(view.machine):
        yield note(
            "App Store", "there was a DaVinci Resolve of the Mac App Store here, which shows no scripts"
        )
    if not found:
        yield note("DaVinci Resolve", "not where it is usually installed")
    for path in found:
        if path not in stores:
            yield fine("DaVinci Resolve", str(path))


def check_edition(view: View, at: Target) -> Iterator[Finding]:
    """Which version and edition ran last, and whether it runs scripts in Python."""
    seen = resolve_seen(view, read_sighting(view, "resolve"))
    if not seen.version:
        yield note("edition", "not known: it has not run for this user yet")
        return
    told = f"{version_text(seen.version)} {seen.edition.capitalize()}".strip() + f" (from {seen.source})"
    if seen.version < _OLDEST:
        yield problem("edition", told, "update DaVinci Resolve to 19.1 or later")
    elif seen.edition == "free" and seen.version >= _FREE_ENDS_BEFORE:
        yield problem("edition", f"{told}: Free shows no Python scripts since 21.1", _BY_FILE)
    elif seen.edition == "free":
        yield note("edition", f"{told}: works from the menu, without a dialog; its options are in a file")
    else:
        yield fine("edition", told)


def check_resolves_python(view: View, at: Target) -> Iterator[Finding]:
    """Up to 21.0 Resolve borrows a Python of the system; later ones have their own."""
    version = resolve_seen(view, read_sighting(view, "resolve")).version
    if version >= _OWN_PYTHON_SINCE:
        yield fine("Resolve's Python", "its own, 3.14")
        return
    found = sorted(system_pythons(view), reverse=True)
    told = ", ".join(f"{major}.{minor}" for (major, minor), _ in found)
    install = {
        "win32": "install Python 3.11 from python.org (not the Microsoft Store's)",
        "darwin": "install Python 3.11 from python.org (Resolve does not see Homebrew's, uv's or pyenv's)",
    }.get(view.machine.system, "install your system's python3, 3.9 or later")
    if found and found[0][0] >= _OLDEST_PYTHON:
        yield fine("Resolve's Python", f"{told}, of which Resolve takes one")
    elif not version:
        yield note("Resolve's Python", told or "none that Resolve up to 21.0 finds", f"up to 21.0: {install}")
    else:
        what = f"only {told}" if told else "none that Resolve finds"
        yield problem("Resolve's Python", what, f"{install} and start Resolve again")
    for name in ("PYTHONHOME", "PYTHON3HOME", "FUSION_PYTHON3_HOME", "FUSION_Python3_Home"):
        told = view.machine.environment.get(name, "")
        if told and not Path(told).is_dir():
            yield problem("Resolve's Python", f"{name} is {told}, which is gone", f"unset {name}")
        elif told:
            yield note("Resolve's Python", f"{name} makes Resolve take {told}")


def check_second_copies(view: View, at: Target) -> Iterator[Finding]:
    """The same scripts for all users show twice in the menu, and may be of another version."""
    for folder in resolve_shared_fusion_folders(view.machine):
        if folder == at.entry_folder:
            continue
        for path in sorted(folder.glob("Scripts/*/*.py")):
            try:
                marker = marker_of(path.read_bytes())
            except OSError:
                continue
            if marker is None:
                continue
            told = f"{path} is there for all users, of Plosive {marker.version}"
            remedy = f'run: plosive install resolve --dir "{folder}" --uninstall'
            if marker.version != view.version:
                yield problem("second copy", told, remedy)
            else:
                yield note("second copy", f"{told}; the menu may show it twice", remedy)


def check_started_since(view: View, at: Target) -> Iterator[Finding]:
    """Resolve looks for scripts when it starts, and at no other time."""
    running = view.running(*_RESOLVES)
    written = [path.stat().st_mtime for path in at.entry_folder.glob("Scripts/*/*.py") if _is_ours(path)]
    if not running or not written:
        return
    started = [process.started_unix_seconds for process in running]
    if any(seconds is not None and seconds < max(written) for seconds in started):
        yield problem("menu", "Resolve runs since before the scripts were installed", "start Resolve again")
    else:
        yield fine("menu", "Resolve was started after the scripts were installed")


def check_stale_scripts(view: View, at: Target) -> Iterator[Finding]:
    """Script runners that outlived Resolve keep its scripts from starting again."""
    left = view.running(*_HELPERS)
    if left and not view.running(*_RESOLVES):
        told = ", ".join(f"{process.name} ({process.pid})" for process in left)
        yield problem("stale scripts", f"{told} run without Resolve", "end them, then start Resolve")
    elif left:
        yield note("scripts", f"{len(left)} of Resolve's script runners run now")


def check_has_run(view: View, at: Target) -> Iterator[Finding]:
    """Whether any script of Plosive ever ran, and as what."""
    seen = read_sighting(view, "resolve")
    if seen is None:
        yield note(
            "last run",
            "Plosive has not run in Resolve yet",
            "in Resolve: Workspace > Scripts > Plosive Check; where the menu lacks it, see above; where it "
            "does nothing, look at Workspace > Console (Py3) and, since 21.1, at Preferences > System > "
            "General > Automatic scripted actions, which must allow it (External scripting may be off)",
        )
        return
    value = f"{seen['when']}: {seen.get('product', '')} {seen.get('version', '')}".strip()
    value += f", Python {seen.get('python', '')}"
    folder = str(seen.get("hosts_folder", ""))
    if folder and Path(os.path.realpath(at.store)) not in Path(os.path.realpath(folder)).parents:
        yield note("last run", f"{value}, from {folder}", "another copy of Plosive ran; see second copy")
    else:
        yield fine("last run", value)


def _is_ours(path: Path) -> bool:
    try:
        return marker_of(path.read_bytes()) is not None
    except OSError:
        return False


RESOLVE_CHECKS: tuple[Callable[[View, Target], Iterator[Finding]], ...] = (
    check_program,
    check_edition,
    check_resolves_python,
    check_installed,
    check_package,
    check_entries,
    check_second_copies,
    check_started_since,
    check_stale_scripts,
    check_python,
    check_daemon,
    check_data_folder,
    check_start,
    check_log,
    check_has_run,
)
