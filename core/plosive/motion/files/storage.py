# SPDX-License-Identifier: Apache-2.0
"""Motion as files, by their ending: JSON, CSV, TextGrid and Nuke's nodes."""

from __future__ import annotations

import codecs
import os
from collections.abc import Callable
from pathlib import Path

from plosive.errors import MediaReadError, MediaWriteError
from plosive.motion.files.csv_file import motion_csv, read_motion_csv
from plosive.motion.files.json_file import motion_json, read_motion_json
from plosive.motion.files.nuke_file import motion_nuke, read_motion_nuke
from plosive.motion.files.textgrid_file import motion_textgrid, read_motion_textgrid
from plosive.motion.track import MotionTrack

__all__ = ["MOTION_SUFFIXES", "load_motion", "save_motion"]

_WRITERS: dict[str, Callable[[MotionTrack], str]] = {
    ".json": motion_json,
    ".csv": motion_csv,
    ".nk": motion_nuke,
    ".textgrid": motion_textgrid,
}
_READERS: dict[str, Callable[[str], MotionTrack]] = {
    ".json": read_motion_json,
    ".csv": read_motion_csv,
    ".nk": read_motion_nuke,
    ".textgrid": read_motion_textgrid,
}
MOTION_SUFFIXES = (".json", ".csv", ".nk", ".TextGrid")


def save_motion(path: Path, track: MotionTrack) -> None:
    """Writes `track` in the format of `path`'s ending, whole or not at all; an existing file is replaced.

    Raises `MediaWriteError` for an unknown ending, or when the file cannot be written.
    """
    writer = _WRITERS.get(path.suffix.lower())
    if writer is None:
        raise MediaWriteError(f"{path} must end in {', '.join(MOTION_SUFFIXES)} to hold motion.")
    text = writer(track)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        unfinished.write_text(text, encoding="utf-8", newline="")
        os.replace(unfinished, path)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        reason = error.strerror or "unknown reason"
        raise MediaWriteError(f"The motion file {path} cannot be written: {reason}.") from error


def load_motion(path: Path) -> MotionTrack:
    """Reads what `save_motion` wrote, or what an artist made of it.

    Raises `MediaReadError` when the file is missing, of another kind or version, or damaged.
    """
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise MediaReadError(f"{path} is no motion file: one ends in {', '.join(MOTION_SUFFIXES)}.")
    try:
        return reader(_decoded(path.read_bytes()))
    except OSError as error:
        reason = error.strerror or "unknown reason"
        raise MediaReadError(f"The motion file {path} cannot be read: {reason}.") from error
    except KeyError as error:
        raise MediaReadError(f"The motion file {path} cannot be used: it lacks {error}.") from error
    except (ValueError, TypeError, AttributeError, ArithmeticError) as error:
        said = " ".join(str(error).split()).rstrip(".")
        raise MediaReadError(f"The motion file {path} cannot be used: {said}.") from error


def _decoded(content: bytes) -> str:
    """Praat and spreadsheets also save UTF-16."""
    is_wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return content.decode("utf-16" if is_wide else "utf-8-sig")
