# SPDX-License-Identifier: Apache-2.0
"""Progress in a window of Resolve's: it has its own loop, so that the rest of Resolve stays free."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from plosive_host import Pump
from plosive_resolve.application import Host
from plosive_resolve.screen import Shown
from plosive_resolve.window import Window

__all__ = ["ProgressWindow"]

_SIZE = (560, 340)
_PICTURE = [520, 180]
# UIManager has no progress bar: a slider that can't be moved, drawn as one.
_BAR = (
    "QSlider::groove:horizontal { height: 10px; background: #3a3a3a; border-radius: 5px; }"
    "QSlider::sub-page:horizontal { background: #4a90d9; border-radius: 5px; }"
    "QSlider::handle:horizontal { width: 0px; margin: 0px; }"
)


class ProgressWindow:
    """Closing it is cancelling. After a cancel it stays until `show` says that all is over."""

    def __init__(
        self, host: Host, title: str, pump: Pump, show: Callable[[], Shown], on_cancel: Callable[[], None]
    ) -> None:
        self._show = show
        self._on_cancel = on_cancel
        self._is_cancelled = False
        self._picture = ""
        self._window = Window(host, title, _SIZE, self._build, pump, self._cancel)
        self._window.on("Cancel", "Clicked", self._cancel)

    def run(self) -> None:
        self._window.run(self._tick)

    def _build(self, ui: Any) -> Any:
        bar = {"ID": "Bar", "Minimum": 0, "Maximum": 100, "Value": 0, "Enabled": False}
        return ui.VGroup(
            [
                ui.Button({"ID": "Picture", "Flat": True, "IconSize": _PICTURE, "Text": "", "Weight": 1}),
                ui.Label({"ID": "Text", "Text": "", "WordWrap": True, "Weight": 0}),
                ui.Slider({**bar, "Orientation": "Horizontal", "StyleSheet": _BAR, "Weight": 0}),
                ui.HGroup(
                    {"Weight": 0},
                    [ui.HGap(0, 1), ui.Button({"ID": "Cancel", "Text": "Cancel", "Weight": 0})],
                ),
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
            return
        self._is_cancelled = True
        self._window.items["Cancel"].Enabled = False
        self._on_cancel()
