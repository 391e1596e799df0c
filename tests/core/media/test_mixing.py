# SPDX-License-Identifier: Apache-2.0
"""Dubs mixed into one track, and stems cut out of one."""

from __future__ import annotations

import wave
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from plosive.errors import DubError
from plosive.media import DubTrack, cut_stem, mix_dubs, read_dub
from plosive.media.audio import decoded_blocks


def a_wav(path: Path, samples: np.ndarray, rate: int = 48_000) -> Path:
    """16-bit WAV of samples (channels, n), full scale 1."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(samples.shape[0])
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(np.rint(samples.T * 32767).astype("<i2").tobytes())
    return path


def heard(path: Path) -> np.ndarray:
    return np.concatenate(list(decoded_blocks(path, 0)), axis=1)


def tone(seconds: float, rate: int = 48_000, level: float = 0.25, hertz: float = 220) -> np.ndarray:
    return level * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)[None]


def test_a_mix_is_the_sum_each_at_its_moment(tmp_path: Path) -> None:
    one, two = tone(1.0), tone(0.5, level=0.5)
    tracks = [
        DubTrack(read_dub(a_wav(tmp_path / "a.wav", one)), Fraction(1, 2)),
        DubTrack(read_dub(a_wav(tmp_path / "b.wav", np.repeat(two, 2, axis=0))), Fraction(1)),
    ]
    mixed = mix_dubs(tracks, tmp_path / "mix.wav")
    assert mixed.start_seconds == Fraction(1, 2)
    assert (mixed.dub.sample_count, mixed.dub.channel_count, mixed.dub.warnings) == (48_000, 2, ())
    expected = np.repeat(one, 2, axis=0)
    expected[:, 24_000:] += two
    np.testing.assert_allclose(heard(mixed.dub.path), expected, atol=1e-4)


def test_a_mix_that_is_too_loud_is_turned_down_and_says_so(tmp_path: Path) -> None:
    dub = read_dub(a_wav(tmp_path / "a.wav", tone(0.2, level=0.9)))
    mixed = mix_dubs([DubTrack(dub), DubTrack(dub)], tmp_path / "mix.wav")
    assert mixed.dub.peak == pytest.approx(1, abs=1e-3)
    assert "5.1 dB lower" in mixed.dub.warnings[0]


def test_rates_are_brought_to_the_highest(tmp_path: Path) -> None:
    slow = read_dub(a_wav(tmp_path / "a.wav", tone(1.0, 16_000), 16_000))
    fast = read_dub(a_wav(tmp_path / "b.wav", np.zeros((1, 48_000))))
    mixed = mix_dubs([DubTrack(slow), DubTrack(fast)], tmp_path / "mix.wav")
    assert mixed.dub.sample_rate == 48_000
    inner = slice(2_000, 46_000)
    np.testing.assert_allclose(heard(mixed.dub.path)[0, inner], tone(1.0)[0, inner], atol=2e-3)


def test_one_dub_stays_the_file_it_is(tmp_path: Path) -> None:
    track = DubTrack(read_dub(a_wav(tmp_path / "a.wav", tone(0.1))))
    assert mix_dubs([track], tmp_path / "mix.wav") is track
    assert not (tmp_path / "mix.wav").exists()


def test_layouts_that_do_not_join_are_refused(tmp_path: Path) -> None:
    stereo = read_dub(a_wav(tmp_path / "a.wav", np.repeat(tone(0.1), 2, axis=0)))
    many = read_dub(a_wav(tmp_path / "b.wav", np.repeat(tone(0.1), 6, axis=0)))
    with pytest.raises(DubError, match=r"2 channels and b\.wav has 6"):
        mix_dubs([DubTrack(stereo), DubTrack(many)], tmp_path / "mix.wav")


def test_a_stem_is_the_sound_within_its_spans(tmp_path: Path) -> None:
    sound = tone(2.0)
    dub = read_dub(a_wav(tmp_path / "a.wav", sound))
    spans = [(Fraction(1, 2), Fraction(1)), (Fraction(3, 2), Fraction(7, 4))]
    stem = cut_stem(dub, spans, tmp_path / "stem.wav")
    assert stem.duration_seconds == 2
    cut = heard(stem.path)
    for start, end in spans:
        inside = slice(int(start * 48_000), int(end * 48_000))
        np.testing.assert_allclose(cut[:, inside], heard(dub.path)[:, inside], atol=1e-7)
    assert np.abs(cut[:, : 24_000 - 300]).max() == 0
    assert np.abs(cut[:, 48_000 + 300 : 72_000 - 300]).max() == 0
    assert np.abs(np.diff(cut)).max() < 0.02  # no click
