# SPDX-License-Identifier: Apache-2.0
"""What runs on this machine: from /proc on Linux, `ps` on macOS, PowerShell on Windows."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path

from plosive_install.doctor.view import Process

__all__ = ["elapsed_seconds", "processes", "processes_of_cim", "processes_of_proc", "processes_of_ps"]

_SECONDS = 20.0
_POWERSHELL = (
    "Get-CimInstance Win32_Process | ForEach-Object { [pscustomobject]@{ i = $_.ProcessId; n = $_.Name; "
    "c = if ($_.CreationDate) { $_.CreationDate.ToUniversalTime().ToString('o') } else { '' } } } | "
    "ConvertTo-Json -Compress"
)


def processes() -> tuple[Process, ...]:
    """Those the system shows; none where it cannot be asked."""
    if sys.platform == "win32":
        told = _said(["powershell", "-NoProfile", "-NonInteractive", "-Command", _POWERSHELL])
        return tuple(processes_of_cim(told))
    if sys.platform == "darwin":
        return tuple(processes_of_ps(_said(["ps", "-axo", "pid=,etime=,comm="]), time.time()))
    return tuple(processes_of_proc(Path("/proc")))


def processes_of_proc(folder: Path) -> Iterator[Process]:
    """Start times are in clock ticks since the boot (proc(5): stat, field 22; btime of stat)."""
    ticks = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
    boot = 0.0
    with contextlib.suppress(OSError):
        found = re.search(r"^btime (\d+)$", (folder / "stat").read_text(), re.MULTILINE)
        boot = float(found[1]) if found else 0.0
    for entry in folder.iterdir() if folder.is_dir() else ():
        if not entry.name.isdecimal():
            continue
        with contextlib.suppress(OSError, ValueError, IndexError):
            stat = (entry / "stat").read_bytes().decode("utf-8", "replace")
            name, rest = stat[stat.index("(") + 1 : stat.rindex(")")], stat[stat.rindex(")") + 1 :].split()
            with contextlib.suppress(OSError):  # the name in stat is cut to 15 letters
                command = (entry / "cmdline").read_bytes().split(b"\0")[0].decode("utf-8", "replace")
                name = os.path.basename(command) or name
            yield Process(int(entry.name), name, boot + int(rest[19]) / ticks if boot else None)


def processes_of_ps(text: str, now_unix_seconds: float) -> Iterator[Process]:
    """Lines of `ps -axo pid=,etime=,comm=`."""
    for line in text.splitlines():
        parts = line.split(None, 2)
        if len(parts) == 3 and parts[0].isdecimal():
            elapsed = elapsed_seconds(parts[1])
            started = None if elapsed is None else now_unix_seconds - elapsed
            yield Process(int(parts[0]), parts[2].rpartition("/")[2], started)


def processes_of_cim(text: str) -> Iterator[Process]:
    """The JSON of _POWERSHELL; one process comes without a list around it."""
    try:
        told = json.loads(text)
    except ValueError:
        return
    for entry in told if isinstance(told, list) else [told]:
        with contextlib.suppress(KeyError, TypeError, ValueError):
            yield Process(int(entry["i"]), str(entry["n"]), _unix_seconds(str(entry["c"] or "")))


def elapsed_seconds(told: str) -> float | None:
    """[[days-]hours:]minutes:seconds, as ps writes it."""
    found = re.fullmatch(r"(?:(?:(\d+)-)?(\d+):)?(\d+):(\d+)", told)
    if found is None:
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return float(((days * 24 + hours) * 60 + minutes) * 60 + seconds)


def _unix_seconds(told: str) -> float | None:
    """2026-11-21T20:15:52.1234567Z; Python 3.10 reads six digits at most, and no Z."""
    found = re.match(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)", told)
    if found is None:
        return None
    return datetime.fromisoformat(found[1]).replace(tzinfo=timezone.utc).timestamp()


def _said(command: list[str]) -> str:
    try:
        done = subprocess.run(command, capture_output=True, timeout=_SECONDS, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.decode("utf-8", "replace")
