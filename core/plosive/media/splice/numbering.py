# SPDX-License-Identifier: Apache-2.0
"""Numbers of their own for x265's parameter sets, which always have number 0.

Sources: ISO/IEC 23008-2 (7.3.1.2, 7.3.2, 7.3.6.1).
"""

from __future__ import annotations

from plosive.errors import NotPatchableError
from plosive.media.splice.nalunits import bits_of, exponential, raw_payload, unit_of
from plosive.media.splice.parametersets import hevc_number_position, kind_of

__all__ = ["renumbered"]

_VPS, _SPS, _PPS = 32, 33, 34
_PARAMETER_SETS = (_VPS, _SPS, _PPS)
_STRANGE = "The encoder's settings cannot be given numbers beside the plate's."


def renumbered(unit: bytes, set_number: int, picture_number: int) -> bytes:
    """A NAL unit of x265 (HEVC, all numbers 0) that refers to VPS and SPS `set_number` (1 to 15) and PPS
    `picture_number`: 15 to 30, whose code is one byte longer than that of 0, so that all bits behind it stay
    where they are in their byte. Slices need no parsing, and no emulation prevention changes.
    """
    kind = kind_of(unit, "hevc")
    if kind < 32:
        return _renumbered_slice(unit, kind, picture_number)
    if kind not in _PARAMETER_SETS:
        return unit
    raw = raw_payload(unit)
    bits = bits_of(raw)
    bits = bits[: bits.rindex("1")]  # without the trailing bits
    if kind in (_VPS, _SPS):
        bits = bits[:16] + f"{set_number:04b}" + bits[20:]
    if kind == _SPS:
        at = hevc_number_position(raw)
        bits = bits[:at] + exponential(set_number) + _after_zero(bits, at)
    if kind == _PPS:
        rest = _after_zero(_after_zero(bits, 16), 0)
        bits = bits[:16] + exponential(picture_number) + exponential(set_number) + rest
    return unit_of(bits)


def _renumbered_slice(unit: bytes, kind: int, number: int) -> bytes:
    before = 2 if 16 <= kind <= 23 else 1  # first-slice flag; no_output_of_prior_pics_flag
    bits = f"{unit[2]:08b}"
    code = exponential(number)
    if bits[before] != "1" or len(code) != 9 or "1" not in code[7:]:
        raise NotPatchableError(_STRANGE)
    return unit[:2] + int(bits[:before] + code + bits[before + 1 :], 2).to_bytes(2, "big") + unit[3:]


def _after_zero(bits: str, position: int) -> str:
    if bits[position] != "1":
        raise NotPatchableError(_STRANGE)
    return bits[position + 1 :]
