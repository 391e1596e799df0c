# SPDX-License-Identifier: Apache-2.0
"""Which files a request may name: real ones under the roots, and no result over a source.

Checked when a job is submitted and again by the worker just before use (`plosive_daemon.service.guard`).
"""

from __future__ import annotations

import ntpath
import os
import re
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath

from plosive.errors import MediaReadError
from plosive_daemon.service.errors import InvalidRequest, PathRefused

__all__ = ["PICTURE_SUFFIXES", "Roots", "is_pattern", "require_no_source_written", "windows_problem"]

_PATTERN = re.compile(r"#+|@+|%(?:0\d+)?d")
_NUMBER = re.compile(r"\d+(?=\D*$)")
_DEVICE_NAMES = re.compile(r"(?i)^(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])[ .]*(\..*)?$")
# Their files look plain, but are memory and settings of the kernel.
_KERNEL_FOLDERS = ("/proc", "/sys")
PICTURE_SUFFIXES = frozenset({".bmp", ".dpx", ".exr", ".jpeg", ".jpg", ".png", ".tga", ".tif", ".tiff"})


@dataclass(frozen=True)
class Roots:
    """Folders that may be read from and written to, all beneath included; none: all that the user can.
    Nothing in `private` is touched in any case: the daemon's own folder, with its token and its queue.
    """

    read: tuple[Path, ...] = ()
    write: tuple[Path, ...] = ()
    private: tuple[Path, ...] = ()

    def readable(self, text: str, field: str) -> Path:
        """The real path of a source: a file, a folder, or a pattern in a folder that exists. Only a link to a
        file of another extension keeps its name.

        Raises PathRefused for one outside the roots or of an odd kind, MediaReadError where there is nothing.
        """
        path = _resolved(text, field, (*self.read, *self.write))
        _require_inside(path, (*self.read, *self.write) if self.read else (), field, "read from")
        self._require_not_private(path, field)
        try:
            mode = path.stat().st_mode
        except (FileNotFoundError, NotADirectoryError):
            if is_pattern(path) and path.parent.is_dir():
                return path
            raise MediaReadError(f"{path} does not exist; check the path ({field}).") from None
        except OSError as error:
            raise MediaReadError(f"{path} cannot be read: {error.strerror}.") from None
        _require_plain(path, mode, field)
        return _as_named(text, path)

    def writable(self, text: str, field: str, *, may_make_folders: bool = False) -> Path:
        """The real path of a result, whose folder exists unless `may_make_folders`. What is there already may
        be a file or a folder only.

        Raises PathRefused for one outside the roots or of an odd kind.
        """
        path = _resolved(text, field, self.write)
        _require_inside(path, self.write, field, "written to")
        self._require_not_private(path, field)
        if not may_make_folders and not path.parent.is_dir():
            raise InvalidRequest(f"The folder {path.parent} does not exist; make it first.", field)
        if path.exists():
            _require_plain(path, path.stat().st_mode, field)
        return path

    def _require_not_private(self, path: Path, field: str) -> None:
        if any(_is_beneath(path, Path(os.path.realpath(folder))) for folder in self.private):
            raise PathRefused(f"{path} lies in the daemon's own folder; choose another ({field}).", field)


def is_pattern(path: Path) -> bool:
    """Whether the name stands for the frames of a sequence (%04d, ####, @@@@)."""
    return bool(_PATTERN.search(path.name))


def require_no_source_written(out: Path, sources: Iterable[Path], field: str) -> None:
    """Raises PathRefused where `out` is one of `sources` (a link to it, another spelling of it, a frame of
    it, the same pattern), or pictures go among the pictures of a source.
    """
    for source in sources:
        if _is_same(out, source) or (_is_same(out.parent, source.parent) and _shape(out) == _shape(source)):
            raise PathRefused(f"The result may not go over the source {source}; choose another name.", field)
        is_among = source.is_dir() and _is_same(out.parent, source) and _is_pictures(out)
        if is_among or (out.is_dir() and _is_pictures(source) and _is_same(out, source.parent)):
            raise PathRefused(
                f"The result may not go among the frames of {source}; choose another folder.", field
            )


