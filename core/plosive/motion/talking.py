# SPDX-License-Identifier: Apache-2.0
"""Where a mouth in footage moves as mouths do in speech, whatever is heard."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from plosive.motion.curves import CHANNELS
from plosive.motion.footage import MouthFootage

__all__ = ["talks"]

_LEAST_STROKE = 0.02  # of face height; what tracking jitters by, and how lips part and meet at rest, is less
_QUICK_SECONDS = 0.15  # for as much as the least stroke: a smile takes longer, or comes alone
_NEXT_SECONDS = 0.6
_LEAST_TRAVEL = 0.12
_AROUND_SECONDS = 0.3  # lips part before a word, and meet after it
_JOIN_SECONDS = 1.0
_APERTURE, _OUTER_HEIGHT = CHANNELS.index("aperture"), CHANNELS.index("outer_height")

_Stroke = tuple[float, float, float]  # from, to (seconds), how far


def talks(footage: MouthFootage) -> NDArray[np.bool_]:
    """Whether the mouth speaks in each frame of `footage`, or seems to: (T,).

    What is looked at is the mean of lip opening and outer lip height, in face heights: both follow a jaw and
    lips that speak, and their errors of tracking differ. It is cut into strokes, up and down in turn, of
    0.02 and more (a zigzag of turning points). Speech is two strokes or
    more that follow on each other within 0.6 s, each of which covers 0.02 in 0.15 s somewhere, and which come
    to 0.12 in all; with 0.3 s around it, and gaps below 1 s. A smile, a yawn or parting lips are one stroke,
    swallowing and pressed lips less than one.

    Calibrated on 15 plates with their own voice and two silent ones: 1,497 of 1,499 frames with a voice are
    found; of 916 frames 0.4 s and more from any voice 25, where lips part for a breath before the first word,
    818 frames of two silent people among them none. The limits may be halved or raised by half with little
    change; jitter of 0.006 face heights changes nothing, 0.01 makes a resting mouth seem to speak.
    """
    seconds = footage.centre_seconds
    height = footage.values[:, [_APERTURE, _OUTER_HEIGHT]].astype(np.float64).mean(axis=1)
    strokes = [
        quick
        for first, last in _strokes(height)
        if (quick := _quick_part(seconds[first : last + 1], height[first : last + 1])) is not None
    ]
    runs: list[list[_Stroke]] = []
    for stroke in strokes:
        if runs and stroke[0] - runs[-1][-1][1] <= _NEXT_SECONDS:
            runs[-1].append(stroke)
        else:
            runs.append([stroke])
    spans: list[tuple[float, float]] = []
    for run in runs:
        if len(run) < 2 or sum(travel for _, _, travel in run) < _LEAST_TRAVEL:
            continue
        start, end = run[0][0] - _AROUND_SECONDS, run[-1][1] + _AROUND_SECONDS
        if spans and start - spans[-1][1] < _JOIN_SECONDS:
            start = spans.pop()[0]
        spans.append((start, end))
    speaks = np.zeros(len(seconds), dtype=bool)
    for start, end in spans:
        speaks |= (seconds >= start) & (seconds <= end)
    return speaks


def _strokes(height: NDArray[np.float64]) -> list[tuple[int, int]]:
    """First and last index of each rise and fall of at least the least stroke."""
    turns: list[int] = []
    low = high = rising = 0
    for index, value in enumerate(height.tolist()):
        if rising <= 0:
            low = index if value < height[low] else low
            if value - height[low] >= _LEAST_STROKE:
                turns.append(low)
                rising, high = 1, index
                continue
        if rising >= 0:
            high = index if value > height[high] else high
            if height[high] - value >= _LEAST_STROKE:
                turns.append(high)
                rising, low = -1, index
    if rising:
        turns.append(high if rising > 0 else low)
    return list(pairwise(turns))


def _quick_part(seconds: NDArray[np.float64], height: NDArray[np.float64]) -> _Stroke | None:
    """When the steepest part of a stroke, as high as the least one, begins and ends, and how far the stroke
    goes; None where that part takes long.
    """
    way = np.maximum.accumulate(np.abs(height - height[0]))
    rows = np.flatnonzero(way + _LEAST_STROKE <= way[-1] + 1e-9)
    ends = np.interp(way[rows] + _LEAST_STROKE, way, seconds)
    took = ends - seconds[rows]
    if not len(took) or took.min() > _QUICK_SECONDS:
        return None
    steepest = int(took.argmin())
    return float(seconds[rows[steepest]]), float(ends[steepest]), float(way[-1])
