# SPDX-License-Identifier: Apache-2.0
"""The daemon's folder in the user's data: what lies where, who holds it, how to reach it.

settings.toml   what the user has set (settings.py)
daemon.lock     held by the daemon that runs
daemon.json     how to reach it, while it serves
daemon.sock     where it listens, by default
token           what every call must carry
queue/          jobs.db and what belongs to it (store)
results/        which results are known, and kept copies (results.py)
scratch/ID/     what job ID has made so far
logs/           of the daemon, and of each job
"""

from __future__ import annotations

import json
import os
import re
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from plosive.user_folders import daemon_folder
from plosive_daemon.one_daemon import DaemonLock
from plosive_daemon.private_files import StateFolderError, is_private, make_private_folder, write_private

__all__ = ["AlreadyRunning", "Endpoint", "StateFolder", "StateFolderError"]

_TOKEN = re.compile(rb"[A-Za-z0-9_-]{43,128}\n?")
_MOST_ENDPOINT_BYTES = 64 << 10
_MOST_SOCKET_BYTES = 100  # sockaddr_un holds 104 on macOS, 108 on Linux


@dataclass(frozen=True)
class Endpoint:
    """How a daemon is reached: `address` as gRPC takes it (unix:PATH or HOST:PORT). `started_unix_ms` is only
    shown.
    """

    address: str
    pid: int
    protocol_major: int
    started_unix_ms: int


class AlreadyRunning(StateFolderError):
    """Another daemon of this user holds the folder; `endpoint` is None while that one does not serve yet."""

    def __init__(self, sentence: str, endpoint: Endpoint | None) -> None:
        super().__init__(sentence)
        self.endpoint = endpoint


class StateFolder:
    """The folder at `root`, by default the user's own. Nothing is made before `prepare`."""

    def __init__(self, root: Path | None = None) -> None:
        self.root = (root or daemon_folder()).absolute()
        self._lock = DaemonLock(self.root / "daemon.lock")

    @property
    def queue(self) -> Path:
        return self.root / "queue"

    @property
    def results(self) -> Path:
        return self.root / "results"

    @property
    def scratch(self) -> Path:
        return self.root / "scratch"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def token_path(self) -> Path:
        return self.root / "token"

    @property
    def endpoint_path(self) -> Path:
        return self.root / "daemon.json"

    @property
    def socket_path(self) -> Path | None:
        """Where to listen; None where this system has no such sockets or the name is too long for one."""
        path = self.root / "daemon.sock"
        return path if os.name != "nt" and len(os.fsencode(path)) <= _MOST_SOCKET_BYTES else None

    def prepare(self) -> None:
        """Make the folders, for this user alone. Raises StateFolderError."""
        for folder in (self.root, self.queue, self.results, self.scratch, self.logs):
            make_private_folder(folder)

    def hold(self) -> None:
        """Be the one daemon here until `let_go` or the end of the process; what a dead one left as its
        endpoint goes. Raises AlreadyRunning, StateFolderError.
        """
        if not self._lock.take():
            running = self.read_endpoint()
            where = f", at {running.address}" if running else ", which is just starting or ending"
            pid = running.pid if running else self._lock.holder()
            raise AlreadyRunning(
                f"A Plosive daemon of yours runs already (process {pid or 'unknown'}{where}); use that one, "
                f"or stop it first. Its folder is {self.root}.",
                running,
            )
        self._remove_left_over()

    def let_go(self) -> None:
        """Serve no more: the endpoint goes, then the lock. May be called twice."""
        self._remove_left_over()
        self._lock.release()

    def token(self, *, is_renewed: bool = False) -> str:
        """What calls must carry: 43 characters or more, made where there is none, where others may have read
        it, or where `is_renewed`. To be called by the one that holds the folder. Raises StateFolderError.
        """
        if not is_renewed and is_private(self.token_path):
            kept = self.token_path.read_bytes()[:256]
            if _TOKEN.fullmatch(kept):
                return kept.decode("ascii").strip()
        token = secrets.token_urlsafe(32)
        write_private(self.token_path, f"{token}\n".encode("ascii"))
        if not is_private(self.token_path):
            self.token_path.unlink(missing_ok=True)
            raise StateFolderError(
                f"The disk of {self.root} keeps no permissions, so others could read the token; name another "
                "state folder with PLOSIVE_STATE."
            )
        return token

    def write_endpoint(self, endpoint: Endpoint) -> None:
        """Tell clients where to go; when it serves, not before. Raises StateFolderError."""
        write_private(self.endpoint_path, json.dumps(asdict(endpoint), indent=1).encode())

    def read_endpoint(self) -> Endpoint | None:
        """What the last daemon told, None where it told nothing or what is there makes no sense. It may be
        dead: see `running_endpoint`.
        """
        try:
            with self.endpoint_path.open("rb") as file:
                told = json.loads(file.read(_MOST_ENDPOINT_BYTES))
            endpoint = Endpoint(**{name: told[name] for name in Endpoint.__dataclass_fields__})
        except (OSError, ValueError, KeyError, TypeError):
            return None
        numbers = (endpoint.pid, endpoint.protocol_major, endpoint.started_unix_ms)
        is_right = isinstance(endpoint.address, str) and all(type(number) is int for number in numbers)
        return endpoint if is_right else None

    def running_endpoint(self) -> Endpoint | None:
        """Of the daemon that serves now; None where none does, whatever a dead one left behind."""
        endpoint = self.read_endpoint()
        return endpoint if endpoint is not None and self._lock.is_held() else None

    def _remove_left_over(self) -> None:
        self.endpoint_path.unlink(missing_ok=True)
        for partial in self.root.glob(".*.part"):
            partial.unlink(missing_ok=True)
