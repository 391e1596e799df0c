# SPDX-License-Identifier: Apache-2.0
"""How many pictures a decoder holds back: new pictures must say the plate's number, though they need none.

A decoder shows pictures late by the number its parameter set names. Where that number falls at a seam, some
(OpenH264 2.3) forget the pictures they still hold. Sources: ISO/IEC 14496-10 (7.3.2.1.1, E.1), ISO/IEC
23008-2 (7.3.2.1, 7.3.2.2).
"""

from __future__ import annotations

from dataclasses import dataclass

from plosive.media.splice.nalunits import BitReader, bits_of, exponential, raw_payload, unit_of
from plosive.media.splice.parametersets import AvcPicture, HevcPicture, hevc_number_position, kind_of

__all__ = ["avc_reordering", "with_avc_reordering", "with_hevc_reordering"]

_HEVC_VPS, _HEVC_SPS = 32, 33
_HEVC_VPS_LIMITS = 16 + 32 + 96
"""vps_sub_layer_ordering_info_present_flag: behind NAL header, fixed fields, profile_tier_level."""
_MOST_BUFFERS = 32


@dataclass(frozen=True)
class _Restriction:
    """bitstream_restriction of an SPS: where its flag stands, and its six numbers and first flag."""

    flag_position: int
    values: tuple[int, ...] | None


def with_avc_reordering(sps: bytes, plate_sps: bytes) -> bytes:
    """An H.264 sequence parameter set that tells of the plate's reordering. Unchanged where it tells nothing
    of the kind. Raises NotPatchableError for broken sets.
    """
    own, plate = _restriction(sps), _restriction(plate_sps)
    if own is None or own.values is None:
        return sps
    raw = raw_payload(sps)
    bits = bits_of(raw)[: own.flag_position]
    if plate is None or plate.values is None:
        bits += "0"  # decoders then suppose the most, as they do for the plate
    else:
        limits = *own.values[:5], plate.values[5], max(plate.values[6], own.values[6])
        bits += f"1{limits[0]}" + "".join(exponential(value) for value in limits[1:])
    return unit_of(bits)


def avc_reordering(sps: bytes) -> int | None:
    """max_num_reorder_frames of an H.264 sequence parameter set; None where it does not say."""
    found = _restriction(sps)
    return None if found is None or found.values is None else found.values[5]


def with_hevc_reordering(unit: bytes, plate_sps: bytes) -> bytes:
    """The same for a VPS or SPS of HEVC with one temporal layer; other units are unchanged."""
    kind = kind_of(unit, "hevc")
    if kind not in (_HEVC_VPS, _HEVC_SPS):
        return unit
    raw = raw_payload(unit)
    reader = BitReader(raw, _HEVC_VPS_LIMITS)
    if kind == _HEVC_SPS:
        reader = _at_hevc_limits(raw)
    reader.flag()
    first = reader.position
    own = [reader.unsigned() for _ in range(3)]
    bits = bits_of(raw)
    bits = bits[: bits.rindex("1")]
    theirs = _at_hevc_limits(raw_payload(plate_sps))
    theirs.flag()
    plate = [theirs.unsigned() for _ in range(3)]
    told = max(own[0], plate[0]), plate[1], plate[2]
    return unit_of(bits[:first] + "".join(map(exponential, told)) + bits[reader.position :])


def _at_hevc_limits(raw: bytes) -> BitReader:
    """Before sps_sub_layer_ordering_info_present_flag."""
    reader = BitReader(raw, hevc_number_position(raw))
    HevcPicture.read(reader, raw)
    reader.unsigned()
    return reader


def _restriction(sps: bytes) -> _Restriction | None:
    """None where there is no VUI at all."""
    reader = BitReader(raw_payload(sps))
    AvcPicture.read(reader)
    if not reader.flag():
        return None
    if reader.flag() and reader.bits(8) == 255:  # sample aspect ratio
        reader.bits(32)
    if reader.flag():  # overscan
        reader.flag()
    if reader.flag():  # video signal type
        reader.bits(4)
        if reader.flag():
            reader.bits(24)
    if reader.flag():  # chroma location
        reader.unsigned(), reader.unsigned()
    if reader.flag():  # timing
        reader.bits(32), reader.bits(32), reader.flag()
    has_buffers = [_skip_buffers(reader) if reader.flag() else False for _ in range(2)]
    if any(has_buffers):
        reader.flag()
    reader.flag()  # picture structure
    position = reader.position
    if not reader.flag():
        return _Restriction(position, None)
    values = reader.bits(1), *(reader.unsigned() for _ in range(6))
    return _Restriction(position, values)


def _skip_buffers(reader: BitReader) -> bool:
    """hrd_parameters."""
    count = min(reader.unsigned(), _MOST_BUFFERS) + 1
    reader.bits(8)
    for _ in range(count):
        reader.unsigned(), reader.unsigned(), reader.flag()
    reader.bits(20)
    return True
