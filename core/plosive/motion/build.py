# SPDX-License-Identifier: Apache-2.0
"""From phones to mouth curves at frame centres."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from plosive.errors import OptionError
from plosive.motion.blend import blended, pulls_of
from plosive.motion.curves import CHANNELS, MotionCurves
from plosive.motion.gains import channel_gains
from plosive.motion.rules import closures, rests, roundings, sibilants, strength_at, tucks
from plosive.motion.visemes import REST
from plosive.speech.model import SILENCE, Speech

__all__ = ["motion_curves", "symbols_at"]

_APERTURE, _JAW, _OUTER = 0, 2, 3
_TUCKED_APERTURE = 0.05  # f and v leave a hair's breadth: median 0.011 inter-ocular distances
_TUCK_STRENGTH = 0.8
_W_STRENGTH = 0.9
_CLOSED_OUTER = -0.07
_SIBILANT_JAW = 0.35  # of real s and sh the lower three quarters


def motion_curves(
    speech: Speech,
    centre_seconds: Sequence[Fraction],
    *,
    frame_seconds: Fraction,
    jaw_gain: float = 1.0,
    lip_gain: float = 1.0,
) -> MotionCurves:
    """Mouth curves of `speech` at ascending frame centres in dub time.

    `frame_seconds` is the frame interval: closures are kept at least that long. `jaw_gain` scales how far the
    jaw opens, `lip_gain` how far the lips spread and round, both about the resting mouth (the JALI axes of
    Edwards et al. 2016); the lip gap follows both. Rules come last: p, b and m close to exactly 0, f and v
    tuck, s and sh keep the jaw high, long silences and frames outside the dub rest. A closure that would fall
    between two frames shuts the nearest one, whatever the shutter. Raises `OptionError` for a gain below 0
    or a frame interval that is not positive.
    """
    if frame_seconds <= 0:
        raise OptionError(f"The frame interval must be above zero, not {frame_seconds}.")
    if min(jaw_gain, lip_gain) < 0:
        raise OptionError(f"Jaw and lip gain must not be below zero (jaw {jaw_gain}, lip {lip_gain}).")
    centres = tuple(centre_seconds)
    times = np.array([float(centre) for centre in centres])
    rest = np.array(REST)
    gain = np.array(channel_gains(jaw_gain, lip_gain))
    drawn = blended(pulls_of(speech.phones), times)
    values = rest + (drawn[:, : len(CHANNELS)] - rest) * gain
    shown = np.clip(drawn[:, len(CHANNELS) :] * lip_gain, 0, 1)

    interval = float(frame_seconds)
    resting = strength_at(rests(speech.phones), times)
    outside = np.array([not 0 <= centre < speech.duration_seconds for centre in centres], bool)
    resting[outside | (speech.is_silent)] = 1.0
    closure = strength_at(closures(speech.phones, interval), times, snap=True)
    closure[outside] = 0.0
    tuck = np.minimum(strength_at(tucks(speech.phones, interval), times, snap=True), 1 - closure)
    tuck[outside] = 0.0
    nearly = _W_STRENGTH * strength_at(roundings(speech.phones), times)

    narrow = strength_at(sibilants(speech.phones), times)
    values[:, _JAW] += np.minimum(_SIBILANT_JAW - values[:, _JAW], 0) * narrow
    values += (rest - values) * resting[:, None]
    aperture = np.maximum(values[:, _APERTURE], 0) * (1 - nearly)
    aperture += (np.minimum(aperture, _TUCKED_APERTURE) - aperture) * _TUCK_STRENGTH * tuck
    values[:, _APERTURE] = aperture * (1 - closure)
    values[:, _OUTER] += np.minimum(_CLOSED_OUTER - values[:, _OUTER], 0) * closure
    shown *= (1 - resting)[:, None]
    shown[:, 1:] *= (1 - closure)[:, None]  # closed lips show nothing
    return MotionCurves(
        centres,
        values.astype(np.float32),
        closure.astype(np.float32),
        tuck.astype(np.float32),
        resting.astype(np.float32),
        shown.astype(np.float32),
        symbols_at(speech, centres),
    )


def symbols_at(speech: Speech, centres: Sequence[Fraction]) -> tuple[str, ...]:
    """The phone at each frame centre; SIL outside the dub."""
    starts = [phone.start_seconds for phone in speech.phones]
    found: list[str] = []
    for centre in centres:
        inside = 0 <= centre < speech.duration_seconds
        found.append(speech.phones[bisect_right(starts, centre) - 1].symbol if inside else SILENCE)
    return tuple(found)
