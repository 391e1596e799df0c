# SPDX-License-Identifier: Apache-2.0
"""What one pass of scoring saw of a plate, kept for the next result that was made of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from plosive.faces.finding.tracker import SeenFace
from plosive.media.plate import PlateFrame, PlateReader
from plosive.quality.observation import FaceObservation
from plosive.quality.watching import WatchedFrame

__all__ = ["WatchedPlate", "WatchedPlates"]


@dataclass(frozen=True)
class WatchedPlate:
    """Faces of every frame by its index, and all that was measured of each face, by key: numbers only, some
    6 kB a face and frame. Stands in for a `FaceWatcher` that watches the same frames.
    """

    faces: tuple[tuple[SeenFace, ...], ...]
    measured: dict[int, FaceObservation]

    def watch(self, frames: Iterable[PlateFrame]) -> Iterator[WatchedFrame]:
        """The frames with their pictures, and the faces that are known of them."""
        for frame in frames:
            yield WatchedFrame(frame, frame.rgb8(), self.faces[frame.index])

    def observations(self) -> dict[int, FaceObservation]:
        """As `FaceWatcher.observations`."""
        return self.measured


class WatchedPlates(Protocol):
    """Where such is kept between scorings."""

    def watched(self, plate: PlateReader) -> WatchedPlate | None:
        """What is known of these very frames, seen in this way; None where nothing is."""

    def keep_watched(self, plate: PlateReader, watched: WatchedPlate) -> None:
        """Keep it while `plate` is what is worked on."""
