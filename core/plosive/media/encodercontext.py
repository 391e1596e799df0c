# SPDX-License-Identifier: Apache-2.0
"""What a PyAV encoder and its pictures are told of the video they make."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from plosive.media.videotarget import VideoTarget

if TYPE_CHECKING:
    import av

__all__ = ["configure_encoder", "tag_picture"]


def configure_encoder(context: Any, target: VideoTarget, is_interlaced: bool) -> None:
    """Give a PyAV encoder context (or stream) the size, tags and settings of `target`."""
    encoding = target.encoding
    context.width, context.height, context.pix_fmt = target.width, target.height, encoding.pixel_format
    context.time_base = target.time_base
    context.framerate = target.frame_rate
    context.sample_aspect_ratio = target.pixel_aspect
    context.color_primaries, context.color_trc = target.tags.primaries, target.tags.transfer
    context.colorspace, context.color_range = target.tags.matrix, target.tags.range
    context.options = dict(encoding.options)
    if encoding.quantiser is not None:
        context.qscale = True
        context.global_quality = encoding.quantiser * 118  # FF_QP2LAMBDA
    if encoding.bit_rate:
        context.bit_rate = encoding.bit_rate
    if encoding.codec_tag:
        context.codec_tag = encoding.codec_tag
    if is_interlaced and target.field_order and hasattr(context, "field_order"):
        context.field_order = target.field_order


def tag_picture(picture: av.VideoFrame, target: VideoTarget) -> None:
    """Note the colour of `target` on a picture, which encoders read it from."""
    tags = target.tags
    picture.colorspace, picture.color_range = tags.matrix, tags.range
    picture.color_primaries, picture.color_trc = tags.primaries, tags.transfer
