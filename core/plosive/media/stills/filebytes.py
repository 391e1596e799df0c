# SPDX-License-Identifier: Apache-2.0
"""The bytes of a file that nobody vouches for: every read is held to its size."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType

from plosive.errors import NotPatchableError

__all__ = ["FileBytes"]


class FileBytes:
    """A file open for reading; nothing is kept in memory."""

    def __init__(self, path: Path) -> None:
        self.name = path.name
        self._file = path.open("rb")
        self.size = self._file.seek(0, 2)

    def read(self, start: int, size: int) -> bytes:
        """Just `size` bytes. Raises NotPatchableError where the file has fewer."""
        if start < 0 or size < 0 or start + size > self.size:
            raise self.lies()
        self._file.seek(start)
        found = self._file.read(size)
        if len(found) != size:
            raise self.lies()
        return found

    def lies(self) -> NotPatchableError:
        """For sizes and places that cannot be."""
        return NotPatchableError(f"{self.name} is cut short or its header lies; it is written anew.")

    def refused(self, what: str) -> NotPatchableError:
        """`what` follows the file's name: "is run-length encoded"."""
        return NotPatchableError(f"{self.name} {what}; it is written anew.")

    def __enter__(self) -> FileBytes:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
