# SPDX-License-Identifier: Apache-2.0
"""What is looked at for every host: the installed files, Plosive's own Python, the daemon, the log."""

from __future__ import annotations

import json
import os
import re
import shutil
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from plosive_install.doctor.finding import Finding, fine, note, problem
from plosive_install.doctor.python_told import python_told
from plosive_install.doctor.view import View
from plosive_install.entry_file import hosts_folder_of, marker_of
from plosive_install.errors import InstallError
from plosive_install.installation import Target
from plosive_install.manifest import Manifest, manifest_path, read_manifest
from plosive_install.places import data_folder, emergency_log, host_log, sighting
from plosive_install.sources import HOST_NAMES

__all__ = [
    "check_daemon",
    "check_data_folder",
    "check_entries",
    "check_installed",
    "check_log",
    "check_package",
    "check_python",
    "check_start",
    "read_sighting",
]

_LAST_BYTES = 64 << 10


def check_installed(view: View, at: Target) -> Iterator[Finding]:
    """Whether, and of which version."""
    try:
        manifest = read_manifest(at.store)
    except InstallError as error:
        yield problem("installed", str(error), f"run: plosive install {at.host}")
        return
    if manifest is None:
        yield problem("installed", f"not in {HOST_NAMES[at.host]}", f"run: plosive install {at.host}")
    elif manifest.version != view.version:
        yield problem(
            "installed",
            f"{HOST_NAMES[at.host]} has the files of Plosive {manifest.version}, and this is {view.version}",
            f"run: plosive install {at.host}",
        )
    elif view.package and manifest.current != view.package:
        yield problem(
            "installed",
            f"{HOST_NAMES[at.host]} has other files than this Plosive {view.version} brings",
            f"run: plosive install {at.host}",
        )
    else:
        yield fine("installed", f"Plosive {manifest.version}, {at.store / manifest.current}")


def check_package(view: View, at: Target) -> Iterator[Finding]:
    """Whether all files of the package are there."""
    manifest = _manifest(at)
    if manifest is None:
        return
    folder = at.store / manifest.current
    gone = [name for name in manifest.packages.get(manifest.current, ()) if not (folder / name).is_file()]
    if gone:
        told = f"{len(gone)} files are missing in {folder}, {gone[0]} first"
        yield problem("package", told, f"run: plosive install {at.host}")
    else:
        yield fine("package", "whole")


def check_entries(view: View, at: Target) -> Iterator[Finding]:
    """Whether the scripts in the host's own folder are there, unchanged, and of this version."""
    manifest = _manifest(at)
    for path in manifest.entries if manifest else ():
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            yield problem("script", f"{path} is gone", f"run: plosive install {at.host}")
            continue
        except OSError as error:
            yield problem("script", f"{path} cannot be read: {error.strerror}", "change its permissions")
            continue
        marker, folder = marker_of(content), hosts_folder_of(content)
        if marker is None or not marker.is_intact:
            yield problem("script", f"{path} was changed", f"move it away and run: plosive install {at.host}")
        elif marker.version != view.version:
            told = f"{path} is of Plosive {marker.version}, and this is {view.version}"
            yield problem("script", told, f"run: plosive install {at.host}")
        elif folder is not None and not folder.is_dir():
            yield problem(
                "script", f"{path} looks for {folder}, which is gone", f"run: plosive install {at.host}"
            )
        else:
            yield fine("script", str(path))


def check_python(view: View, at: Target) -> Iterator[Finding]:
    """Whether the host can start Plosive: never with its own Python."""
    manifest = _manifest(at)
    told = python_told(view.machine, at.store / manifest.current if manifest else None)
    install = f"run: plosive install {at.host}"
    if told is None:
        yield problem("Plosive's Python", "the host is told of none", install)
        return
    if not told.is_readable:
        yield problem("Plosive's Python", f"{told.where} names none", f"remove that file and {install}")
        return
    seen = view.clients.get(told.python)
    if seen is None or (not seen.plosive_version and not shutil.which(os.path.expanduser(told.python))):
        remedy = f"correct PLOSIVE_PYTHON or unset it, and {install}" if _is_variable(told.where) else install
        yield problem("Plosive's Python", f"{told.python}, named in {told.where}, is gone", remedy)
    elif seen.problem:
        yield problem("Plosive's Python", f"{told.python}, named in {told.where}: {seen.problem}", install)
    elif seen.plosive_version != view.version:
        value = f"{told.python} has Plosive {seen.plosive_version}, and this is {view.version}"
        yield problem("Plosive's Python", value, f"update the one or the other, and {install}")
    else:
        value = f"{told.python} (Python {seen.python_version}, Plosive {seen.plosive_version})"
        yield fine("Plosive's Python", f"{value}, named in {told.where}")
        guarded = [view.machine.home / name for name in ("Desktop", "Documents", "Downloads")]
        if view.machine.is_mac and any(folder in Path(told.python).parents for folder in guarded):
            yield note(
                "Plosive's Python",
                f"macOS guards the folder of {told.python}",
                f"say yes when it asks whether {HOST_NAMES[at.host]} may read there, or move Plosive",
            )


