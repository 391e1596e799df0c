# SPDX-License-Identifier: Apache-2.0
"""Lines in and lines out."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

__all__ = ["LINE_BYTES", "LineWriter", "TooLong", "lines_of"]

LINE_BYTES = 8 << 20
"""Longest line that is taken from a host."""


class TooLong:
    """Stands for a line that was longer than LINE_BYTES and was skipped."""


def lines_of(stream: BinaryIO) -> Iterator[bytes | TooLong]:
    """The lines until the stream closes, without empty ones; a last one without an end counts, too."""
    while line := stream.readline(LINE_BYTES + 1):
        if len(line) > LINE_BYTES and not line.endswith(b"\n"):
            while (rest := stream.readline(LINE_BYTES)) and not rest.endswith(b"\n"):
                pass
            yield TooLong()
        elif line.strip():
            yield line


class LineWriter:
    """Writes whole lines from any thread. `on_gone` is called once, when nobody reads them any more."""

    def __init__(self, stream: BinaryIO, on_gone: Callable[[], None]) -> None:
        self._stream = stream
        self._on_gone = on_gone
        self._lock = threading.Lock()
        self._is_gone = False

    def write(self, message: dict[str, Any]) -> None:
        line = json.dumps(message, separators=(",", ":"), allow_nan=False).encode("ascii") + b"\n"
        with self._lock:
            if self._is_gone:
                return
            try:
                self._stream.write(line)
                self._stream.flush()
            except (OSError, ValueError):
                self._is_gone = True
        if self._is_gone:
            self._on_gone()
