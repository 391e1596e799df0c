# SPDX-License-Identifier: Apache-2.0
"""Knobs of numbers: animated, with expressions, split by view."""

from __future__ import annotations

import re
from typing import Any

from fakes.nuke.knob import Knob, quoted, typed, unquoted

__all__ = ["XY", "Array", "Boolean", "Double", "Int"]


class Array(Knob):
    def setValue(self, val: Any, chan: int = 0) -> bool:
        return super().setValue(val)

    def getValueAt(self, frame: float, index: int = 0, view: str | None = None) -> Any:
        return self.now(view or "", float(typed(frame, (int, float))))

    def setAnimated(self, channel: int = -1) -> bool:
        self._edit()
        self._keys = self._keys or {float(self._app().root()["frame"].now("")): self._value}
        return True

    def clearAnimated(self, channel: int = -1) -> bool:
        self._edit()
        self._value, self._keys = self.value(), {}
        self._expressions.clear()
        return True

    def setValueAt(self, val: Any, time: float, index: int = 0, view: str | None = None) -> bool:
        self._edit()
        assert self._keys, "not animated: setAnimated first"
        self._keys[float(time)] = self.checked(val)
        return True

    def splitView(self, view: str) -> None:
        self._edit()
        assert view in self._app().views(), f"there is no view {view}"
        self._views[view] = self._value

    def unsplitView(self, view: str) -> None:
        self._edit()
        self._views.pop(view, None)
        self._expressions.pop(view, None)

    def written(self) -> str:
        if self._views:  # the real form of split knobs in a script was never seen
            parts = [f"{view} {self._expressions.get(view, value)}" for view, value in self._views.items()]
            return (
                "{{" + self._expressions.get("", self._text(self._value)) + "} views " + " ".join(parts) + "}"
            )
        if "" in self._expressions:
            return "{{" + quoted(self._expressions[""]) + "}}"
        if self._keys:
            keys = " ".join(f"x{frame:g} {value:g}" for frame, value in sorted(self._keys.items()))
            return "{{curve L " + keys + "}}"
        return self._text(self._value)

    def read(self, text: str) -> None:
        views = re.fullmatch(r"\{\{(.*)\} views (.*)\}", text, re.DOTALL)
        if views:
            self._read_one(views[1])
            words = views[2].split()
            for view, value in zip(words[::2], words[1::2], strict=True):
                self._views[view] = self._value
                self._expressions[view] = value
        elif text.startswith("{"):
            inner = re.fullmatch(r"\{+(.*?)\}+", text, re.DOTALL)
            assert inner, text
            self._read_one(inner[1])
        else:
            self._value = self._of_text(text)

    def _read_one(self, text: str) -> None:
        if text.startswith("curve"):
            pairs = re.findall(r"x(-?[\d.]+) (-?[\d.e-]+)", text)
            assert pairs, text
            self._keys = {float(frame): float(value) for frame, value in pairs}
        elif re.fullmatch(r"-?[\d.]+", text):
            self._value = self._of_text(text)
        else:
            self._expressions[""] = unquoted(text)

    def _text(self, value: Any) -> str:
        return f"{value:g}" if isinstance(value, float) else str(value)

    def _of_text(self, text: str) -> Any:
        return self.checked(int(text, 16) if text.startswith("0x") else float(text))


class Double(Array):
    kind = "Double"

    def checked(self, value: Any) -> Any:
        if isinstance(value, bool):
            raise TypeError("a number is wanted")
        return float(typed(value, (int, float)))


class Int(Array):
    kind = "Int"

    def checked(self, value: Any) -> Any:
        if isinstance(value, bool):
            raise TypeError("a whole number is wanted")
        return int(typed(value, (int, float)))

    def now(self, view: str, frame: float | None = None) -> Any:
        return int(super().now(view, frame))


class XY(Array):
    kind = "XY"

    def __init__(self, name: str, label: str = "") -> None:
        super().__init__(name, label)
        self._value = [0.0, 0.0]
        self._curves = ""

    def checked(self, value: Any) -> Any:
        x, y = value
        return [float(x), float(y)]

    def written(self) -> str:
        return self._curves or "{" + f"{self._value[0]:g} {self._value[1]:g}" + "}"

    def read(self, text: str) -> None:
        self._curves = text if "{{" in text else ""  # curves and expressions are kept, not worked out
        if not self._curves:
            self._value = [float(word) for word in text.strip("{}").split()]


class Boolean(Array):
    kind = "Boolean"

    def checked(self, value: Any) -> Any:
        return bool(typed(value, (bool, int, float)))

    def now(self, view: str, frame: float | None = None) -> Any:
        return bool(super().now(view, frame))

    def written(self) -> str:
        return super().written().lower() if not self._expressions else super().written()

    def read(self, text: str) -> None:
        if text in ("true", "false"):
            self._value = text == "true"
        else:
            super().read(text)
