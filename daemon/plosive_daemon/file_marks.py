# SPDX-License-Identifier: Apache-2.0
"""Telling whether a file is still the one it was, without reading all of it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["FileMark", "are_unchanged", "marks_of"]

_EDGE_BYTES = 1 << 20
_MOST_READ = 64


@dataclass(frozen=True)
class FileMark:
    """A file as it was: its size, when it was changed, and the SHA-256 of its length, first and last MiB
    (files up to 2 MiB: all of it); `digest` is empty where only size and time are held to.
    """

    path: str
    size_bytes: int
    changed_unix_ns: int
    digest: str


def marks_of(paths: Sequence[Path]) -> list[FileMark]:
    """Marks of `paths`; of more than 64, as the frames of a sequence, only 64 spread over them are read.
    Raises OSError.
    """
    read = {index * (len(paths) - 1) // max(1, _MOST_READ - 1) for index in range(_MOST_READ)}
    is_few = len(paths) <= _MOST_READ
    return [_mark(path, is_read=is_few or index in read) for index, path in enumerate(paths)]


def are_unchanged(marks: Sequence[FileMark]) -> bool:
    """Whether every file is there and as it was; all are looked at before the first is read."""
    try:
        for mark in marks:
            state = Path(mark.path).stat()
            if (state.st_size, state.st_mtime_ns) != (mark.size_bytes, mark.changed_unix_ns):
                return False
        return all(_digest(Path(mark.path)) == mark.digest for mark in marks if mark.digest)
    except OSError:
        return False


def _mark(path: Path, *, is_read: bool) -> FileMark:
    state = path.stat()
    digest = _digest(path) if is_read else ""
    return FileMark(str(path.absolute()), state.st_size, state.st_mtime_ns, digest)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        length = file.seek(0, 2)
        digest = hashlib.sha256(f"{length}\n".encode())
        file.seek(0)
        digest.update(file.read(_EDGE_BYTES))
        file.seek(max(_EDGE_BYTES, length - _EDGE_BYTES))
        digest.update(file.read(_EDGE_BYTES))
    return digest.hexdigest()
