# SPDX-License-Identifier: Apache-2.0
"""What the action needs of a window system: drawn with Qt in the program, scripted in tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Optional, Protocol

from plosive_host.dialog import Dialog, Values

__all__ = ["Bar", "Check", "Screen"]

Check = Callable[[Values], str]
"""Why values cannot be accepted yet; empty: they can."""


class Bar(Protocol):
    """A progress bar that leaves the program free."""

    def show(self, message: str, percent: int) -> None: ...

    def close(self) -> None: ...


class Screen(Protocol):
    def ask(self, dialog: Dialog, values: Values, check: Check) -> Optional[Values]:
        """What was chosen, beginning with `values`; None: cancelled."""

    def tell(self, title: str, text: str) -> None:
        """A message of what is done, or went wrong."""

    def bar(self, title: str, on_cancel: Callable[[], None]) -> Bar:
        """A progress bar with a Cancel button."""

    def tick(self, function: Callable[[], None]) -> Callable[[], None]:
        """Call `function` in the main thread ten times a second from now on; returns what ends that."""
