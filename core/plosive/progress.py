# SPDX-License-Identifier: Apache-2.0
"""How long work tells how far it is, and learns that it should stop."""

from __future__ import annotations

from typing import Protocol

__all__ = ["Progress", "SilentProgress"]


class Progress(Protocol):
    """Receives progress of one job; any method may raise `JobCancelled` to stop the work cleanly."""

    def start(self, stage: str, total_frames: int | None) -> None:
        """A stage begins (`faces`, `speech`, ...); None when its length is unknown."""

    def advance(self, frames: int = 1) -> None:
        """`frames` more are done in the current stage."""

    def warn(self, sentence: str) -> None:
        """Something the artist should know; the work goes on."""

    def finish(self) -> None:
        """The current stage is done."""


class SilentProgress:
    """Tells nobody; collects warnings in `warnings`."""

    def __init__(self) -> None:
        self.warnings: list[str] = []

    def start(self, stage: str, total_frames: int | None) -> None:
        del stage, total_frames

    def advance(self, frames: int = 1) -> None:
        del frames

    def warn(self, sentence: str) -> None:
        self.warnings.append(sentence)

    def finish(self) -> None:
        return
