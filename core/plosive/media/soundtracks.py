# SPDX-License-Identifier: Apache-2.0
"""Sound on its way into a result: the dub, laid on the plate to the sample, and the plate's own tracks.

Each track is fed a little ahead of the picture, so nothing piles up in memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from plosive.media.audio import DUB_NAME, DubTrack, decoded_blocks
from plosive.media.opening import open_media
from plosive.media.presentation import skip_other_streams

if TYPE_CHECKING:
    import av
    from av.container import InputContainer, OutputContainer

__all__ = ["CopiedTrack", "EncodedTrack", "SoundTrack", "audio_codec", "original_sound"]

_BLOCK_SAMPLES = 4096
_EARLIER_SECONDS = 1
_MP2_RATES = (32_000, 44_100, 48_000)


class SoundTrack(Protocol):
    """A track that writes its packets up to a moment of the picture."""

    def advance(self, until_seconds: Fraction) -> None: ...

    def switch(self, is_on: bool) -> None:
        """Whether players sound it unasked; to be said before anything is written."""

    def finish(self) -> None: ...


@dataclass(frozen=True)
class AudioCodec:
    """An audio encoder, its sample format, rate, and bit rate per channel (None: not compressed)."""

    name: str
    sample_format: str
    rate: int
    bit_rate_per_channel: int | None
    most_channels: int


def audio_codec(container: str, sample_rate: int, bit_depth: int) -> AudioCodec:
    """The codec of sound in a container: PCM where it can, at the sound's own rate where it may."""
    depth, sample_format = (16, "s16") if bit_depth <= 16 else (24, "s32")
    if container == "mp4":
        rates = (
            96_000,
            88_200,
            64_000,
            48_000,
            44_100,
            32_000,
            24_000,
            22_050,
            16_000,
            12_000,
            11_025,
            8_000,
        )
        return AudioCodec("aac", "fltp", sample_rate if sample_rate in rates else 48_000, 160_000, 8)
    if container in ("mpeg", "vob", "mpegts"):
        return AudioCodec("mp2", "s16", sample_rate if sample_rate in _MP2_RATES else 48_000, 192_000, 2)
    if container == "mxf":
        return AudioCodec(f"pcm_s{depth}le", sample_format, 48_000, None, 8)
    if container == "matroska":
        return AudioCodec("flac", sample_format, sample_rate, None, 8)
    return AudioCodec(f"pcm_s{depth}le", sample_format, sample_rate, None, 64)


class EncodedTrack:
    """Sound decoded from a file, shifted, cut or padded with silence to an exact length, and encoded."""

    def __init__(
        self,
        output: OutputContainer,
        container: str,
        track: DubTrack,
        length_seconds: Fraction,
        metadata: dict[str, str] | None = None,
    ) -> None:
        dub = track.dub
        codec = audio_codec(container, dub.sample_rate, dub.bit_depth)
        self._output = output
        self._track = track
        self._codec = codec
        count = dub.muxed_channel_count
        layout = {1: "mono", 2: "stereo"}.get(count, dub.layout)
        if count > codec.most_channels:
            layout = "stereo"
        self._layout = layout
        self._source_layout = "mono" if count == 1 else dub.layout
        stream: Any = output.add_stream(codec.name, rate=codec.rate, layout=layout)
        stream.codec_context.format = codec.sample_format
        stream.codec_context.time_base = Fraction(1, codec.rate)
        stream.codec_context.options = {"flags": "+bitexact"}
        if codec.bit_rate_per_channel:
            channels = 2 if count > codec.most_channels else count
            stream.codec_context.bit_rate = codec.bit_rate_per_channel * channels
        stream.metadata.update(metadata or {})
        self._stream = stream
        self._start_sample = round(track.start_seconds * codec.rate)
        self._total_samples = round(length_seconds * codec.rate)
        self._written = 0
        self._blocks = self._resampled()
        self._rest: NDArray[Any] | None = None

    def advance(self, until_seconds: Fraction) -> None:
        target = min(self._total_samples, int(until_seconds * self._codec.rate))
        while self._written < target:
            self._encode(self._next(min(_BLOCK_SAMPLES, self._total_samples - self._written)))

    def switch(self, is_on: bool) -> None:
        from av.stream import Disposition

        self._stream.disposition = Disposition.default if is_on else Disposition(0)

    def finish(self) -> None:
        self.advance(Fraction(self._total_samples, self._codec.rate))
        self._output.mux(self._stream.encode(None))
        self._blocks.close()

    def _encode(self, samples: NDArray[Any]) -> None:
        import av

        packed = not self._codec.sample_format.endswith("p")
        array = samples.reshape(1, -1) if packed else samples.T
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(array), self._codec.sample_format, self._layout
        )
        frame.sample_rate = self._codec.rate
        frame.pts = self._written
        frame.time_base = Fraction(1, self._codec.rate)
        self._written += len(samples)
        self._output.mux(self._stream.encode(frame))

    def _next(self, count: int) -> NDArray[Any]:
        """The next `count` samples (count, channels) of the plate's time."""
        made = np.zeros((count, self._channel_count), self._dtype)
        filled = max(0, min(count, self._start_sample - self._written))  # silence before the dub
        while filled < count:
            if self._rest is None or not len(self._rest):
                self._rest = next(self._blocks, None)
                if self._rest is None:
                    break
            size = min(count - filled, len(self._rest))
            made[filled : filled + size] = self._rest[:size]
            self._rest = self._rest[size:]
            filled += size
        return made

    @property
    def _channel_count(self) -> int:
        return len(self._stream.codec_context.layout.channels)

    @property
    def _dtype(self) -> Any:
        return {"s16": np.int16, "s32": np.int32}.get(self._codec.sample_format, np.float32)

    def _resampled(self) -> Any:
        """The dub's samples (n, channels) in the encoder's rate, format and channels, from plate time 0."""
        skipped = max(0, -self._start_sample)
        for block in self._converted():
            if skipped >= len(block):
                skipped -= len(block)
                continue
            yield block[skipped:]
            skipped = 0

    def _converted(self) -> Iterator[NDArray[Any]]:
        import av

        dub, codec = self._track.dub, self._codec
        needs_resampler = codec.rate != dub.sample_rate or self._layout != self._source_layout
        resampler = av.AudioResampler("fltp", self._layout, codec.rate) if needs_resampler else None
        for block in decoded_blocks(dub.path, dub.stream_index):
            heard = block if dub.channel is None else block[dub.channel - 1 : dub.channel]
            if resampler is None:
                yield self._quantised(heard)
                continue
            frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(heard), "fltp", self._source_layout)
            frame.sample_rate = dub.sample_rate
            for made in resampler.resample(frame):
                yield self._quantised(np.asarray(made.to_ndarray(), np.float32))
        if resampler is not None:
            for made in resampler.resample(None):
                yield self._quantised(np.asarray(made.to_ndarray(), np.float32))

    def _quantised(self, block: NDArray[np.float32]) -> NDArray[Any]:
        """(channels, n) float to (n, channels) of the encoder; 16 and 24-bit sound comes back exactly."""
        if self._dtype is np.float32:
            return np.asarray(block.T)
        if self._dtype is np.int16:
            return np.asarray(np.clip(np.rint(block.T * 32768.0), -32768, 32767), np.int16)
        steps = np.clip(np.rint(block.T.astype(np.float64) * 8388608.0), -8388608, 8388607)
        return np.asarray(steps, np.int32) << 8


