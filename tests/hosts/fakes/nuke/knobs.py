# SPDX-License-Identifier: Apache-2.0
"""Knobs of text, pulldowns and buttons, and how any knob is made."""

from __future__ import annotations

import re
from typing import Any

from fakes.nuke.array_knobs import XY, Boolean, Double, Int
from fakes.nuke.expressions import evaluated_tcl
from fakes.nuke.knob import Knob, quoted, typed, unquoted

__all__ = ["KNOB_CLASSES", "Enumeration", "Knob", "make_knob", "quoted", "unquoted"]


class String(Knob):
    kind = "String"

    def setText(self, text: str) -> None:
        self.setValue(text)

    def getText(self) -> str:
        return str(self.value())


class Multiline(String):
    kind = "Multiline_Eval_String"


class Text(String):
    kind = "Text"


class File(String):
    kind = "File"

    def value(self) -> Any:
        return self._value

    def getEvaluatedValue(self) -> str:
        """Tcl worked out; `####` as `%04d`; frame numbers and views stay."""
        assert self._node is not None
        text = evaluated_tcl(self._value, self._node)
        return re.sub(r"#+", lambda found: f"%0{len(found[0])}d", text)

    def evaluate(self) -> str:
        text = self.getEvaluatedValue()
        frame = round(self._app().root()["frame"].now(""))
        return re.sub(r"%0?(\d*)d", lambda found: str(frame).zfill(int(found[1] or 1)), text)

    def fromUserText(self, text: str) -> None:
        self._edit()
        found = re.fullmatch(r"(.*?)(?: (-?\d+)-(-?\d+))?", typed(text, str))
        assert found
        self.setValue(found[1])
        if found[2]:
            assert self._node is not None
            for name, value in (("first", found[2]), ("last", found[3])):
                self._node[name].setValue(int(value))
                self._node[f"orig{name}"].setValue(int(value))


class Channel(String):
    kind = "Channel"


class Colorspace(String):
    kind = "Enumeration"


class Format(String):
    kind = "Format"


class Table(String):
    """A curve a channel; kept as text."""

    kind = "LookupCurves"

    def written(self) -> str:
        return str(self._value) or "{}"

    def read(self, text: str) -> None:
        self._value = text


class Metadata(String):
    """`{set key "value"}` a line; a script writes them in braces."""

    kind = "MetaData"

    def fromScript(self, script: str) -> None:
        assert not script.startswith("{\n"), "the lines alone"
        super().fromScript("{\n" + script + "\n}")

    def written(self) -> str:
        return "{\n" + self._value + "\n}" if self._value else "{}"

    def read(self, text: str) -> None:
        lines = [line.strip() for line in text[1:-1].splitlines() if line.strip()]
        assert all(re.fullmatch(r"\{(set|remove) \S+ (\S+|\".*\")\}", line) for line in lines), lines
        self._value = "\n".join(lines)


class Enumeration(Knob):
    kind = "Enumeration"
    choices: tuple[str, ...] = ()

    def values(self) -> list[str]:
        return list(self.choices)

    def setValues(self, values: list[str]) -> None:
        self._edit()
        assert all(isinstance(one, str) for one in values)
        self.choices = tuple(values)

    def numValues(self) -> int:
        return len(self.choices)

    def getValue(self) -> float:
        return float(self.choices.index(self._value))

    def checked(self, value: Any) -> Any:
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return self.choices[int(value)]
        if value not in self.choices:
            raise TypeError(f"{value!r} is none of {self.choices}")
        return value


class PyScript(Knob):
    kind = "PyScript"

    def command(self) -> str:
        return str(self._value)

    def setCommand(self, cmd: str) -> None:
        self.setValue(cmd)

    def execute(self) -> None:
        assert self._node is not None
        self._app().press(self._node, self._name)


class Tab(Knob):
    kind = "Tab"


class Link(Knob):
    """Shows a knob of a node in the group."""

    kind = "Link"

    def _target(self) -> Knob:
        assert self._node is not None
        node, _, knob = str(self._value).partition(".")
        found: Knob = self._node.node(node)[knob]  # type: ignore[attr-defined]
        return found

    def value(self) -> Any:
        return self._target().value()

    def setValue(self, val: Any) -> bool:
        return self._target().setValue(val)


KNOB_CLASSES = {
    made.__name__: made
    for made in (
        String,
        Multiline,
        Text,
        File,
        Channel,
        Colorspace,
        Format,
        Metadata,
        Table,
        Double,
        Int,
        XY,
        Boolean,
        Enumeration,
        PyScript,
        Tab,
        Link,
    )
}


def make_knob(name: str, kind: str, default: Any = "", choices: tuple[str, ...] = ()) -> Knob:
    knob = KNOB_CLASSES[kind](name)
    if isinstance(knob, Enumeration):
        knob.choices = tuple(choices)
    if kind != "XY":
        knob._value = default
    return knob
