# SPDX-License-Identifier: Apache-2.0
"""One window of Resolve's UIManager and its loop.

How UIManager is used from Python (an attribute `fusion.UIManager`, `bmd.UIDispatcher`, elements made from one
dictionary, `On[ID].Clicked`, a Timer whose Timeout comes to the dispatcher) was read in public scripts and
their documentation; it was not tried in Resolve itself.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any

from plosive_host import Pump
from plosive_resolve.application import Host

__all__ = ["Window", "can_draw"]

_TICK_MILLISECONDS = 100
_YIELD_SECONDS = 0.03
_STEP_MILLISECONDS = 20


def can_draw(host: Host) -> bool:
    """Whether this Resolve draws windows: Studio, and a UIManager is there."""
    if not host.has_dialogs:
        return False
    try:
        return host.fusion.UIManager is not None
    except Exception:  # a fusion object of another kind; a window is no reason to fail
        return False


class Window:
    """`build` gets the UIManager and returns the layout; `run` shows it until `end`.

    While it runs, the pump's callbacks are called in this thread, so that a session's answers arrive. Errors
    of handlers end the loop and come out of `run`.
    """

    def __init__(
        self,
        host: Host,
        title: str,
        size: tuple[int, int],
        build: Callable[[Any], Any],
        pump: Pump,
        on_close: Callable[[], None],
    ) -> None:
        self.ui = host.fusion.UIManager
        self._dispatcher = host.bmd.UIDispatcher(self.ui)
        self._pump = pump
        self._error: BaseException | None = None
        self._tick: Callable[[], None] | None = None
        self._is_running = False
        number = f"{os.getpid()}n{time.monotonic_ns()}"  # the ID of a hidden window is never free again
        self._id = f"PlosiveWindow{number}"
        self._window = self._dispatcher.AddWindow(
            {
                "ID": self._id,
                "WindowTitle": title,
                "Geometry": [200, 160, size[0], size[1]],
                "Spacing": 8,
                "Margin": 14,
            },
            build(self.ui),
        )
        self.items: Any = self._window.GetItems()
        self.on(self._id, "Close", on_close)
        self._timer = self.ui.Timer({"ID": f"PlosiveTimer{number}", "Interval": _TICK_MILLISECONDS})

    def on(self, element: str, event: str, handler: Callable[[], None]) -> None:
        """Call `handler` when `event` (Clicked, ValueChanged...) comes to `element`."""
        setattr(self._window.On[element], event, lambda _event=None: self._guarded(handler))

    def run(self, tick: Callable[[], None] | None = None) -> None:
        """Show it until `end`; `tick` is called ten times a second. May be called once."""
        self._tick = tick
        self._dispatcher.On.Timeout = lambda _event=None: self._guarded(self._ticked)
        self._is_running = True
        self._window.Show()
        self._timer.Start()
        try:
            self._dispatcher.RunLoop()
        finally:
            self._is_running = False
            self._timer.Stop()
            self._window.Hide()
        if self._error is not None:
            raise self._error

    def step(self) -> None:
        """Let the window be drawn and used for a moment, from work in this thread that goes on; shows it."""
        if not self._is_running:
            self._is_running = True
            self._window.Show()
        try:
            self._dispatcher.StepLoop(_STEP_MILLISECONDS)
        except (AttributeError, TypeError):  # not every version may have it: then it is only drawn
            return
        if self._error is not None:
            raise self._error

    def close(self) -> None:
        """After `step`."""
        self._is_running = False
        self._window.Hide()

    def end(self) -> None:
        if self._is_running:
            self._dispatcher.ExitLoop()

    def _ticked(self) -> None:
        # Python's threads get next to no time beside RunLoop: waiting here lets the session's reader run.
        self._pump.run_until(lambda: not self._is_running, _YIELD_SECONDS)
        if self._tick is not None and self._is_running:
            self._tick()

    def _guarded(self, handler: Callable[[], None]) -> None:
        if self._error is not None:
            return
        try:
            handler()
        except BaseException as error:
            self._error = error
            self._dispatcher.ExitLoop()
