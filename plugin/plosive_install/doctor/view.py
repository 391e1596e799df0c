# SPDX-License-Identifier: Apache-2.0
"""What the doctor knows of a machine beside its files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from plosive_install.machine import Machine

__all__ = ["ClientSeen", "DaemonSeen", "Process", "View"]


@dataclass(frozen=True)
class Process:
    """`name` is that of its file, without folder; `started_unix_seconds` None: not known."""

    pid: int
    name: str
    started_unix_seconds: float | None = None


@dataclass(frozen=True)
class ClientSeen:
    """What a Python said when it was asked for Plosive's client: `plosive_version`, or the `problem`."""

    python_version: str = ""
    plosive_version: str = ""
    problem: str = ""


@dataclass(frozen=True)
class DaemonSeen:
    """The user's daemon: `is_running` by its lock; `plosive_version` and `problem` by its answer."""

    is_running: bool
    plosive_version: str = ""
    problem: str = ""
    pid: int = 0
    log: str = ""


@dataclass(frozen=True)
class View:
    """`version` and `python` are Plosive's own, this one's, and `package` names the folder that it would
    install now (empty: not known); `clients` holds what each Python that a host may start said, by its path;
    `registry` values of Windows by their whole name, HKLM\\... or HKCU\\....
    """

    machine: Machine
    version: str
    python: str
    package: str = ""
    processes: tuple[Process, ...] = ()
    registry: Mapping[str, str] = field(default_factory=dict)
    clients: Mapping[str, ClientSeen] = field(default_factory=dict)
    daemon: DaemonSeen = DaemonSeen(False)

    def running(self, *names: str) -> tuple[Process, ...]:
        """Processes by the names of their files, in any case and with or without .exe."""
        wanted = {name.lower() for name in names}
        return tuple(
            process for process in self.processes if process.name.lower().removesuffix(".exe") in wanted
        )
