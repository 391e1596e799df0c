# SPDX-License-Identifier: Apache-2.0
"""Nuke's written curves, `{curve x1001 0.5 K x1010 1}`, read as keys."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

__all__ = ["NukeKey", "nuke_keys"]

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_FRAME = re.compile(r"[+-]?\d{1,9}(\.\d{0,9})?")
_MODES = ("K", "L", "S", "R", "C")
_SLOPES = ("i", "I", "k", "l")


@dataclass(frozen=True)
class NukeKey:
    """A key of a curve. `holds` says that its value stays up to the next key."""

    frame: Fraction
    value: float
    holds: bool


def nuke_keys(words: Sequence[str]) -> Iterator[NukeKey]:
    """The keys in the words after `curve`, as written; slopes and eases are passed over.

    Foundry's developer guide ("Curve serialisation format"): a letter of interpolation counts from the key
    after it on, a key without `x` goes on in the step of the two before it. Raises ValueError with the first
    word that is no part of a curve.
    """
    frames: list[Fraction] = []
    frame: Fraction | None = None
    holds = False
    for word in words:
        if word in _MODES:
            holds = word == "K"
        elif word in _SLOPES or (word[0] in "stuv" and _NUMBER.fullmatch(word[1:])):
            continue
        elif word[0] == "x" and _FRAME.fullmatch(word[1:]):
            frame = Fraction(word[1:])
        elif _NUMBER.fullmatch(word):
            frames.append(_next(frames) if frame is None else frame)
            frame = None
            yield NukeKey(frames[-1], float(word), holds)
        else:
            raise ValueError(word)


def _next(frames: Sequence[Fraction]) -> Fraction:
    """Where a key lies that does not say so."""
    if len(frames) < 2:
        return frames[0] + 1 if frames else Fraction(0)
    return 2 * frames[-1] - frames[-2]
