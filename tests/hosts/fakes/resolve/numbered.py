# SPDX-License-Identifier: Apache-2.0
"""Small plates whose every frame shows its own number, and sound that tells the second: made for tests, in
code.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

__all__ = ["make_sequence", "make_sound", "make_video", "number_in", "numbered_picture"]

BITS = 12
BAR = 16


def numbered_picture(number: int) -> NDArray[np.uint8]:
    """(64, 192, 3) uint8: the number as twelve bars, the highest bit on the left."""
    bits = [(number >> bit) & 1 for bit in reversed(range(BITS))]
    row = np.repeat(np.array(bits, np.uint8) * 160 + 48, BAR)
    return np.ascontiguousarray(np.broadcast_to(row[None, :, None], (64, BITS * BAR, 3)))


def number_in(picture: NDArray[np.uint8]) -> int:
    """The number that a picture (height, width, 3) of `numbered_picture` shows, after any codec and size."""
    height, width, _ = picture.shape
    middle = picture[height // 4 : 3 * height // 4].mean(axis=(0, 2))
    places = ((np.arange(BITS) + 0.5) * width / BITS).astype(int)
    bits = middle[places] > 128
    return int(sum(int(bit) << (BITS - 1 - place) for place, bit in enumerate(bits)))


def make_video(
    path: Path,
    frames: int,
    rate: Fraction | int = 24,
    *,
    start_timecode: str = "",
    first_number: int = 0,
    sound: bool = False,
) -> Path:
    """A MOV of ProRes 422 Proxy whose frame i shows `first_number` + i; with a timecode track where one is
    said, and with the sound of `make_sound` (mono, 48 kHz).
    """
    import av

    rate = Fraction(rate)
    with av.open(str(path), "w") as container:
        picture = container.add_stream("prores_ks", rate=rate, options={"profile": "0"})
        picture.width, picture.height, picture.pix_fmt = BITS * BAR, 64, "yuv422p10le"
        picture.time_base = 1 / rate
        if start_timecode:
            picture.metadata["timecode"] = start_timecode
        track = container.add_stream("pcm_s16le", rate=48_000, layout="mono") if sound else None
        for index in range(frames):
            shown = av.VideoFrame.from_ndarray(numbered_picture(first_number + index), format="rgb24")
            native = shown.reformat(picture.width, picture.height, picture.pix_fmt)
            native.pts, native.time_base = index, 1 / rate
            container.mux(picture.encode(native))
        container.mux(picture.encode(None))
        if track is not None:
            samples = _tones(Fraction(frames) / rate)
            block = av.AudioFrame.from_ndarray(samples[None, :], "s16", "mono")
            block.sample_rate, block.pts, block.time_base = 48_000, 0, Fraction(1, 48_000)
            container.mux(track.encode(block))
            container.mux(track.encode(None))
    return path


def make_sequence(folder: Path, frames: int, first_file: int = 1001, name: str = "shot") -> Path:
    """PNG files `name`.1001.png ... that show their file number; answers the pattern name.%04d.png."""
    from PIL import Image

    for number in range(first_file, first_file + frames):
        Image.fromarray(numbered_picture(number)).save(folder / f"{name}.{number:04d}.png")
    return folder / f"{name}.%04d.png"


def make_sound(path: Path, seconds: Fraction | int, channels: int = 1) -> Path:
    """A WAV, 48 kHz, 16 bits, whose level rises by 1/256 of full scale every 0.02 seconds and starts again
    at 1/256 every second: a sample tells its own time within a second. Channel c is c times as quiet.
    """
    import wave

    one = _tones(Fraction(seconds))
    block = np.stack([one // channel for channel in range(1, channels + 1)], axis=1)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(48_000)
        file.writeframes(block.astype("<i2").tobytes())
    return path


def _tones(seconds: Fraction) -> NDArray[np.int16]:
    index = np.arange(int(seconds * 48_000))
    return ((index % 48_000 // 960 + 1) * 128).astype(np.int16)
