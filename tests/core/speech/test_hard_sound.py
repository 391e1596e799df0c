# SPDX-License-Identifier: Apache-2.0
"""Noise, music, clipping, narrow band and speed; real speech in eight languages where it is at hand."""

from __future__ import annotations

import json
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import resample_poly

from plosive.media import read_dub
from plosive.speech import PhoneSource, Speech, analyse_speech
from plosive.speech.sound.prosody import measure_sound, speech_runs
from plosive.speech.sound.voice import background_db, voice_confidence, voice_likelihood
from plosive.speech.text import espeak

Samples = NDArray[np.float32]
RATE = 16_000
LABIALS = ["M", "B", "B", "B", "P", "F", "F", "F", "P", "P", "M", "F"]
SPEECH = Path(__file__).resolve().parents[4] / "shared" / "material" / "speech"


def labials(speech: Speech) -> list[str]:
    return [phone.symbol for phone in speech.phones if phone.symbol in ("M", "B", "P", "F")]


def at_speed(samples: Samples, speed: float) -> Samples:
    """FFmpeg's atempo, which keeps the pitch."""
    import av
    import av.error
    from av.filter import Graph

    graph = Graph()
    chain = [
        graph.add_abuffer(format="flt", sample_rate=RATE, layout="mono", time_base=Fraction(1, RATE)),
        *(graph.add("atempo", str(part)) for part in ([speed] if speed <= 2 else [2.0, speed / 2])),
        graph.add("abuffersink"),
    ]
    for before, after in pairwise(chain):
        before.link_to(after)
    graph.configure()
    frame = av.AudioFrame.from_ndarray(samples[None], format="flt", layout="mono")
    frame.sample_rate, frame.pts = RATE, 0
    graph.push(frame)
    graph.push(None)
    pieces: list[Samples] = []
    while True:
        try:
            pieces.append(np.asarray(graph.pull().to_ndarray(), np.float32).ravel())  # type: ignore[union-attr]
        except (av.error.EOFError, av.error.BlockingIOError):
            return np.concatenate(pieces)


