# SPDX-License-Identifier: Apache-2.0
"""What scoring hands back: figures, points, flagged ranges, and the curves behind them."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from plosive.media.timecode import FrameRange
from plosive.quality.figure import Figure

__all__ = ["Equality", "FaceScore", "Flag", "Point", "Scorecard", "ScoredPhone", "frame_name"]


@dataclass(frozen=True)
class Point:
    """One of the five points: `value` 0..1, None where it could not be judged; `reason` is one sentence."""

    key: str
    title: str
    value: float | None
    reason: str


@dataclass(frozen=True)
class Flag:
    """A range worth doing again. Frames are in the result's own numbers; `severity` 0..1; `value` is the
    figure's in this range, `reference` the limit it crossed. `face` is the person's number, 0 for the whole
    picture.
    """

    first_frame: int
    last_frame_inclusive: int
    figure: str
    severity: float
    value: float
    reference: float
    face: int
    sentence: str


@dataclass(frozen=True)
class FaceScore:
    """One face track of the result. `number` and `name` are the person's, who has a track in every shot.
    `is_scored` is False for faces that were seen but not asked for; they have no figures. `reasons` are
    (first frame, last frame inclusive, why it is not measured).
    """

    number: int
    shot: int
    first_frame: int
    last_frame_inclusive: int
    frames: int
    width_pixels: float
    is_scored: bool
    figures: tuple[Figure, ...] = ()
    reasons: tuple[tuple[int, int, str], ...] = ()
    name: str = ""


@dataclass(frozen=True)
class ScoredPhone:
    """A phone of the dub in seconds after the result's first frame."""

    symbol: str
    start_seconds: Fraction
    end_seconds: Fraction


@dataclass(frozen=True)
class Equality:
    """One thing that must come back as it was. `is_equal` is None where it could not be compared."""

    name: str
    plate: str
    result: str
    is_equal: bool | None


@dataclass(frozen=True)
class Scorecard:
    """The score of one result.

    `series` holds curves over all `frame_count` frames, (T,) float32 with NaN where nothing was measured:
    `aperture`, `aperture_expected`, `width`, `width_expected`, `jaw`, `jaw_expected` (range units: 0 closed,
    1 wide open for this actor), `sharpness`, `flicker`, `popping`, `seam` (ratios to the plate's, or to this
    face's usual value without a plate). A key is absent when it was not measured at all. `lip_boxes` (T, 4)
    float32 are left, top, right, bottom of the lower face in pixels, NaN where no face is. `frame_seconds`
    (T) is when each frame appears, counted from the first. `total` sums the points that could be judged,
    out of `total_of`. `plate_range` is the part of the plate that the result holds, in the plate's own
    numbers; None where it holds all.
    """

    result: Path
    plate: Path | None
    dub: Path
    frame_rate: Fraction
    first_frame: int
    frame_count: int
    start_timecode: str | None
    width: int
    height: int
    frame_seconds: tuple[Fraction, ...]
    faces: tuple[FaceScore, ...]
    figures: tuple[Figure, ...]
    points: tuple[Point, ...]
    flags: tuple[Flag, ...]
    series: dict[str, NDArray[np.float32]]
    lip_boxes: NDArray[np.float32]
    phones: tuple[ScoredPhone, ...]
    speech_source: str
    speech_confidence: float
    equalities: tuple[Equality, ...] = ()
    warnings: tuple[str, ...] = ()
    stage_seconds: dict[str, float] = field(default_factory=dict)
    plate_range: FrameRange | None = None

    @property
    def total(self) -> float:
        return sum(point.value for point in self.points if point.value is not None)

    @property
    def total_of(self) -> int:
        return sum(point.value is not None for point in self.points)

    @property
    def last_frame_inclusive(self) -> int:
        return self.first_frame + self.frame_count - 1

    def figure(self, key: str) -> Figure | None:
        """The whole result's figure of that key."""
        return next((figure for figure in self.figures if figure.key == key), None)

    def timecode(self, frame: int) -> str:
        """Timecode of a frame in the result's own numbers; its number where the result has no timecode."""
        return frame_name(frame, self.first_frame, self.start_timecode, self.frame_rate)


def frame_name(frame: int, first_frame: int, start_timecode: str | None, frame_rate: Fraction) -> str:
    """See `Scorecard.timecode`."""
    from plosive.media.timecode import Timecode

    if start_timecode is None:
        return str(frame)
    return str(Timecode.parse(start_timecode, frame_rate) + (frame - first_frame))
