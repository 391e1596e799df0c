# SPDX-License-Identifier: Apache-2.0
"""Files and folders that appear whole or not at all."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from plosive_install.errors import cannot

__all__ = ["make_folder", "make_whole_folder", "remove_empty_folders", "remove_file", "write_file"]


def make_folder(folder: Path) -> tuple[Path, ...]:
    """The folders that had to be made, outermost first. Raises InstallError."""
    missing: list[Path] = []
    while not folder.is_dir():
        missing.append(folder)
        if folder.parent == folder:
            break
        folder = folder.parent
    for path in reversed(missing):
        try:
            path.mkdir(exist_ok=True)
        except OSError as error:
            raise cannot("made", path, error) from error
    return tuple(reversed(missing))


def write_file(path: Path, content: bytes) -> None:
    """Through a file beside it, which takes the place of `path` when it is whole. A link stays a link, and
    what it points at is written; the mode of a file that was there stays. Raises InstallError.
    """
    target = Path(os.path.realpath(path)) if path.is_symlink() else path
    temporary = ""
    try:
        handle, temporary = tempfile.mkstemp(prefix=".plosive-", suffix=".part", dir=target.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            if not os.access(
                target, os.W_OK
            ):  # its owner does not want it changed: replacing would get around that
                raise PermissionError
            shutil.copymode(target, temporary)
        else:
            os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, target)
    except OSError as error:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise cannot("written", path, error) from error


def make_whole_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """A folder with these files (paths with /); it gets its name when all are there. Raises InstallError."""
    make_folder(folder.parent)
    try:
        making = Path(tempfile.mkdtemp(prefix=".plosive-", suffix=".part", dir=folder.parent))
    except OSError as error:
        raise cannot("made", folder, error) from error
    try:
        for name, content in files.items():
            path = making / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        os.chmod(making, 0o777 & ~_umask())
        os.replace(making, folder)
    except OSError as error:
        shutil.rmtree(making, ignore_errors=True)
        raise cannot("made", folder, error) from error


def remove_file(path: Path) -> None:
    """Nothing happens where it is gone. Raises InstallError."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise cannot("removed", path, error) from error


def remove_empty_folders(folders: list[Path]) -> None:
    """The innermost first; what is not empty, or not to be removed, stays."""
    for folder in sorted(folders, key=lambda path: len(path.parts), reverse=True):
        with contextlib.suppress(OSError):
            folder.rmdir()


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