def windows_problem(text: str, roots: Iterable[Path] = ()) -> str:
    """What keeps a path from being taken on Windows; empty: nothing.

    Network paths are taken only beneath a root: opening one tells the user's credentials to the machine named
    in it. Device names, streams and drive-relative paths: learn.microsoft.com, 'Naming Files, Paths, and
    Namespaces'.
    """
    path = PureWindowsPath(text)
    if text[:4].replace("/", "\\") in ("\\\\?\\", "\\\\.\\") or text.startswith("\\??\\"):
        return "is a device path"
    if path.drive and not path.root:
        return "is relative to the current folder of a drive"
    if not path.drive:
        return "has no drive"
    if path.drive.startswith("\\\\"):
        plain = PureWindowsPath(ntpath.normpath(text))
        if not any(_is_beneath(plain, PureWindowsPath(str(root))) for root in roots):
            return "is on the network and under none of the roots"
    for part in path.parts[1:]:
        if ":" in part:
            return "names a stream"
        if _DEVICE_NAMES.match(part):
            return f"holds the device name {part}"
        if part != ".." and part != part.rstrip(" ."):
            return "holds a name that ends in a point or space"
    return ""


def _resolved(text: str, field: str, roots: tuple[Path, ...]) -> Path:
    if not text:
        raise InvalidRequest(f"{field} is empty; give an absolute path.", field)
    if any(ord(letter) < 32 for letter in text):
        raise PathRefused(f"{field} holds control characters; leave them out.", field)
    if os.name == "nt" and (problem := windows_problem(text, roots)):
        raise PathRefused(f"{text} {problem}; give another path ({field}).", field)
    if not os.path.isabs(text):
        raise PathRefused(f"{text} is not absolute; give the whole path ({field}).", field)
    try:
        return Path(os.path.realpath(text))
    except (OSError, ValueError) as error:
        raise PathRefused(f"{text} leads nowhere ({error}); give another path ({field}).", field) from None


def _as_named(text: str, path: Path) -> Path:
    """`path`, or where a link leads to a file of another extension, the link in its real folder: files are
    read by their extensions, and stores of media name theirs by content.
    """
    named = Path(text)
    if named.suffix.lower() == path.suffix.lower() or not named.is_symlink():
        return path
    return Path(os.path.realpath(named.parent)) / named.name


def _require_inside(path: Path, roots: tuple[Path, ...], field: str, what: str) -> None:
    if any(path.is_relative_to(folder) for folder in _KERNEL_FOLDERS) and os.name != "nt":
        raise PathRefused(f"{path} is a matter of the system, not of media ({field}).", field)
    if roots and not any(_is_beneath(path, Path(os.path.realpath(root))) for root in roots):
        raise PathRefused(f"{path} lies outside the folders that may be {what} (`plosive serve`).", field)


def _is_beneath(path: PureWindowsPath | Path, root: PureWindowsPath | Path) -> bool:
    return path == root or root in path.parents


def _require_plain(path: Path, mode: int, field: str) -> None:
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise PathRefused(f"{path} is no plain file or folder but a device, pipe or socket ({field}).", field)


def _is_same(one: Path, other: Path) -> bool:
    if one == other or os.path.normcase(one) == os.path.normcase(other):
        return True
    try:
        return os.path.samefile(one, other)  # hard links, and file systems that do not tell A from a
    except OSError:
        return False


def _is_pictures(path: Path) -> bool:
    return is_pattern(path) or path.suffix.lower() in PICTURE_SUFFIXES


def _shape(path: Path) -> str:
    """A name with its pattern, or the frame number of a picture, taken out."""
    if is_pattern(path):
        return os.path.normcase(_PATTERN.sub("#", path.name))
    stem = _NUMBER.sub("#", path.stem) if _is_pictures(path) else path.stem
    return os.path.normcase(stem + path.suffix)