def check_daemon(view: View, at: Target) -> Iterator[Finding]:
    """A stale daemon answers for a Plosive that is no longer installed."""
    del at
    seen = view.daemon
    end = f"end process {seen.pid}" if seen.pid else "end it"
    log = f" (its log: {seen.log})" if seen.log else ""
    if not seen.is_running and seen.problem:
        yield problem("daemon", seen.problem, "install Plosive again: plosive doctor says what is missing")
    elif not seen.is_running:
        yield fine("daemon", "none runs; it is started when a host needs it")
    elif seen.problem:
        yield problem("daemon", seen.problem, f"{end}; the next job starts it again{log}")
    elif view.version not in (seen.plosive_version, "unknown"):  # run from its source, never installed
        yield problem(
            "daemon",
            f"Plosive {seen.plosive_version} runs since before this one, {view.version}, was installed",
            f"{end} when its jobs are done; the next job starts the new one",
        )
    else:
        yield fine("daemon", f"Plosive {seen.plosive_version} runs and answers")


def check_log(view: View, at: Target) -> Iterator[Finding]:
    """Where what goes wrong in the host is written."""
    log = host_log(view.machine, at.host)
    there = log if log.exists() else next(path for path in log.parents if path.exists())
    if not os.access(there, os.W_OK):
        yield problem("log", f"{log} cannot be written", f"change the permissions of {there}")
    elif log.exists():
        yield fine("log", str(log))
    else:
        yield note("log", f"{log} (not there yet: Plosive has not run in {HOST_NAMES[at.host]})")
    said = _last_error(log)
    if said:
        yield note("last failure", said, f"the log has the rest: {log}")


def check_start(view: View, at: Target) -> Iterator[Finding]:
    """Whether a script of Plosive failed so early that it wrote elsewhere, after it was installed."""
    log = emergency_log(view.machine, at.host)
    installed = manifest_path(at.store)
    try:
        if not installed.exists() or log.stat().st_mtime < installed.stat().st_mtime:
            return
        lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    except OSError:
        return
    yield problem(
        "start",
        f"a script could not start: {lines[-1] if lines else 'unknown'}",
        f"see {log}, then remove it",
    )


def read_sighting(view: View, host: str) -> dict[str, Any] | None:
    """What the host was when it last ran Plosive; "when" is a local date and time."""
    try:
        told = json.loads(sighting(view.machine, host).read_bytes())
        seconds = float(told["seen_unix_seconds"])
        when = datetime.fromtimestamp(seconds).strftime("%Y-%m-%d %H:%M")
    except (OSError, ValueError, KeyError, TypeError, OverflowError):
        return None
    return {**told, "when": when, "seconds_ago": time.time() - seconds}


def check_data_folder(view: View, at: Target) -> Iterator[Finding]:
    """Plosive's own folder must be the user's."""
    del at
    folder = data_folder(view.machine)
    if folder.exists() and not os.access(folder, os.W_OK):
        yield problem(
            "data folder", f"{folder} cannot be written", "make it yours again (chown, or Properties)"
        )


def _manifest(at: Target) -> Manifest | None:
    """A damaged list is told by check_installed."""
    try:
        return read_manifest(at.store)
    except InstallError:
        return None


def _last_error(log: Path) -> str:
    """The newest line of the level ERROR, without its first words; empty: none among the last 64 KB."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - _LAST_BYTES))
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return ""
    found = re.findall(r"^(\d{4}-\d\d-\d\d \d\d:\d\d)\S* \d+ ERROR (.*)$", text, re.MULTILINE)
    return f"{found[-1][0]}: {found[-1][1].strip()}" if found else ""


def _is_variable(where: str) -> bool:
    return where == "PLOSIVE_PYTHON"
