# SPDX-License-Identifier: Apache-2.0
"""Scripts as text: written and read, strictly. A node is what a stack holds: its inputs come from the top.

`addUserKnob {number name l label t tooltip M {choices} R low high T "script" +FLAG -STARTLINE}`.
"""

from __future__ import annotations

import re
from typing import Any

from fakes.nuke.facts import CLASSES, COMMON, ROOT, USER_KINDS
from fakes.nuke.knobs import Enumeration, Knob, make_knob, quoted, unquoted
from fakes.nuke.nodes import Group, Node

__all__ = ["knob_lines", "read_script", "script_of", "words_of"]

_FLAGS = {"INVISIBLE", "DISABLED", "STARTLINE", "HIDDEN"}


def script_of(nodes: list[Node], is_copy: bool, root: Node | None = None) -> str:
    """`is_copy`: as nodeCopy writes it, to be pasted onto what is selected."""
    lines = ["set cut_paste_input [stack 0]"] if is_copy else []
    lines.append("version 15.1 v1")
    if root is not None:
        lines += ["Root {", *(f" {line}" for line in knob_lines(root)), "}"]
    lines += _body(nodes, is_copy)
    return "\n".join(lines) + "\n"


def _body(nodes: list[Node], is_copy: bool = False) -> list[str]:
    lines: list[str] = []
    written: list[Node] = []
    ordered: list[Node] = []

    def visit(node: Node) -> None:
        if node in ordered:
            return
        for source in node._inputs:
            if source is not None and source in nodes:
                visit(source)
        ordered.append(node)

    for node in nodes:
        visit(node)
    for node in ordered:
        for place, source in reversed(list(enumerate(node._inputs))):
            outside = "push $cut_paste_input" if is_copy and place == 0 else "push 0"
            lines.append(f"push $N{id(source):x}" if source in written else outside)
        lines.append(f"{node._kind} {{")
        if len(node._inputs) != 1:
            lines.append(f" inputs {len(node._inputs)}")
        lines += [f" {line}" for line in knob_lines(node)]
        lines.append("}")
        if isinstance(node, Group):
            lines += [f" {line}" for line in _body(node.nodes())] + ["end_group"]
        lines.append(f"set N{id(node):x} [stack 0]")
        written.append(node)
    return lines


def knob_lines(node: Node) -> list[str]:
    own = {**COMMON, **(ROOT if node._kind == "Root" else CLASSES[node._kind])}
    lines = []
    for name, knob in node._knobs.items():
        if knob.user_text:
            lines.append(f"addUserKnob {{{_user(knob)}}}")
            if knob.kind not in ("Tab", "PyScript", "Link"):
                lines.append(f"{name} {knob.written()}")
            continue
        if name == "selected" or make_knob(name, *own[name]).written() == knob.written():
            continue
        lines.append(f"{name} {knob.written()}")
    return lines


def _user(knob: Knob) -> str:
    text = knob.user_text
    if isinstance(knob, Enumeration):
        text = re.sub(r" M \{.*?\}(?= |$)", "", text, flags=re.DOTALL)
        text += " M {" + " ".join(quoted(one) for one in knob.choices) + "}"
    if knob.kind == "Text":
        text = re.sub(r' T ".*"$', "", text, flags=re.DOTALL) + f" T {quoted(str(knob.value()))}"
    if not knob.visible() and "+INVISIBLE" not in text:
        text += " +INVISIBLE"
    return text


def words_of(text: str) -> list[str]:
    """Words of a Tcl list: bare, in quotes, in braces; quotes and braces stay."""
    words, at = [], 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        start = at
        if text[at] == "{":
            depth = 0
            while True:
                if text[at] == "\\":
                    at += 1
                elif text[at] == "{":
                    depth += 1
                elif text[at] == "}":
                    depth -= 1
                at += 1
                if depth == 0:
                    break
        elif text[at] == '"':
            at += 1
            while text[at] != '"':
                at += 2 if text[at] == "\\" else 1
            at += 1
        else:
            while at < len(text) and not text[at].isspace():
                at += 1
        words.append(text[start:at])
    return words


def read_script(text: str, app: Any, into: Group, selected: Node | None) -> list[Node]:
    """The nodes made at the top. Raises AssertionError or RuntimeError for what Nuke does not know."""
    return _Reader(app, into, selected).read(text)


