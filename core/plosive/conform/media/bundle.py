# SPDX-License-Identifier: Apache-2.0
"""Media that lies in the edit's own file: bundles of OpenTimelineIO, as a folder (otiod) or a ZIP archive
(otioz).
"""

from __future__ import annotations

import os
import shutil
import time
import zipfile
import zlib
from contextlib import suppress
from itertools import count
from pathlib import Path, PurePosixPath

from plosive.conform.otio_text import CONTENT
from plosive.errors import MediaReadError, MediaWriteError

__all__ = ["media_base", "require_sound_archive", "unpacked"]

_CHUNK_BYTES = 1024 * 1024


def media_base(edit: Path, unpack_to: Path | None) -> Path:
    """The folder that paths without a beginning count from: the edit's own, a bundle's, or where an archive's
    media is unpacked. Raises MediaReadError and MediaWriteError.
    """
    suffix = edit.suffix.lower()
    if suffix == ".otiod" or (suffix == ".fcpxmld" and edit.is_dir()):
        return edit
    if suffix == ".otioz" and unpack_to is not None:
        return unpacked(edit, unpack_to)
    return edit.parent


def require_sound_archive(path: Path, largest_bytes: int) -> None:
    """Raises MediaReadError where the timeline in an archive is missing, or larger than `largest_bytes`:
    packed it may look small.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            size = archive.getinfo(CONTENT).file_size
    except (zipfile.BadZipFile, OSError):
        raise MediaReadError(
            f"{path.name} cannot be read as OTIO bundle: it is no ZIP; export it again."
        ) from None
    except KeyError:
        raise MediaReadError(f"{path.name} holds no {CONTENT}; it is no bundle of an edit.") from None
    if size > largest_bytes:
        raise MediaReadError(
            f"The timeline in {path.name} has {size // 2**20} MB, more than an edit can have."
        )


def unpacked(path: Path, folder: Path) -> Path:
    """The folder `folder`/NAME with all media of the archive NAME.otioz. What is there already stays; an
    archive of that name with other content gets a folder of its own, NAME_2, for earlier edits lead to the
    first. Each file is whole before it has its name. Raises MediaReadError and MediaWriteError.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = {one.filename: one for one in archive.infolist() if not one.is_dir()}
            members.pop(CONTENT, None)
            inside = [(one, _inside(one.filename, path)) for one in members.values()]
            place = next(
                one
                for one in (folder / (path.stem if n == 1 else f"{path.stem}_{n}") for n in count(1))
                if not any((one / to).exists() and not _is_there(one / to, member) for member, to in inside)
            )
            missing = [(one, place / to) for one, to in inside if not (place / to).exists()]
            place.mkdir(parents=True, exist_ok=True)
            needed, free = sum(one.file_size for one, _ in missing), shutil.disk_usage(place).free
            if needed > free:
                raise MediaWriteError(
                    f"The media in {path.name} needs {needed // 2**20} MB in {folder}, which has "
                    f"{free // 2**20} MB; make room or choose another folder."
                )
            for member, target in missing:
                _unpack(archive, member, target)
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise MediaReadError(f"{path.name} is damaged ({error}); copy or export it again.") from error
    except RuntimeError as error:  # a password, a way of packing that Python does not know
        raise MediaReadError(f"{path.name} cannot be unpacked ({error}); export it again.") from error
    except OSError as error:
        raise MediaWriteError(
            f"The media in {path.name} cannot be unpacked to {folder} ({error.strerror or error}); "
            "choose another folder."
        ) from error
    return place


def _inside(name: str, path: Path) -> PurePosixPath:
    parts = PurePosixPath(name.replace("\\", "/"))
    if parts.is_absolute() or ".." in parts.parts or ":" in name:
        raise MediaReadError(f"{path.name} holds '{name}', which leads out of it; it is not unpacked.")
    return parts


def _is_there(path: Path, member: zipfile.ZipInfo) -> bool:
    """Whether a file holds what the archive does: by its length and time, which it got from there, else by
    its checksum.
    """
    known = path.stat()
    if not path.is_file() or known.st_size != member.file_size:
        return False
    if known.st_mtime == _time_of(member):
        return True
    checksum = 0
    with path.open("rb") as file:
        while block := file.read(_CHUNK_BYTES):
            checksum = zlib.crc32(block, checksum)
    return checksum == member.CRC


def _time_of(member: zipfile.ZipInfo) -> float:
    """In whole seconds; 0 where the archive tells none."""
    with suppress(ValueError, OverflowError):
        return time.mktime((*member.date_time, 0, 0, -1))
    return 0.0


def _unpack(archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with archive.open(member) as packed, partial.open("wb") as file:
            shutil.copyfileobj(packed, file, _CHUNK_BYTES)
        if _time_of(member) > 0:
            os.utime(partial, (_time_of(member),) * 2)
        os.replace(partial, target)
    finally:
        partial.unlink(missing_ok=True)
