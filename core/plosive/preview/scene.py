# SPDX-License-Identifier: Apache-2.0
"""What a preview shows: one dub's motion on frames of equal length, and its sound."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from plosive.motion import MotionCurves
from plosive.speech import SAMPLE_RATE, Speech

__all__ = ["Scene", "sound_columns"]


@dataclass(frozen=True)
class Scene:
    """`curves` lie on frames of equal length, `frame_rate` a second, numbered from `first_frame`; `samples`
    is the dub, mono, `speech.SAMPLE_RATE`. `title` is shown above, `start_timecode_frame` is the timecode of
    the first frame in frames.
    """

    title: str
    speech: Speech
    curves: MotionCurves
    samples: NDArray[np.float32]
    frame_rate: Fraction
    first_frame: int
    start_timecode_frame: int = 0
    is_drop_frame: bool = False

    @property
    def frame_count(self) -> int:
        return len(self.curves.centre_seconds)

    @property
    def dub_starts_seconds(self) -> Fraction:
        """From the start of the first frame to that of the dub."""
        return Fraction(1, 2) / self.frame_rate - self.curves.centre_seconds[0]

    def column(self, seconds: Fraction, columns_per_frame: float) -> float:
        """Where a moment of the dub lies in a strip with so many columns a frame."""
        return float((seconds + self.dub_starts_seconds) * self.frame_rate) * columns_per_frame


def sound_columns(
    scene: Scene, first_column: int, count: int, columns_per_frame: float
) -> NDArray[np.float32]:
    """Lowest and highest sample of `count` columns of a strip: (count, 2), the loudest of the dub at 1."""
    per_column = SAMPLE_RATE / (float(scene.frame_rate) * columns_per_frame)
    start = float(scene.dub_starts_seconds) * SAMPLE_RATE
    edges = np.rint((first_column + np.arange(count + 1)) * per_column - start).astype(np.int64)
    low, high = int(edges[0]), int(edges[-1])
    length = len(scene.samples)
    piece = np.zeros(max(high - low, 0) + 1, np.float32)
    inside = slice(max(low, 0), max(min(high, length), 0))
    if inside.stop > inside.start:
        piece[inside.start - low : inside.stop - low] = scene.samples[inside]
    at = np.minimum(edges[:-1] - low, len(piece) - 1)
    peak = max(float(np.abs(scene.samples).max(initial=0.0)), 1e-3)
    ends = np.stack([np.minimum.reduceat(piece, at), np.maximum.reduceat(piece, at)], axis=1)
    return np.asarray(ends / peak, np.float32)
