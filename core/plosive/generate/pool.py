# SPDX-License-Identifier: Apache-2.0
"""All source mouths of one shot: those of its own track, and those of other takes of the same actor."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plosive.faces.occlusion.fill import filled
from plosive.faces.track import FaceTrack
from plosive.generate.crops import CropFile, Ticket
from plosive.generate.sources import SourceLibrary, in_usual_light
from plosive.geometry import Box

__all__ = ["SourcePool", "source_keys", "taken_apart"]

_KEYS_A_TAKE = 1 << 40
_BETWEEN_RUNS = 1000


def source_keys(takes: NDArray[np.int64], frame_indices: NDArray[np.int64]) -> NDArray[np.int64]:
    """One number for each pair of take and frame (N,); of take 0 the frame's index itself."""
    return np.asarray(takes * _KEYS_A_TAKE + frame_indices, dtype=np.int64)


def taken_apart(keys: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Takes and frames of what `source_keys` made."""
    return keys // _KEYS_A_TAKE, keys % _KEYS_A_TAKE


@dataclass(frozen=True)
class SourcePool:
    """N source mouths of one shot, as parallel arrays; N >= 1.

    `landmarks` (N, 478, 3) float32 are pixels of the picture a source was cut from; `upright` (N, 478, 3)
    the same without its pose, `angles_degrees` (N, 3: yaw, pitch, roll), see `HeadFit`. `inside` (N, 12,
    32, 3), `light` (N, 8, 8, 3), `sharpness` and `redness` (N,) float32 are its look (`MouthLook`) in the
    shot's usual light; `levels` (N, 3) the light it was shown in, in stops about that. `take` (N,) is 0 for
    the plate, else which take of the job (1 and up); `frame_indices` (N,) the frame of that file.
    `rows` (N,) are rows of the shot's own `track`, -1 for other takes and the plate's other shots. `scale`
    (N,) float32 is how many pixels of the plate a pixel of a source becomes, about; `cost` (N,) what
    choosing a source costs beyond
    its unlikeness, in the units of `choose_sources`: 0 for the shot's own. `order` (N,) rises: one that
    follows another in the same take and shot is greater by exactly 1, and no other is.
    """

    track: FaceTrack
    landmarks: NDArray[np.float32]
    upright: NDArray[np.float32]
    angles_degrees: NDArray[np.float32]
    levels: NDArray[np.float32]
    inside: NDArray[np.float32]
    light: NDArray[np.float32]
    sharpness: NDArray[np.float32]
    redness: NDArray[np.float32]
    take: NDArray[np.int64]
    frame_indices: NDArray[np.int64]
    rows: NDArray[np.int64]
    order: NDArray[np.int64]
    scale: NDArray[np.float32]
    cost: NDArray[np.float32]
    tickets: tuple[Ticket, ...]
    crops: CropFile

    def __len__(self) -> int:
        return len(self.order)

    @staticmethod
    def of(track: FaceTrack, library: SourceLibrary) -> SourcePool:
        """The sources of the shot's own `track`."""
        usual, rows = in_usual_light(library, track), library.rows
        count = len(rows)
        light = track.light
        return SourcePool(
            track=track,
            landmarks=track.landmarks[rows],
            upright=track.head.upright[rows],
            angles_degrees=track.head.angles_degrees()[rows],
            levels=np.zeros((count, 3), dtype=np.float32) if light is None else light.levels[rows],
            inside=usual.inside,
            light=usual.light,
            sharpness=usual.sharpness,
            redness=usual.redness,
            take=np.zeros(count, dtype=np.int64),
            frame_indices=track.indices[rows],
            rows=rows,
            order=track.indices[rows],
            scale=np.ones(count, dtype=np.float32),
            cost=np.zeros(count, dtype=np.float32),
            tickets=library.tickets,
            crops=library.crops,
        )

    @property
    def keys(self) -> NDArray[np.int64]:
        """`source_keys` of every source."""
        return source_keys(self.take, self.frame_indices)

    def only(self, places: NDArray[np.int64]) -> SourcePool:
        """Those of the sources (0..N-1, rising)."""
        values: dict[str, Any] = {}
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if isinstance(value, np.ndarray):
                values[field.name] = value[places]
        tickets = tuple(self.tickets[place] for place in places.tolist())
        return dataclasses.replace(self, **values, tickets=tickets)

    def joined(self, other: SourcePool) -> SourcePool:
        """These sources and those of `other`, whose pixels lie in the same file; no run goes across."""
        values: dict[str, Any] = {}
        for field in dataclasses.fields(self):
            ours, theirs = getattr(self, field.name), getattr(other, field.name)
            if isinstance(ours, np.ndarray):
                values[field.name] = np.concatenate([ours, theirs])
        start = int(self.order[-1]) + _BETWEEN_RUNS - int(other.order[0])
        values["order"] = np.concatenate([self.order, other.order + start])
        return dataclasses.replace(self, **values, tickets=self.tickets + other.tickets)

    def pixels(self, source: int) -> tuple[NDArray[np.float32], Box]:
        """Pixels (h, w, 3) float32 working of `source` (0..N-1), and the box of its picture they show."""
        ticket = self.tickets[source]
        return self.crops.read(ticket), ticket.box

    def lit_pixels(self, source: int, row: int | None) -> tuple[NDArray[np.float32], Box]:
        """As `pixels`, without what covers the face, in the light that the shot's own track has in `row`;
        None is its usual light.
        """
        pixels, shown = self.pixels(source)
        own_row, track = (int(self.rows[source]) if self.rows[source] >= 0 else None), self.track
        if track.occlusion is not None and own_row is not None:
            cover = track.occlusion.alpha(own_row, shown, pixels)
            pixels = pixels if cover is None else filled(pixels, cover)
        if track.light is not None:
            pixels = track.light.relit(pixels, shown, self.landmarks[source, :, :2], own_row, row)
        return pixels, shown

    def followed(self, source: int, steps: int) -> int:
        """The source `steps` after `source` (before it, where negative); itself where there is none."""
        wanted = self.order[source] + steps
        place = int(np.searchsorted(self.order, wanted))
        return place if place < len(self) and self.order[place] == wanted else source
