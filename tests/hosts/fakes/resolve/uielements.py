# SPDX-License-Identifier: Apache-2.0
"""Elements of windows: which there are, what they may be told, what they report [V: the README's UIManager
part].
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from fakes.resolve.rejection import FakeRejection

if TYPE_CHECKING:
    from fakes.resolve.application import FakeApplication

__all__ = ["ELEMENTS", "EVENTS", "Element", "TreeRow"]

COMMON = frozenset(
    [
        "ID",
        "Weight",
        "Enabled",
        "Visible",
        "Hidden",
        "ToolTip",
        "StyleSheet",
        "Font",
        "Events",
        "MinimumSize",
        "MaximumSize",
        "FixedSize",
        "Geometry",
        "FixedY",
        "FixedX",
        "Margin",
        "Spacing",
        "Alignment",
        "FrameStyle",
    ]
)
ELEMENTS: dict[str, frozenset[str]] = {
    kind: COMMON | frozenset(names.split())
    for kind, names in {
        "Window": "WindowTitle WindowFlags WindowModality Target",
        "VGroup": "",
        "HGroup": "",
        "VGap": "",
        "HGap": "",
        "Stack": "CurrentIndex",
        "Label": "Text WordWrap Indent",
        "Button": "Text Down Checkable Checked Icon IconSize Flat AutoDefault Default",
        "CheckBox": "Text Down Checkable Checked Tristate CheckState",
        "ComboBox": "ItemText Editable CurrentIndex CurrentText Count",
        "SpinBox": "Value Minimum Maximum SingleStep Prefix Suffix ReadOnly Wrapping",
        "Slider": "Value Minimum Maximum SingleStep PageStep Orientation Tracking SliderPosition",
        "LineEdit": "Text PlaceholderText MaxLength ReadOnly Modified ClearButtonEnabled EchoMode",
        "TextEdit": "Text PlainText PlaceholderText HTML ReadOnly TextColor TabStopWidth LineWrapMode",
        "ColorPicker": "Text Color Tracking DoAlpha",
        "Font": "Family StyleName PointSize PixelSize Bold Italic Underline Overline StrikeOut MonoSpaced",
        "Icon": "File",
        "TabBar": "CurrentIndex TabsClosable Expanding AutoHide Movable DrawBase",
        "Tree": "ColumnCount SortingEnabled ItemsExpandable HeaderHidden IconSize RootIsDecorated "
        "SelectionMode SelectionBehavior UniformRowHeights AlternatingRowColors WordWrap ColumnWidth",
        "Timer": "Interval SingleShot RemainingTime IsActive TimerType",
    }.items()
}
EVENTS: dict[str, frozenset[str]] = {
    kind: frozenset(names.split())
    for kind, names in {
        "Window": "Close Show Hide Resize MousePress MouseRelease KeyPress KeyRelease FocusIn FocusOut",
        "Button": "Clicked Toggled Pressed Released",
        "CheckBox": "Clicked Toggled Pressed Released",
        "ComboBox": "CurrentIndexChanged CurrentTextChanged TextEdited EditTextChanged EditingFinished "
        "ReturnPressed Activated",
        "SpinBox": "ValueChanged EditingFinished",
        "Slider": "ValueChanged SliderMoved ActionTriggered SliderPressed SliderReleased RangeChanged",
        "LineEdit": "TextChanged TextEdited EditingFinished ReturnPressed SelectionChanged "
        "CursorPositionChanged",
        "TextEdit": "TextChanged SelectionChanged CursorPositionChanged",
        "ColorPicker": "ColorChanged",
        "TabBar": "CurrentChanged CloseRequested TabMoved TabBarClicked TabBarDoubleClicked",
        "Tree": "CurrentItemChanged ItemClicked ItemPressed ItemActivated ItemDoubleClicked ItemChanged "
        "ItemEntered ItemExpanded ItemCollapsed ItemSelectionChanged",
    }.items()
}


class TreeRow:
    """A row of a Tree: `row.Text[0] = "A"`."""

    def __init__(self) -> None:
        self.Text: dict[int, str] = {}
        self.Icon: dict[int, Any] = {}
        self.CheckState: dict[int, Any] = {}
        self.Selected = False

    @property
    def texts(self) -> list[str]:
        return [self.Text[column] for column in sorted(self.Text)]


class Element:
    """One element. Attributes are read and written as attributes; a name it does not have is refused."""

    def __init__(
        self, app: FakeApplication, kind: str, values: dict[str, Any], children: list[Element]
    ) -> None:
        object.__setattr__(self, "kind", kind)
        object.__setattr__(self, "values", values)
        object.__setattr__(self, "children", children)
        object.__setattr__(self, "choices", [])
        object.__setattr__(self, "rows", [])
        object.__setattr__(self, "is_active", False)
        object.__setattr__(self, "app", app)
        for name, value in values.items():
            self._check(name, value)

    kind: str
    values: dict[str, Any]
    children: list[Element]
    choices: list[str]
    rows: list[TreeRow]
    is_active: bool
    app: FakeApplication

    @staticmethod
    def made(app: FakeApplication, kind: str, parts: Sequence[Any]) -> Element:
        """From attributes and children in any order; a number alone is a gap's or a group's weight."""
        values: dict[str, Any] = {}
        children: list[Element] = []
        for part in parts:
            if isinstance(part, dict):
                values.update({name: value for name, value in part.items() if isinstance(name, str)})
                children += [value for name, value in part.items() if not isinstance(name, str)]
            elif isinstance(part, list | tuple):
                children += part
            elif isinstance(part, int | float):
                values["Weight"] = part
            else:
                raise FakeRejection(f"{kind}: {part!r}")
        if children and kind not in ("VGroup", "HGroup", "Stack"):
            raise FakeRejection(f"a {kind} holds no elements")
        if not all(isinstance(child, Element) for child in children):
            raise FakeRejection(f"{kind}: what is no element cannot be laid out")
        element = Element(app, kind, values, children)
        if kind == "Timer":
            app.timers.append(element)
        return element

    def walk(self) -> Iterator[Element]:
        yield self
        for child in self.children:
            yield from child.walk()

    @property
    def is_visible(self) -> bool:
        return bool(self.values.get("Visible", True)) and not self.values.get("Hidden", False)

    def _check(self, name: str, value: Any) -> None:
        if name not in ELEMENTS[self.kind]:
            raise FakeRejection(f"a {self.kind} has no {name}")
        if name in ("Value", "Minimum", "Maximum", "CurrentIndex") and (
            isinstance(value, bool) or not isinstance(value, int)
        ):
            raise FakeRejection(
                f"{self.kind}.{name} is a whole number, not {value!r}"
            )  # [V] there is no double
        if name == "Text" and not isinstance(value, str):
            raise FakeRejection(f"{self.kind}.Text is text, not {value!r}")

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "is_active":
            object.__setattr__(self, name, value)
            return
        self._check(name, value)
        if name == "Value":
            low, high = self.values.get("Minimum", 0), self.values.get("Maximum", 99)  # [I] Qt's own bounds
            value = min(max(value, low), high)
        self.values[name] = value
        if name == "CurrentIndex" and self.kind == "ComboBox" and value < len(self.choices):
            self.values["CurrentText"] = self.choices[value]
        if name == "CurrentText" and value in self.choices:
            self.values["CurrentIndex"] = self.choices.index(value)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if name not in ELEMENTS[self.kind]:
            raise FakeRejection(f"a {self.kind} has no {name}")
        if name == "Count":
            return len(self.choices)
        defaults: dict[str, Any] = {
            "Value": 0,
            "Text": "",
            "Checked": False,
            "CurrentIndex": 0,
            "Enabled": True,
            "ColumnWidth": {},  # tree.ColumnWidth[0] = 80
        }
        return self.values.get(name, defaults.get(name, "" if name == "CurrentText" else None))

    def __getitem__(self, name: str) -> Any:
        return getattr(self, name)

    def __setitem__(self, name: str, value: Any) -> None:
        setattr(self, name, value)

    # ComboBox and TabBar

    def AddItem(self, text: str) -> None:
        self._only("ComboBox")
        if not isinstance(text, str):
            raise FakeRejection(f"ComboBox.AddItem: {text!r}")
        self.choices.append(text)
        if len(self.choices) == 1:
            self.values.update(CurrentIndex=0, CurrentText=text)

    def AddItems(self, texts: list[str]) -> None:
        for text in texts:
            self.AddItem(text)

    def AddTab(self, text: str) -> int:
        self._only("TabBar")
        self.choices.append(text)
        return len(self.choices) - 1

    def Clear(self) -> None:
        self._only("ComboBox", "Tree", "LineEdit", "TextEdit")
        self.choices.clear()
        self.rows.clear()
        self.values.update(CurrentIndex=-1, CurrentText="") if self.kind == "ComboBox" else self.values.pop(
            "Text", ""
        )

    # Tree

    def SetHeaderLabels(self, labels: list[str]) -> None:
        self._only("Tree")

    def NewItem(self) -> TreeRow:
        self._only("Tree")
        return TreeRow()

    def AddTopLevelItem(self, row: TreeRow) -> None:
        self._only("Tree")
        self.rows.append(row)

    def AddTopLevelItems(self, rows: list[TreeRow]) -> None:
        for row in rows:
            self.AddTopLevelItem(row)

    def TopLevelItemCount(self) -> int:
        self._only("Tree")
        return len(self.rows)

    def CurrentItem(self) -> TreeRow | None:
        self._only("Tree")
        return next((row for row in self.rows if row.Selected), None)

    # LineEdit, TextEdit, Timer

    def SetFocus(self) -> None:
        pass

    def Append(self, text: str) -> None:
        self._only("TextEdit")
        self.values["PlainText"] = f"{self.values.get('PlainText', '')}{text}\n"

    def Start(self) -> None:
        self._only("Timer")
        self.is_active = True

    def Stop(self) -> None:
        self._only("Timer")
        self.is_active = False

    def _only(self, *kinds: str) -> None:
        if self.kind not in kinds:
            raise FakeRejection(f"a {self.kind} does not do that; {' or '.join(kinds)} does")
