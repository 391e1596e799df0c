# SPDX-License-Identifier: Apache-2.0
"""From distances to the odds that two tracks are one person.

The figures were fitted to 22 people, each clip split in two and its halves mirrored, scaled, blurred, lit
anew, tinted and compressed, against all pairs of different people. They are a handful of slopes and limits,
no model: docs/faces-people.md says how well they hold for people left out of the fit.
"""

from __future__ import annotations

from enum import Enum

import numpy as np
from numpy.typing import NDArray

from plosive.faces.people.likeness import Distances

__all__ = [
    "JOINED_LOG_ODDS",
    "SURE_APART_LOG_ODDS",
    "SURE_JOINED_LOG_ODDS",
    "Span",
    "face_log_odds",
    "log_odds",
    "probability",
]

JOINED_LOG_ODDS = 1.0
"""From here on two tracks count as one person: a mouth on the wrong face is worse than one left to join."""

SURE_APART_LOG_ODDS, SURE_JOINED_LOG_ODDS = -1.0, 2.5
"""Between these the artist is told that it is not sure."""

_FACE_AT_ZERO, _PER_PATTERN, _PER_GRADIENT = 8.0, -12.0, -9.6
_FLOPPED_PATTERN, _FLOPPED_GRADIENT = 0.04, 0.02  # a mirrored face must fit better by this
_FACE_LIMITS = (-6.0, 6.0)
_CLOTHES_AT_ZERO, _PER_CLOTHES = 5.0, -19.0
_HAIR_AT_ZERO, _PER_HAIR = 4.1, -28.6
_SMALL_PIXELS, _TOO_SMALL_PIXELS = 36.0, 10.0
_PER_COSINE = -18.0
_EMBEDDING_LIMITS = (-8.0, 8.0)


class Span(Enum):
    """How far apart two tracks are, and with that how much hair and clothes may say: (hair, clothes)
    lowest and highest log-odds. Within a shot nobody changes clothes; in another plate anybody may.
    """

    SHOT = (-0.5, 1.0, -1.5, 2.0)
    PLATE = (-0.5, 0.5, -1.5, 1.5)
    OTHER_PLATE = (-0.5, 0.5, -0.25, 0.5)


def log_odds(
    apart: Distances,
    spans: list[list[Span]],
    widths: tuple[NDArray[np.float32], NDArray[np.float32]],
    embedding_threshold: float | None = None,
) -> NDArray[np.float64]:
    """Natural log-odds (A, B) that the tracks are one person, before what shots and frames say.

    `spans` is (A, B); `widths` are the faces' median widths (A,) and (B,) in pixels: of a very small face
    texture says little. Where both have an embedding and a threshold (cosine distance) is given, the
    embedding takes the place of the descriptors.
    """
    flopped = apart.flopped_patterns + 2 * apart.flopped_gradients + _FLOPPED_PATTERN + 2 * _FLOPPED_GRADIENT
    is_flopped = flopped < apart.patterns + 2 * apart.gradients
    patterns = np.where(is_flopped, apart.flopped_patterns + _FLOPPED_PATTERN, apart.patterns)
    gradients = np.where(is_flopped, apart.flopped_gradients + _FLOPPED_GRADIENT, apart.gradients)
    face = face_log_odds(patterns, gradients)
    smallest = np.minimum(widths[0][:, None], widths[1][None])
    trusted = np.clip((smallest - _TOO_SMALL_PIXELS) / (_SMALL_PIXELS - _TOO_SMALL_PIXELS), 0, 1)
    face = face * trusted
    if embedding_threshold is not None:
        embedded = np.clip(_PER_COSINE * (apart.embedding - embedding_threshold), *_EMBEDDING_LIMITS)
        # At the user's threshold the two count as one.
        face = np.where(np.isfinite(apart.embedding), embedded + JOINED_LOG_ODDS, face)
    limits = np.array([[span.value for span in row] for row in spans], dtype=np.float64)
    limits = limits.reshape(*face.shape, 4)
    hair = np.clip(_HAIR_AT_ZERO + _PER_HAIR * apart.hair, limits[..., 0], limits[..., 1])
    clothes = np.clip(_CLOTHES_AT_ZERO + _PER_CLOTHES * apart.clothes, limits[..., 2], limits[..., 3])
    return np.asarray(np.nan_to_num(face) + np.nan_to_num(hair) + np.nan_to_num(clothes))


def face_log_odds(patterns: NDArray[np.float32], gradients: NDArray[np.float32]) -> NDArray[np.float64]:
    """What distances of faces alone say, each number by itself; 0 where there was nothing to compare."""
    known = np.isfinite(patterns) & np.isfinite(gradients)
    odds = _FACE_AT_ZERO + _PER_PATTERN * patterns.astype(np.float64) + _PER_GRADIENT * gradients
    return np.asarray(np.where(known, np.clip(odds, *_FACE_LIMITS), 0.0))


def probability(odds: float) -> float:
    """0 to 1."""
    return float(1 / (1 + np.exp(-odds)))
