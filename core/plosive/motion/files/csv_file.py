# SPDX-License-Identifier: Apache-2.0
"""Motion as a table for spreadsheets: a row a frame, a column a curve."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

import numpy as np

from plosive.motion.curves import ARTICULATORS, CHANNELS
from plosive.motion.files.json_file import RULES, curve_rows, drawn_curves
from plosive.motion.phonetrack import given_speech, known_symbol
from plosive.motion.track import CurvesFrom, MotionTrack
from plosive.speech.model import Phone, Speech

__all__ = ["motion_csv", "read_motion_csv"]

_CURVES = (*CHANNELS, *RULES, *ARTICULATORS)
_SAME_RATE = Fraction(1, 5000)  # 24 and 23.976 lie a thousandth apart
_HEAD = ("frame", "seconds", "phone", *_CURVES)


def motion_csv(track: MotionTrack) -> str:
    """Comma-separated text with a head line; `seconds` are frame centres in dub time.

    Raises ValueError for a track without curves.
    """
    curves = track.curves
    if curves is None:
        raise ValueError("there are no curves to write")
    rows = curve_rows(curves)
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\r\n")
    table.writerow(_HEAD)
    for row, (centre, symbol) in enumerate(zip(curves.centre_seconds, curves.symbols, strict=True)):
        values = (rows[name][row] for name in _CURVES)
        table.writerow([track.first_frame + row, f"{float(centre):.6f}", symbol, *values])
    return out.getvalue()


def read_motion_csv(text: str) -> MotionTrack:
    """A table as `motion_csv` writes it, columns in any order, or as a spreadsheet saves it: semicolons or
    tabs between columns, decimal commas.

    Its curves count; phones are the runs of one symbol, to the nearest frame. Raises ValueError, with a
    sentence for the artist, for a table that lacks a column or holds something else than numbers.
    """
    mark = max(";\t,", key=text.split("\n", 1)[0].count)
    rows = [row for row in csv.reader(io.StringIO(text), delimiter=mark) if any(cell.strip() for cell in row)]
    head = [cell.strip().lower() for cell in rows[0]] if rows else []
    missing = [name for name in _HEAD if name not in head]
    if missing:
        raise ValueError(f"its first line lacks the column {missing[0]}")
    body = rows[1:]
    if not body:
        raise ValueError("it holds no frame")
    places = {name: head.index(name) for name in _HEAD}
    numbers = {
        name: [_number(row, places[name], name, line) for line, row in enumerate(body, start=2)]
        for name in _HEAD
        if name != "phone"
    }
    frames, centres = numbers["frame"], numbers["seconds"]
    if any(after - before != 1 for before, after in pairwise(frames)):
        raise ValueError("its frame numbers must go up by one from line to line")
    if any(after <= before for before, after in pairwise(centres)):
        raise ValueError("its seconds must go up from line to line")
    symbols = tuple(known_symbol(row[places["phone"]]) for row in body)
    table = {name: np.array([float(one) for one in numbers[name]], np.float32) for name in _CURVES}
    curves = drawn_curves(tuple(centres), table, symbols)
    rate = _rate(centres)
    return MotionTrack(_speech(centres, symbols, rate), curves, rate, int(frames[0]), CurvesFrom.CURVES)


def _number(row: Sequence[str], place: int, name: str, line: int) -> Fraction:
    text = row[place].strip() if place < len(row) else ""
    try:
        return Fraction(text.replace(",", "."))
    except (ValueError, ZeroDivisionError):
        raise ValueError(f"line {line}, column {name}: '{text}' is no number") from None


def _rate(centres: Sequence[Fraction]) -> Fraction:
    """Frames a second, 24 for a single frame; a broadcast rate where one is near."""
    if len(centres) < 2:
        return Fraction(24)
    mean = (len(centres) - 1) / (centres[-1] - centres[0])
    near = [Fraction(round(mean)), Fraction(round(mean * Fraction(1001, 1000)) * 1000, 1001)]
    best = min(near, key=lambda known: abs(known - mean))
    return best if abs(best - mean) < _SAME_RATE * mean else mean.limit_denominator(1001)


def _speech(centres: Sequence[Fraction], symbols: Sequence[str], rate: Fraction) -> Speech:
    half = Fraction(1, 2) / rate
    ends = [(before + after) / 2 for before, after in pairwise(centres)] + [centres[-1] + half]
    phones: list[Phone] = []
    for symbol, start, end in zip(symbols, [centres[0] - half, *ends], ends, strict=False):
        if phones and phones[-1].symbol == symbol:
            start = phones.pop().start_seconds
        phones.append(Phone(symbol, start, end))
    return given_speech(phones, max(ends[-1], Fraction(0)))
