# SPDX-License-Identifier: Apache-2.0
"""Which files a sequence is made of: patterns, one file of many, folders, and gaps."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from plosive.errors import MediaReadError
from plosive.media.imagefile import IMAGE_SUFFIXES

__all__ = [
    "SequenceFiles",
    "SequencePattern",
    "find_sequence",
    "numbered_pattern",
    "parse_pattern",
    "single_file",
]

_PRINTF = re.compile(r"%(?:0(\d+))?d")
_HASHES = re.compile(r"(?:(\d+)-(\d+))?(#+|@+|%(?:0\d+)?d)")
_MOST_DIGITS = 9  # longer numbers are dates or hashes
_NUMBERED = re.compile(r"(.*?)(\d+)(\D*)")


@dataclass(frozen=True)
class SequencePattern:
    """Names of the form prefix, number of at least `digits` digits, suffix, in one folder.

    0 digits: one file without a number.
    With `is_any_padding` (a single `#`) names found with any number of digits count.
    """

    folder: Path
    prefix: str
    suffix: str
    digits: int
    is_any_padding: bool = False
    first_frame: int | None = None
    last_frame_inclusive: int | None = None

    def path(self, frame: int) -> Path:
        number = f"{frame:0{self.digits}d}" if self.digits else ""
        return self.folder / f"{self.prefix}{number}{self.suffix}"

    @property
    def text(self) -> str:
        """The pattern as an artist writes it."""
        return f"{self.prefix}{'#' * self.digits}{self.suffix}"


@dataclass(frozen=True)
class SequenceFiles:
    """A sequence without gaps: its pattern and first and last file number."""

    pattern: SequencePattern
    first_frame: int
    last_frame_inclusive: int

    @property
    def frame_count(self) -> int:
        return self.last_frame_inclusive - self.first_frame + 1

    def path(self, index: int) -> Path:
        """The file of the frame at `index`, 0 for the first."""
        return self.pattern.path(self.first_frame + index)


def parse_pattern(path: Path) -> SequencePattern | None:
    """The pattern in a path with `%04d`, `####`, `@@@@` or `1001-1100#` in its name, else None."""
    match = _HASHES.search(path.name)
    if match is None:
        return None
    token = match[3]
    if printf := _PRINTF.fullmatch(token):
        digits, is_any = int(printf[1] or 1), False
    else:
        digits, is_any = len(token), token == "#"
    return SequencePattern(
        path.parent,
        path.name[: match.start()],
        path.name[match.end() :],
        digits,
        is_any,
        int(match[1]) if match[1] else None,
        int(match[2]) if match[2] else None,
    )


def single_file(path: Path) -> SequencePattern:
    """The 'pattern' of one file without a number."""
    return SequencePattern(path.parent, path.stem, path.suffix, 0)


def numbered_pattern(path: Path) -> SequencePattern | None:
    """The pattern of a file name by its last number, else None."""
    numbered = _NUMBERED.fullmatch(path.stem)
    if numbered is None or len(numbered[2]) > _MOST_DIGITS:
        return None
    return SequencePattern(path.parent, numbered[1], numbered[3] + path.suffix, len(numbered[2]))


def find_sequence(path: Path) -> SequenceFiles | Path:
    """The sequence that `path` (pattern, numbered file, or folder) names, or one file that stands alone.

    Raises MediaReadError: nothing found, gaps (naming the frames), or a folder of several sequences.
    """
    if path.is_dir():
        return _in_folder(path)
    pattern = None if path.is_file() else parse_pattern(path)
    if pattern is None:
        pattern = numbered_pattern(path)
        if pattern is None:
            return path
        frames = _frames(pattern, _names(path.parent))
        span = frames[-1] - frames[0] + 1 if frames else 0
        is_scattered = 2 * len(frames) < span  # numbered stills side by side, no sequence with a gap
        return path if len(frames) < 2 or is_scattered else _without_gaps(pattern, frames)
    if not pattern.folder.is_dir():
        raise MediaReadError(f"The folder {pattern.folder} of {path.name} does not exist.")
    names = _names(pattern.folder)
    if pattern.is_any_padding:
        pattern = _with_found_padding(pattern, names)
    frames = _frames(pattern, names)
    if not frames:
        raise MediaReadError(f"No file matches {path.name} in {pattern.folder}.")
    return _without_gaps(pattern, frames)


def _names(folder: Path) -> list[str]:
    try:
        return sorted(entry.name for entry in os.scandir(folder) if not entry.name.startswith("."))
    except OSError as error:
        raise MediaReadError(f"The folder {folder} cannot be read ({error.strerror}).") from error


def _in_folder(folder: Path) -> SequenceFiles | Path:
    groups: dict[tuple[str, str, int], SequencePattern] = {}
    singles: list[Path] = []
    names = [name for name in _names(folder) if Path(name).suffix.lower() in IMAGE_SUFFIXES]
    for name in names:
        numbered = _NUMBERED.fullmatch(Path(name).stem)
        if numbered is None or len(numbered[2]) > _MOST_DIGITS:
            singles.append(folder / name)
            continue
        suffix = numbered[3] + Path(name).suffix
        digits = len(numbered[2]) if numbered[2].startswith("0") else 0
        groups.setdefault(
            (numbered[1], suffix, digits), SequencePattern(folder, numbered[1], suffix, len(numbered[2]))
        )
    found = {}
    for pattern in groups.values():
        frames = _frames(pattern, names)
        if len(frames) > 1:
            found[pattern.prefix, pattern.suffix] = (pattern, frames)
        elif frames:
            singles.append(pattern.path(frames[0]))
    if len(found) == 1:
        return _without_gaps(*next(iter(found.values())))
    if found:
        listed = ", ".join(pattern.text for pattern, _ in found.values())
        raise MediaReadError(
            f"The folder {folder.name} holds several sequences ({listed}); name one of them."
        )
    if len(singles) == 1:
        return singles[0]
    if singles:
        raise MediaReadError(
            f"The folder {folder.name} holds {len(singles)} separate images; name one of them."
        )
    raise MediaReadError(f"The folder {folder.name} holds no images.")


def _frames(pattern: SequencePattern, names: Iterable[str]) -> list[int]:
    """File numbers that match, within the pattern's own range. Longer numbers count if not zero-padded."""
    frames = set()
    for name in names:
        if not (name.startswith(pattern.prefix) and name.endswith(pattern.suffix)):
            continue
        number = name[len(pattern.prefix) : len(name) - len(pattern.suffix)]
        if number.isascii() and number.isdigit() and number == f"{int(number):0{pattern.digits}d}":
            frames.add(int(number))
    first, last = pattern.first_frame, pattern.last_frame_inclusive
    return sorted(
        frame for frame in frames if (first is None or frame >= first) and (last is None or frame <= last)
    )


