# SPDX-License-Identifier: Apache-2.0
"""Media that lies in the edit's own file: bundles of OpenTimelineIO, as a folder (otiod) or a ZIP archive
(otioz).
"""

from __future__ import annotations

import os
import shutil
import zipfile
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
    if suffix == ".otiod":
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
    """The folder `folder`/NAME with all media of the archive NAME.otioz. What is there already, of the same
    length, stays; each file is whole before it has its name. Raises MediaReadError and MediaWriteError.
    """
    place = folder / path.stem
    try:
        with zipfile.ZipFile(path) as archive:
            members = [one for one in archive.infolist() if not one.is_dir() and one.filename != CONTENT]
            wanted = [(one, place / _inside(one.filename, path)) for one in members]
            missing = [(one, to) for one, to in wanted if not _is_there(to, one.file_size)]
            place.mkdir(parents=True, exist_ok=True)
            needed, free = sum(one.file_size for one, _ in missing), shutil.disk_usage(place).free
            if needed > free:
                raise MediaWriteError(
                    f"The media in {path.name} needs {needed // 2**20} MB in {folder}, which has "
                    f"{free // 2**20} MB; make room or choose another folder."
                )
            for member, target in missing:
                _unpack(archive, member, target)
    except zipfile.BadZipFile as error:
        raise MediaReadError(f"{path.name} is damaged ({error}); copy or export it again.") from error
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


def _is_there(path: Path, size: int) -> bool:
    return path.is_file() and path.stat().st_size == size


def _unpack(archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with archive.open(member) as packed, partial.open("wb") as file:
            shutil.copyfileobj(packed, file, _CHUNK_BYTES)
        os.replace(partial, target)
    finally:
        partial.unlink(missing_ok=True)
