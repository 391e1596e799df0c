# SPDX-License-Identifier: Apache-2.0
"""Flagged ranges as a file: the list that `plosive sync --redo` renders again.

Schema (frames in the result's own numbers, both ends included):

    {"schema": "plosive.flags.v1", "result": "/jobs/shot_de.mov", "plate": "/jobs/shot.mov" or null,
     "dub": "/jobs/line_de.wav", "transcript": "the words" or null, "language": "en",
     "frame_rate": "24000/1001", "first_frame": 0, "frame_count": 96, "start_timecode": "01:00:00:00" or null,
     "flags": [{"first_frame": 12, "last_frame_inclusive": 19, "figure": "closures", "severity": 0.8,
                "value": 0.4, "reference": 0.9, "face": 1, "sentence": "..."}]}

`value` and `reference` are null where they are not a number. Files are named absolutely.
"""

from __future__ import annotations

import dataclasses
import json
import math
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from plosive.errors import MediaReadError, RangeError
from plosive.media.staging import write_whole
from plosive.quality.outputs import FLAGS_SUFFIXES, require_output
from plosive.quality.record import json_ready
from plosive.quality.scorecard import Flag, Scorecard

__all__ = ["FLAGS_SCHEMA", "FlagsFile", "read_flags", "write_flags"]

FLAGS_SCHEMA = "plosive.flags.v1"


@dataclass(frozen=True)
class FlagsFile:
    """What a flags file says. `transcript` is the words themselves; frames are the result's own numbers."""

    result: Path
    plate: Path | None
    dub: Path
    transcript: str | None
    language: str
    frame_rate: Fraction
    first_frame: int
    frame_count: int
    start_timecode: str | None
    flags: tuple[Flag, ...]

    @property
    def last_frame_inclusive(self) -> int:
        return self.first_frame + self.frame_count - 1


def write_flags(
    card: Scorecard,
    path: Path,
    overwrite: bool = False,
    transcript: str | None = None,
    language: str = "en",
) -> None:
    """Write the flags of `card` to `path`, whole or not at all; no flags give an empty list.

    `transcript` is the words themselves, so that the file stands alone. Raises MediaWriteError.
    """
    require_output(path, "flags", FLAGS_SUFFIXES, overwrite)
    document = {
        "schema": FLAGS_SCHEMA,
        "result": card.result.absolute(),
        "plate": None if card.plate is None else card.plate.absolute(),
        "dub": card.dub.absolute(),
        "transcript": transcript,
        "language": language,
        "frame_rate": card.frame_rate,
        "first_frame": card.first_frame,
        "frame_count": card.frame_count,
        "start_timecode": card.start_timecode,
        "flags": [dataclasses.asdict(flag) for flag in card.flags],
    }
    text = json.dumps(json_ready(document), ensure_ascii=False, indent=1, allow_nan=False)
    write_whole(path, text + "\n")


