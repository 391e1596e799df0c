# SPDX-License-Identifier: Apache-2.0
"""The source library: every picture of an actor's mouth that a new mouth may be made from."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plosive.colour.transfer import finite_working
from plosive.faces.measure import width_of_face
from plosive.faces.occlusion.cover import HIDDEN_SHARE
from plosive.faces.track import FaceTrack
from plosive.generate.crops import CropFile, Ticket
from plosive.generate.look import MouthLook, look_at_mouth
from plosive.generate.matte import MATTE_POINTS
from plosive.geometry import Box
from plosive.media.plate import PlateFrame

__all__ = ["KnownSources", "SourceCollector", "SourceLibrary", "in_usual_light", "mouth_box", "uncovered"]

_MARGIN_FACES = 0.32
_BLOCK_FRAMES = 24
_MOST_SOURCES = 960


def mouth_box(points: NDArray[np.float32], face_width: float, width: int, height: int) -> Box:
    """Pixels around a mouth that its matte and light band can reach: `points` (478, 2+) pixels."""
    outline = points[MATTE_POINTS, :2]
    margin = _MARGIN_FACES * face_width
    left, top = np.floor(outline.min(axis=0) - margin).astype(int)
    right, bottom = np.ceil(outline.max(axis=0) + margin).astype(int)
    return Box(int(left), int(top), int(right), int(bottom)).clipped(width, height)


@dataclass(frozen=True)
class SourceLibrary:
    """Source mouths of one track, N of them, as parallel arrays.

    `rows` (N,) are rows of the track; `inside` (N, 12, 32, 3), `light` (N, 8, 8, 3), `sharpness` and
    `redness` (N,) float32 as in `MouthLook`; `tickets` lead to the pixels in `crops`.
    """

    rows: NDArray[np.int64]
    inside: NDArray[np.float32]
    light: NDArray[np.float32]
    sharpness: NDArray[np.float32]
    redness: NDArray[np.float32]
    tickets: tuple[Ticket, ...]
    crops: CropFile

    def __len__(self) -> int:
        return len(self.rows)

    def only(self, places: NDArray[np.int64]) -> SourceLibrary:
        """Those of the sources (0..N-1), in that order."""
        return SourceLibrary(
            self.rows[places],
            self.inside[places],
            self.light[places],
            self.sharpness[places],
            self.redness[places],
            tuple(self.tickets[place] for place in places.tolist()),
            self.crops,
        )

    def pixels(self, source: int) -> tuple[NDArray[np.float32], Box]:
        """Pixels (h, w, 3) working of source `source` (0..N-1), and the box of its plate frame they show."""
        ticket = self.tickets[source]
        return self.crops.read(ticket), ticket.box


@dataclass(frozen=True)
class KnownSources:
    """A library without its pixels: what a file can keep of it. `looks` are its arrays by name, `boxes`
    (N, 4) int64 are left, top, right, bottom of the pixels, the last two exclusive.
    """

    looks: dict[str, NDArray[Any]]
    boxes: NDArray[np.int64]

    @staticmethod
    def of(library: SourceLibrary) -> KnownSources:
        """What to keep of `library`."""
        values = {field.name: getattr(library, field.name) for field in dataclasses.fields(library)}
        looks = {name: value for name, value in values.items() if isinstance(value, np.ndarray)}
        boxes = [dataclasses.astuple(ticket.box) for ticket in library.tickets]
        return KnownSources(looks, np.array(boxes, dtype=np.int64).reshape(-1, 4))

    def box(self, source: int) -> Box:
        """Which pixels of its plate frame source `source` shows."""
        return Box(*self.boxes[source].tolist())

    def library(self, tickets: Sequence[Ticket], crops: CropFile) -> SourceLibrary:
        """The library again, its pixels read anew into `crops`."""
        return SourceLibrary(**self.looks, tickets=tuple(tickets), crops=crops)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All of it as plain arrays."""
        return {**self.looks, "boxes": self.boxes}

    @staticmethod
    def from_arrays(arrays: Mapping[str, NDArray[Any]]) -> KnownSources:
        """What `arrays` made."""
        return KnownSources({key: part for key, part in arrays.items() if key != "boxes"}, arrays["boxes"])


