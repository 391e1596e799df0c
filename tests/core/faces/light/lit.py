# SPDX-License-Identifier: Apache-2.0
"""Changes of light laid over pictures: flicker, tubes, a sweeping shadow, ramps, a flash, a black frame."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["CHANGES", "gain_of", "lit"]

CHANGES = (
    "steady",
    "flicker",
    "mains",
    "tubes",
    "shadow_soft",
    "shadow_hard",
    "ramp",
)
"""What `gain_of` knows, the unchanged plate first."""

_GAMMA = 2.4
_SHADOW = 0.4
_WARM, _COLD = np.array([1.25, 1.0, 0.75]), np.array([0.8, 1.0, 1.25])


def gain_of(
    change: str, index: int, count: int, rate: float, face: NDArray[np.float32], size: tuple[int, int]
) -> NDArray[np.float32]:
    """Gain of linear light in frame `index` of `count` at `rate` frames a second: (h, w, 3) or (1, 1, 3).

    `face` is the middle of the face and its width (x, y, width), pixels; `size` the picture's (width,
    height).
    Shadows sweep over 1.6 face widths in a second, again and again, to and fro.
    """
    seconds = index / rate
    if change == "flicker":
        level = np.random.default_rng(index).uniform(-0.2, 0.2)
        return _flat(np.full(3, 1 + level))
    if change == "mains":
        return _flat(np.full(3, 1 + 0.2 * np.sin(2 * np.pi * 8.3 * seconds)))
    if change == "tubes":
        phase = 2 * np.pi * 7.1 * seconds + np.array([0.0, 0.7, 1.9])
        return _flat(1 + np.array([0.12, 0.2, 0.15]) * np.sin(phase))
    if change.startswith("shadow"):
        return _shadow(seconds, 0.3 if change == "shadow_soft" else 0.1, face, size)
    if change == "ramp":
        share = index / max(count - 1, 1)
        return _flat(2.0 ** (0.5 - share) * (_WARM * (1 - share) + _COLD * share))
    return _flat(np.ones(3))


def lit(coded: NDArray[np.float32], gain: NDArray[np.float32]) -> NDArray[np.float32]:
    """Coded pictures (h, w, 3) under that gain of linear light, gamma 2.4."""
    return np.asarray(np.clip(coded, 0, None) * gain ** (1 / _GAMMA), dtype=np.float32)


def _flat(gain: NDArray[np.float64]) -> NDArray[np.float32]:
    return gain.astype(np.float32).reshape(1, 1, 3)


def _shadow(
    seconds: float, edge_faces: float, face: NDArray[np.float32], size: tuple[int, int]
) -> NDArray[np.float32]:
    """A shadow with a slanted edge; it covers what lies to its left."""
    x, y = np.meshgrid(np.arange(size[0]), np.arange(size[1]))
    across = ((x - face[0]) * 0.94 + (y - face[1]) * 0.34) / face[2]
    there = abs((seconds + 1) % 2 - 1)
    shade = np.clip((across - (1.6 * there - 0.8)) / edge_faces + 0.5, 0, 1)
    shade = shade * shade * (3 - 2 * shade)
    gain = _SHADOW + (1 - _SHADOW) * shade
    return np.repeat(gain[..., None], 3, axis=2).astype(np.float32)
