# SPDX-License-Identifier: Apache-2.0
"""Where output grows before it is whole, and what the file system may say about it."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from plosive.errors import MediaWriteError

__all__ = [
    "StagedFile",
    "StagedFolder",
    "linked_or_copied",
    "require_writable_target",
    "write_error",
    "write_new",
    "write_whole",
]

_REASONS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EFBIG: "the disk takes no files of that size",
    errno.EACCES: "there is no permission to write there",
    errno.EPERM: "there is no permission to write there",
    errno.EROFS: "the disk is read-only",
    errno.ENOENT: "its folder does not exist",
    errno.EIO: "the disk reported an error",
}


def write_error(path: Path, error: OSError) -> MediaWriteError:
    """One sentence on why `path` cannot be written."""
    reason = _REASONS.get(error.errno or 0) or error.strerror or str(error)
    return MediaWriteError(f"{path} cannot be written: {reason}.")


def require_writable_target(path: Path, plate_files: Iterable[Path], overwrite: bool) -> None:
    """Raises MediaWriteError if `path` is one of the plate's files, exists unasked, or cannot be written."""
    resolved = path.resolve()
    for plate_file in plate_files:
        if resolved == plate_file.resolve() or _is_same_file(path, plate_file):
            raise MediaWriteError(f"{path} is the plate itself; give another name for the result.")
    if path.is_dir():
        raise MediaWriteError(f"{path} is a folder; give a file name for the result.")
    if path.exists() and not overwrite:
        raise MediaWriteError(f"{path} exists already; give another name, or --overwrite to replace it.")
    require_writable_folder(path.parent, path)


def require_writable_folder(folder: Path, wanted: Path) -> None:
    """Raises MediaWriteError if `folder`, in which `wanted` shall lie, is missing or closed to us."""
    if not folder.is_dir():
        raise MediaWriteError(f"The folder {folder} for {wanted.name} does not exist; make it first.")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise MediaWriteError(f"{wanted} cannot be written: there is no permission to write in {folder}.")


def _is_same_file(first: Path, second: Path) -> bool:
    try:
        return first.samefile(second)
    except OSError:
        return False


class StagedFile:
    """A file that appears under its name only when it is whole.

    It is a binary file object for FFmpeg: the first failure to write is kept in `error`, because FFmpeg
    tells of it late and vaguely.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.error: OSError | None = None
        self.temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
        try:
            self._file = self.temporary.open("wb+")
        except OSError as error:
            raise write_error(path, error) from error

    def write(self, data: bytes) -> int:
        return self._kept(lambda: self._file.write(data))

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._kept(lambda: self._file.seek(offset, whence))

    def tell(self) -> int:
        return self._file.tell()

    def read(self, size: int = -1) -> bytes:
        """FFmpeg reads back only to move the index to the front."""
        return self._file.read(size)

    def seekable(self) -> bool:
        return True

    def flush(self) -> None:
        """Hand everything to the system, so that others can read it under the temporary name."""
        self._kept(self._flushed)

    def commit(self, *, is_new: bool = False) -> None:
        """Close and give the file its name, with `is_new` only if nothing has it. Raises MediaWriteError."""
        try:
            if self.error is not None:
                raise self.error
            self._file.flush()
            _settle(self._file.fileno())
            self._file.close()
            if is_new:
                _name_new(self.temporary, self.path)
            else:
                os.replace(self.temporary, self.path)
            _settle_folder(self.path.parent)
        except FileExistsError as error:
            self.discard()
            raise MediaWriteError(f"{self.path} exists already; it is left as it is: try again.") from error
        except OSError as error:
            self.discard()
            raise write_error(self.path, error) from error

    def discard(self) -> None:
        """Remove what was written."""
        with contextlib.suppress(OSError):
            self._file.close()
        self.temporary.unlink(missing_ok=True)

    def _flushed(self) -> int:
        self._file.flush()
        return 0

    def _kept(self, action: object) -> int:
        assert callable(action)
        try:
            return int(action())
        except OSError as error:
            self.error = self.error or error
            raise


class StagedFolder:
    """Files that appear in `folder` only when all are whole. The folder itself may be new. `label` tells two
    of one job apart that go to the same folder.
    """

    def __init__(self, folder: Path, label: str = "") -> None:
        self.folder = folder
        self.temporary = folder.parent / f".{folder.name}.{os.getpid()}{label}.part"
        if folder.is_dir():
            self.temporary = folder / f".{os.getpid()}{label}.part"
        try:
            self.temporary.mkdir()
        except OSError as error:
            raise write_error(folder, error) from error

    def commit(self) -> None:
        """Move every file to its place. Raises MediaWriteError."""
        try:
            for file in self.temporary.iterdir():
                if file.is_file():
                    _settle_file(file)
            if not self.folder.is_dir():
                os.replace(self.temporary, self.folder)
                _settle_folder(self.folder.parent)
                return
            for file in sorted(self.temporary.iterdir()):
                os.replace(file, self.folder / file.name)
            self.temporary.rmdir()
            _settle_folder(self.folder)
        except OSError as error:
            self.discard()
            raise write_error(self.folder, error) from error

    def discard(self) -> None:
        shutil.rmtree(self.temporary, ignore_errors=True)


def _settle(descriptor: int) -> None:
    """Have what was written on the disk before it gets its name: a power cut may otherwise leave the name and
    nothing in it (rename(2) promises no order). Raises OSError where the disk turns out to be full or broken.
    """
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # disks that know no such thing
            raise


def _settle_file(path: Path) -> None:
    """The same of a file that is closed."""
    descriptor = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
    try:
        _settle(descriptor)
    finally:
        os.close(descriptor)


def _settle_folder(folder: Path) -> None:
    """Have the name on the disk, where the system can be asked for it (Windows cannot)."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _name_new(temporary: Path, path: Path) -> None:
    """Raises FileExistsError where something has the name, and OSError."""
    try:
        os.link(temporary, path)  # unlike a rename it never replaces anything
    except FileExistsError:
        raise
    except OSError:  # disks without second names
        if os.path.lexists(path):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path)) from None
        os.replace(temporary, path)
    else:
        temporary.unlink()


def linked_or_copied(file: Path, target: Path) -> None:
    """Give `file` a second name, or copy it where the disk has none; replaces `target`. Raises OSError."""
    target.unlink(missing_ok=True)
    try:
        os.link(file, target)
    except OSError:
        shutil.copyfile(file, target)


def write_whole(path: Path, text: str) -> None:
    """Write `text` as UTF-8 under a temporary name, then rename. Raises MediaWriteError."""
    _staged(path, text.encode("utf-8")).commit()


def write_new(path: Path, content: bytes) -> None:
    """Write a file that appears whole, under a name that nothing has. Raises MediaWriteError."""
    _staged(path, content).commit(is_new=True)


def _staged(path: Path, content: bytes) -> StagedFile:
    staged = StagedFile(path)
    try:
        staged.write(content)
    except OSError:
        pass  # `staged` keeps it, and tells it in `commit`
    except BaseException:
        staged.discard()
        raise
    return staged
