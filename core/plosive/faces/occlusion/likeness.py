# SPDX-License-Identifier: Apache-2.0
"""What one uncovered face looks like: its mean, how it varies, and how much is noise.

Light that is smooth over the face is fitted per frame and taken out; what the face does beyond that is a few
principal directions of its own frames (Turk and Pentland 1991), fitted robustly so that a covered part does
not pull at the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

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
_NOISE_FLOOR = 2.0
_MISPLACED_PIXELS = 0.35
_SPREADS = 4.0
_VALUES_SHARE = 0.3
_AT_ONCE = 32


@dataclass(frozen=True)
class LitFace:
    """One frame laid out, its face pixels P: `values` (P, 3) 0..255 with light taken out, `gain` (P, 3) that
    light, `facing` (P,) which pixels are seen well.
    """

    layout: FaceLayout
    values: NDArray[np.float32]
    gain: NDArray[np.float32]
    facing: NDArray[np.bool_]

    @cached_property
    def shape(self) -> NDArray[np.float32]:
        """`values` (P, 3) with what is smooth over the face counted less: frames are compared by it."""
        return np.asarray(
            _VALUES_SHARE * self.values + (1 - _VALUES_SHARE) * _detailed(self.layout, self.values),
            dtype=np.float32,
        )


@dataclass(frozen=True)
class Likeness:
    """`mean` (P, 3), `basis` (K, P, 3) orthonormal, `spread` (K,) usual sizes, `noise` (P,), all 0..255."""

    layout: FaceLayout
    mean: NDArray[np.float32]
    basis: NDArray[np.float32]
    spread: NDArray[np.float32]
    noise: NDArray[np.float32]

    def left(self, faces: Sequence[LitFace]) -> NDArray[np.float32]:
        """How far each face pixel that is seen well is from what the face would show if nothing covered it,
        its light taken out, in N frames: (N, P) 0..255. What is smooth over the face counts less.
        """
        parts = [self._left(faces[start : start + _AT_ONCE]) for start in range(0, len(faces), _AT_ONCE)]
        return np.concatenate(parts) if parts else np.zeros((0, len(self.mean)), dtype=np.float32)

    def strangeness(self, left: NDArray[np.float32]) -> NDArray[np.float32]:
        """`left` of one frame (P,) in units of noise: (size, size)."""
        return self.mapped(left / self.noise)

    def _left(self, faces: Sequence[LitFace]) -> NDArray[np.float32]:
        """See `left`, of a few frames: together they cost a fraction of one after the other."""
        off = np.stack([face.values for face in faces]) - self.mean
        seen = np.stack([face.facing for face in faces])
        if len(self.basis):
            flat = self.basis.reshape(len(self.basis), -1)
            off -= (self._sizes(off, seen) @ flat).reshape(off.shape)
        side_by_side = np.ascontiguousarray(off.transpose(1, 0, 2)).reshape(len(self.mean), -1)
        detail = _detailed(self.layout, side_by_side).reshape(len(self.mean), len(off), 3)
        return np.ascontiguousarray(_largest(detail).T) * seen

    def _sizes(self, off: NDArray[np.float32], seen: NDArray[np.bool_]) -> NDArray[np.float32]:
        """How far each of N frames, `off` (N, P, 3) from the mean, goes in each direction: (N, K)."""
        count = len(self.basis)
        some = [np.ascontiguousarray(self.basis[:, ::_FIT_EVERY, channel]) for channel in range(3)]
        wanted = [np.ascontiguousarray(off[:, ::_FIT_EVERY, channel]) for channel in range(3)]
        pairs = np.sum([one[:, None] * one[None] for one in some], axis=0).reshape(count * count, -1).T
        trust = seen[:, ::_FIT_EVERY].astype(np.float32)
        held = trust
        sizes = np.zeros((len(off), count), dtype=np.float32)
        for _ in range(_FIT_ROUNDS):
            normal = (held @ pairs).reshape(-1, count, count) + np.eye(count) / _FIT_EVERY
            goal = np.sum([(want * held) @ one.T for want, one in zip(wanted, some, strict=True)], axis=0)
            sizes = np.linalg.solve(normal, goal[:, :, None])[:, :, 0].astype(np.float32)
            most = np.zeros_like(trust)
            for want, one in zip(wanted, some, strict=True):
                np.maximum(most, np.abs(want - sizes @ one), out=most)
            held = trust / np.square(1 + np.square(most / _OUTLIER))
        return np.clip(sizes, -_SPREADS * self.spread, _SPREADS * self.spread)

    def step(self, one: LitFace, other: LitFace) -> NDArray[np.float32]:
        """How far two frames lie apart at each laid-out pixel, in units of noise: (size, size)."""
        apart = _largest(one.shape - other.shape)
        return self.mapped(np.where(one.facing & other.facing, apart / self.noise, 0))

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
    ratio = np.ascontiguousarray(np.log((values + _BLACK) / (mean + _BLACK)).T)
    usual = spread[::2, 0] / (mean[::2].T + _BLACK) + np.float32(0.02)
    start = np.median(ratio, axis=1)
    bend = layout.bend
    # Every second pixel tells as much: light is smooth.
    some, off_start = np.ascontiguousarray(bend[:, ::2]), ratio[:, ::2] - start[:, None]
    hold = np.diag(_LIGHT_PENALTY) * (some.shape[1] * 0.02)
    sizes = np.zeros((6, 3), dtype=np.float32)
    for _ in range(_LIGHT_ROUNDS):
        off = np.square((off_start - sizes.T @ some) / usual)
        trust = 1 / np.square(1 + np.maximum(np.maximum(off[0], off[1]), off[2]) / 4)
        weighted = some * trust
        sizes = np.linalg.solve(weighted @ some.T + hold, weighted @ off_start.T).astype(np.float32)
    return np.asarray(np.exp(start + bend.T @ sizes), dtype=np.float32)


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
    return replace(likeness, noise=_noise(layout, mean, likeness.left(faces)))


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
    """Differences (P, C) with what is smooth over the face counted less; at most 512 channels."""
    import cv2

    picture = np.zeros((layout.size, layout.size, left.shape[1]), dtype=np.float32)
    picture[layout.skin] = left
    smooth = cv2.GaussianBlur(picture, (0, 0), layout.smooth_sigma)[layout.skin]
    return np.asarray(left - np.float32(1 - _SMOOTH_SHARE) * smooth / layout.smooth_weight, np.float32)


def _largest(left: NDArray[np.float32]) -> NDArray[np.float32]:
    """The largest size over the channels of (..., 3): (...)."""
    size = np.abs(left)
    return np.maximum(np.maximum(size[..., 0], size[..., 1]), size[..., 2])
