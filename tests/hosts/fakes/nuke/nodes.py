# SPDX-License-Identifier: Apache-2.0
"""Nodes, groups and the root."""

from __future__ import annotations

from typing import Any

from fakes.nuke.facts import CLASSES, COMMON, INPUTS, ROOT
from fakes.nuke.knobs import Knob, make_knob
from fakes.nuke.shapes import Format, FrameRange

__all__ = ["Group", "Node", "Root"]


class Node:
    """A node. Once deleted, every call raises ValueError, as in Nuke."""

    def __init__(self, app: Any, kind: str, parent: Group | None) -> None:
        if kind != "Root" and kind not in CLASSES:
            raise RuntimeError(f"{kind}: Unknown command")
        self.app, self._kind, self._parent = app, kind, parent
        self._inputs: list[Node | None] = []
        self._knobs: dict[str, Knob] = {}
        self._is_gone = False
        for name, facts in {**COMMON, **(ROOT if kind == "Root" else CLASSES[kind])}.items():
            self._own(make_knob(name, *facts))

    def _own(self, knob: Knob) -> None:
        knob._node = self
        self._knobs[knob.name()] = knob

    def alive(self) -> None:
        if self._is_gone:
            raise ValueError("A PythonObject is not attached to a node")

    def Class(self) -> str:
        self.alive()
        return self._kind

    def name(self) -> str:
        self.alive()
        return str(self._knobs["name"]._value)

    def fullName(self) -> str:
        above = self.parent()
        return (
            self.name() if above is None or above is self.app.root() else f"{above.fullName()}.{self.name()}"
        )

    def setName(self, name: str, uncollide: bool = True, updateExpressions: bool = False) -> None:
        assert self._parent is not None
        self._knobs["name"]._value = self._parent.free_name(name) if uncollide else name

    def parent(self) -> Group | None:
        self.alive()
        return self._parent

    def knob(self, p: str, follow_link: bool = True) -> Knob | None:
        self.alive()
        return self._knobs.get(p)

    def knobs(self) -> dict[str, Knob]:
        self.alive()
        return dict(self._knobs)

    def allKnobs(self) -> list[Knob]:
        return list(self.knobs().values())

    def __getitem__(self, name: str) -> Knob:
        self.alive()
        if name not in self._knobs:
            raise NameError(f"knob {name} does not exist")
        return self._knobs[name]

    def addKnob(self, knob: Knob) -> None:
        self.app.threads.must_be_main(self.name())
        self._own(knob)

    def input(self, index: int) -> Node | None:
        self.alive()
        return self._inputs[index] if 0 <= index < len(self._inputs) else None

    def inputs(self) -> int:
        return len(self._inputs)

    def setInput(self, i: int, node: Node | None) -> bool:
        self.alive()
        self.app.threads.must_be_main(f"an input of {self.name()}")
        most = self.maxInputs()
        if i >= most:
            return False
        self._inputs += [None] * (i + 1 - len(self._inputs))
        self._inputs[i] = node
        if self._knobs["knobChanged"]._value and not self.app.is_loading:
            self.app.run_script(self._knobs["knobChanged"]._value, self, make_knob("inputChange", "String"))
        return True

    def maxInputs(self) -> int:
        if isinstance(self, Group):
            return sum(1 for node in self.nodes() if node.Class() == "Input")
        return INPUTS.get(self._kind, 1)

    def dependencies(self, mask: int = 7) -> list[Node]:
        self.alive()
        return [one for one in self._inputs if one is not None]

    def firstFrame(self) -> int:
        return self.frameRange().first()

    def lastFrame(self) -> int:
        return self.frameRange().last()

    def frameRange(self) -> FrameRange:
        first, last = self._range()
        return FrameRange(first, last)

    def _range_sources(self) -> list[Node]:
        """All inputs count, chosen by a Switch or not: whether Nuke's Switch does so was never seen."""
        if isinstance(self, Group):
            return [one for one in self.nodes() if one.Class() == "Output"]
        if self._kind == "Input" and self._parent is not None:
            above = self._parent.input(self["number"].value())
            return [] if above is None else [above]
        return [one for one in self._inputs if one is not None]

    def _range_or_none(self) -> tuple[int, int] | None:
        """None where nothing is connected."""
        return (
            self._range()
            if self._kind == "Read" or any(one._range_or_none() for one in self._range_sources())
            else None
        )

    def _range(self) -> tuple[int, int]:
        if self._kind == "Read":
            first, last = self["first"].value(), self["last"].value()
            if self["frame_mode"].value() == "start at" and self["frame"].value():
                start = int(self["frame"].value())
                return start, start + last - first
            return first, last
        ranges = [one for one in (source._range_or_none() for source in self._range_sources()) if one]
        if not ranges:
            return self.app.root()["first_frame"].value(), self.app.root()["last_frame"].value()
        first, last = min(one[0] for one in ranges), max(one[1] for one in ranges)
        if self._kind == "TimeOffset":
            offset = int(self["time_offset"].value())
            return first + offset, last + offset
        return first, last

    def format(self) -> Format:
        return Format(*self._size())

    def width(self) -> int:
        return self._size()[0]

    def height(self) -> int:
        return self._size()[1]

    def pixelAspect(self) -> float:
        return float(self.app.pictures.show(self, self.firstFrame(), self.app.views()[0]).aspect)

    def _size(self) -> tuple[int, int]:
        picture = self.app.pictures.show(self, self.firstFrame(), self.app.views()[0])
        return picture.width, picture.height

    def channels(self) -> list[str]:
        return sorted(self.app.pictures.show(self, self.firstFrame(), self.app.views()[0]).planes)

    def metadata(self, key: str | None = None, time: float | None = None, view: str | None = None) -> Any:
        at = self.app.root()["frame"].value() if time is None else time
        told = self.app.pictures.show(self, round(at), view or self.app.views()[0]).metadata
        return told if key is None else told.get(key)

    def opHashes(self) -> list[int]:
        return [hash(self.writeKnobs())]

    def hasError(self) -> bool:
        self.alive()
        return False

    def isSelected(self) -> bool:
        return bool(self["selected"].value())

    def setSelected(self, selected: bool) -> None:
        self._knobs["selected"]._value = bool(selected)

    def showControlPanel(self, forceFloat: bool = False) -> None:
        if not self.app.GUI:
            raise RuntimeError("there is no panel without the GUI")

    def setXYpos(self, x: int, y: int) -> None:
        self["xpos"].setValue(x)
        self["ypos"].setValue(y)

    def xpos(self) -> int:
        return int(self["xpos"].value())

    def ypos(self) -> int:
        return int(self["ypos"].value())

    def writeKnobs(self, flags: int = 0) -> str:
        """Knobs that are not at their default, a line each."""
        from fakes.nuke.script import knob_lines

        return "\n".join(knob_lines(self))

    def knob_changed(self, knob: Knob) -> None:
        script = self._knobs["knobChanged"]._value
        if script and not self.app.is_loading:
            self.app.run_script(script, self, knob)


