# SPDX-License-Identifier: Apache-2.0
"""A take's own sound, and whether its picture says the same."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from plosive.errors import DubError
from plosive.media import read_dub
from plosive.motion import ActorRange, MotionCurves, MouthFootage, fit_to_range, motion_curves
from plosive.motion.lag import Lag, find_lag
from plosive.motion.residual import LEAST_SECONDS, HeardFootage, sound_features
from plosive.speech import SAMPLE_RATE, Speech, hear
from plosive.speech.sound.mel import mel_energies
from plosive.speech.sound.prosody import measure_sound, speech_runs
from plosive.sync.known_speech import SpeechCache

__all__ = ["OwnSound", "SoundMatch", "heard_footage", "listen_to", "match_sound"]

_STEP_SECONDS = Fraction(1, 100)
_MOST_LAG_SECONDS = 0.12
_LEAST_CONFIDENCE, _LEAST_EVIDENCE = 0.4, 2.5  # accepts 8 of 9 takes in sync, none of 72 with another's sound


@dataclass(frozen=True)
class OwnSound:
    """What is said in a take: its phones, and the energies of `speech.mel.mel_energies`."""

    speech: Speech
    energies: NDArray[np.float32]


@dataclass(frozen=True)
class SoundMatch:
    """Whether the mouth of a take moves with its own sound; `reason` says why not, '' where it does."""

    reason: str
    lag: Lag | None = None

    @property
    def is_match(self) -> bool:
        return not self.reason


def listen_to(
    path: Path,
    seconds: float,
    language: str,
    least_seconds: float = LEAST_SECONDS,
    start_seconds: float = 0.0,
    is_cached: bool = False,
) -> OwnSound | str:
    """`seconds` of a file's own sound from `start_seconds` on, heard as a dub in `language`; or why it is of
    no use, such as less than `least_seconds` of speech. `is_cached`: what was heard in it before is not
    listened to again, and is kept (`SpeechCache`).
    """
    try:
        sound = read_dub(path)
        if sound.is_silent:
            return "its sound is silent"
        first = int(start_seconds * SAMPLE_RATE)
        samples = sound.speech_samples()[first : first + max(1, int(seconds * SAMPLE_RATE))]
        if not len(samples):
            return "it has no sound there"
    except DubError:
        return "it has no sound that can be read"
    told = None, language, Fraction(len(samples), SAMPLE_RATE), None
    cache = SpeechCache(samples, *told) if is_cached else None
    known = None if cache is None else cache.find()
    runs = speech_runs((measure_sound(samples) if known is None else known.sound).activity)
    if sum(end - start for start, end in runs) * float(_STEP_SECONDS) < least_seconds:
        return f"less than {least_seconds:g} s are spoken in it"
    speech = known or (hear(samples, *told) if cache is None else cache.heard(lambda: hear(samples, *told)))
    if speech.is_silent:
        return "nobody speaks in it"
    return OwnSound(speech, mel_energies(samples))


def match_sound(footage: MouthFootage, sound: OwnSound, least_seconds: float = LEAST_SECONDS) -> SoundMatch:
    """Compare a mouth, seen for `least_seconds`, with what the rules make of its sound: lags of +-600 ms."""
    seconds = len(footage.values) * footage.frame_seconds
    if seconds < least_seconds:
        return SoundMatch(f"the face is seen for less than {least_seconds:g} s")
    count = int(sound.speech.duration_seconds / _STEP_SECONDS) + 2
    curves = motion_curves(
        sound.speech, [step * _STEP_SECONDS for step in range(count)], frame_seconds=_STEP_SECONDS * 4
    )
    grid = np.arange(count) * float(_STEP_SECONDS)

    def expected(lag: float) -> NDArray[np.float64]:
        at = footage.centre_seconds - lag
        return np.stack([np.interp(at, grid, column) for column in curves.values.T], axis=1)

    found = find_lag(footage.values.astype(np.float64), expected, seconds)
    if found.evidence < _LEAST_EVIDENCE or found.confidence < _LEAST_CONFIDENCE:
        return SoundMatch("its mouth does not clearly move with its sound", found)
    if abs(found.seconds) > _MOST_LAG_SECONDS:
        return SoundMatch(f"its picture lies {abs(found.seconds) * 1000:.0f} ms off its sound", found)
    return SoundMatch("", found)


def heard_footage(footage: MouthFootage, sound: OwnSound, lag: Lag, actor: ActorRange) -> HeardFootage:
    """A take as `motion.residual` learns from it, `lag` taken out."""
    seconds = footage.centre_seconds - lag.seconds
    curves = _curves_at(sound.speech, seconds, footage.frame_seconds)
    ruled = fit_to_range(curves, actor)
    return HeardFootage(
        measured=footage.values.astype(np.float64),
        ruled=ruled.values.astype(np.float64),
        features=sound_features(sound.energies, seconds),
        centre_seconds=footage.centre_seconds,
        spoken=np.maximum(np.maximum(curves.rest, curves.closure), curves.tuck) < 0.5,
    )


def _curves_at(speech: Speech, seconds: NDArray[np.float64], frame_seconds: float) -> MotionCurves:
    centres = [Fraction(moment).limit_denominator(100_000) for moment in seconds.tolist()]
    return motion_curves(speech, centres, frame_seconds=Fraction(frame_seconds).limit_denominator(100_000))
