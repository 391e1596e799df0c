# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: RUF001  (the International Phonetic Alphabet looks like other letters)
"""Phones as other programs label them, in the aligner's symbols."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from plosive.speech.model import HOP_SECONDS, Phone
from plosive.speech.text.ipa import ARPABET, arpabet

__all__ = ["Interval", "phones_of"]

_SILENT = frozenset(
    {"", "SIL", "SP", "SPN", "<EPS>", "<SIL>", "<P:>", "PAU", "H#", "EPI", "NSN", "#", "_", "(...)"}
)
_KNOWN = frozenset(phone for phones in ARPABET.values() for phone in phones.split()) - {"~"}
_OTHER = {  # TIMIT's and MFA's finer symbols
    "AX": ("AH",), "AXR": ("ER",), "AX-H": ("AH",), "IX": ("IH",), "UX": ("UW",), "DX": ("D",), "NX": ("N",),
    "EL": ("AH", "L"), "EM": ("AH", "M"), "EN": ("AH", "N"), "ENG": ("NG",), "HV": ("HH",), "Q": ("HH",),
    "OH": ("AO",), "WH": ("W",), "BCL": ("B",), "PCL": ("P",), "DCL": ("D",), "TCL": ("T",), "GCL": ("G",),
    "KCL": ("K",),
}  # fmt: skip


@dataclass(frozen=True)
class Interval:
    """A label between two times in seconds."""

    start: Fraction
    end: Fraction
    label: str


def phones_of(intervals: Sequence[Interval], language: str = "") -> tuple[tuple[Phone, ...], tuple[str, ...]]:
    """Phones that tile 0 to the last end, gaps and silences as SIL, and warnings.

    Labels are ARPAbet (with stress digits or without, in any case, where the whole tier is) or IPA, read as
    the sounds of `language`; one that stands for two sounds is split. Times are rounded to 10 ms; overlaps
    end where the next one begins. A label that means nothing becomes HH, which leaves the mouth to its
    neighbours, and is named in a warning.
    """
    ordered = sorted(intervals, key=lambda each: (each.start, each.end))
    labels = {each.label.strip() for each in ordered}
    is_arpabet = all(_arpabet_label(label) is not None for label in labels)
    unknown: list[str] = []
    tiles: list[Phone] = []
    at = Fraction(0)
    for row, each in enumerate(ordered):
        start, end = max(_hop(each.start), at), _hop(each.end)
        if row + 1 < len(ordered):
            end = min(end, max(_hop(ordered[row + 1].start), start))
        if end <= start:
            continue
        label = each.label.strip()
        sounds = _arpabet_label(label) if is_arpabet else _ipa_label(label, language)
        if sounds is None:
            unknown.append(label)
            sounds = ("HH",)
        if start > at:
            _append(tiles, "SIL", at, start)
        for symbol, since, until in _shares(sounds or ("SIL",), start, end):
            _append(tiles, symbol, since, until)
        at = end
    if not any(tile.symbol != "SIL" for tile in tiles):
        return (), ()
    odd = ", ".join(dict.fromkeys(unknown))
    warnings = (f"These phone labels are not known, and the mouth passes over them: {odd}.",) if odd else ()
    return tuple(tiles), warnings


def _arpabet_label(label: str) -> tuple[str, ...] | None:
    """The symbols of an ARPAbet label, none for silence; None where it is no ARPAbet."""
    symbol = re.sub(r"[0-9]$", "", label).upper()
    if label.upper() in _SILENT:
        return ()
    if symbol in _KNOWN:
        return (symbol,)
    return _OTHER.get(symbol)


def _ipa_label(label: str, language: str) -> tuple[str, ...] | None:
    if label.upper() in _SILENT:
        return ()
    if label.startswith("ʔ"):
        return ("HH",)
    return arpabet(label, language) or None


def _hop(seconds: Fraction) -> Fraction:
    return max(round(seconds / HOP_SECONDS), 0) * HOP_SECONDS


def _shares(sounds: Sequence[str], start: Fraction, end: Fraction) -> list[tuple[str, Fraction, Fraction]]:
    """`sounds` in equal parts of whole hops; only as many as there are hops."""
    hops = int((end - start) / HOP_SECONDS)
    sounds = sounds[:hops]
    edges = [start + (hops * row // len(sounds)) * HOP_SECONDS for row in range(len(sounds) + 1)]
    return [(sound, edges[row], edges[row + 1]) for row, sound in enumerate(sounds)]


def _append(tiles: list[Phone], symbol: str, start: Fraction, end: Fraction) -> None:
    if tiles and tiles[-1].symbol == symbol == "SIL":
        start = tiles.pop().start_seconds
    tiles.append(Phone(symbol, start, end))
