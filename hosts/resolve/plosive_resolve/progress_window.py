# SPDX-License-Identifier: Apache-2.0
"""Progress in windows of Resolve's: they have a loop of their own, so that the rest of Resolve stays free."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from plosive_host import Pump
from plosive_resolve.application import Host
from plosive_resolve.screen import Shown
from plosive_resolve.window import Window

__all__ = ["ProgressWindow", "StepWindow"]

_PATIENCE_SECONDS = 5.0
_SIZE = (560, 340)
_STEP_SIZE = (460, 130)
_PICTURE = [520, 180]
# UIManager has no progress bar: a slider that can't be moved, drawn as one.
_BAR = (
    "QSlider::groove:horizontal { height: 10px; background: #3a3a3a; border-radius: 5px; }"
    "QSlider::sub-page:horizontal { background: #4a90d9; border-radius: 5px; }"
    "QSlider::handle:horizontal { width: 0px; margin: 0px; }"
)


class ProgressWindow:
    """Closing it is cancelling. After a cancel it stays until `show` says that all is over; who closes
    it once more after some seconds does not wait for that.
    """

    def __init__(
        self, host: Host, title: str, pump: Pump, show: Callable[[], Shown], on_cancel: Callable[[], None]
    ) -> None:
        self._show = show
        self._on_cancel = on_cancel
        self._is_cancelled = False
        self._cancelled_at = 0.0
        self._picture = ""
        self._window = Window(host, title, _SIZE, self._build, pump, self._cancel)
        self._window.on("Cancel", "Clicked", self._cancel)

    def run(self) -> None:
        self._window.run(self._tick)

    def _build(self, ui: Any) -> Any:
        return ui.VGroup(
            [
                ui.Button({"ID": "Picture", "Flat": True, "IconSize": _PICTURE, "Text": "", "Weight": 1}),
                ui.Label({"ID": "Text", "Text": "", "WordWrap": True, "Weight": 0}),
                *_foot(ui),
            ]
        )

    def _tick(self) -> None:
        shown = self._show()
        if shown.is_over:
            self._window.end()
            return
        items = self._window.items
        items["Text"].Text = "\n".join((*shown.lines, *(("Cancelling…",) if self._is_cancelled else ())))
        items["Bar"].Value = round(100 * max(0.0, min(1.0, shown.fraction)))
        if shown.preview_path and shown.preview_path != self._picture:
            self._picture = shown.preview_path
            items["Picture"].Icon = self._window.ui.Icon({"File": shown.preview_path})

    def _cancel(self) -> None:
        if self._is_cancelled:
            if time.monotonic() > self._cancelled_at + _PATIENCE_SECONDS:
                self._window.end()
            return
        self._is_cancelled = True
        self._cancelled_at = time.monotonic()
        self._window.items["Cancel"].Enabled = False
        self._on_cancel()


class StepWindow:
    """Progress of work in this thread (Resolve renders something): it is drawn at each `step`."""

    def __init__(self, host: Host, title: str, pump: Pump) -> None:
        self._host = host
        self._title = title
        self._pump = pump
        self._window: Window | None = None
        self._is_cancelled = False

    def step(self, sentence: str, share: float) -> bool:
        """Whether to go on."""
        if self._window is None:
            self._window = Window(self._host, self._title, _STEP_SIZE, self._build, self._pump, self._cancel)
            self._window.on("Cancel", "Clicked", self._cancel)
        self._window.items["Text"].Text = sentence
        self._window.items["Bar"].Value = round(100 * max(0.0, min(1.0, share)))
        self._window.step()
        return not self._is_cancelled

    def close(self) -> None:
        if self._window is not None:
            self._window.close()

    def _build(self, ui: Any) -> Any:
        return ui.VGroup([ui.Label({"ID": "Text", "Text": "", "WordWrap": True, "Weight": 1}), *_foot(ui)])

    def _cancel(self) -> None:
        self._is_cancelled = True


def _foot(ui: Any) -> list[Any]:
    """The bar and the button."""
    bar = {"ID": "Bar", "Minimum": 0, "Maximum": 100, "Value": 0, "Enabled": False}
    return [
        ui.Slider({**bar, "Orientation": "Horizontal", "StyleSheet": _BAR, "Weight": 0}),
        ui.HGroup({"Weight": 0}, [ui.HGap(0, 1), ui.Button({"ID": "Cancel", "Text": "Cancel", "Weight": 0})]),
    ]
