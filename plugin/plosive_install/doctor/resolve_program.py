# SPDX-License-Identifier: Apache-2.0
"""Which DaVinci Resolve is on a machine, found without running it."""

from __future__ import annotations

import os
import plistlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from plosive_install.doctor.view import View
from plosive_install.machine import Machine
from plosive_install.places import resolve_log

__all__ = [
    "ResolveSeen",
    "is_of_the_app_store",
    "resolve_programs",
    "resolve_seen",
    "system_pythons",
    "version_text",
]

_RUNNING = re.compile(rb"Running DaVinci Resolve( Studio)? v(\d+(?:\.\d+)*)")
_MOST_LOG_BYTES = 16 << 20


@dataclass(frozen=True)
class ResolveSeen:
    """`version` () and `edition` "" (else studio or free): not known; `source` says who told."""

    version: tuple[int, ...]
    edition: str
    source: str


def resolve_seen(view: View, sighting: dict[str, object] | None) -> ResolveSeen:
    """By Resolve's own log, whose last line of this kind is of its last start; else by what it said when it
    last ran Plosive; else, on macOS, by its bundle.
    """
    log = resolve_log(view.machine)
    found = _RUNNING.findall(_last_bytes(log))
    if found:
        studio, version = found[-1]
        return ResolveSeen(_numbers(version.decode()), "studio" if studio else "free", str(log))
    if sighting is not None and _numbers(str(sighting.get("version", ""))):
        edition = str(sighting.get("edition", ""))
        version_told = _numbers(str(sighting["version"]))
        return ResolveSeen(version_told, edition if edition in ("studio", "free") else "", "its last run")
    for bundle in resolve_programs(view.machine):
        try:
            plist = plistlib.loads((bundle / "Contents" / "Info.plist").read_bytes())
            return ResolveSeen(_numbers(str(plist["CFBundleShortVersionString"])), "", str(bundle))
        except (OSError, ValueError, KeyError, TypeError, plistlib.InvalidFileException):
            continue
    return ResolveSeen((), "", "")


def resolve_programs(machine: Machine) -> tuple[Path, ...]:
    """Where it is installed (the bundle on macOS); a Windows or Linux user may have put it elsewhere."""
    if machine.is_mac:
        applications = machine.root / "Applications"
        names = ("DaVinci Resolve/DaVinci Resolve.app", "DaVinci Resolve.app", "DaVinci Resolve Studio.app")
        places = [folder / name for folder in (applications, machine.home / "Applications") for name in names]
    elif machine.is_windows:
        program_files = machine.folder("ProgramFiles", Path("C:/Program Files"))
        places = [program_files / "Blackmagic Design" / "DaVinci Resolve" / "Resolve.exe"]
    else:
        places = [machine.root / "opt/resolve/bin/resolve", machine.root / "home/resolve/bin/resolve"]
    return tuple(path for path in places if path.exists())


def is_of_the_app_store(bundle: Path) -> bool:
    """The App Store leaves its receipt in the bundle."""
    return (bundle / "Contents" / "_MASReceipt" / "receipt").exists()


def system_pythons(view: View) -> Iterator[tuple[tuple[int, int], str]]:
    """(version, where) of the Pythons that Resolve up to 21.0 looks for: the registry's on Windows (not those
    of 32 bits), python.org's framework and /usr/local/bin on macOS, the system's own on Linux. Those of
    uv, pyenv and the like it does not see.
    """
    machine = view.machine
    for name, place in view.registry.items() if machine.is_windows else ():
        told = name.rpartition("PythonCore\\")[2].partition("\\")[0]
        version = _numbers(told)
        if len(version) >= 2 and not told.endswith("-32") and Path(place).exists():
            yield (version[0], version[1]), place
    folders = {
        "darwin": [
            machine.root / "Library/Frameworks/Python.framework/Versions",
            machine.root / "usr/local/bin",
        ],
        "win32": [],
    }.get(machine.system, [machine.root / "usr/bin", machine.root / "usr/local/bin"])
    for folder in folders:
        for path in sorted(folder.iterdir()) if folder.is_dir() else ():
            found = re.fullmatch(r"(?:python)?(\d+)\.(\d+)", path.name)
            if found is not None:
                yield (int(found[1]), int(found[2])), str(path)


def version_text(version: tuple[int, ...]) -> str:
    """Without the number of the build."""
    return ".".join(str(part) for part in version[:3]) or "of an unknown version"


def _numbers(text: str) -> tuple[int, ...]:
    found = re.match(r"\d+(?:\.\d+)*", text)
    return tuple(int(part) for part in found[0].split(".")) if found else ()


def _last_bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - _MOST_LOG_BYTES))
            return file.read(_MOST_LOG_BYTES)
    except OSError:
        return b""
