# SPDX-License-Identifier: Apache-2.0
"""A dub beside a picture: as much of it as the picture needs, with its words where they are given."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from plosive.speech.analysis import analyse_speech
from plosive.speech.model import SAMPLE_RATE, Speech
from plosive.speech.transcript import read_transcript

__all__ = ["hear"]

_LISTEN_ON_SECONDS = 2


def hear(
    samples: NDArray[np.float32], transcript: str | None, language: str, last_centre_seconds: Fraction
) -> Speech:
    """`analyse_speech` of `samples` for a picture whose last frame's centre lies `last_centre_seconds` into
    the dub. `transcript` is the words or a text file with them. Raises what the two functions it calls do.
    """
    words = read_transcript(transcript) if transcript else None
    if words is None:
        # What sounds after the last frame need not be recognised, only where its last word leads.
        heard_seconds = last_centre_seconds + _LISTEN_ON_SECONDS
        samples = samples[: max(1, int(heard_seconds * SAMPLE_RATE))]
    return analyse_speech(samples, transcript=words, language=language)
