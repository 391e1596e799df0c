# SPDX-License-Identifier: Apache-2.0
"""A dub's motion as an artist keeps it: phones, curves on the frames of a shot, and which of them count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from plosive.motion.build import motion_curves
from plosive.motion.curves import MotionCurves
from plosive.motion.resampling import resampled, same_frames, without_gains
from plosive.speech import Speech, analyse_speech
from plosive.speech.text.script import Script

__all__ = ["CurvesFrom", "MotionTrack", "frame_centres"]


class CurvesFrom(Enum):
    """What a job takes from a motion file."""

    AUTO = "auto"
    PHONES = "phones"
    CURVES = "curves"


@dataclass(frozen=True)
class MotionTrack:
    """Phones and curves of one dub.

    `curves` of None are made from the phones when they are asked for; their frames are numbered from
    `first_frame`, `frame_rate` frames a second. `curves_from` is PHONES, CURVES, or AUTO: nothing was edited,
    so the curves count on their own frames and the phones on any others. `jaw_gain` and `lip_gain` are in
    the curves: a job takes them out again, to put them in after it fitted the curves to its actor.
    """

    speech: Speech
    curves: MotionCurves | None
    frame_rate: Fraction
    first_frame: int = 0
    curves_from: CurvesFrom = CurvesFrom.AUTO
    jaw_gain: float = 1.0
    lip_gain: float = 1.0

    def uses_curves(self, centre_seconds: Sequence[Fraction]) -> bool:
        """Whether `at` these frame centres takes the curves as they are, not the phones."""
        if self.curves is None or self.curves_from is CurvesFrom.PHONES:
            return False
        return self.curves_from is CurvesFrom.CURVES or same_frames(self.curves, centre_seconds)

    @property
    def lacks_prosody(self) -> bool:
        """Whether curves come from phones of which nobody knows how loud they are."""
        known = any(phone.loudness or phone.pitch for phone in self.speech.phones)
        return not known and self.curves_from is not CurvesFrom.CURVES

    def heard(self, samples: NDArray[np.float32]) -> MotionTrack:
        """The same phones with loudness and pitch measured in their dub, `samples` as `analyse_speech` takes.

        The phones are cut, or filled up with silence, to the length of the dub.
        """
        script = Script((), self.speech.words, self.speech.phones)
        speech = analyse_speech(samples, script=script, language=self.speech.language)
        return replace(self, speech=speech)

    def at(self, centre_seconds: Sequence[Fraction], *, frame_seconds: Fraction) -> MotionCurves:
        """The curves at ascending frame centres (dub time), without the track's gains.

        Curves that count are taken exactly where they lie on these very frames, else between their
        frames (`resampled`); otherwise they are made anew from the phones. Raises `OptionError` as
        `motion_curves` does.
        """
        if self.curves is None or not self.uses_curves(centre_seconds):
            return motion_curves(self.speech, centre_seconds, frame_seconds=frame_seconds)
        curves = self.curves
        if not same_frames(curves, centre_seconds):
            curves = resampled(curves, centre_seconds, frame_seconds)
        return without_gains(curves, self.jaw_gain, self.lip_gain)


def frame_centres(
    frame_count: int, frame_rate: Fraction, dub_start_seconds: Fraction = Fraction(0)
) -> tuple[Fraction, ...]:
    """Centres, in dub time, of `frame_count` frames; the dub begins so long after the start of the first."""
    return tuple((number + Fraction(1, 2)) / frame_rate - dub_start_seconds for number in range(frame_count))