class CopiedTrack:
    """A track of the plate, packet by packet, its times shifted with the picture's.

    With `length_seconds` only packets that begin between the picture's start and that long after it are
    taken; with `takes_early` two more before them: decoders need them, and an edit list hides them.
    """

    def __init__(
        self,
        output: OutputContainer,
        path: Path,
        stream_index: int,
        picture_start_seconds: Fraction,
        length_seconds: Fraction | None = None,
        takes_early: bool = False,
    ) -> None:
        import av

        self._output = output
        self._container: InputContainer = open_media(path)
        source: av.AudioStream = self._container.streams[stream_index]  # type: ignore[assignment]
        self._stream = output.add_stream_from_template(source, opaque=True)
        self._stream.metadata.update(
            {
                key: "Earlier dub" if value == DUB_NAME else value  # there is a new one beside it
                for key, value in source.metadata.items()
                if key in ("language", "title", "handler_name")
            }
        )
        self._time_base = source.time_base or Fraction(1, source.sample_rate)
        self._shift = round(picture_start_seconds / self._time_base)
        self._length = length_seconds
        self._takes_early = takes_early
        if length_seconds is not None and picture_start_seconds > _EARLIER_SECONDS:
            with suppress(av.error.FFmpegError):
                start = (picture_start_seconds - _EARLIER_SECONDS) / self._time_base
                self._container.seek(int(start), stream=source)
        skip_other_streams(self._container, source)
        self._packets = self._container.demux(source)
        self._waiting: av.Packet[Any] | None = None

    def advance(self, until_seconds: Fraction) -> None:
        while True:
            packet = self._waiting or self._read()
            if packet is None:
                return
            if packet.pts is not None and packet.pts * self._time_base > until_seconds:
                self._waiting = packet
                return
            self._waiting = None
            packet.stream = self._stream
            self._output.mux(packet)

    def switch(self, is_on: bool) -> None:
        from av.stream import Disposition

        self._stream.disposition = Disposition.default if is_on else Disposition(0)

    def finish(self) -> None:
        self.advance(Fraction(1 << 40))
        self._container.close()

    def _read(self) -> av.Packet[Any] | None:
        import av

        try:
            for packet in self._packets:
                if packet.size:
                    if packet.pts is not None:
                        packet.pts -= self._shift
                    if packet.dts is not None:
                        packet.dts -= self._shift
                    if self._length is None or packet.pts is None:
                        return packet
                    start, earliest = packet.pts, -2 * (packet.duration or 0) if self._takes_early else 0
                    if start * self._time_base >= self._length:
                        return None
                    if start >= earliest:
                        return packet
        except av.error.FFmpegError:
            return None
        return None


@dataclass(frozen=True)
class OriginalSound:
    """One audio track of a plate. `start_seconds` is in the file's own time."""

    stream_index: int
    codec_name: str
    sample_rate: int
    channel_count: int
    layout: str
    bit_depth: int
    start_seconds: Fraction


def original_sound(path: Path) -> list[OriginalSound]:
    """The audio tracks of a plate that can be decoded."""

    with open_media(path) as container:
        return [
            OriginalSound(
                stream.index,
                stream.codec_context.name,
                int(stream.codec_context.sample_rate),
                len(stream.codec_context.layout.channels),
                stream.codec_context.layout.name,
                16 if stream.codec_context.format.bytes <= 2 else 24,
                (stream.start_time or 0) * (stream.time_base or Fraction(0)),
            )
            for stream in container.streams.audio
            if stream.codec_context is not None
        ]
