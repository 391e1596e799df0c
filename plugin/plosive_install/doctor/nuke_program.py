# SPDX-License-Identifier: Apache-2.0
"""Which Nukes are on a machine, by the names of their folders."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from plosive_install.machine import Machine

__all__ = ["NukeSeen", "nukes"]

_NAME = re.compile(r"Nuke(\d+)\.(\d+)v(\d+)")


@dataclass(frozen=True)
class NukeSeen:
    """`version` (15, 1, 3) of Nuke 15.1v3."""

    version: tuple[int, int, int]
    folder: Path

    def __str__(self) -> str:
        return f"{self.version[0]}.{self.version[1]}v{self.version[2]}"


def nukes(machine: Machine) -> tuple[NukeSeen, ...]:
    """Newest first, from the places that Foundry's installers use."""
    return tuple(sorted(_nukes(machine), key=lambda seen: seen.version, reverse=True))


def _nukes(machine: Machine) -> Iterator[NukeSeen]:
    if machine.is_mac:
        folders = [machine.root / "Applications"]
    elif machine.is_windows:
        folders = [machine.folder("ProgramFiles", Path("C:/Program Files"))]
    else:
        folders = [machine.root / "usr/local", machine.root / "opt", machine.home]
    for folder in folders:
        for path in sorted(folder.glob("Nuke*")) if folder.is_dir() else ():
            found = _NAME.fullmatch(path.name)
            if found is not None and path.is_dir():
                major, minor, release = (int(part) for part in found.groups())
                yield NukeSeen((major, minor, release), path)
