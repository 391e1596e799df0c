# SPDX-License-Identifier: Apache-2.0
"""What one uncovered face looks like: its mean, how it varies, and how much is noise.

Light that is smooth over the face is fitted per frame and taken out; what the face does beyond that is a few
principal directions of its own frames (Turk and Pentland 1991), fitted robustly so that a covered part does
not pull at the rest.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plosive.faces.occlusion.layout import FaceLayout

__all__ = ["Likeness", "LitFace", "learn_likeness", "light_gain"]

_BLACK = 12.0  # of 255: so that the logarithm of dark pixels is not noise
_LIGHT_PENALTY = np.array([0.1, 1, 1, 3, 3, 3], dtype=np.float32)
_LIGHT_ROUNDS = 4
_FIT_ROUNDS = 4
_FIT_EVERY = 3
_OUTLIER = 12.0
_SMOOTH_SHARE = 0.3  # how much a difference without detail counts: light and pose make such ones
_DETAIL_SIGMA = 1 / 14
_NOISE_FLOOR = 2.0
_MISPLACED_PIXELS = 0.35
_SPREADS = 4.0


@dataclass(frozen=True)
class LitFace:
    """One frame laid out, its face pixels P: `values` (P, 3) 0..255 with light taken out, `gain` (P, 3) that
    light, `facing` (P,) which pixels are seen well.
    """

    values: NDArray[np.float32]
    gain: NDArray[np.float32]
    facing: NDArray[np.bool_]


@dataclass(frozen=True)
class Likeness:
    """`mean` (P, 3), `basis` (K, P, 3) orthonormal, `spread` (K,) usual sizes, `noise` (P,), all 0..255."""

    layout: FaceLayout
    mean: NDArray[np.float32]
    basis: NDArray[np.float32]
    spread: NDArray[np.float32]
    noise: NDArray[np.float32]

    def expected(self, face: LitFace) -> NDArray[np.float32]:
        """What the face would show if nothing covered it: (P, 3), light taken out as in `face`."""
        if len(self.basis) == 0:
            return self.mean
        basis = self.basis[:, ::_FIT_EVERY]
        flat = basis.reshape(len(basis), -1)
        wanted = (face.values - self.mean)[::_FIT_EVERY].ravel()
        trust = face.facing[::_FIT_EVERY].astype(np.float32)
        held = trust
        size = np.zeros(len(flat), dtype=np.float32)
        for _ in range(_FIT_ROUNDS):
            weighted = flat * np.repeat(held, 3)
            size = np.linalg.solve(weighted @ flat.T + np.eye(len(flat)) / _FIT_EVERY, weighted @ wanted)
            left = np.abs(wanted - size @ flat).reshape(-1, 3).max(axis=1)
            held = trust / (1 + (left / _OUTLIER) ** 2) ** 2
        size = np.clip(size, -_SPREADS * self.spread, _SPREADS * self.spread)
        return np.asarray(self.mean + np.tensordot(size, self.basis, 1), dtype=np.float32)

    def strangeness(self, face: LitFace) -> NDArray[np.float32]:
        """How far each laid-out pixel is from what is expected, in units of noise: (size, size)."""
        left = _detailed(self.layout, face.values - self.expected(face))
        return self.mapped(np.where(face.facing, np.abs(left).max(axis=1) / self.noise, 0))

    def step(self, one: LitFace, other: LitFace) -> NDArray[np.float32]:
        """How far two frames lie apart at each laid-out pixel, in units of noise: (size, size)."""
        apart = one.values - other.values
        apart = 0.3 * apart + 0.7 * _detailed(self.layout, apart)
        seen = one.facing & other.facing
        return self.mapped(np.where(seen, np.abs(apart).max(axis=1) / self.noise, 0))

    def mapped(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """Values per face pixel (P,) as a slightly blurred picture (size, size), 0 beside the face."""
        import cv2

        picture = np.zeros((self.layout.size, self.layout.size), dtype=np.float32)
        picture[self.layout.skin] = values
        return np.asarray(cv2.GaussianBlur(picture, (0, 0), 0.8))


def light_gain(
    layout: FaceLayout, values: NDArray[np.float32], mean: NDArray[np.float32], spread: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Smooth light of a frame against the mean face, all (P, 3): a quadratic over the face per channel.

    `spread` (P, 1) is how much a pixel usually varies. Fitted by reweighted least squares of logarithms.
    """
    ratio = np.log((values + _BLACK) / (mean + _BLACK))
    usual = spread / (mean + _BLACK) + 0.02
    start = np.median(ratio, axis=0)
    rows, columns = np.nonzero(layout.skin)
    x, y = columns / layout.size * 2 - 1, rows / layout.size * 2 - 1
    bend = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=1).astype(np.float32)
    # Every second pixel tells as much: light is smooth.
    some, ratio_of, usual_of = bend[::2], ratio[::2], usual[::2]
    hold = np.diag(_LIGHT_PENALTY) * (len(some) * 0.02)
    sizes = np.zeros((6, 3), dtype=np.float32)
    for _ in range(_LIGHT_ROUNDS):
        off = (ratio_of - start - some @ sizes) / usual_of
        trust = 1 / (1 + (off * off).max(axis=1) / 4) ** 2
        weighted = some * trust[:, None]
        sizes = np.linalg.solve(some.T @ weighted + hold, weighted.T @ (ratio_of - start)).astype(np.float32)
    return np.asarray(np.exp(start + bend @ sizes), dtype=np.float32)


