# SPDX-License-Identifier: Apache-2.0
"""Parameter sets of H.264 and HEVC: what they say of the pictures, and two coders' side by side in one track.

A file names its coder's settings once (avcC, hvcC); pictures refer to them by number. Pictures of another
coder fit into the same track when its sets have numbers of their own and mean the same kind of picture.
Sources: ISO/IEC 14496-15 (5.3.3, 8.3.3), ISO/IEC 14496-10 (7.3.2), ISO/IEC 23008-2 (7.3.2, 7.3.6).
"""

from __future__ import annotations

from dataclasses import dataclass

from plosive.errors import NotPatchableError
from plosive.media.splice.nalunits import BitReader, raw_payload

__all__ = [
    "AvcPicture",
    "CodecConfig",
    "HevcPicture",
    "is_parameter_set",
    "kind_of",
    "number_of",
]

_AVC_SPS, _AVC_PPS = 7, 8
_HEVC_VPS, _HEVC_SPS, _HEVC_PPS = 32, 33, 34
_HIGH_PROFILES = (100, 110, 122, 244, 44, 83, 86, 118, 128)
_SETS = {"h264": (_AVC_SPS, _AVC_PPS), "hevc": (_HEVC_VPS, _HEVC_SPS, _HEVC_PPS)}
_AVC_FIXED_BYTES = 6
_HEVC_FIXED_BYTES = 23
_MOST_SETS = 31
_STRANGE = "The plate's coder settings have a form that is not known; the picture is compressed anew."


def kind_of(unit: bytes, codec: str) -> int:
    """nal_unit_type."""
    return unit[0] & 31 if codec == "h264" else (unit[0] >> 1) & 63


def is_parameter_set(unit: bytes, codec: str) -> bool:
    return kind_of(unit, codec) in _SETS[codec]


def number_of(unit: bytes, codec: str) -> int:
    """The number by which a parameter set is referred to."""
    raw, kind = raw_payload(unit), kind_of(unit, codec)
    if codec == "h264":
        return BitReader(raw, 32 if kind == _AVC_SPS else 8).unsigned()
    if kind == _HEVC_VPS:
        return BitReader(raw, 16).bits(4)
    if kind == _HEVC_PPS:
        return BitReader(raw, 16).unsigned()
    return BitReader(raw, hevc_number_position(raw)).unsigned()


def hevc_number_position(raw: bytes) -> int:
    """The bit at which an HEVC sequence parameter set says its number. Raises NotPatchableError."""
    if BitReader(raw, 20).bits(3):
        raise NotPatchableError("The plate is coded in temporal layers; the picture is compressed anew.")
    return 16 + 8 + 96  # NAL header; VPS number, layers; profile, tier, level


@dataclass(frozen=True)
class AvcPicture:
    """What a sequence parameter set of H.264 says of all its pictures, sizes in stored pixels; `order_type`
    is pic_order_cnt_type.
    """

    profile: int
    constraints: int
    level: int
    chroma_format: int
    bit_depths: tuple[int, int]
    macroblocks: tuple[int, int]
    is_progressive: bool
    crop: tuple[int, int, int, int]
    reference_frames: int
    order_type: int

    @property
    def is_intra_profile(self) -> bool:
        """Whether constraint_set3_flag says that all pictures stand alone."""
        return self.profile in _HIGH_PROFILES and bool(self.constraints & 16)

    @classmethod
    def parse(cls, sps: bytes) -> AvcPicture:
        """Raises NotPatchableError."""
        return cls.read(BitReader(raw_payload(sps)))

    @classmethod
    def read(cls, reader: BitReader) -> AvcPicture:
        """The same from the first bit of the unit; the reader is left before vui_parameters_present_flag."""
        reader.bits(8)
        profile, constraints, level = reader.bits(8), reader.bits(8), reader.bits(8)
        reader.unsigned()
        chroma, depths = 1, (8, 8)
        if profile in _HIGH_PROFILES:
            chroma = reader.unsigned()
            if chroma == 3 and reader.flag():
                raise NotPatchableError(_STRANGE)
            depths = reader.unsigned() + 8, reader.unsigned() + 8
            reader.flag()
            if reader.flag():
                _skip_scaling_lists(reader, 12 if chroma == 3 else 8)
        reader.unsigned()
        order = reader.unsigned()
        if order == 0:
            reader.unsigned()
        elif order == 1:
            reader.flag()
            reader.signed(), reader.signed()
            for _ in range(min(reader.unsigned(), 255)):
                reader.signed()
        references = reader.unsigned()
        reader.flag()
        size = reader.unsigned() + 1, reader.unsigned() + 1
        is_progressive = reader.flag()
        if not is_progressive:
            reader.flag()
        reader.flag()
        crop = (0, 0, 0, 0)
        if reader.flag():
            crop = reader.unsigned(), reader.unsigned(), reader.unsigned(), reader.unsigned()
        return cls(
            profile,
            constraints,
            level,
            chroma,
            depths,
            size,
            is_progressive,
            crop,
            references,
            order,
        )


def _skip_scaling_lists(reader: BitReader, count: int) -> None:
    for number in range(count):
        if not reader.flag():
            continue
        last = following = 8
        for _ in range(16 if number < 6 else 64):
            if following:
                following = (last + reader.signed()) % 256
            last = following or last


