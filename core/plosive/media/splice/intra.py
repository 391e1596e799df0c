# SPDX-License-Identifier: Apache-2.0
"""Splicing codecs whose pictures stand alone: any picture can be replaced by another of the same kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from plosive.errors import NotPatchableError
from plosive.media.encoding import Encoding
from plosive.media.splice.packets import Entry

if TYPE_CHECKING:
    import av

    from plosive.media.videotarget import VideoTarget

__all__ = ["IntraSplice", "is_intra_codec"]

_NEVER_ALONE = frozenset({"h264", "hevc", "mpeg2video", "vp9", "av1"})  # some are, but in groups' clothing
_DNXHD_KIND = slice(0x28, 0x2C)  # compression id (SMPTE ST 2019-1)
_DNXHD_SIZE = slice(0x18, 0x1C)
_DNXHD_DEPTH = slice(0x21, 0x22)
_OTHER_KIND = "Plosive codes {codec} of another kind than the plate's (size, depth or settings)."


def is_intra_codec(codec_name: str) -> bool:
    """Whether all pictures of the codec may stand alone (FFV1 may refer back; its packets tell)."""
    import av

    if codec_name == "ffv1":
        return True
    try:
        return codec_name not in _NEVER_ALONE and av.codec.Codec(codec_name, "r").intra_only
    except (av.error.FFmpegError, ValueError):
        return False


class IntraSplice:
    """A `Splice` of ProRes, DNxHR, FFV1, MJPEG, PNG, uncompressed and the like."""

    is_intra = True
    least_run_frames = 1
    least_group_frames = 1
    extradata: bytes | None = None

    def __init__(self, codec: str, target: VideoTarget, header: bytes | None) -> None:
        self.encoding = target.encoding
        self.has_global_header = target.encoding.container in ("mov", "mp4", "matroska")
        self._codec = codec
        self._header = header or b""

    def entry_of(self, packet: bytes, is_key_frame: bool) -> Entry:
        del packet
        if not is_key_frame:
            raise NotPatchableError(f"Pictures of the plate's {self._codec} refer to others.")
        return Entry.YES

    def settle(
        self, first_packet: bytes, encode: Callable[[Encoding, bool], tuple[bytes | None, bytes]]
    ) -> None:
        for encoding in self._candidates():
            header, packet = encode(encoding, self.has_global_header)
            if self._codec in ("prores", "dnxhd") or (header or b"") == self._header:
                self.encoding = encoding
                break
        else:
            raise NotPatchableError(_OTHER_KIND.format(codec=self._codec))
        if self._codec == "dnxhd" and not _is_same_dnxhd(first_packet, packet):
            raise NotPatchableError(_OTHER_KIND.format(codec="DNxHR"))

    def prepare(self, picture: av.VideoFrame, number: int) -> None:
        """Nothing is to be marked."""

    def adopted(self, packet: bytes) -> bytes:
        return packet

    def _candidates(self) -> Iterator[Encoding]:
        """The target's settings, and for FFV1 those that other writers are known to use."""
        encoding = self.encoding
        yield encoding
        if self._codec != "ffv1":
            return
        for checks in ("1", "0"):
            for slices in ("4", "6", "9", "12", "15", "16", "24", "30"):
                for context in ("0", "1"):
                    for coder in ("rice", "range_tab", "range_def"):
                        options = {"slices": slices, "slicecrc": checks, "context": context, "coder": coder}
                        yield replace(encoding, options={**encoding.options, **options})


def _is_same_dnxhd(first: bytes, second: bytes) -> bool:
    return len(first) == len(second) and all(
        first[part] == second[part] for part in (_DNXHD_KIND, _DNXHD_SIZE, _DNXHD_DEPTH)
    )
