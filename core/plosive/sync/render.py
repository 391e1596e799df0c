# SPDX-License-Identifier: Apache-2.0
"""The second pass over a plate: every frame goes out, the synced ones with their new mouth."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from plosive.attended import BEAT_SECONDS
from plosive.colour.transfer import Transfer
from plosive.composite.elements import ElementsWriter, MadeFace
from plosive.composite.grain import GrainMatcher
from plosive.composite.merge import Merger
from plosive.faces.threads import single_products
from plosive.faces.track import FaceTrack
from plosive.faces.visibility import Visibility
from plosive.generate.protocol import Plan, Shot
from plosive.media.plate import PlateFrame, PlateWriter
from plosive.progress import Progress
from plosive.sync.latest_picture import LatestPicture
from plosive.sync.stopwatch import Stopwatch

__all__ = ["FrameMaker", "Maker", "Part", "Renderer", "worker_count"]

_MOST_WORKERS = 4


@dataclass(frozen=True)
class Part:
    """One face in one shot, ready to be rendered."""

    shot: Shot
    visibility: Visibility
    plan: Plan

    @property
    def track(self) -> FaceTrack:
        """The face."""
        return self.shot.track

    @cached_property
    def grain(self) -> GrainMatcher | None:
        """The grain of the plate on this face; None where there is none. Measured when first asked for."""
        return GrainMatcher.of(self.shot)

    def take_grain(self, grain: GrainMatcher | None) -> None:
        """It was measured before, on the same pictures with the same seed."""
        vars(self)["grain"] = grain

    def blend(self, frame_index: int) -> float:
        """How far the face is synced in a plate frame: 0 where it is not there."""
        there = self.track.row(frame_index) is not None
        return float(self.visibility.blend[frame_index]) if there else 0.0


class Maker(Protocol):
    """Makes frames. Several threads may use it at once."""

    def synced(self, frame: PlateFrame, parts: Sequence[Part]) -> PlateFrame:
        """`frame` with the new mouths of `parts`; the very frame where none covers it."""


class FrameMaker:
    """Makes one frame from the plate's; the only way to do so. Several threads may use it at once."""

    def __init__(
        self, merger: Merger, transfer: Transfer, watch: Stopwatch, elements: ElementsWriter | None = None
    ) -> None:
        self._merger = merger
        self._transfer = transfer
        self._watch = watch
        self._elements = elements

    def synced(self, frame: PlateFrame, parts: Sequence[Part]) -> PlateFrame:
        """`frame` with the new mouths of `parts`; the very frame where none covers it."""
        result = frame
        made: list[MadeFace] = []
        for part in parts:
            row, blend = part.track.row(frame.index), part.blend(frame.index)
            if row is None or blend == 0.0:
                continue
            with self._watch.running("generate"):
                patch = part.plan.render(row, frame)
            if patch is None:
                continue
            with self._watch.running("composite"):
                # Laid over what is made already: faces may touch.
                below = result.working(patch.box)
                layers = self._merger.merge(below, patch, self._transfer, blend, part.grain, frame.index)
                result = result.merged(layers.box, layers.change, layers.touched)
            made.append(MadeFace(layers, patch, part.track.number))
        if self._elements is not None:  # frames that keep the plate too: a sequence has no holes
            with self._watch.running("elements"):
                self._elements.write(frame, made)
        return result


class Renderer:
    """Renders the parts of a plate, frame after frame."""

    def __init__(
        self, parts: Sequence[Part], maker: Maker, workers: int, picture: LatestPicture | None = None
    ) -> None:
        """`workers` frames are made at once; with one they are made in order. `picture` shows them."""
        self._picture = picture
        self._parts = parts
        self._maker = maker
        self._workers = workers

    def changed_frames(self, frame_count: int) -> frozenset[int]:
        """Indices of all frames that may differ from the plate; every other one surely does not."""
        return frozenset(
            index for index in range(frame_count) if any(part.blend(index) > 0 for part in self._parts)
        )

    def render(
        self, frames: Iterable[PlateFrame], writer: PlateWriter, progress: Progress, watch: Stopwatch
    ) -> None:
        """Write every frame of `frames` in order; those no part covers keep the plate's very samples.

        Frames are independent of each other, so a few are made at once; that changes no bit of any.
        """
        pending: deque[Future[PlateFrame]] = deque()
        pool = ThreadPoolExecutor(self._workers, thread_name_prefix="plosive-render")
        try:
            with single_products():
                for frame in watch.timed("decode", frames):
                    pending.append(pool.submit(self._maker.synced, frame, self._parts))
                    if len(pending) > self._workers:
                        self._write(pending.popleft(), writer, progress, watch)
                while pending:
                    self._write(pending.popleft(), writer, progress, watch)
        finally:
            pool.shutdown(cancel_futures=True)

    def _write(
        self, made: Future[PlateFrame], writer: PlateWriter, progress: Progress, watch: Stopwatch
    ) -> None:
        while not wait([made], BEAT_SECONDS).done:
            progress.advance(0)  # it may say that the job should stop
        frame = made.result()
        with watch.running("encode"):
            writer.write(frame)
        if self._picture is not None:
            self._picture.offer(frame)
        progress.advance()


def worker_count() -> int:
    """How many frames are worth making at once."""
    return min(_MOST_WORKERS, os.cpu_count() or 1)
