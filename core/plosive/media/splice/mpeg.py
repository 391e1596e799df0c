# SPDX-License-Identifier: Apache-2.0
"""Splicing MPEG-1 and MPEG-2: every copied run begins with its own sequence header and a closed group.

Sources: ISO/IEC 11172-2 (2.4.2), ISO/IEC 13818-2 (6.2.2).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from plosive.errors import NotPatchableError
from plosive.media.encoding import Encoding
from plosive.media.splice.packets import Entry

if TYPE_CHECKING:
    import av

    from plosive.media.videotarget import VideoTarget

__all__ = ["MpegSplice"]

_SEQUENCE = b"\x00\x00\x01\xb3"
_EXTENSION = b"\x00\x00\x01\xb5"
_GROUP = b"\x00\x00\x01\xb8"
_CLOSED_BIT = 0x40  # of the fourth byte after the group's start code
_END = b"\x00\x00\x01\xb7"


class MpegSplice:
    """A `Splice` of MPEG-1 and MPEG-2."""

    is_intra = False
    least_run_frames = 8
    least_group_frames = 1
    extradata: bytes | None = None
    has_global_header = False

    def __init__(self, codec: str, target: VideoTarget) -> None:
        self.codec = codec
        self.encoding = target.encoding

    def entry_of(self, packet: bytes, is_key_frame: bool) -> Entry:
        if _END in packet:
            raise NotPatchableError("The plate's MPEG stream ends within the file.")
        group = packet.find(_GROUP)
        if not is_key_frame or not packet.startswith(_SEQUENCE) or not 0 <= group < len(packet) - 8:
            return Entry.NO
        return Entry.YES if packet[group + 7] & _CLOSED_BIT else Entry.IF_SHOWN_FIRST

    def settle(
        self, first_packet: bytes, encode: Callable[[Encoding, bool], tuple[bytes | None, bytes]]
    ) -> None:
        _, packet = encode(self.encoding, False)
        if _kind(first_packet) != _kind(packet):
            raise NotPatchableError("The encoder stores MPEG pictures of another profile, size or rate.")

    def prepare(self, picture: av.VideoFrame, number: int) -> None:
        from av.video.frame import PictureType

        picture.pict_type = PictureType.NONE  # the plate's own kind would be forced on the encoder

    def adopted(self, packet: bytes) -> bytes:
        return packet


def _kind(packet: bytes) -> tuple[bytes, bytes]:
    """Size, shape, rate; profile, level, progressive, chroma format."""
    extension = packet.find(_EXTENSION)
    told = packet[extension + 4 : extension + 6] if extension >= 0 else b""
    if told:
        told = bytes([told[0], told[1] & 0xFE])  # the last bit belongs to the size's extension
    return packet[4:8], told
