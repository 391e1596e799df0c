# SPDX-License-Identifier: Apache-2.0
"""NAL units of H.264 and HEVC: taken from packets, put into packets, and their bits read.

Sources: ISO/IEC 14496-10 and 23008-2 (7.3.1, 7.4.1, annex B), ISO/IEC 14496-15 (length-prefixed form).
"""

from __future__ import annotations

from collections.abc import Iterable

from plosive.errors import NotPatchableError

__all__ = [
    "BitReader",
    "bits_of",
    "exponential",
    "joined",
    "raw_payload",
    "split",
    "stored_payload",
    "unit_of",
]

_LENGTH_BYTES = 4
_START_CODE = b"\x00\x00\x00\x01"
_MOST_ZEROS = 31
_BROKEN = "The plate's compressed pictures cannot be read bit by bit; the picture is compressed anew."


def split(packet: bytes, length_bytes: int) -> list[bytes]:
    """The NAL units of a packet, without framing. `length_bytes` 0: annex B start codes.

    Raises NotPatchableError where lengths lie.
    """
    if length_bytes:
        return _split_by_length(packet, length_bytes)
    units = []
    start = packet.find(b"\x00\x00\x01")
    while start >= 0:
        following = packet.find(b"\x00\x00\x01", start + 3)
        unit = packet[start + 3 : following if following >= 0 else len(packet)]
        unit = unit.rstrip(b"\x00")
        if unit:
            units.append(unit)
        start = following
    if not units:
        raise NotPatchableError(_BROKEN)
    return units


def _split_by_length(packet: bytes, length_bytes: int) -> list[bytes]:
    units, position = [], 0
    while position < len(packet):
        start = position + length_bytes
        position = start + int.from_bytes(packet[position:start], "big")
        if position > len(packet) or position == start:
            raise NotPatchableError(_BROKEN)
        units.append(packet[start:position])
    return units


def joined(units: Iterable[bytes], length_bytes: int) -> bytes:
    """A packet of NAL units, framed as `split` reads it. Lengths are 4 bytes, as start codes are."""
    if length_bytes not in (0, _LENGTH_BYTES):
        raise NotPatchableError(
            "The plate counts its pictures' parts in an old way; the picture is compressed anew."
        )
    return b"".join(
        (len(unit).to_bytes(_LENGTH_BYTES, "big") if length_bytes else _START_CODE) + unit for unit in units
    )


def raw_payload(unit: bytes) -> bytes:
    """A NAL unit without its emulation prevention bytes."""
    return unit.replace(b"\x00\x00\x03", b"\x00\x00")


def stored_payload(raw: bytes) -> bytes:
    """The inverse of `raw_payload`."""
    made, zeros = bytearray(), 0
    for byte in raw:
        if zeros >= 2 and byte <= 3:
            made.append(3)
            zeros = 0
        made.append(byte)
        zeros = 0 if byte else zeros + 1
    return bytes(made)


def bits_of(raw: bytes) -> str:
    """The bits of `raw_payload` as text, for taking apart."""
    return bin(int.from_bytes(b"\x01" + raw, "big"))[3:]


def unit_of(bits: str) -> bytes:
    """The NAL unit of bits without trailing ones: they are added, and emulation is prevented."""
    bits += "1" + "0" * (-(len(bits) + 1) % 8)
    return stored_payload(int(bits, 2).to_bytes(len(bits) // 8, "big"))


def exponential(number: int) -> str:
    """ue(v) as text."""
    code = f"{number + 1:b}"
    return "0" * (len(code) - 1) + code


class BitReader:
    """Reads the bits of `raw_payload`, the first bit of the first byte first.

    Raises NotPatchableError at the end of the data.
    """

    def __init__(self, data: bytes, position: int = 0) -> None:
        self._data = data
        self.position = position

    def bits(self, count: int) -> int:
        end = self.position + count
        if end > 8 * len(self._data):
            raise NotPatchableError(_BROKEN)
        first, last = self.position // 8, (end + 7) // 8
        value = int.from_bytes(self._data[first:last], "big") >> (8 * last - end)
        self.position = end
        return value & ((1 << count) - 1)

    def flag(self) -> bool:
        return bool(self.bits(1))

    def unsigned(self) -> int:
        """ue(v), exponential Golomb."""
        zeros = 0
        while not self.bits(1):
            zeros += 1
            if zeros > _MOST_ZEROS:
                raise NotPatchableError(_BROKEN)
        return (1 << zeros) - 1 + self.bits(zeros)

    def signed(self) -> int:
        """se(v)."""
        value = self.unsigned()
        return (value + 1) // 2 if value % 2 else -(value // 2)
