# SPDX-License-Identifier: Apache-2.0
"""One sync job from files to files."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass

from plosive.composite.elements import ElementsWriter
from plosive.composite.merge import Merger
from plosive.errors import MissingDependencyError
from plosive.faces.choice import choose_tracks
from plosive.faces.track import FaceTrack
from plosive.faces.visibility import kept_ranges, mouth_visibility
from plosive.generate import find_generator
from plosive.generate.crops import CropFile
from plosive.generate.protocol import Generator, Shot
from plosive.media import Dub, DubTrack, copier_of, open_plate, open_writer, read_dub
from plosive.media.imagereader import ImageReader
from plosive.media.placement import Placement, place_dub
from plosive.media.plate import PlateInfo, PlateWriter
from plosive.media.videoreader import VideoReader
from plosive.motion import MotionCurves, MotionTrack, motion_curves
from plosive.progress import Progress
from plosive.speech import Speech, hear
from plosive.sync.actor import ActorSources, know_actors
from plosive.sync.earlier import differences
from plosive.sync.flagged import require_flags
from plosive.sync.given import gained, given_track, keep_motion, length_warnings, motion_facts, unedited
from plosive.sync.kept import kept_reasons, outside_range
from plosive.sync.known_actor import KnownActor
from plosive.sync.outcome import Outcome
from plosive.sync.record import (
    options_facts,
    plate_facts,
    speech_facts,
    track_facts,
)
from plosive.sync.redo import RedoPlan, plan_redo, redo_parts
from plosive.sync.render import FrameMaker, Part, Renderer
from plosive.sync.scored import require_page, write_records
from plosive.sync.stopwatch import Stopwatch
from plosive.sync.style import STRENGTH_ZERO, Style, style_of
from plosive.sync.survey import PlateSurvey, survey_plate
from plosive.sync.takes import require_takes, survey_takes
from plosive.sync.trial import TrialGround
from plosive.sync.wishes import mouth_wish
from plosive.sync_options import SyncOptions, SyncResult

__all__ = ["sync_plate"]


@dataclass(frozen=True)
class _Listening:
    """The dub, understood and laid on the plate."""

    speech: Speech
    curves: MotionCurves
    placement: Placement
    given: MotionTrack | None = None
    unedited: MotionCurves | None = None


def sync_plate(options: SyncOptions, progress: Progress) -> SyncResult:
    """Make `options.out`: the plate with its mouth moved to the dub. Raises PlosiveError subclasses only for
    what the artist can act on; nothing is left half written, whatever happens.
    """
    options = options.validated()
    require_page(options)
    generator = find_generator(options.generator)
    device = _device(options.device)
    watch = Stopwatch()
    with ExitStack() as stack:
        dub = read_dub(options.dub, channel=options.audio_channel)
        given = given_track(options, dub)
        reader = open_plate(
            options.plate, sequence_rate=options.sequence_rate, still_seconds=dub.duration_seconds
        )
        stack.enter_context(reader)
        info = reader.info
        refused = outside_range(options, info)
        placement = place_dub(
            info, reader.frame_times(), dub.duration_seconds, options.audio_start, options.on_length_mismatch
        )
        style = gained(style_of(options, info, info.frame_count + placement.held_frames), given)
        flags = (
            None
            if options.redo is None
            else require_flags(options.redo, info, info.frame_count + placement.held_frames)
        )
        lengths = length_warnings(given, options, dub, placement)
        # Opened before the long work: a bad OUT or take must fail in the first second.
        require_takes(options.actor_footage)
        writer = None if options.dry_run else _writer(options, reader, dub, placement)
        listening = _listen(options, info, dub, placement, given, watch, progress)
        with watch.running("footage"):
            takes = survey_takes(options.actor_footage, progress)
        crops = stack.enter_context(CropFile())
        progress.start("faces", info.frame_count)
        survey = survey_plate(reader.frames(), crops, progress, watch, flags is not None)
        progress.finish()
        tracks = choose_tracks(survey.tracks, options.face, info.first_frame)
        tracks = [track for track in tracks if len(survey.library(track))]
        with watch.running("actor"):
            why_rules = "" if style.strength.any() else STRENGTH_ZERO
            if given is not None:
                why_rules = "--motion says what the mouth does"
            sources = ActorSources(
                info,
                reader.frame_times(),
                tracks,
                takes,
                placement.dub_centres,
                dub,
                listening.speech,
                why_rules,
            )
            actors = know_actors(sources)
        with watch.running("plan"):
            parts = [
                _part(
                    actors[track.number],
                    track,
                    survey,
                    listening,
                    generator,
                    options,
                    style,
                    refused,
                    info.frame_count,
                )
                for track in tracks
            ]
        merger = Merger(device)
        redo: RedoPlan | None = None
        outcomes: tuple[Outcome, ...] | None = None
        if flags is not None and options.redo is not None:
            redo = plan_redo(options, flags, parts, survey.tracks, info)
            if writer is not None:
                with watch.running("redo"):
                    ground = TrialGround(reader, merger, listening.speech, placement, survey.observations)
                    parts, outcomes = redo_parts(redo, parts, generator, ground, progress)
        if writer is not None:
            elements = (
                ElementsWriter(options.elements, info.first_frame, info.transfer)
                if options.elements
                else None
            )
            maker = FrameMaker(merger, info.transfer, watch, elements)
            renderer = Renderer(parts, maker)
            if not renderer.changes_anything:
                writer = copier_of(writer) or writer
            progress.start("render", info.frame_count)
            with writer:
                renderer.render(reader.frames(), writer, progress, watch)
            progress.finish()
    warnings = [
        *info.warnings,
        *dub.warnings,
        *placement.notes,
        *lengths,
        *(differences(flags, options) if flags is not None else ()),
        *listening.speech.warnings,
        *(sentence for actor in actors.values() for sentence in actor.warnings),
        *([] if parts else ["No face was found: every frame is the plate's own."]),
        *(writer.warnings if writer is not None else ()),
    ]
    for sentence in dict.fromkeys(warnings):
        progress.warn(sentence)
    reasons = kept_reasons([part.visibility for part in parts], info.frame_count, style)
    kept = kept_ranges(reasons, info.first_frame)
    report = _report(options, info, listening, survey, parts, kept, warnings, watch, device)
    report["actors"] = [actor.facts() for actor in actors.values()]
    notes: tuple[str, ...] = ()
    if redo is not None:
        report["redo"] = redo.facts(outcomes or ())
        notes = redo.notes(outcomes)
    if not options.dry_run:
        keep_motion(options, listening.speech, listening.curves, info, placement, given)
        scored, unscored = write_records(options, info, placement, report, progress)
        notes += scored
        warnings += unscored
    return SyncResult(
        out=options.out,
        frames_total=info.frame_count + placement.held_frames,
        frames_synced=sum(reason == "" for reason in reasons),
        kept_ranges=kept,
        warnings=tuple(dict.fromkeys(warnings)),
        stage_seconds=dict(watch.seconds),
        wall_seconds=watch.wall_seconds,
        report=report,
        notes=notes,
    )


def _writer(
    options: SyncOptions, reader: VideoReader | ImageReader, dub: Dub, placement: Placement
) -> PlateWriter:
    return open_writer(
        options.out,
        reader,
        dub=DubTrack(dub, placement.dub_start_seconds),
        keep_audio=options.keep_audio,
        overwrite=options.overwrite,
        codec=options.codec,
        held_frames=placement.held_frames,
    )


def _listen(
    options: SyncOptions,
    info: PlateInfo,
    dub: Dub,
    placement: Placement,
    given: MotionTrack | None,
    watch: Stopwatch,
    progress: Progress,
) -> _Listening:
    if given is not None:
        curves = given.at(placement.dub_centres, frame_seconds=1 / info.frame_rate)
        return _Listening(given.speech, curves, placement, given, unedited(given, info, placement))
    progress.start("speech", None)
    with watch.running("speech"):
        last_centre = placement.dub_centres[-1]
        speech = hear(dub.speech_samples(), options.transcript, options.language, last_centre)
        curves = motion_curves(speech, placement.dub_centres, frame_seconds=1 / info.frame_rate)
    progress.finish()
    return _Listening(speech, curves, placement)


def _part(
    actor: KnownActor,
    track: FaceTrack,
    survey: PlateSurvey,
    listening: _Listening,
    generator: Generator,
    options: SyncOptions,
    style: Style,
    refused: dict[int, str],
    frame_count: int,
) -> Part:
    wish = mouth_wish(track, listening.curves, style, actor, listening.unedited)
    shot = Shot(track, wish, survey.library(track), options.seed)
    return Part(shot, mouth_visibility(track, frame_count, {**refused, **style.kept}), generator.plan(shot))


def _device(wish: str) -> str:
    import torch

    # Patches are small: PyTorch's own threads would only fight the codec's for the cores.
    torch.set_num_threads(1)
    if wish == "cuda" and not torch.cuda.is_available():
        raise MissingDependencyError(
            "--device cuda: PyTorch sees no CUDA device; use --device auto or a CUDA build of PyTorch."
        )
    return "cuda" if wish != "cpu" and torch.cuda.is_available() else "cpu"


def _report(
    options: SyncOptions,
    info: PlateInfo,
    listening: _Listening,
    survey: PlateSurvey,
    parts: list[Part],
    kept: tuple[tuple[int, int, str], ...],
    warnings: list[str],
    watch: Stopwatch,
    device: str,
) -> dict[str, object]:
    return {
        "schema": "plosive.report.v1",
        "options": options_facts(options),
        "device": device,
        "plate": plate_facts(info),
        "dub": {
            **speech_facts(listening.speech),
            **motion_facts(options, listening.given, listening.placement),
            "starts_at_plate_seconds": listening.placement.dub_start_seconds,
            "held_frames": listening.placement.held_frames,
        },
        "shot_cuts_at_frames": [info.first_frame + index for index in survey.cut_indices],
        "faces": track_facts(survey.tracks, info.first_frame),
        "synced_faces": [
            {
                "number": part.track.number,
                "blend": part.visibility.blend.tolist(),
                "choices": part.plan.choices(),
            }
            for part in parts
        ],
        "kept_ranges": [
            {"first_frame": first, "last_frame_inclusive": last, "reason": reason}
            for first, last, reason in kept
        ],
        "warnings": warnings,
        "stage_seconds": {stage: round(seconds, 3) for stage, seconds in watch.seconds.items()},
    }
