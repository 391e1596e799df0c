# SPDX-License-Identifier: Apache-2.0
"""Who speaks when in a dub with several speakers: RTTM of a diariser, or a script with speakers' names."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

from plosive.errors import OptionError
from plosive.speech.text.script import Script
from plosive.speech.text.textfile import bytes_of, decoded
from plosive.speech.text.transcript import read_script

__all__ = ["Turn", "read_turns", "spoken_spans", "turns_of"]

_MARGIN_SECONDS = Fraction(1, 5)


@dataclass(frozen=True)
class Turn:
    """One stretch of speech by one speaker, in seconds of the dub."""

    start_seconds: Fraction
    end_seconds: Fraction
    speaker: str


def read_turns(path: Path) -> tuple[Turn, ...]:
    """The turns in a file, in order of time. `.rttm` is NIST's Rich Transcription Time Marked (its SPEAKER
    lines), anything else is read as a script whose lines have times and speakers (SRT, WebVTT, TTML, ...).
    Raises OptionError where the file cannot be read or names no speaker.
    """
    if path.suffix.lower() != ".rttm":
        return turns_of(read_script(path), path.name)
    turns = [
        turn
        for number, line in enumerate(decoded(bytes_of(path)).splitlines(), start=1)
        if (turn := _rttm_turn(line, path.name, number)) is not None
    ]
    if not turns:
        raise OptionError(f"{path.name} holds no SPEAKER line: give the RTTM file of a diariser.")
    return tuple(sorted(turns, key=lambda turn: (turn.start_seconds, turn.end_seconds, turn.speaker)))


def turns_of(script: Script, name: str) -> tuple[Turn, ...]:
    """The turns of a script with times and speakers; `name` is its file's, for OptionError."""
    turns = [
        Turn(cue.start_seconds, cue.end_seconds, cue.speaker)
        for cue in script.cues
        if cue.speaker and cue.start_seconds is not None and cue.end_seconds is not None
    ]
    if not turns:
        raise OptionError(
            f"{name} does not say who speaks when: it needs lines with times and speakers' names "
            "('ANNA: ...' in subtitles, <v Anna> in WebVTT), or an .rttm file."
        )
    return tuple(sorted(turns, key=lambda turn: (turn.start_seconds, turn.end_seconds, turn.speaker)))


def spoken_spans(turns: tuple[Turn, ...], speaker: str) -> tuple[tuple[Fraction, Fraction], ...]:
    """When `speaker` speaks: (start, end) seconds, merged, each 0.2 s longer on both sides as far as nobody
    else speaks there (up to the middle of a shorter pause).
    """
    wanted = speaker.casefold()
    others = [turn for turn in turns if turn.speaker.casefold() != wanted]
    spans: list[tuple[Fraction, Fraction]] = []
    for turn in turns:
        if turn.speaker.casefold() != wanted:
            continue
        before = [other.end_seconds for other in others if other.end_seconds <= turn.start_seconds]
        after = [other.start_seconds for other in others if other.start_seconds >= turn.end_seconds]
        lead = min(_MARGIN_SECONDS, (turn.start_seconds - max(before)) / 2 if before else _MARGIN_SECONDS)
        tail = min(_MARGIN_SECONDS, (min(after) - turn.end_seconds) / 2 if after else _MARGIN_SECONDS)
        spans.append((max(Fraction(0), turn.start_seconds - lead), turn.end_seconds + tail))
    spans.sort()
    merged = spans[:1]
    for _, span in pairwise(spans):
        if span[0] <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], span[1]))
        else:
            merged.append(span)
    return tuple(merged)


def _rttm_turn(line: str, name: str, number: int) -> Turn | None:
    """`SPEAKER file channel start duration <NA> <NA> speaker <NA> <NA>`; None for other lines."""
    fields = line.split()
    if not fields or fields[0] != "SPEAKER":
        return None
    try:
        start, duration = Fraction(fields[3]), Fraction(fields[4])
        speaker = fields[7]
    except (IndexError, ValueError, ZeroDivisionError):
        raise OptionError(f"Line {number} of {name} is no SPEAKER line of RTTM: {line.strip()!r}.") from None
    if start < 0 or duration < 0:
        raise OptionError(f"Line {number} of {name} has a time below zero: {line.strip()!r}.")
    return Turn(start, start + duration, speaker)
