# SPDX-License-Identifier: Apache-2.0
"""Starts the user's daemon: on its own, so that it outlives the client."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

from plosive_client.errors import DaemonAbsent

__all__ = ["Launch", "daemon_command", "daemon_environment"]

_LAST_WORDS_BYTES = 4_096
_FROM_HOSTS = ("LD_LIBRARY_PATH", "PYTHONHOME", "PYTHONINSPECT", "PYTHONSTARTUP")
_FROM_HOSTS_PREFIXES = ("DYLD_", "QT_")


class Launch:
    """A daemon that was started. What it says before it has its own logs goes to logs/start.log."""

    def __init__(self, state_folder: Path) -> None:
        command = daemon_command()
        self.log_path = state_folder / "logs" / "start.log"
        try:
            for folder in (state_folder, self.log_path.parent):
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0)
            with open(os.open(self.log_path, flags, 0o600), "wb") as log:
                self._process = subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    cwd=state_folder,
                    env=daemon_environment(dict(os.environ), state_folder),
                    start_new_session=os.name != "nt",
                    creationflags=_detached(),
                )
        except OSError as error:
            raise DaemonAbsent(
                f"The Plosive daemon could not be started with {command[0]} in {state_folder}: "
                f"{error.strerror}."
            ) from error
        # Somebody must take its exit code should it end before this process, or it stays a zombie.
        threading.Thread(target=self._process.wait, name="plosive-daemon-started", daemon=True).start()

    @property
    def has_ended(self) -> bool:
        return self._process.poll() is not None

    @property
    def was_killed(self) -> bool:
        """Whether it ended by no will of its own."""
        code = self._process.poll()
        return code is not None and code < 0

    def last_words(self) -> str:
        """The last line it wrote; empty: none."""
        try:
            with self.log_path.open("rb") as log:
                log.seek(max(0, os.fstat(log.fileno()).st_size - _LAST_WORDS_BYTES))
                lines = log.read().decode("utf-8", "replace").split("\n")
        except OSError:
            return ""
        return next((line.strip() for line in reversed(lines) if line.strip()), "")


def daemon_command() -> list[str]:
    """This Python where Plosive is installed in it, else the `plosive` that the user's PATH finds."""
    if importlib.util.find_spec("plosive") is not None:
        return [sys.executable, "-m", "plosive.cli", "serve"]
    script = shutil.which("plosive")
    if script is None:
        raise DaemonAbsent(
            f"No Plosive daemon runs, and neither {sys.executable} nor the PATH has a Plosive to start one; "
            "install plosive[daemon], or start `plosive serve` on your own."
        )
    return [script, "serve"]


def daemon_environment(environment: dict[str, str], state_folder: Path) -> dict[str, str]:
    """`environment` without what hosts set for themselves. PYTHONPATH stays for this same Python, which runs
    by it, and goes for another.
    """
    is_same_python = importlib.util.find_spec("plosive") is not None
    kept = {
        name: value
        for name, value in environment.items()
        if name not in _FROM_HOSTS
        and not name.startswith(_FROM_HOSTS_PREFIXES)
        and (is_same_python or name != "PYTHONPATH")
    }
    if "PYTHONPATH" in kept:  # the daemon runs in another folder
        places = kept["PYTHONPATH"].split(os.pathsep)
        kept["PYTHONPATH"] = os.pathsep.join(os.path.abspath(place) for place in places)
    return {**kept, "PLOSIVE_STATE": str(state_folder.absolute())}


def _detached() -> int:
    """Windows: no console, and no Ctrl-C of the parent's."""
    names = ("DETACHED_PROCESS", "CREATE_NEW_PROCESS_GROUP")
    return sum(int(getattr(subprocess, name)) for name in names) if os.name == "nt" else 0
