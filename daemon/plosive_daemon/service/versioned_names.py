# SPDX-License-Identifier: Apache-2.0
"""Names with a version, such as shot010_de_v003.mov, that nothing has yet."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

from plosive.errors import MediaWriteError
from plosive_daemon.service.errors import InvalidRequest
from plosive_proto.v1 import sync_pb2

__all__ = ["extension_of_plate", "free_path"]

_MOST_VERSION = 9_999
_EXTENSION = re.compile(r"\.[A-Za-z0-9#@%.]{1,31}")
_TOKEN = re.compile(r"(#+|@+|%(?:0\d+)?d)")
_NUMBERED_PICTURE = re.compile(r"(?i)^.*?([._-])(\d+)(\.(?:bmp|dpx|exr|jpe?g|png|tga|tiff?))$")
_FIELD = "sync.output.versioned"


def free_path(wanted: sync_pb2.VersionedName, plate: Path, is_taken: Callable[[Path], bool]) -> Path:
    """The path in the folder of `wanted` (a real path) with the version after the highest that lies there,
    whatever its extension, and that is not promised to another job (`is_taken`).

    Raises InvalidRequest for a stem or extension that is no plain name, MediaWriteError where the folder
    cannot be read or no version is left.
    """
    stem, extension = wanted.stem, wanted.extension or extension_of_plate(plate)
    if not stem or stem != stem.strip(" .") or any(letter in '/\\:*?"<>|' for letter in stem):
        raise InvalidRequest(f"'{stem}' is no name for a result; leave separators out.", f"{_FIELD}.stem")
    if _TOKEN.search(stem):
        raise InvalidRequest(f"'{stem}' holds a frame pattern; put it into the extension.", f"{_FIELD}.stem")
    if not _EXTENSION.fullmatch(extension) or ".." in extension:
        raise InvalidRequest(
            f"'{extension}' is no extension; give one such as .mov or .####.exr.", f"{_FIELD}.extension"
        )
    folder = Path(wanted.folder_path)
    version = 1 + max(_versions(folder, stem), default=0)
    while version <= _MOST_VERSION:
        path = folder / f"{stem}_v{version:03d}{extension}"
        if not is_taken(path) and not os.path.lexists(path):
            return path
        version += 1
    raise MediaWriteError(f"{folder} holds {_MOST_VERSION} versions of {stem}; choose another stem.")


def extension_of_plate(plate: Path) -> str:
    """`.mov` of a video, `.####.exr` of a pattern or of one file of a sequence. Raises InvalidRequest for a
    folder, whose files nobody has looked at.
    """
    if plate.is_dir() or not plate.suffix:
        raise InvalidRequest(
            "The clip is a folder; give the extension of the result, such as .####.exr.",
            f"{_FIELD}.extension",
        )
    if token := _TOKEN.search(plate.name):
        digits = re.sub(r"\D", "", token[1])
        return f".{'#' * (int(digits) if digits else max(len(token[1]), 4))}{plate.suffix}"
    if numbered := _NUMBERED_PICTURE.match(plate.name):
        return f".{'#' * len(numbered[2])}{numbered[3]}"
    return plate.suffix


def _versions(folder: Path, stem: str) -> list[int]:
    pattern = re.compile(rf"{re.escape(os.path.normcase(stem))}_v(\d{{3,6}})(?:\D|$)")
    try:
        with os.scandir(folder) as entries:
            found = (pattern.match(os.path.normcase(entry.name)) for entry in entries)
            return [int(match[1]) for match in found if match]
    except OSError as error:
        raise MediaWriteError(f"The folder {folder} cannot be read: {error.strerror}.") from None
