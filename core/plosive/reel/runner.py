# SPDX-License-Identifier: Apache-2.0
"""A whole reel from an edit to a conformed edit."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path

from plosive.attended import attended
from plosive.conform import Edit, Shot, read_edit
from plosive.errors import MediaReadError, OptionError
from plosive.media.placement import is_of_lengths
from plosive.media.staging import write_new
from plosive.progress import Progress
from plosive.reel.choosing.choices import ReelChoices
from plosive.reel.choosing.selection import named_shots, selected_shots
from plosive.reel.choosing.sheet import read_sheet, sheet_text
from plosive.reel.dub.choice import reel_dub, track_dubs
from plosive.reel.dub.job_voice import HeardFiles
from plosive.reel.jobs import RenderJob, left_alone
from plosive.reel.options import ConformOptions
from plosive.reel.planning import LanguagePlan, planned, require_names
from plosive.reel.renders.pool import help_all, render_all
from plosive.reel.renders.progress import ReelWatch
from plosive.reel.renders.rendering import Rendered, Work
from plosive.reel.renders.scratch import scratch_folder
from plosive.reel.renders.sharing import Sharing
from plosive.reel.renders.voice import planned_voices
from plosive.reel.results.naming import next_version
from plosive.reel.results.outcome import FAILED, KEPT, SYNCED, ConformResult, LanguageResult, ShotOutcome
from plosive.reel.results.work_folder import held_folder
from plosive.reel.results.writing import write_language

__all__ = ["conform_edit", "help_conform"]

_NOT_ASKED = "It is not asked for (--only)."


def conform_edit(
    options: ConformOptions,
    progress: Progress,
    *,
    may_open: Callable[[Path], None] | None = None,
    scratch_in: Path | None = None,
    watch: ReelWatch | None = None,
    sharing: Sharing | None = None,
) -> ConformResult:
    """Sync the shots of an edit to its dubs and write a conformed edit and a report for each language.

    A shot that fails keeps its original and is listed; so is one that is left alone. What an earlier run into
    the same folder made, or was stopped while making, is taken up. Nothing that exists is written to.
    `may_open` is as in `read_edit`; what is needed for the moment goes to a new folder in `scratch_in`, None:
    the system's for temporary files. `watch` is told how far the reel is; with `sharing` other
    processes help (`help_conform`). Raises PlosiveError subclasses for an edit or a dub that cannot be read
    and a folder that cannot be written.
    """
    options = options.validated()
    if options.write_sheet is not None and options.write_sheet.exists():
        raise OptionError(f"The sheet {options.write_sheet} exists already; choose another name.")
    began = time.perf_counter()
    with ExitStack() as stack:
        scratch = stack.enter_context(scratch_folder(scratch_in))
        if not options.dry_run:
            stack.enter_context(held_folder(options.out))
        edit, chosen, plans, choices = _plan(options, progress, may_open, scratch)
        if not edit.shots and not options.dry_run:
            raise MediaReadError(
                f"{options.edit.name} has no shots, so there is nothing to sync; is it the right edit?"
            )
        warnings = (*edit.warnings, *(f"Not followed: {one}." for one in edit.unsupported), *choices.warnings)
        if options.dry_run:
            told = tuple(_told(edit, plan, chosen) for plan in plans) or (
                _unvoiced(edit, chosen, named_shots(edit, options.only), choices),
            )
            if options.write_sheet is not None:
                write_new(options.write_sheet, sheet_text(edit, told, choices).encode("utf-8-sig"))
            return ConformResult(edit, told, warnings, time.perf_counter() - began, options.write_sheet)
        versions = _versions(options, plans)
        works = _works(edit, plans, versions, chosen)
        done = render_all(works, options, _dub_writer(plans, scratch), progress, watch, sharing)
        results = []
        for plan in plans:
            own = [(work.job, done[work.place]) for work in works if work.job.language == plan.language]
            shots = _outcomes(edit, plan, own, options.out)
            results.append(write_language(edit, plan, shots, versions[plan.language], options))
    return ConformResult(edit, tuple(results), warnings, time.perf_counter() - began)


def help_conform(
    options: ConformOptions,
    progress: Progress,
    sharing: Sharing,
    *,
    may_open: Callable[[Path], None] | None = None,
    scratch_in: Path | None = None,
) -> int:
    """Make renders of the conform that another process leads with the same `options` and that has begun to
    render, as long as there are some that nobody makes; how many were made. All else is the leader's: what
    fails here it tries again. Arguments and errors are those of `conform_edit`.
    """
    options = options.validated()
    with scratch_folder(scratch_in) as scratch:
        edit, chosen, plans, _ = _plan(options, progress, may_open, scratch)
        works = _works(edit, plans, _versions(options, plans), chosen)
        return help_all(works, options, _dub_writer(plans, scratch), progress, sharing)


def _plan(
    options: ConformOptions, progress: Progress, may_open: Callable[[Path], None] | None, scratch: Path
) -> tuple[Edit, frozenset[int], list[LanguagePlan], ReelChoices]:
    """The edit, the shots that are asked for, each language's plan, what is chosen for single shots."""
    progress.start("edit", None)
    edit = attended(lambda: _read(options, may_open, scratch), progress)
    progress.finish()
    chosen = selected_shots(edit, options.only)
    wishes = options.dubs
    if options.tracks:
        wishes += track_dubs(edit, [wish.language for wish in wishes])
        if not wishes:
            raise OptionError(
                f"--tracks: no audio track of {edit.path.name} is named for a language, as DE or German; "
                "name one with --dub de=A2."
            )
    dubs = [reel_dub(wish, edit) for wish in wishes]
    choices = ReelChoices() if options.sheet is None else read_sheet(options.sheet, edit, may_open)
    plans = []
    for language in dict.fromkeys(dub.language.casefold() for dub in dubs):
        own = [dub for dub in dubs if dub.language.casefold() == language]
        plans.append(planned(edit, own, choices, options, scratch, progress))
    require_names(choices, plans)
    return edit, chosen, plans, choices


