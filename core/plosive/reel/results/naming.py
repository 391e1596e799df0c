# SPDX-License-Identifier: Apache-2.0
"""Names of what a conform writes: the same for the same edit, no two alike, none taken."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path, PureWindowsPath

from plosive.conform import RenderGroup, Shot

__all__ = ["language_folder", "next_version", "plain", "render_name", "result_path", "version_name"]

_UNSAFE = re.compile(r"[^\w.-]+")
_MOST_LETTERS = 60
_MOST_BYTES = 120  # of the 255 that file systems give a name, with suffixes and temporary names around it
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)", re.IGNORECASE)  # no files on Windows
_TAKEN = ("media",)
_VIDEO_SUFFIXES = (
    ".mov", ".mp4", ".m4v", ".mkv", ".mxf", ".avi", ".mpg", ".mpeg", ".vob", ".ts", ".mts", ".m2ts",
)  # fmt: skip


def plain(text: str) -> str:
    """`text` as part of a file's name on every system."""
    safe = _UNSAFE.sub("-", unicodedata.normalize("NFC", text)).strip(".-_ ")[:_MOST_LETTERS]
    return safe.encode("utf-8")[:_MOST_BYTES].decode("utf-8", "ignore").strip(".-_ ")


def language_folder(language: str) -> str:
    """The folder of a language's renders: `de`."""
    name = plain(language)
    return f"{name}_" if _DEVICES.fullmatch(name) or name.lower() in _TAKEN else name


def version_name(edit: Path, language: str, version: int) -> str:
    """`reel_de_v001`."""
    return f"{plain(edit.stem) or 'edit'}_{plain(language)}_v{version:03d}"


def next_version(folder: Path, edit: Path, language: str) -> int:
    """One more than the highest version of this edit and language in `folder`, whatever it ends in."""
    start = version_name(edit, language, 0)[:-3]
    pattern = re.compile(rf"{re.escape(start)}(\d{{3,}})(?:_V\d+)?\..+", re.IGNORECASE)
    names = [path.name for path in folder.iterdir()] if folder.is_dir() else []
    return 1 + max((int(match[1]) for match in map(pattern.fullmatch, names) if match), default=0)


def render_name(group: RenderGroup, shots: Sequence[Shot], language: str, version: int) -> str:
    """`012_name-of-the-clip_de_v001`: the number of its first shot in the edit makes it the only one."""
    first = next(shot for shot in shots if shot.number == group.shots[0])
    text = first.name or group.media.name
    name = PureWindowsPath(text)  # of paths, which some programs call clips by, the last part
    stem = name.stem if name.suffix.lower() == _suffix(group) or "#" in name.name else text
    return f"{first.number:03d}_{plain(stem) or 'shot'}_{plain(language)}_v{version:03d}"


def result_path(folder: Path, name: str, group: RenderGroup) -> Path:
    """The synced plate in its own folder: a movie of the same kind as the plate's, or an image sequence."""
    suffix = _suffix(group)
    if group.media.kind == "sequence":
        numbered = re.findall(r"#+", group.media.path.name) if group.media.path is not None else []
        digits = len(numbered[-1]) if numbered else 4
        return folder / f"{name}.{'#' * digits}{suffix}"
    return folder / f"{name}{suffix if suffix in _VIDEO_SUFFIXES else '.mov'}"


def _suffix(group: RenderGroup) -> str:
    return group.media.path.suffix.lower() if group.media.path is not None else ""
