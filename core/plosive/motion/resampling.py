# SPDX-License-Identifier: Apache-2.0
"""Curves that were edited, at other frames and with other gains; closed lips stay closed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from plosive.motion.curves import CHANNELS, MotionCurves
from plosive.motion.gains import channel_gains
from plosive.motion.visemes import LABIALS, REST
from plosive.speech.model import SILENCE

__all__ = ["closed_frames", "held_closed", "resampled", "same_frames", "with_gains", "without_gains"]

_APERTURE = 0
_CLOSED = 0.995  # numbers in files are rounded
_SAME_SECONDS = Fraction(1, 1000)  # a spreadsheet keeps a frame's time to less than this


def same_frames(curves: MotionCurves, centre_seconds: Sequence[Fraction]) -> bool:
    """Whether `curves` lie on these frame centres already, to a thousandth of a second."""
    return len(curves.centre_seconds) == len(centre_seconds) and all(
        abs(one - other) <= _SAME_SECONDS
        for one, other in zip(curves.centre_seconds, centre_seconds, strict=True)
    )


def held_closed(curves: MotionCurves) -> MotionCurves:
    """`curves` with the rule that always holds: aperture 0 where `closure` is 1, nowhere below 0."""
    closure = np.where(curves.closure >= _CLOSED, 1.0, np.clip(curves.closure, 0, 1)).astype(np.float32)
    values = curves.values.copy()
    values[:, _APERTURE] = np.where(closure == 1, 0, np.maximum(values[:, _APERTURE], 0))
    return replace(curves, values=values, closure=closure)


def closed_frames(curves: MotionCurves, first_frame: int) -> list[tuple[str, int, int]]:
    """Every run of frames with sealed lips: the p, b, m heard in it, first frame, last frame inclusive."""
    runs = []
    for start, end in _full_runs(curves.closure):
        around = curves.symbols[max(start - 1, 0) : end + 1]
        heard = [symbol for symbol in dict.fromkeys(around) if symbol in LABIALS]
        runs.append((" ".join(heard) or "sealed", first_frame + start, first_frame + end - 1))
    return runs


def with_gains(curves: MotionCurves, jaw_gain: float, lip_gain: float) -> MotionCurves:
    """`curves` scaled about the resting mouth, see `channel_gains`; the articulators follow the lips."""
    if jaw_gain == lip_gain == 1:
        return curves
    return _scaled(curves, np.array(channel_gains(jaw_gain, lip_gain), np.float32), lip_gain)


def without_gains(curves: MotionCurves, jaw_gain: float, lip_gain: float) -> MotionCurves:
    """`with_gains` undone; what a gain of 0 took is lost."""
    if jaw_gain == lip_gain == 1:
        return curves
    shapes = np.array(channel_gains(jaw_gain, lip_gain), np.float32)
    return _scaled(curves, 1 / np.where(shapes > 0, shapes, 1), 1 / lip_gain if lip_gain else 1.0)


def _scaled(curves: MotionCurves, shapes: NDArray[np.float32], shown: float) -> MotionCurves:
    rest = np.array(REST, np.float32)
    values = (rest + (curves.values - rest) * shapes).astype(np.float32)
    articulators = np.clip(curves.articulators * np.float32(shown), 0, 1)
    return held_closed(replace(curves, values=values, articulators=articulators))


def resampled(
    curves: MotionCurves, centre_seconds: Sequence[Fraction], frame_seconds: Fraction
) -> MotionCurves:
    """`curves` at ascending `centre_seconds` (dub time): linear between frame centres.

    Every closure of `curves` holds at least one frame, its nearest, shut, and so does every tuck. Frames
    half a frame or more outside the curves rest. `frame_seconds` is the new frame interval.
    """
    centres = tuple(centre_seconds)
    old = np.array([float(centre) for centre in curves.centre_seconds])
    new = np.array([float(centre) for centre in centres])
    spread = max(float(np.median(np.diff(old))) if len(old) > 1 else 0.0, float(frame_seconds))
    outside = (new < old[0] - spread / 2 - 1e-9) | (new > old[-1] + spread / 2 + 1e-9)
    columns = np.concatenate(
        [curves.values, curves.articulators, curves.closure[:, None], curves.tuck[:, None]], axis=1
    )
    drawn = np.stack([np.interp(new, old, column) for column in columns.T], axis=1)
    shapes, shown = drawn[:, : len(CHANNELS)], drawn[:, len(CHANNELS) : -2]
    closure = _snapped(curves.closure, drawn[:, -2], old, new, float(frame_seconds))
    tuck = _snapped(curves.tuck, drawn[:, -1], old, new, float(frame_seconds))
    tuck = np.minimum(tuck, 1 - closure)
    rest = np.interp(new, old, curves.rest)
    shapes[outside], shown[outside] = REST, 0
    closure[outside], tuck[outside], rest[outside] = 0, 0, 1
    nearest = _nearest(old, new)
    symbols = tuple(
        SILENCE if out else curves.symbols[row]
        for out, row in zip(outside.tolist(), nearest.tolist(), strict=True)
    )
    made = MotionCurves(
        centres,
        shapes.astype(np.float32),
        closure.astype(np.float32),
        tuck.astype(np.float32),
        rest.astype(np.float32),
        shown.astype(np.float32),
        symbols,
    )
    return held_closed(made)


def _full_runs(rule: NDArray[np.float32]) -> list[tuple[int, int]]:
    """First frame and the one after the last of every stretch in which a rule holds fully."""
    full = np.concatenate([[0], rule >= _CLOSED, [0]]).astype(np.int8)
    return [(start, end) for start, end in np.flatnonzero(np.diff(full)).reshape(-1, 2).tolist()]


def _nearest(old: NDArray[np.float64], new: NDArray[np.float64]) -> NDArray[np.intp]:
    above = np.clip(np.searchsorted(old, new), 1, len(old) - 1)
    return np.where(new - old[above - 1] < old[above] - new, above - 1, above)


def _snapped(
    rule: NDArray[np.float32],
    drawn: NDArray[np.float64],
    old: NDArray[np.float64],
    new: NDArray[np.float64],
    frame_seconds: float,
) -> NDArray[np.float64]:
    """`drawn` (the rule at `new`), full at the frame nearest to each run of full frames at `old`."""
    strength = drawn.copy()
    for start, end in _full_runs(rule):
        since, until = old[start], old[end - 1]
        inside = (new >= since - 1e-9) & (new <= until + 1e-9)
        strength[inside] = 1.0
        nearest = int(np.abs(new - (since + until) / 2).argmin())
        if not inside.any() and abs(new[nearest] - (since + until) / 2) <= frame_seconds:
            strength[nearest] = 1.0
    return strength
