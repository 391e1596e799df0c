# SPDX-License-Identifier: Apache-2.0
"""One language of a reel, planned: its sounds read, its words placed, its shots chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from plosive.attended import attended
from plosive.conform import Edit
from plosive.errors import OptionError
from plosive.progress import Progress
from plosive.reel.choosing.choices import ReelChoices
from plosive.reel.choosing.selection import named_shots
from plosive.reel.dub.choice import ReelDub
from plosive.reel.dub.job_voice import HeardFiles
from plosive.reel.dub.sound import DubSound
from plosive.reel.dub.speech_spans import Span, spoken_spans
from plosive.reel.dub.stems import by_stem
from plosive.reel.dub.transcripts import ReelScript, edit_script, shot_script, write_script
from plosive.reel.dub.voices import HeardVoice, LanguageVoices
from plosive.reel.jobs import RenderJob, left_alone, render_jobs
from plosive.reel.options import ConformOptions
from plosive.reel.shown import shown_seconds

__all__ = ["LanguagePlan", "planned", "require_names"]

_SLACK_SECONDS = Fraction(1, 5)  # stretches of speech are found with room around them


@dataclass(frozen=True)
class LanguagePlan:
    """One language's plan: `dubs` and `heard` go together, one sound or a stem for each speaker; `reasons`
    say by number why a shot is left alone.
    """

    dubs: tuple[ReelDub, ...]
    heard: LanguageVoices
    reasons: dict[int, str]
    jobs: tuple[RenderJob, ...]

    @property
    def language(self) -> str:
        return self.heard.language

    @property
    def told(self) -> str:
        """The dub for the artist."""
        return ", ".join(f"{dub.speaker}: {dub.told}" if dub.speaker else dub.told for dub in self.dubs)

    @property
    def spans(self) -> tuple[Span, ...]:
        return self.heard.spans()

    @property
    def warnings(self) -> tuple[str, ...]:
        sounds = (sentence for voice in self.heard.voices for sentence in voice.sound.warnings)
        own = (sentence for dub in self.dubs for sentence in dub.warnings)
        words = (sentence for script in self.heard.scripts.values() for sentence in script.warnings)
        return tuple(dict.fromkeys((*own, *sounds, *words)))

    def write(self, job: RenderJob, folder: Path) -> HeardFiles:
        """The sound and words of one of its renders, as new files in `folder`. Raises MediaWriteError."""
        stem = f"{self.language}_{job.group.shots[0]:05d}"
        sounds, starts = [], []
        for number in dict.fromkeys(voice.sound for voice in job.voices):
            stretch = self.heard.voices[number].sound.stretch(job.start_seconds, job.end_seconds)
            path = folder / (f"{stem}.wav" if not number else f"{stem}_{number}.wav")
            stretch.write(path)
            sounds.append(path)
            starts.append(stretch.start_seconds)
        voices = job.voices[:1] if job.is_mix else job.voices
        scripts = tuple(
            None if voice.script is None else write_script(voice.script, folder, f"{stem}_{voice.sound}")
            for voice in voices
        )
        return HeardFiles(tuple(sounds), tuple(starts), scripts)


def planned(
    edit: Edit,
    dubs: Sequence[ReelDub],
    choices: ReelChoices,
    options: ConformOptions,
    scratch: Path,
    progress: Progress,
) -> LanguagePlan:
    """The plan of the language that all of `dubs` are of. Decoded sound goes to a new folder in `scratch`.
    Raises DubError, and OptionError for transcripts and choices that cannot be used.
    """
    language = dubs[0].language
    progress.start(f"dub {language}", None)

    def heard() -> tuple[HeardVoice, ...]:
        found = []
        for number, dub in enumerate(dubs):
            own = scratch / f"{language}_{number}"
            own.mkdir()
            sound = DubSound(dub, own)
            found.append(HeardVoice(dub.speaker, sound, spoken_spans(sound)))
        return tuple(found)

    voices = attended(heard, progress)
    progress.finish()
    scripts = _scripts(language, voices, options, edit)
    speakers = tuple(voice.speaker for voice in voices if voice.speaker)
    everyone = LanguageVoices(language, voices, choices, scripts, cast=_cast_names(options))
    own = {
        shot.number: shot_script(choice.transcript, shot, speakers or everyone.names, edit)
        for shot in edit.shots
        if (choice := everyone.choice(shot)).transcript
    }
    everyone = replace(everyone, own=own)
    named = named_shots(edit, options.only)
    reasons = {}
    for shot in edit.shots:
        choice = everyone.choice(shot)
        reason = left_alone(shot, edit, None if options.rest else everyone.spans(choice), named, choice)
        reasons[shot.number] = reason or everyone.unseen(shot, shown_seconds(shot))
    synced = [shot for shot in edit.shots if not reasons[shot.number]]
    jobs = render_jobs(synced, everyone, options.rest)
    _require_times(everyone, jobs)
    return LanguagePlan(tuple(dubs), everyone, reasons, jobs)


def require_names(choices: ReelChoices, plans: Sequence[LanguagePlan]) -> None:
    """Raises OptionError where a choice names a speaker whom no language has, by the names that are known."""
    known = {name.casefold(): name for plan in plans for name in plan.heard.names}
    for choice in choices.by_shot.values():
        for name in (*choice.speakers, *(speaker for speaker, _ in choice.faces if speaker)):
            if known and name.casefold() not in known:
                raise OptionError(
                    f"{choice.told}: there is no speaker {name}; there are {', '.join(known.values())}."
                )


def _cast_names(options: ConformOptions) -> frozenset[str]:
    """Those of the cast, in small letters."""
    from plosive.faces.people.cast_file import read_cast

    people = () if options.cast is None else read_cast(options.cast).people
    return frozenset(person.name.casefold() for person in people if person.name)


def _scripts(
    language: str, voices: Sequence[HeardVoice], options: ConformOptions, edit: Edit
) -> dict[str, ReelScript]:
    """By speaker in small letters."""
    found: dict[str, ReelScript] = {}
    speakers = {voice.speaker.casefold() for voice in voices if voice.speaker}
    for wish in options.transcripts:
        if wish.language.casefold() != language.casefold():
            continue
        script = edit_script(wish.source, wish.start, edit)
        name = wish.speaker.casefold()
        if name and name not in speakers:
            raise OptionError(
                f"--transcript {language}:{wish.speaker} is for a speaker who has no dub; give "
                f"--dub {language}:{wish.speaker}=AUDIO."
            )
        if name or not speakers:
            found[name] = script
            continue
        if not script.is_timed:
            raise OptionError(
                f"--transcript {language}={script.told} has no times, and {language} has several speakers: "
                f"give subtitles, or one for each (--transcript {language}:{voices[0].speaker}=...)."
            )
        found = by_stem(script, voices) | found
    return found


def _require_times(heard: LanguageVoices, jobs: Sequence[RenderJob]) -> None:
    """Words without times can be placed by one render that hears all of their speech alone."""
    for name, script in heard.scripts.items():
        if script.is_timed:
            continue
        voice = next((one for one in heard.voices if one.speaker.casefold() == name), heard.voices[0])
        using = [job for job in jobs if any(own.script is script.script for own in job.voices)]
        is_whole = len(using) == 1 and all(
            using[0].start_seconds <= start + _SLACK_SECONDS and end - _SLACK_SECONDS <= using[0].end_seconds
            for start, end in voice.spans
        )
        if using and not is_whole:
            raise OptionError(
                f"The transcript {script.told} has no times, and the dub {heard.language} is heard in "
                f"{len(using)} renders, or in part: give subtitles (SRT, WebVTT, TTML), or write what is "
                "said in each shot into the sheet (--write-sheet)."
            )
