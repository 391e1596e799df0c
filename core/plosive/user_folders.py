# SPDX-License-Identifier: Apache-2.0
"""Where this system keeps a program's own files for one user."""

from __future__ import annotations

import os
import sys
from pathlib import Path

__all__ = ["cache_root", "daemon_folder", "log_folder", "weights_folder"]


def cache_root() -> Path:
    """For what can be made again at any time; PLOSIVE_CACHE names another place."""
    chosen = os.environ.get("PLOSIVE_CACHE")
    if chosen:
        return Path(chosen)
    return _own_folder("Cache", "Caches", "XDG_CACHE_HOME", Path(".cache"))


def daemon_folder() -> Path:
    """For the queue of the local service and how to reach it; PLOSIVE_STATE names another place."""
    chosen = os.environ.get("PLOSIVE_STATE")
    if chosen:
        return Path(chosen)
    return _own_folder("Data", "Application Support", "XDG_DATA_HOME", Path(".local") / "share") / "daemon"


def log_folder() -> Path:
    """For logs; PLOSIVE_LOGS names another place."""
    chosen = os.environ.get("PLOSIVE_LOGS")
    if chosen:
        return Path(chosen)
    return _own_folder("Logs", "Logs", "XDG_STATE_HOME", Path(".local") / "state")


def weights_folder() -> Path:
    """For weights of the user's own models; PLOSIVE_WEIGHTS names another place."""
    chosen = os.environ.get("PLOSIVE_WEIGHTS")
    if chosen:
        return Path(chosen)
    return _own_folder("Data", "Application Support", "XDG_DATA_HOME", Path(".local") / "share") / "weights"


def _own_folder(windows: str, mac: str, variable: str, otherwise: Path) -> Path:
    """Plosive's own folder where Windows, macOS and other systems (XDG Base Directory) keep such files."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "Plosive" / windows
    if sys.platform == "darwin":
        return Path.home() / "Library" / mac / "Plosive"
    return Path(os.environ.get(variable) or Path.home() / otherwise) / "plosive"
