# SPDX-License-Identifier: Apache-2.0
"""Files copied to where they are wanted: all under temporary names first, then all under their own."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from plosive.errors import MediaWriteError

__all__ = ["deliver"]

_PIECE_BYTES = 64 << 20
_REASONS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EFBIG: "the disk takes no files of that size",
    errno.ENOENT: "its folder, or the file it is made from, is not there",
}


def deliver(
    files: Sequence[tuple[Path, Path]], *, overwrite: bool, are_sound: Callable[[], bool] = lambda: True
) -> bool:
    """Each (source, place): a copy of `source` at `place`, nothing where the two are one file. Where disks
    can (btrfs, XFS), a copy shares its blocks with its source until one of them is changed. No hard links:
    a program that edits a file in place would change both. `are_sound` is asked when all are copied: where it
    says False nothing is delivered, and so is the answer.

    Raises MediaWriteError, and then no place has anything it did not have, unless it was being replaced.
    """
    wanted = [(source, place) for source, place in files if not _is_same(source, place)]
    staged: list[tuple[Path, Path]] = []
    named: list[Path] = []
    try:
        for source, place in wanted:
            if place.exists() and not overwrite:
                raise MediaWriteError(f"{place} exists already; give another name, or allow to replace it.")
            temporary = place.with_name(f".{place.name}.{os.getpid()}.part")
            staged.append((temporary, place))
            _copy(source, temporary)
        if not are_sound():
            for temporary, _ in staged:
                temporary.unlink()
            return False
        for temporary, place in staged:
            was_there = place.exists()
            _name(temporary, place, overwrite)
            if not was_there:
                named.append(place)
        return True
    except BaseException as error:
        for path in (*named, *(temporary for temporary, _ in staged)):
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
        if isinstance(error, OSError):
            place = staged[-1][1]
            reason = _REASONS.get(error.errno or 0) or error.strerror or str(error)
            raise MediaWriteError(f"{place} cannot be written: {reason}.") from error
        raise


def _copy(source: Path, temporary: Path) -> None:
    with source.open("rb") as read, temporary.open("wb") as write:
        if not _copy_inside_system(read.fileno(), write.fileno()):
            read.seek(0)
            write.truncate(0)
            shutil.copyfileobj(read, write, 4 << 20)
    with contextlib.suppress(OSError):
        shutil.copystat(source, temporary)


def _copy_inside_system(read: int, write: int) -> bool:
    """Whether the system could copy all of it by itself, sharing blocks where the disk can (Linux)."""
    copy = getattr(os, "copy_file_range", None)
    if copy is None:
        return False
    try:
        while copy(read, write, _PIECE_BYTES):
            pass
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise
        return False
    return os.fstat(read).st_size == os.fstat(write).st_size


def _name(temporary: Path, place: Path, overwrite: bool) -> None:
    """Unless `overwrite`, a file that appeared there meanwhile stays (a link never replaces)."""
    if not overwrite:
        try:
            os.link(temporary, place)
        except FileExistsError as error:
            raise MediaWriteError(f"{place} exists already; give another name.") from error
        except OSError:  # this disk knows no links
            pass
        else:
            temporary.unlink()
            return
    os.replace(temporary, place)


def _is_same(source: Path, place: Path) -> bool:
    try:
        return source.samefile(place)
    except OSError:
        return False