class Group(Node):
    def __init__(self, app: Any, kind: str, parent: Group | None) -> None:
        super().__init__(app, kind, parent)
        self._nodes: list[Node] = []

    def nodes(self) -> list[Node]:
        self.alive()
        return list(self._nodes)

    def node(self, s: str) -> Node | None:
        self.alive()
        name, _, rest = s.partition(".")
        found = next((node for node in self._nodes if node.name() == name), None)
        if rest:
            return found.node(rest) if isinstance(found, Group) else None
        return found

    def add(self, node: Node, name: str = "") -> None:
        self._nodes.append(node)
        node._knobs["name"]._value = self.free_name(name or f"{node._kind}1", node)

    def free_name(self, wanted: str, besides: Node | None = None) -> str:
        taken = {node.name() for node in self._nodes if node is not besides}
        if wanted not in taken:
            return wanted
        stem = wanted.rstrip("0123456789")
        number = 1
        while f"{stem}{number}" in taken:
            number += 1
        return f"{stem}{number}"

    def begin(self) -> Group:
        self.app.groups.append(self)
        return self

    def end(self) -> None:
        assert self.app.groups[-1] is self
        self.app.groups.pop()

    def __enter__(self) -> Group:
        return self.begin()

    def __exit__(self, *error: object) -> None:
        self.end()

    def run(self, call: Any) -> Any:
        with self:
            return call()


class Root(Group):
    def fps(self) -> int:
        return round(self["fps"].value())

    def realFps(self) -> float:
        return float(self["fps"].value())

    def firstFrame(self) -> int:
        return int(self["first_frame"].value())

    def lastFrame(self) -> int:
        return int(self["last_frame"].value())

    def setProxy(self, is_on: bool) -> None:
        self["proxy"].setValue(is_on)

    def proxy(self) -> bool:
        return bool(self["proxy"].value())
