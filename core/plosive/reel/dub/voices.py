# SPDX-License-Identifier: Apache-2.0
"""Who speaks in one language of a reel, and who of them in one render."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property

from plosive.conform import Shot
from plosive.errors import OptionError
from plosive.reel.choosing.choices import ReelChoices, ShotChoice
from plosive.reel.dub.job_voice import JobVoice
from plosive.reel.dub.sound import DubSound
from plosive.reel.dub.speech_spans import Span, overlapping
from plosive.reel.dub.transcripts import ReelScript, heard_part
from plosive.reel.shown import shown_seconds
from plosive.speakers import NO_FACE
from plosive.speech.model import Word
from plosive.speech.text.script import Cue, Script

__all__ = ["HeardVoice", "LanguageVoices"]

_LEAST_SECONDS = Fraction(1, 2)


@dataclass(frozen=True)
class HeardVoice:
    """One sound of a language and where somebody speaks in it: all speakers ('' for `speaker`), or the stem
    of one.
    """

    speaker: str
    sound: DubSound
    spans: tuple[Span, ...]


@dataclass(frozen=True)
class LanguageVoices:
    """The voices of one language; `scripts` by speaker in small letters, '' for what is everyone's. `own`
    are those of single shots, by number. `cast` are the names of people whose faces are known, in small
    letters.
    """

    language: str
    voices: tuple[HeardVoice, ...]
    choices: ReelChoices = field(default_factory=ReelChoices)
    scripts: Mapping[str, ReelScript] = field(default_factory=dict)
    own: Mapping[int, ReelScript] = field(default_factory=dict)
    cast: frozenset[str] = frozenset()

    @property
    def has_stems(self) -> bool:
        return bool(self.voices[0].speaker)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """All speakers known by name."""
        if self.has_stems:
            return tuple(voice.speaker for voice in self.voices)
        script = self.scripts.get("")
        return () if script is None else script.script.speakers

    def choice(self, shot: Shot) -> ShotChoice:
        return self.choices.of(shot.number, self.language)

    def spans(self, choice: ShotChoice | None = None) -> tuple[Span, ...]:
        """Where somebody speaks, of those who may be heard; stretches that touch are one."""
        heard = self._heard(choice)
        return self._all_spans if heard is self.voices else _merged(heard)

    @cached_property
    def _all_spans(self) -> tuple[Span, ...]:
        return self.voices[0].spans if len(self.voices) == 1 else _merged(self.voices)

    def on_sample(self, seconds: Fraction) -> Fraction:
        """The moment of the first voice's sample at or before a moment."""
        return self.voices[0].sound.on_sample(seconds)

    def unseen(self, shot: Shot, shown: Span) -> str:
        """Why no face of a shot, shown in the seconds `shown`, is to move; '' where one is."""
        choice = self.choice(shot)
        heard = self._present(choice, shown, shown)
        if heard and all(self._face(choice, name, len(heard)) == NO_FACE for name in heard):
            return "Whoever speaks in it is not seen in it, as chosen."
        return ""

    def lines_around(self, span: Span) -> Span:
        """`span` and the lines that are spoken partly within it."""
        starts, ends = [span[0]], [span[1]]
        for own in self.scripts.values():
            for cue in own.near(*span).cues:
                assert cue.start_seconds is not None and cue.end_seconds is not None
                starts.append(cue.start_seconds)
                ends.append(cue.end_seconds)
        return min(starts), max(ends)

    def in_render(
        self, shots: Sequence[Shot], shown: Span, around: Span, heard: Span
    ) -> tuple[tuple[JobVoice, ...], bool]:
        """The voices of the render of `shots`, which is seen in the seconds `shown`, with handles `around`,
        and hears the seconds `heard`; and whether they are several in one mix.

        A speaker whose face nobody knows is left out where they are heard in handles alone, and moves no face
        where they are heard beside others for less than half a second: too little would tell whose it is.
        Raises OptionError for choices that do not go together.
        """
        choice = self.choice(shots[0])
        names = self._present(choice, shown, around)
        is_mix = not self.has_stems and len(names) > 1
        places = {voice.speaker.casefold(): place for place, voice in enumerate(self.voices)}
        lengths = [self._length(name, shown) for name in names]
        voices = []
        for name, length in zip(names or ("",), lengths or [shown[1] - shown[0]], strict=True):
            face = self._face(choice, name, len(names)) if names else choice.face_of("")
            is_brief = length < _LEAST_SECONDS and length < max(lengths, default=length)
            note = ""
            if is_brief and not face and name.casefold() not in self.cast:
                face, note = NO_FACE, f"heard for {float(length):.1f} s: name the face to have it moved"
            script = self._script("" if is_mix else name, shots, heard, len(names))
            told = self._words(name, shots, script)
            voices.append(JobVoice(name, face, script, places.get(name.casefold(), 0), told, note))
        return tuple(voices), is_mix

    def _heard(self, choice: ShotChoice | None) -> Sequence[HeardVoice]:
        if choice is None or not choice.speakers or not self.has_stems:
            return self.voices
        wanted = {name.casefold() for name in choice.speakers}
        return [voice for voice in self.voices if voice.speaker.casefold() in wanted]

    def _present(self, choice: ShotChoice, shown: Span, around: Span) -> tuple[str, ...]:
        """Who of those known by name is heard."""

        def within(name: str) -> Span:
            return around if choice.face_of(name) or name.casefold() in self.cast else shown

        if self.has_stems:
            return tuple(
                voice.speaker
                for voice in self._heard(choice)
                if overlapping(voice.spans, *within(voice.speaker))
            )
        named = [one for one in self.names if _lines(self.scripts[""], one, within(one))]
        if not choice.speakers:
            return tuple(named)
        wanted = {name.casefold() for name in choice.speakers}
        found = [name for name in named if name.casefold() in wanted]
        if not found and len(choice.speakers) > 1:
            raise OptionError(
                f"{choice.told}: one dub with several speakers needs to know who speaks when: give a "
                f"dub for each (--dub {self.language}:{choice.speakers[0]}=...), or a --transcript with "
                "times and names."
            )
        return tuple(found) or choice.speakers

    def _length(self, name: str, within: Span) -> Fraction:
        """How long somebody known by name is heard, in seconds."""
        own = next((voice.spans for voice in self.voices if voice.speaker == name), None)
        if own is None:
            known = self.scripts.get("")
            own = () if known is None else _lines(known, name, within)
        else:
            own = overlapping(own, *within)
        lengths = (min(end, within[1]) - max(start, within[0]) for start, end in own)
        return sum(lengths, Fraction(0))

    def _face(self, choice: ShotChoice, name: str, count: int) -> str:
        own = choice.face_of(name)
        common = choice.face_of("")
        if not own and common and count > 1:
            raise OptionError(
                f"{choice.told}: {count} speakers are heard in it; name a face for each, as in {name}=1."
            )
        face = own or common
        return "" if face == "auto" else face

    def _words(self, name: str, shots: Sequence[Shot], script: Script | None) -> str:
        """Where the words of a render come from, for the artist."""
        if script is None:
            return ""
        if any(shot.number in self.own for shot in shots):
            return "the sheet"
        known = self.scripts.get(name.casefold()) or self.scripts.get("")
        return known.told if known is not None else ""

    def _script(self, name: str, shots: Sequence[Shot], heard: Span, count: int) -> Script | None:
        """What is said by `name`, one of `count` ('': by all) in the seconds `heard`; what is chosen for a
        shot stands in the place of the lines that are there.
        """
        known = self.scripts.get(name.casefold())
        if known is None and not self.has_stems:
            known = self.scripts.get("")
        chosen = [self.own[shot.number].script for shot in shots if shot.number in self.own]
        if known is not None and not known.is_timed and not chosen:
            return known.script
        script = known.near(*heard) if known is not None and known.is_timed else Script(())
        for shot, own in zip(shots, chosen, strict=False):
            script = _replaced(script, own, shot, name, count)
        if name and not self.has_stems and script.speakers:
            script = script.spoken_by(name)
        spans = next((one.spans for one in self.voices if one.speaker == name), self.voices[0].spans)
        return heard_part(script, *heard, spans)


