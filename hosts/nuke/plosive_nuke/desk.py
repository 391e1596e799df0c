# SPDX-License-Identifier: Apache-2.0
"""What one Nuke has at work: its sessions with Plosive, and its runs."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from typing import Any

import nuke
from plosive_host import PlosiveHostError, Pump, Session
from plosive_host.log import host_log, log_path
from plosive_nuke.plan import Plan
from plosive_nuke.progress import show_progress
from plosive_nuke.run import Run
from plosive_nuke.showing import is_alive

__all__ = ["LOG_NAME", "Desk", "desk"]

LOG_NAME = "nuke"


class Desk:
    """With the GUI callbacks come through `nuke.executeInMainThread`; without, who waits runs `pump`."""

    def __init__(self) -> None:
        self.log: logging.Logger = host_log(LOG_NAME)
        self.pump = Pump()
        self._sessions: dict[str, Session] = {}
        self._runs: list[Run] = []

    def session(self, python: str) -> Session:
        """One that runs; requests wait for its hello. Raises PlosiveHostError."""
        session = self._sessions.get(python)
        if session is None:
            deliver: Callable[[Callable[[], None]], Any] = nuke.executeInMainThread if nuke.GUI else self.pump
            name = f"Nuke {nuke.NUKE_VERSION_STRING}"
            session = self._sessions[python] = Session(name, deliver, python, on_log=self.log.info)
        if not session.is_running:
            session.start(on_error=self._not_ready)
        return session

    def run_of(self, node: nuke.Node) -> Run | None:
        """The run of a node that is not over."""
        self._runs = [run for run in self._runs if not run.is_over]
        return next((run for run in self._runs if _is_same(run.node, node)), None)

    def start(self, node: nuke.Node, plan: Plan, python: str, job: tuple[str, int] | None = None) -> Run:
        """Begin a plan, or take up one whose job (id, place in the plan) runs. Raises PlosiveHostError."""
        run = Run(node, plan, self.session(python), self.log, self._ended)
        self._runs.append(run)
        if job is None:
            run.start()
        else:
            run.take_up(*job)
        if nuke.GUI:
            show_progress(run)
        return run

    def close(self) -> None:
        """End the sessions; jobs go on in the daemon."""
        for session in self._sessions.values():
            session.close()

    def _ended(self, run: Run, error: PlosiveHostError | None) -> None:
        if error is not None and error.code != "CANCELLED" and nuke.GUI:
            nuke.message(f"Lip Sync {run.plan.label}\n\n{error}\n\nLog: {log_path(LOG_NAME)}")

    def _not_ready(self, error: PlosiveHostError) -> None:
        self.log.error("%s (%s)", error, error.code)


@functools.lru_cache(maxsize=1)
def desk() -> Desk:
    """This Nuke's."""
    return Desk()


def _is_same(one: nuke.Node, other: nuke.Node) -> bool:
    return is_alive(one) and is_alive(other) and bool(one.fullName() == other.fullName())
