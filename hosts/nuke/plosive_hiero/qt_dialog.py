# SPDX-License-Identifier: Apache-2.0
"""Draws a dialog's description with Qt."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Optional

from plosive_hiero.qt_modules import QtWidgets, run_dialog
from plosive_hiero.screen import Check
from plosive_host.dialog import Dialog, Field, Value, Values

__all__ = ["DialogWindow", "ask_dialog"]

_WIDTH = 520


def ask_dialog(dialog: Dialog, values: Values, check: Check, parent: Any) -> Optional[Values]:
    """What was chosen; None: cancelled."""
    window = DialogWindow(dialog, values, check, parent)
    return window.values() if run_dialog(window.window) else None


class DialogWindow:
    """`window` is the QDialog. What keeps it from being accepted is said above its buttons."""

    def __init__(self, dialog: Dialog, values: Values, check: Check, parent: Any) -> None:
        self.window = QtWidgets.QDialog(parent)
        self.window.setWindowTitle(dialog.title)
        self.window.setMinimumWidth(_WIDTH)
        self._dialog = dialog
        self._check = check
        self._readers: dict[str, Callable[[], Value]] = {}
        outer = QtWidgets.QVBoxLayout(self.window)
        for section in dialog.sections:
            box = QtWidgets.QGroupBox(section.title)
            form = QtWidgets.QFormLayout(box)
            for line in section.lines:
                self._line(form, line, values)
            outer.addWidget(box)
        self.why = QtWidgets.QLabel()
        self.why.setWordWrap(True)
        outer.addWidget(self.why)
        kinds = QtWidgets.QDialogButtonBox
        self.buttons = kinds(kinds.Ok | kinds.Cancel)
        self.buttons.button(kinds.Ok).setText(dialog.accept)
        self.buttons.button(kinds.Cancel).setText(dialog.cancel)
        self.buttons.accepted.connect(self.window.accept)
        self.buttons.rejected.connect(self.window.reject)
        outer.addWidget(self.buttons)
        self._changed()

    def values(self) -> Values:
        return {name: read() for name, read in self._readers.items()}

    def _line(self, form: Any, line: tuple[Field, ...], values: Values) -> None:
        first = line[0]
        if len(line) == 1 and first.kind == "note":
            label = QtWidgets.QLabel(first.label)
            label.setWordWrap(True)
            form.addRow(label)
            return
        row = QtWidgets.QHBoxLayout()
        for field in line:
            if field.is_asked:
                widget = self._widget(field, values.get(field.name, field.default))
                widget.setToolTip(field.help)
                row.addWidget(widget)
        form.addRow("" if first.kind == "flag" else first.label, row)

    def _widget(self, field: Field, value: Value) -> Any:
        make = {
            "flag": self._flag,
            "choice": self._choice,
            "percent": self._number,
            "frames": self._number,
            "words": self._words,
            "file": self._path,
            "folder": self._path,
        }.get(field.kind, self._text)
        return make(field, value)

    def _flag(self, field: Field, value: Value) -> Any:
        widget = QtWidgets.QCheckBox(field.label)
        widget.setChecked(bool(value))
        widget.toggled.connect(self._changed)
        self._readers[field.name] = lambda: bool(widget.isChecked())
        return widget

    def _choice(self, field: Field, value: Value) -> Any:
        widget = QtWidgets.QComboBox()
        widget.setEditable(field.is_open)
        for option in field.options:
            widget.addItem(option.label, option.value)
        labels = {option.label: option.value for option in field.options}
        at = next((at for at, option in enumerate(field.options) if option.value == value), -1)
        if at >= 0:
            widget.setCurrentIndex(at)
        elif field.is_open:
            widget.setEditText(str(value))
        widget.currentTextChanged.connect(self._changed)
        self._readers[field.name] = lambda: labels.get(widget.currentText(), widget.currentText().strip())
        return widget

    def _number(self, field: Field, value: Value) -> Any:
        widget = QtWidgets.QSpinBox()
        widget.setRange(field.lowest, field.highest)
        widget.setSuffix(" %" if field.kind == "percent" else "")
        widget.setValue(int(value))
        widget.valueChanged.connect(self._changed)
        self._readers[field.name] = lambda: int(widget.value())
        return widget

    def _text(self, field: Field, value: Value) -> Any:
        widget = QtWidgets.QLineEdit(str(value))
        widget.setPlaceholderText(field.help)
        widget.textChanged.connect(self._changed)
        self._readers[field.name] = lambda: str(widget.text())
        return widget

    def _words(self, field: Field, value: Value) -> Any:
        widget = QtWidgets.QPlainTextEdit(str(value))
        widget.setFixedHeight(3 * widget.fontMetrics().lineSpacing() + 12)
        widget.textChanged.connect(self._changed)
        self._readers[field.name] = lambda: str(widget.toPlainText())
        return widget

    def _path(self, field: Field, value: Value) -> Any:
        whole = QtWidgets.QWidget()
        row = QtWidgets.QHBoxLayout(whole)
        row.setContentsMargins(0, 0, 0, 0)
        line = self._text(field, value)
        button = QtWidgets.QPushButton("Browse…")

        def browse() -> None:
            files = QtWidgets.QFileDialog
            if field.kind == "folder":
                path = files.getExistingDirectory(self.window, field.label, line.text())
            else:
                path = files.getOpenFileName(self.window, field.label, line.text())[0]
            if path:
                line.setText(path)

        button.clicked.connect(browse)
        row.addWidget(line)
        row.addWidget(button)
        return whole

    def _changed(self, *_: object) -> None:
        if not hasattr(self, "buttons"):
            return  # still being made
        why = self._check(self.values())
        self.why.setText(why)
        self.buttons.button(QtWidgets.QDialogButtonBox.Ok).setEnabled(not why)
