# SPDX-License-Identifier: Apache-2.0
"""The screen in Qt: PySide6 from Nuke 16 on, PySide2 before (VFX Reference Platform)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Optional

from plosive_hiero.qt_dialog import ask_dialog
from plosive_hiero.qt_modules import QtCore, QtWidgets, action_class
from plosive_hiero.screen import Bar, Check
from plosive_host.dialog import Dialog, Values

__all__ = ["QtScreen", "action"]

_TICK_MILLISECONDS = 100


def action(title: str) -> Any:
    """An entry for a menu."""
    made = action_class()(title, None)
    made.setObjectName("plosive.lipsyncclip")
    return made


class QtScreen:
    """As plosive_hiero.screen.Screen."""

    def ask(self, dialog: Dialog, values: Values, check: Check) -> Optional[Values]:
        return ask_dialog(dialog, values, check, _main_window())

    def tell(self, title: str, text: str) -> None:
        box = QtWidgets.QMessageBox(_main_window())
        box.setWindowTitle(title)
        box.setText(text)
        box.setAttribute(QtCore.Qt.WA_DeleteOnClose)
        box.setModal(False)  # a job that ends must not hold up what the artist does meanwhile
        box.show()

    def bar(self, title: str, on_cancel: Callable[[], None]) -> Bar:
        return _Bar(title, on_cancel)

    def tick(self, function: Callable[[], None]) -> Callable[[], None]:
        timer = QtCore.QTimer(_main_window())
        timer.timeout.connect(function)
        timer.start(_TICK_MILLISECONDS)

        def stop() -> None:
            timer.stop()
            timer.deleteLater()

        return stop


class _Bar:
    """A window beside the program's own. Cancel, or closing it, ends the job."""

    def __init__(self, title: str, on_cancel: Callable[[], None]) -> None:
        self._window = QtWidgets.QProgressDialog(title, "Cancel", 0, 100, _main_window())
        self._title = title
        self._window.setWindowTitle(title)
        self._window.setModal(False)
        self._window.setMinimumDuration(0)
        self._window.setAutoClose(False)
        self._window.setAutoReset(False)
        self._window.canceled.connect(on_cancel)
        self._on_cancel = on_cancel
        self._window.setValue(0)
        self._window.show()

    def show(self, message: str, percent: int) -> None:
        self._window.setLabelText(f"{self._title}\n{message}")
        self._window.setValue(percent)

    def close(self) -> None:
        self._window.canceled.disconnect(self._on_cancel)  # closing it emits that, too
        self._window.close()
        self._window.deleteLater()


def _main_window() -> Any:
    import hiero.ui

    return hiero.ui.mainWindow()
