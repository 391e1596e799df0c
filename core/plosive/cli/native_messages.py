# SPDX-License-Identifier: Apache-2.0
"""Keeps what native libraries print to stderr off the artist's terminal, without losing it.

MediaPipe and TensorFlow Lite write notes for their own developers there, through the progress bars, and
offer no way to turn them off.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["native_messages_kept"]

_LONGEST_KEPT = 100_000


@contextmanager
def native_messages_kept() -> Iterator[Callable[[], str]]:
    """Inside, file descriptor 2 goes to a temporary file and `sys.stderr` stays where it was.

    Yields a function that returns what has come so far. Where stderr is not the real one (in tests, in an
    embedding application), nothing is touched.
    """
    original = sys.stderr
    try:
        is_real = original.fileno() == 2
    except (AttributeError, OSError, ValueError):
        is_real = False
    if not is_real:
        yield lambda: ""
        return
    original.flush()
    terminal = os.dup(2)
    with tempfile.TemporaryFile() as kept:
        os.dup2(kept.fileno(), 2)
        sys.stderr = open(  # noqa: SIM115 - closed below, after the descriptor is back
            terminal, "w", buffering=1, encoding=original.encoding, errors=original.errors, closefd=False
        )

        def so_far() -> str:
            kept.seek(max(0, kept.seek(0, os.SEEK_END) - _LONGEST_KEPT))
            return kept.read().decode("utf-8", "replace")

        try:
            yield so_far
        finally:
            sys.stderr.close()
            sys.stderr = original
            os.dup2(terminal, 2)
            os.close(terminal)