class _Reader:
    def __init__(self, app: Any, into: Group, selected: Node | None) -> None:
        self._app = app
        self._groups: list[tuple[Group, list[Node | None]]] = [(into, [selected])]
        self._kept: dict[str, Node | None] = {}
        self._made: list[Node] = []

    def read(self, text: str) -> list[Node]:
        commands = _commands(text)
        for command in commands:
            self._run(command)
        assert len(self._groups) == 1, "a group was not ended"
        return self._made

    def _run(self, words: list[str]) -> None:
        stack = self._groups[-1][1]
        if words[0] == "version":
            return
        if words[0] == "set":
            assert words[2:] == ["[stack", "0]"], words
            self._kept[words[1]] = stack[-1] if stack else None
        elif words[0] == "push":
            assert words[1] == "0" or words[1][1:] in self._kept, f"can't read {words[1]}: no such variable"
            stack.append(None if words[1] == "0" else self._kept[words[1][1:]])
        elif words[0] == "add_layer":
            name, *channels = words_of(words[1][1:-1])
            assert all(one.startswith(f"{name}.") for one in channels)
            self._app.layers.setdefault(name, channels)
        elif words[0] == "end_group":
            self._groups.pop()
        else:
            assert len(words) == 2 and words[1].startswith("{"), words
            self._node(words[0], words[1][1:-1])

    def _node(self, kind: str, body: str) -> None:
        group, stack = self._groups[-1]
        knobs = words_of(body)
        assert len(knobs) % 2 == 0, f"{kind}: a knob without a value near {knobs[-1]}"
        pairs = list(zip(knobs[::2], knobs[1::2], strict=True))
        given = dict(pairs)
        if kind == "Root":
            node: Node = self._app.root()
        else:
            node = Group(self._app, kind, group) if kind == "Group" else Node(self._app, kind, group)
            group.add(node, given.get("name", ""))
            count = int(given.get("inputs", "1"))
            node._inputs = [stack.pop() if stack else None for _ in range(count)]
            if len(self._groups) == 1:
                self._made.append(node)
        for name, value in pairs:
            if name == "addUserKnob":
                _add_user_knob(node, value[1:-1])
            elif name not in ("inputs", "name") or kind == "Root":
                assert name in node._knobs, f"{kind} has no knob {name}"
                node._knobs[name].read(value)
        if kind == "Root":
            return
        stack.append(node)
        if isinstance(node, Group):
            self._groups.append((node, []))


def _add_user_knob(node: Node, text: str) -> None:
    words = words_of(text)
    kind = USER_KINDS[int(words[0])]
    name = unquoted(words[1])
    knob = make_knob(name, kind, _user_default(kind))
    knob.user_text = text
    at = 2
    while at < len(words):
        word = words[at]
        if word[0] in "+-":
            assert word[1:] in _FLAGS, f"unknown flag {word}"
            if word == "+INVISIBLE":
                knob._is_visible = False
            at += 1
        elif word == "R":
            float(words[at + 1]), float(words[at + 2])
            at += 3
        else:
            value = words[at + 1]
            if word == "l":
                knob._label = unquoted(value)
            elif word == "t":
                knob._tooltip = unquoted(value)
            elif word == "M":
                assert isinstance(knob, Enumeration)
                knob.choices = tuple(unquoted(one) for one in words_of(value[1:-1]))
                knob._value = knob.choices[0]
            elif word == "T":
                assert kind in ("PyScript", "Text", "Link"), f"T for {kind}"
                knob._value = unquoted(value)
            else:
                raise AssertionError(f"addUserKnob: what is {word}?")
            at += 2
    assert not name or name not in node._knobs, f"{name} is there already"
    node._own(knob) if name else None


def _user_default(kind: str) -> Any:
    return {"Int": 0, "Double": 0.0, "Boolean": False}.get(kind, "")


def _commands(text: str) -> list[list[str]]:
    """A command a line, but braces and quotes go over lines."""
    commands, start, at, depth, is_quoted = [], 0, 0, 0, False
    while at <= len(text):
        letter = text[at] if at < len(text) else "\n"
        if letter == "\\":
            at += 2
            continue
        if letter == '"':
            is_quoted = not is_quoted
        elif not is_quoted and letter in "{}":
            depth += 1 if letter == "{" else -1
        elif letter == "\n" and depth == 0 and not is_quoted:
            line = text[start:at].strip()
            if line and not line.startswith("#"):
                commands.append(words_of(line))
            start = at + 1
        at += 1
    assert depth == 0 and not is_quoted
    return commands
