# SPDX-License-Identifier: Apache-2.0
"""Voice activity: where in a sound somebody speaks, whatever else sounds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "background_db",
    "joined_stretches",
    "spoken_stretches",
    "voice_confidence",
    "voice_likelihood",
    "voice_likelihoods",
]

_RATE = 16_000
_CHUNK = 512  # samples: the step of the model
_HOP = 160
_LEVEL = 0.3  # the loud parts of a dub are brought here: the model misses very soft speech
_MOST_GAIN = 30.0
_LIKELY = 0.5
_JOIN_SECONDS = Fraction(3, 10)
_LEAST_HOPS = 20  # of silence that tell how loud the background is


def voice_likelihood(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Likelihood of speech (hops,) float32, one value per started 10 ms of mono 16 kHz `samples` (n,).

    Silero VAD, whose model is in its wheel: one value every 32 ms, between whose centres is drawn straight.
    Noise, tones, hum, clicks and instruments stay below 0.5; speech is found down to 5 dB below white noise
    or a band. Singing counts as voice.
    """
    import torch

    hops = -(-len(samples) // _HOP)
    if not hops:
        return np.zeros(0, np.float32)
    model = _model()
    gain = np.float32(_gain(samples))
    chunks = -(-len(samples) // _CHUNK)
    found = np.empty(chunks, np.float32)
    with torch.inference_mode():
        for row in range(chunks):
            chunk = samples[row * _CHUNK : (row + 1) * _CHUNK] * gain
            padded = np.pad(np.clip(chunk, -1, 1), (0, _CHUNK - len(chunk)))
            found[row] = float(model(torch.from_numpy(padded), _RATE))
    centres = np.arange(chunks) * _CHUNK + _CHUNK / 2
    return np.interp(np.arange(hops) * _HOP + _HOP / 2, centres, found).astype(np.float32)


def voice_likelihoods(pieces: Sequence[NDArray[np.float32]]) -> tuple[NDArray[np.float32], ...]:
    """`voice_likelihood` of several pieces of mono 16 kHz sound, each for itself, listened to at once: a
    quarter of the time for a dozen. Values differ from those of one alone by rounding, up to 1e-5.
    """
    import torch

    chunks = max((-(-len(piece) // _CHUNK) for piece in pieces), default=0)
    if not chunks:
        return tuple(np.zeros(0, np.float32) for _ in pieces)
    rows = np.zeros((len(pieces), chunks * _CHUNK), np.float32)
    for row, piece in zip(rows, pieces, strict=True):
        if len(piece):
            row[: len(piece)] = np.clip(piece * np.float32(_gain(piece)), -1, 1)
    model = _model()
    found = np.empty((len(pieces), chunks), np.float32)
    with torch.inference_mode():
        for number in range(chunks):
            chunk = np.ascontiguousarray(rows[:, number * _CHUNK : (number + 1) * _CHUNK])
            found[:, number] = model(torch.from_numpy(chunk), _RATE).numpy()[:, 0]
    centres = np.arange(chunks) * _CHUNK + _CHUNK / 2
    told = []
    for piece, values in zip(pieces, found, strict=True):
        own = -(-len(piece) // _CHUNK)  # what lies behind is another's
        at = np.arange(-(-len(piece) // _HOP)) * _HOP + _HOP / 2
        told.append(np.interp(at, centres[:own], values[:own]).astype(np.float32) if own else values[:0])
    return tuple(told)


def spoken_stretches(samples: NDArray[np.float32]) -> tuple[tuple[Fraction, Fraction], ...]:
    """Where somebody speaks in mono 16 kHz `samples` (n,): (start, end) in seconds, in order; pauses below
    0.3 s are part of them.
    """
    return joined_stretches([(Fraction(0), voice_likelihood(samples))])


def joined_stretches(
    heard: Iterable[tuple[Fraction, NDArray[np.float32]]],
) -> tuple[tuple[Fraction, Fraction], ...]:
    """The same of sound in pieces, in order: when each begins, in seconds, and its `voice_likelihood`."""
    found: list[tuple[Fraction, Fraction]] = []
    for began, likelihood in heard:
        speaks = np.concatenate([[False], likelihood > _LIKELY, [False]])
        hops = np.flatnonzero(np.diff(speaks.astype(np.int8))).tolist()
        edges = [began + Fraction(hop * _HOP, _RATE) for hop in hops]
        for start, end in zip(edges[::2], edges[1::2], strict=True):
            if found and start - found[-1][1] < _JOIN_SECONDS:
                start = found.pop()[0]
            found.append((start, end))
    return tuple(found)


def _model() -> Any:
    import warnings

    from silero_vad import load_silero_vad

    with warnings.catch_warnings():  # torch calls its own file format old
        warnings.simplefilter("ignore", DeprecationWarning)
        return load_silero_vad()


def voice_confidence(activity: NDArray[np.float32], runs: Sequence[tuple[int, int]]) -> float:
    """How clearly speech stands apart, 0..1: the mean of `activity` in the `runs` with speech times one
    less the mean outside them; 1.0 where nobody speaks.
    """
    inside = _inside(len(activity), runs)
    if not inside.any():
        return 1.0
    outside = float(activity[~inside].mean()) if not inside.all() else 0.0
    return float(np.clip(float(activity[inside].mean()) * (1 - outside), 0, 1))


def background_db(loudness_db: NDArray[np.float32], runs: Sequence[tuple[int, int]]) -> float | None:
    """How far the speech is above what sounds in its pauses, in dB; None where there is too little of either.

    Medians of the hops' loudness, without those within 0.2 s of speech's edges (echo and breath).
    """
    inside = _inside(len(loudness_db), runs)
    outside = ~_inside(len(loudness_db), [(start - 20, end + 20) for start, end in runs])
    if inside.sum() < _LEAST_HOPS or outside.sum() < _LEAST_HOPS:
        return None
    return float(np.median(loudness_db[inside]) - np.median(loudness_db[outside]))


def _inside(hops: int, runs: Sequence[tuple[int, int]]) -> NDArray[np.bool_]:
    inside = np.zeros(hops, bool)
    for start, end in runs:
        inside[max(start, 0) : end] = True
    return inside


def _gain(samples: NDArray[np.float32]) -> float:
    loud = float(np.percentile(np.abs(samples[::8]), 99.5))
    return min(_LEVEL / max(loud, 1e-9), _MOST_GAIN)
