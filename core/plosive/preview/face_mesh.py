# SPDX-License-Identifier: Apache-2.0
"""The grey face's surface: its points at rest, and how all of them follow a few that are placed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from plosive.faces.topology import INNER_LIPS, OUTER_LIPS
from plosive.preview.lip_pose import RESTING, WIDEST, MouthPose

__all__ = ["JAW", "JAW_SHARES", "LIP_COUNT", "FaceMesh", "face_mesh"]

JAW = np.array([152, 148, 377, 176, 400, 149, 378, 150, 379, 136, 365, 172, 397, 58, 288, 199, 200, 175, 18])
"""Points of the chin, its tip first, and of the jaw's line."""

JAW_SHARES = np.array([1, 1, 1, 1, 1, 1, 1, 0.85, 0.85, 0.6, 0.6, 0.35, 0.35, 0.15, 0.15, 1, 1, 1, 0.9])
"""How far each of `JAW` goes with the chin: less towards the hinge."""

LIP_COUNT = len(OUTER_LIPS)
_FIXED = np.concatenate(
    [
        [10, 338, 109, 151, 9, 8, 168, 6, 197, 195, 5, 4, 1, 2, 98, 327, 94, 19, 48, 278, 64, 294],  # nose
        [33, 133, 362, 263, 145, 374, 105, 334, 46, 276, 107, 336, 31, 261, 230, 450],  # eyes
        [119, 348, 50, 280, 117, 346, 128, 357, 116, 345, 118, 347],  # cheekbones
        [234, 454, 127, 356, 93, 323, 132, 361, 21, 251, 67, 297, 54, 284, 103, 333],  # outline
    ]
)


@dataclass(frozen=True)
class FaceMesh:
    """Points and triangles of the face; units as in `face.json`.

    `points` (468, 3) float64; `triangles` (N, 3) int32, far ones first, those of the lips last: `lips` (N,)
    marks them. `follow` (468, H) carries displacements of the H `handles` (landmark numbers: outer
    lips, inner lips, jaw, fixed points) to all points.
    """

    points: NDArray[np.float64]
    triangles: NDArray[np.int32]
    lips: NDArray[np.bool_]
    handles: NDArray[np.intp]
    follow: NDArray[np.float64]

    def placed(self, pose: MouthPose) -> NDArray[np.float64]:
        """All points (468, 3) with lips and jaw in `pose` and the other handles at rest."""
        jaw = self.points[JAW] + JAW_SHARES[:, None] * (pose.chin - self.points[JAW[0]])
        targets = np.concatenate([pose.outer, pose.inner, jaw])
        count = len(targets)
        moves = targets - self.points[self.handles[:count]]
        return np.asarray(self.points + self.follow[:, :count] @ moves)

    def moved(self, least: float) -> NDArray[np.bool_]:
        """Which points (468,) the widest poses carry at least so far."""
        far = np.stack([np.abs(self.placed(pose) - self.placed(RESTING)) for pose in WIDEST])
        return np.asarray(far.max(axis=(0, 2)) >= least)


def face_mesh() -> FaceMesh:
    """The mesh, read from `face.json`.

    Points between handles follow by radial basis functions (the distance itself: the polyharmonic spline of
    three dimensions, Duchon 1977), so that a handle is met exactly and cheeks stretch smoothly.
    """
    text = Path(__file__).with_name("face.json").read_text(encoding="utf-8")
    face = json.loads(text)
    points, triangles = np.array(face["points"], np.float64), np.array(face["triangles"], np.int32)
    handles = np.concatenate([OUTER_LIPS, INNER_LIPS, JAW, _FIXED])
    at = points[handles]
    between = np.linalg.norm(at[:, None] - at[None], axis=-1)
    count = len(at)
    flat = np.concatenate([np.ones((count, 1)), at], axis=1)
    system = np.block([[between, flat], [flat.T, np.zeros((4, 4))]])
    reach = np.linalg.norm(points[:, None] - at[None], axis=-1)
    basis = np.concatenate([reach, np.ones((len(points), 1)), points], axis=1)
    follow = np.linalg.solve(system.T, basis.T).T[:, :count]
    depth = points[triangles, 2].mean(axis=1)
    lips = _lip_triangles(points, triangles)
    order = np.lexsort((-depth, lips))
    return FaceMesh(points, triangles[order], lips[order], handles, follow)


def _lip_triangles(points: NDArray[np.float64], triangles: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Which triangles lie between the lips' two contours."""
    import cv2

    outline = points[OUTER_LIPS, :2].astype(np.float32)
    middles = points[triangles, :2].mean(axis=1)
    return np.array(
        [cv2.pointPolygonTest(outline, (float(x), float(y)), False) > 0 for x, y in middles], bool
    )
