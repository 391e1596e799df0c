# SPDX-License-Identifier: Apache-2.0
"""Grain in the patch as in the plate: what resampling and blending lost is added, what was shown is renewed.

Pixels of a patch carry the grain of the frames they come from. Resampling softens it, laying two pictures
over each other averages it (to 0.7 in the middle of a feather), and a source that is shown again shows its
grain again: it freezes. What is left is known from the weights, so only the rest is added, new in every
frame.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from plosive.composite.noise import BAND_SIGMAS, NoiseTile
from plosive.composite.sharpness import GRADIENT_SIGMAS, Blur, blurred_like
from plosive.generate.grain import LUMA, Grain, colour_of_differences, differences_of_colour, measured_grain
from plosive.generate.protocol import Patch, Shot

if TYPE_CHECKING:
    import torch

__all__ = ["CarriedGrain", "GrainMatcher"]

_CODES, _LOWEST, _SPAN = 256, -0.25, 1.75  # the table of amplitudes over Y'
_ENERGY_BLUR = 2.5
_DOUBT = 2.0  # detail below so many times the power of grain may be grain: few pixels tell its power
_OUTSTANDING = 0.3  # of its own power, a pixel that sticks out counts as detail all around it
_LEAST_MATTE = 0.02


@dataclass(frozen=True)
class CarriedGrain:
    """A mouth (h, w, 3) working, and how much of the grain it came with is left: amplitude 0..1 by band of
    detail and channel, (4, h, w, 3); None for all of it.
    """

    mouth: NDArray[np.float32]
    left: NDArray[np.float32] | None = None


class GrainMatcher:
    """The grain of one shot. Another `seed` gives other grain of the same kind."""

    def __init__(self, grain: Grain, seed: int) -> None:
        self._tile = NoiseTile(grain.correlation, seed)
        # Where all grain is there, only the finest band differs from the others by what resampling took.
        self._coarse = np.stack([self._tile.bands[0], self._tile.bands[1:].sum(axis=0)])
        codes = _LOWEST + _SPAN * np.arange(_CODES) / (_CODES - 1)
        table = np.stack([np.interp(codes, grain.levels, one) for one in grain.amplitudes.T], axis=-1)
        self._table = table.astype(np.float32)
        self._slopes = self._tile.gradient_powers(GRADIENT_SIGMAS)

    @staticmethod
    def of(shot: Shot) -> GrainMatcher | None:
        """For the plate's own grain on the face of `shot`; None where it has none."""
        grain = measured_grain(shot.sources)
        return None if grain is None else GrainMatcher(grain, shot.seed + shot.track.number)

    def slopes(self, plate: NDArray[np.float32]) -> NDArray[np.float64]:
        """Power of the gradients of grain in a plate (h, w, 3) as bright as this, for `blur_between`."""
        luma = float((plate.mean(axis=(0, 1)) @ LUMA) if plate.size else 0)
        code = round(min(max((luma - _LOWEST) * (_CODES - 1) / _SPAN, 0), _CODES - 1))
        return np.asarray(self._slopes * float(self._table[code, 0]) ** 2)

    def carried(self, mouth: NDArray[np.float32], is_repeated: bool, blur: Blur) -> CarriedGrain:
        """`mouth` (h, w, 3) working, with the `blur` it lacks, and where `is_repeated` without grain that was
        on show a moment ago.

        Only where detail is as weak as grain is it taken out (Wiener 1949, by band); stubble and pores stay.
        """
        if min(mouth.shape[:2]) == 0:
            return CarriedGrain(mouth)
        carried = self._cleaned(mouth) if is_repeated else CarriedGrain(mouth)
        if blur.is_none:
            return carried
        kept = np.sqrt(self._tile.after_blur(blur.across, blur.down)).astype(np.float32)
        left = np.ones((1, *mouth.shape), np.float32) if carried.left is None else carried.left
        return CarriedGrain(blurred_like(carried.mouth, blur), left * kept[:, None, None, None])

    def _cleaned(self, mouth: NDArray[np.float32]) -> CarriedGrain:
        import cv2

        rest = differences_of_colour(mouth)
        codes = (rest[..., 0] - np.float32(_LOWEST)) * np.float32((_CODES - 1) / _SPAN)
        squared = self._table[np.clip(codes, 0, _CODES - 1).astype(np.uint8)] ** 2
        powers = (_DOUBT * self._tile.powers * self._tile.after_lanczos).astype(np.float32)
        result, left = np.zeros_like(rest), []
        for band, sigma in enumerate(BAND_SIGMAS):
            low = cv2.GaussianBlur(rest, (0, 0), sigma)
            detail, rest = rest - low, low
            own = detail * detail
            # A hair is less than its surroundings tell, and more than grain ever is.
            energy = np.maximum(cv2.GaussianBlur(own, (0, 0), _ENERGY_BLUR), own * np.float32(_OUTSTANDING))
            left.append(np.clip(1 - squared * powers[band] / np.maximum(energy, 1e-12), 0, 1))
            result += left[-1] * detail
        left.append(np.ones_like(rest))
        return CarriedGrain(colour_of_differences(result + rest), np.stack(left))

    def matched(
        self,
        made: torch.Tensor,
        patch: Patch,
        carried: CarriedGrain,
        near: tuple[slice, slice],
        frame_index: int,
    ) -> torch.Tensor:
        """`made` (h, w, 3) working, the patch with `carried` laid in at `near`, with the grain that it lacks
        in plate frame `frame_index`.
        """
        import torch
        import torch.nn.functional as functional

        # Mattes and light are smooth: half the resolution shows them as well.
        mouth, base = (_tensor(matte[::2, ::2], made) for matte in (patch.mouth_matte, patch.base_matte))
        matte = base.maximum(mouth)
        is_own = patch.source_take == 0 and patch.source_index == frame_index
        missing = [self._missing(band, base, matte * mouth, None, is_own) for band in (0, 1)]
        # The patch counts as far as the matte says; its grain has to arrive whole.
        amplitude = self._amplitude(made[::2, ::2]) / matte.clamp(min=_LEAST_MATTE)
        smooth = torch.cat([torch.stack(missing), amplitude])[None]
        height, width = made.shape[:2]
        smooth = functional.interpolate(smooth, size=(height, width), mode="bilinear", align_corners=False)[0]
        noise = _tensor(self._tile.drawn(self._coarse, frame_index, height, width), made)
        grain = smooth[0] * noise[0] + smooth[1] * noise[1]
        if carried.left is not None:
            grain[:, near[0], near[1]] = self._renewed(patch, carried.left, near, frame_index, made)
        return made + _rgb(grain * smooth[2:])

    def _renewed(
        self,
        patch: Patch,
        left: NDArray[np.float32],
        near: tuple[slice, slice],
        frame_index: int,
        made: torch.Tensor,
    ) -> torch.Tensor:
        """What is missing at `near`, of amplitude 1, where only `left` of the mouth's grain is there."""
        mouth, base = (_tensor(matte[near], made) for matte in (patch.mouth_matte, patch.base_matte))
        seen = base.maximum(mouth) * mouth
        kept = _tensor(left, made).permute(0, 3, 1, 2)
        noise = self._tile.drawn(self._tile.bands, frame_index, *made.shape[:2])[:, :, near[0], near[1]]
        grain = self._missing(0, base, seen, kept[0], False) * _tensor(noise[0], made)
        for band in range(1, len(noise)):
            grain += self._missing(band, base, seen, kept[band], False) * _tensor(noise[band], made)
        return grain

    def _missing(
        self, band: int, base: torch.Tensor, seen: torch.Tensor, left: torch.Tensor | None, is_own: bool
    ) -> torch.Tensor:
        """Amplitude of the plate's grain that one band lacks, 0..1: (h, w), or (3, h, w) where `left` is.

        `base` (h, w) says where the plate is resampled, `seen` (h, w) how far the mouth is seen, which `left`
        (3, h, w) of its grain.
        """
        moved = 1 - base * (1 - float(self._tile.after_cubic[band, 0]))
        of_plate = (1 - seen) * moved.sqrt()
        if is_own:  # grain of one frame adds up as a picture does, that of two as chance does
            return (1 - (seen + of_plate).square()).clamp(0, 1).sqrt()
        of_mouth = seen * float(np.sqrt(self._tile.after_lanczos[band, 0]))
        if left is not None:
            of_mouth = of_mouth * left
        return (1 - of_mouth.square() - of_plate.square()).clamp(0, 1).sqrt()

    def _amplitude(self, made: torch.Tensor) -> torch.Tensor:
        """Deviation of the plate's grain in pixels like `made` (h, w, 3): (3, h, w)."""
        luma = made @ _tensor(LUMA, made)
        codes = ((luma - _LOWEST) * ((_CODES - 1) / _SPAN)).clamp(0, _CODES - 1)
        return _tensor(self._table, made)[codes.round().long()].permute(2, 0, 1)


def _tensor(array: NDArray[Any], like: torch.Tensor) -> torch.Tensor:
    """`array` as float32 on the device of `like`."""
    import torch

    return torch.from_numpy(np.ascontiguousarray(array, dtype=np.float32)).to(like.device)


def _rgb(channels: torch.Tensor) -> torch.Tensor:
    """R'G'B' (h, w, 3) of Y', B'-Y', R'-Y' (3, h, w)."""
    import torch

    luma, blue, red = channels
    green = luma - (float(LUMA[0]) * red + float(LUMA[2]) * blue) / float(LUMA[1])
    return torch.stack([luma + red, green, luma + blue], dim=-1)
