# SPDX-License-Identifier: Apache-2.0
"""A reel's renders, one after the other or several at once on all devices."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from dataclasses import replace
from multiprocessing import active_children, get_context

from plosive.progress import Progress, SilentProgress
from plosive.reel.dub.job_voice import HeardFiles
from plosive.reel.jobs import RenderJob
from plosive.reel.options import ConformOptions
from plosive.reel.renders.finished import FinishedRenders
from plosive.reel.renders.pace import Load
from plosive.reel.renders.progress import MeteredRender, ReelMeter, ReelProgress, ReelWatch
from plosive.reel.renders.rendering import Aids, Rendered, Work, found_or_made
from plosive.reel.renders.sharing import Sharing, as_made, helped, led
from plosive.reel.renders.worker import begin, end_all, rendered
from plosive.sync.plate_memory import PlateMemory

__all__ = ["help_all", "render_all"]

_BEAT_SECONDS = 0.2


def render_all(
    works: Sequence[Work],
    options: ConformOptions,
    dub_of: Callable[[RenderJob], HeardFiles],
    progress: Progress,
    watch: ReelWatch | None = None,
    sharing: Sharing | None = None,
) -> dict[int, Rendered]:
    """What came of each of `works`, by its place. `dub_of` writes a job's stretch of the dub. With `sharing`
    other processes help (`help_all`).

    What is known from earlier runs is found first, so that what is counted and told is what this one makes.
    Renders of the same frames are done one after the other, in one process: the second language finds the
    faces that the first one looked for. With several GPUs each process has one of its own.
    """
    watch = watch or ReelWatch()
    done = _found(works, options, dub_of, progress)
    works = [work for work in works if work.place not in done]
    at_once = 1 if len(works) < 2 else min(options.jobs, len(_chains(works)))
    meter = ReelMeter({work.place: _metered(work) for work in works}, watch, at_once)

    with PlateMemory() as memory:

        def make(work: Work) -> Rendered:
            own = ReelProgress(progress, meter, work.place)
            aids = Aids(own, watch.picture, memory)
            one = found_or_made(work, dub_of(work.job), options, aids)
            meter.end(work.place, is_made=one.is_new)
            return one

        if sharing is not None:
            done = {place: as_made(one, sharing) for place, one in done.items()}
            return done | led(_chains(works), make, sharing, progress, meter.run, meter.wait)
        if options.jobs == 1 or len(works) < 2:
            return done | {work.place: make(work) for work in works}
    progress.start("shots", len(works))
    with closing(_in_processes(works, options, dub_of, progress, meter)) as made:
        for place, one in made:
            done[place] = one
            meter.end(place, is_made=one.is_new)
            progress.advance()
    progress.finish()
    return done


def help_all(
    works: Sequence[Work],
    options: ConformOptions,
    dub_of: Callable[[RenderJob], HeardFiles],
    progress: Progress,
    sharing: Sharing,
) -> int:
    """Make those of `works` that no other process makes; how many were made."""
    wanted = [work for work in works if work.is_wanted]
    meter = ReelMeter({work.place: _metered(work) for work in wanted}, ReelWatch())

    with PlateMemory() as memory:

        def make(work: Work) -> Rendered:
            aids = Aids(ReelProgress(progress, meter, work.place), memory=memory)
            one = found_or_made(work, dub_of(work.job), options, aids)
            meter.end(work.place, is_made=one.is_new)
            return one

        return helped(_chains(wanted), make, sharing)


def _found(
    works: Sequence[Work],
    options: ConformOptions,
    dub_of: Callable[[RenderJob], HeardFiles],
    progress: Progress,
) -> dict[int, Rendered]:
    """Those that an earlier run made, and all that are not wanted. Where there was none, nothing is looked
    for: what a render comes to is known when its media was read whole, and that is its own work.
    """
    has_earlier = FinishedRenders(options.out).has_any
    if not has_earlier:
        return {work.place: Rendered(None) for work in works if not work.is_wanted}
    found: dict[int, Rendered] = {}
    progress.start("known", None)
    for work in works:
        looked_for = replace(work, is_wanted=False)
        known = found_or_made(looked_for, dub_of(work.job), options, Aids(SilentProgress()))
        if not work.is_wanted or (known.render is not None and not known.lacks_score):
            found[work.place] = known
        progress.advance(0)
    progress.finish()
    return found


def _metered(work: Work) -> MeteredRender:
    group, first = work.job.group, work.shots[0]
    frames = group.source_frames.duration_frames
    return MeteredRender(first.number, first.name, work.job.language, Load(group.media.path, frames))


def _in_processes(
    works: Sequence[Work],
    options: ConformOptions,
    dub_of: Callable[[RenderJob], HeardFiles],
    progress: Progress,
    meter: ReelMeter,
) -> Generator[tuple[int, Rendered], None, None]:
    """Each slot is a process of its own: one that dies, of too little memory say, takes no other with it."""
    devices = _device_count(options)
    waiting = iter(_chains(works))
    slots: dict[int, ProcessPoolExecutor] = {}
    running: dict[Future[Rendered], tuple[int, Work, list[Work]]] = {}

    def start(slot: int, chain: list[Work]) -> None:
        if slot not in slots:
            slots[slot] = ProcessPoolExecutor(
                1, get_context("spawn"), initializer=begin, initargs=(slot, devices)
            )
        work, rest = chain[0], chain[1:]
        running[slots[slot].submit(rendered, work, dub_of(work.job), options)] = (slot, work, rest)
        meter.begin(work.place)

    before = set(active_children())
    try:
        for slot, chain in enumerate(itertools.islice(waiting, options.jobs)):
            start(slot, chain)
        while running:
            ended, _ = wait(running, _BEAT_SECONDS, FIRST_COMPLETED)
            progress.advance(0)
            for future in ended:
                slot, work, rest = running.pop(future)
                if isinstance(future.exception(), BrokenProcessPool):
                    slots.pop(slot).shutdown(wait=False)
                chain = rest or next(waiting, [])
                if chain:
                    start(slot, chain)
                yield work.place, _result(future)
    finally:
        for executor in slots.values():
            executor.shutdown(wait=False, cancel_futures=True)
        if running:
            end_all(set(active_children()) - before)


def _chains(works: Sequence[Work]) -> list[list[Work]]:
    """Those of the same frames each. A reel may well be one file: its shots need not wait for each other."""
    by_frames: dict[object, list[Work]] = {}
    for work in works:
        group = work.job.group
        by_frames.setdefault((group.media.path, group.source_frames), []).append(work)
    return list(by_frames.values())


def _result(future: Future[Rendered]) -> Rendered:
    error = future.exception()
    if error is None:
        return future.result()
    if isinstance(error, BrokenProcessPool):
        return Rendered(
            None, failure="Its process ended early, of too little memory perhaps; take fewer --jobs."
        )
    raise error


def _device_count(options: ConformOptions) -> int:
    if options.device == "cpu":
        return 0
    import torch

    return int(torch.cuda.device_count())
