# SPDX-License-Identifier: Apache-2.0
"""Breaths and lip smacks in the pauses of a dub: the sound of a mouth that opens before it speaks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from plosive.speech.model import BREATH, HOP_SECONDS, SAMPLE_RATE, SILENCE, Phone
from plosive.speech.sound.prosody import HOP_SAMPLES, hop_windows

__all__ = ["with_breaths"]

# Air through parting lips sounds between 1 and 4 kHz. On 15 recordings of 15 people real mouths opened within
# 50 ms of where this band left its floor; where it did not, they stayed closed until just before they spoke.
_LOWEST_HZ, _HIGHEST_HZ = 1000, 4000
_ABOVE_FLOOR_DB = 12.0
_BELOW_SPEECH_DB = 50.0  # fainter than this against the loudest speech it is the room or the codec
_LONGEST_SECONDS = Fraction(4, 5)
_SHORTEST_SECONDS = Fraction(1, 25)
_SHORTEST_PAUSE_SECONDS = Fraction(1, 2)
_SHORTEST_FIRST_SECONDS = Fraction(1, 5)
_DECAY_SECONDS = Fraction(2, 25)  # the last sound dies away in the room
_MOST_VOICE = 0.5  # mean likelihood of speech: a voice is no breath
_RISE_HOPS = 4  # the word sounds in the hops just before it: windows overlap
_LABIALS = ("P", "B", "M")
_ONSET_HOPS = 25  # ahead of a word voice activity rises before the word does
_WINDOW = 512
_BLOCK_HOPS = 3000
_SMOOTH_HOPS = 2.0


def with_breaths(
    phones: Sequence[Phone], samples: NDArray[np.float32], activity: NDArray[np.float32]
) -> tuple[Phone, ...]:
    """`phones`, the ends of pauses named BREATH from where the mouth is heard to open.

    `samples` is the dub, mono 16 kHz (n,) float32; `activity` (hops,) its likelihood of speech. Pauses of
    half a second count, and of a fifth of a second before the first word; the one after the last does not.
    Before p, b and m the pause goes on once the breath has died away, else the mouth stays open for the word.
    """
    spoken = [row for row, phone in enumerate(phones) if phone.symbol != SILENCE]
    if not spoken:
        return tuple(phones)
    level = _level(samples)
    faintest = max(
        float(np.percentile(level, 5)) + _ABOVE_FLOOR_DB, float(np.percentile(level, 98)) - _BELOW_SPEECH_DB
    )
    found: list[Phone] = []
    for row, phone in enumerate(phones):
        found.append(phone)
        if phone.symbol != SILENCE or row > spoken[-1]:
            continue
        shortest = _SHORTEST_FIRST_SECONDS if row < spoken[0] else _SHORTEST_PAUSE_SECONDS
        if phone.end_seconds - phone.start_seconds < shortest:
            continue
        earliest = phone.start_seconds + (0 if row < spoken[0] else _DECAY_SECONDS)
        earliest = max(earliest, phone.end_seconds - _LONGEST_SECONDS)
        first, end = int(earliest / HOP_SECONDS), int(phone.end_seconds / HOP_SECONDS)
        heard = np.flatnonzero(level[first:end] > faintest)
        if not len(heard):
            continue
        start = max((first + int(heard[0])) * HOP_SECONDS, phone.start_seconds)
        before_onset = activity[first + int(heard[0]) : max(end - _ONSET_HOPS, first + int(heard[0]))]
        spoken_in = len(before_onset) > 0 and float(before_onset.mean()) > _MOST_VOICE
        if phone.end_seconds - start < _SHORTEST_SECONDS or spoken_in:
            continue
        end_seconds = phone.end_seconds
        if phones[row + 1].symbol in _LABIALS:  # lips close when they have breathed
            end_seconds = min((first + _died_away(heard, end - first)) * HOP_SECONDS, end_seconds)
        found[-1:] = [] if start == phone.start_seconds else [replace(phone, end_seconds=start)]
        found.append(Phone(BREATH, start, end_seconds))
        if end_seconds < phone.end_seconds:
            found.append(replace(phone, start_seconds=end_seconds))
    return tuple(found)


def _died_away(heard: NDArray[np.int64], hops: int) -> int:
    """Where the last sound of a pause of that many hops ends, the rise into the word after it left out."""
    runs = np.split(heard, np.flatnonzero(np.diff(heard) > 1) + 1)
    if runs[-1][-1] >= hops - _RISE_HOPS:
        if len(runs) == 1:
            return hops
        runs.pop()
    return int(runs[-1][-1]) + 1


def _level(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Loudness of the band per 10 ms hop in dB, over 32 ms, lightly smoothed: (hops,) float32."""
    from scipy.ndimage import gaussian_filter1d

    hops = -(-len(samples) // HOP_SAMPLES)
    level = np.empty(hops, np.float32)
    window = np.hanning(_WINDOW).astype(np.float32)
    bins = np.fft.rfftfreq(_WINDOW, 1 / SAMPLE_RATE)
    band = (bins >= _LOWEST_HZ) & (bins < _HIGHEST_HZ)
    margin = (_WINDOW - HOP_SAMPLES) // 2
    for first in range(0, hops, _BLOCK_HOPS):
        count = min(_BLOCK_HOPS, hops - first)
        frames = hop_windows(samples, first * HOP_SAMPLES - margin, count, _WINDOW)
        spectrum = np.fft.rfft(frames * window, axis=1)[:, band]
        power = (spectrum.real**2 + spectrum.imag**2).mean(axis=1)
        level[first : first + count] = 10 * np.log10(power + 1e-14)
    return np.asarray(gaussian_filter1d(level, _SMOOTH_HOPS), np.float32)
