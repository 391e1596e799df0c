# SPDX-License-Identifier: Apache-2.0
"""The screen where Resolve draws no windows (the free edition): its console, and a file of options."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from plosive_host import PlosiveHostError, Pump
from plosive_host.dialog import Dialog, Values
from plosive_resolve.cancel_marker import CancelMarker
from plosive_resolve.console import say
from plosive_resolve.options_file import options_path, write_first_options
from plosive_resolve.screen import Look, OnStep, Shown
from plosive_resolve.sync_dialog import options_dialog
from plosive_resolve.system_message import show_message

__all__ = ["ConsoleScreen"]

_TICK_SECONDS = 0.1
_LOOK_SECONDS = 1.0
_STEP = 0.1


class ConsoleScreen:
    """`marker`, where one is set, lies on the timeline while there is work: who deletes it cancels. `fusion`
    is Resolve's Fusion object or None.
    """

    has_dialogs = False

    def __init__(self, fusion: Any, pump: Pump, log: logging.Logger) -> None:
        self._fusion = fusion
        self._pump = pump
        self._log = log
        self.marker: CancelMarker | None = None

    def ask(
        self,
        dialog: Dialog,
        values: Values,
        look: Callable[[], Look],
        why_not: Callable[[Values], str],
    ) -> Values | None:
        """`values` as they are; the first time a file is written in which they can be changed. Raises
        PlosiveHostError: OPTION, and CHOICE where something is missing.
        """
        if write_first_options(options_dialog()):
            self.note(
                f"This Resolve draws no dialogs; what Lip Sync Clip does can be set in {options_path()}."
            )
        del dialog, look
        problem = why_not(values)
        if problem:
            raise PlosiveHostError(
                f"{problem} Without a dialog: lay the dub alone on an enabled audio track "
                f"under the clip, or name the faces in {options_path()}.",
                "CHOICE",
            )
        return values

    def watch(self, title: str, show: Callable[[], Shown], on_cancel: Callable[[], None]) -> None:
        self.note(title)
        marker = self.marker
        if marker is not None and marker.put():
            self.note("A marker lies on the clip while there is work; delete it to cancel.")
        printed: tuple[str, ...] = ()
        told, looked, is_cancelled = -1.0, time.monotonic(), False
        try:
            while not (shown := show()).is_over:
                if shown.fraction >= told + _STEP or _stages(shown) != printed:
                    told, printed = shown.fraction, _stages(shown)
                    self.note(f"{round(100 * shown.fraction)} %  " + "; ".join(shown.lines))
                self._pump.run_until(lambda: False, _TICK_SECONDS)
                if not is_cancelled and marker is not None and time.monotonic() > looked + _LOOK_SECONDS:
                    looked, is_cancelled = time.monotonic(), marker.is_deleted()
                    if is_cancelled:
                        self.note("The marker was deleted: cancelling.")
                        on_cancel()
        finally:
            if marker is not None:
                marker.remove()

    @contextlib.contextmanager
    def working(self, title: str) -> Iterator[OnStep]:
        said: list[str] = []

        def step(sentence: str, share: float) -> bool:
            del share
            if sentence not in said:
                said.append(sentence)
                self.note(sentence)
            return True

        yield step

    def tell(self, title: str, sentences: Sequence[str], log: Path, can_undo: bool = False) -> bool:
        """In the console, which is opened where that can be done, and in a window of the system's. Never
        undoes.
        """
        del can_undo
        for sentence in (title, *sentences, f"Log: {log}"):
            self.note(sentence)
        try:
            self._fusion.ShowConsole(True)
        except Exception:  # only some versions can; the sentences are in the log as well
            self._log.debug("The console can't be opened from here.", exc_info=True)
        show_message(title, "\n\n".join((*sentences, f"Log: {log}")), self._log)
        return False

    def note(self, sentence: str) -> None:
        self._log.info("%s", sentence)
        say(sentence)


def _stages(shown: Shown) -> tuple[str, ...]:
    """What the lines say without their numbers of frames, which change all the time."""
    return tuple(line.partition(",")[0] for line in shown.lines)
