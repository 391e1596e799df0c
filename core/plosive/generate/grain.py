# SPDX-License-Identifier: Apache-2.0
"""The plate's grain, measured on the lower face: how strong at which brightness, how coarse, how coloured.

Two consecutive pictures of the same skin differ by their grain, since grain is new in every frame. Blocks are
taken apart at whole pixels (resampling would soften the grain); what a small shift would change, to first
order, is fitted and taken out. Compressed footage differs too, but unevenly: codecs skip flat places. So flat
blocks are compared: where they are not all alike, there is no grain.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from plosive.generate.matte import MATTE_POINTS
from plosive.generate.pool import SourcePool

__all__ = [
    "LUMA",
    "Grain",
    "colour_of_differences",
    "differences_of_colour",
    "measured_grain",
    "paired_sources",
]

_BLOCK = 24
_MOST_PAIRS, _FIRST_PAIRS = 32, 8
_MOST_BLOCKS_A_PAIR = 70
_FEWEST_BLOCKS = 60
_LEVELS = 5
_FEWEST_BLOCKS_A_LEVEL = 25
_FLAT_SHARE = 0.4
_LOW, _MIDDLE, _EVEN = 0.1, 0.5, 0.15  # quantiles of the blocks' power
# Amplitude at the middle over that at the low quantile, against pure noise: film and sensors give 1.04 to
# 1.15, codecs 1.41 and more.
_EVEN_ENOUGH, _UNEVEN, _DOUBTFUL = 1.22, 1.36, 1.5
_FAINTEST, _PLAIN = 0.45 / 255, 0.7 / 255  # amplitude of luma: less is not seen
_GRADIENT_BLUR = 1.5
_MOST_LAG = 8
_RED, _BLUE = np.float32(0.2126), np.float32(0.0722)
LUMA = np.array([_RED, 1 - _RED - _BLUE, _BLUE], dtype=np.float32)
"""What red, green and blue give to Y' here: BT.709."""
_AROUND = np.concatenate([MATTE_POINTS, [132, 361, 58, 288, 172, 397, 50, 280]])
_LIPS = np.array([61, 291, 0, 17, 37, 267, 84, 314])


@dataclass(frozen=True)
class Grain:
    """Grain of one shot, in Y', B'-Y', R'-Y' of its working values (see `differences_of_colour`).

    `levels` (L,) rising are values of Y', `amplitudes` (L, 3) the standard deviations there, working units.
    `correlation` (3, 3, 17, 17) is how grain of one channel goes with that of another so many pixels down
    and across, -8..8; its middle is 1 where both are the same channel.
    """

    levels: NDArray[np.float32]
    amplitudes: NDArray[np.float32]
    correlation: NDArray[np.float32]


def differences_of_colour(rgb: NDArray[np.float32]) -> NDArray[np.float32]:
    """Y', B'-Y', R'-Y' (..., 3) of R'G'B' working values, weighted by `LUMA`."""
    luma = rgb @ LUMA
    return np.stack([luma, rgb[..., 2] - luma, rgb[..., 0] - luma], axis=-1)


def colour_of_differences(channels: NDArray[np.float32]) -> NDArray[np.float32]:
    """R'G'B' (..., 3) of what `differences_of_colour` gives."""
    luma, blue, red = (channels[..., channel] for channel in range(3))
    green = luma - (LUMA[0] * red + LUMA[2] * blue) / LUMA[1]
    return np.stack([luma + red, green, luma + blue], axis=-1)


@dataclass(frozen=True)
class _Blocks:
    """`residuals` (N, 24, 24, 3) of pairs of pictures, mean `luma` (N,), its unevenness `texture` (N,)."""

    residuals: NDArray[np.float32]
    luma: NDArray[np.float32]
    texture: NDArray[np.float32]


