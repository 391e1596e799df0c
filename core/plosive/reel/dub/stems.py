# SPDX-License-Identifier: Apache-2.0
"""A transcript of all speakers, dealt out to their stems."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from plosive.reel.dub.speech_spans import overlapping
from plosive.reel.dub.transcripts import ReelScript
from plosive.reel.dub.voices import HeardVoice
from plosive.speech.model import Word
from plosive.speech.text.script import Cue

__all__ = ["by_stem"]


def by_stem(script: ReelScript, voices: Sequence[HeardVoice]) -> dict[str, ReelScript]:
    """A script's lines by who says them, in small letters: as it names them, else whose stem is heard longest
    while a line stands.
    """
    own: dict[str, list[Cue]] = {voice.speaker.casefold(): [] for voice in voices}
    unknown: list[str] = []
    for cue in script.script.cues:
        name = (cue.speaker or "").casefold()
        if not name:
            name = _loudest(cue, voices)
        if name in own:
            own[name].append(cue)
        elif cue.speaker:
            unknown.append(cue.speaker)
    warnings = script.warnings
    if unknown:
        told = ", ".join(dict.fromkeys(unknown))
        warnings = (*warnings, f"{script.told} has lines of {told}, for whom there is no --dub.")
    return {
        name: replace(
            script,
            script=replace(
                script.script,
                cues=tuple(cues),
                words=tuple(_word(cue) for cue in cues) if script.script.words else (),
                phones=(),
            ),
            warnings=warnings if not number else (),
        )
        for number, (name, cues) in enumerate(own.items())
    }


def _word(cue: Cue) -> Word:
    assert cue.start_seconds is not None and cue.end_seconds is not None
    return Word(cue.text, cue.start_seconds, cue.end_seconds)


def _loudest(cue: Cue, voices: Sequence[HeardVoice]) -> str:
    if cue.start_seconds is None or cue.end_seconds is None:
        return ""
    shares = [
        sum(
            (
                min(end, cue.end_seconds) - max(start, cue.start_seconds)
                for start, end in overlapping(voice.spans, cue.start_seconds, cue.end_seconds)
            ),
            Fraction(0),
        )
        for voice in voices
    ]
    best = max(range(len(voices)), key=lambda place: (shares[place], -place))
    return voices[best].speaker.casefold() if shares[best] else ""
