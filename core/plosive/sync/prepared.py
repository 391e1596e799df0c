# SPDX-License-Identifier: Apache-2.0
"""One sync job thought through: understood, and its mouths planned; no frame is made yet."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import ExitStack
from dataclasses import dataclass

from plosive.attended import attended
from plosive.faces.track import FaceTrack
from plosive.generate.crops import CropFile
from plosive.generate.facts import Need
from plosive.generate.pool import SourcePool
from plosive.generate.protocol import Shot
from plosive.progress import Progress
from plosive.sync.needs import with_needs
from plosive.sync.opened import OpenedJob
from plosive.sync.other_shots import other_shots
from plosive.sync.render import Part
from plosive.sync.stopwatch import Stopwatch
from plosive.sync.take_pictures import pools_with_takes
from plosive.sync.understood import UnderstoodJob, understand_job
from plosive.sync.voices.voice import Voice

__all__ = ["PreparedJob", "plan_parts", "prepare_job"]


@dataclass(frozen=True)
class PreparedJob(UnderstoodJob):
    """All that rendering needs; `planned` (one part a face) goes with `seen`."""

    planned: tuple[tuple[Part, ...], ...]

    @property
    def parts(self) -> list[Part]:
        """Every face to be rendered, voice by voice."""
        return [part for own_parts in self.planned for part in own_parts]


def prepare_job(
    opened: OpenedJob,
    progress: Progress,
    watch: Stopwatch,
    stack: ExitStack,
    crops: CropFile | None = None,
) -> PreparedJob:
    """Do all of a job that comes before its first frame. Pictures of mouths go to `crops`, or where `stack`
    lets them go. Raises PlosiveError subclasses for what the artist can act on.
    """
    job = understand_job(opened, progress, watch, stack, crops)
    planned = plan_parts(job, progress, watch)
    progress.finish()
    return PreparedJob(**vars(job), planned=planned)


def plan_parts(
    job: UnderstoodJob, progress: Progress, watch: Stopwatch, only: Collection[int] | None = None
) -> tuple[tuple[Part, ...], ...]:
    """The plan of every face, voice by voice as in `job.seen`; of the tracks with the numbers `only`, where
    they are given. No plan knows of another: those of a few are the same to the bit.
    """
    opened, survey = job.opened, job.survey
    needs_sources = Need.SOURCES in opened.generator.facts.needs
    chosen = [
        (one, own, [track for track in one.tracks if only is None or track.number in only])
        for one, own in zip(job.seen, job.actors, strict=True)
    ]
    with watch.running("footage"):
        pools = pools_with_takes(
            {
                track.number: SourcePool.of(track, survey.library(track))
                for _, _, tracks in chosen
                for track in tracks
            },
            job.wishes,
            {
                track.number: own[track.number].takes
                + other_shots(track, survey.tracks, opened.info, opened.frame_times)
                for _, own, tracks in chosen
                for track in tracks
                if needs_sources
            },
            opened.info,
            progress,
            survey.sources,
        )
    with watch.running("plan"):
        return tuple(
            tuple(_part(job, one.voice, track, pools, progress) for track in tracks)
            for one, _, tracks in chosen
        )


def _part(
    job: UnderstoodJob, voice: Voice, track: FaceTrack, pools: dict[int, SourcePool], progress: Progress
) -> Part:
    opened, generator = job.opened, job.opened.generator
    shot = Shot(track, job.wishes[track.number], pools[track.number], opened.options.seed)
    shot = with_needs(shot, generator.facts.needs, voice, opened.reader)
    plan = attended(lambda: generator.plan(shot), progress)
    return Part(shot, job.visibilities[track.number], plan)
