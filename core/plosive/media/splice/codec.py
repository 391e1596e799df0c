# SPDX-License-Identifier: Apache-2.0
"""What it takes to set pictures coded by Plosive between pictures copied from the plate, codec by codec.

`splice_of` finds out beforehand whether it goes: where a copied run may begin, which settings give pictures
of the same kind, and what the track's header must say of both.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from plosive.errors import NotPatchableError
from plosive.media.encoding import Encoding
from plosive.media.splice.packets import Entry

if TYPE_CHECKING:
    import av

    from plosive.media.videoreader import VideoReader
    from plosive.media.videotarget import VideoTarget

__all__ = ["Splice", "splice_of"]


class Splice(Protocol):
    """How one codec is spliced. First the plate's packets are shown to `entry_of`, then comes `settle`."""

    @property
    def is_intra(self) -> bool:
        """Whether every picture stands alone."""

    @property
    def least_run_frames(self) -> int:
        """A copied run shorter than this is not worth its seams."""

    @property
    def least_group_frames(self) -> int:
        """A group of pictures shorter than this is not left or made at a seam."""

    @property
    def encoding(self) -> Encoding:
        """How the pictures between copied runs are coded."""

    @property
    def extradata(self) -> bytes | None:
        """The track's header; None where the plate's own serves."""

    @property
    def has_global_header(self) -> bool:
        """Whether the encoder's settings stand in the track's header only."""

    def entry_of(self, packet: bytes, is_key_frame: bool) -> Entry: ...

    def settle(
        self, first_packet: bytes, encode: Callable[[Encoding, bool], tuple[bytes | None, bytes]]
    ) -> None:
        """Choose the settings. `encode` gives an encoding's header and first packet for the plate's first
        picture. Raises NotPatchableError where the two cannot share a track.
        """

    def prepare(self, picture: av.VideoFrame, number: int) -> None:
        """Mark the `number`th picture since the encoder was opened for the encoder."""

    def adopted(self, packet: bytes) -> bytes:
        """A packet of the encoder as the track wants it."""


def splice_of(reader: VideoReader, target: VideoTarget, header: bytes | None) -> Splice:
    """`header`: the plate's extradata. Raises NotPatchableError for a codec of which nothing can be kept."""
    from plosive.media.splice.intra import IntraSplice, is_intra_codec
    from plosive.media.splice.mpeg import MpegSplice
    from plosive.media.splice.nal import NalSplice

    codec, container = reader.source.codec_name, target.encoding.container
    if is_intra_codec(codec):
        return IntraSplice(codec, target, header)
    if reader.info.is_interlaced:
        raise NotPatchableError("The plate is interlaced, and groups of interlaced pictures are not copied.")
    if target.coding != reader.samples.coding:
        raise NotPatchableError("The encoder stores other samples than the plate's.")
    if codec in ("h264", "hevc") and container in ("mov", "mp4", "matroska", "mpegts"):
        return NalSplice(codec, target, header)
    if codec in ("mpeg1video", "mpeg2video") and container in ("mpeg", "mpegts", "matroska", "mov", "mp4"):
        return MpegSplice(codec, target)
    raise NotPatchableError(f"Parts of {codec} in {container} files are not copied.")
