# SPDX-License-Identifier: Apache-2.0
"""Loudness, pitch and voice activity of a dub, every 10 ms."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from plosive.speech.model import SAMPLE_RATE, Sound
from plosive.speech.sound.voice import voice_likelihood

__all__ = ["HOP_SAMPLES", "hop_windows", "measure_sound", "speech_runs"]

HOP_SAMPLES = SAMPLE_RATE // 100
_BLOCK_HOPS = 3000  # half a minute at a time keeps memory flat
_WINDOW = 640  # 40 ms: two periods of a 50 Hz voice
_LOWEST_HZ, _HIGHEST_HZ = 60, 500
_FLOOR_SECONDS = 5  # how far around a hop its noise floor is looked for
_BANDS = 16
_CLEAN_DB = 20
_NEAR_HOPS = 20  # soft sounds this near to a voice belong to it


def measure_sound(samples: NDArray[np.float32]) -> Sound:
    """Sound of mono 16 kHz `samples` (n,) float32 in -1..1, one value per started 10 ms hop.

    Loudness is RMS over 20 ms. Pitch is the peak of the normalised autocorrelation (Boersma 1993),
    60 to 500 Hz. Activity is the likelihood of a voice (`voice_likelihood`), and around voices energy over an
    adaptive noise floor (10th percentile of 5 s), which knows the soft beginnings and ends of speech better;
    its runs whose spectrum does not change (hum, hiss, tones) do not count.
    """
    hops = -(-len(samples) // HOP_SAMPLES)
    loudness = np.full(hops, -120, np.float32)
    pitch = np.zeros(hops, np.float32)
    bands = np.full((hops, _BANDS), -120, np.float32)
    margin = _WINDOW // 2
    for first in range(0, hops, _BLOCK_HOPS):
        count = min(_BLOCK_HOPS, hops - first)
        start = first * HOP_SAMPLES + HOP_SAMPLES // 2 - margin
        frames = hop_windows(samples, start, count, _WINDOW)
        rows = slice(first, first + count)
        middle = frames[:, margin - HOP_SAMPLES : margin + HOP_SAMPLES]
        loudness[rows] = 10 * np.log10(np.mean(middle**2, axis=1) + 1e-12)
        pitch[rows], bands[rows] = _pitch_and_bands(frames)
    pitch[loudness < -60] = 0
    return Sound(loudness, pitch, _activity(voice_likelihood(samples), _energy(loudness, bands), loudness))


def speech_runs(activity: NDArray[np.float32], *, join: int = 30, shortest: int = 6) -> list[tuple[int, int]]:
    """Runs of hops (start, end) where someone speaks; gaps under `join` hops do not part them."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], activity > 0.5, [0]]).astype(np.int8)))
    runs: list[tuple[int, int]] = []
    for start, end in edges.reshape(-1, 2).tolist():
        if runs and start - runs[-1][1] < join:
            runs[-1] = (runs[-1][0], end)
        else:
            runs.append((start, end))
    return [run for run in runs if run[1] - run[0] >= shortest]


def hop_windows(samples: NDArray[np.float32], start: int, count: int, window: int) -> NDArray[np.float32]:
    """`count` windows, one a hop, from sample `start` on; silence outside the dub: (count, window)."""
    end = start + (count - 1) * HOP_SAMPLES + window
    piece = samples[max(start, 0) : min(end, len(samples))]
    piece = np.pad(piece, (max(-start, 0), max(end - max(len(samples), max(start, 0)), 0)))
    piece = np.pad(piece, (0, max(end - start - len(piece), 0)))
    return np.lib.stride_tricks.sliding_window_view(piece, window)[::HOP_SAMPLES][:count]


def _pitch_and_bands(frames: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Pitch (count,) in Hz and loudness in `_BANDS` bands (count, bands) in dB."""
    window = np.hanning(_WINDOW).astype(np.float32)
    spectrum = np.fft.rfft((frames - frames.mean(axis=1, keepdims=True)) * window, 2 * _WINDOW, axis=1)
    power = (spectrum.real**2 + spectrum.imag**2).astype(np.float32)
    edges = np.unique(np.geomspace(8, 560, _BANDS + 1).astype(int))  # 100 Hz to 7 kHz
    sums = np.add.reduceat(power, edges, axis=1)[:, :-1]
    bands = np.full((len(frames), _BANDS), -120, np.float32)
    bands[:, : sums.shape[1]] = 10 * np.log10(sums / _WINDOW**2 + 1e-12)

    own = np.fft.irfft(np.abs(np.fft.rfft(window, 2 * _WINDOW)) ** 2)[:_WINDOW]
    auto = np.fft.irfft(power, axis=1)[:, :_WINDOW] / np.maximum(own, own[0] * 1e-3)
    shortest, longest = SAMPLE_RATE // _HIGHEST_HZ, SAMPLE_RATE // _LOWEST_HZ
    height = auto[:, shortest:longest] / np.maximum(auto[:, :1], 1e-12)
    height = height - 0.0005 * np.arange(shortest, longest)  # of equal peaks the shortest period is the voice
    lag = shortest + height.argmax(axis=1)
    voiced = height.max(axis=1) > 0.4
    return np.where(voiced, SAMPLE_RATE / lag, 0).astype(np.float32), bands


def _activity(
    voice: NDArray[np.float32], energy: NDArray[np.float32], loudness: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Voice, widened by energy near it and cut where a clean dub is as quiet as its pauses.

    A voice without any energy is a tone that just began.
    """
    from scipy.ndimage import maximum_filter1d, uniform_filter1d

    if not len(voice):
        return voice
    for start, end in speech_runs(voice, join=1, shortest=1):
        if energy[max(start - _NEAR_HOPS, 0) : end + _NEAR_HOPS].max() < 0.5:
            voice[start:end] = 0
    near = maximum_filter1d(voice, 2 * _NEAR_HOPS + 1) > 0.5
    active = np.where(near, np.maximum(voice, energy), voice)
    if near.any() and not near.all():
        speech, background = np.median(loudness[voice > 0.5]), np.median(loudness[~near])
        if speech - background > _CLEAN_DB:  # the voice is heard on for a tenth of a second after it ends
            quiet = max(background + 6, speech - 2 * _CLEAN_DB)
            active = np.where(uniform_filter1d(loudness, 5) < quiet, 0, active)
    return np.asarray(active, dtype=np.float32)


def _energy(loudness: NDArray[np.float32], bands: NDArray[np.float32]) -> NDArray[np.float32]:
    from scipy.ndimage import percentile_filter, uniform_filter1d

    if not len(loudness):
        return loudness
    smooth = uniform_filter1d(loudness, 5)
    coarse = smooth[::10]
    floor = percentile_filter(coarse, 10, size=_FLOOR_SECONDS * 10 + 1, mode="nearest")
    floor = np.minimum(np.repeat(floor, 10)[: len(smooth)], np.percentile(smooth, 98) - 15)
    over = smooth - np.maximum(floor, -75)
    energy = 1 / (1 + np.exp(-(over - 8) / 2))
    steady = uniform_filter1d(np.maximum(bands, bands.max() - 60), 9, axis=0)
    for start, end in speech_runs(energy, join=1, shortest=20):
        inside = steady[start + 6 : end - 6]  # onsets move even in a tone
        changes = uniform_filter1d(inside**2, 41, axis=0) - uniform_filter1d(inside, 41, axis=0) ** 2
        movement = np.percentile(np.sqrt(np.maximum(changes, 0)).mean(axis=1), 75)
        energy[start:end] *= np.clip(movement - 1.5, 0, 1)
    return np.asarray(energy, dtype=np.float32)
