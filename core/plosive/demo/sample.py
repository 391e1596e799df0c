# SPDX-License-Identifier: Apache-2.0
"""A sample plate made from a public-domain portrait, so that the demo needs no download.

The picture is scikit-image's `data.astronaut`: Eileen Collins, a NASA photograph, public domain. A virtual
camera moves over it, and each frame gets its own grain, as from a film scan.
"""

from __future__ import annotations

import itertools
import math
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from plosive.errors import MediaWriteError
from plosive.progress import Progress

if TYPE_CHECKING:
    from av import Packet, VideoStream
    from av.container import OutputContainer

__all__ = ["SamplePlate", "spoken_line", "write_sample"]

_FACE_CENTRE_X, _FACE_CENTRE_Y = 222.0, 122.0  # pixels of the 512 x 512 portrait


@dataclass(frozen=True)
class SamplePlate:
    """How the sample looks. `scale` is plate pixels per portrait pixel in the first frame."""

    frame_count: int
    width: int = 1280
    height: int = 720
    frame_rate: Fraction = Fraction(24)
    start_timecode: str = "01:00:00:00"
    scale: float = 3.0
    zoom: float = 1.05
    grain: float = 0.008
    seed: int = 1

    def frames(self) -> Iterator[NDArray[np.uint16]]:
        """Every frame as (height, width, 3) R'G'B', full range 16 bit. Same seed, same frames."""
        import cv2
        from skimage import data

        portrait = data.astronaut().astype(np.float32) / 255.0  # type: ignore[no-untyped-call]
        randomness = np.random.default_rng(self.seed)
        for index in range(self.frame_count):
            picture = cv2.warpAffine(
                portrait,
                self._camera(index),
                (self.width, self.height),
                flags=cv2.INTER_CUBIC,
                borderMode=cv2.BORDER_REFLECT_101,
            )
            grain = randomness.standard_normal((self.height, self.width, 3), dtype=np.float32)
            grain = cv2.GaussianBlur(grain, (0, 0), 0.7) * (
                self.grain * 2.5
            )  # the blur takes 60 % of it away
            picture = np.clip(picture, 0.0, 1.0) * 0.96 + 0.02 + grain
            yield np.rint(np.clip(picture, 0.0, 1.0) * 65535.0).astype(np.uint16)

    def _camera(self, index: int) -> NDArray[np.float64]:
        """The affine map from portrait to plate pixels in one frame: drift, a little roll, a slow zoom."""
        along = index / max(1, self.frame_count - 1)
        seconds = float(index / self.frame_rate)
        scale = self.scale * self.width / 1280 * self.zoom**along
        angle = math.radians(0.8) * math.sin(2 * math.pi * seconds / 5.0)
        centre_x = _FACE_CENTRE_X + 3.0 * math.sin(2 * math.pi * seconds / 4.0)
        centre_y = _FACE_CENTRE_Y + 1.5 * math.sin(2 * math.pi * seconds / 2.7)
        cosine, sine = scale * math.cos(angle), scale * math.sin(angle)
        return np.array(
            [
                [cosine, -sine, self.width / 2 - cosine * centre_x + sine * centre_y],
                [sine, cosine, self.height / 2 - sine * centre_x - cosine * centre_y],
            ]
        )


def spoken_line() -> tuple[Path, str]:
    """The demo's dub and its words."""
    return Path(__file__).with_name("maybe_bob.wav"), "Maybe Bob prefers fluffy purple muffins."


def write_sample(
    path: Path, sample: SamplePlate, progress: Progress, distinct_frames: int | None = None
) -> None:
    """Write the sample as ProRes 422 HQ, BT.709, with a timecode track; whole or not at all.

    With `distinct_frames`, only so many are made and encoded; they are played forth and back until the
    sample's `frame_count` is full. That makes long plates quickly.
    """
    import av

    distinct = min(sample.frame_count, distinct_frames or sample.frame_count)
    progress.start("sample", distinct)
    partial = path.with_name(f".{path.stem}.partial{path.suffix}")
    try:
        with av.open(str(partial), "w", format="mov") as container:
            stream = _prores_stream(container, sample)
            encoded: list[bytes] = []
            pictures = itertools.islice(sample.frames(), distinct)
            packet: Packet[VideoStream]
            for packet in _encoded(stream, pictures, 1 / sample.frame_rate, progress):
                encoded.append(bytes(packet))
                if distinct == sample.frame_count:
                    encoded.clear()
                    container.mux(packet)
            for index in range(sample.frame_count if encoded else 0):
                repeated = av.Packet(encoded[_forth_and_back(index, distinct)])
                repeated.stream, repeated.time_base = stream, 1 / sample.frame_rate
                repeated.pts = repeated.dts = index
                repeated.duration, repeated.is_keyframe = 1, True
                container.mux(repeated)
        os.replace(partial, path)
    except OSError as error:
        raise MediaWriteError(f"{path} cannot be written: {error.strerror or error}.") from error
    finally:
        partial.unlink(missing_ok=True)
    progress.finish()


def _prores_stream(container: OutputContainer, sample: SamplePlate) -> VideoStream:
    from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc

    stream = container.add_stream("prores_ks", rate=sample.frame_rate, options={"profile": "hq"})
    stream.width, stream.height, stream.pix_fmt = sample.width, sample.height, "yuv422p10le"
    stream.thread_type = "AUTO"
    stream.metadata["timecode"] = sample.start_timecode
    stream.codec_context.color_primaries = ColorPrimaries.BT709
    stream.codec_context.color_trc = ColorTrc.BT709
    stream.codec_context.colorspace = Colorspace.ITU709
    stream.codec_context.color_range = ColorRange.MPEG
    return stream


def _encoded(
    stream: VideoStream, pictures: Iterable[NDArray[np.uint16]], frame_seconds: Fraction, progress: Progress
) -> Iterator[Packet[VideoStream]]:
    import av
    from av.video.reformatter import ColorRange, Colorspace

    for index, picture in enumerate(pictures):
        frame = av.VideoFrame.from_ndarray(picture, format="rgb48le").reformat(
            format="yuv422p10le", dst_colorspace=Colorspace.ITU709, dst_color_range=ColorRange.MPEG
        )
        frame.pts, frame.time_base = index, frame_seconds
        yield from stream.encode(frame)
        progress.advance()
    yield from stream.encode(None)


def _forth_and_back(index: int, count: int) -> int:
    """0 1 2 3 2 1 0 1 ... for a count of 4."""
    if count == 1:
        return 0
    within = index % (2 * count - 2)
    return min(within, 2 * count - 2 - within)
