# SPDX-License-Identifier: Apache-2.0
"""Samples of a few chunks of an EXR file as OpenImageIO reads them, bit by bit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from plosive.errors import MediaReadError
from plosive.media.exr.reading import BEYOND_OPENIMAGEIO
from plosive.media.exr.samples import Bits, bits_of
from plosive.media.exr.structure import Chunk, ExrFile, ExrPart

__all__ = ["is_beyond_openimageio", "read_by_openimageio"]

_TYPES = {0: "uint", 1: "half", 2: "float"}


def is_beyond_openimageio(part: ExrPart, chunks: Sequence[Chunk]) -> bool:
    """Whether OpenImageIO cannot read these samples of a part as they are."""
    return (
        part.compression in BEYOND_OPENIMAGEIO
        or any(channel.is_subsampled for channel in part.channels)
        or any(chunk.level_x != chunk.level_y for chunk in chunks)  # rip maps
    )


def read_by_openimageio(
    file: ExrFile, part: ExrPart, chunks: Sequence[Chunk], path: Path
) -> Iterator[Sequence[Bits]]:
    """For each of `chunks` of `file`, which lies at `path`, one plane for each channel of `part` (rows,
    columns). Raises MediaReadError where that cannot be read.
    """
    import OpenImageIO as oiio

    wanted = oiio.ImageSpec()
    wanted.attribute("oiio:UnassociatedAlpha", 1)
    wanted.attribute("oiio:RawColor", 1)
    source = oiio.ImageInput.open(str(path), wanted)
    if source is None:
        oiio.geterror()
        raise _unread(file)
    try:
        for run in _runs(chunks, part):
            yield from _run_by_openimageio(source, file, part, run)
    finally:
        source.close()


def _runs(chunks: Sequence[Chunk], part: ExrPart) -> list[list[Chunk]]:
    """Neighbouring chunks of lines are read in one go, tiles one by one."""
    runs: list[list[Chunk]] = []
    for chunk in chunks:
        if part.tiles is None and runs and runs[-1][-1].index + 1 == chunk.index:
            runs[-1].append(chunk)
        else:
            runs.append([chunk])
    return runs


def _run_by_openimageio(
    source: Any, file: ExrFile, part: ExrPart, run: Sequence[Chunk]
) -> Iterator[Sequence[Bits]]:
    first, last = run[0].window, run[-1].window
    level = run[0].level_x
    if not source.seek_subimage(part.index, level):
        raise _unread(file)
    try:
        names = list(source.spec().channelnames)
    except UnicodeDecodeError as error:
        raise _unread(file) from error
    channels = {channel.name: channel for channel in part.channels}
    if sorted(names) != sorted(channels):
        raise _unread(file)
    kinds = [channels[name].kind for name in names]
    planes: dict[str, Bits] = {}
    start = 0
    while start < len(names):
        end = start + 1
        while end < len(names) and kinds[end] == kinds[start]:
            end += 1
        name = _TYPES[kinds[start]]
        if part.tiles is None:
            pixels = source.read_scanlines(
                part.index, level, first.top, last.bottom_exclusive, 0, start, end, name
            )
        else:
            pixels = source.read_tiles(
                part.index,
                level,
                first.left,
                first.right_exclusive,
                first.top,
                first.bottom_exclusive,
                0,
                1,
                start,
                end,
                name,
            )
        if pixels is None or source.has_error:
            source.geterror()
            raise _unread(file)
        shaped = np.asarray(pixels).reshape(last.bottom_exclusive - first.top, first.width, end - start)
        bits = bits_of(shaped)
        for channel in range(start, end):
            planes[names[channel]] = bits[..., channel - start]
        start = end
    for chunk in run:
        rows = slice(chunk.window.top - first.top, chunk.window.bottom_exclusive - first.top)
        yield [planes[channel.name][rows] for channel in part.channels]


def _unread(file: ExrFile) -> MediaReadError:
    return MediaReadError(f"{file.name} is damaged (samples that cannot be read); copy or render it again.")
