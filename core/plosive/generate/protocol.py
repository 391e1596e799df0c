# SPDX-License-Identifier: Apache-2.0
"""What a mouth generator is given and what it returns.

A generator sees one face in one shot at a time. `plan` looks at the whole shot (which sources, which shapes);
the plan then renders frames one by one, in any order, so memory stays flat in clip length.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from plosive.faces.track import FaceTrack
from plosive.generate.pool import SourcePool
from plosive.geometry import Box
from plosive.media.plate import PlateFrame

__all__ = ["Generator", "MouthWish", "Patch", "Plan", "Shot"]


@dataclass(frozen=True)
class MouthWish:
    """What the mouth should do at each frame of one track, in that actor's own units; T = track rows.

    `values` (T, 5) float32, columns as `plosive.motion.CHANNELS`, in the units of
    `faces.measure.mouth_channels` of upright landmarks. `closure`, `tuck`, `rest` (T,) as in `MotionCurves`.
    """

    values: NDArray[np.float32]
    closure: NDArray[np.float32]
    tuck: NDArray[np.float32]
    rest: NDArray[np.float32]


@dataclass(frozen=True)
class Shot:
    """All a generator may use: the face, what it should do, and pictures of it."""

    track: FaceTrack
    wish: MouthWish
    sources: SourcePool
    seed: int


@dataclass(frozen=True)
class Patch:
    """New pixels for one frame, working encoding, before light is matched and before merging.

    All arrays share the rows and columns of `box`. `base` (h, w, 3) float32 is the plate itself moved to
    the new jaw; `base_matte` (h, w) float32 is 0 where it equals the plate. `mouth` (h, w, 3) lies over it
    where `mouth_matte` (h, w, feathered) says; outside it may hold anything finite. `plate_map` (h, w, 2)
    float32 gives the plate pixel (x, y, picture coordinates, pixel centres at integers) that `base` shows.
    `cover` (h, w) is how far something lies before the face (1: the plate stays), None for nothing.
    `face_width` is in pixels, the unit of feathers and blurs. `source_index` is the frame the mouth came
    from: the plate's, or that of take `source_take` (1 and up) where that is not 0.
    """

    box: Box
    base: NDArray[np.float32]
    base_matte: NDArray[np.float32]
    mouth: NDArray[np.float32]
    mouth_matte: NDArray[np.float32]
    plate_map: NDArray[np.float32]
    face_width: float
    source_index: int
    cover: NDArray[np.float32] | None = None
    source_take: int = 0


class Plan(Protocol):
    """A shot, thought through."""

    def render(self, row: int, frame: PlateFrame) -> Patch | None:
        """The patch for row `row` of the track, whose plate frame is `frame`; None to keep the plate."""

    def choices(self) -> dict[str, object]:
        """What was chosen and why, ready for JSON."""


class Generator(Protocol):
    """Makes new mouths. The same shot and seed give the same bits on one device."""

    @property
    def name(self) -> str:
        """What the artist types after --generator."""

    @property
    def licence(self) -> str:
        """Licence of the code and of every weight it uses, in one line."""

    def plan(self, shot: Shot) -> Plan:
        """Think one shot through."""
