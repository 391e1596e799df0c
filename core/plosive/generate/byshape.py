# SPDX-License-Identifier: Apache-2.0
"""What mouths of a shape usually have, learnt from an actor's own (kernel regression, Nadaraya 1964)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["squared_distances", "usual_for_shape"]

_BANDWIDTH = np.float32(0.03)
_CHUNK = 256


def squared_distances(one: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.float32]:
    """Squared distances (T, N) between rows of `one` (T, K) and `other` (N, K), 0 or more."""
    middle = other.mean(axis=0)  # products of numbers near 0 keep their digits
    one, other = one - middle, other - middle
    products = one @ other.T
    powers = (one**2).sum(axis=1)[:, None] + (other**2).sum(axis=1)[None]
    return np.asarray(np.maximum(powers - 2 * products, 0), dtype=np.float32)


def usual_for_shape(
    lips: NDArray[np.float32],
    known_lips: NDArray[np.float32],
    known: NDArray[np.float32],
    order: NDArray[np.int64] | None = None,
    near: int = 0,
) -> NDArray[np.float32]:
    """Mean of `known` (N, V) over mouths shaped like each of `lips`: (T, V) float32.

    `lips` (T, 3 P) and `known_lips` (N, 3 P) are points in inter-ocular distances; the kernel's width is 0.03
    of them, root of the mean square over points. With `order` (N,), where `lips` are the known ones
    themselves, mouths less than or just `near` frames away are left out, where there are others.
    """
    points = known_lips.shape[1] / 3
    found = np.empty((len(lips), known.shape[1]), dtype=np.float32)
    for first in range(0, len(lips), _CHUNK):
        part = slice(first, first + _CHUNK)
        distance = squared_distances(lips[part], known_lips) / np.float32(points)
        if order is not None:
            close = np.abs(order[part, None] - order[None]) <= near
            distance = np.where(close & ~close.all(axis=1, keepdims=True), np.float32(np.inf), distance)
        distance -= distance.min(axis=1, keepdims=True)
        weight = np.exp(distance / (-2 * _BANDWIDTH**2))
        found[part] = (weight @ known) / weight.sum(axis=1, keepdims=True)
    return found
