# SPDX-License-Identifier: Apache-2.0
"""Where somebody speaks in a reel's dub, by the time of the edit."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from plosive.reel.dub_sound import DubSound

__all__ = ["Span", "overlapping", "spoken_spans"]

Span = tuple[Fraction, Fraction]

_BLOCK_SECONDS = 300
_HOP_SECONDS = Fraction(1, 100)
_LIKELY = 0.5
_JOIN_SECONDS = Fraction(3, 10)
_LEAST_SECONDS = Fraction(1, 10)
_AROUND_SECONDS = Fraction(1, 10)  # lips move before a voice is heard, and after
_SILENT_PEAK = 10 ** (-60 / 20)  # -60 dBFS, as for dubs


def spoken_spans(sound: DubSound) -> tuple[Span, ...]:
    """Stretches with speech (Silero VAD above 0.5), in order and apart: pauses below 0.3 s are part of them,
    what is below 0.1 s is none, 0.1 s are added at both ends.
    """
    from plosive.speech.sound.voice import voice_likelihood

    found: list[list[Fraction]] = []
    at = sound.start_seconds
    while at < sound.end_seconds:
        piece = sound.stretch(at, min(at + _BLOCK_SECONDS, sound.end_seconds))
        at += _BLOCK_SECONDS
        if float(np.abs(piece.samples).max(initial=0.0)) < _SILENT_PEAK:
            continue
        speaks = np.concatenate([[False], voice_likelihood(piece.for_speech()) > _LIKELY, [False]])
        edges = np.flatnonzero(np.diff(speaks.astype(np.int8))).tolist()
        for first, end in zip(edges[::2], edges[1::2], strict=True):
            start, stop = (piece.start_seconds + hop * _HOP_SECONDS for hop in (first, end))
            if found and start - found[-1][1] < _JOIN_SECONDS:
                found[-1][1] = stop
            else:
                found.append([start, stop])
    return tuple(
        (start - _AROUND_SECONDS, stop + _AROUND_SECONDS)
        for start, stop in found
        if stop - start >= _LEAST_SECONDS
    )


def overlapping(spans: Sequence[Span], start_seconds: Fraction, end_seconds: Fraction) -> tuple[Span, ...]:
    """Those that share time with a stretch."""
    return tuple(span for span in spans if span[0] < end_seconds and start_seconds < span[1])
