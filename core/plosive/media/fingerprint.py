# SPDX-License-Identifier: Apache-2.0
"""What a plate's files hold, as a short text: the same for the same content, wherever it lies."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from plosive.errors import MediaReadError

__all__ = ["fingerprint"]

_WHOLE_BYTES = 4 << 30
_BLOCK_BYTES = 4 << 20
_SAMPLES_A_FILE = 64
_SAMPLE_BYTES = 64 << 10


def fingerprint(files: Sequence[Path]) -> str:
    """BLAKE2b (RFC 7693) of `files` in order, 64 hexadecimal digits.

    Up to 4 GiB together every byte counts. Beyond that reading all of it would cost as much as the work that
    is to be saved: then it is the size, the time of the last change and 64 samples of each file. Raises
    MediaReadError where one cannot be read.
    """
    digest = hashlib.blake2b(digest_size=32)
    try:
        is_whole = sum(path.stat().st_size for path in files) <= _WHOLE_BYTES
        for path in files:
            digest.update(f"file {path.stat().st_size}\n".encode())
            (_add_all if is_whole else _add_samples)(digest, path)
    except OSError as error:
        raise MediaReadError(f"{error.filename} cannot be read: {error.strerror}.") from error
    return digest.hexdigest()


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
