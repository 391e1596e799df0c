# SPDX-License-Identifier: Apache-2.0
"""Where the grey face's lips and jaw are for given curves: a plain model of a mouth.

Sizes are those of a usual mouth (`plosive.motion` gives them for its actors) in inter-ocular distances;
what is hard to see, jaw and protrusion, is drawn half as large again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plosive.motion.curves import ARTICULATORS, CHANNELS, MotionCurves

__all__ = ["RESTING", "WIDEST", "MouthPose", "mouth_pose"]

_LIP_LINE = 0.235  # below the nose base
_HALF_WIDTH, _WIDTH_GAIN, _RESTING_WIDTH = 0.305, 0.17, 0.48
_GAP = 0.2  # of the inner lips, for an aperture of 1
_UPPER_SHARE = 0.28  # of the gap that the upper lip opens
_UPPER_THICK, _LOWER_THICK = 0.08, 0.105
_CHIN, _JAW_DROP = (0.0, 0.745, 0.17), 0.13
_OUTER_CLOSED, _OUTER_GAIN = 0.173, 0.19
_DEPTH, _BOW = 0.035, 1.9  # z of the lips' middle, and how they bend back
_FORWARD = 0.13
_FULL = 0.995
_WIDEST_APERTURE = 1.8


@dataclass(frozen=True)
class MouthPose:
    """One frame's mouth. `outer` and `inner` (20, 3) are the contours in the order of `faces.topology`,
    `chin` (3,) is landmark 152. `teeth_y` and `tongue` say what shows between the lips: the edge of the upper
    teeth, and how far the tongue is up (0..1); `teeth` (0..1) how bright teeth are. `is_closed` when the lips
    meet, `is_sealed` when p, b or m holds them, `is_tucked` when f or v holds the lower lip.
    """

    outer: NDArray[np.float64]
    inner: NDArray[np.float64]
    chin: NDArray[np.float64]
    teeth_y: float
    teeth: float
    tongue: float
    is_closed: bool
    is_sealed: bool
    is_tucked: bool


def mouth_pose(curves: MotionCurves, row: int) -> MouthPose:
    """The pose for row `row` of `curves`."""
    names = (*CHANNELS, *ARTICULATORS)
    values = {name: float(curves.channel(name)[row]) for name in names}
    return _posed({**values, "closure": float(curves.closure[row]), "tuck": float(curves.tuck[row])})


def _posed(values: Mapping[str, float]) -> MouthPose:
    def at(name: str) -> float:
        return float(values.get(name, 0.0))

    aperture, width, jaw, outer = (at(name) for name in ("aperture", "width", "jaw", "outer_height"))
    closure, tuck = at("closure"), at("tuck")
    forward = _FORWARD * at("protrusion")
    gap = _GAP * min(max(aperture, 0.0), _WIDEST_APERTURE)
    drop = _JAW_DROP * float(np.clip(jaw, -0.2, 1.6))
    thick = float(np.clip((_OUTER_CLOSED + _OUTER_GAIN * max(outer, 0.0) - gap) / _OUTER_CLOSED, 0.85, 1.25))
    thick *= 1 - 0.18 * closure + 0.12 * at("protrusion")
    half = float(np.clip(_HALF_WIDTH + _WIDTH_GAIN * (width - _RESTING_WIDTH), 0.15, 0.40))
    half *= 1 - 0.12 * at("protrusion")
    raised = 0.035 * at("upper_raise") + 0.02 * tuck
    line = _LIP_LINE + 0.12 * drop * (gap > 0)
    top = line - _UPPER_SHARE * gap - raised * (1 - closure)
    bottom = line + (1 - _UPPER_SHARE) * gap - 0.012 * tuck
    along = np.cos(np.linspace(np.pi, 0, 11))  # -1 at the corner on the left, 1 on the right
    upper = _contours(along, half, line, top, _UPPER_THICK * thick, -1, forward)
    roll = 1 - 0.45 * tuck
    lower = _contours(along, half, line, bottom, _LOWER_THICK * thick * roll, 1, forward)
    lower[0][:, 2] += 0.03 * tuck * (1 - along**2)
    lower[1][:, 2] += 0.09 * tuck * (1 - along**2)
    outer_ring = np.concatenate([upper[0], lower[0][9:0:-1]])
    inner_ring = np.concatenate([upper[1], lower[1][9:0:-1]])
    chin = np.array(_CHIN) + np.array([0.0, drop, 0.12 * drop])
    return MouthPose(
        outer_ring,
        inner_ring,
        chin,
        teeth_y=_LIP_LINE + 0.012,
        teeth=max(at("teeth"), 0.9 * tuck),
        tongue=at("tongue"),
        is_closed=gap <= 1e-6,
        is_sealed=closure >= _FULL,
        is_tucked=tuck >= _FULL,
    )


def _contours(
    along: NDArray[np.float64],
    half: float,
    line: float,
    edge: float,
    thickness: float,
    side: int,
    forward: float,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Outer and inner contour (11, 3) of one lip, left to right; `side` -1 is the upper one."""
    lens = np.sqrt(np.maximum(1 - np.abs(along) ** 2.3, 0))
    inner_x, outer_x = 0.92 * half * along, half * along
    corner = line + 0.006
    inner_y = corner + (edge - corner) * lens
    if side < 0:  # the upper lip's bow dips in its middle
        bow = 1 - 0.16 * np.exp(-((along / 0.16) ** 2))
        full = np.maximum(1 - np.abs(along) ** 1.7, 0) ** 0.85 * bow
    else:
        full = np.maximum(1 - np.abs(along) ** 2.2, 0) ** 0.8
    outer_y = np.where(np.abs(along) > 0.999, corner, inner_y + side * thickness * full)
    ahead = forward * (1 - 0.7 * along**2)
    outer = np.stack([outer_x, outer_y, _DEPTH + _BOW * outer_x**2 - ahead], axis=1)
    inner = np.stack([inner_x, inner_y, _DEPTH + 0.02 + _BOW * inner_x**2 - ahead], axis=1)
    return outer, inner


RESTING = _posed({"width": _RESTING_WIDTH, "jaw": 0.1, "outer_height": 0.08})
"""A mouth at rest."""

WIDEST = (
    _posed({"aperture": 1.3, "width": 0.9, "jaw": 1.5, "outer_height": 1.3, "upper_raise": 1.0}),
    _posed({"aperture": 0.3, "width": -0.3, "jaw": -0.2, "outer_height": 0.5, "protrusion": 1.0}),
)
"""What a mouth does at most: wide open, and pushed forward."""
