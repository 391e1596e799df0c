# SPDX-License-Identifier: Apache-2.0
"""Locks on open files that the system drops when their process ends, however it does."""

from __future__ import annotations

import errno
import os

__all__ = ["locked"]

_LOCKED_BYTE = 1 << 20  # past the text: Windows lets nobody read a locked byte
_HELD = (errno.EACCES, errno.EAGAIN, errno.EDEADLK)


def locked(descriptor: int) -> bool:
    """Whether nobody held the lock of an open file; `descriptor` holds it then, until it is closed. Raises
    OSError where the disk knows no locks.
    """
    try:
        if os.name == "nt":
            import msvcrt

            os.lseek(descriptor, _LOCKED_BYTE, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
            os.lseek(descriptor, 0, os.SEEK_SET)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in _HELD:
            return False
        raise
    return True
