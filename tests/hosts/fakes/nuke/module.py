# SPDX-License-Identifier: Apache-2.0
"""The module `nuke`: what is not here raises AttributeError."""

from __future__ import annotations

import os
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fakes.nuke import knobs
from fakes.nuke.nodes import Group, Node, Root
from fakes.nuke.pictures import Pictures
from fakes.nuke.script import read_script, script_of
from fakes.nuke.threads import ProgressTask, Threads
from fakes.nuke.undo_and_menus import Menu, UndoStack

__all__ = ["FakeNuke", "install"]


class FakeNuke(types.ModuleType):
    """`threads`, `tasks`, `messages`, `printed`, `undo_stack`, `pictures` and the methods in small letters
    with underscores are the test's; the rest is Nuke's.
    """

    Node, Group, Root = Node, Group, Root
    INPUTS, HIDDEN_INPUTS, EXPRESSIONS, LINKINPUTS = 1, 2, 4, 8
    REPLACE = 1
    WRITE_ALL, WRITE_NON_DEFAULT_ONLY, TO_SCRIPT, TO_VALUE, WRITE_USER_KNOB_DEFS = 1, 2, 4, 8, 16
    INVISIBLE, NO_UNDO, STARTLINE, DISABLED = 1024, 524288, 4096, 128

    def __init__(self, version: tuple[int, int], is_gui: bool, is_indie: bool, folder: Path) -> None:
        super().__init__("nuke")
        self.NUKE_VERSION_MAJOR, self.NUKE_VERSION_MINOR = version
        self.NUKE_VERSION_RELEASE = 1
        self.NUKE_VERSION_STRING = f"{version[0]}.{version[1]}v1"
        self.GUI = is_gui
        self.env = {
            "gui": is_gui, "indie": is_indie, "nc": False, "studio": False, "hiero": False,
            "NukeVersionString": self.NUKE_VERSION_STRING, "ExecutablePath": str(folder / "Nuke"),
        }  # fmt: skip
        self.EXE_PATH = str(folder / "Nuke")
        self.threads, self.undo_stack, self.pictures = Threads(), UndoStack(), Pictures(self)
        self.Undo = self.undo_stack.make()
        self.tasks: list[ProgressTask] = []
        self.messages: list[str] = []
        self.printed: list[str] = []
        self.revealed: list[str] = []
        self.rendered: list[tuple[str, int, int, str]] = []
        self.is_loading = False
        self.layers = {"rgba": [f"rgba.{one}" for one in ("red", "green", "blue", "alpha")]}
        self.groups: list[Group] = []
        self.fail_render_at: int | None = None
        self._menus: dict[str, Menu] = {}
        self._callbacks: dict[str, list[Any]] = {}
        self._context: list[tuple[Any, Any]] = []
        self._is_executing = False
        self._root = Root(self, "Root", None)
        self.nodes = _Nodes(self)

    # Nuke's own

    def root(self) -> Root:
        return self._root

    def views(self) -> list[str]:
        return str(self._root["views"]._value).split()

    def frame(self, f: int | None = None) -> int:
        if f is not None:
            self._root["frame"].setValue(f)
        return round(self._root["frame"].value())

    def createNode(self, typ: str, knobs: str = "", inpanel: bool = True) -> Node:
        self.threads.must_be_main("the script")
        node = (Group if typ == "Group" else Node)(self, typ, self._here())
        self._here().add(node)
        selected = self._selected()
        if selected is not None and node.maxInputs():
            node._inputs = [selected]
        self._select(node)
        return node

    def delete(self, n: Node) -> None:
        self.threads.must_be_main(n.name())
        above = n.parent()
        assert above is not None
        for other in above.nodes():
            other._inputs = [None if one is n else one for one in other._inputs]
        above._nodes.remove(n)
        n._is_gone = True

    def toNode(self, s: str) -> Node | None:
        return self._here().node(s)

    def allNodes(self, filter: str = "", group: Group | None = None) -> list[Node]:
        nodes = (group or self._here()).nodes()
        return [one for one in nodes if not filter or one.Class() == filter]

    def selectedNodes(self, filter: str = "") -> list[Node]:
        return [one for one in self.allNodes(filter) if one.isSelected()]

    def selectedNode(self) -> Node:
        found = self._selected()
        if found is None:
            raise ValueError("no node selected")
        return found

    def thisNode(self) -> Node:
        if not self._context:
            raise ValueError("no context")
        return self._context[-1][0]  # type: ignore[no-any-return]

    def thisKnob(self) -> Any:
        return self._context[-1][1]

    def thisView(self) -> str:
        return self.views()[0]

    def thisGroup(self) -> Group:
        return self._here()

    def nodeCopy(self, s: str) -> None:
        Path(s).write_text(script_of(self.selectedNodes(), is_copy=True), encoding="utf-8")

    def nodePaste(self, s: str) -> Node | None:
        self.threads.must_be_main("the script")
        return self._read(Path(s).read_text(encoding="utf-8"))

    def loadToolset(self, filename: str) -> Node | None:
        return self.nodePaste(filename)

    def scriptReadText(self, s: str) -> None:
        self._read(s)

    def scriptSaveAs(self, filename: str, overwrite: int = -1) -> None:
        self._root["name"].setValue(filename)
        Path(filename).write_text(script_of(self._root.nodes(), False, self._root), encoding="utf-8")

    def scriptClear(self) -> None:
        for node in self._root.nodes():
            for one in node.nodes() if isinstance(node, Group) else []:
                one._is_gone = True
            node._is_gone = True
        self._root = Root(self, "Root", None)

    def scriptOpen(self, filename: str) -> None:
        self.scriptClear()
        self._root["name"]._value = filename
        self._read(Path(filename).read_text(encoding="utf-8"))

    def scriptName(self) -> str:
        if not self._root["name"]._value:
            raise RuntimeError("no script name set")
        return str(self._root["name"]._value)

    def execute(
        self,
        nameOrNode: Any,
        start: int,
        end: int,
        incr: int = 1,
        views: Any = None,
        continueOnError: bool = False,
    ) -> None:
        self.threads.must_be_main("execute")
        if self._is_executing:
            raise RuntimeError("I'm already executing something else")
        node = self.toNode(nameOrNode) if isinstance(nameOrNode, str) else nameOrNode
        assert node is not None and node.Class() == "Write"
        if node["disable"].value():
            raise RuntimeError(f"{node.fullName()} is disabled")
        self._is_executing = True
        try:
            for frame in range(start, end + 1, incr):
                if self.fail_render_at == frame:
                    raise RuntimeError("Cancelled")
                for view in views or self.views()[:1]:
                    self.pictures.write(node, frame, view)
                    self.rendered.append((node.fullName(), frame, frame, view))
        finally:
            self._is_executing = False

    def executeInMainThread(self, call: Any, args: Any = (), kwargs: Any = None) -> None:
        self.threads.execute_in_main_thread(call, args, kwargs)

    def executeInMainThreadWithResult(self, call: Any, args: Any = (), kwargs: Any = None) -> Any:
        return self.threads.execute_in_main_thread_with_result(call, args, kwargs)

    def ProgressTask(self, name: str) -> ProgressTask:
        return ProgressTask(name, self.GUI, self.tasks)

    def message(self, prompt: str) -> None:
        if not self.GUI:
            raise RuntimeError("nuke.message needs the GUI")
        self.threads.must_be_main("a message")
        self.messages.append(prompt)

    def tprint(self, *args: Any, sep: str = " ", end: str = "\n", file: Any = None) -> None:
        self.printed.append(sep.join(str(one) for one in args))

    def addFilenameFilter(self, call: Any, args: Any = (), kwargs: Any = None, nodeClass: str = "*") -> None:
        self._callbacks.setdefault("filename", []).append(call)

    def filenameFilter(self, filename: str) -> str:
        for call in self._callbacks.get("filename", []):
            filename = call(filename) or filename
        return filename

    def filename(self, node: Node, i: int = 0) -> str | None:
        knob: Any = node.knob("file")
        return None if knob is None else str(knob.getEvaluatedValue())

    def menu(self, name: str) -> Menu:
        if not self.GUI:
            raise RuntimeError("there are no menus without the GUI")
        return self._menus.setdefault(name, Menu(name))

    def pluginPath(self) -> list[str]:
        return [os.path.expanduser("~/.nuke")]

    def pluginAddPath(self, args: Any, addToSysPath: bool = True) -> None:
        self._callbacks.setdefault("path", []).append(args)

    def addOnScriptClose(
        self, call: Any, args: Any = (), kwargs: Any = None, nodeClass: str = "Root"
    ) -> None:
        self._callbacks.setdefault("close", []).append(call)

    # the test's

    def press(self, node: Node, button: str) -> None:
        """An artist presses a button of a node's panel."""
        self.run_script(node[button]._value, node, node[button])

    def run_script(self, text: str, node: Node, knob: Any) -> None:
        above = node.parent()
        assert above is not None
        self.groups.append(above)
        self._context.append((node, knob))
        try:
            exec(compile(text, f"<{node.name()}.{knob.name()}>", "exec"), {"nuke": self})
        finally:
            self._context.pop()
            self.groups.pop()

    def show(self, node: Node, frame: int, view: str | None = None) -> Any:
        return self.pictures.show(node, frame, view or self.views()[0])

    def _here(self) -> Group:
        return self.groups[-1] if self.groups else self._root

    def _selected(self) -> Node | None:
        return next((one for one in self._here().nodes() if one.isSelected()), None)

    def _select(self, node: Node) -> None:
        for one in self._here().nodes():
            one.setSelected(one is node)

    def _read(self, text: str) -> Node | None:
        was, self.is_loading = self.is_loading, True
        try:
            made = read_script(text, self, self._here(), self._selected())
        finally:
            self.is_loading = was
        if made:
            for one in self._here().nodes():
                one.setSelected(one in made)
        return made[-1] if made else None


class _Nodes:
    """`nuke.nodes.Read(file=...)`: made without being connected or selected."""

    def __init__(self, app: FakeNuke) -> None:
        self._app = app

    def __getattr__(self, kind: str) -> Callable[..., Node]:
        def make(**knobs: Any) -> Node:
            self._app.threads.must_be_main("the script")
            node = (Group if kind == "Group" else Node)(self._app, kind, self._app._here())
            self._app._here().add(node, str(knobs.pop("name", "")))
            for name, value in knobs.items():
                node[name].setValue(value)
            return node

        return make


for _name, _made in knobs.KNOB_CLASSES.items():
    setattr(FakeNuke, f"{_name}_Knob", _made)


def install(
    monkeypatch: Any,
    folder: Path,
    version: tuple[int, int] = (15, 1),
    is_gui: bool = True,
    is_indie: bool = False,
) -> FakeNuke:
    """Put a fresh fake in the place of `nuke`; host modules are imported anew with it."""
    fake = FakeNuke(version, is_gui, is_indie, folder)
    for name in [name for name in sys.modules if name.partition(".")[0] == "plosive_nuke"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "nuke", fake)
    return fake
