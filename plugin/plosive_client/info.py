# SPDX-License-Identifier: Apache-2.0
"""What a daemon is and has (info.proto)."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["DaemonInfo", "Device", "GeneratorInfo", "Limits"]


@dataclass(frozen=True)
class Device:
    """`name` cpu or cuda:N; memory 0: not known."""

    name: str
    label: str = ""
    memory_bytes: int = 0
    free_memory_bytes: int = 0


@dataclass(frozen=True)
class Limits:
    """How much may be asked of the daemon."""

    message_bytes: int = 0
    waiting_jobs: int = 0
    watchers: int = 0
    cache_bytes: int = 0


@dataclass(frozen=True)
class DaemonInfo:
    """Versions, devices, roots (empty: all that its user may) and what is in the queue."""

    plosive_version: str
    protocol_major: int
    protocol_minor: int = 0
    process_id: int = 0
    started_unix_ms: int = 0
    devices: tuple[Device, ...] = ()
    read_roots: tuple[str, ...] = ()
    write_roots: tuple[str, ...] = ()
    limits: Limits | None = None
    jobs_waiting: int = 0
    jobs_running: int = 0
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class GeneratorInfo:
    """What can make mouths; `problem` empty: it can be used."""

    name: str
    version: str = ""
    summary: str = ""
    licence: str = ""
    devices: tuple[str, ...] = ()
    problem: str = ""
