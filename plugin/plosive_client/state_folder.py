# SPDX-License-Identifier: Apache-2.0
"""Where the daemon of this user is told of: daemon.json, the token file and the lock.

The daemon's own modules (plosive.user_folders, plosive_daemon.state_folder, one_daemon) hold the same rules;
they are copied because the client runs without them, and a test holds both to the same answers.
"""

from __future__ import annotations

import errno
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Endpoint", "daemon_folder", "is_daemon_alive", "read_endpoint", "read_token"]

_MOST_FILE_BYTES = 64 << 10
_LOCKED_BYTE = 1 << 20
_HELD = (errno.EACCES, errno.EAGAIN, errno.EDEADLK)


@dataclass(frozen=True)
class Endpoint:
    """How a daemon is reached: `address` as gRPC takes it (unix:PATH or HOST:PORT)."""

    address: str
    pid: int
    protocol_major: int


def daemon_folder() -> Path:
    """The user's folder of the daemon; PLOSIVE_STATE names another place."""
    chosen = os.environ.get("PLOSIVE_STATE")
    if chosen:
        return Path(chosen)
    if sys.platform == "win32":
        root = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "Plosive" / "Data"
    elif sys.platform == "darwin":
        root = Path.home() / "Library" / "Application Support" / "Plosive"
    else:
        root = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "plosive"
    return root / "daemon"


def read_endpoint(folder: Path) -> Endpoint | None:
    """What the last daemon told, which may be dead; None where it told nothing of sense."""
    try:
        with (folder / "daemon.json").open("rb") as file:
            told = json.loads(file.read(_MOST_FILE_BYTES))
        address, pid, major = told["address"], told["pid"], told["protocol_major"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    is_right = isinstance(address, str) and type(pid) is int and type(major) is int
    return Endpoint(address, pid, major) if is_right and address else None


def read_token(folder: Path) -> str:
    """What every call must carry; empty where there is none that can be read."""
    try:
        with (folder / "token").open("rb") as file:
            return file.read(256).decode("ascii").strip()
    except (OSError, ValueError):
        return ""


def is_daemon_alive(folder: Path) -> bool:
    """Whether a process holds the daemon's lock: what daemon.json tells is not to be believed otherwise, as
    another program may listen at a dead daemon's address by now, and must not be shown the token.
    """
    flags = os.O_RDWR | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
    try:
        descriptor = os.open(folder / "daemon.lock", flags)
    except OSError:
        return False
    try:
        return not _locked(descriptor)
    finally:
        os.close(descriptor)


def _locked(descriptor: int) -> bool:
    """Whether the lock was free; it is let go when the descriptor is closed."""
    try:
        if os.name == "nt":
            import msvcrt

            os.lseek(descriptor, _LOCKED_BYTE, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno not in _HELD
    return True
