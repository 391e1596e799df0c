# SPDX-License-Identifier: Apache-2.0
"""What one Nuke Studio or Hiero has at work: a session with Plosive, and its runs."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Optional

from plosive_hiero import LOG_NAME
from plosive_hiero.program import product_and_version
from plosive_hiero.run import Run
from plosive_hiero.screen import Bar, Screen
from plosive_host import PlosiveHostError, Pump, Session
from plosive_host.log import host_log, log_path

__all__ = ["Desk"]


class Desk:
    """The main thread looks ten times a second, while there are runs, for what the session's threads have
    to say: Hiero has no `executeInMainThread` of its own, and a project is edited on the main thread only.
    """

    def __init__(self, screen: Screen) -> None:
        self.screen = screen
        self.log: logging.Logger = host_log(LOG_NAME)
        self._pump = Pump()
        self._session: Optional[Session] = None
        self._runs: dict[int, tuple[Run, Bar]] = {}
        self._stop_ticking: Optional[Callable[[], None]] = None

    @property
    def is_busy(self) -> bool:
        return bool(self._runs)

    def start(
        self, label: str, sync: dict[str, Any], place: Callable[[dict[str, Any]], tuple[str, ...]]
    ) -> Run:
        """Begin a job; returns at once. Raises PlosiveHostError."""
        run = Run(label, sync, self._running_session(), self.log, place, self._ended)
        self._runs[id(run)] = (run, self.screen.bar(f"Lip Sync {label}", run.cancel))
        if self._stop_ticking is None:
            self._stop_ticking = self.screen.tick(self._tick)
        run.start()
        return run

    def close(self) -> None:
        """End the session; jobs go on in the daemon."""
        if self._session is not None:
            self._session.close()

    def _running_session(self) -> Session:
        if self._session is None:
            name = " ".join(product_and_version()).strip()
            self._session = Session(name, self._pump, on_log=self.log.info)
        if not self._session.is_running:
            self._session.start(on_error=lambda error: self.log.error("%s (%s)", error, error.code))
        return self._session

    def _tick(self) -> None:
        self._pump.run_waiting()
        for run, bar in list(self._runs.values()):
            if not run.is_over:
                bar.show(run.message, run.percent)

    def _ended(self, run: Run) -> None:
        _, bar = self._runs.pop(id(run))
        bar.close()
        if not self._runs and self._stop_ticking is not None:
            self._stop_ticking()
            self._stop_ticking = None
        if run.error is None:
            self.screen.tell(f"Lip Sync {run.label}", "\n\n".join([f"{run.summary}.", *run.notes[:8]]))
        elif run.error.code != "CANCELLED":
            self.tell_error(run.label, run.error)

    def tell_error(self, label: str, error: PlosiveHostError) -> None:
        self.screen.tell(f"Lip Sync {label}".strip(), f"{error}\n\nLog: {log_path(LOG_NAME)}")
