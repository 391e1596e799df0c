# SPDX-License-Identifier: Apache-2.0
"""Progress on a terminal: one bar per stage with frames, frames a second and time left."""

from __future__ import annotations

from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, ProgressColumn, Task, TaskID, TextColumn, TimeRemainingColumn
from rich.progress import Progress as RichProgress
from rich.text import Text

__all__ = ["ConsoleProgress"]


class ConsoleProgress:
    """Implements `plosive.progress.Progress` on stderr. Use as a context manager.

    Where stderr is not a terminal it draws nothing; warnings are still told, each once.
    """

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(stderr=True, highlight=False)
        self.warnings: list[str] = []
        self._bars: RichProgress | None = None
        self._current: TaskID | None = None

    def __enter__(self) -> ConsoleProgress:
        if self.console.is_terminal:
            self._bars = RichProgress(
                TextColumn("{task.description:<10}"),
                BarColumn(bar_width=32),
                FramesColumn(),
                SpeedColumn(),
                TimeRemainingColumn(compact=True, elapsed_when_finished=True),
                console=self.console,
                refresh_per_second=8,
            )
            self._bars.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bars is not None:
            if kind is None:
                self.finish()
            self._bars.stop()
            self._bars = None

    def start(self, stage: str, total_frames: int | None) -> None:
        """A new bar; the one before is done."""
        self.finish()
        if self._bars is not None:
            self._current = self._bars.add_task(stage, total=total_frames)

    def advance(self, frames: int = 1) -> None:
        """Move the current bar."""
        if self._bars is not None and self._current is not None:
            self._bars.advance(self._current, frames)

    def warn(self, sentence: str) -> None:
        """Tell it at once, above the bars."""
        if sentence in self.warnings:
            return
        self.warnings.append(sentence)
        self.console.print(Text(f"Note: {sentence}", style="yellow"), soft_wrap=True)

    def finish(self) -> None:
        """The current bar is full."""
        if self._bars is not None and self._current is not None:
            task = next(task for task in self._bars.tasks if task.id == self._current)
            self._bars.update(self._current, total=task.completed)
        self._current = None


class FramesColumn(ProgressColumn):
    """`38/96 frames`; `38 frames` while nobody knows how many there are; nothing where none are counted."""

    def render(self, task: Task) -> Text:
        done = int(task.completed)
        if not done and not task.total:
            return Text("")
        return Text(f"{done} frames" if task.total is None else f"{done}/{int(task.total)} frames")


class SpeedColumn(ProgressColumn):
    """Frames a second so far."""

    def render(self, task: Task) -> Text:
        seconds = task.finished_time or task.elapsed
        return Text(f"{task.completed / seconds:.1f} fps" if seconds and task.completed else "")
