# SPDX-License-Identifier: Apache-2.0
"""An actor's mouth shapes: from a few numbers (how open, how wide, ...) to 478 points, and exactly closed
lips.

A shape is what the actor's own frames teach (`ShapeModel`), then moved the rest of the way by plain rules of
lips and jaw, so that what is asked is reached exactly even where the shot has no such mouth.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from plosive.faces.head import RIGID_POINTS
from plosive.faces.measure import mouth_channels
from plosive.generate.lip_rules import LipRules
from plosive.generate.mesh import JAW_POINTS
from plosive.generate.shape_model import ShapeModel

__all__ = ["ActorShapes"]

_PERFORMANCE_FRAMES = 12.0


class ActorShapes:
    """Learns from `upright` (N, 478, 3) float32 of one actor and their `angles_degrees` (N, 3), see
    `HeadFit`.
    """

    def __init__(self, upright: NDArray[np.float32], angles_degrees: NDArray[np.float32]) -> None:
        self._model = ShapeModel(upright, angles_degrees)
        self._rules = LipRules(self._model.mean)
        self.moving = _speech_weight(self._model.mean)

    def shapes(
        self,
        upright: NDArray[np.float32],
        angles_degrees: NDArray[np.float32],
        wished: NDArray[np.float32],
    ) -> NDArray[np.float32]:
        """Shapes for T consecutive frames that show the actor as `upright` (T, 478, 3) turned by
        `angles_degrees` (T, 3) but should be `wished`.

        `wished` is (T, 4+): aperture, width, jaw, outer height in `mouth_channels` units. What the actor
        does beyond speech (smile, asymmetry: the slow part of the difference between own shape and what
        the model makes of own numbers) is kept. An aperture of 0 or less gives inner lips that coincide.
        Returns (T, 478, 3) float32.
        """
        own = mouth_channels(upright)
        performance = _slow(upright - self._model.shapes(own, angles_degrees), _PERFORMANCE_FRAMES)
        made = self._model.shapes(wished, angles_degrees) + performance
        made = _lightly_smoothed(made)
        for frame in range(len(made)):
            made[frame] = self._rules.reached(made[frame], wished[frame, :4])
        weight = self.moving[None, :, None]
        return np.asarray(upright + weight * (made - upright), dtype=np.float32)


def _speech_weight(mean: NDArray[np.float32]) -> NDArray[np.float32]:
    """How much speech may move each point (478,): 1 below the nose, 0 above it and at rigid points."""
    ramp = np.clip((mean[:, 1] + 0.22) / 0.2, 0, 1)
    weight = ramp * ramp * (3 - 2 * ramp)
    outline = mean[JAW_POINTS, 1]
    near_ear = np.clip((outline - outline[[0, -1]].mean()) / (0.4 * np.ptp(outline)), 0, 1)
    weight[JAW_POINTS] = near_ear
    weight[RIGID_POINTS] = 0.0
    return np.asarray(weight, dtype=np.float32)


def _slow(moving: NDArray[np.float32], sigma_frames: float) -> NDArray[np.float32]:
    from scipy.ndimage import gaussian_filter1d

    return np.asarray(gaussian_filter1d(moving, sigma_frames, axis=0, mode="nearest"), dtype=np.float32)


def _lightly_smoothed(shapes: NDArray[np.float32]) -> NDArray[np.float32]:
    """Each frame with a sixth of its neighbours: takes landmark noise away without blunting closures."""
    before = np.concatenate([shapes[:1], shapes[:-1]])
    after = np.concatenate([shapes[1:], shapes[-1:]])
    return np.asarray((before + 4 * shapes + after) / 6, dtype=np.float32)
