# SPDX-License-Identifier: Apache-2.0
"""The second pass over a plate: every frame goes out, the synced ones with their new mouth."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
        self.synced_indices: list[int] = []

    def render(
        self, frames: Iterable[PlateFrame], writer: PlateWriter, progress: Progress, watch: Stopwatch
    ) -> None:
        """Write every frame of `frames`; those no part covers keep the plate's very samples."""
        for frame in watch.timed("decode", frames):
            result = self._synced(frame, watch)
            with watch.running("encode"):
                writer.write(result)
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
            self.synced_indices.append(frame.index)
        return result
