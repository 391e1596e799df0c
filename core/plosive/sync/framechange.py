# SPDX-License-Identifier: Apache-2.0
"""What a made frame changed of its plate frame, packed into bytes that prove themselves.

Little-endian. Head: magic, kind, frame index, changed box (left, top, right, bottom), number of planes,
CRC-32 of the plate's own samples in the box, length of the note. Then one byte a plane (1: changed), the
note, and the changed planes as differences, zlib (RFC 1950). The last 16 bytes are BLAKE2b (RFC 7693) of all
before.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plosive.geometry import Box
from plosive.media.imageframe import ImagePlateFrame
from plosive.media.videoframe import VideoPlateFrame

__all__ = ["DamagedChange", "SampledFrame", "packed", "unpacked"]

SampledFrame = VideoPlateFrame | ImagePlateFrame

_HEAD = struct.Struct("<4sBI4iBII")
_MAGIC = b"PLC1"
_KEPT, _CHANGED = 0, 1
_DIGEST_BYTES = 16


class DamagedChange(ValueError):
    """These bytes do not say what became of this frame."""


def packed(plate: SampledFrame, made: SampledFrame, note: bytes = b"") -> bytes:
    """What `made` is beside `plate`, the frame it was made from; `note` goes with it (1 MiB at most)."""
    box = _changed_box(made)
    if made is plate or box is None:
        head = _HEAD.pack(_MAGIC, _KEPT, plate.index, 0, 0, 0, 0, 0, 0, len(note))
        return _sealed(head + note)
    before, after = plate.samples_in(box), made.samples_in(box)
    changes = [_difference(old, new) for old, new in zip(before, after, strict=True)]
    flags = bytes(change is not None for change in changes)
    edges = (box.left, box.top, box.right_exclusive, box.bottom_exclusive)
    head = _HEAD.pack(_MAGIC, _CHANGED, plate.index, *edges, len(flags), _crc(before), len(note))
    body = zlib.compress(b"".join(change for change in changes if change is not None), 1)
    return _sealed(head + flags + note + body)


def unpacked(plate: SampledFrame, data: bytes) -> tuple[SampledFrame, bytes]:
    """The frame that `packed` was given, to the bit, and the note. Raises DamagedChange for anything else,
    and where the plate's own samples are not those it was made from.
    """
    if len(data) < _HEAD.size + _DIGEST_BYTES or _digest(data[:-_DIGEST_BYTES]) != data[-_DIGEST_BYTES:]:
        raise DamagedChange("the bytes are not whole")
    magic, kind, index, left, top, right, bottom, planes, crc, note_bytes = _HEAD.unpack_from(data)
    note_start = _HEAD.size + planes
    body_start = note_start + note_bytes
    if magic != _MAGIC or index != plate.index or body_start > len(data) - _DIGEST_BYTES:
        raise DamagedChange("the bytes are those of another frame")
    note = data[note_start:body_start]
    if kind == _KEPT:
        return plate, note
    box = Box(left, top, right, bottom)
    width, height = _sampled_size(plate)
    if box.is_empty or box.clipped(width, height) != box:
        raise DamagedChange("the box lies outside the picture")
    before = plate.samples_in(box)
    if len(before) != planes or _crc(before) != crc:
        raise DamagedChange("the plate is not the one it was made from")
    flags = data[_HEAD.size : note_start]
    wanted = sum(old.nbytes for old, flag in zip(before, flags, strict=True) if flag)
    changes = _inflated(data[body_start:-_DIGEST_BYTES], wanted)
    after, place = [], 0
    for old, flag in zip(before, flags, strict=True):
        after.append(_changed(old, changes[place : place + old.nbytes]) if flag else old)
        place += old.nbytes if flag else 0
    return plate.with_samples(box, after), note


def _changed_box(frame: SampledFrame) -> Box | None:
    return frame.changed_box if isinstance(frame, VideoPlateFrame) else frame.edited_box


def _sampled_size(frame: SampledFrame) -> tuple[int, int]:
    """(width, height) of what boxes of changes count in."""
    if isinstance(frame, VideoPlateFrame):
        return frame.samples.width, frame.samples.height
    return frame.layout.data_width, frame.layout.data_height


def _words(samples: NDArray[Any]) -> NDArray[Any]:
    """The samples' bits as unsigned numbers."""
    return np.ascontiguousarray(samples).view(f"u{samples.dtype.itemsize}").ravel()


def _difference(old: NDArray[Any], new: NDArray[Any]) -> bytes | None:
    """New minus old, modulo their size, all low bytes before all higher ones; None where they are equal."""
    change = _words(new) - _words(old)
    if not change.any():
        return None
    low_first = change.astype(change.dtype.newbyteorder("<"))
    return bytes(low_first.view(np.uint8).reshape(-1, change.dtype.itemsize).T.tobytes())


def _changed(old: NDArray[Any], change: bytes) -> NDArray[Any]:
    size = old.dtype.itemsize
    shuffled = np.frombuffer(change, np.uint8).reshape(size, -1).T
    words = _words(old) + np.ascontiguousarray(shuffled).view(f"<u{size}").ravel()
    return np.asarray(words.view(old.dtype).reshape(old.shape))


def _inflated(data: bytes, wanted: int) -> bytes:
    """Exactly `wanted` bytes; never more are made."""
    stream = zlib.decompressobj()
    try:
        made = stream.decompress(data, wanted + 1)
    except zlib.error as error:
        raise DamagedChange("the samples cannot be unpacked") from error
    if len(made) != wanted:
        raise DamagedChange("there are not as many samples as the box has")
    return made


def _crc(planes: Sequence[NDArray[Any]]) -> int:
    crc = 0
    for plane in planes:
        crc = zlib.crc32(np.ascontiguousarray(plane).tobytes(), crc)
    return crc


def _digest(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=_DIGEST_BYTES).digest()


def _sealed(data: bytes) -> bytes:
    return data + _digest(data)
