# SPDX-License-Identifier: Apache-2.0
"""A tile of noise that looks like measured grain, taken apart into bands of detail.

numpy makes it, so that it is the same on every device.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

__all__ = ["BAND_SIGMAS", "NoiseTile"]

BAND_SIGMAS = (0.8, 1.6, 3.2)
"""Gaussians, in pixels, between which bands of detail lie; the last band is what the widest leaves."""

_SIZE = 512
_STEP_DOWN, _STEP_ACROSS = 0.7548776662466927, 0.5698402909980532  # Roberts 2018, "R2": never near the last
_PHASES = 16
_EVERY = 16
_CUBIC_SHARPNESS = -0.75  # OpenCV's

Floats = NDArray[np.float64]


class NoiseTile:
    """Noise of three channels of deviation 1, correlated as `correlation` (3, 3, 17, 17) of `Grain` says.

    `bands` (4, 3, 512, 512) float32 add up to it, from fine to coarse; it goes on without a seam at its
    edges. `powers` (4, 3) is the mean square of each band, `after_cubic` and `after_lanczos` (4, 3) what
    share of it is left, on average, where a picture was resampled so.
    """

    def __init__(self, correlation: NDArray[np.float32], seed: int) -> None:
        spectrum = _spectrum(correlation)
        gains = _band_gains()
        white = np.random.default_rng(seed).standard_normal((3, _SIZE, _SIZE), dtype=np.float32)
        waves = _coloured(spectrum, np.fft.rfft2(white))
        half = _SIZE // 2 + 1
        self.bands = np.stack(
            [np.fft.irfft2(waves * gain[:, :half], s=(_SIZE, _SIZE)) for gain in gains]
        ).astype(np.float32)
        power = np.einsum("ccyx->cyx", spectrum)[None] * gains[:, None] ** 2
        self.powers = np.maximum(power.mean(axis=(2, 3)), 1e-9)
        self.after_cubic, self.after_lanczos = (
            (power * _kept_power(kernel, reach)).mean(axis=(2, 3)) / self.powers
            for kernel, reach in ((_cubic, 2), (_lanczos, 4))
        )
        self._seed = seed
        self._few = np.ascontiguousarray(power[:, 0, ::_EVERY, ::_EVERY])  # so few tell as much

    def after_blur(self, across: float, down: float) -> Floats:
        """Share of the power of each band of Y' (4,) that a Gaussian leaves; squared widths in pixels."""
        squared = _frequencies()[::_EVERY] ** 2
        left = np.exp(-squared[:, None] * max(down, 0) - squared * max(across, 0))
        return np.asarray((self._few * left).sum(axis=(1, 2)) / self._few.sum(axis=(1, 2)))

    def gradient_powers(self, sigmas: Sequence[float]) -> Floats:
        """Power of central differences of Y' along x and y, behind Gaussians: (len(sigmas), 2)."""
        squared, steps = _frequencies()[::_EVERY] ** 2, 4 * np.sin(_frequencies()[::_EVERY]) ** 2
        power = self._few.sum(axis=0)
        made = [power * np.exp(-(squared[:, None] + squared) * sigma**2) for sigma in sigmas]
        return np.array([[(one * steps).mean(), (one * steps[:, None]).mean()] for one in made])

    def drawn(
        self, bands: NDArray[np.float32], frame_index: int, height: int, width: int
    ) -> NDArray[np.float32]:
        """`height` x `width` pixels of `bands` (..., 512, 512), others in every frame: (..., h, w)."""
        drawn = np.empty((*bands.shape[:-2], height, width), dtype=np.float32)
        for there, here in self.pieces(frame_index, slice(0, height), slice(0, width)):
            drawn[..., there[0], there[1]] = bands[..., here[0], here[1]]
        return drawn

    def pieces(
        self, frame_index: int, rows: slice, columns: slice
    ) -> Iterator[tuple[tuple[slice, slice], tuple[slice, slice]]]:
        """What `drawn` puts at `rows` and `columns`, without a copy: (place in that region, place in the
        tile).
        """
        turn = frame_index + self._seed % 997
        top, left = (int(turn * step % 1 * _SIZE) for step in (_STEP_DOWN, _STEP_ACROSS))
        for down in _spans(top + rows.start, rows.stop - rows.start):
            for across in _spans(left + columns.start, columns.stop - columns.start):
                yield (down[0], across[0]), (down[1], across[1])


