# SPDX-License-Identifier: Apache-2.0
"""A dub beside a picture: as much of it as the picture needs, with its words where they are given."""

from __future__ import annotations

from dataclasses import replace
from difflib import SequenceMatcher
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from plosive.errors import OptionError
from plosive.speech.alignment.placing import texts_of
from plosive.speech.analysis import analyse_speech
from plosive.speech.model import SAMPLE_RATE, PhoneSource, Speech, Word
from plosive.speech.text.detection import AUTO, language_of
from plosive.speech.text.espeak import espeak_program
from plosive.speech.text.languages import known_language
from plosive.speech.text.lexicon import pronunciations
from plosive.speech.text.script import Script
from plosive.speech.text.transcript import read_script
from plosive.speech.text.wording import Wording, wordings_of

__all__ = ["as_written", "hear", "heard_samples", "require_hearable"]

_LISTEN_ON_SECONDS = 2


def hear(
    samples: NDArray[np.float32],
    transcript: str | None,
    language: str,
    last_centre_seconds: Fraction,
    speaker: str | None = None,
) -> Speech:
    """`analyse_speech` of `samples` for a picture whose last frame's centre lies `last_centre_seconds` into
    the dub. `transcript` is the words or a file that `read_script` reads. `language` of `auto` takes that of
    the transcript, English without one. Only the lines of `speaker` are taken where one is named. Raises
    OptionError where the transcript has lines with names and none of theirs, and what the functions it calls
    do.
    """
    is_known = language.strip().lower() != AUTO
    script = _script_of(transcript, language, speaker)
    if script is None:
        samples = samples[: heard_samples(len(samples), transcript, last_centre_seconds)]
        return analyse_speech(samples, script=None, language=language if is_known else "en")
    if not is_known:
        language, doubt = language_of(script)
        if doubt:
            script = replace(script, warnings=(*script.warnings, doubt))
    speech = analyse_speech(samples, script=script, language=language)
    if speech.source is PhoneSource.GIVEN:
        return speech
    return replace(speech, words=as_written(speech.words, _wordings(script, speech.language)))


def heard_samples(count: int, transcript: str | None, last_centre_seconds: Fraction) -> int:
    """How many of a dub's `count` samples `hear` listens to: all where their words are known. Else what
    sounds after the last frame need not be recognised, only where its last word leads.
    """
    if transcript:
        return count
    return min(count, max(1, int((last_centre_seconds + _LISTEN_ON_SECONDS) * SAMPLE_RATE)))


def require_hearable(transcript: str | None, language: str, speaker: str | None = None) -> None:
    """Raises now what `hear` would of words or a language it cannot use."""
    is_known = language.strip().lower() != AUTO
    script = _script_of(transcript, language, speaker)
    if script is None:
        known_language(language if is_known else "en")
        return
    spoken = known_language(language if is_known else language_of(script)[0])
    if espeak_program() is None and not script.phones:
        pronunciations(tuple(word for words, _, _ in texts_of(script, spoken) for word in words), spoken)


def _script_of(transcript: str | None, language: str, speaker: str | None) -> Script | None:
    is_known = language.strip().lower() != AUTO
    script = read_script(transcript, language=language if is_known else None) if transcript else None
    if script is not None and speaker and script.speakers:
        return _lines_of(script, speaker)
    return script


def _lines_of(script: Script, speaker: str) -> Script:
    own = script.spoken_by(speaker)
    if not own.cues:
        names = ", ".join(script.speakers)
        raise OptionError(f"The transcript has no line of {speaker}; those named in it are {names}.")
    return own


def as_written(words: tuple[Word, ...], wordings: tuple[Wording, ...]) -> tuple[Word, ...]:
    """`words` found in a dub with what the script writes for them: `42` for forty and two.

    Words are matched in order; those that the script does not have stay as they are.
    """
    matcher = SequenceMatcher(a=[word.text for word in words], b=[wording.spoken for wording in wordings])
    meant: dict[int, Wording] = {}
    for block in matcher.get_matching_blocks():
        meant |= {block.a + step: wordings[block.b + step] for step in range(block.size)}
    shown: list[Word] = []
    group: int | None = None
    for row, word in enumerate(words):
        own = meant.get(row)
        if own is not None and own.group == group:
            shown.append(replace(shown.pop(), end_seconds=word.end_seconds))
            continue
        group = None if own is None else own.group
        shown.append(word if own is None else replace(word, text=own.written))
    return tuple(shown)


def _wordings(script: Script, language: str) -> tuple[Wording, ...]:
    """The words of all cues, their groups numbered through."""
    found: list[Wording] = []
    for cue in script.cues:
        since = found[-1].group + 1 if found else 0
        found += [replace(own, group=own.group + since) for own in wordings_of(cue.text, language)]
    return tuple(found)
