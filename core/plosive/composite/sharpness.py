# SPDX-License-Identifier: Apache-2.0
"""A mouth as sharp as the face it is laid on: focus and motion blur, told by the skin around the matte.

Both pictures show the same skin there, so only their blur differs. Gradients of a photograph fall with the
width of all its blurs together (its spectrum falls with the square of the frequency, Field 1987), so those of
two widths of our own tell the picture's, whatever its contrast; along x and along y by themselves.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plosive.generate.grain import LUMA

__all__ = ["GRADIENT_SIGMAS", "Blur", "blur_between", "blurred_like"]

GRADIENT_SIGMAS = (0.8, 1.6)
"""Gaussians, in pixels, behind which gradients are taken."""

_CELL = 16
_STEP = 3  # every ninth pixel tells a median as well
_BAND_MATTE = 0.05
_SAME_SKIN = 20 / 255
_FEWEST_CELLS = 8
_FLAT = (0.5 / 255) ** 2
_LEAST_RATIO, _LARGEST_RATIO = 1.03, 1.95
_UNSEEN, _SEEN = 0.7, 1.8  # squared pixels: up to so much is measuring noise, from so much all is matched
_SOFTENED, _SHARPENED = 20.0, 0.8  # squared pixels, the most
_SURE = 0.85  # a mouth a little too sharp is less of a fault than a soft one
_UNSHARP_SIGMA = 1.0
_SLOPE, _ONE = np.array([-1, 0, 1], dtype=np.float32), np.ones(1, dtype=np.float32)


@dataclass(frozen=True)
class Blur:
    """Squared widths, in pixels, of the Gaussian that is lacking along x and y; negative where the picture
    has to be sharpened.
    """

    across: float = 0.0
    down: float = 0.0

    @property
    def is_none(self) -> bool:
        """Whether nothing is lacking."""
        return self.across == 0 and self.down == 0


def blur_between(
    mouth: NDArray[np.float32],
    plate: NDArray[np.float32],
    unseen: NDArray[np.float32],
    noise: NDArray[np.float64] | None = None,
) -> Blur:
    """What `mouth` (h, w, 3) lacks of the blur of `plate` (h, w, 3), told where `unseen` (h, w) is about 0.

    `noise` (2, 2) is the power of gradients of the plate's grain, behind either Gaussian, along x and y.
    """
    import cv2

    if min(unseen.shape) < 2 * _CELL:
        return Blur()
    ours, theirs = (cv2.transform(picture, LUMA[None].astype(np.float32)) for picture in (mouth, plate))
    apart = cv2.blur(ours - theirs, (9, 9))
    trust = (
        (unseen < _BAND_MATTE) & (np.abs(apart - np.median(apart[::_STEP, ::_STEP])) < _SAME_SKIN)
    ).astype(np.float32)
    share = _cells(trust)
    counted = share > 0.5
    if np.count_nonzero(counted) < _FEWEST_CELLS:
        return Blur()
    floor = _FLAT if noise is None else noise[..., None, None]
    own, wanted = (_powers(picture, trust, share) - floor for picture in (ours, theirs))
    lacking = _lacking(own, wanted, counted)
    if not lacking.any():
        return Blur()
    # The spectrum is only about the usual one: what a first guess reaches tells how far it was off.
    guess = np.where(lacking > 0, lacking, 0)
    if guess.any():
        softer = cv2.GaussianBlur(ours, (0, 0), *np.sqrt(np.maximum(guess, 1e-4)))
        left_of_noise = floor if noise is None else floor * _noise_left(guess)[..., None, None]
        left = _lacking(_powers(softer, trust, share) - left_of_noise, wanted, counted, 0.0, 0.0)
        reached = np.clip(1 - left / np.maximum(lacking, 1e-3), 0.5, 2.0)
        lacking = np.where(lacking > 0, _SURE * lacking / reached, lacking)
    across, down = np.clip(lacking, -_SHARPENED, _SOFTENED).tolist()
    return Blur(across, down)


def blurred_like(picture: NDArray[np.float32], blur: Blur) -> NDArray[np.float32]:
    """`picture` (h, w, 3) with the blur it lacks: Gaussian, or an unsharp mask of radius 1 where it has too
    much.
    """
    import cv2

    result = picture
    if blur.across > 0 or blur.down > 0:
        widths = np.sqrt(np.maximum([blur.across, blur.down], 1e-4))
        result = cv2.GaussianBlur(result, (0, 0), widths[0], sigmaY=widths[1])
    for amount, sigmas in ((-blur.across, (_UNSHARP_SIGMA, 0.01)), (-blur.down, (0.01, _UNSHARP_SIGMA))):
        if amount > 0:
            softer = cv2.GaussianBlur(result, (0, 0), sigmas[0], sigmaY=sigmas[1])
            result = result + np.float32(amount) * (result - softer)
    return np.asarray(result, dtype=np.float32)


def _lacking(
    own: NDArray[np.float64],
    wanted: NDArray[np.float64],
    counted: NDArray[np.bool_],
    unseen: float = _UNSEEN,
    seen: float = _SEEN,
) -> NDArray[np.float64]:
    """Squared blur (2,: x, y) of `wanted` less that of `own`, powers (2 sigmas, 2 axes, cells)."""
    # Edges count by their power: codecs blur faint texture and leave edges, optics and motion blur both.
    weights = counted.astype(np.float64)
    fine, coarse = GRADIENT_SIGMAS
    widths = []
    for powers in (own, wanted):
        sums = np.maximum((powers * weights).sum(axis=(2, 3)), 1e-9)
        ratio = np.clip(sums[0] / sums[1], _LEAST_RATIO, _LARGEST_RATIO) ** 2
        widths.append((coarse**2 - fine**2 * ratio) / (ratio - 1))
    away = widths[1] - widths[0]
    if seen == 0:
        return np.asarray(away)
    return np.asarray(away * np.clip((np.abs(away) - unseen) / (seen - unseen), 0, 1))


def _noise_left(blur: NDArray[np.float64]) -> NDArray[np.float64]:
    """Share of the power of gradients of white noise (2 sigmas, 2 axes) behind a `blur` (2,) in squared
    pixels.
    """
    widths = np.square(GRADIENT_SIGMAS)[:, None]
    left = widths / (widths + blur)
    return np.asarray(left**1.5 * left[:, ::-1] ** 0.5)


def _powers(
    picture: NDArray[np.float32], trust: NDArray[np.float32], share: NDArray[np.float32]
) -> NDArray[np.float64]:
    """Power of the gradients of (h, w) in every cell: (2 sigmas, 2 axes: x, y, rows, columns)."""
    import cv2

    made = []
    for sigma in GRADIENT_SIGMAS:
        smooth = cv2.GaussianBlur(picture, (0, 0), sigma)
        for kernels in ((_SLOPE, _ONE), (_ONE, _SLOPE)):
            slope = cv2.sepFilter2D(smooth, cv2.CV_32F, kernels[0], kernels[1])
            made.append(_cells(slope * slope * trust) / np.maximum(share, 1e-3))
    return np.asarray(np.stack(made).reshape(2, 2, *share.shape), dtype=np.float64)


def _cells(picture: NDArray[np.float32]) -> NDArray[np.float32]:
    """Means over about 16 by 16 pixels."""
    import cv2

    size = (max(1, picture.shape[1] // _CELL), max(1, picture.shape[0] // _CELL))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), dtype=np.float32)
