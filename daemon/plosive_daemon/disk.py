# SPDX-License-Identifier: Apache-2.0
"""Room on disks: asked before a job begins and while it runs, so that it ends with a sentence, not half-way.

Quotas are not seen by this: they come as an error of the write itself, which the core tells.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from plosive.errors import MediaWriteError

__all__ = [
    "DiskFull",
    "RoomNeeded",
    "free_bytes",
    "media_bytes",
    "require_room",
    "require_room_left",
    "room_needed",
]

_PATCHED_FACTOR = 1.1
"""A result in the plate's own codec is the plate's file with other bytes in it, seldom larger."""
_REWRITTEN_BYTES_A_PIXEL = 3.0
"""ProRes 4444 XQ takes 1.0 (Apple ProRes white paper: 500 Mbit/s at 1920 x 1080, 29.97 fps); three times that
for formats that are packed less. Where none is, the plate's own size says so."""
_JOURNAL_BYTES_A_PIXEL = 1.0
"""Supposed, not measured: only the touched part of a made frame is kept, packed."""
_ELEMENTS_BYTES_A_PIXEL = 4.0
_SMALL_BYTES = 64 << 20
_PATTERN = re.compile(r"#+|%0?(\d*)d")


class DiskFull(MediaWriteError):
    """There is not room enough on a disk. `code` is the name in errors.proto."""

    code = "DISK_FULL"


@dataclass(frozen=True)
class RoomNeeded:
    """Bytes that a job will take where its result grows, and where it keeps what it has made so far."""

    out_bytes: int
    scratch_bytes: int
    elements_bytes: int = 0


def room_needed(
    plate_bytes: int,
    *,
    frames: int = 0,
    pixels_a_frame: int = 0,
    is_rewritten: bool = False,
    has_elements: bool = False,
) -> RoomNeeded:
    """An estimate on the high side. `plate_bytes` is what the frames asked for take in the plate; `frames`
    and `pixels_a_frame` may be 0 where they are not known yet. 240 frames of 1920 x 1080 rewritten in another
    codec: 1.5 GB.
    """
    pixels = frames * pixels_a_frame
    out = plate_bytes * _PATCHED_FACTOR
    if is_rewritten:
        out = max(out, pixels * _REWRITTEN_BYTES_A_PIXEL)
    elements = pixels * _ELEMENTS_BYTES_A_PIXEL if has_elements else 0.0
    return RoomNeeded(
        int(out) + _SMALL_BYTES, int(pixels * _JOURNAL_BYTES_A_PIXEL) + _SMALL_BYTES, int(elements)
    )


def media_bytes(path: Path) -> int:
    """What a plate takes: a file, all files of a folder, or of a pattern (shot.####.exr, shot.%04d.exr). 0
    where it cannot be told.
    """
    try:
        if path.is_dir():
            return sum(entry.stat().st_size for entry in os.scandir(path) if entry.is_file())
        found = _PATTERN.search(path.name)
        if found is None or path.exists():
            return path.stat().st_size
        before, after = re.escape(path.name[: found.start()]), re.escape(path.name[found.end() :])
        is_frame = re.compile(f"{before}-?\\d+{after}").fullmatch
        return sum(entry.stat().st_size for entry in os.scandir(path.parent) if is_frame(entry.name))
    except OSError:
        return 0


def free_bytes(place: Path) -> int:
    """What this user may still write on the disk of `place`, or of the nearest folder above it that is there.
    Raises OSError.
    """
    return shutil.disk_usage(_existing(place)).free


def require_room(needed: Mapping[Path, int], reserve_bytes: int) -> None:
    """Before a job: raises DiskFull unless every disk has what is `needed` on it, by place, and
    `reserve_bytes` more. Places on one disk are counted together. A disk that cannot be asked is let pass.
    """
    by_disk: dict[int, tuple[Path, int]] = {}
    for place, count in needed.items():
        try:
            disk = _existing(place).stat().st_dev
        except OSError:
            continue
        first, before = by_disk.get(disk, (place, 0))
        by_disk[disk] = (first, before + count)
    for place, count in by_disk.values():
        free = _free_or_none(place)
        if free is not None and free < count + reserve_bytes:
            raise DiskFull(
                f"The disk of {place} has {_said(free)} free, but this job may take {_said(count)}, and "
                f"{_said(reserve_bytes)} are to stay free: make room there, or choose another place."
            )


def require_room_left(places: Iterable[Path], reserve_bytes: int) -> None:
    """While a job runs: raises DiskFull where a disk has less than half of `reserve_bytes` left."""
    for place in places:
        free = _free_or_none(place)
        if free is not None and free < reserve_bytes // 2:
            raise DiskFull(
                f"The disk of {place} is nearly full ({_said(free)} free): the job was stopped; make room "
                "and retry it, and it goes on where it stopped."
            )


def _free_or_none(place: Path) -> int | None:
    try:
        return free_bytes(place)
    except OSError:
        return None


def _existing(place: Path) -> Path:
    for folder in (place, *place.parents):
        if folder.exists():
            return folder
    raise FileNotFoundError(str(place))


def _said(count: int) -> str:
    """Bytes as file managers tell them (powers of 1000)."""
    for unit, size in (("TB", 10**12), ("GB", 10**9), ("MB", 10**6)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count // 1000} kB"