def _versions(options: ConformOptions, plans: Sequence[LanguagePlan]) -> dict[str, int]:
    return {plan.language: next_version(options.out, options.edit, plan.language) for plan in plans}


def _dub_writer(plans: Sequence[LanguagePlan], scratch: Path) -> Callable[[RenderJob], HeardFiles]:
    def written(job: RenderJob) -> HeardFiles:
        plan = next(plan for plan in plans if plan.language == job.language)
        return plan.write(job, scratch)

    return written


def _read(options: ConformOptions, may_open: Callable[[Path], None] | None, scratch: Path) -> Edit:
    """A dry run leaves nothing of an archive's media behind."""
    return read_edit(
        options.edit,
        handles=options.handles,
        media_folders=options.media,
        path_map=options.path_map,
        rate=options.rate,
        timeline_name=options.timeline,
        unpack_to=(scratch if options.dry_run else options.out) / "media",
        may_open=may_open,
    )


def _works(
    edit: Edit, plans: Sequence[LanguagePlan], versions: dict[str, int], chosen: frozenset[int]
) -> tuple[Work, ...]:
    """All renders, those of one plate side by side."""
    by_number = {shot.number: shot for shot in edit.shots}
    jobs = [job for plan in plans for job in plan.jobs]
    jobs.sort(key=lambda job: job.group.shots[0])  # stable: languages stay in their order
    return tuple(
        Work(
            place,
            job,
            tuple(by_number[number] for number in job.group.shots),
            versions[job.language],
            not chosen.isdisjoint(job.group.shots),
        )
        for place, job in enumerate(jobs)
    )


def _outcomes(
    edit: Edit,
    plan: LanguagePlan,
    rendered: Sequence[tuple[RenderJob, Rendered]],
    folder: Path,
) -> tuple[ShotOutcome, ...]:
    by_shot = {number: one for job, one in rendered for number in job.group.shots}
    return tuple(
        ShotOutcome(shot, KEPT, plan.reasons[shot.number] or _NOT_ASKED)
        if shot.number not in by_shot
        else _outcome(shot, by_shot[shot.number], folder)
        for shot in edit.shots
    )


def _outcome(shot: Shot, one: Rendered, folder: Path) -> ShotOutcome:
    render = one.render
    if render is None:
        return ShotOutcome(shot, FAILED if one.failure else KEPT, one.failure or _NOT_ASKED)
    told = tuple(note for note in render.warnings if not is_of_lengths(note))
    about = {"key": render.key, "is_new": one.is_new, "seconds": render.seconds, "warnings": told}
    if not render.out:
        return ShotOutcome(shot, KEPT, render.reason, kept_ranges=render.kept_ranges, **about)  # type: ignore[arg-type]
    return ShotOutcome(
        shot,
        SYNCED,
        out=folder / render.out,
        first_frame=render.first_frame,
        last_frame_inclusive=render.last_frame_inclusive,
        frames_synced=render.frames_synced,
        kept_ranges=render.kept_ranges,
        score=render.score,
        voices=render.voices,
        page=folder / render.page if render.page else None,
        **about,  # type: ignore[arg-type]
    )


def _told(edit: Edit, plan: LanguagePlan, chosen: frozenset[int]) -> LanguageResult:
    """What would be done."""
    jobs = {number: job for job in plan.jobs for number in job.group.shots}
    shots = []
    for shot in edit.shots:
        job = jobs.get(shot.number)
        if job is None or chosen.isdisjoint(job.group.shots):
            shots.append(ShotOutcome(shot, KEPT, plan.reasons[shot.number] or _NOT_ASKED))
            continue
        frames = job.group.source_frames
        shots.append(
            ShotOutcome(
                shot,
                SYNCED,
                first_frame=frames.first_frame,
                last_frame_inclusive=frames.last_frame_inclusive,
                frames_synced=frames.duration_frames,
                voices=planned_voices(job.voices),
            )
        )
    return LanguageResult(
        plan.language,
        plan.told,
        tuple(shots),
        warnings=plan.warnings,
        spoken_seconds=float(sum((end - start for start, end in plan.spans), Fraction(0))),
    )


def _unvoiced(
    edit: Edit, chosen: frozenset[int], named: frozenset[int], choices: ReelChoices
) -> LanguageResult:
    """The shots of an edit for which no dub is named."""
    shots = []
    for shot in edit.shots:
        reason = left_alone(shot, edit, None, named, choices.of(shot.number, "")) or (
            "" if shot.number in chosen else _NOT_ASKED
        )
        frames = shot.source_frames
        if reason or frames is None:
            shots.append(ShotOutcome(shot, KEPT, reason))
        else:
            shots.append(
                ShotOutcome(
                    shot,
                    SYNCED,
                    first_frame=frames.first_frame,
                    last_frame_inclusive=frames.last_frame_inclusive,
                    frames_synced=frames.duration_frames,
                )
            )
    return LanguageResult("", "", tuple(shots))
