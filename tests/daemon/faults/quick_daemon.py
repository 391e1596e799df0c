# SPDX-License-Identifier: Apache-2.0
"""`plosive serve` with quick workers, and a clock that a file can set. Run as a script.

PLOSIVE_FAULT_CLOCK names a file with seconds that are added to the time of day, read at every look.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any

WORKER = Path(__file__).with_name("quick_worker.py")


def unsettle_clock(place: str) -> None:
    """The time of day jumps as the file at `place` says; monotonic time goes on. Not for grpc: it hands its
    C core, whose clock cannot be set from here, deadlines as times of day.
    """
    real, real_ns = time.time, time.time_ns

    def offset() -> int:
        if sys._getframe(2).f_globals.get("__name__", "").startswith("grpc"):
            return 0
        try:
            return int(Path(place).read_text() or 0)
        except (OSError, ValueError):
            return 0

    time.time = lambda: real() + offset()
    time.time_ns = lambda: real_ns() + offset() * 10**9


def main() -> int:
    if place := os.environ.get("PLOSIVE_FAULT_CLOCK"):
        unsettle_clock(place)
    from plosive.cli import main as plosive
    from plosive_daemon.workers import pool

    class QuickPool(pool.WorkerPool):
        def __init__(self, *arguments: Any, **named: Any) -> None:
            super().__init__(*arguments, **{**named, "command": (sys.executable, str(WORKER))})

    pool.WorkerPool = QuickPool  # type: ignore[misc]
    return plosive(["serve"])


if __name__ == "__main__":
    sys.exit(main())