def band(seconds: int = 6) -> Samples:
    """Chords, a bass drum and a hi-hat."""
    rng = np.random.default_rng(0)
    time = np.arange(seconds * RATE) / RATE
    music = np.zeros_like(time)
    for beat in range(seconds * 2):
        root = 110 * 2 ** (rng.integers(0, 12) / 12)
        here = (time >= beat / 2) & (time < beat / 2 + 0.5)
        since = time[here] - beat / 2
        for interval in (0, 4, 7, 12):
            tone = root * 2 ** (interval / 12)
            partials = sum(np.sin(2 * np.pi * tone * k * since) / k for k in range(1, 6))
            music[here] += 0.1 * partials * np.exp(-3 * since) * np.minimum(since / 0.01, 1)
    for beat in range(seconds * 4):
        since = np.arange(RATE // 10) / RATE
        drum = np.sin(2 * np.pi * 60 * since * np.exp(-8 * since)) * np.exp(-25 * since)
        hat = rng.normal(0, 0.4, len(since)) * np.exp(-40 * since)
        start = beat * RATE // 4
        music[start : start + len(since)] += 0.5 * (hat if beat % 2 else drum)
    return music.astype(np.float32)


def under(samples: Samples, noise: Samples, db: float) -> Samples:
    """`samples` with `noise` that many dB below them."""
    noise = np.resize(noise, len(samples))
    power = float(np.sqrt(np.mean(samples**2) / np.mean(noise**2)))
    return (samples + noise * np.float32(power * 10 ** (-db / 20))).astype(np.float32)


@pytest.mark.parametrize("speed", [0.7, 1.6, 2.2])
def test_fast_and_slow_speech_keeps_every_plosive(
    demo_samples: Samples, demo_line: str, speed: float
) -> None:
    speech = analyse_speech(at_speed(demo_samples, speed), transcript=demo_line)
    assert speech.source is PhoneSource.ALIGNED
    assert labials(speech) == LABIALS


def test_clipped_and_telephone_sound_align_as_well(demo_samples: Samples, demo_line: str) -> None:
    clean = analyse_speech(demo_samples, transcript=demo_line)
    narrow = resample_poly(resample_poly(demo_samples, 1, 2), 2, 1).astype(np.float32)
    for samples in (np.clip(demo_samples * 20, -1, 1).astype(np.float32), narrow):
        speech = analyse_speech(samples, transcript=demo_line)
        assert speech.source is PhoneSource.ALIGNED
        assert labials(speech) == LABIALS
        for ours, theirs in zip(speech.words, clean.words, strict=True):
            assert abs(ours.start_seconds - theirs.start_seconds) <= Fraction(6, 100)


@pytest.mark.parametrize("transcript", [None, "Maybe Bob prefers fluffy purple muffins."])
def test_music_and_hum_are_no_speech(transcript: str | None) -> None:
    time = np.arange(5 * RATE) / RATE
    hum = sum(np.sin(2 * np.pi * 50 * k * time) / k for k in range(1, 9))
    for sound in (band(), (0.1 * hum).astype(np.float32)):
        speech = analyse_speech(sound, transcript=transcript)
        assert speech.is_silent
        assert speech.source is PhoneSource.NONE


@pytest.mark.parametrize("db", [10, 0])
def test_speech_over_music_is_found_and_told(demo_samples: Samples, demo_line: str, db: float) -> None:
    speech = analyse_speech(under(demo_samples, band(), db), transcript=demo_line)
    assert speech.source is PhoneSource.ALIGNED
    assert any("music under it" in warning for warning in speech.warnings)
    assert 0.5 < speech.voice_confidence <= 1
    runs = speech_runs(speech.sound.activity)
    assert abs(runs[0][0] - 40) < 20
    assert abs(runs[-1][1] - 308) < 25


def test_a_clean_voice_is_clear(demo_samples: Samples) -> None:
    sound = measure_sound(demo_samples)
    runs = speech_runs(sound.activity)
    assert voice_confidence(sound.activity, runs) > 0.9
    above = background_db(sound.loudness_db, runs)
    assert above is not None
    assert above > 20
    assert voice_confidence(np.zeros(50, np.float32), []) == 1.0
    assert background_db(np.zeros(50, np.float32), [(0, 50)]) is None


def test_a_soft_voice_is_heard(demo_samples: Samples) -> None:
    likelihood = voice_likelihood(demo_samples * np.float32(0.005))
    assert likelihood.shape == (-(-len(demo_samples) // 160),)
    assert likelihood.dtype == np.float32
    assert likelihood[60:290].mean() > 0.9
    assert likelihood[:25].max() < 0.2


def test_pitch_of_phones_is_relative(demo_samples: Samples, demo_line: str) -> None:
    speech = analyse_speech(demo_samples, transcript=demo_line)
    voiced = [phone.pitch for phone in speech.phones if phone.pitch]
    assert len(voiced) > 12
    assert abs(float(np.mean(voiced))) < 0.3
    assert all(-3 <= pitch <= 3 for pitch in voiced)
    assert all(phone.pitch == 0 for phone in speech.phones if phone.symbol == "SIL")


# Mean distance (seconds) of mid-gap word boundaries from a recogniser's; its own error is about 0.03.
BARS = {"en": 0.03, "de": 0.06, "fr": 0.06, "it": 0.06, "es": 0.06, "pt": 0.06, "ja": 0.06, "ko": 0.06}


@pytest.mark.parametrize("language", BARS)
def test_real_speech_in_eight_languages(language: str) -> None:
    listing = SPEECH / "pico_transcripts.json"
    if not listing.exists():
        pytest.skip("the real dubs are not here")
    if language != "en" and espeak.espeak_program() is None:
        pytest.skip("eSpeak NG is not installed")
    tests = json.loads(listing.read_text(encoding="utf-8"))["tests"]["language_tests"]
    known = next(test for test in tests if test["language"] == language)
    samples = read_dub(SPEECH / f"pico_{language}.wav").speech_samples()
    speech = analyse_speech(samples, transcript=known["transcript"], language=language)
    assert speech.source is PhoneSource.ALIGNED
    if len(speech.words) != len(known["words"]):
        pytest.skip("the words were cut in other places")
    ends = [(float(word.start_seconds), float(word.end_seconds)) for word in speech.words]
    truth = [(word["start_sec"], word["end_sec"]) for word in known["words"]]
    ours, theirs = (
        np.array([(before[1] + after[0]) / 2 for before, after in pairwise(rows)]) for rows in (ends, truth)
    )
    assert np.abs(ours - theirs).mean() <= BARS[language]
