# SPDX-License-Identifier: Apache-2.0
"""One sync job understood: faces found, dub heard, actors known, motion made; no mouth is planned yet."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial

from plosive.attended import attended
from plosive.faces.people.roll import Roll, call_roll
from plosive.faces.track import FaceTrack
from plosive.faces.visibility import Visibility, mouth_visibility
from plosive.generate.crops import CropFile
from plosive.generate.facts import Need
from plosive.generate.protocol import MouthWish
from plosive.progress import Progress
from plosive.speakers import NO_FACE
from plosive.sync.actor import ActorSources, know_actors
from plosive.sync.kept import unsynced_frames
from plosive.sync.known_actor import KnownActor
from plosive.sync.known_survey import SurveyCache
from plosive.sync.opened import OpenedJob
from plosive.sync.resting import resting_frames
from plosive.sync.stopwatch import Stopwatch
from plosive.sync.style import STRENGTH_ZERO
from plosive.sync.survey import PlateSurvey, survey_plate
from plosive.sync.takes import ActorTake, survey_takes
from plosive.sync.voices.casting import CastVoice, cast_voices
from plosive.sync.voices.speaking import Grounds
from plosive.sync.voices.voice import Voice, hear_lines
from plosive.sync.wishes import mouth_wish

__all__ = ["UnderstoodJob", "understand_job"]


@dataclass(frozen=True)
class UnderstoodJob:
    """All that planning needs, and all that the report tells of how it came about.

    `cast` are all voices, `seen` those whose face is in the plate; `actors` (by track number) go with `seen`.
    By track number of the faces of `seen`: `wishes`, what each mouth should do, and `visibilities`, where it
    is synced and how far.
    """

    opened: OpenedJob
    voices: tuple[Voice, ...]
    takes: tuple[ActorTake, ...]
    survey: PlateSurvey
    roll: Roll
    cast: tuple[CastVoice, ...]
    seen: tuple[CastVoice, ...]
    actors: tuple[dict[int, KnownActor], ...]
    wishes: dict[int, MouthWish]
    visibilities: dict[int, Visibility]

    def warnings(self) -> list[str]:
        """What came up while hearing and casting."""
        return [
            *(sentence for one in self.cast for sentence in one.warnings),
            *self.roll.change_sentences({track.person for one in self.seen for track in one.tracks}),
            *(sentence for own in self.actors for actor in own.values() for sentence in actor.warnings),
            *_faceless(self.cast),
        ]


def understand_job(
    opened: OpenedJob,
    progress: Progress,
    watch: Stopwatch,
    stack: ExitStack,
    crops: CropFile | None = None,
) -> UnderstoodJob:
    """Do all of a job that comes before its plans, faces first: frame after frame is soon told of them, of
    speech nothing until it is understood. Pictures of mouths go to `crops`, or where `stack` lets them go.
    Begins the stage `plan`. Raises PlosiveError subclasses for what the artist can act on.
    """
    options, reader, info, times = opened.options, opened.reader, opened.info, opened.frame_times
    style = opened.style
    crops = crops or stack.enter_context(CropFile())
    progress.start("faces", info.frame_count)
    cache = None
    if options.use_cache:
        content = attended(lambda: opened.plate_fingerprint, progress)
        cache = SurveyCache(reader, content=content)
    survey = survey_plate(reader, crops, progress, watch, opened.flags is not None, cache)
    progress.finish()
    with watch.running("footage"):
        takes = survey_takes(options.actor_footage, progress, options.use_cache, opened.reading)
    voices = hear_lines(opened.lines, opened.placements, info, watch, progress)
    roll = call_roll(survey.tracks, info, opened.known)
    survey = replace(survey, tracks=roll.tracks)
    needs_sources = Need.SOURCES in opened.generator.facts.needs
    usable = [track for track in survey.tracks if len(survey.library(track)) or not needs_sources]
    progress.start("plan", None)
    with watch.running("cast"):
        people = opened.known.people if opened.known is not None else ()
        names = frozenset(person.name.casefold() for person in people if person.name)
        grounds = Grounds(info, times, is_cached=options.use_cache, names=names)
        cast = attended(lambda: cast_voices(voices, opened.lines.turns, usable, grounds), progress)
    seen = tuple(one for one in cast if one.tracks)
    unsynced = unsynced_frames(options, info, survey.tracks)
    if_resting = unsynced_frames(options, info, survey.tracks, if_resting=True)
    everybody = [track for one in seen for track in one.tracks]
    with watch.running("actor"):
        known = [_actor_sources(opened, one, takes, everybody) for one in seen]
        actors = tuple(attended(partial(know_actors, sources), progress) for sources in known)
        wishes = {
            track.number: mouth_wish(
                track, one.voice.curves, one.voice.styled(style), own[track.number], one.voice.unedited
            )
            for one, own in zip(seen, actors, strict=True)
            for track in one.tracks
        }
    visibilities: dict[int, Visibility] = {}
    for track in everybody:
        refused = {**opened.outside, **unsynced[track.number], **style.kept}
        judged = mouth_visibility(track, info.frame_count, refused)
        asked = if_resting[track.number]
        if asked:
            refused |= resting_frames(track, tuple(asked), judged.reasons, info, times)
            judged = mouth_visibility(track, info.frame_count, refused)
        visibilities[track.number] = judged
    return UnderstoodJob(opened, voices, takes, survey, roll, cast, seen, actors, wishes, visibilities)


def _faceless(cast: Sequence[CastVoice]) -> list[str]:
    """Sentences on voices that no face says."""
    if not any(one.tracks for one in cast):
        return ["No face was found: every frame is the plate's own."]
    return [
        f"No face says what {one.voice.line.name} says."
        for one in cast
        if not one.tracks and one.voice.line.options.face != NO_FACE
    ]


def _actor_sources(
    opened: OpenedJob, cast: CastVoice, takes: Sequence[ActorTake], everybody: Sequence[FaceTrack]
) -> ActorSources:
    line, voice = cast.voice.line, cast.voice
    why_rules = "" if opened.style.strength.any() else STRENGTH_ZERO
    if line.given is not None:
        why_rules = "--motion says what the mouth does"
    centres, speech = voice.placement.dub_centres, voice.speech
    return ActorSources(
        opened.info,
        opened.frame_times,
        cast.tracks,
        takes,
        centres,
        line.dub,
        speech,
        why_rules,
        everybody,
        opened.options.use_cache,
    )
