# SPDX-License-Identifier: Apache-2.0
"""The second pass over a plate: every frame goes out, the synced ones with their new mouth."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from plosive.colour.transfer import Transfer
from plosive.composite.elements import ElementsWriter
from plosive.composite.merge import Merger
from plosive.faces.track import FaceTrack
from plosive.faces.visibility import Visibility
from plosive.generate.protocol import Plan
from plosive.media.plate import PlateFrame, PlateWriter
from plosive.progress import Progress
from plosive.sync.stopwatch import Stopwatch

__all__ = ["Part", "Renderer"]

_MOST_WORKERS = 4


@dataclass(frozen=True)
class Part:
    """One face in one shot, ready to be rendered."""

    track: FaceTrack
    visibility: Visibility
    plan: Plan


class Renderer:
    """Renders the parts of a plate, frame after frame."""

    def __init__(
        self, parts: Sequence[Part], merger: Merger, transfer: Transfer, elements: ElementsWriter | None
    ) -> None:
        self._parts = parts
        self._merger = merger
        self._transfer = transfer
        self._elements = elements
        self._workers = min(_MOST_WORKERS, os.cpu_count() or 1)

    @property
    def changes_anything(self) -> bool:
        """Whether any frame will differ from the plate."""
        return any(bool((part.visibility.blend > 0).any()) for part in self._parts)

    def render(
        self, frames: Iterable[PlateFrame], writer: PlateWriter, progress: Progress, watch: Stopwatch
    ) -> None:
        """Write every frame of `frames` in order; those no part covers keep the plate's very samples.

        Frames are independent of each other, so a few are made at once; that changes no bit of any.
        """
        pending: deque[Future[PlateFrame]] = deque()
        pool = ThreadPoolExecutor(self._workers, thread_name_prefix="plosive-render")
        try:
            for frame in watch.timed("decode", frames):
                pending.append(pool.submit(self._synced, frame, watch))
                if len(pending) > self._workers:
                    self._write(pending.popleft(), writer, progress, watch)
            while pending:
                self._write(pending.popleft(), writer, progress, watch)
        finally:
            pool.shutdown(cancel_futures=True)

    def _write(
        self, made: Future[PlateFrame], writer: PlateWriter, progress: Progress, watch: Stopwatch
    ) -> None:
        frame = made.result()
        with watch.running("encode"):
            writer.write(frame)
        progress.advance()

    def _synced(self, frame: PlateFrame, watch: Stopwatch) -> PlateFrame:
        result = frame
        for part in self._parts:
            row = part.track.row(frame.index)
            blend = float(part.visibility.blend[frame.index]) if row is not None else 0.0
            if row is None or blend == 0.0:
                continue
            with watch.running("generate"):
                patch = part.plan.render(row, frame)
            if patch is None:
                continue
            with watch.running("composite"):
                layers = self._merger.merge(frame.working(patch.box), patch, self._transfer, blend)
                result = result.merged(layers.box, layers.change, layers.touched)
            if self._elements is not None:
                with watch.running("elements"):
                    self._elements.write(frame, result, layers, patch)
        return result
