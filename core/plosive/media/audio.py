# SPDX-License-Identifier: Apache-2.0
"""The dub: any sound file or the sound of a video, read through FFmpeg (PyAV)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from plosive.errors import DubError
from plosive.media.opening import open_media
from plosive.media.presentation import skip_other_streams

if TYPE_CHECKING:
    import av

__all__ = ["DUB_NAME", "SPEECH_RATE", "Dub", "DubTrack", "decoded_blocks", "read_dub"]

SPEECH_RATE = 16_000
DUB_NAME = "Dub"
"""What the dub's track is called in a file with several."""
_SILENCE_PEAK = 10 ** (-60 / 20)  # -60 dBFS


@dataclass(frozen=True)
class Dub:
    """A sound file that was decoded once to know it; its samples are read again when needed.

    `stream_index` is the track in the file, `channel` counts from 1 (None: all). `peak` is the largest
    absolute sample of the chosen channels, 1.0 at full scale. `bit_depth` is that of the stored samples
    (16 or 24; 24 for floating point and compressed sound).
    """

    path: Path
    stream_index: int
    channel: int | None
    sample_rate: int
    channel_count: int
    layout: str
    sample_count: int
    bit_depth: int
    peak: float
    warnings: tuple[str, ...] = ()

    @property
    def duration_seconds(self) -> Fraction:
        """Exact: samples over rate."""
        return Fraction(self.sample_count, self.sample_rate)

    @property
    def is_silent(self) -> bool:
        """Whether nothing rises above -60 dB of full scale."""
        return self.peak < _SILENCE_PEAK

    @property
    def muxed_channel_count(self) -> int:
        """Channels in the result: one if one was chosen."""
        return self.channel_count if self.channel is None else 1

    def speech_samples(self) -> NDArray[np.float32]:
        """Mono at 16 kHz, full scale 1.0: the chosen channel, or the mean of all. Raises DubError."""
        import av

        resampler = av.AudioResampler(format="fltp", layout="mono", rate=SPEECH_RATE)
        samples = np.zeros(-(-self.sample_count * SPEECH_RATE // self.sample_rate), np.float32)
        at = 0
        for block in self._mono_frames():
            for made in resampler.resample(block):
                piece = made.to_ndarray()[0][: len(samples) - at]
                samples[at : at + len(piece)] = piece
                at += len(piece)
        return samples

    def _mono_frames(self) -> Iterator[av.AudioFrame | None]:
        """The mono sound in order, then None, which ends a resampler's work."""
        import av

        for block in decoded_blocks(self.path, self.stream_index):
            mono = np.ascontiguousarray(self._mono(block)[None, :])
            frame = av.AudioFrame.from_ndarray(mono, format="fltp", layout="mono")
            frame.sample_rate = self.sample_rate
            yield frame
        yield None

    def _mono(self, block: NDArray[np.float32]) -> NDArray[np.float32]:
        if self.channel is not None:
            return np.asarray(block[self.channel - 1], np.float32)
        return np.asarray(block.mean(axis=0), np.float32)


@dataclass(frozen=True)
class DubTrack:
    """A dub laid on the plate: its first sample sounds `start_seconds` after the first frame appears; below 0
    it lies before that frame, and is not heard.
    """

    dub: Dub
    start_seconds: Fraction = Fraction(0)


def read_dub(path: str | os.PathLike[str], channel: int | None = None) -> Dub:
    """The last track called Dub in a result of ours, else the default or first audio track of a file.

    `channel` counts from 1; None takes all. Reads the file once, in small pieces. Silence is a warning.
    Raises DubError: missing or unreadable file, no audio, no samples, or a channel that is not there.
    """
    path = Path(path)
    stream_index, stream_facts = _probe(path)
    peak, sample_count, channel_count = 0.0, 0, 0
    for block in decoded_blocks(path, stream_index):
        channel_count, size = block.shape
        if channel is not None and not 1 <= channel <= channel_count:
            spoken = "one channel" if channel_count == 1 else f"{channel_count} channels"
            raise DubError(f"{path.name} has {spoken}; channel {channel} does not exist.")
        sample_count += size
        heard = block if channel is None else block[channel - 1]
        peak = max(peak, float(np.abs(heard).max(initial=0.0)))
    if not sample_count:
        raise DubError(f"{path.name} holds no sound that can be decoded; it is empty, damaged or cut short.")
    rate, layout, bit_depth = stream_facts
    warnings = []
    if peak < _SILENCE_PEAK:
        warnings.append(f"{path.name} is silent: the mouth will rest in every frame.")
    return Dub(
        path,
        stream_index,
        channel,
        rate,
        channel_count,
        layout,
        sample_count,
        bit_depth,
        peak,
        tuple(warnings),
    )


def decoded_blocks(path: Path, stream_index: int) -> Iterator[NDArray[np.float32]]:
    """The samples of one track in order, as float32 blocks (channels, samples), full scale 1.0.

    Broken packets are left out, as players do; raises DubError when the file cannot be opened.
    """
    import av

    try:
        with open_media(path) as container:
            stream = container.streams[stream_index]
            skip_other_streams(container, stream)  # the pictures beside a sound may be many gigabytes
            for packet in container.demux(stream):
                try:
                    frames: list[Any] = packet.decode()
                except av.error.InvalidDataError:
                    continue
                for frame in frames:
                    yield _floats(frame)
    except (av.error.FFmpegError, OSError) as error:
        raise _unreadable(path, error) from error


def _floats(frame: av.AudioFrame) -> NDArray[np.float32]:
    samples: NDArray[Any] = np.asarray(frame.to_ndarray())
    if not frame.format.is_planar:
        samples = samples.reshape(-1, len(frame.layout.channels)).T
    if samples.dtype.kind == "f":
        return np.ascontiguousarray(samples, np.float32)
    if samples.dtype == np.uint8:
        return np.ascontiguousarray((samples.astype(np.float32) - 128) / 128)
    return np.ascontiguousarray(samples / np.float64(-int(np.iinfo(samples.dtype).min)), np.float32)


def _probe(path: Path) -> tuple[int, tuple[int, str, int]]:
    """(stream index, (rate, layout, bit depth)) of the track that is the dub."""
    import av
    from av.stream import Disposition

    if not path.exists():
        raise DubError(f"{path} does not exist; check the path of the dub.")
    if path.is_dir():
        raise DubError(f"{path} is a folder; give a sound or video file as the dub.")
    try:
        if path.stat().st_size == 0:
            raise DubError(f"{path.name} is empty (0 bytes); copy or export it again.")
        with open_media(path) as container:
            streams = [stream for stream in container.streams.audio if stream.codec_context is not None]
            if not streams:
                raise DubError(
                    f"{path.name} has no audio track that can be decoded; give a file with sound as the dub."
                )
            named = [stream for stream in streams if _is_dub(stream)]
            preferred = [stream for stream in streams if stream.disposition & Disposition.default]
            # Of a result that was synced again the last one laid in is its dub.
            stream = named[-1] if named else (preferred or streams)[0]
            context = stream.codec_context
            is_wide = context.format.is_planar and context.format.name.startswith("flt")
            bit_depth = 16 if not is_wide and context.format.bytes <= 2 else 24
            return stream.index, (int(context.sample_rate), context.layout.name, bit_depth)
    except (av.error.FFmpegError, OSError) as error:
        raise _unreadable(path, error) from error


def _is_dub(stream: av.AudioStream) -> bool:
    """Whether Plosive laid it in, beside the plate's own sound."""
    return DUB_NAME in (stream.metadata.get("title"), stream.metadata.get("handler_name"))


def _unreadable(path: Path, error: BaseException) -> DubError:
    reason = getattr(error, "strerror", None) or str(error)
    return DubError(
        f"{path.name} cannot be read as sound ({reason}); it is damaged, cut short, or no media file."
    )
