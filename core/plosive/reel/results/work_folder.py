# SPDX-License-Identifier: Apache-2.0
"""The folder that a reel is conformed into, for one run at a time."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from plosive.errors import MediaWriteError
from plosive.file_lock import locked
from plosive.media.staging import require_writable_folder, write_error
from plosive.reel.renders.folder import clear_folders, remove_partials
from plosive.reel.results.publishing import clear_unpublished

__all__ = ["held_folder"]


@contextmanager
def held_folder(folder: Path) -> Iterator[None]:
    """Make `folder`, or take up the one that is there, and clear away what a killed run left half written.
    The system lets go of it when the process ends, however it does; disks that know no locks go without.

    One that was made here and in which nothing came about goes again.

    Raises MediaWriteError where it is no folder, is closed to us, or another run is at work in it.
    """
    is_new = not folder.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        require_writable_folder(folder, folder / ".plosive")
        own = folder / ".plosive"
        own.mkdir(exist_ok=True)
        require_writable_folder(own, own / "lock")
        descriptor = os.open(own / "lock", os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o666)
    except (FileExistsError, NotADirectoryError) as error:
        raise MediaWriteError(f"{folder} is a file; give a folder for the conformed edit.") from error
    except OSError as error:
        raise write_error(folder, error) from error
    try:
        if not _is_ours(descriptor):
            holder = _holder(own / "lock")
            raise MediaWriteError(
                f"{folder} is in use by another conform{holder}; wait for it, or give another folder."
            )
        with suppress(OSError):  # only for the sentence above
            os.ftruncate(descriptor, 0)
            os.write(descriptor, f"process {os.getpid()} on {socket.gethostname()}\n".encode())
        clear_unpublished(folder)
        clear_folders(folder)
        remove_partials(folder)
        remove_partials(folder / "media", with_folders=True)
        yield
    except BaseException:
        if is_new:
            _remove_empty(folder)
        raise
    finally:
        os.close(descriptor)


def _remove_empty(folder: Path) -> None:
    own = folder / ".plosive"
    with suppress(OSError):
        if [path.name for path in folder.iterdir()] == [own.name]:
            if [path.name for path in own.iterdir()] == ["lock"]:
                (own / "lock").unlink()
            own.rmdir()
            folder.rmdir()


def _is_ours(descriptor: int) -> bool:
    """Disks that know no locks go without."""
    try:
        return locked(descriptor)
    except OSError:
        return True


def _holder(lock: Path) -> str:
    with suppress(OSError, ValueError):
        told = lock.read_text(encoding="utf-8")[:200].strip()
        return f" ({told})" if told else ""
    return ""
