# SPDX-License-Identifier: Apache-2.0
"""A window that tells the artist something, and where the log is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from plosive_host import Pump
from plosive_resolve.application import Host
from plosive_resolve.window import Window

__all__ = ["tell"]

_WIDTH = 560
_LINE_HEIGHT = 20
_LETTERS_A_LINE = 74


def tell(host: Host, title: str, sentences: Sequence[str], log: Path, can_undo: bool = False) -> bool:
    """Show `sentences`, one a paragraph, until the artist closes the window; with `can_undo` there is a
    button Undo beside OK, and the answer is whether that was it.
    """
    is_undone = False
    text = "\n\n".join(sentences)
    lines = sum(1 + len(line) // _LETTERS_A_LINE for line in text.split("\n"))
    height = min(600, 130 + _LINE_HEIGHT * lines)

    def build(ui: Any) -> Any:
        buttons = [ui.HGap(0, 1), ui.Button({"ID": "Accept", "Text": "OK", "Default": True, "Weight": 0})]
        if can_undo:
            buttons.insert(1, ui.Button({"ID": "Undo", "Text": "Undo", "Weight": 0}))
        return ui.VGroup(
            [
                ui.TextEdit({"ID": "Text", "ReadOnly": True, "PlainText": text, "Weight": 1}),
                ui.Label({"ID": "Log", "Text": f"Log: {log}", "WordWrap": True, "Weight": 0}),
                ui.HGroup({"Weight": 0}, buttons),
            ]
        )

    def end() -> None:
        window.end()

    def take_back() -> None:
        nonlocal is_undone
        is_undone = True
        window.end()

    window = Window(host, title, (_WIDTH, height), build, Pump(), end)
    window.items["Text"].PlainText = text
    window.on("Accept", "Clicked", end)
    if can_undo:
        window.on("Undo", "Clicked", take_back)
    window.run()
    return is_undone
