# SPDX-License-Identifier: Apache-2.0
"""Several dubs made one sound track, and one dub taken apart into what each speaker says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plosive.errors import DubError
from plosive.media.audio import Dub, DubTrack, decoded_blocks, read_dub

__all__ = ["Span", "cut_stem", "mix_dubs"]

_BLOCK_SAMPLES = 1 << 16
_RAMP_SECONDS = Fraction(1, 200)
_FORMATS = {16: ("pcm_s16le", "s16"), 24: ("pcm_s24le", "s32")}

Span = tuple[Fraction, Fraction]
"""Start and end of a stretch of sound, in seconds of its file."""


def mix_dubs(tracks: Sequence[DubTrack], path: Path) -> DubTrack:
    """One track of all `tracks`, each at its own moment, written to `path` (24-bit WAV).

    It begins with the earliest of them, has the highest sample rate and the most channels; mono goes to every
    channel at its own level. Where the sum would rise above full scale all of it is turned down, with a
    warning. A single track comes back as it is. Raises DubError for layouts that cannot be joined.
    """
    if len(tracks) == 1:
        return tracks[0]
    rate = max(track.dub.sample_rate for track in tracks)
    widest = max(tracks, key=lambda track: track.dub.muxed_channel_count).dub
    for track in tracks:
        own = track.dub
        if own.muxed_channel_count not in (1, widest.muxed_channel_count):
            raise DubError(
                f"{own.path.name} has {own.muxed_channel_count} channels and {widest.path.name} has "
                f"{widest.muxed_channel_count}: give dubs that are mono or have the same channels."
            )
    start = min(track.start_seconds for track in tracks)
    loudest = max((float(np.abs(block).max(initial=0.0)) for block in _mixed(tracks, start, rate)), default=0)
    gain = min(1.0, 1.0 / loudest) if loudest > 0 else 1.0
    layout = _layout(widest)
    with _WavFile(path, rate, layout, 24) as wav:
        for block in _mixed(tracks, start, rate):
            wav.write(block * np.float32(gain))
    mixed = read_dub(path)
    if gain < 1:
        by = -20 * float(np.log10(gain))
        lowered = f"Together the dubs are louder than full scale: all are {by:.1f} dB lower."
        mixed = replace(mixed, warnings=(*mixed.warnings, lowered))
    return DubTrack(mixed, start)


def cut_stem(dub: Dub, spans: Sequence[Span], path: Path) -> Dub:
    """The sound of `dub` within `spans`, silence elsewhere, at its own times: written to `path` (WAV).

    Edges are ramps of 5 ms outside the span, so that nothing clicks.
    """
    ramp = max(1, round(_RAMP_SECONDS * dub.sample_rate))
    edges = [(round(start * dub.sample_rate), round(end * dub.sample_rate)) for start, end in sorted(spans)]
    at = 0
    with _WavFile(path, dub.sample_rate, _layout(dub), dub.bit_depth) as wav:
        for block in _heard(dub):
            size = block.shape[1]
            gain = np.zeros(size, np.float32)
            place = np.arange(at, at + size, dtype=np.int64)
            for start, end in edges:
                if end + ramp <= at or start - ramp >= at + size:
                    continue
                inside = np.minimum((place - (start - ramp)) / ramp, ((end + ramp) - place) / ramp)
                gain = np.maximum(gain, np.clip(inside, 0, 1).astype(np.float32))
            wav.write(block * gain)
            at += size
    return read_dub(path)


def _heard(dub: Dub) -> Iterator[NDArray[np.float32]]:
    for block in decoded_blocks(dub.path, dub.stream_index):
        yield block if dub.channel is None else block[dub.channel - 1 : dub.channel]


def _layout(dub: Dub) -> str:
    return {1: "mono", 2: "stereo"}.get(dub.muxed_channel_count, dub.layout)


def _mixed(tracks: Sequence[DubTrack], start: Fraction, rate: int) -> Iterator[NDArray[np.float32]]:
    """The sum of all tracks from `start` on, block by block (channels, n)."""
    channels = max(track.dub.muxed_channel_count for track in tracks)
    sounds = [_Sound(track, start, rate, channels) for track in tracks]
    while True:
        blocks = [sound.next(_BLOCK_SAMPLES) for sound in sounds]
        longest = max(block.shape[1] for block in blocks)
        if longest == 0:
            return
        total = np.zeros((channels, longest), np.float32)
        for block in blocks:
            total[:, : block.shape[1]] += block
        yield total


class _Sound:
    """One track resampled to `rate`, after the silence before it; shorter blocks mean that it has ended."""

    def __init__(self, track: DubTrack, start: Fraction, rate: int, channels: int) -> None:
        self._channels = channels
        silence = round((track.start_seconds - start) * rate)
        self._waiting: list[NDArray[np.float32]] = [np.zeros((channels, silence), np.float32)]
        self._blocks = self._resampled(track.dub, rate)

    def next(self, count: int) -> NDArray[np.float32]:
        while sum(block.shape[1] for block in self._waiting) < count:
            block = next(self._blocks, None)
            if block is None:
                break
            self._waiting.append(block)
        together = np.concatenate([np.zeros((self._channels, 0), np.float32), *self._waiting], axis=1)
        self._waiting = [together[:, count:]]
        return np.asarray(together[:, :count])

    def _resampled(self, dub: Dub, rate: int) -> Iterator[NDArray[np.float32]]:
        import av

        layout = _layout(dub)
        resampler = av.AudioResampler("fltp", layout, rate) if rate != dub.sample_rate else None
        for block in _heard(dub):
            if resampler is None:
                yield self._spread(block)
                continue
            frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(block), "fltp", layout)
            frame.sample_rate = dub.sample_rate
            for made in resampler.resample(frame):
                yield self._spread(np.asarray(made.to_ndarray(), np.float32))
        for made in [] if resampler is None else resampler.resample(None):
            yield self._spread(np.asarray(made.to_ndarray(), np.float32))

    def _spread(self, block: NDArray[np.float32]) -> NDArray[np.float32]:
        is_mono = block.shape[0] < self._channels
        return np.asarray(np.repeat(block, self._channels, axis=0) if is_mono else block)


class _WavFile:
    """A PCM WAV being written; 16-bit sound keeps its very samples, all else becomes 24-bit."""

    def __init__(self, path: Path, rate: int, layout: str, bit_depth: int) -> None:
        import av

        codec, self._format = _FORMATS[16 if bit_depth == 16 else 24]
        self._container: Any = av.open(str(path), "w", format="wav")
        stream: Any = self._container.add_stream(codec, rate=rate, layout=layout)
        stream.codec_context.format = self._format
        self._stream = stream
        self._rate, self._layout, self._written = rate, layout, 0

    def write(self, block: NDArray[np.float32]) -> None:
        """Samples (channels, n), full scale 1.0."""
        import av

        if not block.shape[1]:
            return
        scale = 32768.0 if self._format == "s16" else 8388608.0
        steps = np.clip(np.rint(block.T.astype(np.float64) * scale), -scale, scale - 1)
        packed = steps.astype(np.int16) if self._format == "s16" else steps.astype(np.int32) << 8
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(packed.reshape(1, -1)), self._format, self._layout
        )
        frame.sample_rate = self._rate
        frame.pts = self._written
        frame.time_base = Fraction(1, self._rate)
        self._written += block.shape[1]
        self._container.mux(self._stream.encode(frame))

    def __enter__(self) -> _WavFile:
        return self

    def __exit__(self, *_: object) -> None:
        self._container.mux(self._stream.encode(None))
        self._container.close()
