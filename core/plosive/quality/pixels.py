# SPDX-License-Identifier: Apache-2.0
"""What the pixels of one face in one frame say, as a few numbers: detail, skin, teeth, colour."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from plosive.faces.measure import inter_ocular, width_of_face
from plosive.faces.topology import INNER_LIPS, OUTER_LIPS
from plosive.geometry import Box

__all__ = ["BAND_SIGMAS", "FacePixels", "lower_face_box", "measure_pixels"]

BAND_SIGMAS = (0.7, 1.4, 2.8)
"""Pixels: detail is measured in the bands between neighbouring Gaussians, the first against the picture;
above that it is shape, not sharpness.
"""

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
_LUMA = np.array([0.2126, 0.7152, 0.0722], dtype=np.float32)


@dataclass(frozen=True)
class FacePixels:
    """One face in one frame. Values are those of the file's own display encoding, 0..1.

    `detail` (2, 3): mean square of each band of luma in the lips' region and in that of eyes and nose.
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
    face_width = float(width_of_face(landmarks))
    points = landmarks[:, :2]
    lips, eyes = _LIP_MARGIN_FACES * face_width, 0.0
    detail = np.stack([_detail(rgb, points[OUTER_LIPS], lips), _detail(rgb, points[_EYES_AND_NOSE], eyes)])
    margin = 4 * _SKIN_BLUR_FACES * face_width + 2
    skin = _blurred_at(
        rgb, points[_CHIN_AND_CHEEKS + _NOSE_AND_CHEEKBONES], _SKIN_BLUR_FACES * face_width, margin
    )
    lower, upper = skin[: len(_CHIN_AND_CHEEKS)], skin[len(_CHIN_AND_CHEEKS) :]
    inside = _blurred_at(rgb, _inside_points(points), _INSIDE_BLUR_FACES * face_width, 6.0)
    return FacePixels(
        detail=detail,
        skin=lower @ _LUMA,
        upper=upper @ _LUMA,
        inside=inside @ _LUMA,
        whiteness=float(inside.min(axis=1).mean()),
        lower_colour=lower.mean(axis=0),
        upper_colour=upper.mean(axis=0),
    )


def _detail(rgb: NDArray[np.uint8], outline: NDArray[np.float32], grown: float) -> NDArray[np.float32]:
    """Mean square of each band of luma (3,) within the hull of `outline` (N, 2), grown by pixels."""
    import cv2

    box = _box_of(outline, int(grown + 3 * BAND_SIGMAS[-1]) + 1, rgb)
    if box.is_empty:
        return np.zeros(len(BAND_SIGMAS), dtype=np.float32)
    luma = cv2.transform(rgb[box.slices].astype(np.float32), _LUMA[None] / 255)
    region = _region(luma.shape, outline - np.array([box.left, box.top], dtype=np.float32), grown)
    blurred = [luma, *(cv2.GaussianBlur(luma, (0, 0), sigma) for sigma in BAND_SIGMAS)]
    inside = [picture[region] for picture in blurred]
    if len(inside[0]) == 0:
        return np.zeros(len(BAND_SIGMAS), dtype=np.float32)
    return np.array(
        [((finer - coarser) ** 2).mean() for finer, coarser in pairwise(inside)], dtype=np.float32
    )


def _blurred_at(
    rgb: NDArray[np.uint8], points: NDArray[np.float32], sigma: float, margin: float
) -> NDArray[np.float32]:
    """R'G'B' 0..1 (N, 3) of the picture, blurred by `sigma` pixels, at `points` (N, 2)."""
    import cv2

    box = _box_of(points, int(margin) + 1, rgb)
    if box.is_empty:
        return np.zeros((len(points), 3), dtype=np.float32)
    crop, local = rgb[box.slices], points - np.array([box.left, box.top], dtype=np.float32)
    # A wide blur needs no full resolution: halving costs less than it saves and changes nothing that is seen.
    while sigma >= 3.0:
        size = max(1, crop.shape[1] // 2), max(1, crop.shape[0] // 2)
        local = (local + 0.5) * (np.array(size) / (crop.shape[1], crop.shape[0])) - 0.5
        crop, sigma = (
            np.asarray(cv2.resize(crop, size, interpolation=cv2.INTER_AREA), dtype=np.uint8),
            sigma / 2,
        )
    soft = cv2.GaussianBlur(crop.astype(np.float32) / 255, (0, 0), max(sigma, 0.5))
    places = np.ascontiguousarray(local[None], dtype=np.float32)
    sampled = cv2.remap(
        soft, places[..., 0], places[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(sampled[0], dtype=np.float32)


def lower_face_box(
    landmarks: NDArray[np.float32],
    width: int,
    height: int,
    side_iod: float = 0.85,
    below_iod: float = 0.75,
    above_iod: float = 0.3,
) -> Box:
    """From the eyes to below the chin and beyond the cheeks. As it stands: where a new mouth and
    jaw may change the picture; margins are in inter-ocular distances.
    """
    iod = float(inter_ocular(landmarks[None])[0])
    x, y = landmarks[:468, 0], landmarks[:468, 1]
    top = float(np.minimum(landmarks[6, 1], landmarks[197, 1])) - above_iod * iod
    return Box(
        int(x.min() - side_iod * iod),
        int(top),
        int(np.ceil(x.max() + side_iod * iod)),
        int(np.ceil(y.max() + below_iod * iod)),
    ).clipped(width, height)


def _box_of(points: NDArray[np.float32], margin: int, rgb: NDArray[np.uint8]) -> Box:
    low, high = points.min(axis=0) - margin, points.max(axis=0) + margin
    box = Box(int(low[0]), int(low[1]), int(high[0]) + 1, int(high[1]) + 1)
    return box.clipped(rgb.shape[1], rgb.shape[0])


def _region(shape: tuple[int, ...], outline: NDArray[np.float32], grown: float) -> NDArray[np.bool_]:
    import cv2

    mask = np.zeros(shape[:2], dtype=np.uint8)
    hull = cv2.convexHull(np.rint(outline).astype(np.int32))
    cv2.fillConvexPoly(mask, hull, 1)
    if grown >= 1:
        size = 2 * int(grown) + 1
        mask = cv2.dilate(mask, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)))
    return np.asarray(mask > 0)


def _inside_points(points: NDArray[np.float32]) -> NDArray[np.float32]:
    """A grid over the mouth opening, (45, 2): nine columns along the lips, five rows from lip to lip."""
    upper, lower = points[INNER_LIPS[1:10]], points[INNER_LIPS[:10:-1]]
    shares = (np.arange(_INSIDE_ROWS, dtype=np.float32) + 0.5) / _INSIDE_ROWS
    grid = upper[None] + shares[:, None, None] * (lower - upper)[None]
    return np.asarray(grid.reshape(-1, 2), dtype=np.float32)
