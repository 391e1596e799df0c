# SPDX-License-Identifier: Apache-2.0
"""One face being followed: where it was, where it should be next, and what it looks like."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from plosive.faces.finding.look import agreement
from plosive.faces.finding.region import FaceRegion
from plosive.faces.finding.tiles import TILE_PIXELS, Tile

__all__ = ["LONGEST_GAP_FRAMES", "FittedFace", "FollowedFace"]

LONGEST_GAP_FRAMES = 12
_LEARNING = 0.3
_STEADY_FACES = 0.05
_STEADY_AGREEMENT, _JUMP_AGREEMENT = 0.2, 0.7
_JUMP_FACES, _JUMP_TIMES = 0.4, 1.35
_SEARCHED_FACES = 4.0


@dataclass(frozen=True)
class FittedFace:
    """Landmarks (478, 3) found in the frame at hand, the region around them, and their look."""

    landmarks: NDArray[np.float32]
    region: FaceRegion
    look: NDArray[np.float32]


@dataclass
class FollowedFace:
    """The state of a track while frames stream by."""

    key: int
    shot: int
    last_index: int
    region: FaceRegion
    look: NDArray[np.float32]
    step: tuple[float, float] = (0.0, 0.0)
    indices: list[int] = field(default_factory=list)
    landmarks: list[NDArray[np.float32]] = field(default_factory=list)

    def expected(self, index: int) -> FaceRegion:
        """Where the face should be in frame `index`: it goes on as it went, unless it hardly moved.

        A resting face keeps its region to the pixel, because the landmark model's answer depends a little
        on the region.
        """
        frames = min(index - self.last_index, LONGEST_GAP_FRAMES)
        x, y = self.step
        if (x * x + y * y) ** 0.5 < _STEADY_FACES * self.region.face_width:
            return self.region
        # Heads swing: from the second frame on half the way is the safer guess.
        share = 1.0 if frames == 1 else 1.0 + 0.5 * (frames - 1) / frames
        return self.region.moved(x * share, y * share)

    def tile(self, index: int) -> Tile:
        """Where to look for it when it is lost."""
        region = self.expected(index)
        side = max(_SEARCHED_FACES * region.face_width, TILE_PIXELS / 4)
        return Tile(region.x - side / 2, region.y - side / 2, side)

    def recognises(self, index: int, face: FittedFace) -> bool:
        """Whether what was fitted where the face should be is still this face."""
        expected = self.expected(index)
        jumped = expected.away(face.region) > _JUMP_FACES or expected.times_larger(face.region) > _JUMP_TIMES
        return agreement(self.look, face.look) >= (_JUMP_AGREEMENT if jumped else _STEADY_AGREEMENT)

    def price(self, index: int, face: FittedFace) -> float | None:
        """What taking the face up again as `face` would cost; None where it cannot be the same."""
        gap = index - self.last_index
        away = self.expected(index).away(face.region)
        reach = min(0.5 + 0.25 * gap, 2.0)
        alike = agreement(self.look, face.look)
        if (
            away > reach
            or self.region.times_larger(face.region) > 1.6
            or alike < (0.3 if away < 0.4 else 0.6)
        ):
            return None
        return away / reach + 2 * (1 - alike)

    def accept(self, index: int, face: FittedFace, keep: bool) -> None:
        """Go on with `face` in frame `index`; its landmarks are stored where they are to be kept."""
        frames = index - self.last_index
        if frames == 1:
            self.step = (face.region.x - self.region.x, face.region.y - self.region.y)
        elif frames > 1:
            self.step = (0.0, 0.0)
        if self.look.any():
            self.look = ((1 - _LEARNING) * self.look + _LEARNING * face.look).astype(np.float32)
        else:
            self.look = face.look
        self.region, self.last_index = face.region, index
        if keep:
            self.indices.append(index)
            self.landmarks.append(face.landmarks)
