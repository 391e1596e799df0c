# SPDX-License-Identifier: Apache-2.0
"""The lock that lets one daemon run in a state folder. The system drops it when the process ends, however."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path

from plosive.file_lock import locked
from plosive_daemon.private_files import StateFolderError

__all__ = ["DaemonLock"]

_TRIES = 5
_TRY_SECONDS = 0.05


class DaemonLock:
    """A lock on the file `path`, which stays: to remove it would let two hold locks on two files of one name.

    flock and msvcrt.locking are the ways that end with the process; a file that merely exists would outlive
    a crash. The file's text is the holder's process number.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    def take(self) -> bool:
        """Whether it is ours now; False where another process holds it. Raises StateFolderError."""
        descriptor = self._opened()
        try:
            for tries_left in reversed(range(_TRIES)):
                if _locked(descriptor, self._path):
                    os.ftruncate(descriptor, 0)
                    os.write(descriptor, f"{os.getpid()}\n".encode())
                    self._descriptor = descriptor
                    return True
                if tries_left:  # it may be somebody in `is_held`, who lets go at once
                    time.sleep(_TRY_SECONDS)
            return False
        except OSError as error:
            raise StateFolderError(f"{self._path} cannot be written: {error.strerror}.") from error
        finally:
            if self._descriptor != descriptor:
                os.close(descriptor)

    def is_held(self) -> bool:
        """Whether some process holds it. Raises StateFolderError."""
        descriptor = self._opened()
        try:
            return not _locked(descriptor, self._path)
        finally:
            os.close(descriptor)

    def release(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def holder(self) -> int:
        """The process that took it last, 0 where that is not known."""
        with contextlib.suppress(OSError, ValueError):
            return int(self._path.read_bytes()[:20])
        return 0

    def _opened(self) -> int:
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
        try:
            return os.open(self._path, flags, 0o600)
        except OSError as error:
            raise StateFolderError(f"{self._path} cannot be opened: {error.strerror}.") from error


def _locked(descriptor: int, path: Path) -> bool:
    """Whether the lock was free, and is held by `descriptor` now."""
    try:
        return locked(descriptor)
    except OSError as error:
        raise StateFolderError(
            f"{path} cannot be locked ({error.strerror}); name a state folder on another disk."
        ) from error
