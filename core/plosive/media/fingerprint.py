# SPDX-License-Identifier: Apache-2.0
"""What a plate's files hold, as a short text: the same for the same content, wherever it lies."""

from __future__ import annotations

import hashlib
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from plosive.cache_folder import CacheFolder
from plosive.errors import MediaReadError
from plosive.user_folders import cache_root

__all__ = ["fingerprint"]

_WHOLE_BYTES = 4 << 30
_BLOCK_BYTES = 4 << 20
_SAMPLES_A_FILE = 64
_SAMPLE_BYTES = 64 << 10
_LARGE_BYTES = 32 << 20  # smaller ones are read in a moment
_YOUNG_SECONDS = 2.0
_MOST_KNOWN_BYTES = 1 << 20


def fingerprint(files: Sequence[Path]) -> str:
    """BLAKE2b (RFC 7693) of `files` in order, 64 hexadecimal digits.

    Up to 4 GiB together every byte counts; what large files hold is known while the system says that nobody
    touched them since they were read (inode, size, times of content and of state, to the nanosecond). Beyond
    that reading all of it would cost as much as the work that is to be saved: then it is the size, the time
    of the last change and 64 samples of each file. Raises MediaReadError where one cannot be read.
    """
    known = _KnownPrint(files)
    return known.find() or known.keep(_read(files))


def _read(files: Sequence[Path]) -> str:
    digest = hashlib.blake2b(digest_size=32)
    try:
        is_whole = sum(path.stat().st_size for path in files) <= _WHOLE_BYTES
        for path in files:
            digest.update(f"file {path.stat().st_size}\n".encode())
            (_add_all if is_whole else _add_samples)(digest, path)
    except OSError as error:
        raise MediaReadError(f"{error.filename} cannot be read: {error.strerror}.") from error
    return digest.hexdigest()


class _KnownPrint:
    """What `files` held when they were last read, where they are large and surely untouched since."""

    def __init__(self, files: Sequence[Path]) -> None:
        self._folder = CacheFolder(cache_root() / "prints", ".txt", _MOST_KNOWN_BYTES)
        self._files = files
        self._key = self._key_now()

    def find(self) -> str:
        """'' where it is not known."""
        path = self._folder.find(self._key) if self._key else None
        try:
            text = "" if path is None else path.read_text(encoding="ascii")
        except (OSError, ValueError):
            return ""
        return text if len(text) == 64 else ""

    def keep(self, text: str) -> str:
        """`text` is what they hold, unless they were touched while they were read."""
        if self._key and self._key_now() == self._key:
            self._folder.keep(self._key, lambda path: _write(path, text))
        return text

    def _key_now(self) -> str:
        """'' where it is not worth it, or a change may be too young to show in the files' times. Windows
        does not tell when a file's state changed.
        """
        if sys.platform == "win32":
            return ""
        try:
            states = [(path.absolute(), path.stat()) for path in self._files]
        except OSError:
            return ""
        youngest = max((state.st_ctime for _, state in states), default=0.0)
        if (
            sum(state.st_size for _, state in states) < _LARGE_BYTES
            or time.time() - youngest < _YOUNG_SECONDS
        ):
            return ""
        told = [
            (str(path), state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns, state.st_ctime_ns)
            for path, state in states
        ]
        return hashlib.blake2b(repr(told).encode(), digest_size=16).hexdigest()


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="ascii")


def _add_all(digest: hashlib.blake2b, path: Path) -> None:
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            digest.update(block)


def _add_samples(digest: hashlib.blake2b, path: Path) -> None:
    state = path.stat()
    digest.update(f"changed {state.st_mtime_ns}\n".encode())
    last = max(0, state.st_size - _SAMPLE_BYTES)
    with path.open("rb") as file:
        for sample in range(_SAMPLES_A_FILE):
            file.seek(last * sample // (_SAMPLES_A_FILE - 1))
            digest.update(file.read(_SAMPLE_BYTES))
