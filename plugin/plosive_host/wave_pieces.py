# SPDX-License-Identifier: Apache-2.0
"""A dub cut together from WAV files sample for sample, as an audio track has them: for a dub in several
items, or one trimmed within its clip. Levels and fades of the items are left out: they move no lips.

WAV: RIFF chunks `fmt ` and `data`; RF64 and BW64 keep their sizes in `ds64` (EBU Tech 3306, ITU-R BS.2088).
"""

from __future__ import annotations

import os
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from plosive_host.errors import PlosiveHostError
from plosive_host.sound_piece import SoundPiece

__all__ = ["WaveFile", "assemble", "read_wave"]

_PCM, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE
_UNKNOWN = 0xFFFFFFFF
_MOST_BYTES = 2**32 - 2**16


@dataclass(frozen=True)
class WaveFile:
    """`code` is 1 for integers, 3 for floats; `block_bytes` holds one sample of every channel."""

    path: str
    code: int
    channels: int
    sample_rate: int
    bits: int
    block_bytes: int
    data_offset: int
    data_bytes: int

    @property
    def sample_count(self) -> int:
        return self.data_bytes // self.block_bytes

    @property
    def kind(self) -> tuple[int, int, int]:
        """What files must have in common."""
        return self.code, self.sample_rate, self.bits


def read_wave(path: str) -> WaveFile:
    """Raises PlosiveHostError (WAVE) for what is no uncompressed WAV file."""
    try:
        with open(path, "rb") as file:
            head = file.read(12)
            if len(head) < 12 or head[:4] not in (b"RIFF", b"RF64", b"BW64") or head[8:] != b"WAVE":
                raise ValueError("no WAV")
            large_data, form = 0, b""
            end = os.fstat(file.fileno()).st_size
            while True:
                header = file.read(8)
                if len(header) < 8:
                    raise ValueError("no data")
                name, size = header[:4], struct.unpack("<I", header[4:])[0]
                if name == b"data":
                    offset = file.tell()
                    size = large_data if size == _UNKNOWN and large_data else size
                    return _wave_of(path, form, offset, min(size, end - offset))
                body = file.read(size + size % 2) if name in (b"fmt ", b"ds64") else b""
                if name == b"fmt ":
                    form = body
                elif name == b"ds64":
                    large_data = struct.unpack("<Q", body[8:16])[0]
                else:
                    file.seek(size + size % 2, os.SEEK_CUR)
    except (OSError, ValueError, struct.error) as error:
        raise PlosiveHostError(f"{path} could not be read as an uncompressed WAV file.", "WAVE") from error


def assemble(
    pieces: Sequence[SoundPiece], out_path: str, start_seconds: Fraction, end_seconds: Fraction
) -> None:
    """Write the stretch of the timeline from `start_seconds` to `end_seconds` (after its frame 0) with the
    pieces in it and silence between, whole or not at all. Where pieces take one channel, that one is written.
    Raises PlosiveHostError (WAVE) for files that do not go together; OSError.
    """
    waves = {path: read_wave(path) for path in dict.fromkeys(piece.path for piece in pieces)}
    first = next(iter(waves.values()))
    is_mono = any(piece.channels for piece in pieces)
    widths = {1 if is_mono else wave.channels for wave in waves.values()}
    takes_all = any(not piece.channels and waves[piece.path].channels > 1 for piece in pieces)
    if len({wave.kind for wave in waves.values()}) > 1 or len(widths) > 1 or (is_mono and takes_all):
        raise PlosiveHostError("The dub's files have different kinds of sound.", "WAVE")
    channels, width = widths.pop(), first.bits // 8
    block, rate = channels * width, first.sample_rate
    count = max(0, round((end_seconds - start_seconds) * rate))
    if count * block > _MOST_BYTES:
        raise PlosiveHostError("The dub is longer than a WAV file can be.", "WAVE")
    data = bytearray((b"\x80" if first.bits == 8 else b"\0") * (count * block))
    for piece in pieces:
        wave = waves[piece.path]
        source = max(0, round(piece.source_seconds * rate))
        target = round((piece.record_seconds - start_seconds) * rate)
        length = min(round(piece.duration_seconds * rate), wave.sample_count - source)
        if target < 0:
            source, length, target = source - target, length + target, 0
        length = min(length, count - target)
        if length > 0:
            data[target * block : (target + length) * block] = _samples(wave, source, length, piece.channels)
    _write(out_path, first, channels, bytes(data))


def _wave_of(path: str, form: bytes, offset: int, size: int) -> WaveFile:
    code, channels, rate, _, block, bits = struct.unpack("<HHIIHH", form[:16])
    if code == _EXTENSIBLE:
        code = struct.unpack("<H", form[24:26])[0]
    if code not in (_PCM, _FLOAT) or not channels or bits % 8 or block != channels * bits // 8:
        raise ValueError("compressed")
    return WaveFile(path, code, channels, rate, bits, block, offset, size - size % block)


def _samples(wave: WaveFile, first: int, count: int, channels: Sequence[int]) -> bytes:
    with open(wave.path, "rb") as file:
        file.seek(wave.data_offset + first * wave.block_bytes)
        data = file.read(count * wave.block_bytes)
    data = data.ljust(count * wave.block_bytes, b"\0")
    if not channels or wave.channels == 1:
        return data
    width = wave.bits // 8
    start = (channels[0] - 1) * width
    chosen = bytearray(count * width)
    for byte in range(width):
        chosen[byte::width] = data[start + byte :: wave.block_bytes]
    return bytes(chosen)


def _write(path: str, like: WaveFile, channels: int, data: bytes) -> None:
    width = like.bits // 8
    form = struct.pack(
        "<HHIIHH",
        like.code,
        channels,
        like.sample_rate,
        like.sample_rate * channels * width,
        channels * width,
        like.bits,
    )
    padding = b"\0" * (len(data) % 2)
    size = 4 + 8 + len(form) + 8 + len(data) + len(padding)
    part = f"{path}.{os.getpid()}.part"
    try:
        with open(part, "wb") as file:
            file.write(b"RIFF" + struct.pack("<I", size) + b"WAVE")
            file.write(b"fmt " + struct.pack("<I", len(form)) + form)
            file.write(b"data" + struct.pack("<I", len(data)) + data + padding)
        os.replace(part, path)
    except OSError:
        if os.path.exists(part):
            os.unlink(part)
        raise