def read_flags(path: Path) -> FlagsFile:
    """What `write_flags` wrote, or an artist edited.

    Raises MediaReadError when the file is missing, of another kind, damaged, or flags nothing; RangeError
    when a range leaves the frames.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"), parse_constant=_refused)
    except OSError as error:
        reason = error.strerror or "unknown reason"
        raise MediaReadError(f"The flags file {path} cannot be read: {reason}.") from error
    except (ValueError, RecursionError) as error:
        raise MediaReadError(f"The flags file {path} is not valid JSON: {error}.") from error
    if not isinstance(document, dict) or "schema" not in document:
        raise MediaReadError(f"{path} is no flags file; `plosive score --flags` writes one.")
    if document["schema"] != FLAGS_SCHEMA:
        raise MediaReadError(
            f"{path} holds {document['schema']!r}, not {FLAGS_SCHEMA}; `plosive score --flags` writes it."
        )
    try:
        flags = _content(document)
    except (_WrongType, ValueError) as error:
        raise MediaReadError(f"The flags file {path} is damaged: {error}.") from error
    if not flags.flags:
        raise MediaReadError(f"The flags file {path} flags no range: there is nothing to do again.")
    for flag in flags.flags:
        _require_inside(flag, flags, path)
    return flags


def _refused(constant: str) -> object:
    raise ValueError(f"{constant} is no number; write null")


class _WrongType(Exception):
    """A value is missing or of another type; the message names it."""


def _content(document: dict[str, object]) -> FlagsFile:
    entries = document.get("flags")
    if not isinstance(entries, list):
        raise _WrongType("'flags' must be a list")
    frame_count = _whole(document, "frame_count")
    if frame_count < 1:
        raise _WrongType(f"'frame_count' must be at least 1, not {frame_count}")
    plate = _text_or_none(document, "plate")
    return FlagsFile(
        result=Path(_text(document, "result")),
        plate=None if plate is None else Path(plate),
        dub=Path(_text(document, "dub")),
        transcript=_text_or_none(document, "transcript"),
        language=_text(document, "language") if "language" in document else "en",
        frame_rate=_rate(document),
        first_frame=_whole(document, "first_frame"),
        frame_count=frame_count,
        start_timecode=_text_or_none(document, "start_timecode"),
        flags=tuple(_flag(entry, number) for number, entry in enumerate(entries, 1)),
    )


def _flag(entry: object, number: int) -> Flag:
    if not isinstance(entry, dict):
        raise _WrongType(f"flag {number} must be an object")
    try:
        flag = Flag(
            first_frame=_whole(entry, "first_frame"),
            last_frame_inclusive=_whole(entry, "last_frame_inclusive"),
            figure=_text(entry, "figure"),
            severity=_number(entry, "severity"),
            value=_number(entry, "value"),
            reference=_number(entry, "reference"),
            face=_whole(entry, "face"),
            sentence=_text(entry, "sentence"),
        )
    except _WrongType as error:
        raise _WrongType(f"in flag {number}, {error}") from None
    if not 0 <= flag.severity <= 1:  # not a number is neither
        raise _WrongType(f"in flag {number}, 'severity' must be between 0 and 1, not {entry['severity']}")
    if flag.face < 0:
        raise _WrongType(f"in flag {number}, 'face' must be 0 or more, not {flag.face}")
    return flag


def _require_inside(flag: Flag, flags: FlagsFile, path: Path) -> None:
    frames = f"{flag.first_frame}-{flag.last_frame_inclusive}"
    if flag.last_frame_inclusive < flag.first_frame:
        raise RangeError(f"The flagged range {frames} in {path} runs backwards; swap its ends.")
    if flag.first_frame < flags.first_frame or flag.last_frame_inclusive > flags.last_frame_inclusive:
        raise RangeError(
            f"The flagged range {frames} in {path} leaves the frames of {flags.result.name}, which are "
            f"{flags.first_frame}-{flags.last_frame_inclusive}."
        )


def _text(entry: dict[str, object], key: str) -> str:
    value = entry.get(key)
    if not isinstance(value, str) or not value:
        raise _WrongType(f"'{key}' must be a text")
    return value


def _text_or_none(entry: dict[str, object], key: str) -> str | None:
    return None if entry.get(key) is None else _text(entry, key)


def _whole(entry: dict[str, object], key: str) -> int:
    value = entry.get(key)
    if not isinstance(value, int) or isinstance(value, bool):
        raise _WrongType(f"'{key}' must be a whole number")
    return value


def _number(entry: dict[str, object], key: str) -> float:
    """NaN where the file says null."""
    value = entry.get(key, "")
    if value is None:
        return math.nan
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        raise _WrongType(f"'{key}' must be a number")
    try:
        return float(value)
    except OverflowError:
        raise _WrongType(f"'{key}' is too large a number") from None


def _rate(document: dict[str, object]) -> Fraction:
    text = _text(document, "frame_rate")
    try:
        rate = Fraction(text)
    except (ValueError, ZeroDivisionError):
        rate = Fraction(0)
    if rate <= 0:
        raise _WrongType(f"'frame_rate' must be a rate such as 24000/1001, not '{text}'")
    return rate