@dataclass(frozen=True)
class HevcPicture:
    """What a sequence parameter set of HEVC says of all its pictures. `profile` is the first 11 bytes of
    profile_tier_level: profile, compatibility and constraint flags; `level` its last.
    """

    profile: int
    is_high_tier: bool
    level: int
    chroma_format: int
    size: tuple[int, int]
    crop: tuple[int, int, int, int]
    bit_depths: tuple[int, int]

    @classmethod
    def parse(cls, sps: bytes) -> HevcPicture:
        """Raises NotPatchableError."""
        raw = raw_payload(sps)
        return cls.read(BitReader(raw, hevc_number_position(raw)), raw)

    @classmethod
    def read(cls, reader: BitReader, raw: bytes) -> HevcPicture:
        """The same of a reader at the set's number; it is left before log2_max_pic_order_cnt_lsb_minus4."""
        reader.unsigned()
        chroma = reader.unsigned()
        if chroma == 3 and reader.flag():
            raise NotPatchableError(_STRANGE)
        size = reader.unsigned(), reader.unsigned()
        crop = (0, 0, 0, 0)
        if reader.flag():
            crop = reader.unsigned(), reader.unsigned(), reader.unsigned(), reader.unsigned()
        depths = reader.unsigned() + 8, reader.unsigned() + 8
        general = BitReader(raw, 24)
        general.bits(2)
        is_high_tier, profile = general.flag(), general.bits(5)
        return cls(profile, is_high_tier, raw[14], chroma, size, crop, depths)


@dataclass(frozen=True)
class CodecConfig:
    """An avcC or hvcC record: its fixed first bytes, its parameter sets in order, and what follows. `heads`:
    the first byte of each array of an hvcC record.
    """

    codec: str
    fixed: bytes
    sets: tuple[bytes, ...]
    tail: bytes
    heads: tuple[int, ...] = ()

    @property
    def length_bytes(self) -> int:
        """Of the number before each NAL unit."""
        return (self.fixed[4 if self.codec == "h264" else 21] & 3) + 1

    @classmethod
    def parse(cls, codec: str, data: bytes) -> CodecConfig:
        """Raises NotPatchableError."""
        least = _AVC_FIXED_BYTES if codec == "h264" else _HEVC_FIXED_BYTES
        if len(data) < least or data[0] != 1:
            raise NotPatchableError(_STRANGE)
        sets: list[bytes] = []
        if codec == "h264":
            position = _take_sets(data, 6, data[5] & 31, sets)
            if position >= len(data):
                raise NotPatchableError(_STRANGE)
            position = _take_sets(data, position + 1, data[position], sets)
            return cls(codec, data[:5], tuple(sets), data[position:])
        position, heads = _HEVC_FIXED_BYTES, list[int]()
        for _ in range(data[22]):
            if position + 3 > len(data):
                raise NotPatchableError(_STRANGE)
            heads.append(data[position])
            count = int.from_bytes(data[position + 1 : position + 3], "big")
            position = _take_sets(data, position + 3, count, sets)
        return cls(codec, data[:22], tuple(sets), data[position:], tuple(heads))

    def with_sets(self, more: tuple[bytes, ...]) -> bytes:
        """The record with another coder's sets beside its own. Its level becomes the higher of both."""
        sets = (*self.sets, *more)
        if self.codec == "h264":
            fixed = bytearray(self.fixed)
            for unit in more:
                if kind_of(unit, "h264") == _AVC_SPS:
                    fixed[2] &= unit[2]
                    fixed[3] = max(fixed[3], unit[3])
            groups = [[unit for unit in sets if kind_of(unit, "h264") == kind] for kind in _SETS["h264"]]
            if max(map(len, groups)) > _MOST_SETS:
                raise NotPatchableError(_STRANGE)
            first = bytes([0xE0 | len(groups[0])]) + _listed(groups[0])
            return bytes(fixed) + first + bytes([len(groups[1])]) + _listed(groups[1]) + self.tail
        fixed = bytearray(self.fixed)
        for unit in more:
            if kind_of(unit, "hevc") == _HEVC_SPS:
                fixed[12] = max(fixed[12], HevcPicture.parse(unit).level)
        heads = {head & 63: head for head in self.heads}
        for unit in more:
            heads.setdefault(kind_of(unit, "hevc"), 0x80 | kind_of(unit, "hevc"))
        made = bytes(fixed) + bytes([len(heads)])
        for kind, head in heads.items():
            group = [unit for unit in sets if kind_of(unit, "hevc") == kind]
            made += bytes([head]) + len(group).to_bytes(2, "big") + _listed(group)
        return made + self.tail


def _take_sets(data: bytes, position: int, count: int, sets: list[bytes]) -> int:
    for _ in range(count):
        size = int.from_bytes(data[position : position + 2], "big")
        unit = data[position + 2 : position + 2 + size]
        if size < 4 or len(unit) < size:
            raise NotPatchableError(_STRANGE)
        sets.append(unit)
        position += 2 + size
    return position


def _listed(units: list[bytes]) -> bytes:
    return b"".join(len(unit).to_bytes(2, "big") + unit for unit in units)
