# SPDX-License-Identifier: Apache-2.0
"""Compressed samples of changed pictures, made from the plate's own samples where the codec allows it."""

from __future__ import annotations

from typing import Protocol

from plosive.errors import NotPatchableError
from plosive.media.exactness import Fate, FrameFate
from plosive.media.intraencoder import IntraEncoder
from plosive.media.videoframe import VideoPlateFrame

__all__ = ["EncodedSamples", "PatchedProRes", "SampleMaker", "is_changed", "sample_maker"]

_CODECS = {
    "prores": "ProRes",
    "dnxhd": "DNxHR",
    "v210": "Uncompressed 4:2:2",
    "png": "PNG",
    "mjpeg": "Motion JPEG",
}
_CONSTANT_SIZE = frozenset({"dnxhd", "v210"})
"""Codecs whose every picture stands alone, and which FFmpeg writes as it reads them."""


class SampleMaker(Protocol):
    """Makes the sample of a changed picture. `promise` is a sentence on it for the artist; `is_constant_size`
    says that its samples have as many bytes as the plate's.
    """

    promise: str
    is_constant_size: bool

    def made(self, sample: bytes, frame: VideoPlateFrame) -> tuple[bytes, FrameFate]:
        """(new sample, how it came about) of `frame`, of which `sample` is the plate's own. Raises
        NotPatchableError when there is no way to make one.
        """


def sample_maker(codec_name: str, encoder: IntraEncoder, is_lossless: bool) -> SampleMaker | None:
    """What makes samples of FFmpeg's codec `codec_name`; None where pictures depend on each other, or where
    nothing known to us writes them.
    """
    if codec_name not in _CODECS:
        return None
    if codec_name == "prores":
        return PatchedProRes(encoder)
    return EncodedSamples(encoder, _CODECS[codec_name], is_lossless, codec_name in _CONSTANT_SIZE)


class PatchedProRes:
    """8x8 blocks of a ProRes frame that the change reaches are coded anew; a frame that cannot be patched is
    compressed whole, and says why.
    """

    promise = (
        "In a patched frame only the 8x8 blocks that the new mouth reaches were coded anew "
        "(16x8 pixels in the colour planes of 4:2:2)."
    )
    is_constant_size = False

    def __init__(self, encoder: IntraEncoder) -> None:
        self._encoder = encoder

    def made(self, sample: bytes, frame: VideoPlateFrame) -> tuple[bytes, FrameFate]:
        from plosive.media.prores import patch_frame

        assert frame.changed_box is not None
        try:
            patched = patch_frame(sample, frame.original_planes(), frame.planes(), frame.changed_box)
        except NotPatchableError as refusal:
            return self._encoder.sample(frame.picture), FrameFate(Fate.REWRITTEN, str(refusal))
        return patched.data, FrameFate(Fate.PATCHED if patched.touched_slices else Fate.COPIED)


class EncodedSamples:
    """Changed pictures are compressed whole; all others keep their bytes."""

    def __init__(self, encoder: IntraEncoder, spoken: str, is_lossless: bool, is_constant_size: bool) -> None:
        self._encoder = encoder
        self.is_constant_size = is_constant_size
        loss = "without loss" if is_lossless else "with its usual small loss"
        self._why = f"{spoken} cannot be patched by block: the frame is compressed anew whole, {loss}."
        self.promise = f"Frames with a new mouth are compressed anew as {spoken}, {loss}."

    def made(self, sample: bytes, frame: VideoPlateFrame) -> tuple[bytes, FrameFate]:
        del sample
        return self._encoder.sample(frame.picture), FrameFate(Fate.REWRITTEN, self._why)


def is_changed(frame: VideoPlateFrame) -> bool:
    """Whether any stored sample differs from what was decoded."""
    if frame.changed_box is None:
        return False
    layout = frame.samples.coding.layout
    box = frame.changed_box
    for number, (old, new) in enumerate(zip(frame.original_planes(), frame.planes(), strict=True)):
        across = layout.chroma_shift_x if layout.is_chroma(number) else 0
        down = layout.chroma_shift_y if layout.is_chroma(number) else 0
        rows = slice(box.top >> down, -(-box.bottom_exclusive >> down))
        columns = slice(box.left >> across, -(-box.right_exclusive >> across))
        if (old[rows, columns] != new[rows, columns]).any():
            return True
    return False
