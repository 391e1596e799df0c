# SPDX-License-Identifier: Apache-2.0
"""Whether two files, or stretches of them, hold the same bytes; read in blocks."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from plosive.errors import MediaReadError

__all__ = ["are_same_files", "opened"]

_BLOCK = 1 << 20


def are_same_files(one: Path, other: Path) -> bool:
    """Whether two files are equal byte for byte. Raises MediaReadError."""
    try:
        if one.stat().st_size != other.stat().st_size:
            return False
        with opened(one) as first, opened(other) as second:
            while True:
                block = first.read(_BLOCK)
                if block != second.read(_BLOCK):
                    return False
                if not block:
                    return True
    except OSError as error:
        raise MediaReadError(f"{error.filename or other} cannot be read ({error.strerror}).") from error


def opened(path: Path) -> BinaryIO:
    """A file for reading. Raises MediaReadError."""
    try:
        return path.open("rb")
    except OSError as error:
        raise MediaReadError(f"{path} cannot be read ({error.strerror}); check its permissions.") from error
