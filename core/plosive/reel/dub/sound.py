# SPDX-License-Identifier: Apache-2.0
"""The sound of a reel's dub, decoded once, and any stretch of it by the time of the edit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import floor
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plosive.media import read_dub
from plosive.media.audio import SPEECH_RATE, decoded_blocks
from plosive.media.staging import StagedFile
from plosive.reel.dub.choice import DubPiece, ReelDub

__all__ = ["DubSound", "Stretch"]


@dataclass(frozen=True)
class Stretch:
    """Mono `samples` (n,) float32 at `sample_rate`, the first of them at `start_seconds` of the edit."""

    samples: NDArray[np.float32]
    sample_rate: int
    start_seconds: Fraction

    @property
    def end_seconds(self) -> Fraction:
        return self.start_seconds + Fraction(len(self.samples), self.sample_rate)

    def write(self, path: Path) -> None:
        """As 24-bit mono WAV, whole or not at all. The same samples make the same bytes. Raises
        MediaWriteError.
        """
        import wave

        steps = np.rint(self.samples.astype(np.float64) * 8388608.0)
        whole = np.clip(steps, -8388608, 8388607).astype("<i4")
        packed = whole.view(np.uint8).reshape(-1, 4)[:, :3].tobytes()
        staged = StagedFile(path)
        try:
            with wave.open(_as_file(staged), "wb") as wav:
                wav.setnchannels(1)
                wav.setsampwidth(3)
                wav.setframerate(self.sample_rate)
                wav.writeframes(packed)
        except OSError:
            pass  # `staged` keeps it, and tells it in `commit`
        except BaseException:
            staged.discard()
            raise
        staged.commit()

    def for_speech(self) -> NDArray[np.float32]:
        """The same at 16 kHz (n,) float32."""
        import av

        if self.sample_rate == SPEECH_RATE or not len(self.samples):
            return self.samples
        resampler = av.AudioResampler(format="fltp", layout="mono", rate=SPEECH_RATE)
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(self.samples[None, :]), "fltp", "mono")
        frame.sample_rate = self.sample_rate
        made = [*resampler.resample(frame), *resampler.resample(None)]
        return np.concatenate([np.asarray(one.to_ndarray()[0], np.float32) for one in made])


class DubSound:
    """The dub of one language as sound. Each file of it is decoded once, to a file in `scratch` (4 bytes a
    sample), so that a stretch of a long reel costs no more than itself. Raises DubError where a file holds no
    sound, or not the channel.
    """

    def __init__(self, dub: ReelDub, scratch: Path) -> None:
        self._pieces = dub.pieces
        self._files: dict[tuple[Path, tuple[int, ...]], NDArray[np.float32]] = {}
        read = {piece.path: read_dub(piece.path) for piece in dub.pieces}
        self.sample_rate = max(one.sample_rate for one in read.values())
        self.warnings = tuple(dict.fromkeys(sentence for one in read.values() for sentence in one.warnings))
        for piece in dub.pieces:
            key = (piece.path, piece.channels)
            if key in self._files:
                continue
            if len(piece.channels) == 1:
                read_dub(piece.path, piece.channels[0])  # says it where there is no such channel
            place = scratch / f"{len(self._files):03d}.f32"
            source = read[piece.path]
            blocks = decoded_blocks(piece.path, source.stream_index)
            with place.open("wb") as file:
                for block in _at_rate(blocks, piece.channels, source.sample_rate, self.sample_rate):
                    file.write(block.tobytes())
            self._files[key] = np.memmap(place, np.float32, "r")
        ends = [self._end(piece) for piece in dub.pieces]
        self.start_seconds = min(piece.record_start_seconds for piece in dub.pieces)
        self.end_seconds = max(ends)

    def on_sample(self, seconds: Fraction) -> Fraction:
        """The moment of the sample at or before a moment."""
        return self.start_seconds + Fraction(
            floor((seconds - self.start_seconds) * self.sample_rate), self.sample_rate
        )

    def stretch(self, start_seconds: Fraction, end_seconds: Fraction) -> Stretch:
        """What sounds between two moments of the edit, from the sample at or before the first of them on;
        silence where nothing does.

        Samples of a dub of one piece lie where they are, to the fraction; clips begin on the sample nearest
        to their start.
        """
        rate, base = self.sample_rate, self.start_seconds
        first = floor((start_seconds - base) * rate)
        end = max(first + 1, floor((end_seconds - base) * rate))
        samples = np.zeros(end - first, np.float32)
        for piece in self._pieces:
            sound = self._files[(piece.path, piece.channels)]
            begins = round((piece.record_start_seconds - base) * rate)
            shift = round(piece.source_start_seconds * rate) - begins
            stops = round((self._end(piece) - base) * rate)
            low, high = max(first, begins, -shift), min(end, stops, len(sound) - shift)
            if low < high:
                samples[low - first : high - first] += sound[low + shift : high + shift]
        return Stretch(samples, rate, base + Fraction(first, rate))

    def _end(self, piece: DubPiece) -> Fraction:
        if piece.record_end_seconds is not None:
            return piece.record_end_seconds
        length = Fraction(len(self._files[(piece.path, piece.channels)]), self.sample_rate)
        return piece.record_start_seconds + length - piece.source_start_seconds


def _as_file(staged: StagedFile) -> Any:
    """`wave` asks for no more than what a staged file has."""
    return staged


def _at_rate(
    blocks: Iterator[NDArray[np.float32]], channels: tuple[int, ...], rate: int, wanted: int
) -> Iterator[NDArray[np.float32]]:
    """Mono float32 blocks (n,) at `wanted` samples a second."""
    import av

    resampler = av.AudioResampler(format="fltp", layout="mono", rate=wanted) if rate != wanted else None
    for block in blocks:
        rows = [number - 1 for number in channels if number <= block.shape[0]]
        mono = np.ascontiguousarray((block[rows] if rows else block).mean(axis=0, dtype=np.float32))
        if resampler is None:
            yield mono
            continue
        frame = av.AudioFrame.from_ndarray(mono[None, :], "fltp", "mono")
        frame.sample_rate = rate
        for made in resampler.resample(frame):
            yield np.asarray(made.to_ndarray()[0], np.float32)
    for made in resampler.resample(None) if resampler is not None else ():
        yield np.asarray(made.to_ndarray()[0], np.float32)
