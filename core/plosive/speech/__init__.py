# SPDX-License-Identifier: Apache-2.0
"""The dub, understood: `analyse_speech` gives its phones, words and sound."""

from __future__ import annotations

from plosive.speech.analysis import analyse_speech
from plosive.speech.hearing import hear
from plosive.speech.model import HOP_SECONDS, SAMPLE_RATE, Phone, PhoneSource, Sound, Speech, Word
from plosive.speech.text.script import Cue, Script
from plosive.speech.text.transcript import read_script, read_transcript
from plosive.speech.text.turns import Turn, read_turns, spoken_spans, turns_of

__all__ = [
    "HOP_SECONDS",
    "SAMPLE_RATE",
    "Cue",
    "Phone",
    "PhoneSource",
    "Script",
    "Sound",
    "Speech",
    "Turn",
    "Word",
    "analyse_speech",
    "hear",
    "read_script",
    "read_transcript",
    "read_turns",
    "spoken_spans",
    "turns_of",
]
