# SPDX-License-Identifier: Apache-2.0
"""The folder of one render: its own from the first file to the last, also over runs that were killed."""

from __future__ import annotations

import os
import re
import shutil
import socket
from contextlib import suppress
from pathlib import Path

from plosive.errors import MediaWriteError

__all__ = ["clear_folders", "give_up_folder", "is_partial", "keep_folder", "remove_partials", "take_folder"]

_MARK = ".unfinished.part"
_MOST = 1000
_PARTIAL = re.compile(r"\.(?:.*\.)?\d+(?:\.[a-z]+)?\.part", re.DOTALL)  # as `media.staging` names them


def take_folder(wanted: Path) -> Path:
    """`wanted`, or NAME_2 and so on where that holds something else: new, or left by a run that was stopped
    in the midst, and then emptied. It bears a mark until `keep_folder`: what lies beside the mark belongs to
    no finished render. Raises MediaWriteError, OSError.
    """
    wanted.parent.mkdir(parents=True, exist_ok=True)
    for number in range(1, _MOST):
        folder = wanted if number == 1 else wanted.with_name(f"{wanted.name}_{number}")
        with suppress(FileExistsError):
            folder.mkdir()
        if folder.is_dir() and _emptied(folder):
            (folder / _MARK).write_text(f"{os.getpid()} {socket.gethostname()}\n", encoding="utf-8")
            return folder
    raise MediaWriteError(f"{wanted} and a thousand more like it exist; clear {wanted.parent} up.")


def keep_folder(folder: Path) -> None:
    """What is in it is finished, and known as such. Raises OSError."""
    (folder / _MARK).unlink(missing_ok=True)


def give_up_folder(folder: Path) -> None:
    """The render came to nothing: the folder goes, unless there is somebody else's file in it."""
    with suppress(OSError):
        _emptied(folder)
        folder.rmdir()


def clear_folders(folder: Path) -> None:
    """Give up the folders of renders that processes of this machine were making below `folder` (in one for
    each language) when they were killed. What others are at work on stays.
    """
    with suppress(OSError):
        for mark in list(folder.glob(f"*/*/{_MARK}")):
            with suppress(OSError, ValueError):
                pid, host = mark.read_text(encoding="utf-8").split()
                if host == socket.gethostname() and not _is_running(int(pid)):
                    give_up_folder(mark.parent)


def remove_partials(folder: Path, *, with_folders: bool = False) -> None:
    """Remove what killed runs were writing in `folder`, and in those in it where that is wanted."""
    with suppress(OSError):
        for path in list(folder.rglob("*") if with_folders else folder.iterdir()):
            if is_partial(path):
                _remove(path)


def is_partial(path: Path) -> bool:
    """What a process was still writing."""
    return _PARTIAL.fullmatch(path.name) is not None


def _is_running(pid: int) -> bool:
    """Whether there is such a process; where the system cannot be asked without harm, there may be."""
    if os.name == "nt":
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return pid != os.getpid()


def _emptied(folder: Path) -> bool:
    """Remove what an unfinished render left; whether nothing is in it now. The mark goes last."""
    mark = folder / _MARK
    is_unfinished = mark.exists()
    for path in list(folder.iterdir()):
        is_own = is_unfinished and path.name.startswith(f"{folder.name}.")
        if path != mark and (is_own or is_partial(path)):
            _remove(path)
    if is_unfinished and list(folder.iterdir()) == [mark]:
        mark.unlink()
    return not any(folder.iterdir())


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
