# SPDX-License-Identifier: Apache-2.0
"""Motion as JSON for people: a line a phone, a line a curve, each number under its frame's.

`motion.schema.json` beside this module states the format, docs/motion.md tells how to edit it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plosive.motion.curves import ARTICULATORS, CHANNELS, MotionCurves
from plosive.motion.phonetrack import known_symbol, tiled, viseme_track
from plosive.motion.resampling import held_closed
from plosive.motion.track import CurvesFrom, MotionTrack, frame_centres
from plosive.speech.model import Phone, PhoneSource, Sound, Speech, Word

__all__ = ["MOTION_FORMAT", "MOTION_VERSION", "RULES", "motion_json", "read_motion_json"]

MOTION_VERSION = 2
MOTION_FORMAT = "plosive-motion"
RULES = ("closure", "tuck", "rest")
"""Curves that are not drawn but hold: see `MotionCurves`."""

_CURVES = (*CHANNELS, *RULES, *ARTICULATORS)
_SOUND = {"loudness_db": 1, "pitch_hz": 1, "activity": 2}  # decimals
_WIDTH = 8  # of a number in a curve, so that frames stand in columns
_PROSODY = tuple(name for name in ("loudness", "pitch") if name in Phone.__dataclass_fields__)


def motion_json(track: MotionTrack) -> str:
    """`track` as JSON text: numbers of four decimals, times exact (`1001/48000` where no decimals are)."""
    speech, curves = track.speech, track.curves
    rows = curve_rows(curves) if curves is not None else {}
    phones = [phone_facts(phone) for phone in speech.phones]
    parts = {
        "format": _line(MOTION_FORMAT),
        "version": _line(MOTION_VERSION),
        "language": _line(speech.language),
        "source": _line(speech.source.name),
        "confidence": _line(round(speech.confidence, 4)),
        "duration_seconds": _line(_time(speech.duration_seconds)),
        "warnings": _line(list(speech.warnings)),
        "curves_from": _line(track.curves_from.value),
        "jaw_gain": _line(track.jaw_gain),
        "lip_gain": _line(track.lip_gain),
        "frames": _line(_frame_facts(track)),
        "words": _lines(
            {"text": word.text, **_times(word.start_seconds, word.end_seconds)} for word in speech.words
        ),
        "phones": _lines(phones),
        "visemes": _lines(
            {"viseme": one.viseme, "phone": one.phone, **_times(one.start_seconds, one.end_seconds)}
            for one in viseme_track(speech.phones)
        ),
    }
    if curves is not None:
        numbers = range(track.first_frame, track.first_frame + len(curves.symbols))
        columns = {
            "frame": [str(number) for number in numbers],
            "phone": [_line(symbol) for symbol in curves.symbols],
            **rows,
        }
        parts["curves"] = _columns(columns)
    parts["sound"] = _columns(
        {
            name: [f"{value:.{digits}f}" for value in getattr(speech.sound, name)]
            for name, digits in _SOUND.items()
        },
        width=0,
    )
    parts["fingerprints"] = _line({"phones": _fingerprint(phones), "curves": _fingerprint(rows)})
    return "{\n" + ",\n".join(f' "{name}": {text}' for name, text in parts.items()) + "\n}\n"


def read_motion_json(text: str) -> MotionTrack:
    """What `motion_json` wrote, or an artist made of it.

    `curves_from` comes back as PHONES or CURVES where one of them was edited. Raises ValueError (or KeyError,
    TypeError, ZeroDivisionError) where the text is no such file; the message is for the artist.
    """
    document = json.loads(text, parse_float=Decimal)
    if not isinstance(document, dict) or document.get("format") != MOTION_FORMAT:
        raise ValueError('it is no Plosive motion file: "format" is not "plosive-motion"')
    if document.get("version") != MOTION_VERSION:
        raise ValueError(f"its version is {document.get('version')}, this program reads {MOTION_VERSION}")
    speech = _speech(document)
    frames = document.get("frames", {})
    rate = Fraction(frames.get("frame_rate", 24))
    curves = None if document.get("curves") is None else _curves(document["curves"], frames, rate)
    return MotionTrack(
        speech,
        curves,
        rate,
        int(frames.get("first_frame", 0)),
        _curves_from(document, curves),
        float(document.get("jaw_gain", 1)),
        float(document.get("lip_gain", 1)),
    )


def curve_rows(curves: MotionCurves) -> dict[str, list[str]]:
    """Every curve by name as text with four decimals."""
    return {name: [f"{value + 0.0:.4f}" for value in column(curves, name)] for name in _CURVES}


def drawn_curves(
    centres: tuple[Fraction, ...], rows: Mapping[str, NDArray[np.float32]], symbols: tuple[str, ...]
) -> MotionCurves:
    """Curves from rows by name, (T,) float32 each; closed lips stay closed."""
    return held_closed(
        MotionCurves(
            centres,
            np.stack([rows[name] for name in CHANNELS], axis=1),
            rows["closure"],
            rows["tuck"],
            rows["rest"],
            np.stack([rows[name] for name in ARTICULATORS], axis=1),
            symbols,
        )
    )


def column(curves: MotionCurves, name: str) -> NDArray[np.float32]:
    """The curve `name`, (T,) float32: a channel, an articulator or a rule."""
    return np.asarray(getattr(curves, name) if name in RULES else curves.channel(name), np.float32)


def phone_facts(phone: Phone) -> dict[str, object]:
    """A phone as JSON-ready facts."""
    prosody: dict[str, object] = {name: round(float(getattr(phone, name)), 3) for name in _PROSODY}
    return {"symbol": phone.symbol, **_times(phone.start_seconds, phone.end_seconds), **prosody}


def _curves_from(document: dict[str, Any], curves: MotionCurves | None) -> CurvesFrom:
    wish = CurvesFrom(document.get("curves_from", "auto"))
    marks = document.get("fingerprints")
    if curves is None:
        return CurvesFrom.PHONES
    if wish is not CurvesFrom.AUTO:
        return wish
    if not isinstance(marks, dict):
        return CurvesFrom.CURVES
    given = [_phone(phone) for phone in document["phones"]]
    phones_edited = marks.get("phones") != _fingerprint([phone_facts(phone) for phone in given])
    curves_edited = marks.get("curves") != _fingerprint(curve_rows(curves))
    if phones_edited and curves_edited:
        raise ValueError(
            'both its phones and its curves were edited: set "curves_from" to "phones", to have the curves '
            'made anew, or to "curves"'
        )
    return CurvesFrom.PHONES if phones_edited else CurvesFrom.CURVES if curves_edited else CurvesFrom.AUTO


def _speech(document: dict[str, Any]) -> Speech:
    duration = Fraction(document["duration_seconds"])
    words = tuple(
        Word(str(word["text"]), Fraction(word["start_seconds"]), Fraction(word["end_seconds"]))
        for word in document.get("words", [])
    )
    sound = document.get("sound", {})
    return Speech(
        duration,
        tiled([_phone(phone) for phone in document["phones"]], duration),
        words,
        Sound(*(np.array(sound.get(name, ()), np.float32) for name in _SOUND)),
        PhoneSource[document.get("source", "GIVEN")],
        str(document.get("language", "en")),
        float(document.get("confidence", 1)),
        tuple(str(warning) for warning in document.get("warnings", ())),
    )


def _phone(facts: dict[str, Any]) -> Phone:
    prosody = {name: float(facts.get(name, 0)) for name in _PROSODY}
    start, end = Fraction(facts["start_seconds"]), Fraction(facts["end_seconds"])
    return Phone(known_symbol(facts["symbol"]), start, end, **prosody)


def _curves(document: dict[str, Any], frames: dict[str, Any], rate: Fraction) -> MotionCurves:
    count = len(document["aperture"])
    if "centre_seconds" in frames:
        centres = tuple(Fraction(centre) for centre in frames["centre_seconds"])
    else:
        start = Fraction(frames.get("dub_starts_seconds", 0))
        centres = frame_centres(count, rate, start)
    if not count or len(centres) != count or any(b <= a for a, b in pairwise(centres)):
        raise ValueError(f"its curves have {count} frames, its frame times {len(centres)} in order")
    values = {name: _column(document[name], name, count) for name in _CURVES}
    symbols = tuple(known_symbol(symbol) for symbol in document["phone"])
    if len(symbols) != count:
        raise ValueError(f"curve 'phone' must hold {count} phones, one a frame, not {len(symbols)}")
    return drawn_curves(centres, values, symbols)


def _column(numbers: Sequence[Any], name: str, count: int) -> NDArray[np.float32]:
    row = np.array([float(number) for number in numbers], np.float32)
    if row.shape != (count,):
        raise ValueError(f"curve '{name}' must hold {count} numbers, one a frame, not {len(row)}")
    if not np.isfinite(row).all():
        raise ValueError(f"curve '{name}' holds a number that is not finite")
    return row


def _frame_facts(track: MotionTrack) -> dict[str, object]:
    facts: dict[str, object] = {"frame_rate": str(track.frame_rate), "first_frame": track.first_frame}
    if track.curves is None:
        return facts
    centres = track.curves.centre_seconds
    start = Fraction(1, 2) / track.frame_rate - centres[0] if centres else Fraction(0)
    facts["last_frame_inclusive"] = track.first_frame + len(centres) - 1
    facts["dub_starts_seconds"] = _time(start)
    if centres != frame_centres(len(centres), track.frame_rate, start):
        facts["centre_seconds"] = [_time(centre) for centre in centres]
    return facts


def _times(start_seconds: Fraction, end_seconds: Fraction) -> dict[str, object]:
    return {"start_seconds": _time(start_seconds), "end_seconds": _time(end_seconds)}


def _time(seconds: Fraction) -> float | str:
    """A number where eight decimals are exact, else text."""
    short = round(float(seconds), 8)
    return short if Fraction(repr(short)) == seconds else f"{seconds.numerator}/{seconds.denominator}"


def _fingerprint(content: object) -> str:
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:16]


def _line(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _lines(rows: Iterable[dict[str, object]]) -> str:
    lines = [f"  {_line(row)}" for row in rows]
    return "[\n" + ",\n".join(lines) + "\n ]" if lines else "[]"


def _columns(columns: dict[str, list[str]], width: int = _WIDTH) -> str:
    head = max(len(name) for name in columns)
    lines = [
        f'  "{name}":{" " * (head - len(name))} [' + ", ".join(text.rjust(width) for text in texts) + "]"
        for name, texts in columns.items()
    ]
    return "{\n" + ",\n".join(lines) + "\n }"
