# SPDX-License-Identifier: Apache-2.0
"""What a mouth generator is given and what it returns.

A generator sees one face in one shot at a time. `plan` looks at the whole shot (which sources, which shapes);
the plan then renders frames one by one, so memory stays flat in clip length. What every generator must keep
to is tested by `plosive.contract`; docs/generators.md shows how to write one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from plosive.faces.track import FaceTrack
from plosive.generate.facts import GeneratorFacts
from plosive.generate.pool import SourcePool
from plosive.geometry import Box
from plosive.media.plate import PlateFrame

__all__ = ["DubSound", "Generator", "MouthWish", "Patch", "Plan", "Shot"]


@dataclass(frozen=True)
class MouthWish:
    """What the mouth should do at each frame of one track, in that actor's own units; T = track rows.

    `values` (T, 5) float32, columns as `plosive.motion.CHANNELS`, in the units of
    `faces.measure.mouth_channels` of upright landmarks. `closure`, `tuck`, `rest` (T,) and `articulators`
    (T, 4) as in `MotionCurves`; `interior` (T, 3) as `motion.interior` tells what shows between the lips,
    None (both) where the sounds are not known.
    """

    values: NDArray[np.float32]
    closure: NDArray[np.float32]
    tuck: NDArray[np.float32]
    rest: NDArray[np.float32]
    articulators: NDArray[np.float32] | None = None
    interior: NDArray[np.float32] | None = None


@dataclass(frozen=True)
class DubSound:
    """The sound a face should say. `samples` reads all of it: (N,) float32, mono, 16 kHz, -1..1.
    `row_seconds` (T) is the moment of it at the middle of each row's frame; before 0 and past its end is
    silence.
    """

    samples: Callable[[], NDArray[np.float32]]
    row_seconds: tuple[Fraction, ...]


@dataclass(frozen=True)
class Shot:
    """All a generator may use: the face, what it should do, and pictures of it.

    `device` is where to compute: one of its own `GeneratorFacts.devices`. `dub` and `frames` are None
    unless it needs them. `frames` gives the plate's frames from an index on, decoded as they are asked for;
    every call starts anew, also while others run.
    """

    track: FaceTrack
    wish: MouthWish
    sources: SourcePool
    seed: int
    device: str = "cpu"
    dub: DubSound | None = None
    frames: Callable[[int], Iterator[PlateFrame]] | None = None


@dataclass(frozen=True)
class Patch:
    """New pixels for one frame, working encoding, before light is matched and before merging.

    All arrays share the rows and columns of `box`. `base` (h, w, 3) float32 is the plate itself moved to
    the new jaw; `base_matte` (h, w) float32 is 0 where it equals the plate. `mouth` (h, w, 3) lies over it
    where `mouth_matte` (h, w, feathered) says; outside it may hold anything finite. `plate_map` (h, w, 2)
    float32 gives the plate pixel (x, y, picture coordinates, pixel centres at integers) that `base` shows.
    `cover` (h, w) is how far something lies before the face (1: the plate stays), None for nothing.
    `face_width` is in pixels, the unit of feathers and blurs. `source_index` is the frame the mouth came
    from: the plate's, or that of take `source_take` (1 and up) where that is not 0; `is_repeated` says
    that its pixels were shown in one of the last frames, so that their grain is not new. `target` (478, 2)
    says where the landmarks of the new face lie, picture coordinates, None where the generator does not
    know.
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
    target: NDArray[np.float32] | None = None
    is_repeated: bool = False


class Plan(Protocol):
    """A shot, thought through. Several threads may render at once where `GeneratorFacts.is_any_order`."""

    def render(self, row: int, frame: PlateFrame) -> Patch | None:
        """The patch for row `row` of the track, whose plate frame is `frame`; None to keep the plate.

        Nothing it is given is changed. Raises DeviceMemoryError (or PyTorch's own) where `Shot.device` has
        too little memory: the shot is then planned again on the CPU.
        """

    def choices(self) -> dict[str, object]:
        """What was chosen and why, ready for JSON."""


class Generator(Protocol):
    """Makes new mouths. The same shot and seed give the same bits on one device."""

    @property
    def facts(self) -> GeneratorFacts:
        """What it says of itself; the same at every call, without loading anything."""

    def memory_bytes(self, face_width: float, device: str) -> int:
        """At most how much memory of `device` rendering one face `face_width` pixels wide takes, with its
        weights.
        """

    def plan(self, shot: Shot) -> Plan:
        """Think one shot through."""
