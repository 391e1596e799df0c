# SPDX-License-Identifier: Apache-2.0
"""Plain rules of lips and jaw: a shape moved until it measures what is asked, exactly, even where the actor
was never seen so.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from plosive.faces.measure import INNER_LIP_PAIRS
from plosive.generate.lips import LOWER_RINGS, UPPER_RINGS, spread_rings

__all__ = ["LipRules"]

_APERTURE, _WIDTH, _JAW, _OUTER = 0, 1, 2, 3
_LOWER_LIP_SHARE = 0.75
_LEAST_SKIN_SHARE = 0.6
_BELOW_LIP = np.array(
    [
        [146, 91, 181, 84, 17, 314, 405, 321, 375],
        [43, 106, 182, 83, 18, 313, 406, 335, 273],
        [202, 204, 194, 201, 200, 421, 418, 424, 422],
    ]
)
"""Edge of the lower lip, the skin next to it, and the skin after that, corner to corner."""


class LipRules:
    """Moves a shape until it measures what is asked: lips by profile, jaw by hinge, corners apart."""

    def __init__(self, mean: NDArray[np.float32]) -> None:
        left, right = mean[61], mean[291]
        middle_x = (left[0] + right[0]) / 2
        half = abs(right[0] - left[0]) / 2
        across = (mean[:, 0] - middle_x) / half
        self._height = float(np.linalg.norm(mean[168, :2] - mean[2, :2]))
        profile = np.clip(1 - across**2, 0, None) ** 0.7
        line = (mean[13, 1] + mean[14, 1]) / 2
        down = mean[:, 1] - line
        chin = mean[152, 1] - line
        top = line - mean[2, 1]
        # Of an actor known with closed lips, much of the lower lip lies above the line of its middle.
        lower = np.isin(np.arange(len(mean)), LOWER_RINGS[:, 1:-1])
        is_upper = np.isin(np.arange(len(mean)), _upper_lip_points()) | ((down < 0) & ~lower)
        fade_down = np.clip(1 - 0.5 * down / chin, 0, 1)
        fade_up = np.clip(1 + down / top, 0, 1)
        self._opening = np.where(is_upper, -(1 - _LOWER_LIP_SHARE) * fade_up, _LOWER_LIP_SHARE * fade_down)
        # Skin beside and below the lower lip goes along, or the lip's edge would fold over it.
        beside = np.clip(1 - (across / 1.35) ** 2, 0, None) ** 1.3
        skin = ~is_upper & ~np.isin(np.arange(len(mean)), _lip_points())
        towards_chin = np.clip(down / (0.6 * chin), 0, 1)
        wide = np.maximum(beside, towards_chin * _bell(across, 2.2))
        self._opening *= np.where(skin, np.maximum(profile, wide), profile)
        self._lip_to_skin = (mean[_BELOW_LIP[1], :2] - mean[_BELOW_LIP[0], :2]).astype(np.float64)
        below_lip = np.clip((chin - down) / (chin - (mean[17, 1] - line)), 0, 1)
        self._outer = np.where(is_upper, -0.4 * fade_up, 0.6 * below_lip) * profile
        self._outer[_inner_lip_points()] = 0.0
        lip_edge = mean[17, 1] - line
        hinge = np.clip((down - 0.5 * lip_edge) / (chin - 0.5 * lip_edge), 0, 1.2)
        ears = np.linalg.norm(mean[[234, 454], :2] - mean[152, :2], axis=1).mean()
        near_chin = np.clip(1 - np.linalg.norm(mean[:, :2] - mean[152, :2], axis=1) / ears, 0, 1)
        self._jaw = np.where(is_upper & (down < 0), 0.0, hinge * np.minimum(1.0, 2.0 * near_chin))
        self._jaw /= max(float(self._jaw[152]), 1e-6)
        self._widening = np.clip(across, -1, 1) * _bell(across, 2.0) * np.exp(-((down / (0.8 * chin)) ** 2))
        self._widening /= max(float(self._widening[291] - self._widening[61]), 1e-6)

    def reached(self, shape: NDArray[np.float32], wished: NDArray[np.float32]) -> NDArray[np.float32]:
        """`shape` (478, 3) moved until it measures `wished` (4,)."""
        made = shape.astype(np.float64).copy()
        target = np.maximum(wished.astype(np.float64), [0.0, 0.05, 0.0, 0.0])
        made[:, 0] += self._widening * (target[_WIDTH] - _width(made))
        made[:, 1] += self._opening * (target[_APERTURE] * self._height - _gap(made))
        room = max(target[_OUTER], target[_APERTURE] + 0.12) * self._height - _outer_height(made)
        made[:, 1] += self._outer * room
        made[:, 1] += self._jaw * (target[_JAW] - _jaw(made))
        _set_inner_gap(made, target[_APERTURE] * self._height)
        spread_rings(made, shape.astype(np.float64))
        self._unfold(made)
        return made.astype(np.float32)

    def _unfold(self, shape: NDArray[np.float64]) -> None:
        """Keep the skin below the lower lip outside it, at 0.6 of its usual distance or more, in place.

        On wide mouths the tracker lets the two touch; a source with another opening would fold there.
        """
        lip, skin, further = _BELOW_LIP
        length = np.linalg.norm(self._lip_to_skin, axis=1)
        outward = self._lip_to_skin / length[:, None]
        present = ((shape[skin, :2] - shape[lip, :2]) * outward).sum(axis=1)
        missing = np.maximum(_LEAST_SKIN_SHARE * length - present, 0)[:, None] * outward
        shape[skin, :2] += missing
        shape[further, :2] += missing / 2


def _gap(shape: NDArray[np.float64]) -> float:
    upper, lower = INNER_LIP_PAIRS[:3, 0], INNER_LIP_PAIRS[:3, 1]
    return float((shape[lower, 1] - shape[upper, 1]).mean())


def _width(shape: NDArray[np.float64]) -> float:
    return float(np.linalg.norm(shape[61, :2] - shape[291, :2]))


def _jaw(shape: NDArray[np.float64]) -> float:
    return float(shape[152, 1] - shape[2, 1])


def _outer_height(shape: NDArray[np.float64]) -> float:
    return float(shape[17, 1] - shape[0, 1])


def _set_inner_gap(shape: NDArray[np.float64], gap: float) -> None:
    """Scale the gaps of all nine inner pairs so that the middle three measure `gap`; at 0 they coincide."""
    upper, lower = INNER_LIP_PAIRS[:, 0], INNER_LIP_PAIRS[:, 1]
    present = np.maximum(shape[lower, 1] - shape[upper, 1], 0.0)
    middle = float(present[:3].mean())
    if gap <= 1e-4:
        meeting = shape[upper] * _LOWER_LIP_SHARE + shape[lower] * (1 - _LOWER_LIP_SHARE)
        shape[upper] = meeting
        shape[lower] = meeting
        return
    if middle > 1e-4:
        wanted = present * (gap / middle)
    else:
        across = np.abs(shape[upper, 0] - shape[upper[0], 0])
        wanted = gap * np.clip(1 - (across / max(_width(shape) / 2, 1e-6)) ** 2, 0, 1) ** 0.7
    more = wanted - (shape[lower, 1] - shape[upper, 1])
    shape[upper, 1] -= (1 - _LOWER_LIP_SHARE) * more
    shape[lower, 1] += _LOWER_LIP_SHARE * more


def _upper_lip_points() -> NDArray[np.int64]:
    outer = [0, 37, 39, 40, 185, 267, 269, 270, 409]
    middle = [11, 72, 73, 74, 302, 303, 304, 12, 38, 41, 42, 268, 271, 272]
    return np.array([*outer, *middle, *INNER_LIP_PAIRS[:, 0].tolist()])


def _lip_points() -> NDArray[np.int64]:
    return np.asarray(np.unique(np.concatenate([UPPER_RINGS.ravel(), LOWER_RINGS.ravel()])))


def _inner_lip_points() -> NDArray[np.int64]:
    return np.asarray(INNER_LIP_PAIRS.ravel())


def _bell(across: NDArray[np.float32], reach: float) -> NDArray[np.float32]:
    return np.asarray(np.exp(-((across / reach) ** 2) * 2), dtype=np.float32)
