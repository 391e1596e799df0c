# SPDX-License-Identifier: Apache-2.0
"""The Qt that the program brings: PySide6 from Nuke 16 on, PySide2 before."""

from __future__ import annotations

import importlib
from typing import Any

__all__ = ["QtCore", "QtGui", "QtWidgets", "action_class", "run_dialog"]


def _qt(module: str) -> Any:
    try:
        return importlib.import_module(f"PySide6.{module}")
    except ImportError:
        return importlib.import_module(f"PySide2.{module}")


QtCore: Any = _qt("QtCore")
QtGui: Any = _qt("QtGui")
QtWidgets: Any = _qt("QtWidgets")


def action_class() -> Any:
    """QAction moved from QtWidgets to QtGui in Qt 6."""
    return getattr(QtGui, "QAction", None) or QtWidgets.QAction


def run_dialog(dialog: Any) -> bool:
    """Whether it was accepted. PySide2 names it exec_."""
    return bool((getattr(dialog, "exec", None) or dialog.exec_)())
