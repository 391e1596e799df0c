# SPDX-License-Identifier: Apache-2.0
"""How far a reel is: the stages of each shot under its number, notes kept for the report."""

from __future__ import annotations

from plosive.progress import Progress

__all__ = ["ReelProgress"]


class ReelProgress:
    """Progress of one of a reel's renders, told to `inner` with `label` before each stage. Warnings stay with
    the render: they are in the report.
    """

    def __init__(self, inner: Progress, label: str) -> None:
        self._inner = inner
        self._label = label

    def start(self, stage: str, total_frames: int | None) -> None:
        self._inner.start(f"{self._label} {stage}", total_frames)

    def advance(self, frames: int = 1) -> None:
        self._inner.advance(frames)

    def warn(self, sentence: str) -> None:
        del sentence

    def finish(self) -> None:
        self._inner.finish()
