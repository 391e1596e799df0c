# SPDX-License-Identifier: Apache-2.0
"""Pictures compressed one by one: what goes into a plate's own file where it cannot be patched by block."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from plosive.errors import NotPatchableError
from plosive.media.encodercontext import configure_encoder, tag_picture
from plosive.media.fields import FieldMarker
from plosive.media.videotarget import VideoTarget

if TYPE_CHECKING:
    import av

__all__ = ["IntraEncoder"]


class IntraEncoder:
    """Makes the sample of one picture with the encoder of `target`, which is of the plate's own codec."""

    def __init__(self, target: VideoTarget, is_interlaced: bool) -> None:
        self._target = target
        self._fields = FieldMarker(target.field_order, target.time_base) if is_interlaced else None

    def sample(self, picture: av.VideoFrame) -> bytes:
        """The compressed picture. Raises NotPatchableError when the encoder gives anything but one packet."""
        import av

        target = self._target
        try:
            context: Any = av.codec.context.CodecContext.create(target.encoding.encoder, "w")
            configure_encoder(context, target, self._fields is not None)
            context.thread_type = "SLICE"  # frame threads would hold pictures back
            if picture.format.name != target.encoding.pixel_format:
                picture = picture.reformat(format=target.encoding.pixel_format)
            picture.pts, picture.time_base = 0, target.time_base
            tag_picture(picture, target)
            if self._fields is not None:
                picture = self._fields.marked(picture)
                tag_picture(picture, target)
            packets = [*context.encode(picture), *context.encode(None)]
        except (av.error.FFmpegError, OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise NotPatchableError(
                f"A frame of {target.path.name} cannot be compressed as {target.encoding.codec} ({reason})."
            ) from error
        if len(packets) != 1:
            raise NotPatchableError(
                f"The encoder of {target.encoding.codec} gave {len(packets)} packets for one frame."
            )
        return bytes(packets[0])
