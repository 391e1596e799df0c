# SPDX-License-Identifier: Apache-2.0
"""Where a host's scripts keep what is the user's: settings, what was chosen last, logs."""

from __future__ import annotations

import os
import sys
from pathlib import Path

__all__ = ["data_folder"]


def data_folder() -> Path:
    """The user's data folder of Plosive, which may not exist yet; PLOSIVE_HOST_DATA names another one."""
    chosen = os.environ.get("PLOSIVE_HOST_DATA")
    if chosen:
        return Path(chosen)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "Plosive" / "Data"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "Plosive"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "plosive"
