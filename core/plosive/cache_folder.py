# SPDX-License-Identifier: Apache-2.0
"""A folder of files that can be made again at any time: named by what they hold, oldest use goes first."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

__all__ = ["CacheFolder"]

_MOST_BYTES = 1 << 30
_MOST_PARTIAL_SECONDS = 24 * 3600


class CacheFolder:
    """Files by key in one folder, at most `most_bytes` together.

    Nothing here ever fails a job: a folder that cannot be written keeps nothing, a file that cannot be read
    is not there. Several processes may use it at once: files appear whole, under their final name.
    """

    def __init__(self, folder: Path, suffix: str, most_bytes: int = _MOST_BYTES) -> None:
        self._folder = folder
        self._suffix = suffix
        self._most_bytes = most_bytes

    def find(self, key: str) -> Path | None:
        """The file of `key`, now the last used; None where there is none."""
        path = self._path(key)
        try:
            os.utime(path)
        except OSError:
            return None
        return path

    def drop(self, key: str) -> None:
        """Forget `key`, whose file turned out damaged."""
        with suppress(OSError):
            self._path(key).unlink()

    def keep(self, key: str, write: Callable[[Path], None]) -> bool:
        """Let `write` make the file of `key`; then remove the longest unused ones that are too many. Whether
        it is kept.
        """
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle, name = tempfile.mkstemp(suffix=f".partial{self._suffix}", dir=self._folder)
            os.close(handle)
            partial = Path(name)
        except OSError:
            return False
        try:
            write(partial)
            partial.replace(self._path(key))
        except OSError:
            return False
        finally:
            with suppress(OSError):
                partial.unlink(missing_ok=True)
        self._prune()
        return True

    @contextmanager
    def alone(self, key: str) -> Iterator[None]:
        """The block runs in one process at a time for each `key`, where the system and the folder allow it:
        who comes second waits, and may find what the first has kept.
        """
        handle: int | None = None
        place = self._folder / f"{key}.lock"
        with suppress(ImportError, OSError):
            import fcntl

            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle = os.open(place, os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(handle, fcntl.LOCK_EX)
        try:
            yield
        finally:
            if handle is not None:
                with suppress(OSError):
                    place.unlink()
                os.close(handle)

    def _path(self, key: str) -> Path:
        return self._folder / f"{key}{self._suffix}"

    def _prune(self) -> None:
        known: list[tuple[float, int, Path]] = []
        with suppress(OSError):
            for path in self._folder.iterdir():
                state = path.stat()
                known.append((state.st_mtime, state.st_size, path))
        known.sort(reverse=True)
        newest = known[0][0] if known else 0.0
        total = 0
        for used, size, path in known:
            total += size
            is_left_over = ".partial" in path.name and newest - used > _MOST_PARTIAL_SECONDS
            if total > self._most_bytes or is_left_over:
                with suppress(OSError):
                    path.unlink()
