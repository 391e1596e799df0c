# SPDX-License-Identifier: Apache-2.0
"""From shots and a dub to renders: which shots are synced, in which of them, with which sound when."""

from __future__ import annotations

from collections.abc import Container, Hashable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from plosive.conform import Edit, RenderGroup, Shot, ShotMedia, render_groups
from plosive.conform.render_groups import timeline_phase
from plosive.media.timecode import FrameRange
from plosive.reel.choosing.choices import ShotChoice
from plosive.reel.dub.job_voice import JobVoice
from plosive.reel.dub.speech_spans import Span, overlapping
from plosive.reel.dub.voices import LanguageVoices
from plosive.reel.shown import shown_seconds

__all__ = ["UNSPOKEN", "RenderJob", "left_alone", "render_jobs"]

UNSPOKEN = "Nobody speaks in it."
"""Why a shot is left alone whose picture nobody looked at."""

_AROUND_SECONDS = Fraction(1, 4)
_LONGEST_LEAD_SECONDS = Fraction(20)
_QUIET_SECONDS = Fraction(3)  # a shorter pause is not worth a change of picture
_OPENS_SECONDS = Fraction(1, 5)  # lips part up to 0.3 s before a voice; spans begin 0.1 s before it
_FASTEST = 100


@dataclass(frozen=True)
class RenderJob:
    """One render for one language: `group` with the stretch of the dub from `start_seconds` (on a sample) to
    `end_seconds` of the edit. `audio_start` is the moment of the plate, in seconds from its first frame, at
    which that begins to sound; None where `retime` says it: (position in the plate in frames, seconds of
    the stretch), rising in the plate. `edit_rate` is the edit's frames a second. `quiet` are frames of the
    plate in which nobody speaks for so long that they stay as they are as long as the mouth in them rests.
    `is_spoken` is False where nobody speaks in any of its shots. `voices` are who is heard, all in one mix
    with `is_mix`; `choice` is what was chosen for its shots.
    """

    language: str
    group: RenderGroup
    start_seconds: Fraction
    end_seconds: Fraction
    audio_start: Fraction | None
    retime: tuple[tuple[Fraction, Fraction], ...]
    edit_rate: Fraction
    quiet: tuple[FrameRange, ...] = ()
    is_spoken: bool = True
    voices: tuple[JobVoice, ...] = (JobVoice(),)
    is_mix: bool = False
    choice: ShotChoice = field(default_factory=ShotChoice)

    @property
    def retime_text(self) -> str | None:
        """As `--retime` has it."""
        if not self.retime:
            return None
        keys = ", ".join(f"{position}={seconds}" for position, seconds in self.retime)
        return f"{keys}@{self.edit_rate}"


def left_alone(
    shot: Shot,
    edit: Edit,
    spans: Sequence[Span] | None,
    named: Container[int] = frozenset(),
    choice: ShotChoice | None = None,
) -> str:
    """Why a shot is not synced, one sentence; '' where it is. `spans` are where somebody speaks, None where
    that is not known; shots that are `named` are synced even if others hide them, and so are those for which
    that is the `choice`.
    """
    is_wished = choice is not None and choice.sync is True
    if choice is not None and choice.sync is False:
        return f"It is not to be synced ({choice.told or 'chosen'})."
    if not shot.is_enabled:
        return "It is switched off."
    if shot.media is None:
        return "It has no media."
    if not shot.media.is_online:
        told = next((one.sentence for one in edit.offline if shot.number in one.shots), "")
        return told or f"{shot.media.name} is offline."
    if not shot.source_frames:
        return shot.warnings[-1] if shot.warnings else "It shows no frame that exists."
    if shot.retime.is_freeze:
        return "It is a freeze frame: one picture for all the time has no mouth to move."
    if shot.retime.plate_keys is None:
        return "It plays forwards and backwards: a frame that is seen twice has one mouth only."
    if max(abs(speed) for speed in shot.retime.speeds) > _FASTEST * shot.media.rate:
        return "It plays more than a hundred times as fast as it was shot."
    if shot.hidden and shot.number not in named and not is_wished:
        return shot.hidden
    if spans is not None and not is_wished and not overlapping(spans, *shown_seconds(shot)):
        return UNSPOKEN
    return ""


