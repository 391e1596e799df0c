# SPDX-License-Identifier: Apache-2.0
"""What a process that renders for a reel does apart from rendering: it takes its device, and ends in time."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Collection
from contextlib import suppress
from functools import cache
from multiprocessing import parent_process
from multiprocessing.process import BaseProcess
from types import FrameType

from plosive.progress import SilentProgress
from plosive.reel.dub.job_voice import HeardFiles
from plosive.reel.options import ConformOptions
from plosive.reel.renders.rendering import Aids, Rendered, Work, found_or_made
from plosive.sync.plate_memory import PlateMemory

__all__ = ["begin", "device_of", "end_all", "rendered"]

_PATIENCE_SECONDS = 30.0
_VISIBLE = "CUDA_VISIBLE_DEVICES"


def begin(slot: int, devices: int) -> None:
    """First thing in the process: give it its device, before anything in it has looked for one.

    Ctrl-C in a terminal reaches all processes of a conform: the first of them ends the others (`end_all`), so
    that each removes what it was writing. When the first one is killed, they end at once.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _stop)
    threading.Thread(target=_end_with_parent, name="plosive-parent", daemon=True).start()
    if devices > 1:
        os.environ[_VISIBLE] = device_of(slot, devices, os.environ.get(_VISIBLE))


def device_of(slot: int, devices: int, visible: str | None) -> str:
    """What CUDA_VISIBLE_DEVICES is for a slot, of `devices` in turn; `visible` is what it was."""
    names = [name.strip() for name in visible.split(",")] if visible else []
    names = names[:devices] or [str(one) for one in range(devices)]
    return names[slot % len(names)]


def rendered(work: Work, dub: HeardFiles, options: ConformOptions) -> Rendered:
    """`found_or_made` without progress, with what this process read of the plate before."""
    return found_or_made(work, dub, options, Aids(SilentProgress(), memory=_memory()))


@cache
def _memory() -> PlateMemory:
    """This process's own: it goes with it."""
    return PlateMemory()


def end_all(processes: Collection[BaseProcess]) -> None:
    """Have processes stop what they do and end; those that have not after half a minute are killed."""
    for process in processes:
        process.terminate()
    last = time.monotonic() + _PATIENCE_SECONDS
    try:
        while any(process.is_alive() for process in processes) and time.monotonic() < last:
            time.sleep(0.05)
    finally:  # a second Ctrl-C, too
        for process in processes:
            with suppress(ValueError):
                process.kill()


def _stop(number: int, frame: FrameType | None) -> None:
    """Unwind, once: a second signal must not tear what the first one makes."""
    del number, frame
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise SystemExit(143)


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
