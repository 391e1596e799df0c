# SPDX-License-Identifier: Apache-2.0
"""Grain in the patch as in the plate: what resampling and blending lost is added, what was shown is renewed.

Pixels of a patch carry the grain of the frames they come from. Resampling softens it, laying two pictures
over each other averages it (to 0.7 in the middle of a feather), and a source that is shown again shows its
grain again: it freezes. What is left is known from the weights, so only the rest is added, new in every
frame.

Halving is by `cv2.resize` as it comes: between two by two pixels that is their mean, and the quickest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from plosive.composite.noise import BAND_SIGMAS, NoiseTile
from plosive.composite.sharpness import GRADIENT_SIGMAS, Blur, blurred_like
from plosive.generate.grain import LUMA, Grain, measured_grain
from plosive.generate.protocol import Patch, Shot
from plosive.geometry import Box, box_around

if TYPE_CHECKING:
    import torch

__all__ = ["CarriedGrain", "GrainMatcher"]

_CODES, _LOWEST, _SPAN = 256, -0.25, 1.75  # the table of amplitudes over Y'
_ENERGY_BLUR = 2.5
_DOUBT = 2.0  # detail below so many times the power of grain may be grain: few pixels tell its power
_OUTSTANDING = 0.3  # of its own power, a pixel that sticks out counts as detail all around it
_LEAST_MATTE = 0.02
_LEAST_SIZE, _LITTLE = 8, 1e-12
# Halving and doubling blur as well: with this, the second band at half the resolution is as wide as meant.
_HALF_SIGMA = 0.64
# Y', B'-Y', R'-Y' of R'G'B' and back, as in `differences_of_colour`.
_DIFFERENCES = np.stack([LUMA, np.eye(3, dtype=np.float32)[2] - LUMA, np.eye(3, dtype=np.float32)[0] - LUMA])
_COLOURS = np.linalg.inv(_DIFFERENCES.astype(np.float64)).astype(np.float32)


Region = tuple[slice, slice]
Picture = NDArray[np.float32]


@dataclass(frozen=True)
class CarriedGrain:
    """A mouth (h, w, 3) working, and how much of the grain it came with is left at its rows and columns
    `inside`: amplitude 0..1 by band of detail and channel, at half the resolution, (4, h/2, w/2, 3) or
    (4, 1, 1, 1); None for all of it.
    """

    mouth: Picture
    left: Picture | None = None
    inside: Region | None = None


class GrainMatcher:
    """The grain of one shot. Another `seed` gives other grain of the same kind."""

    def __init__(self, grain: Grain, seed: int) -> None:
        self._tile = NoiseTile(grain.correlation, seed)
        # Where all grain is there, only the finest band differs from the others by what resampling took.
        bands = self._tile.bands.transpose(0, 2, 3, 1)
        self._bands = np.ascontiguousarray(bands)
        self._coarse = np.ascontiguousarray(np.stack([bands[0], bands[1:].sum(axis=0)]))
        split = np.array([np.square(detail).mean(axis=(0, 1)) for detail in _split(self._bands.sum(axis=0))])
        self._doubtful = (_DOUBT * split[:3] * self._tile.after_lanczos[:3]).astype(np.float32)
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

    def carried(
        self, mouth: Picture, is_repeated: bool, blur: Blur, inside: Region | None = None
    ) -> CarriedGrain:
        """`mouth` (h, w, 3) working, with the `blur` it lacks, and where `is_repeated` without grain that was
        on show a moment ago; only `inside` counts (all of it where None).

        Only where detail is as weak as grain is it taken out (Wiener 1949, by band); stubble and pores stay.
        """
        height, width = mouth.shape[:2]
        region = _even(inside or (slice(0, height), slice(0, width)))
        is_seen, left = min(_size(region)) >= _LEAST_SIZE, None
        if is_repeated and is_seen:
            mouth = mouth.copy()
            mouth[region], left = self._cleaned(np.ascontiguousarray(mouth[region]))
        if not blur.is_none:
            kept = np.sqrt(self._tile.after_blur(blur.across, blur.down)).astype(np.float32)
            left = kept[:, None, None, None] * (np.float32(1) if left is None else left)
            mouth = blurred_like(mouth, blur)
        return CarriedGrain(mouth, left, region) if is_seen else CarriedGrain(mouth)

    def _cleaned(self, mouth: Picture) -> tuple[Picture, Picture]:
        """`mouth` (h, w, 3), even in size, without grain; what is left of its grain as in `CarriedGrain`."""
        import cv2

        height, width = mouth.shape[:2]
        full, half = (width, height), (width // 2, height // 2)
        fine, middle, coarse, below = _split(cv2.transform(mouth, _DIFFERENCES))
        # Light is smooth, and the power of detail as well: half the resolution shows them.
        squared = np.maximum(self._table.take(_codes(below[..., 0]), axis=0) ** 2, _LITTLE)
        taken, left = np.zeros_like(fine), []
        for detail, power in zip((fine, middle), self._doubtful, strict=False):
            own = cv2.resize(1 / (squared * power), full)
            own *= detail
            own *= detail
            energy = cv2.resize(_energy(cv2.resize(own, half)), full)
            share = _grain_share(energy, own)
            left.append(1 - cv2.resize(share, half))
            share *= detail
            taken += share
        own = coarse * coarse / (squared * self._doubtful[2])
        share = _grain_share(_energy(own), own)
        left += [1 - share, np.ones_like(share)]
        taken += cv2.resize(share * coarse, full)
        return mouth - cv2.transform(taken, _COLOURS), np.stack(left)

    def matched(
        self, made: torch.Tensor, patch: Patch, carried: CarriedGrain, near: Region, frame_index: int
    ) -> torch.Tensor:
        """`made` (h, w, 3) working, the patch with `carried` laid in at `near`, with the grain that it lacks
        in plate frame `frame_index`. It is changed in place.
        """
        import torch

        matte = np.maximum(patch.base_matte[::2, ::2], patch.mouth_matte[::2, ::2])
        seen = box_around(matte > 0, Box(0, 0, matte.shape[1], matte.shape[0]))
        if seen.is_empty:
            return made
        rows, columns = (
            slice(2 * max(one.start - 1, 0), min(2 * (one.stop + 1), size))
            for one, size in zip(seen.slices, made.shape[:2], strict=True)
        )
        pixels = made.cpu().numpy()
        is_own = patch.source_take == 0 and patch.source_index == frame_index
        grain = self._lacked(pixels, patch, (rows, columns), self._coarse, None, is_own, frame_index)
        if carried.left is not None and carried.inside is not None:
            inside = tuple(
                slice(one.start + by.start, one.stop + by.start)
                for one, by in zip(carried.inside, near, strict=True)
            )
            inside = (inside[0], inside[1])
            new = self._lacked(pixels, patch, inside, self._bands, carried.left, False, frame_index)
            _lay(grain, (rows, columns), new, inside)
        made[rows, columns] += torch.from_numpy(grain).to(made.device)
        return made

    def _lacked(
        self,
        made: Picture,
        patch: Patch,
        region: Region,
        bands: Picture,
        left: Picture | None,
        is_own: bool,
        frame_index: int,
    ) -> Picture:
        """Grain of `bands` (n, 512, 512, 3) that `made` (h, w, 3) lacks in `region`: R'G'B', (h', w', 3)."""
        import cv2

        height, width = _size(region)
        # Mattes and light are smooth: half the resolution shows them as well.
        half = ((width + 1) // 2, (height + 1) // 2)
        pixels, mouth, base = (
            cv2.resize(one[region], half) for one in (made, patch.mouth_matte, patch.base_matte)
        )
        matte = np.maximum(base, mouth)
        # The patch counts as far as the matte says; its grain has to arrive whole.
        amplitude = self._table.take(_codes(cv2.transform(pixels, _DIFFERENCES[:1])), axis=0)
        amplitude = cv2.divide(amplitude, _coloured(np.maximum(matte, _LEAST_MATTE)))
        matte *= mouth
        grain, part = (np.empty((height, width, 3), np.float32) for _ in range(2))
        pieces = list(self._tile.pieces(frame_index, *region))
        for band, noise in enumerate(bands):
            missing = self._missing(band, base, matte, None if left is None else left[band], is_own)
            smooth = cv2.resize(cv2.multiply(missing, amplitude), (width, height))
            for there, here in pieces:
                np.multiply(smooth[there], noise[here], out=(part if band else grain)[there])
            if band:
                grain += part
        return np.asarray(cv2.transform(grain, _COLOURS, dst=part))

    def _missing(
        self, band: int, base: Picture, seen: Picture, left: Picture | None, is_own: bool
    ) -> Picture:
        """Amplitude of the plate's grain that one band lacks, 0..1: (h, w, 3).

        `base` (h, w) says where the plate is resampled, `seen` (h, w) how far the mouth is seen, which `left`
        (h, w, 3) of its grain.
        """
        import cv2

        moved = 1 - base * np.float32(1 - self._tile.after_cubic[band, 0])
        if is_own:  # grain of one frame adds up as a picture does, that of two as chance does
            return _coloured(np.sqrt(np.clip(1 - (seen + (1 - seen) * np.sqrt(moved)) ** 2, 0, 1)))
        of_plate = np.square(1 - seen) * moved
        of_mouth = np.square(seen) * np.float32(self._tile.after_lanczos[band, 0])
        if left is None:
            return _coloured(np.sqrt(np.clip(1 - of_plate - of_mouth, 0, 1)))
        power = _coloured(1 - of_plate) - _coloured(of_mouth) * (left * left)
        return np.asarray(cv2.sqrt(np.maximum(power, 0)))


def _coloured(picture: Picture) -> Picture:
    """(h, w) for three channels: OpenCV is far quicker with them than numpy is in spreading one."""
    import cv2

    return np.asarray(cv2.merge([picture] * 3))


def _split(channels: Picture) -> tuple[Picture, Picture, Picture, Picture]:
    """Three bands of detail of `channels` (h, w, 3), even in size, from fine to coarse: about those of
    `BAND_SIGMAS`. The third (h/2, w/2, 3) and what the second leaves are at half the resolution.
    """
    import cv2

    height, width = channels.shape[:2]
    low = cv2.GaussianBlur(channels, (0, 0), BAND_SIGMAS[0])
    below = cv2.resize(low, (width // 2, height // 2))
    below = cv2.GaussianBlur(below, (0, 0), _HALF_SIGMA)
    lowest = cv2.GaussianBlur(below, (0, 0), BAND_SIGMAS[2] / 2)
    return channels - low, low - cv2.resize(below, (width, height)), below - lowest, below


def _codes(luma: Picture) -> NDArray[np.uint8]:
    """Rows (h, w) of the table of amplitudes for Y' (h, w)."""
    codes = (luma - np.float32(_LOWEST)) * np.float32((_CODES - 1) / _SPAN) + np.float32(0.5)
    return np.clip(codes, 0, _CODES - 1).astype(np.uint8)


def _energy(own: Picture) -> Picture:
    """Power of detail around each pixel (h, w, 3), at half the resolution."""
    import cv2

    return np.asarray(cv2.GaussianBlur(own, (0, 0), _ENERGY_BLUR / 2))


def _grain_share(energy: Picture, own: Picture) -> Picture:
    """Share of detail (h, w, 3) that may be grain, whose power would be 1 at most. `energy` and `own` are
    spent.
    """
    # A hair is less than its surroundings tell, and more than grain ever is.
    own *= np.float32(_OUTSTANDING)
    np.maximum(energy, own, out=energy)
    np.maximum(energy, np.float32(1), out=energy)
    return np.divide(np.float32(1), energy, out=energy)


def _size(region: Region) -> tuple[int, int]:
    return region[0].stop - region[0].start, region[1].stop - region[1].start


def _even(region: Region) -> Region:
    """`region` without a last odd row or column."""
    rows, columns = (slice(one.start, one.stop - (one.stop - one.start) % 2) for one in region)
    return rows, columns


def _lay(grain: Picture, region: Region, new: Picture, inside: Region) -> None:
    """Put `new` of `inside` into `grain` of `region`, as far as it reaches."""
    there, here = [], []
    for one, other in zip(region, inside, strict=True):
        first, last = max(one.start, other.start), max(min(one.stop, other.stop), one.start, other.start)
        there.append(slice(first - one.start, last - one.start))
        here.append(slice(first - other.start, last - other.start))
    grain[there[0], there[1]] = new[here[0], here[1]]
