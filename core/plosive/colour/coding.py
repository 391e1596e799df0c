# SPDX-License-Identifier: Apache-2.0
"""Between the samples a file stores and working values, and what a change of the one is in the other.

| coding | stored samples | working values |
|---|---|---|
| `Coded` | display-referred: video, sRGB stills, PQ, HLG | the very samples |
| `SceneLinear` | scene-linear, in whatever primaries | `Transfer.SCENE`, primaries kept |
| `Curved` | camera log: one curve for R, G and B | `Transfer.SCENE` of their light, primaries kept |
| `Processed` | all else that OCIO makes scene-linear | `Transfer.SCENE` of the config's scene_linear |

Primaries are kept because a matte blends light: any matrix before it can as well come after it.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from plosive.colour.transfer import Transfer, linear_from_scene, scene_from_linear

__all__ = ["Coded", "Curved", "Processed", "Processor", "SampleCoding", "SceneLinear"]

Floats = NDArray[np.float32]

_STEPS = 1 << 16


class SampleCoding(Hashable, Protocol):
    """What stored samples mean. Stored integers come as 0..1; arrays are float32 (..., 3), finite."""

    @property
    def transfer(self) -> Transfer:
        """How working values relate to linear light."""

    @property
    def is_scene_referred(self) -> bool:
        """Whether a picture for eyes and trackers must be made from the light."""

    @property
    def mixes_channels(self) -> bool:
        """Whether the light of one channel depends on the samples of another."""

    def working(self, stored: Floats) -> Floats:
        """Working values."""

    def edited(self, stored: Floats, change: Floats) -> Floats:
        """Stored samples whose working values differ by `change`; exactly `stored` where that is 0."""

    def linear(self, stored: Floats) -> Floats:
        """Light: scene-linear, or display-linear of display-referred samples."""


@dataclass(frozen=True)
class Coded:
    """Display-referred samples are worked on as they are. `transfer` is not SCENE."""

    transfer: Transfer
    is_scene_referred = False
    mixes_channels = False

    def working(self, stored: Floats) -> Floats:
        return stored

    def edited(self, stored: Floats, change: Floats) -> Floats:
        return stored + change

    def linear(self, stored: Floats) -> Floats:
        import torch

        from plosive.colour.transfer import to_linear

        return np.asarray(to_linear(torch.from_numpy(np.ascontiguousarray(stored)), self.transfer).numpy())


@dataclass(frozen=True)
class SceneLinear:
    """Light, stored as such."""

    transfer = Transfer.SCENE
    is_scene_referred = True
    mixes_channels = False

    def working(self, stored: Floats) -> Floats:
        return scene_from_linear(stored)

    def edited(self, stored: Floats, change: Floats) -> Floats:
        changed = linear_from_scene(scene_from_linear(stored) + change)
        return np.where(change == 0, stored, changed)

    def linear(self, stored: Floats) -> Floats:
        return stored


class Curved:
    """One rising curve, the same for R, G and B, given by its light (N,) at evenly spaced stored values.

    Kept as a table of working values of `_STEPS` steps, fine enough for linear interpolation to be as good as
    float32. Beyond its ends the curve goes on straight.
    """

    transfer = Transfer.SCENE
    is_scene_referred = True
    mixes_channels = False

    def __init__(self, lowest: float, highest: float, light: NDArray[np.float64]) -> None:
        stored = np.linspace(lowest, highest, len(light))
        working = scene_from_linear(light.astype(np.float32)).astype(np.float64)
        fine = np.linspace(lowest, highest, _STEPS + 1)
        self._forward = _Table(lowest, highest, np.interp(fine, stored, working))
        even = np.linspace(working[0], working[-1], _STEPS + 1)
        self._back = _Table(float(working[0]), float(working[-1]), np.interp(even, working, stored))

    def working(self, stored: Floats) -> Floats:
        return self._forward.at(stored)

    def edited(self, stored: Floats, change: Floats) -> Floats:
        now = self._forward.at(stored)
        # As a difference, so that what the tables round off cancels out.
        return np.where(change == 0, stored, stored + (self._back.at(now + change) - self._back.at(now)))

    def linear(self, stored: Floats) -> Floats:
        return linear_from_scene(self.working(stored))


class Processor(Protocol):
    """Colour conversion of a colour management library: (..., 3) float32 to (..., 3) float32."""

    def to_linear(self, stored: Floats) -> Floats: ...

    def from_linear(self, linear: Floats) -> Floats: ...


@dataclass(frozen=True)
class Processed:
    """Samples that only the colour management's own processor understands."""

    processor: Processor
    transfer = Transfer.SCENE
    is_scene_referred = True
    mixes_channels = True

    def working(self, stored: Floats) -> Floats:
        return scene_from_linear(self.linear(stored))

    def edited(self, stored: Floats, change: Floats) -> Floats:
        now = self.working(stored)
        both = np.stack([linear_from_scene(now + change), linear_from_scene(now)])
        changed, same = self.processor.from_linear(both)
        return np.where((change == 0).all(axis=-1, keepdims=True), stored, stored + (changed - same))

    def linear(self, stored: Floats) -> Floats:
        return np.asarray(np.nan_to_num(self.processor.to_linear(stored)), np.float32)


class _Table:
    """A curve in even steps from `lowest` to `highest`; beyond it goes on at its mean slope."""

    def __init__(self, lowest: float, highest: float, values: NDArray[np.float64]) -> None:
        self._lowest = np.float32(lowest)
        self._scale = np.float32((len(values) - 1) / (highest - lowest))
        self._values = values.astype(np.float32)
        self._slopes = np.diff(values).astype(np.float32)
        self._beyond = np.float32((values[-1] - values[0]) / (len(values) - 1))

    def at(self, wanted: Floats) -> Floats:
        place = (wanted - self._lowest) * self._scale
        inside = np.clip(place, 0, len(self._slopes) - np.float32(1 / 256))
        step = inside.astype(np.int32)
        found = self._values[step] + self._slopes[step] * (inside - step)
        return np.asarray(found + self._beyond * (place - inside), np.float32)
