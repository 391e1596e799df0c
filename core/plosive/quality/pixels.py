# SPDX-License-Identifier: Apache-2.0
"""What the pixels of one face in one frame say, as a few numbers: detail, skin, teeth, colour."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from plosive.faces.measure import inter_ocular
from plosive.geometry import Box

__all__ = ["BAND_SIGMAS", "OUTER_LIPS", "FacePixels", "lower_face_box", "measure_pixels"]

BAND_SIGMAS = (0.7, 1.4, 2.8, 5.6)
"""Pixels: detail is measured in the bands between neighbouring Gaussians, the first against the picture."""

OUTER_LIPS = [61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291, 375, 321, 405, 314, 17, 84, 181, 91, 146]
_UPPER_INNER = [191, 80, 81, 82, 13, 312, 311, 310, 415]
_LOWER_INNER = [95, 88, 178, 87, 14, 317, 402, 318, 324]
_INSIDE_ROWS = 5
_CHIN_AND_CHEEKS = [
    164, 167, 393, 165, 391, 92, 322, 186, 410, 57, 287, 43, 273, 106, 335, 182, 406, 83, 313, 18,
    194, 418, 204, 424, 201, 421, 200, 199, 208, 428, 212, 432, 214, 434, 202, 422,
]  # fmt: skip
_NOSE_AND_CHEEKBONES = [6, 197, 195, 5, 122, 351, 50, 280, 101, 330, 118, 347, 117, 346, 36, 266, 100, 329]
_EYES_AND_NOSE = [70, 63, 105, 66, 107, 9, 336, 296, 334, 293, 300, 340, 280, 330, 266, 2, 36, 101, 50, 111]
_SKIN_BLUR_FACES = 0.015
_INSIDE_BLUR_FACES = 0.005
_LIP_MARGIN_FACES = 0.04
_MIRROR_MARGIN_FACES = 0.05


@dataclass(frozen=True)
class FacePixels:
    """One face in one frame. Values are those of the file's own display encoding, 0..1.

    `detail` (2, 4): mean square of each band of luma in the lips' region and in that of eyes and nose.
    `skin` (36,), `upper` (18,): luma of blurred skin at landmarks of chin and cheeks, of nose and cheekbones.
    `inside` (45,): luma of the mouth opening in coordinates of its own outline. `whiteness`: mean of the
    least of R, G, B there (teeth are white; lips lack green and blue). `lower_colour`, `upper_colour` (3,):
    mean R'G'B' of the two sets of skin.
    """

    detail: NDArray[np.float32]
    skin: NDArray[np.float32]
    upper: NDArray[np.float32]
    inside: NDArray[np.float32]
    whiteness: float
    lower_colour: NDArray[np.float32]
    upper_colour: NDArray[np.float32]


def measure_pixels(rgb: NDArray[np.uint8], landmarks: NDArray[np.float32]) -> FacePixels:
    """Numbers of the face with `landmarks` (478, 3) pixels in the picture `rgb` (H, W, 3) uint8."""
    import cv2

    face_width = float(np.linalg.norm(landmarks[234] - landmarks[454]))
    points = landmarks[:, :2]
    margin = int(4 * BAND_SIGMAS[-1] + _MIRROR_MARGIN_FACES * face_width)
    box = _box_of(points, margin, rgb.shape[1], rgb.shape[0])
    crop = rgb[box.slices].astype(np.float32) / 255
    local = points - np.array([box.left, box.top], dtype=np.float32)
    luma = crop @ np.array([0.2126, 0.7152, 0.0722], dtype=np.float32)
    lips, eyes = (
        _region(luma.shape, local[OUTER_LIPS], _LIP_MARGIN_FACES * face_width),
        _region(luma.shape, local[_EYES_AND_NOSE], 0.0),
    )
    blurred = [luma, *(cv2.GaussianBlur(luma, (0, 0), sigma) for sigma in BAND_SIGMAS)]
    detail = np.zeros((2, len(BAND_SIGMAS)), dtype=np.float32)
    for band, (finer, coarser) in enumerate(pairwise(blurred)):
        power = (finer - coarser) ** 2
        detail[:, band] = [float(power[region].mean()) if region.any() else 0.0 for region in (lips, eyes)]
    soft = cv2.GaussianBlur(crop, (0, 0), max(0.7, _SKIN_BLUR_FACES * face_width))
    lower, upper = _at(soft, local[_CHIN_AND_CHEEKS]), _at(soft, local[_NOSE_AND_CHEEKBONES])
    crisp = cv2.GaussianBlur(crop, (0, 0), max(0.5, _INSIDE_BLUR_FACES * face_width))
    inside = _at(crisp, _inside_points(local))
    weights = np.array([0.2126, 0.7152, 0.0722], dtype=np.float32)
    return FacePixels(
        detail=detail,
        skin=lower @ weights,
        upper=upper @ weights,
        inside=inside @ weights,
        whiteness=float(inside.min(axis=1).mean()),
        lower_colour=lower.mean(axis=0),
        upper_colour=upper.mean(axis=0),
    )


def lower_face_box(
    landmarks: NDArray[np.float32],
    width: int,
    height: int,
    side_iod: float = 0.5,
    below_iod: float = 0.6,
) -> Box:
    """From the eyes' lower edge to below the chin and beyond the cheeks. As it stands: where a new mouth and
    jaw may change the picture; margins are in inter-ocular distances.
    """
    iod = float(inter_ocular(landmarks[None])[0])
    x, y = landmarks[:468, 0], landmarks[:468, 1]
    top = float(np.minimum(landmarks[6, 1], landmarks[197, 1])) - 0.1 * iod
    return Box(
        int(x.min() - side_iod * iod),
        int(top),
        int(np.ceil(x.max() + side_iod * iod)),
        int(np.ceil(y.max() + below_iod * iod)),
    ).clipped(width, height)


def _box_of(points: NDArray[np.float32], margin: int, width: int, height: int) -> Box:
    low, high = points[:468].min(axis=0) - margin, points[:468].max(axis=0) + margin
    return Box(int(low[0]), int(low[1]), int(high[0]) + 1, int(high[1]) + 1).clipped(width, height)


def _region(shape: tuple[int, ...], outline: NDArray[np.float32], grown: float) -> NDArray[np.bool_]:
    import cv2

    mask = np.zeros(shape[:2], dtype=np.uint8)
    hull = cv2.convexHull(np.rint(outline).astype(np.int32))
    cv2.fillConvexPoly(mask, hull, 1)
    if grown >= 1:
        size = 2 * int(grown) + 1
        mask = cv2.dilate(mask, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)))
    return np.asarray(mask > 0)


def _at(picture: NDArray[np.float32], points: NDArray[np.float32]) -> NDArray[np.float32]:
    """Bilinear samples (N, 3) of `picture` (h, w, 3) at `points` (N, 2)."""
    import cv2

    places = np.ascontiguousarray(points[None], dtype=np.float32)
    sampled = cv2.remap(
        picture, places[..., 0], places[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(sampled[0], dtype=np.float32)


def _inside_points(points: NDArray[np.float32]) -> NDArray[np.float32]:
    """A grid over the mouth opening, (45, 2): nine columns along the lips, five rows from lip to lip."""
    upper, lower = points[_UPPER_INNER], points[_LOWER_INNER]
    shares = (np.arange(_INSIDE_ROWS, dtype=np.float32) + 0.5) / _INSIDE_ROWS
    grid = upper[None] + shares[:, None, None] * (lower - upper)[None]
    return np.asarray(grid.reshape(-1, 2), dtype=np.float32)
