# SPDX-License-Identifier: Apache-2.0
"""Strength, gains and articulation of one job, frame by frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plosive.keyed import KeyedValue
from plosive.media.plate import PlateInfo
from plosive.sync_options import SyncOptions

__all__ = ["STRENGTH_ZERO", "Style", "style_of"]

STRENGTH_ZERO = "strength 0"
"""Why the plate is kept where no strength is wanted."""


@dataclass(frozen=True)
class Style:
    """How much of the dub's mouth is wanted and how it speaks, one value an output frame: (T,) float64 each.

    `strength` 0..1, `jaw` and `lip` gains 0..2, `articulation` 0..2, as in `SyncOptions`.
    """

    strength: NDArray[np.float64]
    jaw: NDArray[np.float64]
    lip: NDArray[np.float64]
    articulation: NDArray[np.float64]

    def taken(self, rows: NDArray[np.int64]) -> Style:
        """The frames `rows` (N,) alone, in that order."""
        return Style(self.strength[rows], self.jaw[rows], self.lip[rows], self.articulation[rows])

    @property
    def kept(self) -> dict[int, str]:
        """Frame indices at which the plate stays as it is, with the reason."""
        return dict.fromkeys(np.flatnonzero(self.strength == 0).tolist(), STRENGTH_ZERO)


def style_of(options: SyncOptions, info: PlateInfo, frame_count: int) -> Style:
    """The style of `options` in `frame_count` output frames of the plate; held frames take the last's.

    Raises OptionError for keys that do not lie in the plate.
    """
    frames = np.minimum(np.arange(frame_count), info.frame_count - 1) + info.first_frame

    def over_time(option: str, value: KeyedValue | float) -> NDArray[np.float64]:
        return KeyedValue.of(value).placed(option, info).at(frames)

    return Style(
        strength=over_time("strength", options.strength),
        jaw=over_time("jaw", options.jaw),
        lip=over_time("lip", options.lip),
        articulation=over_time("articulation", options.articulation),
    )
