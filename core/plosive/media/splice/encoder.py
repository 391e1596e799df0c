# SPDX-License-Identifier: Apache-2.0
"""An encoder that no container owns, for pictures that go between copied ones."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from plosive.media.encodercontext import configure_encoder
from plosive.media.encoding import Encoding
from plosive.media.videotarget import VideoTarget

if TYPE_CHECKING:
    import av

__all__ = ["lone_encoder"]


def lone_encoder(
    target: VideoTarget, encoding: Encoding, is_interlaced: bool, has_global_header: bool
) -> av.VideoCodecContext:
    """An open encoder of `encoding` for the pictures of `target`. Raises FFmpeg's errors.

    With a global header its settings stand in `extradata` only, not before pictures.
    """
    import av
    from av.codec.context import Flags

    context: Any = av.codec.context.CodecContext.create(encoding.encoder, "w")
    configure_encoder(context, replace(target, encoding=encoding), is_interlaced)
    context.thread_type = "AUTO"
    if has_global_header:
        # As an option, too: the option sets all flags anew.
        flags = encoding.options.get("flags", "")
        context.options = {**encoding.options, "flags": f"{flags}+global_header"}
        context.flags |= Flags.global_header.value
    context.open()
    return context  # type: ignore[no-any-return]
