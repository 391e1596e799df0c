# SPDX-License-Identifier: Apache-2.0
"""Temporary files that a killed worker left behind, and the folder in which a job keeps what it needs later.

A job's folder holds `journal/` (frames that were made), `preview.jpg`, `tries.txt`: a line with the process
and the folders that each try wrote to, so that they are found again after the daemon itself died; and
`claim.txt` once a try found nothing under the result's name: what lies there when that try was cut off,
between the result's last rename and the word that it is done, is the job's own. A reel that several workers
make has `shared/`, and a folder like this one for each that helps.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from plosive_daemon.private_files import make_private_folder

__all__ = ["JobFolder", "remove_partial_output"]

_MOST_TRIES_BYTES = 1 << 20


def remove_partial_output(folders: Iterable[Path], pid: int) -> list[Path]:
    """Remove what process `pid` was writing in `folders` (`plosive.media.staging` names it .NAME.PID.part,
    folders .NAME.PID.LABEL.part or .PID.LABEL.part, too) and nothing else; what was removed. The process must
    be dead.
    """
    removed: list[Path] = []
    is_partial = re.compile(rf"\.(?:.*\.)?{pid}(?:\.[a-z]+)?\.part", re.DOTALL).fullmatch
    for folder in dict.fromkeys(folders):
        try:
            names = [entry.name for entry in os.scandir(folder) if is_partial(entry.name)]
        except OSError:
            continue
        for name in names:
            path = folder / name
            with suppress(OSError):
                if path.is_dir() and not path.is_symlink():
                    shutil.rmtree(path)
                else:
                    path.unlink()
                removed.append(path)
    return removed


class JobFolder:
    """What one job keeps between its tries, in `path`, for this user alone."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def journal(self) -> Path:
        return self.path / "journal"

    @property
    def preview(self) -> Path:
        return self.path / "preview.jpg"

    @property
    def shared(self) -> Path:
        """What workers that make one reel know of each other."""
        return self.path / "shared"

    def of_helper(self, device: str) -> JobFolder:
        """What the worker of another device keeps that helps with this job."""
        return JobFolder(self.path / f"helper-{device.replace(':', '-')}")

    def make(self) -> None:
        """Raises StateFolderError."""
        make_private_folder(self.path)

    def begin_try(
        self, pid: int, folders: Iterable[Path], *, is_out_there: bool, has_trees: bool = False
    ) -> bool:
        """Process `pid` writes to `folders` from now on, with `has_trees` also to those in them, which it may
        make; what earlier tries left is removed. Returns whether what is under the result's name, if
        anything, is this job's own.
        """
        self.clean()
        line = json.dumps(
            {"pid": pid, "folders": [str(folder) for folder in folders], "has_trees": has_trees}
        )
        with (self.path / "tries.txt").open("a", encoding="utf-8") as file:
            file.write(line + "\n")
        claim = self.path / "claim.txt"
        if not is_out_there:
            claim.touch(mode=0o600)
        return claim.exists()

    def end_try(self) -> None:
        """The last try came to its own end, and left nothing: what appears under the result's name later is
        somebody else's.
        """
        for name in ("claim.txt", "tries.txt"):
            (self.path / name).unlink(missing_ok=True)

    def remove_journal(self) -> None:
        """There will be no further try, or it begins anew."""
        for path in (self.journal, self.shared, *self.path.glob("helper-*")):
            shutil.rmtree(path, ignore_errors=True)

    def clean(self) -> None:
        """Remove what dead tries left in the folders they wrote to. One whose process lives is left alone:
        its number may be another program's by now.
        """
        for helper in self.path.glob("helper-*"):
            JobFolder(helper).clean()
        tries = self.path / "tries.txt"
        kept: list[str] = []
        try:
            with tries.open(encoding="utf-8", errors="replace") as file:
                lines = file.read(_MOST_TRIES_BYTES).splitlines()
        except OSError:
            return
        for line in lines:
            with suppress(ValueError, KeyError, TypeError):
                told = json.loads(line)
                if _is_alive(int(told["pid"])):
                    kept.append(line)
                else:
                    folders = [Path(folder) for folder in told["folders"]]
                    if told.get("has_trees"):
                        folders = [Path(place) for folder in folders for place, _, _ in os.walk(folder)]
                    remove_partial_output(folders, int(told["pid"]))
        with suppress(OSError):
            if kept:
                tries.write_text("".join(f"{line}\n" for line in kept), encoding="utf-8")
            else:
                tries.unlink()

    def remove(self) -> None:
        """Forget the job: everything goes."""
        self.clean()
        shutil.rmtree(self.path, ignore_errors=True)


def _is_alive(pid: int) -> bool:
    if sys.platform == "win32":  # os.kill would end it there
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
