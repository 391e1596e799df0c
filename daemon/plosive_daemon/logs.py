# SPDX-License-Identifier: Apache-2.0
"""The daemon's log: one JSON object a line in files that rotate, and words on a terminal."""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

from plosive_daemon.settings import DaemonSettings

__all__ = ["LOG_NAME", "JsonLines", "logging_to"]

LOG_NAME = "daemon.log"
_LOGGERS = ("plosive_daemon", "grpc")
_MOST_CHARACTERS = 16_000  # a traceback fits; a message that a client sent must not fill the disk


class JsonLines(logging.Formatter):
    """`time` (UTC), `level`, `message`, `logger`, `thread`; `job_id` and `traceback` where there are such."""

    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, timezone.utc)
        facts: dict[str, Any] = {
            "time": moment.isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "message": record.getMessage()[:_MOST_CHARACTERS],
            "logger": record.name,
            "thread": record.threadName,
        }
        if job_id := getattr(record, "job_id", ""):
            facts["job_id"] = str(job_id)
        if record.exc_info:
            facts["traceback"] = self.formatException(record.exc_info)[-_MOST_CHARACTERS:]
        return json.dumps(facts, ensure_ascii=False)


class _Words(logging.Formatter):
    """For people: clock, level where it matters, job, message on one line; tracebacks stay in the file."""

    def format(self, record: logging.LogRecord) -> str:
        clock = datetime.fromtimestamp(record.created).strftime("%H:%M:%S")
        level = f"{record.levelname.lower()}: " if record.levelno >= logging.WARNING else ""
        job_id = getattr(record, "job_id", "")
        told = " ".join(record.getMessage().split())[:_MOST_CHARACTERS]
        defect = f" ({record.exc_info[1]!r}; see the log)" if record.exc_info and record.exc_info[1] else ""
        return f"{clock} {level}{f'job {job_id}: ' if job_id else ''}{told}{defect}"


class _PrivateRotatingFile(RotatingFileHandler):
    """Files that only the user reads (0600)."""

    def _open(self) -> TextIOWrapper:
        descriptor = os.open(self.baseFilename, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        return open(descriptor, "a", encoding="utf-8")


@contextmanager
def logging_to(folder: Path, settings: DaemonSettings) -> Iterator[None]:
    """Log everything of the daemon's to `folder`/daemon.log, and to the terminal where stderr is one."""
    file = _PrivateRotatingFile(
        folder / LOG_NAME, maxBytes=settings.log_bytes, backupCount=settings.log_files, encoding="utf-8"
    )
    file.setFormatter(JsonLines())
    handlers: list[logging.Handler] = [file]
    if sys.stderr is not None and sys.stderr.isatty():
        words = logging.StreamHandler(sys.stderr)
        words.setFormatter(_Words())
        handlers.append(words)
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    before = [(logger.level, logger.propagate) for logger in loggers]
    thread_hook = threading.excepthook
    threading.excepthook = _log_defect_of_thread
    for logger in loggers:
        logger.setLevel(settings.log_level.upper())
        logger.propagate = False
        for handler in handlers:
            logger.addHandler(handler)
    try:
        yield
    finally:
        threading.excepthook = thread_hook
        for logger, (level, propagates) in zip(loggers, before, strict=True):
            logger.setLevel(level)
            logger.propagate = propagates
            for handler in handlers:
                logger.removeHandler(handler)
        for handler in handlers:
            handler.close()


def _log_defect_of_thread(told: threading.ExceptHookArgs) -> None:
    """A thread that dies of a defect must not do so unseen."""
    if told.exc_value is None or issubclass(told.exc_type, SystemExit):
        return
    name = told.thread.name if told.thread is not None else "a thread"
    defect = (told.exc_type, told.exc_value, told.exc_traceback)
    logging.getLogger(_LOGGERS[0]).critical("%s died", name, exc_info=defect)