def measured_grain(sources: SourcePool) -> Grain | None:
    """The grain of the shot that `sources` are of; None where there is none, or too little to tell."""
    pairs = _pairs(sources)
    first_look = _fitted(sources, pairs[:: _MOST_PAIRS // _FIRST_PAIRS], _DOUBTFUL)
    return first_look and _fitted(sources, pairs)


def _pairs(sources: SourcePool) -> list[int]:
    return paired_sources(sources.order, sources.take)


def paired_sources(order: NDArray[np.int64], take: NDArray[np.int64]) -> list[int]:
    """Sources (0..N-1) followed by the next frame of the plate, evenly over the shot: the grain is measured
    in these and those after them. `order` and `take` (N,) as in `SourcePool`.
    """
    follows = (np.diff(order) == 1) & (take[:-1] == 0)
    firsts = np.flatnonzero(follows)
    if len(firsts) > _MOST_PAIRS:
        firsts = firsts[np.linspace(0, len(firsts) - 1, _MOST_PAIRS).round().astype(int)]
    return [int(first) for first in firsts]


def _differences(sources: SourcePool, first: int) -> _Blocks | None:
    """Blocks of source `first` against the one after it."""
    import cv2

    before, shown = sources.pixels(first)
    after, then = sources.pixels(first + 1)
    points, moved = sources.landmarks[first, :, :2], sources.landmarks[first + 1, :, :2]
    motion, _ = cv2.estimateAffine2D(points[_AROUND], moved[_AROUND])
    if motion is None:
        return None
    earlier, later = differences_of_colour(before), differences_of_colour(after)
    lips = points[_LIPS]
    pairs = []
    for corner in _corners(before.shape):
        centre = np.array([shown.left, shown.top]) + corner + _BLOCK / 2
        if (centre > lips.min(axis=0) - _BLOCK).all() and (centre < lips.max(axis=0) + _BLOCK).all():
            continue
        step = np.rint(motion @ np.append(centre, 1) - centre).astype(int)
        there = corner + step + (shown.left - then.left, shown.top - then.top)
        if (there < 2).any() or (there + _BLOCK + 2 > (after.shape[1], after.shape[0])).any():
            continue
        pairs.append((_block(earlier, corner), _block(later, there)))
    if not pairs:
        return None
    one = np.stack([pair[0] for pair in pairs])
    return _residuals(one, np.stack([pair[1] for pair in pairs]))


def _corners(shape: tuple[int, ...]) -> Iterator[NDArray[np.int64]]:
    """(x, y) of blocks all over a picture, not more than 70 of them."""
    down, across = (shape[0] - 4) // _BLOCK, (shape[1] - 4) // _BLOCK
    stride = max(1.0, (down * across / _MOST_BLOCKS_A_PAIR) ** 0.5)
    for row in np.arange(0, down, stride):
        for column in np.arange(0, across, stride):
            yield np.array([2 + int(column) * _BLOCK, 2 + int(row) * _BLOCK])


def _block(picture: NDArray[np.float32], corner: NDArray[np.int64]) -> NDArray[np.float32]:
    """A block and two pixels around it: (28, 28, 3)."""
    left, top = corner - 2
    return picture[top : top + _BLOCK + 4, left : left + _BLOCK + 4]


def _residuals(one: NDArray[np.float32], other: NDArray[np.float32]) -> _Blocks:
    """What differs between blocks (N, 28, 28, 3), less what a shift and a change of light explain."""
    from scipy.ndimage import gaussian_filter1d

    mean = (one + other) / 2
    for axis in (1, 2):
        mean = gaussian_filter1d(mean, _GRADIENT_BLUR, axis=axis, truncate=2.5)
    across = (mean[:, 2:-2, 3:-1] - mean[:, 2:-2, 1:-3]) / 2
    down = (mean[:, 3:-1, 2:-2] - mean[:, 1:-3, 2:-2]) / 2
    count = len(one)
    difference = (other - one)[:, 2:-2, 2:-2].reshape(count, -1, 3)
    terms = np.stack([np.ones_like(across), across, down], axis=-1).reshape(count, -1, 3, 3)
    by_channel = terms.transpose(0, 2, 3, 1).astype(np.float64)  # block, channel, term, pixel
    wanted = np.einsum("nctp,npc->nct", by_channel, difference)
    products = by_channel @ by_channel.transpose(0, 1, 3, 2) + 1e-9 * np.eye(3)
    explained = np.einsum("nct,nctp->npc", np.linalg.solve(products, wanted[..., None])[..., 0], by_channel)
    rest = ((difference - explained) * np.sqrt(0.5)).astype(np.float32)
    texture = across[..., 0].var(axis=(1, 2)) + down[..., 0].var(axis=(1, 2))
    return _Blocks(rest.reshape(count, _BLOCK, _BLOCK, 3), mean[:, 2:-2, 2:-2, 0].mean(axis=(1, 2)), texture)


def _fitted(sources: SourcePool, pairs: Sequence[int], uneven: float = _UNEVEN) -> Grain | None:
    """The grain that `pairs` show; None where flat blocks differ by more than `uneven`."""
    found = [blocks for blocks in (_differences(sources, first) for first in pairs) if blocks is not None]
    if sum(len(part.luma) for part in found) < _FEWEST_BLOCKS:
        return None
    blocks = _Blocks(
        np.concatenate([part.residuals for part in found]),
        np.concatenate([part.luma for part in found]),
        np.concatenate([part.texture for part in found]),
    )
    power = (blocks.residuals**2).mean(axis=(1, 2))
    flat, luma = _flattest(blocks), blocks.luma
    spectrum, freedom = _spectrum(blocks.residuals[flat & (power[:, 0] <= np.quantile(power[flat, 0], 0.5))])
    expected = _chi_square_quantiles(freedom)
    edges = np.quantile(luma[flat], np.linspace(0, 1, _levels_in(int(flat.sum())) + 1))
    levels, powers = [], []
    usual = np.ones(len(luma))
    for low, high in pairwise(edges):
        here = flat & (luma >= low) & (luma <= high)
        levels.append(float(np.median(luma[here])))
        powers.append(np.quantile(power[here], _EVEN, axis=0) / expected[_EVEN])
        usual[here] = powers[-1][0]
    relative = power[flat, 0] / np.maximum(usual[flat], 1e-12)
    low, middle = np.quantile(relative, [_LOW, _MIDDLE])
    unevenness = np.sqrt(middle / max(low, 1e-9) * expected[_LOW][0] / expected[_MIDDLE][0])
    strength = _ramp(unevenness, uneven, _EVEN_ENOUGH)
    amplitudes = np.sqrt(np.array(powers)) * strength
    amplitudes *= _ramp(float(np.median(amplitudes[:, 0])), _FAINTEST, _PLAIN)
    if not amplitudes.any():
        return None
    even = flat.copy()
    even[flat] = relative <= middle * 1.3
    spectrum, _ = _spectrum(blocks.residuals[even])
    return Grain(np.array(levels, np.float32), amplitudes.astype(np.float32), _correlation(spectrum))


def _flattest(blocks: _Blocks) -> NDArray[np.bool_]:
    """The blocks (N,) with least texture for their brightness."""
    order = np.argsort(np.argsort(blocks.luma)) * _LEVELS // len(blocks.luma)
    flat = np.zeros(len(blocks.luma), dtype=bool)
    for level in range(_LEVELS):
        here = order == level
        flat |= here & (blocks.texture <= np.quantile(blocks.texture[here], _FLAT_SHARE))
    return flat


def _levels_in(count: int) -> int:
    return int(np.clip(count // _FEWEST_BLOCKS_A_LEVEL, 1, _LEVELS))


def _spectrum(residuals: NDArray[np.float32]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean power (3, 3, 24, 24) of blocks (N, 24, 24, 3), and how many free numbers a block has, by channel.

    Windowed by a Hann window (Welch 1967); the lowest frequencies, which the fit took, are their neighbours'.
    """
    window = np.hanning(_BLOCK + 2)[1:-1]
    shaped = residuals * (window[:, None] * window)[..., None]
    waves = np.fft.fft2(shaped, axes=(1, 2))
    power = np.einsum("nyxc,nyxd->cdyx", waves, waves.conj()).real / len(residuals)
    around = [(0, 2), (2, 0), (0, -2), (-2, 0), (1, 2), (2, 1)]
    fill = np.mean([power[:, :, y, x] for y, x in around], axis=0)
    for y, x in ((0, 0), (0, 1), (1, 0), (0, -1), (-1, 0)):
        power[:, :, y, x] = fill
    own = np.stack([power[channel, channel] for channel in range(3)])
    freedom = own.sum(axis=(1, 2)) ** 2 / np.maximum((own**2).sum(axis=(1, 2)), 1e-30)
    return power, np.maximum(freedom, 4.0)


def _chi_square_quantiles(freedom: NDArray[np.float64]) -> dict[float, NDArray[np.float64]]:
    """Quantiles (3,) of the power of a block of pure noise, over its mean.

    As scipy.stats.chi2.ppf reckons them; importing that takes most of a second.
    """
    from scipy.special import gammaincinv

    return {share: 2 * gammaincinv(freedom / 2, share) / freedom for share in (_LOW, _EVEN, _MIDDLE)}


def _correlation(spectrum: NDArray[np.float64]) -> NDArray[np.float32]:
    """Correlations of Blackman and Tukey (1958): of the windowed blocks, over the window's own."""
    window = np.hanning(_BLOCK + 2)[1:-1]
    lags = np.arange(-_MOST_LAG, _MOST_LAG + 1)
    own = np.correlate(window, window, "full")[_BLOCK - 1 + lags]
    padded = np.fft.ifft2(spectrum).real[:, :, lags[:, None], lags[None]]
    covariance = padded / (own[:, None] * own)
    taper = 0.5 + 0.5 * np.cos(np.pi * lags / (_MOST_LAG + 1))
    covariance *= np.sqrt(taper[:, None] * taper)
    middle = np.sqrt(np.maximum(np.einsum("ccyx->cyx", covariance)[:, _MOST_LAG, _MOST_LAG], 1e-30))
    return np.asarray(covariance / (middle[:, None] * middle)[..., None, None], dtype=np.float32)


def _ramp(value: float, nothing: float, all_of_it: float) -> float:
    return float(np.clip((value - nothing) / (all_of_it - nothing), 0, 1))
