# SPDX-License-Identifier: Apache-2.0
"""One sync job from files to files."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack, nullcontext
from functools import partial
from pathlib import Path

from plosive.attended import attended
from plosive.composite.grain import GrainMatcher
from plosive.composite.merge import Merger
from plosive.faces.visibility import kept_ranges
from plosive.media import DubTrack, copier_of, open_writer
from plosive.media.plate import PlateWriter
from plosive.media.plateaudio import PlateAudio
from plosive.progress import Progress
from plosive.sync.earlier import differences
from plosive.sync.elements import elements_folder, elements_writer
from plosive.sync.job_key import job_key
from plosive.sync.journal import JournaledMaker, RenderJournal
from plosive.sync.kept import kept_reasons
from plosive.sync.lacks import footage_sentences
from plosive.sync.latest_picture import LatestPicture
from plosive.sync.opened import OpenedJob, open_attended
from plosive.sync.outcome import Outcome
from plosive.sync.plate_memory import PlateMemory
from plosive.sync.prepared import PreparedJob, prepare_job
from plosive.sync.record import colour_notes, covered_notes, plate_facts
from plosive.sync.redo import RedoPlan, plan_redo, redo_parts
from plosive.sync.render import FrameMaker, Maker, Part, Renderer, worker_count
from plosive.sync.report import job_report
from plosive.sync.scored import require_page, write_records
from plosive.sync.span import placement_in
from plosive.sync.sparing import SparingMerger
from plosive.sync.stopwatch import Stopwatch
from plosive.sync.trial import TrialGround
from plosive.sync_options import SyncOptions, SyncResult

__all__ = ["sync_plate"]

_NOT_LAID = "The dub is in the timeline's time, not the plate's (--retime): it is not laid into OUT."


def sync_plate(
    options: SyncOptions,
    progress: Progress,
    journal: Path | None = None,
    picture: LatestPicture | None = None,
    memory: PlateMemory | None = None,
) -> SyncResult:
    """Make `options.out`: the plate with its mouth moved to the dub. Raises PlosiveError subclasses only for
    what the artist can act on; nothing is left half written, whatever happens.

    With `journal`, a folder for this job alone, every made frame is kept there until the caller removes it: a
    job that was killed takes them up and makes only the others, and the result is the same to the bit. A
    generator that works through a shot in order makes all frames again. `picture` shows frames as they are
    made. `memory` is what jobs on the same plate hand on to each other.
    """
    options = options.validated()
    require_page(options)
    watch = Stopwatch()
    with ExitStack() as stack:
        progress.start("open", None)
        opened = open_attended(options, progress, stack)
        progress.finish()
        reader, info, lines, flags = opened.reader, opened.info, opened.lines, opened.flags
        # Opened before the long work: a bad OUT must fail in the first second.
        for line in lines.lines:
            require_page(options, line.suffix)
        elements_in = elements_folder(options, reader)
        span = opened.span
        written = [placement_in(one, span.written, info) for one in opened.placements]
        sound = None if options.retime else lines.sound_track(written, opened.scratch)
        writer = None if options.dry_run else _writer(opened, sound)
        crops = None if memory is None else memory.crops(opened.plate, reader)
        job = prepare_job(opened, progress, watch, stack, crops)
        merger = SparingMerger(opened.device)
        kept: RenderJournal | None = None
        redo: RedoPlan | None = None
        outcomes: tuple[Outcome, ...] | None = None
        parts = job.parts
        if flags is not None:
            redo = plan_redo(options, flags, parts, job.survey.tracks, info)
            if writer is not None:
                with watch.running("redo"):
                    parts, outcomes = _redone(redo, job, merger, progress)
        if writer is not None:
            elements = (
                None if elements_in is None else elements_writer(elements_in, options, reader, parts, span)
            )
            maker: Maker = FrameMaker(merger, info.transfer, watch, elements)
            if journal is not None and opened.generator.facts.is_any_order:
                kept = RenderJournal(journal, job_key(opened))
                maker = JournaledMaker(maker, kept, elements)
            workers = worker_count() if opened.generator.facts.is_any_order else 1
            renderer = Renderer(parts, maker, workers, picture)
            writer = copier_of(writer, span.written_indices(renderer.changed_frames(info.frame_count)))
            with watch.running("plan"):  # else the first frames would measure it, each for itself
                for part in parts:
                    if (part.visibility.blend > 0).any():
                        attended(partial(_grain, part, memory if flags is None else None), progress)
            progress.start("render", span.written.duration_frames)
            with elements or nullcontext(), writer:
                renderer.render(span.of(reader.frames(span.first_index)), writer, progress, watch)
            progress.finish()
        warnings = _warnings(job, sound, parts, merger, writer)
        warnings += [kept.problem] if kept is not None and kept.problem else []
        for sentence in dict.fromkeys(warnings):
            progress.warn(sentence)
        reasons = kept_reasons([part.visibility for part in parts], info.frame_count, opened.style)
        reasons = tuple(span.written_part(reasons))
        kept_frames = kept_ranges(reasons, span.written.first_frame)
        device = opened.device
        report = job_report(options, info, job.cast, job.survey, parts, kept_frames, warnings, watch, device)
        report["plate"] = plate_facts(opened.plate.info)
        report |= span.facts()
        report["generator"] = opened.generator.facts.plain()
        report["takes"] = [take.facts() for take in job.takes]
        report["actors"] = [actor.facts() for own in job.actors for actor in own.values()]
        notes = (*colour_notes(info), *covered_notes([part.track for part in parts], info.first_frame))
        if redo is not None:
            report["redo"] = redo.facts(outcomes or ())
            notes += redo.notes(outcomes)
        if writer is not None:
            report["exactness"] = writer.exactness.facts(span.written.first_frame)
            notes += writer.exactness.sentences()
        notes += kept.notes if kept is not None else ()
        if options.retime:
            notes += (_NOT_LAID,)
        if not options.dry_run:
            for one in job.cast:
                one.voice.keep_motion(info)
            scored, unscored = write_records(options, info, job.cast, report, progress, span)
            notes += scored
            warnings += unscored
    return SyncResult(
        out=options.out,
        frames_total=span.written.duration_frames + opened.held_frames,
        frames_synced=sum(reason == "" for reason in reasons),
        kept_ranges=kept_frames,
        warnings=tuple(dict.fromkeys(warnings)),
        stage_seconds=dict(watch.seconds),
        wall_seconds=watch.wall_seconds,
        report=report,
        notes=notes,
    )


def _grain(part: Part, memory: PlateMemory | None) -> GrainMatcher | None:
    return part.grain if memory is None else memory.grain(part)


def _writer(opened: OpenedJob, sound: DubTrack | None) -> PlateWriter:
    options = opened.options
    plate_audio = options.plate_audio
    if sound is None and plate_audio is PlateAudio.AUTO and opened.info.has_audio:
        plate_audio = PlateAudio.KEEP
    return open_writer(
        options.out,
        opened.plate.part(opened.span.written),
        dub=sound,
        plate_audio=plate_audio,
        overwrite=options.overwrite,
        codec=options.codec,
        held_frames=opened.held_frames,
    )


def _warnings(
    job: PreparedJob,
    sound: DubTrack | None,
    parts: Sequence[Part],
    merger: SparingMerger,
    writer: PlateWriter | None,
) -> list[str]:
    """All that the artist should know, in the order in which the job came upon it."""
    opened, info = job.opened, job.opened.info
    return [
        *info.warnings,
        *([opened.span.note] if opened.span.note else []),
        *opened.lines.warnings,
        *(sound.dub.warnings if sound is not None and len(job.voices) > 1 else ()),
        *(sentence for one in job.cast for sentence in one.voice.warnings),
        *(differences(opened.flags, opened.options) if opened.flags is not None else ()),
        *job.warnings(),
        *footage_sentences(parts, job.takes, info),
        *opened.generator.warnings,
        *merger.warnings,
        *(writer.warnings if writer is not None else ()),
    ]


def _redone(
    redo: RedoPlan, job: PreparedJob, merger: Merger, progress: Progress
) -> tuple[list[Part], tuple[Outcome, ...]]:
    """Each voice's flagged ranges tried again, judged by what that voice says."""
    opened = job.opened
    done: list[Part] = []
    outcomes: list[Outcome] = []
    for one, parts in zip(job.seen, job.planned, strict=True):
        ground = TrialGround(
            opened.reader, merger, one.voice.speech, one.voice.placement, job.survey.observations
        )
        mended, told = redo_parts(redo, parts, opened.generator, ground, progress)
        done += mended
        outcomes += told
    return done, tuple(outcomes)
