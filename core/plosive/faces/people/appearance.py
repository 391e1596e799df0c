# SPDX-License-Identifier: Apache-2.0
"""What one face looked like through a track: a dozen moments of it, as numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plosive.faces.measure import width_of_face
from plosive.faces.people.colours import COLOUR_BINS, clothes_and_hair
from plosive.faces.people.descriptors import CELLS, GRADIENT_BINS, PATTERN_BINS, describe
from plosive.faces.people.texture import frontal_face

__all__ = ["Appearance", "AppearanceObserver", "Embed", "no_appearance", "pooled"]

Embed = Callable[[NDArray[np.uint8], NDArray[np.float32]], NDArray[np.float32]]
"""A picture (H, W, 3) and landmarks (478, 3) to a vector (D,) of length 1: the user's own embedder."""

_MOST_SAMPLES = 12
_WAITING_SAMPLES = 16
_STEP_FRAMES = 4
_FIRST_STRIDE_FRAMES = 12
_LONGEST_STRIDE_FRAMES = 64
_SHARP_STOPS = 0.05
_LEAST_WIDTH_PIXELS = 12.0


@dataclass(frozen=True)
class Appearance:
    """N moments of one face, N of 0 to 12 (more once several tracks are `pooled`).

    `indices` (N,) int64 are plate frames; `angles` (N, 3) float32 yaw, pitch and roll in degrees; `widths`
    (N,) float32 pixels of the plate; `quality` (N,) float32, more is sharper and better lit; `patterns`
    (N, 72, 59), `gradients` (N, 72, 8) and `seen` (N, 72) uint8 as `descriptors.describe`; `clothes` and
    `hair` (N, 343) uint8 as `colours.clothes_and_hair`; `embedding` (N, D) float32, D of 0 without a user's
    embedder.
    """

    indices: NDArray[np.int64]
    angles: NDArray[np.float32]
    widths: NDArray[np.float32]
    quality: NDArray[np.float32]
    patterns: NDArray[np.uint8]
    gradients: NDArray[np.uint8]
    seen: NDArray[np.uint8]
    clothes: NDArray[np.uint8]
    hair: NDArray[np.uint8]
    embedding: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.indices)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Everything, by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Appearance:
        """What `arrays` gave. Raises ValueError where an array is missing or of another shape."""
        empty = no_appearance()
        made = {}
        for field in fields(cls):
            like = getattr(empty, field.name)
            if field.name not in arrays:
                raise ValueError(f"'{field.name}' is missing")
            value = np.asarray(arrays[field.name], dtype=like.dtype)
            free = field.name == "embedding"  # as long as the embedder makes it
            if value.ndim != like.ndim or not (free or value.shape[1:] == like.shape[1:]):
                raise ValueError(f"'{field.name}' has shape {value.shape}")
            made[field.name] = value
        if len({len(value) for value in made.values()}) != 1:
            raise ValueError("its arrays differ in length")
        return cls(**made)

    def rows(self, chosen: NDArray[np.int64]) -> Appearance:
        """Only these moments."""
        return Appearance(**{name: value[chosen] for name, value in self.arrays().items()})


def no_appearance(embedding_length: int = 0) -> Appearance:
    """That of a face never seen well enough."""
    return Appearance(
        indices=np.zeros(0, dtype=np.int64),
        angles=np.zeros((0, 3), dtype=np.float32),
        widths=np.zeros(0, dtype=np.float32),
        quality=np.zeros(0, dtype=np.float32),
        patterns=np.zeros((0, CELLS, PATTERN_BINS), dtype=np.uint8),
        gradients=np.zeros((0, CELLS, GRADIENT_BINS), dtype=np.uint8),
        seen=np.zeros((0, CELLS), dtype=np.uint8),
        clothes=np.zeros((0, COLOUR_BINS), dtype=np.uint8),
        hair=np.zeros((0, COLOUR_BINS), dtype=np.uint8),
        embedding=np.zeros((0, embedding_length), dtype=np.float32),
    )


def pooled(appearances: list[Appearance], most: int = 2 * _MOST_SAMPLES) -> Appearance:
    """Several tracks of one person as one, at most `most` moments: of any two alike in pose, the better."""
    filled = [one for one in appearances if len(one)]
    if not filled:
        return no_appearance()
    longest = max(one.embedding.shape[1] for one in filled)
    columns = {name: [one.arrays()[name] for one in filled] for name in filled[0].arrays()}
    columns["embedding"] = [
        one.embedding
        if one.embedding.shape[1] == longest
        else np.zeros((len(one), longest), dtype=np.float32)
        for one in filled
    ]
    together = Appearance(**{name: np.concatenate(parts) for name, parts in columns.items()})
    return together.rows(_best(together.angles, together.quality, most))


