# SPDX-License-Identifier: Apache-2.0
"""The log of what runs inside a host: one file a host, which every message to the artist names."""

from __future__ import annotations

import logging
import logging.handlers
import os
import re
import sys
import tempfile
from pathlib import Path

from plosive_host.folders import data_folder

__all__ = ["host_log", "log_path"]

_LARGEST_BYTES = 1_000_000
_KEPT_FILES = 3
_LOGGER = "plosive.host."
_FORMAT = "%(asctime)s %(process)d %(levelname)s %(message)s"


def log_path(name: str) -> Path:
    """Where `host_log(name)` writes: logs/host-NAME.log in the user's data folder of Plosive, or the place it
    fell back to; `name` is a host, such as resolve or nuke.
    """
    wanted = data_folder() / "logs" / _file_name(name)
    for handler in logging.getLogger(_LOGGER + name).handlers:
        if handler.get_name() == str(wanted) and isinstance(handler, logging.FileHandler):
            return Path(handler.baseFilename)
    return wanted


def host_log(name: str) -> logging.Logger:
    """The logger of a host, which appends to `log_path(name)` and keeps three older files of 1 MB.

    Never raises and may be called as often as wanted: where the folder can't be written, the log goes to
    the system's folder for temporary files; where that fails too, to standard error.
    """
    logger = logging.getLogger(_LOGGER + name)
    wanted = data_folder() / "logs" / _file_name(name)
    for handler in list(logger.handlers):
        if handler.get_name() == str(wanted):
            return logger
        logger.removeHandler(handler)
        handler.close()
    logger.setLevel(logging.DEBUG)
    logger.propagate = False  # hosts print what reaches the root logger
    logger.addHandler(_handler(name, wanted))
    return logger


class _File(logging.handlers.RotatingFileHandler):
    """Another process of the host may hold the file: on Windows it can't be renamed then, and goes on."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            str(path), maxBytes=_LARGEST_BYTES, backupCount=_KEPT_FILES, encoding="utf-8", errors="replace"
        )

    def doRollover(self) -> None:
        try:
            super().doRollover()
        except OSError:
            if self.stream is None:
                self.stream = self._open()


def _handler(name: str, wanted: Path) -> logging.Handler:
    handler: logging.Handler = logging.StreamHandler(sys.stderr)
    for place in (wanted, Path(tempfile.gettempdir()) / f"plosive-{os.getpid()}-{_file_name(name)}"):
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            handler = _File(place)
            break
        except OSError:
            continue
    handler.setFormatter(logging.Formatter(_FORMAT))
    handler.set_name(str(wanted))  # by which it is known when the log is asked for again
    return handler


def _file_name(name: str) -> str:
    return f"host-{re.sub(r'[^A-Za-z0-9._-]', '_', name)}.log"
