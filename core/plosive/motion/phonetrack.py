# SPDX-License-Identifier: Apache-2.0
"""A row of phones, as an artist leaves it: made whole again, and told as mouth shapes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from plosive.motion.visemes import PARTS, SEALED
from plosive.speech.alignment.joining import silences_joined
from plosive.speech.model import SILENCE, Phone, PhoneSource, Sound, Speech, Word

__all__ = ["ShownViseme", "given_speech", "known_symbol", "tiled", "viseme_track"]

_SILENT_MARKS = frozenset({"", "SIL", "SP", "SPN", "<EPS>", "_", "#", "-"})  # as aligners and Praat write it
_CLOSED_UP = Fraction(1, 10)  # a hole shorter than this is a phone pulled away, not a pause


@dataclass(frozen=True)
class ShownViseme:
    """One mouth shape (a name of `visemes.VISEMES`) and when its phone asks for it, in seconds of the dub."""

    viseme: str
    phone: str
    start_seconds: Fraction
    end_seconds: Fraction


def known_symbol(text: str) -> str:
    """`text` as a phone of this program: `ah0` is `AH`, an empty label is silence.

    Raises ValueError, with a sentence for the artist, for a phone that is not known.
    """
    bare = text.strip().upper()
    if bare in _SILENT_MARKS:
        return SILENCE
    bare = bare.rstrip("012")
    if bare not in PARTS:
        raise ValueError(f"'{text}' is no phone; the known ones are SIL {' '.join(sorted(PARTS))}")
    return bare


def tiled(phones: Iterable[Phone], duration_seconds: Fraction) -> tuple[Phone, ...]:
    """`phones` without gap or overlap over 0..`duration_seconds`, as `Speech` wants them.

    Starts decide: a phone that reaches into the next one ends where that begins. A hole shorter than 0.1 s
    goes to the phone before it, a longer one is silence. What lies outside the dub is cut off. Raises
    ValueError for a phone that ends before it begins.
    """
    rows: list[Phone] = []
    for phone in sorted(phones, key=lambda phone: phone.start_seconds):
        if phone.end_seconds <= phone.start_seconds:
            raise ValueError(f"phone {phone.symbol} at {float(phone.start_seconds):g} s ends where it begins")
        start, end = max(phone.start_seconds, Fraction(0)), min(phone.end_seconds, duration_seconds)
        if end <= start:
            continue
        if rows and rows[-1].start_seconds == start:
            rows.pop()
        if rows:
            before = rows[-1]
            close_up = start - before.end_seconds < _CLOSED_UP or before.symbol == SILENCE
            if before.end_seconds > start or close_up:
                rows[-1] = replace(before, end_seconds=start)
            else:
                rows.append(Phone(SILENCE, before.end_seconds, start))
        elif start > 0:
            rows.append(Phone(SILENCE, Fraction(0), start))
        rows.append(replace(phone, start_seconds=start, end_seconds=end))
    last = rows[-1].end_seconds if rows else Fraction(0)
    if last < duration_seconds:
        rows.append(Phone(SILENCE, last, duration_seconds))
    return tuple(silences_joined(rows))


def given_speech(phones: Iterable[Phone], duration_seconds: Fraction, words: Iterable[Word] = ()) -> Speech:
    """A dub of which only `phones` (as `tiled` takes them) and `words` are known, not its sound."""
    empty = np.zeros(0, np.float32)
    return Speech(
        duration_seconds,
        tiled(phones, duration_seconds),
        tuple(words),
        Sound(empty, empty, empty),
        PhoneSource.GIVEN,
        "en",
        1.0,
    )


def viseme_track(phones: Iterable[Phone]) -> tuple[ShownViseme, ...]:
    """The mouth shapes of `phones`, two for a diphthong, none for a breath (HH)."""
    shown: list[ShownViseme] = []
    for phone in phones:
        length, start = phone.end_seconds - phone.start_seconds, phone.start_seconds
        parts = ((SEALED, 1.0),) if phone.symbol == SILENCE else PARTS.get(phone.symbol, PARTS["AH"])
        for number, (name, share) in enumerate(parts, start=1):
            exact = Fraction(share).limit_denominator(1000)
            end = phone.end_seconds if number == len(parts) else start + exact * length
            shown.append(ShownViseme(name, phone.symbol, start, end))
            start = end
    return tuple(shown)
