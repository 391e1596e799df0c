# SPDX-License-Identifier: Apache-2.0
"""What each speaker of a job says, as sound: one dub, several, or one dub with turns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from plosive.errors import DubError, OptionError
from plosive.media import Dub, DubTrack, cut_stem, mix_dubs, read_dub
from plosive.media.placement import Placement
from plosive.motion import MotionTrack
from plosive.speakers import Speaker
from plosive.speech import Turn, read_script, read_turns, spoken_spans, turns_of
from plosive.sync.given import given_track
from plosive.sync_options import SyncOptions

__all__ = ["Line", "Lines", "file_suffix", "read_lines"]

_UNSAFE = re.compile(r"[^\w.-]+")


@dataclass(frozen=True)
class Line:
    """What one speaker says. `options` are the job's as if this were its only speaker, `name` tells speakers
    apart ('' where there is one). `needs_face`: whose face says it is still to be found out.
    """

    options: SyncOptions
    dub: Dub
    name: str = ""
    given: MotionTrack | None = None
    needs_face: bool = False

    @property
    def suffix(self) -> str:
        """`anna.` before the ending of this speaker's own files; '' where there is one speaker."""
        return file_suffix(self.name)


def file_suffix(name: str) -> str:
    """`anna.` before the ending of the own files of a speaker called `name`; '' for ''."""
    return f"{_UNSAFE.sub('-', name)}." if name else ""


@dataclass(frozen=True)
class Lines:
    """All lines of a job. `sound` is the dub as it was given where it holds all speakers, else None.
    `turns` are who speaks when, where that is given, or needed to find out whose face says what.
    """

    lines: tuple[Line, ...]
    sound: Dub | None = None
    turns: tuple[Turn, ...] = ()

    @property
    def longest_seconds(self) -> Fraction:
        """Length of the longest dub."""
        return max(line.dub.duration_seconds for line in self.lines)

    @property
    def warnings(self) -> tuple[str, ...]:
        dubs = [line.dub for line in self.lines] if self.sound is None else [self.sound]
        return tuple(dict.fromkeys(sentence for dub in dubs for sentence in dub.warnings))

    def sound_track(self, placements: Sequence[Placement], folder: Path) -> DubTrack:
        """The sound of the result; a mix of several dubs is made in `folder`. Raises DubError."""
        if self.sound is not None:
            return DubTrack(self.sound, placements[0].dub_start_seconds)
        tracks = [
            DubTrack(line.dub, placement.dub_start_seconds)
            for line, placement in zip(self.lines, placements, strict=True)
        ]
        return mix_dubs(tracks, folder / "mix.wav")


def read_lines(options: SyncOptions, folder: Path) -> Lines:
    """Read the dubs of a job; stems of a dub with turns go to `folder`. Raises DubError, and OptionError for
    turns or names that are not there.
    """
    if options.has_turns:
        return _lines_of_turns(options, folder)
    if options.dub is None:
        lines = tuple(_line_of(speaker, options) for speaker in options.speakers)
        return Lines(lines, turns=_turns_of_stems(lines) if any(line.needs_face for line in lines) else ())
    dub = read_dub(options.dub, channel=options.audio_channel)
    return Lines((Line(options, dub, given=given_track(options, dub)),))


def _line_of(speaker: Speaker, options: SyncOptions) -> Line:
    dub = read_dub(speaker.dub, channel=options.audio_channel)
    name = speaker.name or speaker.face
    own = replace(
        options,
        dub=speaker.dub,
        face=speaker.face or "auto",
        speakers=(),
        audio_start=options.audio_start if speaker.audio_start is None else speaker.audio_start,
        transcript=options.transcript if speaker.transcript is None else speaker.transcript,
        transcript_speaker=name if speaker.transcript is None else None,
    )
    return Line(own, dub, name, needs_face=not speaker.face)


def _turns_of_stems(lines: Sequence[Line]) -> tuple[Turn, ...]:
    """When each of several dubs is heard, in seconds of its own."""
    from plosive.speech.sound.voice import spoken_stretches

    return tuple(
        Turn(start, end, line.name)
        for line in lines
        for start, end in spoken_stretches(line.dub.speech_samples())
    )


def _lines_of_turns(options: SyncOptions, folder: Path) -> Lines:
    assert options.dub is not None
    sound = read_dub(options.dub, channel=options.audio_channel)
    turns = _turns(options)
    names = list(dict.fromkeys(turn.speaker for turn in turns))
    by_name = {name.casefold(): name for name in names}
    speakers = options.speakers or tuple(Speaker("", name) for name in names)
    lines = []
    for number, speaker in enumerate(speakers, start=1):
        name = by_name.get(speaker.voice.casefold())
        if name is None:
            raise OptionError(
                f"--speaker {speaker.face}={speaker.voice}: nobody of that name speaks in the turns; they "
                f"name {', '.join(names)}."
            )
        stem = cut_stem(sound, spoken_spans(turns, name), folder / f"stem{number}.wav")
        if stem.is_silent:
            raise DubError(f"{sound.path.name} is silent wherever the turns say that {name} speaks.")
        own = replace(
            options,
            dub=stem.path,
            face=speaker.face or "auto",
            speakers=(),
            turns=None,
            audio_channel=None,
            transcript=options.transcript if speaker.transcript is None else speaker.transcript,
            transcript_speaker=name if speaker.transcript is None else None,
        )
        lines.append(Line(own, stem, name, needs_face=not speaker.face))
    return Lines(tuple(lines), sound, turns)


def _turns(options: SyncOptions) -> tuple[Turn, ...]:
    if options.turns is not None:
        return read_turns(options.turns)
    assert options.transcript is not None
    return turns_of(read_script(options.transcript), "--transcript")
