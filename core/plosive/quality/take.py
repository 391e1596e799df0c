# SPDX-License-Identifier: Apache-2.0
"""One face through one shot of a result, beside the dub and the plate in time: what figures start from."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from plosive.faces.visibility import mouth_reasons
from plosive.quality.difference import EdgeMeasure
from plosive.quality.expectation import Expectation
from plosive.quality.observation import FaceObservation

__all__ = ["Take", "usable_reasons"]

_LEAST_PLATE_FRAMES = 8


@dataclass(frozen=True)
class Take:
    """`seen` are T frames of a face; `times` (T,) float64 their centres in seconds after the first frame.

    `plate` is the same face in the plate, None where there is no plate or the face is not in it. `edges` (T)
    are the edges of what was changed, None in a frame that was not. Of a result that plays at another speed
    than its dub `times` are moments of the dub, which may fall, and `heard_rate` is how many frames play in
    a second of it.
    """

    seen: FaceObservation
    plate: FaceObservation | None
    expectation: Expectation
    times: NDArray[np.float64]
    frame_rate: Fraction
    edges: tuple[EdgeMeasure | None, ...] = ()
    heard_rate: Fraction | None = None

    @property
    def rate(self) -> float:
        """Frames in a second of the dub."""
        return float(self.heard_rate or self.frame_rate)

    @cached_property
    def usable(self) -> NDArray[np.bool_]:
        """Rows (T,) whose mouth can be judged."""
        return np.array([reason == "" for reason in usable_reasons(self.seen)], dtype=bool)

    @cached_property
    def plate_usable(self) -> NDArray[np.bool_]:
        """The same for the rows of `plate`, (0,) without one; none where they are too few to compare with."""
        if self.plate is None:
            return np.zeros(0, dtype=bool)
        usable = np.array([reason == "" for reason in usable_reasons(self.plate)], dtype=bool)
        return usable & (np.count_nonzero(usable) >= _LEAST_PLATE_FRAMES)

    @property
    def has_plate(self) -> bool:
        return bool(self.plate_usable.any())

    @cached_property
    def follows(self) -> NDArray[np.bool_]:
        """Rows (T,) whose frame before is the row before, both usable; False for the first."""
        linked = np.zeros(len(self.seen), dtype=bool)
        linked[1:] = (np.diff(self.seen.indices) == 1) & self.usable[1:] & self.usable[:-1]
        return linked

    @cached_property
    def lip_speed(self) -> NDArray[np.float32]:
        """Mean speed of the lips' upright outline, inter-ocular distances a second: (T,), NaN where unknown
        (no frame right before).
        """
        speed = np.full(len(self.seen), np.nan, dtype=np.float32)
        step = np.linalg.norm(np.diff(self.seen.lips, axis=0), axis=2).mean(axis=1) * self.rate
        speed[1:][self.follows[1:]] = step[self.follows[1:]]
        return speed


def usable_reasons(seen: FaceObservation) -> list[str]:
    """Why the mouth of each row cannot be judged, '' where it can."""
    return mouth_reasons(seen.face_widths, seen.angles[:, 0], seen.is_inside)
