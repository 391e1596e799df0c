# SPDX-License-Identifier: Apache-2.0
"""The colour of a sound: its energy in 26 bands as the ear parts them, every 10 ms."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from plosive.speech.model import SAMPLE_RATE
from plosive.speech.sound.prosody import HOP_SAMPLES, hop_windows

__all__ = ["BANDS", "mel_energies"]

BANDS = 26
_WINDOW = 400  # 25 ms
_TRANSFORM = 512
_LOWEST_HZ, _HIGHEST_HZ = 80.0, 7600.0
_BLOCK_HOPS = 3000  # half a minute at a time keeps memory flat


def mel_energies(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Mono 16 kHz `samples` (n,) -> (hops, 26) float32: natural logarithm of the energy in triangular bands
    of equal width in mel (Davis and Mermelstein 1980), 25 ms windows centred on hops of 10 ms.

    Each band has mean 0 and spread 1 over the recording, so that level, microphone and voice colour drop
    out; a recording without sound gives zeros.
    """
    hops = -(-len(samples) // HOP_SAMPLES)
    made = np.zeros((hops, BANDS), np.float32)
    if not hops:
        return made
    weights, window = _triangles(), np.hanning(_WINDOW).astype(np.float32)
    before = (_WINDOW - HOP_SAMPLES) // 2
    for first in range(0, hops, _BLOCK_HOPS):
        count = min(_BLOCK_HOPS, hops - first)
        frames = hop_windows(samples, first * HOP_SAMPLES - before, count, _WINDOW)
        spectrum = np.fft.rfft(frames * window, _TRANSFORM, axis=1)
        power = (spectrum.real**2 + spectrum.imag**2).astype(np.float32)
        made[first : first + _BLOCK_HOPS] = np.log(power @ weights.T + 1e-6)
    # Digital silence would drag the mean far below any room.
    made = np.maximum(made, np.percentile(made, 98, axis=0) - 12)
    return np.asarray((made - made.mean(axis=0)) / np.maximum(made.std(axis=0), 1e-3), np.float32)


def _triangles() -> NDArray[np.float32]:
    """Weights (26, bins) of the bands."""

    def mel(hertz: float) -> float:
        return float(2595 * np.log10(1 + hertz / 700))

    edges = 700 * (10 ** (np.linspace(mel(_LOWEST_HZ), mel(_HIGHEST_HZ), BANDS + 2) / 2595) - 1)
    hertz = np.fft.rfftfreq(_TRANSFORM, 1 / SAMPLE_RATE)
    rising = (hertz - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - hertz) / (edges[2:] - edges[1:-1])[:, None]
    return np.asarray(np.clip(np.minimum(rising, falling), 0, None), np.float32)
