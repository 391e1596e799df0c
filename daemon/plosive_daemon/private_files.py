# SPDX-License-Identifier: Apache-2.0
"""Folders and files that only their user can read, made whole or not at all.

On Windows the modes mean nothing: there it is the user's profile that keeps others out.
"""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path

from plosive.errors import PlosiveError

__all__ = ["StateFolderError", "is_private", "make_private_folder", "write_private"]


class StateFolderError(PlosiveError):
    """The daemon's own folder cannot be used."""


def make_private_folder(folder: Path) -> None:
    """`folder` and those above it that are missing; none for others (0700). Raises StateFolderError."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if os.name == "nt":
            return
        state = folder.stat()
        if state.st_uid != os.geteuid():
            raise StateFolderError(f"The folder {folder} belongs to another user; name another place.")
        if stat.S_IMODE(state.st_mode) & 0o077:
            folder.chmod(0o700)
    except OSError as error:
        raise StateFolderError(f"The folder {folder} cannot be made or used: {error.strerror}.") from error


def write_private(path: Path, data: bytes) -> None:
    """`data` under a temporary name in the same folder, on disk, then renamed; 0600 from its first moment.
    Raises StateFolderError.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}.part")
    try:
        descriptor = os.open(
            temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600
        )
        try:
            with open(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise StateFolderError(f"{path} cannot be written: {error.strerror}.") from error


def is_private(path: Path) -> bool:
    """Whether `path` is a plain file of this user that nobody else may open."""
    try:
        state = path.lstat()
    except OSError:
        return False
    if os.name == "nt":
        return stat.S_ISREG(state.st_mode)
    return stat.S_ISREG(state.st_mode) and state.st_uid == os.geteuid() and not state.st_mode & 0o077
