# SPDX-License-Identifier: Apache-2.0
"""Where somebody speaks in a reel's dub, by the time of the edit."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from plosive.reel.dub.known_voice import VoiceCache
from plosive.reel.dub.sound import DubSound, Stretch
from plosive.speech.sound.voice import joined_stretches

__all__ = ["Span", "overlapping", "spoken_spans"]

Span = tuple[Fraction, Fraction]

_BLOCK_SECONDS = 300
_AT_ONCE = 12  # an hour
_LEAST_SECONDS = Fraction(1, 10)
_AROUND_SECONDS = Fraction(1, 10)  # lips move before a voice is heard, and after
_SILENT_PEAK = 10 ** (-60 / 20)  # -60 dBFS, as for dubs


def spoken_spans(sound: DubSound) -> tuple[Span, ...]:
    """Stretches with speech (Silero VAD above 0.5), in order and apart: pauses below 0.3 s are part of them,
    what is below 0.1 s is none, 0.1 s are added at both ends.
    """
    return tuple(
        (start - _AROUND_SECONDS, stop + _AROUND_SECONDS)
        for start, stop in joined_stretches(_heard(sound))
        if stop - start >= _LEAST_SECONDS
    )


def _heard(sound: DubSound) -> Iterator[tuple[Fraction, NDArray[np.float32]]]:
    """Where a block of the dub begins, and the likelihood of speech in it; of those that are not silent."""
    at, known = sound.start_seconds, VoiceCache()
    while at < sound.end_seconds:
        pieces: list[Stretch] = []
        while at < sound.end_seconds and len(pieces) < _AT_ONCE:
            piece = sound.stretch(at, min(at + _BLOCK_SECONDS, sound.end_seconds))
            at += _BLOCK_SECONDS
            if float(np.abs(piece.samples).max(initial=0.0)) >= _SILENT_PEAK:
                pieces.append(piece)
        found = [known.find(piece) for piece in pieces]
        new = [piece for piece, likelihood in zip(pieces, found, strict=True) if likelihood is None]
        told = iter(_likelihoods(new, known))
        for piece, likelihood in zip(pieces, found, strict=True):
            yield piece.start_seconds, next(told) if likelihood is None else likelihood


def _likelihoods(pieces: Sequence[Stretch], known: VoiceCache) -> Sequence[NDArray[np.float32]]:
    if not pieces:
        return []
    from plosive.speech.sound.voice import voice_likelihoods

    found = voice_likelihoods([piece.for_speech() for piece in pieces])
    for piece, likelihood in zip(pieces, found, strict=True):
        known.keep(piece, likelihood)
    return found


def overlapping(spans: Sequence[Span], start_seconds: Fraction, end_seconds: Fraction) -> tuple[Span, ...]:
    """Those of `spans`, which are in order and apart, that share time with a stretch."""
    first = bisect_right(spans, start_seconds, key=lambda span: span[1])
    end = bisect_left(spans, end_seconds, key=lambda span: span[0])
    return tuple(spans[first:end])
