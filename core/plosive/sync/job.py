# SPDX-License-Identifier: Apache-2.0
"""One sync job from files to files."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack, nullcontext
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

from plosive.composite.merge import Merger
from plosive.faces.people.cast_file import read_cast
from plosive.faces.people.roll import call_roll
from plosive.faces.track import FaceTrack
from plosive.faces.visibility import kept_ranges, mouth_visibility
from plosive.generate import find_generator
from plosive.generate.crops import CropFile
from plosive.generate.facts import Need
from plosive.generate.pool import SourcePool
from plosive.generate.protocol import Generator, Shot
from plosive.media import DubTrack, copier_of, open_plate, open_writer
from plosive.media.imagereader import ImageReader
from plosive.media.plate import PlateInfo, PlateWriter
from plosive.media.videoreader import VideoReader
from plosive.progress import Progress
from plosive.sync.actor import ActorSources, know_actors
from plosive.sync.earlier import differences
from plosive.sync.elements import elements_folder, elements_writer
from plosive.sync.flagged import require_flags
from plosive.sync.kept import kept_reasons, outside_range, unsynced_frames
from plosive.sync.known_survey import SurveyCache
from plosive.sync.lacks import footage_sentences
from plosive.sync.needs import require_redoable, with_needs
from plosive.sync.other_shots import other_shots
from plosive.sync.outcome import Outcome
from plosive.sync.record import colour_notes, covered_notes
from plosive.sync.redo import RedoPlan, plan_redo, redo_parts
from plosive.sync.render import FrameMaker, Part, Renderer, worker_count
from plosive.sync.report import job_report
from plosive.sync.scored import require_page, write_records
from plosive.sync.sparing import SparingGenerator, SparingMerger, compute_device
from plosive.sync.stopwatch import Stopwatch
from plosive.sync.style import STRENGTH_ZERO, Style, style_of
from plosive.sync.survey import PlateSurvey, survey_plate
from plosive.sync.take_pictures import pools_with_takes
from plosive.sync.takes import ActorTake, TakeReading, require_takes, survey_takes
from plosive.sync.trial import TrialGround
from plosive.sync.voices.casting import CastVoice, cast_voices
from plosive.sync.voices.line import read_lines
from plosive.sync.voices.speaking import Grounds
from plosive.sync.voices.voice import Voice, hear_lines, place_lines
from plosive.sync.wishes import mouth_wish
from plosive.sync_options import SyncOptions, SyncResult

__all__ = ["sync_plate"]


def sync_plate(options: SyncOptions, progress: Progress) -> SyncResult:
    """Make `options.out`: the plate with its mouth moved to the dub. Raises PlosiveError subclasses only for
    what the artist can act on; nothing is left half written, whatever happens.
    """
    options = options.validated()
    require_page(options)
    device = compute_device(options.device)
    generator = SparingGenerator(find_generator(options.generator), device)
    require_redoable(options, generator)
    watch = Stopwatch()
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(TemporaryDirectory(prefix="plosive-sound-")))
        lines = read_lines(options, scratch)
        for line in lines.lines:
            require_page(options, line.suffix)
        reader = open_plate(
            options.plate,
            sequence_rate=options.sequence_rate,
            still_seconds=lines.longest_seconds,
            colour=options.colour,
            view=options.view,
        )
        stack.enter_context(reader)
        info, times = reader.info, reader.frame_times()
        refused = outside_range(options, info)
        placements = place_lines(lines, info, times)
        held_frames = placements[0].held_frames
        style = style_of(options, info, info.frame_count + held_frames)
        flags = (
            None
            if options.redo is None
            else require_flags(options.redo, info, info.frame_count + held_frames)
        )
        # Opened before the long work: a bad OUT or take must fail in the first second.
        reading = TakeReading(options.plate.suffix, options.colour, options.sequence_rate)
        require_takes(options.actor_footage, reading)
        elements_in = elements_folder(options, reader)
        known = None if options.cast is None else read_cast(options.cast)
        sound = lines.sound_track(placements, scratch)
        writer = None if options.dry_run else _writer(options, reader, sound, held_frames)
        voices = hear_lines(lines, placements, info, watch, progress)
        with watch.running("footage"):
            takes = survey_takes(options.actor_footage, progress, options.use_cache, reading)
        crops = stack.enter_context(CropFile())
        progress.start("faces", info.frame_count)
        survey = survey_plate(
            reader, crops, progress, watch, flags is not None, SurveyCache(reader, options.use_cache)
        )
        progress.finish()
        roll = call_roll(survey.tracks, info, known)
        survey = replace(survey, tracks=roll.tracks)
        needs_sources = Need.SOURCES in generator.facts.needs
        usable = [track for track in survey.tracks if len(survey.library(track)) or not needs_sources]
        with watch.running("cast"):
            cast = cast_voices(voices, lines.turns, usable, Grounds(info, times))
        seen = [one for one in cast if one.tracks]
        unsynced = unsynced_frames(options, info, survey.tracks)
        everybody = [track for one in seen for track in one.tracks]
        with watch.running("actor"):
            actors = [know_actors(_actor_sources(one, style, takes, info, times, everybody)) for one in seen]
            wishes = {
                track.number: mouth_wish(
                    track,
                    one.voice.curves,
                    one.voice.styled(style),
                    own[track.number],
                    one.voice.unedited,
                )
                for one, own in zip(seen, actors, strict=True)
                for track in one.tracks
            }
        with watch.running("footage"):
            pools = pools_with_takes(
                {track.number: SourcePool.of(track, survey.library(track)) for track in everybody},
                wishes,
                {
                    track.number: own[track.number].takes + other_shots(track, survey.tracks, info, times)
                    for one, own in zip(seen, actors, strict=True)
                    for track in one.tracks
                    if needs_sources
                },
                info,
                progress,
                survey.sources,
            )
        with watch.running("plan"):
            planned = [
                [
                    _part(
                        one.voice,
                        Shot(track, wishes[track.number], pools[track.number], options.seed),
                        reader,
                        generator,
                        info.frame_count,
                        {**refused, **unsynced[track.number], **style.kept},
                    )
                    for track in one.tracks
                ]
                for one in seen
            ]
        merger = SparingMerger(device)
        redo: RedoPlan | None = None
        outcomes: tuple[Outcome, ...] | None = None
        parts = [part for own_parts in planned for part in own_parts]
        if flags is not None and options.redo is not None:
            redo = plan_redo(options, flags, parts, survey.tracks, info)
            if writer is not None:
                with watch.running("redo"):
                    parts, outcomes = _redone(
                        redo, seen, planned, generator, reader, merger, survey, progress
                    )
        if writer is not None:
            elements = None if elements_in is None else elements_writer(elements_in, options, reader, parts)
            maker = FrameMaker(merger, info.transfer, watch, elements)
            renderer = Renderer(parts, maker, worker_count() if generator.facts.is_any_order else 1)
            writer = copier_of(writer, renderer.changed_frames(info.frame_count))
            progress.start("render", info.frame_count)
            with elements or nullcontext(), writer:
                renderer.render(reader.frames(), writer, progress, watch)
            progress.finish()
        warnings = [
            *info.warnings,
            *lines.warnings,
            *(sound.dub.warnings if len(voices) > 1 else ()),
            *(sentence for one in cast for sentence in one.voice.warnings),
            *(differences(flags, options) if flags is not None else ()),
            *(sentence for one in cast for sentence in one.warnings),
            *roll.change_sentences({track.person for one in seen for track in one.tracks}),
            *(sentence for own in actors for actor in own.values() for sentence in actor.warnings),
            *_faceless(cast),
            *footage_sentences(parts, takes, info),
            *generator.warnings,
            *merger.warnings,
            *(writer.warnings if writer is not None else ()),
        ]
        for sentence in dict.fromkeys(warnings):
            progress.warn(sentence)
        reasons = kept_reasons([part.visibility for part in parts], info.frame_count, style)
        kept_frames = kept_ranges(reasons, info.first_frame)
        report = job_report(options, info, cast, survey, parts, kept_frames, warnings, watch, device)
        report["generator"] = generator.facts.plain()
        report["takes"] = [take.facts() for take in takes]
        report["actors"] = [actor.facts() for own in actors for actor in own.values()]
        notes = (*colour_notes(info), *covered_notes([part.track for part in parts], info.first_frame))
        if redo is not None:
            report["redo"] = redo.facts(outcomes or ())
            notes += redo.notes(outcomes)
        if writer is not None:
            report["exactness"] = writer.exactness.facts(info.first_frame)
            notes += writer.exactness.sentences()
        if not options.dry_run:
            for one in cast:
                one.voice.keep_motion(info)
            scored, unscored = write_records(options, info, cast, report, progress)
            notes += scored
            warnings += unscored
    return SyncResult(
        out=options.out,
        frames_total=info.frame_count + held_frames,
        frames_synced=sum(reason == "" for reason in reasons),
        kept_ranges=kept_frames,
        warnings=tuple(dict.fromkeys(warnings)),
        stage_seconds=dict(watch.seconds),
        wall_seconds=watch.wall_seconds,
        report=report,
        notes=notes,
    )


def _writer(
    options: SyncOptions, reader: VideoReader | ImageReader, sound: DubTrack, held_frames: int
) -> PlateWriter:
    return open_writer(
        options.out,
        reader,
        dub=sound,
        plate_audio=options.plate_audio,
        overwrite=options.overwrite,
        codec=options.codec,
        held_frames=held_frames,
    )


def _faceless(cast: Sequence[CastVoice]) -> list[str]:
    """Sentences on voices that no face says."""
    if not any(one.tracks for one in cast):
        return ["No face was found: every frame is the plate's own."]
    return [f"No face says what {one.voice.line.name} says." for one in cast if not one.tracks]


def _actor_sources(
    cast: CastVoice,
    style: Style,
    takes: Sequence[ActorTake],
    info: PlateInfo,
    frame_times: Sequence[Fraction],
    everybody: Sequence[FaceTrack],
) -> ActorSources:
    line, voice = cast.voice.line, cast.voice
    why_rules = "" if style.strength.any() else STRENGTH_ZERO
    if line.given is not None:
        why_rules = "--motion says what the mouth does"
    centres, speech = voice.placement.dub_centres, voice.speech
    return ActorSources(
        info, frame_times, cast.tracks, takes, centres, line.dub, speech, why_rules, everybody
    )


def _redone(
    redo: RedoPlan,
    seen: Sequence[CastVoice],
    planned: Sequence[Sequence[Part]],
    generator: Generator,
    reader: VideoReader | ImageReader,
    merger: Merger,
    survey: PlateSurvey,
    progress: Progress,
) -> tuple[list[Part], tuple[Outcome, ...]]:
    """Each voice's flagged ranges tried again, judged by what that voice says."""
    done: list[Part] = []
    outcomes: list[Outcome] = []
    for one, parts in zip(seen, planned, strict=True):
        ground = TrialGround(reader, merger, one.voice.speech, one.voice.placement, survey.observations)
        mended, told = redo_parts(redo, parts, generator, ground, progress)
        done += mended
        outcomes += told
    return done, tuple(outcomes)


def _part(
    voice: Voice,
    shot: Shot,
    reader: VideoReader | ImageReader,
    generator: Generator,
    frame_count: int,
    kept: dict[int, str],
) -> Part:
    shot = with_needs(shot, generator.facts.needs, voice, reader)
    return Part(shot, mouth_visibility(shot.track, frame_count, kept), generator.plan(shot))
