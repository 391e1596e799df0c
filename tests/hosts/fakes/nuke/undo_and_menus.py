# SPDX-License-Identifier: Apache-2.0
"""Undo and menus."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["Menu", "UndoStack"]


class UndoStack:
    """`nuke.Undo`: a context manager with a name; what is noted while it is off is lost."""

    def __init__(self) -> None:
        self.groups: list[tuple[str, list[Callable[[], None]]]] = []
        self._off = 0
        self._open = 0

    def note(self, undo: Callable[[], None]) -> None:
        if self._off:
            return
        if not self._open:
            self.groups.append(("", []))
        if self.groups:
            self.groups[-1][1].append(undo)

    def make(self) -> Any:
        stack = self

        class Undo:
            def __init__(self, name: str = "") -> None:
                self._name = name

            def __enter__(self) -> Undo:
                stack.groups.append((self._name, []))
                stack._open += 1
                return self

            def __exit__(self, *error: object) -> None:
                stack._open -= 1

            @staticmethod
            def disable() -> None:
                stack._off += 1

            @staticmethod
            def enable() -> None:
                assert stack._off, "Undo.enable without disable"
                stack._off -= 1

            @staticmethod
            def disabled() -> bool:
                return stack._off > 0

        return Undo

    def undo(self) -> None:
        for one in reversed(self.groups.pop()[1]):
            one()


class Menu:
    def __init__(self, name: str) -> None:
        self._name, self.commands, self.menus = name, {}, {}  # type: ignore[var-annotated]

    def addMenu(self, name: str, icon: str = "", tooltip: str = "", index: int = -1) -> Menu:
        return self.menus.setdefault(name, Menu(name))  # type: ignore[no-any-return]

    def menu(self, name: str) -> Menu | None:
        return self.menus.get(name)

    def addCommand(
        self, name: str, command: Any = None, shortcut: str = "", icon: str = "", tooltip: str = "",
        index: int = -1, readonly: bool = False, shortcutContext: int = 0,
    ) -> None:  # fmt: skip
        self.commands[name] = command

    def addSeparator(self) -> None:
        self.commands[f"-{len(self.commands)}"] = None
