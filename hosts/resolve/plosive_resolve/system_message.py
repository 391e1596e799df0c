# SPDX-License-Identifier: Apache-2.0
"""A message window of the system's own, where Resolve draws none and its console may be closed: nobody shall
click and see nothing happen. The commands were not tried on macOS and Windows.
"""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping

from plosive_host.environment import child_environment

__all__ = ["message_command", "show_message"]

_APPLESCRIPT = (
    "on run argv",
    'display dialog (item 2 of argv) with title (item 1 of argv) buttons {"OK"} default button 1',
    "end run",
)
_INFORMATION_ON_TOP = 0x40 | 0x40000  # MB_ICONINFORMATION, MB_TOPMOST
_ERROR_ON_TOP = 0x10 | 0x40000


def show_message(title: str, text: str, log: logging.Logger) -> bool:
    """Show it and go on (on Windows: when it was closed); whether a way was found. Never raises.
    PLOSIVE_HOST_QUIET in the environment keeps it from being shown.
    """
    if os.environ.get("PLOSIVE_HOST_QUIET"):
        return False
    try:
        if sys.platform == "win32":
            import ctypes

            style = _INFORMATION_ON_TOP if title.endswith("done") else _ERROR_ON_TOP
            return bool(ctypes.windll.user32.MessageBoxW(None, text, title, style))
        command = message_command(title, text, sys.platform, os.environ, shutil.which)
        if not command:
            return False
        subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=child_environment(os.environ),  # Resolve's own libraries are not the system's
            start_new_session=True,
        )
        return True
    except Exception:
        log.debug("The system shows no message.", exc_info=True)
        return False


def message_command(
    title: str,
    text: str,
    system: str,
    environment: Mapping[str, str],
    which: Callable[[str], str | None],
) -> list[str]:
    """What to run on `system` (sys.platform); empty: there is nothing that could show it. Title and text are
    arguments of their own: no shell and no script reads them.
    """
    if system == "darwin":
        script = [part for line in _APPLESCRIPT for part in ("-e", line)]
        return ["osascript", *script, title, text]
    if not (environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY")):
        return []
    for name, arguments in (
        ("zenity", ["--info", "--no-markup", f"--title={title}", f"--text={text}"]),
        ("kdialog", ["--title", title, "--msgbox", text]),
        ("notify-send", ["--", title, text]),
        ("xmessage", ["--", f"{title}\n\n{text}"]),
    ):
        found = which(name)
        if found:
            return [found, *arguments]
    return []
