# SPDX-License-Identifier: Apache-2.0
"""Colours of hair and clothes against the skin's own, so that a change of light changes little."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["COLOUR_BINS", "clothes_and_hair"]

_STEPS = 7
COLOUR_BINS = _STEPS**3
"""Length of a colour histogram: lightness, red against green, blue against green, seven steps each."""

_SKIN = [50, 280, 101, 330, 151, 9, 108, 337, 205, 425, 36, 266, 4, 5]
_FOREHEAD, _CHIN = 10, 152
_LEAST_INSIDE = 0.3
_DARKEST = 0.01
_FACE_PIXELS = 48.0  # finer pictures are averaged to about this many pixels from forehead to chin
_LIGHTNESS_STOPS = (-4.5, 6.0)  # lowest, span: log2 of linear light against the skin
_CHROMA_STOPS = (-2.0, 4.0)


def clothes_and_hair(
    rgb: NDArray[np.uint8], landmarks: NDArray[np.float32]
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Colour histograms (343,) uint8 below the chin and above the forehead of a face in `rgb` (H, W, 3).

    Square roots of histograms of sum 1, of 255; all zero where less than 30 % lies in the picture. Colours
    are logarithms of linear light against the skin of the same face: the light that falls on both goes out
    (von Kries). `landmarks` (478, 3) pixels.
    """
    forehead, chin = landmarks[_FOREHEAD, :2].astype(np.float64), landmarks[_CHIN, :2].astype(np.float64)
    down = chin - forehead
    tall = max(float(np.linalg.norm(down)), 1.0)
    along = np.array([down[1], -down[0]])
    side, depth = np.meshgrid(np.linspace(-0.3, 0.3, 24), np.linspace(0.03, 0.2, 12))
    hair = forehead + side.reshape(-1, 1) * along - depth.reshape(-1, 1) * down
    # Bodies stay upright when heads tilt.
    side, depth = np.meshgrid(np.linspace(-0.75, 0.75, 24), np.linspace(0.25, 1.1, 18))
    clothes = chin + np.stack([side.ravel(), depth.ravel()], axis=1) * tall
    coarse = max(1, round(tall / _FACE_PIXELS))
    skin = np.median(_stops(rgb, landmarks[_SKIN, :2].astype(np.float64), coarse)[0], axis=0)
    return tuple(_histogram(*_stops(rgb, places, coarse), skin) for places in (clothes, hair))  # type: ignore[return-value]


def _stops(
    rgb: NDArray[np.uint8], places: NDArray[np.float64], coarse: int
) -> tuple[NDArray[np.float64], float]:
    """Linear light, log2, at those of `places` (P, 2) that lie in the picture, and their share of all.

    Each is the mean of up to nine pixels, `coarse` in all across.
    """
    height, width = rgb.shape[:2]
    nearest = np.rint(places).astype(int)
    inside = np.all((nearest >= 0) & (nearest < (width, height)), axis=1)
    nearest = nearest[inside]
    if not len(nearest):
        return np.full((1, 3), np.log2(_DARKEST)), 0.0
    reach = [0] if coarse < 2 else [-(coarse // 2), 0, coarse // 2]
    total = np.zeros((len(nearest), 3))
    for across in reach:
        for down in reach:
            columns = np.clip(nearest[:, 0] + across, 0, width - 1)
            rows = np.clip(nearest[:, 1] + down, 0, height - 1)
            total += rgb[rows, columns]
    mean = total / (255.0 * len(reach) ** 2)
    return np.log2(mean**2.2 + _DARKEST), float(inside.mean())


def _histogram(stops: NDArray[np.float64], inside: float, skin: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Colours (P, 3) against `skin` (3,) shared out linearly between neighbouring steps."""
    if inside < _LEAST_INSIDE:
        return np.zeros(COLOUR_BINS, dtype=np.uint8)
    against = stops - skin
    lightness = (against.mean(axis=1) - _LIGHTNESS_STOPS[0]) / _LIGHTNESS_STOPS[1]
    red, blue = (
        (against[:, channel] - against[:, 1] - _CHROMA_STOPS[0]) / _CHROMA_STOPS[1] for channel in (0, 2)
    )
    place = np.clip(np.stack([lightness, red, blue], axis=1) * (_STEPS - 1), 0, _STEPS - 1 - 1e-6)
    lower = np.floor(place).astype(int)
    rest = place - lower
    counts = np.zeros(COLOUR_BINS)
    for corner in range(8):
        up = np.array([corner >> 2 & 1, corner >> 1 & 1, corner & 1])
        share = np.where(up == 1, rest, 1 - rest).prod(axis=1)
        counts += np.bincount((lower + up) @ (_STEPS * _STEPS, _STEPS, 1), share, minlength=COLOUR_BINS)
    return np.asarray(np.rint(np.sqrt(counts / counts.sum()) * 255), dtype=np.uint8)
