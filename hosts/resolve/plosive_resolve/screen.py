# SPDX-License-Identifier: Apache-2.0
"""What the artist sees: windows where Resolve draws them, else the console."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from plosive_host.dialog import Dialog, Values
from plosive_resolve.people import Person

__all__ = ["Look", "OnStep", "Screen", "Shown"]


OnStep = Callable[[str, float], bool]


@dataclass(frozen=True)
class Shown:
    """What a progress view shows: `lines` of text, `fraction` 0 to 1, the latest frame's picture (a path,
    empty: none); with `is_over` it closes.
    """

    lines: tuple[str, ...]
    fraction: float
    preview_path: str = ""
    is_over: bool = False


@dataclass(frozen=True)
class Look:
    """What a look for faces has found: a sentence for the dialog's foot, and people once they are known."""

    sentence: str = ""
    people: tuple[Person, ...] | None = None


class Screen(Protocol):
    @property
    def has_dialogs(self) -> bool:
        """Whether `ask` asks an artist, who sees what a look for faces finds."""

    def ask(
        self,
        dialog: Dialog,
        values: Values,
        look: Callable[[], Look],
        why_not: Callable[[Values], str],
    ) -> Values | None:
        """What was chosen; None: cancelled. `look` is asked now and then while the dialog is open; while
        `why_not` says something of what was chosen, it is not accepted.
        """

    def watch(self, title: str, show: Callable[[], Shown], on_cancel: Callable[[], None]) -> None:
        """Show what `show` says until it is over; `on_cancel` is called at most once."""

    def working(self, title: str) -> AbstractContextManager[OnStep]:
        """For work in this thread: what it gives is told of each step, a sentence and a share from 0 to 1,
        and says whether to go on.
        """

    def tell(self, title: str, sentences: Sequence[str], log: Path, can_undo: bool = False) -> bool:
        """Sentences the artist must see. With `can_undo` they may be answered by undoing: True."""

    def note(self, sentence: str) -> None:
        """A sentence for the console only."""