class AppearanceObserver:
    """Watches one face; keeps twelve moments of it, sharp, well lit and apart in pose.

    Looks at every twelfth frame, ever more rarely later and more often at the very start, so that short
    tracks are known and long ones cost little. `embed`
    is the user's embedder, if any.
    """

    def __init__(self, embed: Embed | None = None) -> None:
        self._embed = embed
        self._moments: list[Appearance] = []
        self._stride = _FIRST_STRIDE_FRAMES
        self._until_due = 0

    def add(self, index: int, rgb: NDArray[np.uint8], landmarks: NDArray[np.float32]) -> None:
        """Frame `index` (rising) shows the face at `landmarks` (478, 3) pixels of `rgb` (H, W, 3) uint8."""
        if self._until_due > 0:
            self._until_due -= 1
            return
        self._until_due = min(_STEP_FRAMES * (len(self._moments) + 1), self._stride) - 1
        if float(width_of_face(landmarks)) < _LEAST_WIDTH_PIXELS or not np.isfinite(landmarks).all():
            return
        self._moments.append(_moment(index, rgb, landmarks, self._embed))
        if len(self._moments) >= _WAITING_SAMPLES:
            self._thin()
            self._stride = min(self._stride * 2, _LONGEST_STRIDE_FRAMES)

    def finish(self, track: object = None) -> Appearance:
        """All that is kept; of `track` nothing is needed."""
        del track
        self._thin()
        return pooled(self._moments) if self._moments else no_appearance()

    def _thin(self) -> None:
        if len(self._moments) <= _MOST_SAMPLES:
            return
        angles = np.concatenate([moment.angles for moment in self._moments])
        quality = np.concatenate([moment.quality for moment in self._moments])
        self._moments = [self._moments[row] for row in _best(angles, quality, _MOST_SAMPLES).tolist()]


def _moment(
    index: int, rgb: NDArray[np.uint8], landmarks: NDArray[np.float32], embed: Embed | None
) -> Appearance:
    face = frontal_face(rgb, landmarks)
    patterns, gradients, seen = describe(face)
    clothes, hair = clothes_and_hair(rgb, landmarks)
    width = float(width_of_face(landmarks))
    vector = np.zeros(0, dtype=np.float32) if embed is None else embed(rgb, landmarks)
    return Appearance(
        indices=np.array([index], dtype=np.int64),
        angles=face.head.angles_degrees(),
        widths=np.array([width], dtype=np.float32),
        quality=np.array([_quality(face.texture, face.seen, width)], dtype=np.float32),
        patterns=patterns[None],
        gradients=gradients[None],
        seen=seen[None],
        clothes=clothes[None],
        hair=hair[None],
        embedding=vector[None].astype(np.float32),
    )


def _quality(texture: NDArray[np.uint8], seen: NDArray[np.float32], width: float) -> float:
    """How much this moment tells, 0 to 1: sharp, neither black nor burnt out, in view, not too small."""
    import cv2

    grey = cv2.cvtColor(texture, cv2.COLOR_RGB2GRAY).astype(np.float32)
    skin = seen > 0.5
    if np.count_nonzero(skin) < 100:
        return 0.0
    logarithm = np.log2(grey + 8)
    fine = np.abs(logarithm - cv2.GaussianBlur(logarithm, (0, 0), 1.5))[skin].mean()
    lit = float(np.mean((grey[skin] > 16) & (grey[skin] < 250)))
    return float(min(fine / _SHARP_STOPS, 1.0) * lit * skin.mean() * min(width / 48, 1.0))


def _best(angles: NDArray[np.float32], quality: NDArray[np.float32], most: int) -> NDArray[np.int64]:
    """Rows to keep: while there are more than `most`, of the two nearest in pose the worse one goes."""
    kept = list(range(len(angles)))
    away = np.linalg.norm(angles[:, None, :2] - angles[None, :, :2], axis=2).astype(np.float64)
    np.fill_diagonal(away, np.inf)
    while len(kept) > most:
        near = away[np.ix_(kept, kept)]
        one, other = divmod(int(np.argmin(near)), len(kept))
        kept.remove(kept[one] if quality[kept[one]] < quality[kept[other]] else kept[other])
    return np.array(kept, dtype=np.int64)
