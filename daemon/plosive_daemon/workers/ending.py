# SPDX-License-Identifier: Apache-2.0
"""A worker ends when its daemon does, with everything it started."""

from __future__ import annotations

import faulthandler
import os
import shutil
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path

__all__ = ["SCRATCH_VARIABLE", "end_now", "end_with_parent", "keep_watchdog"]

SCRATCH_VARIABLE = "PLOSIVE_WORKER_SCRATCH"
"""Names the folder for a worker's temporary files, which goes with it."""
_PR_SET_PDEATHSIG = 1
_WATCHDOG_SECONDS = 900.0
_FEED_SECONDS = 30.0


def end_with_parent(end: Callable[[], None]) -> None:
    """Have `end` called when the system says that the parent is gone, or asks for an end. That stdin closes
    is the other sign, on every system; the worker reads it.

    Linux: prctl(2), PR_SET_PDEATHSIG, set here and not before exec, where threads of the daemon could hang
    it. It is sent when the parent's *thread* ends that started us: the daemon keeps that one.
    """
    signal.signal(signal.SIGTERM, lambda *_: end())
    if hasattr(signal, "SIGINT"):  # Ctrl-C in the daemon's terminal is the daemon's business
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    if not sys.platform.startswith("linux"):
        return
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)


def keep_watchdog() -> None:
    """End this process when no Python runs in it for 15 minutes: native code that hangs hears no signal and
    sees no end of stdin. The stacks of all threads go to stderr.
    """

    def feed() -> None:
        while True:
            faulthandler.dump_traceback_later(_WATCHDOG_SECONDS, exit=True)
            threading.Event().wait(_FEED_SECONDS)

    threading.Thread(target=feed, name="plosive-watchdog", daemon=True).start()


def end_now(status: int = 0) -> None:
    """End this process and those it started, at once; its folder for temporary files goes first.

    Elsewhere than on Windows a worker leads a session of its own, so its group is all of them. On Windows
    only this process ends: a job object with JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE would do it; that is not
    tried yet, and the one program that the core starts (espeak-ng) ends by itself.
    """
    scratch = os.environ.get(SCRATCH_VARIABLE)
    if scratch and Path(scratch).name.startswith("plosive-worker-"):
        shutil.rmtree(scratch, ignore_errors=True)
    if sys.platform != "win32" and os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(status)
