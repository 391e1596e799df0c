# SPDX-License-Identifier: Apache-2.0
"""A dialog drawn with Resolve's UIManager."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from plosive_host import Pump
from plosive_host.dialog import Dialog, Field, Values
from plosive_resolve.application import Host
from plosive_resolve.people import Person
from plosive_resolve.window import Window

__all__ = ["DialogWindow"]

_WIDTH = 620
_LABEL_WIDTH = 130
_LINE_HEIGHT = 31
_HEIGHTS = {"words": 90, "faces": 150}
_HEADING = "QLabel { font-weight: bold; }"
_FACE_PIXELS = 64


class DialogWindow:
    """`run` shows it and returns what was chosen, None when it was cancelled or closed.

    `people` that are found while it is open are shown with `show_people`: rows with their pictures, and
    entries of every field whose name begins with "face:". `status` is a line at its foot.
    """

    def __init__(
        self,
        host: Host,
        dialog: Dialog,
        values: Values,
        pump: Pump,
        why_not: Callable[[Values], str],
    ) -> None:
        self._host = host
        self._why_not = why_not
        self._dialog = dialog
        self._accepted: Values | None = None
        self._choices = {
            field.name: [(option.value, option.label) for option in field.options] for field in dialog.fields
        }
        height = 90 + sum(
            30 + sum(_HEIGHTS.get(line[0].kind, _LINE_HEIGHT) for line in section.lines)
            for section in dialog.sections
        )
        self._window = Window(host, dialog.title, (_WIDTH, height), self._build, pump, self._cancel)
        self._window.on("Accept", "Clicked", self._accept)
        self._window.on("Cancel", "Clicked", self._cancel)
        for field in dialog.fields:
            self._fill(field, values.get(field.name, field.default))
            self._connect(field)

    def run(self, tick: Callable[[], None] | None = None) -> Values | None:
        self._window.run(tick)
        return self._accepted

    def status(self, text: str) -> None:
        self._item("Status").Text = text

    def show_people(self, people: Sequence[Person]) -> None:
        for field in self._dialog.fields:
            if field.kind == "faces":
                self._list_people(self._item(field.name), people)
            elif field.name.startswith("face:"):
                known = {value for value, _ in self._choices[field.name]}
                for person in people:
                    if person.face not in known:
                        self._choices[field.name].append((person.face, person.label))
                        self._item(field.name).AddItem(person.label)

    def _build(self, ui: Any) -> Any:
        rows: list[Any] = []
        for section in self._dialog.sections:
            if section.title:
                rows.append(ui.Label({"Text": section.title, "StyleSheet": _HEADING, "Weight": 0}))
            rows += [self._line(ui, line) for line in section.lines]
        rows.append(ui.Label({"ID": "Status", "Text": "", "WordWrap": True, "Weight": 0}))
        buttons = [
            ui.HGap(0, 1),
            ui.Button({"ID": "Cancel", "Text": self._dialog.cancel, "Weight": 0}),
            ui.Button({"ID": "Accept", "Text": self._dialog.accept, "Default": True, "Weight": 0}),
        ]
        return ui.VGroup([*rows, ui.HGroup({"Weight": 0}, buttons)])

    def _line(self, ui: Any, line: tuple[Field, ...]) -> Any:
        row = self._row(ui, line[0])
        if len(line) == 1:
            return row
        beside = [one for field in line[1:] for one in self._controls(ui, field)]
        return ui.HGroup({"Weight": 0}, [row, *beside])

    def _row(self, ui: Any, field: Field) -> Any:
        name = _element(field.name)
        if field.kind == "note":
            return ui.Label({"ID": name, "Text": field.label, "WordWrap": True, "Weight": 0})
        if field.kind == "flag":
            return ui.CheckBox({"ID": name, "Text": field.label, "ToolTip": field.help, "Weight": 1})
        if field.kind == "faces":
            return ui.Tree(
                {
                    "ID": name,
                    "ColumnCount": 2,
                    "HeaderHidden": True,
                    "RootIsDecorated": False,
                    "IconSize": [_FACE_PIXELS, _FACE_PIXELS],
                    "Events": {"ItemClicked": True},
                    "Weight": 1,
                }
            )
        label = ui.Label(
            {"Text": field.label, "MinimumSize": [_LABEL_WIDTH, 20], "MaximumSize": [_LABEL_WIDTH, 60]}
        )
        return ui.HGroup({"Weight": 0}, [label, *self._controls(ui, field)])

    def _controls(self, ui: Any, field: Field) -> list[Any]:
        name, hint = _element(field.name), {"ToolTip": field.help, "Weight": 1}
        if field.kind == "choice":
            return [ui.ComboBox({"ID": name, "Editable": field.is_open, **hint})]
        bounds = {"Minimum": field.lowest, "Maximum": field.highest}
        if field.kind == "percent":
            slider = ui.Slider({"ID": name + "Slider", "Orientation": "Horizontal", **bounds, **hint})
            return [slider, ui.SpinBox({"ID": name, "Suffix": " %", **bounds, "Weight": 0})]
        if field.kind == "frames":
            return [ui.SpinBox({"ID": name, **bounds, "ToolTip": field.help, "Weight": 0}), ui.HGap(0, 1)]
        if field.kind == "words":
            return [ui.TextEdit({"ID": name, **hint})]
        line = ui.LineEdit({"ID": name, "PlaceholderText": field.help, **hint})
        if field.kind == "text":
            return [line]
        return [line, ui.Button({"ID": name + "Browse", "Text": "Browse…", "Weight": 0})]

    def _fill(self, field: Field, value: Any) -> None:
        if not field.is_asked:
            return
        item = self._item(field.name)
        if field.kind == "choice":
            for _, label in self._choices[field.name]:
                item.AddItem(label)
            kept = [option for option, _ in self._choices[field.name]]
            if value not in kept:  # typed another day
                self._choices[field.name].append((value, value))
                item.AddItem(value)
                kept.append(value)
            item.CurrentIndex = kept.index(value)
        elif field.kind == "flag":
            item.Checked = bool(value)
        elif field.kind in ("percent", "frames"):
            item.Value = value
            if field.kind == "percent":
                self._item(field.name, "Slider").Value = value
        elif field.kind == "words":
            item.PlainText = value
        else:
            item.Text = value

    def _connect(self, field: Field) -> None:
        name = _element(field.name)
        if field.kind == "percent":
            slider, box = self._item(field.name, "Slider"), self._item(field.name)
            self._window.on(name + "Slider", "ValueChanged", lambda: _follow(box, slider))
            self._window.on(name, "ValueChanged", lambda: _follow(slider, box))
        elif field.kind in ("file", "folder"):
            self._window.on(name + "Browse", "Clicked", lambda: self._browse(field))
        elif field.kind == "faces":
            self._window.on(name, "ItemClicked", lambda: self._pick(field))

    def _browse(self, field: Field) -> None:
        item = self._item(field.name)
        ask = self._host.fusion.RequestFile if field.kind == "file" else self._host.fusion.RequestDir
        chosen = ask(str(item.Text or ""))
        if chosen:
            item.Text = str(chosen)

    def _pick(self, field: Field) -> None:
        """A click on a face is the choice for the voice, where there is one only."""
        voices = [other.name for other in self._dialog.fields if other.name.startswith("face:")]
        row = self._item(field.name).CurrentItem()
        if len(voices) != 1 or row is None:
            return
        labels = [label for _, label in self._choices[voices[0]]]
        if row.Text[1] in labels:
            self._item(voices[0]).CurrentIndex = labels.index(row.Text[1])

    def _list_people(self, tree: Any, people: Sequence[Person]) -> None:
        tree.Clear()
        tree.ColumnWidth[0] = _FACE_PIXELS + 16
        for person in people:
            row = tree.NewItem()
            if person.picture_path:
                row.Icon[0] = self._window.ui.Icon({"File": str(Path(person.picture_path))})
            row.Text[1] = person.label
            tree.AddTopLevelItem(row)

    def _read(self, field: Field) -> Any:
        item = self._item(field.name)
        if field.kind == "choice":
            index = int(item.CurrentIndex)
            choices = self._choices[field.name]
            text = str(item.CurrentText or "").strip()
            if field.is_open and not (0 <= index < len(choices) and choices[index][1] == text):
                return next((value for value, label in choices if label == text), text)
            return choices[index][0] if 0 <= index < len(choices) else field.default
        if field.kind == "flag":
            return bool(item.Checked)
        if field.kind in ("percent", "frames"):
            return int(item.Value)
        return str((item.PlainText if field.kind == "words" else item.Text) or "").strip()

    def _accept(self) -> None:
        values = {field.name: self._read(field) for field in self._dialog.fields if field.is_asked}
        for field in self._dialog.fields:
            problem = field.problem(values[field.name]) if field.is_asked else ""
            if problem and not field.name.startswith("face:"):  # people came while it was open
                self.status(f"{field.label} must be {problem}.")
                return
        problem = self._why_not(values)
        if problem:
            self.status(problem)
            return
        self._accepted = values
        self._window.end()

    def _cancel(self) -> None:
        self._window.end()

    def _item(self, name: str, suffix: str = "") -> Any:
        return self._window.items[_element(name) + suffix]


def _element(name: str) -> str:
    """An ID of UIManager: letters, digits and underscores."""
    return "".join(letter if letter.isascii() and letter.isalnum() else f"_{ord(letter)}_" for letter in name)


def _follow(item: Any, other: Any) -> None:
    if int(item.Value) != int(other.Value):  # or the two would call each other for ever
        item.Value = other.Value
