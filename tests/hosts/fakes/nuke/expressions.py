# SPDX-License-Identifier: Apache-2.0
"""Expressions of knobs (`frame < parent.first ? 0 : 1`) and the few Tcl commands that file knobs hold."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fakes.nuke.nodes import Node

__all__ = ["evaluated_expression", "evaluated_tcl"]

_TOKEN = re.compile(r"\s*(\d+\.?\d*|[A-Za-z_][\w.]*|\|\||&&|[<>=!]=|[-+*/%<>!?:()])")


def evaluated_expression(text: str, node: Node, frame: float, view: str) -> float:
    tokens, at = [], 0
    while text[at:].strip():
        found = _TOKEN.match(text, at)
        assert found, f"not an expression: {text[at:]}"
        tokens.append(found[1])
        at = found.end()
    reader = _Reader(tokens, node, frame, view)
    value = reader.choice()
    assert not reader.tokens, f"left over: {reader.tokens}"
    return value


class _Reader:
    def __init__(self, tokens: list[str], node: Node, frame: float, view: str) -> None:
        self.tokens, self._node, self._frame, self._view = tokens, node, frame, view

    def choice(self) -> float:
        test = self._level(0)
        if not self._take("?"):
            return test
        yes = self.choice()
        assert self._take(":")
        no = self.choice()
        return yes if test else no

    _LEVELS = (("||",), ("&&",), ("==", "!="), ("<", ">", "<=", ">="), ("+", "-"), ("*", "/", "%"))

    def _level(self, depth: int) -> float:
        if depth == len(self._LEVELS):
            return self._one()
        left = self._level(depth + 1)
        while self.tokens and self.tokens[0] in self._LEVELS[depth]:
            sign = self.tokens.pop(0)
            right = self._level(depth + 1)
            left = float(
                {
                    "||": bool(left) or bool(right), "&&": bool(left) and bool(right), "==": left == right,
                    "!=": left != right, "<": left < right, ">": left > right, "<=": left <= right,
                    ">=": left >= right, "+": left + right, "-": left - right, "*": left * right,
                    "/": left / right if sign == "/" else 0, "%": left % right if sign == "%" else 0,
                }[sign]
            )  # fmt: skip
        return left

    def _one(self) -> float:
        if self._take("!"):
            return float(not self._one())
        if self._take("-"):
            return -self._one()
        if self._take("("):
            value = self.choice()
            assert self._take(")")
            return value
        word = self.tokens.pop(0)
        if word[0].isdigit():
            return float(word)
        if word == "frame":
            return self._frame
        return _number(_knob_of(word, self._node), self._frame, self._view)

    def _take(self, word: str) -> bool:
        if self.tokens and self.tokens[0] == word:
            self.tokens.pop(0)
            return True
        return False


def _number(knob: Any, frame: float, view: str) -> float:
    if knob.kind == "Enumeration":
        return float(knob.getValue())
    return float(knob.now(view, frame))


def _knob_of(path: str, node: Any) -> Any:
    words = path.split(".")
    while len(words) > 1:
        word = words.pop(0)
        if word == "parent":
            node = node.parent()
        elif word == "root":
            node = node.app.root()
        else:
            found = node.parent().node(word)
            assert found is not None, f"no node {word} beside {node.name()}"
            node = found
    return node[words[0]]


def evaluated_tcl(text: str, node: Any) -> str:
    """Commands in square brackets, innermost first."""
    while found := re.search(r"(?<!\\)\[([^\[\]]*)\]", text):
        text = text[: found.start()] + _command(found[1].split(None, 2), node) + text[found.end() :]
    return text


def _command(words: list[str], node: Any) -> str:
    if words[0] == "value":
        knob = _knob_of(words[1], node)
        told = knob.getEvaluatedValue() if knob.kind == "File" else knob.value()
        return f"{told:g}" if isinstance(told, float) else str(told)
    if words[0] == "getenv":
        return os.environ.get(words[1], "")
    if words[0] == "file":
        path = words[2]
        return {
            "dirname": os.path.dirname(path) or ".",
            "tail": os.path.basename(path),
            "rootname": os.path.splitext(path)[0],
        }[words[1]]
    raise RuntimeError(f'invalid command name "{words[0]}"')
