# SPDX-License-Identifier: Apache-2.0
"""What the progress bars show, and when they are silent."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from plosive.cli.console_progress import ConsoleProgress


def console(is_terminal: bool) -> Console:
    return Console(file=io.StringIO(), force_terminal=is_terminal, width=100, highlight=False)


def shown(progress: ConsoleProgress) -> str:
    file = progress.console.file
    assert isinstance(file, io.StringIO)
    return file.getvalue()


def test_silent_but_for_warnings_when_not_a_terminal() -> None:
    with ConsoleProgress(console(False)) as progress:
        progress.start("faces", 10)
        progress.advance(10)
        progress.warn("The plate is interlaced.")
        progress.warn("The plate is interlaced.")
        progress.finish()
    assert shown(progress) == "Note: The plate is interlaced.\n"


def test_a_bar_per_stage_with_frames_on_a_terminal() -> None:
    with ConsoleProgress(console(True)) as progress:
        progress.start("faces", 10)
        progress.advance(10)
        progress.start("speech", None)
        progress.advance(3)
        progress.finish()
    text = shown(progress)
    assert "faces" in text
    assert "10/10 frames" in text
    assert "3/3 frames" in text
    assert "fps" in text


def test_an_exception_passes_and_the_bars_stop() -> None:
    progress = ConsoleProgress(console(True))
    with pytest.raises(KeyboardInterrupt), progress:
        progress.start("render", 10)
        raise KeyboardInterrupt
    assert "\x1b[?25h" in shown(progress)  # the cursor is visible again
