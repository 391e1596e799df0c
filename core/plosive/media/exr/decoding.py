# SPDX-License-Identifier: Apache-2.0
"""Samples of a few chunks of an EXR file, bit by bit, whatever their compression.

OpenImageIO turns some channels into others (luminance and chroma into RGB, mixed types into one). So the
chunks wanted are put, as they are, into a small file of their own in memory, which OpenEXR reads.
"""

from __future__ import annotations

import io
import math
import struct
from collections.abc import Sequence

import numpy as np

from plosive.errors import MediaReadError
from plosive.media.exr.header import Window
from plosive.media.exr.samples import Bits, bits_of, raw_size, sampled, split_raw
from plosive.media.exr.structure import Chunk, ExrFile, ExrPart

__all__ = ["decoded"]


def decoded(file: ExrFile, part: ExrPart, chunks: Sequence[Chunk]) -> list[list[Bits]]:
    """For each of `chunks` (of one level of `part`, in order) one plane for each channel: (rows, columns)
    of its window, those without a sample left out. Raises MediaReadError for damaged ones.
    """
    found: dict[int, list[Bits]] = {}
    coded: list[Chunk] = []
    for chunk in chunks:
        size = raw_size(part.channels, chunk.window)
        if chunk.data_size == size:
            raw = np.frombuffer(file.chunk_bytes(chunk), np.uint8)
            found[chunk.index] = split_raw(part.channels, chunk.window, raw)
        else:
            coded.append(chunk)
    for run in _runs(part, coded):
        found |= _decoded_run(file, part, run)
    return [found[chunk.index] for chunk in chunks]


def _runs(part: ExrPart, chunks: Sequence[Chunk]) -> list[list[Chunk]]:
    """Chunks that lie side by side, which one small file can hold."""
    runs: list[list[Chunk]] = []
    for chunk in chunks:
        before = runs[-1][-1] if runs else None
        if before is not None and before.index + 1 == chunk.index and before.part == chunk.part:
            same_row = part.tiles is None or before.window.right_exclusive == chunk.window.left
            if same_row:
                runs[-1].append(chunk)
                continue
        runs.append([chunk])
    return runs


def _decoded_run(file: ExrFile, part: ExrPart, run: Sequence[Chunk]) -> dict[int, list[Bits]]:
    """Planes by the chunk's index."""
    own, run = list(run), _widened(part, run)
    whole = Window(
        run[0].window.left, run[0].window.top, run[-1].window.right_exclusive, run[-1].window.bottom_exclusive
    )
    planes = _read_all(_small_file(file, part, run, whole), file, part, whole)
    found: dict[int, list[Bits]] = {}
    for chunk in own:
        found[chunk.index] = [
            plane[
                sampled(whole.top, chunk.window.top, channel.y_sampling) : sampled(
                    whole.top, chunk.window.bottom_exclusive, channel.y_sampling
                ),
                sampled(whole.left, chunk.window.left, channel.x_sampling) : sampled(
                    whole.left, chunk.window.right_exclusive, channel.x_sampling
                ),
            ]
            for channel, plane in zip(part.channels, planes, strict=True)
        ]
    return found


def _widened(part: ExrPart, run: Sequence[Chunk]) -> list[Chunk]:
    """With the neighbours that make the top and the height whole multiples of every channel's sampling,
    without which OpenEXR reads no file.
    """
    wide = list(run)
    step = math.lcm(*(channel.y_sampling for channel in part.channels))
    while wide[0].window.top % step and wide[0].index:
        wide.insert(0, part.chunk(wide[0].index - 1))
    while wide[-1].window.bottom_exclusive % step and wide[-1].index + 1 < len(part.offsets):
        wide.append(part.chunk(wide[-1].index + 1))
    return wide


def _small_file(file: ExrFile, part: ExrPart, run: Sequence[Chunk], whole: Window) -> bytes:
    """A file of one part, `whole` its data window, that holds the chunks `run` as they are."""
    window = struct.pack(
        "<iiii", whole.left, whole.top, whole.right_exclusive - 1, whole.bottom_exclusive - 1
    )
    attributes = [
        ("channels", "chlist", part.attributes["channels"].value),
        ("compression", "compression", part.attributes["compression"].value),
        ("dataWindow", "box2i", window),
        ("displayWindow", "box2i", window),
        ("lineOrder", "lineOrder", b"\0"),
        ("pixelAspectRatio", "float", struct.pack("<f", 1.0)),
        ("screenWindowCenter", "v2f", struct.pack("<ff", 0.0, 0.0)),
        ("screenWindowWidth", "float", struct.pack("<f", 1.0)),
    ]
    if part.tiles is not None:
        tiles = struct.pack("<IIB", part.tiles.tile_width, part.tiles.tile_height, 0)
        attributes.append(("tiles", "tiledesc", tiles))
    made = bytearray(struct.pack("<II", 20000630, 2 | (file.version & 0x400) | (part.tiles is not None) << 9))
    for name, kind, value in attributes:
        made += name.encode() + b"\0" + kind.encode() + b"\0" + struct.pack("<i", len(value)) + value
    made += b"\0"
    at = len(made) + 8 * len(run)
    body = bytearray()
    for place, chunk in enumerate(run):
        made += struct.pack("<Q", at + len(body))
        if part.tiles is None:
            body += struct.pack("<i", chunk.window.top)
        else:
            body += struct.pack("<iiii", place, 0, 0, 0)
        body += struct.pack("<i", chunk.data_size) + file.chunk_bytes(chunk)
    return bytes(made + body)


def _read_all(small: bytes, file: ExrFile, part: ExrPart, whole: Window) -> list[Bits]:
    """Every channel of a small file, in the order of `part.channels`."""
    import OpenEXR

    try:
        channels = OpenEXR.File(io.BytesIO(small), separate_channels=True).parts[0].channels
        planes = [bits_of(channels[channel.name].pixels) for channel in part.channels]
    except Exception as error:  # of damaged files it raises whatever comes: IndexError, RuntimeError...
        raise MediaReadError(
            f"{file.name} is damaged (samples that cannot be read); copy or render it again."
        ) from error
    for channel, plane in zip(part.channels, planes, strict=True):
        shape = (
            sampled(whole.top, whole.bottom_exclusive, channel.y_sampling),
            sampled(whole.left, whole.right_exclusive, channel.x_sampling),
        )
        if plane.shape != shape or plane.dtype.itemsize != channel.sample_bytes:
            raise MediaReadError(
                f"{file.name} is damaged (samples that cannot be read); copy or render it again."
            )
    return planes