def render_jobs(
    shots: Sequence[Shot], heard: LanguageVoices, is_resting: bool = False
) -> tuple[RenderJob, ...]:
    """The renders of `shots`, all of which are to be synced, in the order of the edit. With `is_resting` the
    mouth rests through all of a pause. Shots in which nobody speaks are renders of their own, in which only a
    mouth that moves as in speech is made to rest. Shots for which different things are chosen are apart.
    Raises OptionError for choices that do not go together.
    """
    by_number = {shot.number: shot for shot in shots}
    jobs: list[RenderJob] = []

    def is_spoken(shot: Shot) -> bool:
        return bool(overlapping(heard.spans(heard.choice(shot)), *shown_seconds(shot)))

    def alike(shot: Shot) -> Hashable:
        return timeline_phase(shot), heard.choice(shot).render_key, is_spoken(shot)

    for group in render_groups(shots, alike):
        members = [by_number[number] for number in group.shots]
        job = _job(group, members, heard)
        if not is_spoken(members[0]):
            job = replace(job, quiet=(group.source_frames,), is_spoken=False)
        jobs.append(replace(job, quiet=()) if job.is_spoken and is_resting else job)
    return tuple(sorted(jobs, key=lambda job: job.group.shots))


def _job(group: RenderGroup, shots: Sequence[Shot], heard: LanguageVoices) -> RenderJob:
    """A speech that began before the shot, or goes on after it, is heard whole: its sounds are understood
    from their neighbours, and both shots of a cut within it hear the same. So is a line of a transcript.
    """
    first, media = shots[0], group.media
    choice = heard.choice(first)
    lead = max(max(shot.handles_before, shot.handles_after) for shot in shots) / media.rate
    shown = min(shown_seconds(shot)[0] for shot in shots), max(shown_seconds(shot)[1] for shot in shots)
    start, end = shown[0] - lead, shown[1] + lead
    spans = heard.spans(choice)
    own = overlapping(spans, start, end)
    whole = [other for span in own for other in overlapping(spans, *heard.lines_around(span))]
    heard_start = min([start, *(max(span[0], start - _LONGEST_LEAD_SECONDS) for span in whole)])
    heard_end = max([end, *(min(span[1], end + _LONGEST_LEAD_SECONDS) for span in whole)])
    zero = heard.on_sample(heard_start - _AROUND_SECONDS)
    stop = heard_end + _AROUND_SECONDS
    voices, is_mix = heard.in_render(shots, shown, (start, end), (zero, stop))
    job = RenderJob(
        heard.language,
        group,
        zero,
        stop,
        None,
        (),
        first.edit_rate,
        voices=voices,
        is_mix=is_mix,
        choice=choice,
    )
    if _is_as_shot(first, media):
        plate_first = media.available.first_frame if media.available is not None else media.first_frame
        audio_start = (first.retime.position(zero) - plate_first) / first.retime.speeds[0]
        return replace(job, audio_start=audio_start, quiet=_quiet(first, group, own, (start, end)))
    keys = first.retime.plate_keys or ()
    return replace(job, retime=tuple((position, seconds - zero) for position, seconds in keys))


def _is_as_shot(shot: Shot, media: ShotMedia) -> bool:
    """Whether a second of the file is a second of the edit."""
    rate = media.file_rate or media.rate
    return shot.retime.is_constant and shot.retime.speeds[0] == rate


def _quiet(
    shot: Shot, group: RenderGroup, own: Sequence[Span], within: tuple[Fraction, Fraction]
) -> tuple[FrameRange, ...]:
    """Frames of the group in pauses of the dub, long enough to be worth it."""
    edges = [within[0] - _QUIET_SECONDS, *(moment for span in own for moment in span)]
    edges.append(within[1] + _QUIET_SECONDS)
    frames = group.source_frames
    found = []
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        if end - start < _QUIET_SECONDS:
            continue
        first = max(frames.first_frame, -((-shot.retime.position(start)).__floor__()))
        last = min(frames.last_frame_inclusive, shot.retime.position(end - _OPENS_SECONDS).__floor__() - 1)
        if last - first >= _QUIET_SECONDS * group.media.rate:
            found.append(FrameRange(first, last))
    return tuple(found)