def unlit(values: NDArray[np.float32], gain: NDArray[np.float32]) -> NDArray[np.float32]:
    """`values` (P, 3) without the light `gain`."""
    return np.asarray((values + _BLACK) / gain - _BLACK, dtype=np.float32)


def relit(values: NDArray[np.float32], gain: NDArray[np.float32]) -> NDArray[np.float32]:
    """`values` (P, 3) under the light `gain`."""
    return np.asarray((values + _BLACK) * gain - _BLACK, dtype=np.float32)


def learn_likeness(layout: FaceLayout, faces: list[LitFace], directions: int) -> Likeness:
    """From uncovered frames, one at least."""
    values = np.stack([face.values for face in faces])
    seen = np.stack([face.facing for face in faces])
    middle = np.median(values, axis=0)
    off = np.where(seen[..., None], values - middle, 0)
    mean = (middle + off.mean(axis=0)).astype(np.float32)
    off = (off - off.mean(axis=0)).reshape(len(faces), -1)
    count = min(directions, len(faces) // 4)
    power, mixed = np.linalg.eigh(off @ off.T)
    power = np.maximum(power[len(power) - count :], 1e-3)
    basis = (mixed[:, len(faces) - count :].T @ off) / np.sqrt(power)[:, None]
    likeness = Likeness(
        layout,
        mean,
        basis.reshape(count, *mean.shape).astype(np.float32),
        np.sqrt(power / len(faces)).astype(np.float32),
        np.ones(len(mean), dtype=np.float32),
    )
    left = np.stack(
        [
            np.abs(_detailed(layout, face.values - likeness.expected(face))).max(axis=1) * face.facing
            for face in faces
        ]
    )
    return Likeness(layout, mean, likeness.basis, likeness.spread, _noise(layout, mean, left))


def _noise(layout: FaceLayout, mean: NDArray[np.float32], left: NDArray[np.float32]) -> NDArray[np.float32]:
    """Noise (P,) from what is left (T, P), widened by what a misplaced landmark would leave at edges."""
    import cv2

    usual = np.zeros((layout.size, layout.size), dtype=np.float32)
    usual[layout.skin] = 1.4826 * np.median(left, axis=0)
    usual = cv2.GaussianBlur(cv2.dilate(usual, np.ones((3, 3), dtype=np.uint8)), (0, 0), 1)
    picture = np.zeros((layout.size, layout.size, 3), dtype=np.float32)
    picture[layout.skin] = mean
    slope = np.hypot(cv2.Sobel(picture, cv2.CV_32F, 1, 0), cv2.Sobel(picture, cv2.CV_32F, 0, 1)) / 8
    whole = np.sqrt(usual**2 + (_MISPLACED_PIXELS * slope.max(axis=2)) ** 2 + _NOISE_FLOOR**2)
    return np.asarray(whole[layout.skin], dtype=np.float32)


def _detailed(layout: FaceLayout, left: NDArray[np.float32]) -> NDArray[np.float32]:
    """Differences (P, 3) with what is smooth over the face counted less."""
    import cv2

    sigma = _DETAIL_SIGMA * layout.size
    picture = np.zeros((layout.size, layout.size, 4), dtype=np.float32)
    picture[layout.skin, :3] = left
    picture[layout.skin, 3] = 1
    smooth = cv2.GaussianBlur(picture, (0, 0), sigma)[layout.skin]
    return np.asarray(
        left - np.float32(1 - _SMOOTH_SHARE) * smooth[:, :3] / np.maximum(smooth[:, 3:], 1e-3), np.float32
    )
