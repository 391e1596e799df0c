# SPDX-License-Identifier: Apache-2.0
"""The screen of Resolve Studio."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from plosive_host import Pump
from plosive_host.dialog import Dialog, Values
from plosive_resolve import message_window
from plosive_resolve.application import Host
from plosive_resolve.console import say
from plosive_resolve.dialog_resolve import DialogWindow
from plosive_resolve.progress_window import ProgressWindow, StepWindow
from plosive_resolve.screen import Look, OnStep, Shown

__all__ = ["WindowScreen"]


class WindowScreen:
    has_dialogs = True

    def __init__(self, host: Host, pump: Pump, log: logging.Logger) -> None:
        self._host = host
        self._pump = pump
        self._log = log

    def ask(
        self,
        dialog: Dialog,
        values: Values,
        look: Callable[[], Look],
        why_not: Callable[[Values], str],
    ) -> Values | None:
        window = DialogWindow(self._host, dialog, values, self._pump, why_not)
        shown = Look()

        def tick() -> None:
            nonlocal shown
            now = look()
            if now.sentence != shown.sentence:
                window.status(now.sentence)
            if now.people is not None and now.people != shown.people:
                window.show_people(now.people)
            shown = now

        return window.run(tick)

    def watch(self, title: str, show: Callable[[], Shown], on_cancel: Callable[[], None]) -> None:
        ProgressWindow(self._host, title, self._pump, show, on_cancel).run()

    @contextlib.contextmanager
    def working(self, title: str) -> Iterator[OnStep]:
        steps = StepWindow(self._host, title, self._pump)
        try:
            yield steps.step
        finally:
            steps.close()

    def tell(self, title: str, sentences: Sequence[str], log: Path, can_undo: bool = False) -> bool:
        for sentence in sentences:
            self._log.info("told: %s", sentence)
            say(sentence)
        return message_window.tell(self._host, title, sentences, log, can_undo)

    def note(self, sentence: str) -> None:
        self._log.info("%s", sentence)
        say(sentence)
