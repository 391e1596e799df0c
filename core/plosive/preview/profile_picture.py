# SPDX-License-Identifier: Apache-2.0
"""The grey face from the side, cut through its middle: what pushes forward and what tucks under."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from plosive.preview.lip_pose import MouthPose
from plosive.preview.palette import AMBER, CLOSED, PANEL, SKIN, TEETH, TONGUE

__all__ = ["ProfilePicture"]

_ABOVE = np.array([6, 197, 195, 5, 4, 1, 19, 94, 2, 164, 0, 11, 12, 13])
_BELOW = np.array([14, 15, 16, 17, 18, 200, 199, 175, 152])
_SHIFT = 4
_UPPER_RED, _LOWER_RED = slice(10, 13), slice(1, 4)
_FULLNESS = np.array([0.02, 0.055, 0.06])  # of the lips' red, which the mesh leaves flat
_BACK = 0.62  # z at which the cut ends
_CAVITY_BACK = 0.42


class ProfilePicture:
    """Draws the side view into a picture of `width` x `height` pixels; `scale` as in `FacePicture`."""

    def __init__(self, width: int, height: int, scale: float) -> None:
        self._size, self._scale = (width, height), scale
        self._origin = np.array([width * 0.42, height * 0.36])

    def draw(self, points: NDArray[np.float64], pose: MouthPose) -> NDArray[np.uint8]:
        """The middle of `points` (468, 3), a posed face: (height, width, 3) RGB."""
        import cv2

        picture = np.full((self._size[1], self._size[0], 3), PANEL, np.uint8)
        above, below = points[_ABOVE][:, [2, 1]], points[_BELOW][:, [2, 1]]
        above[_UPPER_RED, 0] -= _FULLNESS
        below[_LOWER_RED, 0] -= _FULLNESS[::-1] * (1 - 0.8 * pose.is_tucked)
        gap = np.array([[_CAVITY_BACK, above[-1, 1]], [_CAVITY_BACK, below[0, 1]]])
        ends = np.array([[_BACK, below[-1, 1] + 0.05], [_BACK, above[0, 1]]])
        if pose.tongue > 0 and not pose.is_closed:
            self._fill(picture, self._tongue(above[-1], below[0], pose.tongue), TONGUE)
        if pose.teeth > 0 and not pose.is_closed:
            top = np.array([[0.1, above[-1, 1] - 0.02], [0.16, above[-1, 1] - 0.02]])
            edge = max(pose.teeth_y, float(above[-1, 1]) + 0.028)
            self._fill(picture, np.concatenate([top, [[0.13, edge], [0.1, edge]]]), TEETH)
        self._fill(picture, np.concatenate([above, gap, below, ends]), SKIN)
        if pose.is_sealed or pose.is_tucked:
            seam = np.concatenate([above[-1:], below[:1]]).mean(axis=0)
            centre = self._pixels(seam[None])[0]
            colour = CLOSED if pose.is_sealed else AMBER
            cv2.circle(picture, centre.tolist(), 5 << _SHIFT, colour, -1, cv2.LINE_AA, _SHIFT)
        return picture

    def _tongue(
        self, upper: NDArray[np.float64], lower: NDArray[np.float64], up: float
    ) -> NDArray[np.float64]:
        tip = lower[1] + 0.03 + up * (upper[1] - lower[1] - 0.02)
        z = np.array([_CAVITY_BACK, 0.2, 0.13, 0.2, _CAVITY_BACK])
        return np.stack([z, [upper[1] + 0.02, tip, tip + 0.02, lower[1] + 0.06, lower[1] + 0.1]], axis=1)

    def _fill(self, picture: NDArray[np.uint8], outline: NDArray[np.float64], colour: object) -> None:
        import cv2

        cv2.fillPoly(picture, [self._pixels(outline)], colour, cv2.LINE_AA, _SHIFT)

    def _pixels(self, outline: NDArray[np.float64]) -> NDArray[np.int32]:
        flat = outline * self._scale + self._origin
        return np.asarray(np.rint(flat * (1 << _SHIFT)), np.int32)