class SourceCollector:
    """Collects sources of one track while the plate streams by.

    At most 960 are kept. When they are full, every other block of 24 frames is dropped and from then on
    only every second block is taken, so a long clip keeps runs of consecutive frames from all along it.
    """

    def __init__(self, crops: CropFile) -> None:
        self._crops = crops
        self._kept: list[tuple[int, Ticket, MouthLook]] = []
        self._rows_seen = 0
        self._stride = 1

    def add(self, frame: PlateFrame, landmarks: NDArray[np.float32]) -> None:
        """Show the next row of the track: its frame and landmarks (478, 3) pixels."""
        row = self._rows_seen
        self._rows_seen += 1
        if (row // _BLOCK_FRAMES) % self._stride:
            return
        box = mouth_box(landmarks, float(width_of_face(landmarks)), frame.width, frame.height)
        if box.width < 8 or box.height < 8:
            return
        pixels = finite_working(frame.working(box))
        self._kept.append((row, self._crops.add(pixels, box), look_at_mouth(pixels, box, landmarks)))
        if len(self._kept) >= _MOST_SOURCES:
            self._stride *= 2
            taken = self._kept
            self._kept = [kept for kept in taken if (kept[0] // _BLOCK_FRAMES) % self._stride == 0]
            for dropped in taken:
                if (dropped[0] // _BLOCK_FRAMES) % self._stride:
                    self._crops.give_back(dropped[1])

    def library(self) -> SourceLibrary:
        """What was collected."""
        looks = [look for _, _, look in self._kept]
        return SourceLibrary(
            rows=np.array([row for row, _, _ in self._kept], dtype=np.int64),
            inside=_stacked([look.inside for look in looks], (12, 32, 3)),
            light=_stacked([look.light for look in looks], (8, 8, 3)),
            sharpness=np.array([look.sharpness for look in looks], dtype=np.float32),
            redness=np.array([look.redness for look in looks], dtype=np.float32),
            tickets=tuple(ticket for _, ticket, _ in self._kept),
            crops=self._crops,
        )


def in_usual_light(library: SourceLibrary, track: FaceTrack) -> SourceLibrary:
    """`library` as it would look had the light on `track` never changed; its pixels stay as they are."""
    light = track.light
    if light is None or not light.stops.any():
        return library
    inside, thumbnails, sharpness = library.inside.copy(), library.light.copy(), library.sharpness.copy()
    for place, row in enumerate(library.rows.tolist()):
        shown, points = library.tickets[place].box, track.landmarks[row]
        inside[place] = light.relit_mouth(inside[place], row)
        thumbnails[place] = light.relit(thumbnails[place], shown, points, row, None)
        before, after = float(library.light[place].mean()), float(thumbnails[place].mean())
        sharpness[place] *= max(after, 1e-3) / max(before, 1e-3)
    return replace(library, inside=inside, light=thumbnails, sharpness=sharpness)


def uncovered(library: SourceLibrary, track: FaceTrack) -> SourceLibrary:
    """`library` without the frames in which something lies before the face of `track`.

    Where that is all of them, as under a subtitle that never goes, those that show some of the lips.
    """
    if track.occlusion is None or len(track.occlusion.rows) == 0:
        return library
    bare = np.flatnonzero(~track.occlusion.is_covered(library.rows))
    if len(bare) == 0:
        bare = np.flatnonzero(track.occlusion.mouth_share[library.rows] < HIDDEN_SHARE)
    return library.only(bare)


def _stacked(arrays: list[NDArray[np.float32]], shape: tuple[int, ...]) -> NDArray[np.float32]:
    return np.stack(arrays) if arrays else np.zeros((0, *shape), dtype=np.float32)
