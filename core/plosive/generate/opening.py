# SPDX-License-Identifier: Apache-2.0
"""The mouth opening of a target held against that of its source: the head still, the jaw moved."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plosive.generate.look import INNER_LOWER, INNER_UPPER

__all__ = ["CHIN_POINTS", "OpeningShape", "opening_shape"]

_NOSE_BASE = np.array([2, 94, 19, 98, 327, 164])
CHIN_POINTS = np.array([152, 175, 148, 377, 171, 396])
_LEAST_GAP_IOD = 0.01
_TEETH_OF_CHIN = 0.9


@dataclass(frozen=True)
class OpeningShape:
    """The mouth opening of a target and that of its source, both in pixels of the source turned upright by
    `axes` (2, 2), the head held still: contours (11, 2) corner to corner. `skull` (2, 3) takes target points
    to source points as the upper teeth go; `jaw_drop` is how far the lower teeth go down; `unit` is the
    source's inter-ocular distance.
    """

    skull: NDArray[np.float32]
    axes: NDArray[np.float32]
    goal_upper: NDArray[np.float32]
    goal_lower: NDArray[np.float32]
    own_upper: NDArray[np.float32]
    own_lower: NDArray[np.float32]
    jaw_drop: float
    unit: float

    @property
    def goal_gap(self) -> float:
        return _gap(self.goal_upper, self.goal_lower)

    @property
    def own_gap(self) -> float:
        return max(_gap(self.own_upper, self.own_lower), _LEAST_GAP_IOD * self.unit)

    @property
    def growth(self) -> float:
        """How many times as tall as in the source the opening has to be."""
        return self.goal_gap / self.own_gap

    @property
    def missing_iod(self) -> float:
        """How much the source lacks, in inter-ocular distances; negative where it shows too much."""
        return (self.goal_gap - self.own_gap) / self.unit


def opening_shape(
    source: NDArray[np.float32], target: NDArray[np.float32], outside: NDArray[np.float32]
) -> OpeningShape | None:
    """Compare landmarks `source` and `target` (478, 2) pixels; `outside` (2, 3) takes target points to source
    points as the face went. None for a target with closed lips.
    """
    axes = _axes(source)
    skull = outside.copy()
    skull[:, 2] += (source[_NOSE_BASE] - _moved(target[_NOSE_BASE], outside)).mean(axis=0)
    goal_upper, goal_lower = (_moved(target[row], skull) @ axes.T for row in (INNER_UPPER, INNER_LOWER))
    own_upper, own_lower = (source[row] @ axes.T for row in (INNER_UPPER, INNER_LOWER))
    unit = float(np.linalg.norm(source[33] - source[263]))
    if _gap(goal_upper, goal_lower) < _LEAST_GAP_IOD * unit:
        return None
    chin = float(((_moved(target[CHIN_POINTS], skull) - source[CHIN_POINTS]) @ axes.T).mean(axis=0)[1])
    lip_drop = float((goal_lower - own_lower)[3:8, 1].mean())
    jaw_drop = float(np.clip(_TEETH_OF_CHIN * chin, min(0.0, lip_drop), max(0.0, lip_drop)))
    return OpeningShape(skull, axes, goal_upper, goal_lower, own_upper, own_lower, jaw_drop, unit)


def _gap(upper: NDArray[np.float32], lower: NDArray[np.float32]) -> float:
    return float((lower - upper)[4:7, 1].mean())


def _axes(points: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rows: along the mouth and down it, in the picture: (2, 2). From the eyes, that no speech moves."""
    along = points[263] - points[33]
    along = along / max(float(np.linalg.norm(along)), 1e-6)
    return np.array([along, [-along[1], along[0]]], dtype=np.float32)


def _moved(points: NDArray[np.float32], affine: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(points @ affine[:, :2].T + affine[:, 2], dtype=np.float32)