def _with_found_padding(pattern: SequencePattern, names: Iterable[str]) -> SequencePattern:
    widths = set()
    for name in names:
        number = name[len(pattern.prefix) : len(name) - len(pattern.suffix)]
        if name.startswith(pattern.prefix) and name.endswith(pattern.suffix) and number.isdigit():
            widths.add(len(number))
    return SequencePattern(
        pattern.folder,
        pattern.prefix,
        pattern.suffix,
        min(widths, default=1),
        True,
        pattern.first_frame,
        pattern.last_frame_inclusive,
    )


def _without_gaps(pattern: SequencePattern, frames: list[int]) -> SequenceFiles:
    first = frames[0] if pattern.first_frame is None else pattern.first_frame
    last = frames[-1] if pattern.last_frame_inclusive is None else pattern.last_frame_inclusive
    missing: list[tuple[int, int]] = []
    wanted = first
    for frame in (*frames, last + 1):
        if frame > wanted:
            missing.append((wanted, frame - 1))
        wanted = frame + 1
    if missing:
        count = sum(end - start + 1 for start, end in missing)
        raise MediaReadError(
            f"The sequence {pattern.text} lacks frame{'s' if count > 1 else ''} {_ranges(missing)}; "
            "render what is missing, or name a shorter range."
        )
    return SequenceFiles(pattern, first, last)


def _ranges(runs: list[tuple[int, int]]) -> str:
    """`1003, 1007-1009`; at most eight runs."""
    shown = [str(first) if first == last else f"{first}-{last}" for first, last in runs[:8]]
    return ", ".join(shown) + (f" and {len(runs) - 8} more gaps" if len(runs) > 8 else "")
