# SPDX-License-Identifier: Apache-2.0
"""How pictures are encoded, and whether an encoder takes them."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from io import BytesIO
from typing import TYPE_CHECKING

from plosive.colour.transfer import Transfer
from plosive.media.layout import SampleLayout

if TYPE_CHECKING:
    from plosive.media.videosource import VideoSource

__all__ = ["CODEC_NAMES", "Encoding", "Wanted", "rehearse"]

CODEC_NAMES = (
    "prores",
    "prores_proxy",
    "prores_lt",
    "prores_422",
    "prores_hq",
    "prores_4444",
    "prores_4444xq",
    "dnxhr",
    "dnxhr_lb",
    "dnxhr_sq",
    "dnxhr_hq",
    "dnxhr_hqx",
    "dnxhr_444",
    "h264",
    "hevc",
    "ffv1",
    "mpeg2",
    "mpeg1",
    "png",
)


_LOSSLESS = frozenset({"ffv1", "png", "qtrle", "v210", "rawvideo", "huffyuv", "ffvhuff", "utvideo", "r210"})


@dataclass(frozen=True)
class Wanted:
    """The picture that has to be encoded. `source` is None for image plates."""

    layout: SampleLayout
    width: int
    height: int
    is_interlaced: bool
    transfer: Transfer
    source: VideoSource | None


@dataclass(frozen=True)
class Encoding:
    """How pictures are encoded. `codec` is FFmpeg's codec name, `encoder` the encoder's."""

    container: str
    codec: str
    encoder: str
    pixel_format: str
    options: dict[str, str] = field(default_factory=dict)
    codec_tag: str | None = None
    quantiser: int | None = None
    bit_rate: int | None = None
    warnings: tuple[str, ...] = ()

    @property
    def is_lossless(self) -> bool:
        return self.codec in _LOSSLESS

    @property
    def needs_constant_rate(self) -> bool:
        """Whether codec or container knows only one fixed frame rate."""
        return self.container in ("mxf", "avi", "mpeg", "vob") or self.codec in (
            "mpeg1video",
            "mpeg2video",
            "mpeg4",
            "dvvideo",
        )


def rehearse(encoding: Encoding, width: int, height: int, rate: Fraction) -> str | None:
    """Why the encoder refuses this picture size, rate or format; None when it accepts them."""
    import av

    with av.open(BytesIO(), "w", format=encoding.container) as container:
        try:
            container.add_stream(encoding.encoder)
        except ValueError:
            return f"{encoding.container} files do not hold it"
    context = av.codec.context.CodecContext.create(encoding.encoder, "w")
    assert isinstance(context, av.video.codeccontext.VideoCodecContext)
    context.width, context.height, context.pix_fmt = width, height, encoding.pixel_format
    context.framerate, context.time_base = rate, 1 / rate
    context.options = dict(encoding.options)
    if encoding.bit_rate:
        context.bit_rate = encoding.bit_rate
    try:
        context.open()
    except (av.error.FFmpegError, OSError, ValueError) as error:
        return getattr(error, "strerror", None) or str(error)
    return None
