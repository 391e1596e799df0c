# SPDX-License-Identifier: Apache-2.0
"""UIManager, UIDispatcher and bmd: windows of scripts (Studio only), and an artist who uses them.

What the artist does is a list of functions in `app.ui_script`; each gets the Window on top and acts with
`click`, `enter` and `close`. RunLoop takes them in turn, fires timers in between, and returns at ExitLoop.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from fakes.resolve.rejection import FakeRejection
from fakes.resolve.uielements import ELEMENTS, EVENTS, Element

if TYPE_CHECKING:
    from fakes.resolve.application import FakeApplication

__all__ = ["Bmd", "Dispatcher", "UIManager", "Window"]

MOST_TICKS = 20_000


class UIManager:
    """Makes elements: `ui.Button({...})`, `ui.VGroup([...])`; may be called, too (`fusion.UIManager()`)."""

    def __init__(self, app: FakeApplication) -> None:
        self._app = app

    def __call__(self) -> UIManager:
        return self

    def __getattr__(self, kind: str) -> Callable[..., Element]:
        if not kind[:1].isupper():  # how the fakes look at each other
            raise AttributeError(kind)
        if kind not in ELEMENTS:
            raise FakeRejection(f"UIManager has no {kind}")

        def make(*parts: dict[str, Any] | list[Any] | float) -> Element:
            return Element.made(self._app, kind, parts)

        return make


class _Handlers:
    """`win.On.ID.Clicked = f`, `disp.On.Timeout = f`."""

    _window: Window | None
    _identity: str
    handlers: dict[str, Any]

    def __init__(self, window: Window | None, identity: str = "") -> None:
        object.__setattr__(self, "_window", window)
        object.__setattr__(self, "_identity", identity)
        object.__setattr__(self, "handlers", {})

    def __getattr__(self, identity: str) -> Any:
        if self._identity or self._window is None:
            raise FakeRejection(f"On.{self._identity}.{identity} is read before it is set")
        known = self.handlers
        if identity not in known:
            if identity != self._window.identity and identity not in self._window.elements:
                raise FakeRejection(f"the window has no element with the ID {identity!r}")
            known[identity] = _Handlers(self._window, identity)
        return known[identity]

    def __getitem__(self, identity: str) -> Any:
        return self.__getattr__(identity)

    def __setattr__(self, event: str, function: Callable[[dict[str, Any]], Any]) -> None:
        if self._identity:
            window = self._window
            assert window is not None
            kind = "Window" if self._identity == window.identity else window.elements[self._identity].kind
            if event not in EVENTS.get(kind, ()):
                raise FakeRejection(f"a {kind} has no event {event}")
        elif event != "Timeout":
            raise FakeRejection(f"a dispatcher has no event {event}")
        self.handlers[event] = function


class Window:
    """A window that a script made."""

    def __init__(self, dispatcher: Dispatcher, attributes: dict[str, Any], children: list[Any]) -> None:
        self.dispatcher = dispatcher
        self.identity = str(attributes.get("ID", ""))
        self.attributes = dict(attributes)
        self.root = Element.made(dispatcher.app, "VGroup", (children,))
        self.elements: dict[str, Element] = {}
        for element in self.root.walk():
            identity = element.values.get("ID")
            if identity:
                if identity in self.elements:
                    raise FakeRejection(f"two elements have the ID {identity!r}")
                self.elements[identity] = element
        self.On = _Handlers(self)
        self.is_shown = False

    # what scripts call

    def Show(self) -> None:
        self.is_shown = True

    def Hide(self) -> None:
        self.is_shown = False

    def Raise(self) -> None:
        pass

    def RecalcLayout(self) -> bool:
        return True

    def Find(self, identity: str) -> Element | None:
        return self.elements.get(identity)

    def GetItems(self) -> dict[str, Element]:
        return dict(self.elements)

    # what the artist does

    def click(self, identity: str) -> None:
        element = self._usable(identity)
        if element.kind == "CheckBox" or element.values.get("Checkable"):
            element.values["Checked"] = not element.values.get("Checked", False)
        self.fire(identity, "Clicked")

    def enter(self, identity: str, **values: Any) -> None:
        """Sets what an element holds (Text, Value, CurrentIndex, Checked) and tells the script."""
        element = self._usable(identity)
        for name, value in values.items():
            setattr(element, name, value)
            event = {
                "Text": "TextChanged",
                "Value": "ValueChanged",
                "CurrentIndex": "CurrentIndexChanged",
            }.get(name)
            if event in EVENTS.get(element.kind, ()):
                self.fire(identity, str(event))
            elif name == "Checked":
                self.fire(identity, "Clicked")

    def close(self) -> None:
        """The window's own button."""
        self.fire(self.identity, "Close")

    def shown_text(self) -> str:
        """All that can be read in the window, a line an element."""
        seen = [element for element in self.root.walk() if element.is_visible]
        lines = [
            str(element.values.get(name, "")) for element in seen for name in ("Text", "PlainText", "HTML")
        ]
        rows = [" ".join(row.texts) for element in seen for row in element.rows]
        return "\n".join(line for line in [*lines, *rows] if line)

    def fire(self, identity: str, event: str) -> None:
        handler = self.On.handlers.get(identity)
        function = handler.handlers.get(event) if handler else None
        if function:
            function({"who": identity, "what": event, "sender": self.elements.get(identity)})

    def _usable(self, identity: str) -> Element:
        element = self.elements.get(identity)
        assert element is not None, f"no element {identity!r}; there are {sorted(self.elements)}"
        assert self.is_shown and element.is_visible and element.values.get("Enabled", True), (
            f"{identity} cannot be used: the window is hidden, or it is switched off"
        )
        return element


