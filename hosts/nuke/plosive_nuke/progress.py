# SPDX-License-Identifier: Apache-2.0
"""Nuke's own progress bar, in a thread of its own: made in the main thread it would stay unseen."""

from __future__ import annotations

import threading
import time

import nuke
from plosive_nuke.run import Run

__all__ = ["show_progress"]

_STEP_SECONDS = 0.1


def show_progress(run: Run) -> None:
    """Show a run until it is over; its Cancel button ends the job. Returns at once."""
    threading.Thread(target=_follow, args=(run,), name="plosive-progress", daemon=True).start()


def _follow(run: Run) -> None:
    task = nuke.ProgressTask(f"Lip Sync {run.plan.label}")
    is_cancelled = False
    while not run.is_over:
        task.setMessage(run.message)
        task.setProgress(max(0, min(100, run.percent)))
        if task.isCancelled() and not is_cancelled:
            is_cancelled = True
            run.cancel()
        time.sleep(_STEP_SECONDS)
    del task  # the bar goes with it
