# SPDX-License-Identifier: Apache-2.0
"""How well two accounts of the same sound agree."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from plosive.speech.alignment.aligner import AlignedPhone

__all__ = ["agreement"]

_KINDS = (
    "SIL", "P B M", "F V TH DH", "T D N L DX", "S Z", "SH ZH CH JH", "K G NG HH", "R ER",
    "W UW UH OW AO", "IY IH Y EY", "EH AE AY", "AA AH AW OY",
)  # fmt: skip
_KIND = {phone: number for number, kind in enumerate(_KINDS) for phone in kind.split()}


def agreement(phones: Sequence[AlignedPhone], heard: Sequence[AlignedPhone]) -> float:
    """Share of the time (0..1) in which both name the same kind of sound, where either speaks.

    Both must tile the same hops. Unrelated accounts agree by chance in about a tenth of the time.
    """
    ours, theirs = _kinds(phones), _kinds(heard)
    length = min(len(ours), len(theirs))
    ours, theirs = ours[:length], theirs[:length]
    spoken = (ours > 0) | (theirs > 0)
    return float((ours == theirs)[spoken].mean()) if spoken.any() else 0.0


def _kinds(phones: Sequence[AlignedPhone]) -> NDArray[np.int64]:
    kinds = [np.full(phone.end - phone.start, _KIND.get(phone.symbol, -1), np.int64) for phone in phones]
    return np.concatenate(kinds) if kinds else np.zeros(0, np.int64)