class Dispatcher:
    """bmd.UIDispatcher(ui)."""

    def __init__(self, app: FakeApplication) -> None:
        self.app = app
        self.On = _Handlers(None)
        self._is_ended = False
        self._answer: Any = None
        self._windows: list[Window] = []

    def AddWindow(self, attributes: dict[str, Any], children: list[Any] | Element) -> Window:
        unknown = set(attributes) - ELEMENTS["Window"]
        if unknown:
            raise FakeRejection(f"AddWindow has no {sorted(unknown)}")
        window = Window(self, attributes, [children] if isinstance(children, Element) else children)
        self._windows.append(window)
        self.app.windows.append(window)
        return window

    def FindWindow(self, identity: str) -> Window | None:
        return next((window for window in self._windows if window.identity == identity), None)

    def RunLoop(self) -> Any:
        """Until ExitLoop. Raises FakeRejection when nothing could end it any more."""
        self._is_ended = False
        for _ in range(MOST_TICKS):
            if self._is_ended:
                return self._answer
            if not self._step():
                raise FakeRejection(
                    "RunLoop would wait for ever: the artist does nothing more and no timer runs"
                )
        raise FakeRejection("RunLoop did not end")

    def StepLoop(self, timeout: float = 0) -> bool:
        """[V] handles what is there and returns."""
        self._step()
        return not self._is_ended

    def ExitLoop(self, answer: Any = 0) -> None:
        self._is_ended = True
        self._answer = answer

    def _step(self) -> bool:
        """Runs a timer or lets the artist act; whether anything was there to do."""
        timers = [timer for timer in self.app.timers if timer.is_active]
        for timer in timers:
            timer.is_active = not timer.values.get("SingleShot", False)
            function = self.On.handlers.get("Timeout")
            if function:
                function({"who": timer.values.get("ID", ""), "what": "Timeout"})
            if self._is_ended:
                return True
        shown = [window for window in self._windows if window.is_shown]
        if self.app.ui_script and shown:
            act = self.app.ui_script[0]
            if act(shown[-1]) is not False:  # False: not yet, ask again
                self.app.ui_script.pop(0)
            elif timers:
                time.sleep(0.002)
            return True
        if timers:
            time.sleep(0.002)
        return bool(timers)


class Bmd:
    """The module `bmd` of scripts."""

    def __init__(self, app: FakeApplication) -> None:
        self._app = app

    def UIDispatcher(self, ui: UIManager | None) -> Dispatcher:
        """[M] without a UIManager (Free) there is no dispatcher."""
        if not isinstance(ui, UIManager):
            raise FakeRejection("UIDispatcher needs a UIManager")
        return Dispatcher(self._app)

    def wait(self, seconds: float) -> None:
        """[V] pauses the script; nothing is drawn meanwhile."""

    def scriptapp(self, name: str) -> Any:
        """[M] None on Free since 19.1, and while external scripting is off."""
        return self._app.resolve() if name == "Resolve" and self._app.edition.is_studio else None

    def __getattr__(self, name: str) -> Any:
        raise FakeRejection(f"bmd.{name} is not known to the fake")
