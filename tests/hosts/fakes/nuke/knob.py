# SPDX-License-Identifier: Apache-2.0
"""What all knobs have: values, animation, expressions, views. Edits are refused outside the main thread."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from fakes.nuke.expressions import evaluated_expression

if TYPE_CHECKING:
    from fakes.nuke.nodes import Node

__all__ = ["Knob", "quoted", "typed", "unquoted"]


class Knob:
    """A knob as Python sees it. `kind` is a name of `KNOB_CLASSES`."""

    kind = "Knob"

    def __init__(self, name: str, label: str = "") -> None:
        self._name, self._label, self._tooltip = name, label or name, ""
        self._node: Node | None = None
        self._value: Any = ""
        self._views: dict[str, Any] = {}
        self._expressions: dict[str, str] = {}
        self._keys: dict[float, float] = {}
        self._flags: set[int] = set()
        self._is_enabled = self._is_visible = True
        self.user_text = ""  # as addUserKnob wrote it; empty: the node's own

    def name(self) -> str:
        return self._name

    def label(self) -> str:
        return self._label

    def setLabel(self, label: str) -> None:
        self._edit()
        self._label = typed(label, str)

    def tooltip(self) -> str:
        return self._tooltip

    def node(self) -> Node | None:
        return self._node

    def Class(self) -> str:
        return f"{self.kind}_Knob"

    def setEnabled(self, enabled: bool) -> None:
        self._edit()
        self._is_enabled = typed(enabled, bool)

    def enabled(self) -> bool:
        return self._is_enabled

    def setVisible(self, visible: bool) -> None:
        self._edit()
        self._is_visible = typed(visible, bool)

    def visible(self) -> bool:
        return self._is_visible

    def setFlag(self, flag: int) -> None:
        self._edit()
        self._flags.add(typed(flag, int))

    def clearFlag(self, flag: int) -> None:
        self._edit()
        self._flags.discard(flag)

    def getFlag(self, flag: int) -> bool:
        return flag in self._flags

    def value(self) -> Any:
        return self.now("")

    def getValue(self) -> Any:
        return self.value()

    def setValue(self, val: Any) -> bool:
        self._edit()
        made = self.checked(val)
        is_new = made != self._value or bool(self._keys or self._expressions)
        self._record(self._value)
        self._value, self._keys = made, {}
        self._expressions.pop("", None)
        if is_new:
            self._changed()
        return True

    def isAnimated(self, *channel: int) -> bool:
        return bool(self._keys)

    def hasExpression(self, index: int = -1) -> bool:
        return bool(self._expressions)

    def setExpression(self, expression: str, index: int = -1, view: str | None = None) -> bool:
        self._edit()
        if view is not None:
            assert view in self._views or view == self._app().views()[0], f"{view} was not split"
        self._expressions[view or ""] = typed(expression, str)
        return True

    def toScript(self, quote: bool = True) -> str:
        return self.written()

    def fromScript(self, script: str) -> None:
        self._edit()
        self.read(script)
        self._changed()

    # of the fake

    def checked(self, value: Any) -> Any:
        return typed(value, str)

    def now(self, view: str, frame: float | None = None) -> Any:
        """The value, worked out."""
        expression = self._expressions.get(view, self._expressions.get(""))
        if view in self._views and view not in self._expressions:
            return self._views[view]
        if expression is not None:
            assert self._node is not None
            at = self._app().root()["frame"].now("") if frame is None else frame
            return evaluated_expression(expression, self._node, at, view)
        if self._keys:
            return _between(self._keys, self._app().root()["frame"].now("") if frame is None else frame)
        return self._value

    def written(self) -> str:
        return quoted(str(self._value))

    def read(self, text: str) -> None:
        self._value = self.checked(unquoted(text))

    def _app(self) -> Any:
        assert self._node is not None
        return self._node.app

    def _edit(self) -> None:
        if self._node is not None:
            self._node.alive()
            self._app().threads.must_be_main(f"knob {self._name} of {self._node.name()}")

    def _record(self, old: Any) -> None:
        if self._node is not None:
            self._app().undo_stack.note(lambda: setattr(self, "_value", old))

    def _changed(self) -> None:
        if self._node is not None:
            self._node.knob_changed(self)


def quoted(text: str) -> str:
    """A value as a script holds it."""
    if text and not re.search(r'[\s"\\\[\]{}$;]', text):
        return text
    escaped = re.sub(r'([\\"\[\]$])', r"\\\1", text).replace("\n", "\\n")
    return f'"{escaped}"'


def unquoted(text: str) -> str:
    if text.startswith('"') and text.endswith('"') and len(text) > 1:
        return re.sub(
            r"\\(.)", lambda found: "\n" if found[1] == "n" else found[1], text[1:-1], flags=re.DOTALL
        )
    return text


def typed(value: Any, kind: Any) -> Any:
    if not isinstance(value, kind):
        raise TypeError(f"{value!r} is no {kind}")
    return value


def _between(keys: dict[float, float], frame: float) -> float:
    before = max((at for at in keys if at <= frame), default=min(keys))
    after = min((at for at in keys if at >= frame), default=max(keys))
    if before == after:
        return keys[before]
    return keys[before] + (keys[after] - keys[before]) * (frame - before) / (after - before)
