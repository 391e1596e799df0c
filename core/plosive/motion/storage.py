# SPDX-License-Identifier: Apache-2.0
"""Motion as a file: phones, words and curves in JSON that reads back exactly.

Schema, version 1 (times are "numerator/denominator" strings of seconds, curves in range units):

    {"format": "plosive-motion", "version": 1, "language": "en", "source": "ALIGNED", "confidence": 0.6,
     "duration_seconds": "7/2", "warnings": ["..."],
     "phones": [{"symbol": "B", "start_seconds": "2/5", "end_seconds": "1/2", "loudness": 0.1}, ...],
     "words": [{"text": "Bob", "start_seconds": "...", "end_seconds": "..."}, ...],
     "sound": {"loudness_db": [...], "pitch_hz": [...], "activity": [...]},
     "curves": {"centre_seconds": ["1/50", ...], "symbols": ["SIL", ...],
                "aperture": [...], "width": [...], "jaw": [...], "outer_height": [...], "rounding": [...],
                "closure": [...], "tuck": [...], "rest": [...],
                "protrusion": [...], "upper_raise": [...], "teeth": [...], "tongue": [...]}}
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plosive.errors import MediaReadError, MediaWriteError
from plosive.motion.curves import ARTICULATORS, CHANNELS, MotionCurves
from plosive.speech.model import Phone, PhoneSource, Sound, Speech, Word

__all__ = ["MOTION_VERSION", "load_motion", "save_motion"]

MOTION_VERSION = 1
_FORMAT = "plosive-motion"
_RULES = ("closure", "tuck", "rest")
_SOUND = ("loudness_db", "pitch_hz", "activity")


def save_motion(path: Path, speech: Speech, curves: MotionCurves) -> None:
    """Writes `speech` and `curves` to `path`, whole or not at all; an existing file is replaced.

    Raises `MediaWriteError` when the file cannot be written.
    """
    document = {
        "format": _FORMAT,
        "version": MOTION_VERSION,
        "language": speech.language,
        "source": speech.source.name,
        "confidence": speech.confidence,
        "duration_seconds": _exact(speech.duration_seconds),
        "warnings": list(speech.warnings),
        "phones": [
            {
                "symbol": phone.symbol,
                "start_seconds": _exact(phone.start_seconds),
                "end_seconds": _exact(phone.end_seconds),
                "loudness": phone.loudness,
            }
            for phone in speech.phones
        ],
        "words": [
            {
                "text": word.text,
                "start_seconds": _exact(word.start_seconds),
                "end_seconds": _exact(word.end_seconds),
            }
            for word in speech.words
        ],
        "sound": {name: _numbers(getattr(speech.sound, name)) for name in _SOUND},
        "curves": {
            "centre_seconds": [_exact(centre) for centre in curves.centre_seconds],
            "symbols": list(curves.symbols),
            **{name: _numbers(curves.channel(name)) for name in CHANNELS},
            **{name: _numbers(getattr(curves, name)) for name in _RULES},
            **{name: _numbers(curves.channel(name)) for name in ARTICULATORS},
        },
    }
    unfinished = path.with_name(path.name + ".part")
    try:
        unfinished.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        os.replace(unfinished, path)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        reason = error.strerror or "unknown reason"
        raise MediaWriteError(f"The motion file {path} cannot be written: {reason}.") from error


def load_motion(path: Path) -> tuple[Speech, MotionCurves]:
    """Reads what `save_motion` wrote (or an artist edited).

    Raises `MediaReadError` when the file is missing, of another kind or version, or damaged.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        reason = error.strerror or "unknown reason"
        raise MediaReadError(f"The motion file {path} cannot be read: {reason}.") from error
    except ValueError as error:
        raise MediaReadError(f"The motion file {path} is not valid JSON: {error}.") from error
    if not isinstance(document, dict) or document.get("format") != _FORMAT:
        raise MediaReadError(f"{path} is not a Plosive motion file.")
    if document.get("version") != MOTION_VERSION:
        raise MediaReadError(
            f"{path} is a motion file of version {document.get('version')}; this is {MOTION_VERSION}."
        )
    try:
        return _speech(document), _curves(document["curves"])
    except (KeyError, TypeError, ValueError, ZeroDivisionError) as error:
        raise MediaReadError(f"The motion file {path} is damaged ({error!r}).") from error


def _speech(document: dict[str, Any]) -> Speech:
    phones = tuple(
        Phone(p["symbol"], Fraction(p["start_seconds"]), Fraction(p["end_seconds"]), float(p["loudness"]))
        for p in document["phones"]
    )
    words = tuple(
        Word(w["text"], Fraction(w["start_seconds"]), Fraction(w["end_seconds"])) for w in document["words"]
    )
    return Speech(
        Fraction(document["duration_seconds"]),
        phones,
        words,
        Sound(*(np.array(document["sound"][name], np.float32) for name in _SOUND)),
        PhoneSource[document["source"]],
        document["language"],
        float(document["confidence"]),
        tuple(document["warnings"]),
    )


def _curves(document: dict[str, Any]) -> MotionCurves:
    centres = tuple(Fraction(centre) for centre in document["centre_seconds"])
    values = np.stack([_column(document, name, len(centres)) for name in CHANNELS], axis=1)
    closure, tuck, rest = (_column(document, name, len(centres)) for name in _RULES)
    symbols = tuple(str(symbol) for symbol in document["symbols"])
    if len(symbols) != len(centres):
        raise ValueError("symbols and frame centres differ in number")
    shown = np.stack([_column(document, name, len(centres)) for name in ARTICULATORS], axis=1)
    return MotionCurves(centres, values, closure, tuck, rest, shown, symbols)


def _column(document: dict[str, Any], name: str, length: int) -> NDArray[np.float32]:
    column = np.array(document[name], np.float32)
    if column.shape != (length,) or not np.isfinite(column).all():
        raise ValueError(f"curve '{name}' must be {length} finite numbers")
    return column


def _exact(seconds: Fraction) -> str:
    return f"{seconds.numerator}/{seconds.denominator}"


def _numbers(column: NDArray[np.float32]) -> Sequence[float]:
    """Shortest decimal numbers that read back to the same float32."""
    return [float(str(value)) for value in column]
