# SPDX-License-Identifier: Apache-2.0
"""What the workers that make one reel know of each other: small files in its job's folder."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from plosive_daemon.one_daemon import DaemonLock

__all__ = ["SharedReel"]


class SharedReel:
    """Implements `plosive.reel.renders.sharing.Sharing` in `folder`. Claims are locks, which the system drops
    when their process ends.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._claims: dict[str, DaemonLock] = {}

    def begin(self, device: str = "") -> None:
        """The leader's first word, it works on `device` (cpu, cuda): what an earlier try left goes, but for
        what was made. Raises OSError.
        """
        self._folder.mkdir(mode=0o700, exist_ok=True)
        for path in self._folder.iterdir():
            if path.suffix != ".made":
                path.unlink(missing_ok=True)

        (self._folder / "device.txt").write_text(device, encoding="ascii")

    @property
    def device(self) -> str:
        """What the leader works on; empty: not told."""
        with suppress(OSError):
            return (self._folder / "device.txt").read_text(encoding="ascii")
        return ""

    def claim(self, name: str) -> bool:
        lock = DaemonLock(self._folder / f"{name}.lock")
        if not lock.take():
            return False
        self._claims[name] = lock
        return True

    def release(self, name: str, *, is_done: bool) -> None:
        if is_done:
            self._note(f"{name}.done")
        lock = self._claims.pop(name, None)
        if lock is not None:
            lock.release()

    def is_done(self, name: str) -> bool:
        return (self._folder / f"{name}.done").exists()

    def note_made(self, key: str) -> None:
        self._note(f"{key}.made")

    def was_made(self, key: str) -> bool:
        return (self._folder / f"{key}.made").exists()

    @property
    def helpers(self) -> int:
        return sum(1 for _ in self._folder.glob("*.helper"))

    def note_helper(self, name: str, *, is_there: bool) -> None:
        """The device `name` helps from now on, or no longer. Loses nothing but numbers where it fails."""
        mark = self._folder / f"{name}.helper"
        with suppress(OSError):
            if is_there:
                mark.touch(mode=0o600)
            else:
                mark.unlink(missing_ok=True)

    def _note(self, name: str) -> None:
        with suppress(OSError):  # it is looked up or made again then
            (self._folder / name).touch(mode=0o600)
