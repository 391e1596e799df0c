# SPDX-License-Identifier: Apache-2.0
"""A file that only takes room, to be let go of when the disk is full: then the ends of running jobs can still
be written down, while new jobs are refused.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from plosive_daemon.private_files import StateFolderError, write_private

__all__ = ["SpareRoom"]

_BYTES = 4 << 20
"""Two hundred changes of state: measured, one takes up to 20 KiB of the log and 1 KiB of the ledger."""


class SpareRoom:
    """The file at `path`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.is_gone = False

    def is_held(self) -> bool:
        """Whether it is there, or could be made just now."""
        if self._path.exists():
            return True
        try:
            write_private(self._path, os.urandom(_BYTES))  # zeros may take no room
        except StateFolderError:
            self.is_gone = True
        else:
            self.is_gone = False
        return not self.is_gone

    def let_go(self) -> bool:
        """Whether there was some."""
        self.is_gone = True
        with contextlib.suppress(OSError):
            self._path.unlink()
            return True
        return False