def _spans(first: int, length: int) -> Iterator[tuple[slice, slice]]:
    """`length` pixels from `first` of an endless row of tiles: (place among them, place in the tile)."""
    done = 0
    while done < length:
        start = (first + done) % _SIZE
        count = min(_SIZE - start, length - done)
        yield slice(done, done + count), slice(start, start + count)
        done += count


def _frequencies() -> Floats:
    """In radians a pixel: (512,)."""
    return np.asarray(2 * np.pi * np.fft.fftfreq(_SIZE))


def _spectrum(correlation: NDArray[np.float32]) -> Floats:
    """(3, 3, 512, 512), mean over all frequencies 1 for each channel by itself."""
    reach = correlation.shape[-1] // 2
    lags = np.arange(-reach, reach + 1)
    laid = np.zeros((3, 3, _SIZE, _SIZE))
    laid[:, :, lags[:, None], lags[None]] = (correlation + correlation[..., ::-1, ::-1]) / 2
    return np.asarray(np.fft.fft2(laid).real)


def _coloured(spectrum: Floats, waves: NDArray[np.complex128]) -> NDArray[np.complex128]:
    """White `waves` (3, 512, 257) given `spectrum`: a Cholesky factor at every frequency."""
    half = spectrum[..., : waves.shape[-1]]
    first = np.sqrt(np.maximum(half[0, 0], 1e-6))
    second_first, third_first = half[0, 1] / first, half[0, 2] / first
    second = np.sqrt(np.maximum(half[1, 1] - second_first**2, 1e-6))
    third_second = (half[1, 2] - second_first * third_first) / second
    third_second = np.where(second > 2e-3, third_second, 0)
    third = np.sqrt(np.maximum(half[2, 2] - third_first**2 - third_second**2, 1e-6))
    return np.stack(
        [
            first * waves[0],
            second_first * waves[0] + second * waves[1],
            third_first * waves[0] + third_second * waves[1] + third * waves[2],
        ]
    )


def _band_gains() -> Floats:
    """How each band passes each frequency: (4, 512, 512), together 1."""
    squared = _frequencies()[:, None] ** 2 + _frequencies() ** 2
    passed = [np.ones_like(squared)]
    for sigma in BAND_SIGMAS:
        passed.append(passed[-1] * np.exp(-squared * sigma**2 / 2))
    return np.stack([*(above - below for above, below in pairwise(passed)), passed[-1]])


def _kept_power(kernel: Callable[[Floats], Floats], reach: int) -> Floats:
    """Power (512, 512) of white noise left by an interpolation `kernel`, mean over all sub-pixel shifts."""
    taps = np.arange(1 - reach, reach + 1)
    kept = np.zeros(_SIZE)
    for shift in (np.arange(_PHASES) + 0.5) / _PHASES:
        weights = kernel(taps - shift)
        kept += np.abs(np.exp(-1j * np.outer(_frequencies(), taps)) @ (weights / weights.sum())) ** 2
    kept /= _PHASES
    return kept[:, None] * kept


def _cubic(away: Floats) -> Floats:
    """Cubic convolution (Keys 1981)."""
    x, a = np.abs(away), _CUBIC_SHARPNESS
    inner = (a + 2) * x**3 - (a + 3) * x**2 + 1
    return np.where(x <= 1, inner, np.where(x < 2, a * (x**3 - 5 * x**2 + 8 * x - 4), 0))


def _lanczos(away: Floats) -> Floats:
    return np.asarray(np.where(np.abs(away) < 4, np.sinc(away) * np.sinc(away / 4), 0))