def _replaced(script: Script, own: Script, shot: Shot, name: str, count: int) -> Script:
    """`script` with the lines of `own` that `name` says in the place of those within a shot."""
    start, end = shown_seconds(shot)
    lines = [cue for cue in own.cues if not name or (cue.speaker or name).casefold() == name.casefold()]
    if name and count > 1 and any(cue.speaker is None for cue in own.cues):
        raise OptionError(
            f"Shot {shot.number} '{shot.name}': {count} speakers are heard in it, and its transcript does "
            f"not say whose words it has: begin each line with a name, as {name}: ..."
        )

    def outside(first: Fraction | None, last: Fraction | None) -> bool:
        return first is not None and last is not None and not start <= (first + last) / 2 < end

    if script.words:  # its lines are the words once more
        words = tuple(one for one in script.words if outside(one.start_seconds, one.end_seconds))
        script = replace(script, cues=tuple(Cue(*_word_facts(one)) for one in words), words=())
    cues = [one for one in script.cues if outside(one.start_seconds, one.end_seconds)]
    ordered = sorted((*cues, *lines), key=lambda one: one.start_seconds or Fraction(0))
    return replace(script, cues=tuple(ordered), phones=())


def _word_facts(word: Word) -> tuple[str, Fraction, Fraction]:
    return word.text, word.start_seconds, word.end_seconds


def _merged(voices: Sequence[HeardVoice]) -> tuple[Span, ...]:
    found: list[Span] = []
    for start, end in sorted(span for voice in voices for span in voice.spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return tuple(found)


def _lines(script: ReelScript, name: str, within: Span) -> tuple[Span, ...]:
    """When the lines of a speaker stand that are seen within some seconds."""
    return tuple(
        (cue.start_seconds, cue.end_seconds)
        for cue in script.near(*within).cues
        if cue.start_seconds is not None
        and cue.end_seconds is not None
        and (cue.speaker or "").casefold() == name.casefold()
    )
