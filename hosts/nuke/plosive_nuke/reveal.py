# SPDX-License-Identifier: Apache-2.0
"""Shows a folder in the system's file browser."""

from __future__ import annotations

import os
import subprocess
import sys

from plosive_host import PlosiveHostError
from plosive_host.environment import child_environment

__all__ = ["reveal"]


def reveal(folder: str) -> None:
    """Raises PlosiveHostError where it is not there or no browser can be started."""
    if not os.path.isdir(folder):
        raise PlosiveHostError(f"There is no folder {folder} yet.", "NUKE")
    commands = {"win32": ["explorer", os.path.normpath(folder)], "darwin": ["open", folder]}
    command = commands.get(sys.platform, ["xdg-open", folder])
    try:
        subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=child_environment(os.environ),
        )
    except OSError as error:
        raise PlosiveHostError(f"The folder is {folder}; it could not be opened.", "NUKE") from error
