# SPDX-License-Identifier: Apache-2.0
"""Defects go to a log file in the user's data folder; the terminal gets one sentence."""

from __future__ import annotations

import os
import platform
import tempfile
import traceback
from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path

from plosive import __version__
from plosive.user_folders import log_folder

__all__ = ["log_defect"]


def log_defect(error: BaseException, arguments: Sequence[str], native_messages: str = "") -> str:
    """Write `error`'s traceback to a new log file, after what native libraries said.

    Returns the sentence that says where it is.
    """
    now = datetime.now(timezone.utc)
    text = "\n".join(
        [
            f"plosive {__version__}, Python {platform.python_version()}, {platform.platform()}",
            f"{now.isoformat(timespec='seconds')} in {Path.cwd()}",
            f"arguments: {list(arguments)}",
            "",
            native_messages,
            "".join(traceback.format_exception(type(error), error, error.__traceback__)),
        ]
    )
    name = f"defect-{now:%Y%m%d-%H%M%S}-{os.getpid()}.log"
    for folder in (log_folder(), Path(tempfile.gettempdir())):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / name
            path.write_text(text, encoding="utf-8")
        except OSError:
            continue
        return f"Plosive ran into a defect of its own ({_first_line(error)}); its log is {path}"
    return f"Plosive ran into a defect of its own and could not write a log:\n{text}"


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__
