# SPDX-License-Identifier: Apache-2.0
"""Motion as a Praat TextGrid: the tiers words, phones and visemes over the dub."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from plosive.motion.phonetrack import given_speech, known_symbol, viseme_track
from plosive.motion.track import CurvesFrom, MotionTrack
from plosive.speech.model import Phone, Word
from plosive.speech.text.phone_labels import Interval, phones_of

__all__ = ["motion_textgrid", "read_motion_textgrid"]

_FINEST = 10**8  # parts of a second; Praat writes 0.41000000000000003
_WORDS, _PHONES, _VISEMES = "words", "phones", "visemes"


def motion_textgrid(track: MotionTrack) -> str:
    """The phones, words and visemes of `track` as a long TextGrid; curves are not part of it."""
    from praatio.utilities.textgrid_io import getTextgridAsStr

    speech = track.speech
    end = float(speech.duration_seconds)
    shown = viseme_track(speech.phones)
    tiers = [
        _tier(_WORDS, end, ((word.start_seconds, word.end_seconds, word.text) for word in speech.words)),
        _tier(_PHONES, end, ((one.start_seconds, one.end_seconds, one.symbol) for one in speech.phones)),
        _tier(_VISEMES, end, ((one.start_seconds, one.end_seconds, one.viseme) for one in shown)),
    ]
    grid = {"xmin": 0.0, "xmax": end, "tiers": tiers}
    return str(getTextgridAsStr(grid, format="long_textgrid", includeBlankSpaces=True))


def read_motion_textgrid(text: str) -> MotionTrack:
    """The phones (and words) of a TextGrid with a tier named `phones`, or `somebody - phones` as aligners
    name it: ARPAbet with or without stress, or IPA.

    Curves are made from them. Raises ValueError, with a sentence for the artist, without such a tier or with
    a phone that is not known.
    """
    from praatio.utilities.errors import PraatioException
    from praatio.utilities.textgrid_io import parseTextgridStr

    try:
        grid: dict[str, Any] = parseTextgridStr(text, includeEmptyIntervals=True)
        tiers = {str(tier["name"]).strip().lower(): tier["entries"] for tier in grid["tiers"]}
        end = _seconds(grid["xmax"])
    except (PraatioException, LookupError, ValueError) as error:
        raise ValueError("it is no TextGrid that can be read") from error
    phones = _phones(_rows(tiers, _PHONES))
    words = [
        Word(str(label), _seconds(start), _seconds(stop))
        for start, stop, label in (_rows(tiers, _WORDS) if _name(tiers, _WORDS) else ())
        if str(label).strip()
    ]
    return MotionTrack(given_speech(phones, end, words), None, Fraction(24), 0, CurvesFrom.PHONES)


def _name(tiers: dict[str, Any], wanted: str) -> str | None:
    return next((name for name in tiers if name == wanted or name.endswith(f"- {wanted}")), None)


def _rows(tiers: dict[str, Any], wanted: str) -> list[tuple[float, float, str]]:
    name = _name(tiers, wanted)
    if name is None:
        raise ValueError(f"it has no tier named '{wanted}' (its tiers: {', '.join(tiers) or 'none'})")
    return list(tiers[name])


def _phones(rows: list[tuple[float, float, str]]) -> list[Phone]:
    """Phones of a tier in this program's symbols; where they are none, in IPA if all of them are."""
    try:
        return [Phone(known_symbol(label), _seconds(start), _seconds(stop)) for start, stop, label in rows]
    except ValueError:
        intervals = [Interval(_seconds(start), _seconds(stop), label) for start, stop, label in rows]
        phones, warnings = phones_of(intervals)
        if warnings or not phones:
            raise
        return list(phones)


def _tier(name: str, end: float, rows: Iterable[tuple[Fraction, Fraction, str]]) -> dict[str, object]:
    entries = [(float(start), float(stop), label) for start, stop, label in rows if stop > start]
    return {"class": "IntervalTier", "name": name, "xmin": 0.0, "xmax": end, "entries": entries}


def _seconds(number: float | str) -> Fraction:
    return Fraction(round(float(number) * _FINEST), _FINEST)
