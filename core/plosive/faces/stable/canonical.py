# SPDX-License-Identifier: Apache-2.0
"""MediaPipe's canonical face, one average head in centimetres, and heads put in centimetres with it.

Landmarks know a head's shape and pose up to size: a small face nearby looks like a large one far away. Taking
the person's upper face to be as large as the canonical one settles that, within some 5 % of what people's
faces differ by; a focal length then settles the distance.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plosive.faces.head import RIGID_POINTS, HeadFit
from plosive.faces.measure import aperture_iod

__all__ = ["MetricHead", "canonical_vertices", "identity_shape", "metric_head", "usual_focal_pixels"]

_REST_SHARE = 0.25


@dataclass(frozen=True)
class MetricHead:
    """One head in centimetres over T frames, seen by a pinhole camera of `focal_pixels` whose axis meets the
    middle of the picture.

    `shape` (478, 3) float32 is the person's face at rest, the same in all frames: origin at the nose base, x
    to the picture's right, y down, z away, level as the canonical face is. `rotation` (T, 3, 3) and
    `translation` (T, 3) take it into the camera's axes (the same directions): camera = shape @ rotation +
    translation.
    """

    shape: NDArray[np.float32]
    rotation: NDArray[np.float32]
    translation: NDArray[np.float32]
    focal_pixels: float

    def picture(self, width: int, height: int) -> NDArray[np.float32]:
        """Where the face at rest appears in a picture of `width` x `height` pixels: (T, 478, 2) pixels."""
        seen = np.einsum("pi,tij->tpj", self.shape, self.rotation) + self.translation[:, None]
        middle = np.array([width, height], dtype=np.float32) / 2
        return np.asarray(seen[..., :2] / seen[..., 2:] * self.focal_pixels + middle, dtype=np.float32)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Everything, as plain arrays."""
        return {
            "shape": self.shape,
            "rotation": self.rotation,
            "translation": self.translation,
            "focal_pixels": np.array(self.focal_pixels),
        }

    @classmethod
    def from_arrays(cls, arrays: dict[str, NDArray[Any]]) -> MetricHead:
        """What `arrays` gave."""
        focal_pixels = float(arrays["focal_pixels"])
        return cls(arrays["shape"], arrays["rotation"], arrays["translation"], focal_pixels)


def canonical_vertices() -> NDArray[np.float32]:
    """The canonical face's 468 vertices, which are landmarks 0..467: (468, 3) centimetres, x to the picture's
    right, y down, z away from the camera.
    """
    path = files("plosive.faces.stable") / "canonical_face.csv"
    with path.open(encoding="ascii") as table:
        stored = np.loadtxt(table, delimiter=",", dtype=np.float32)
    return stored * np.array([1, -1, -1], dtype=np.float32)


def usual_focal_pixels(width: int, height: int) -> float:
    """Focal length of a normal lens, 50 mm before a 36 x 24 mm picture, over a picture of that diagonal."""
    return float(np.hypot(width, height)) * 50 / float(np.hypot(36, 24))


def identity_shape(upright: NDArray[np.float32]) -> NDArray[np.float32]:
    """One person's face at rest (478, 3) from upright frames (T, 478, 3) of one track or of all theirs: the
    mean of the quarter whose lips are least apart, in inter-ocular distances, origin at the nose base.
    """
    apart = aperture_iod(upright)
    rest = np.argsort(apart, kind="stable")[: max(1, int(len(upright) * _REST_SHARE))]
    shape = upright[np.sort(rest)].mean(axis=0)
    return np.asarray(shape - shape[2], dtype=np.float32)


def metric_head(
    head: HeadFit,
    width: int,
    height: int,
    *,
    shape: NDArray[np.float32] | None = None,
    focal_pixels: float | None = None,
) -> MetricHead:
    """`head` in centimetres, in a picture of `width` x `height` pixels. `shape` is the person's, from
    `identity_shape` (of this head where it is not given); `focal_pixels` what is known of the lens, else
    `usual_focal_pixels`: distances grow with it in proportion, rotation and size hardly change.

    The head's turn is seen along the ray to it, so it is turned on by that ray; its place is then the one
    that shows its still points nearest to where they are (linear least squares, exact perspective).
    """
    shape = identity_shape(head.upright) if shape is None else shape
    focal = usual_focal_pixels(width, height) if focal_pixels is None else focal_pixels
    canonical = canonical_vertices()[RIGID_POINTS]
    size_cm, level = _onto_canonical(shape[RIGID_POINTS].astype(np.float64), canonical)
    places = head.picture(head.upright[:, RIGID_POINTS])[..., :2] - np.array([width, height]) / 2
    seen = places / focal
    rotation = level.T @ np.einsum("tij,tjk->tik", head.turn, _towards(seen.mean(axis=1)))
    shape_cm = shape @ level * size_cm
    translation = _places(np.einsum("pi,tij->tpj", shape_cm[RIGID_POINTS], rotation), seen)
    return MetricHead(
        shape_cm.astype(np.float32), rotation.astype(np.float32), translation.astype(np.float32), focal
    )


def _onto_canonical(
    own: NDArray[np.float64], canonical: NDArray[np.float32]
) -> tuple[float, NDArray[np.float64]]:
    """Size and rotation (3, 3) that lay still points (P, 3) over the canonical face's (Umeyama 1991)."""
    goal = canonical.astype(np.float64) - canonical.mean(axis=0)
    start = own - own.mean(axis=0)
    left, spread, right = np.linalg.svd(start.T @ goal)
    sign = np.array([1, 1, np.sign(np.linalg.det(left @ right))])
    return float((spread * sign).sum() / (start**2).sum()), np.asarray(left * sign @ right)


def _places(turned: NDArray[np.float64], seen: NDArray[np.float64]) -> NDArray[np.float64]:
    """Translations (T, 3) that show points (T, P, 3) at `seen` (T, P, 2), pictures at focal length 1: each
    says x + t_x = seen_x (z + t_z), and so for y.
    """
    count, points = seen.shape[:2]
    rows = np.zeros((count, points, 2, 3))
    rows[..., 0, 0] = rows[..., 1, 1] = 1
    rows[..., 2] = -seen
    right = seen * turned[..., 2:] - turned[..., :2]
    rows, right = rows.reshape(count, -1, 3), right.reshape(count, -1, 1)
    normal, goal = np.swapaxes(rows, 1, 2) @ rows, np.swapaxes(rows, 1, 2) @ right
    return np.asarray(np.linalg.solve(normal, goal)[..., 0])


def _towards(places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rotations (T, 3, 3), rows times matrix, that take the camera's axis to the ray through `places` (T, 2),
    pictures at focal length 1: about the axis square to both (Rodrigues' formula).
    """
    ray = np.concatenate([places, np.ones((len(places), 1))], axis=1)
    x, y, z = (ray / np.linalg.norm(ray, axis=1, keepdims=True)).T
    cross = np.zeros((len(ray), 3, 3))
    cross[:, 0, 2], cross[:, 1, 2] = x, y
    cross -= np.swapaxes(cross, 1, 2)
    turn = np.eye(3) + cross + cross @ cross / (1 + z)[:, None, None]
    return np.asarray(np.swapaxes(turn, 1, 2))
