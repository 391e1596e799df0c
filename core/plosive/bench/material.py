# SPDX-License-Identifier: Apache-2.0
"""A plate and a dub of any length, made from the demo's sample."""

from __future__ import annotations

import wave
from pathlib import Path

from plosive.demo.sample import SamplePlate, spoken_line, write_sample
from plosive.progress import Progress

__all__ = ["write_material", "write_speech"]

_DISTINCT_FRAMES = 48
_PLATE_PIXELS_PER_PORTRAIT_PIXEL = 2.0  # a face about 300 pixels wide at 1080p, a common medium close-up


def write_material(folder: Path, seconds: float, height: int, progress: Progress) -> tuple[Path, Path]:
    """Write a 16:9 ProRes 422 HQ plate and a dub, both `seconds` long; returns their paths."""
    frame_count = max(1, round(seconds * 24))
    width = height * 16 // 9 // 2 * 2
    sample = SamplePlate(frame_count, width=width, height=height, scale=_PLATE_PIXELS_PER_PORTRAIT_PIXEL)
    plate = folder / f"plate_{frame_count}.mov"
    write_sample(plate, sample, progress, distinct_frames=_DISTINCT_FRAMES)
    dub = folder / f"dub_{frame_count}.wav"
    _write_dub(dub, frame_count / 24)
    return plate, dub


def write_speech(folder: Path, seconds: float) -> tuple[Path, str]:
    """Write the spoken line as often as it fits into `seconds`, at least once; returns file and words."""
    line, words = spoken_line()
    with wave.open(str(line), "rb") as source:
        length = source.getnframes() / source.getframerate()
    times = max(1, int(seconds / length))
    path = folder / f"speech_{times}.wav"
    _write_dub(path, times * length)
    return path, " ".join([words] * times)


def _write_dub(path: Path, seconds: float) -> None:
    """The spoken line again and again, cut at `seconds`."""
    line, _ = spoken_line()
    with wave.open(str(line), "rb") as source, wave.open(str(path), "wb") as target:
        target.setparams(source.getparams())
        sound = source.readframes(source.getnframes())
        size = round(seconds * source.getframerate()) * source.getsampwidth() * source.getnchannels()
        target.writeframes((sound * (size // len(sound) + 1))[:size])
