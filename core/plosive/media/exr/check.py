# SPDX-License-Identifier: Apache-2.0
"""A patched EXR file read again and held against what it was made from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from plosive.errors import NotPatchableError
from plosive.media.exr.decoding import decoded
from plosive.media.exr.reading import BEYOND_OPENIMAGEIO
from plosive.media.exr.samples import Bits, bits_of
from plosive.media.exr.splicing import NewChunk
from plosive.media.exr.structure import ExrFile, ExrPart, read_structure

__all__ = ["require_as_meant"]

_TYPES = {0: "uint", 1: "half", 2: "float"}


def require_as_meant(file: ExrFile, header: bytes, made: Sequence[NewChunk], out_path: Path) -> None:
    """Raises NotPatchableError or MediaReadError unless `out_path` is `file` with the chunks `made` in it:
    this `header`, the same bytes in every other chunk, and in these the samples that were meant.
    """
    found = read_structure(out_path)
    if found.header_bytes != header or not _others_are_same(file, found, made):
        raise _wrong(file)
    for part_index in sorted({new.chunk.part for new in made}):
        own = [new for new in made if new.chunk.part == part_index]
        part = found.parts[part_index]
        read = _read_by_openexr if _is_beyond(part, own) else _read_by_openimageio
        for new, planes in zip(own, read(found, part, own, out_path), strict=True):
            if not all(np.array_equal(*pair) for pair in zip(new.planes, planes, strict=True)):
                raise _wrong(file)


def _others_are_same(file: ExrFile, found: ExrFile, made: Sequence[NewChunk]) -> bool:
    """Whether every chunk but those `made` has its bytes, and nothing else grew."""
    touched = {(new.chunk.part, new.chunk.index) for new in made}
    for before, after in zip(file.parts, found.parts, strict=True):
        starts, ends = before.offsets.tolist(), (before.offsets + before.leader_bytes + before.sizes).tolist()
        shifts = (after.offsets - before.offsets).tolist()
        run: tuple[int, int, int] | None = None  # neighbours that moved alike are compared in one go
        for index, (start, end, shift) in enumerate(zip(starts, ends, shifts, strict=True)):
            if (before.index, index) in touched:
                continue
            if run is not None and run[1] == start and run[2] == shift:
                run = (run[0], end, shift)
                continue
            if run is not None and not _is_same(file, found, *run):
                return False
            run = (start, end, shift)
        if run is not None and not _is_same(file, found, *run):
            return False
    growth = sum(len(new.data) - new.chunk.data_size for new in made)
    return len(found.data) == len(file.data) + growth


def _is_same(file: ExrFile, found: ExrFile, start: int, end: int, shift: int) -> bool:
    return file.data[start:end] == found.data[start + shift : end + shift]


def _is_beyond(part: ExrPart, own: Sequence[NewChunk]) -> bool:
    """Whether OpenImageIO cannot read these samples of a part as they are."""
    return (
        part.compression in BEYOND_OPENIMAGEIO
        or any(channel.is_subsampled for channel in part.channels)
        or any(new.chunk.level_x != new.chunk.level_y for new in own)  # rip maps
    )


def _read_by_openexr(
    found: ExrFile, part: ExrPart, own: Sequence[NewChunk], out_path: Path
) -> Iterator[Sequence[Bits]]:
    for new in own:
        yield from decoded(found, part, [part.chunk(new.chunk.index)])


def _read_by_openimageio(
    found: ExrFile, part: ExrPart, own: Sequence[NewChunk], out_path: Path
) -> Iterator[Sequence[Bits]]:
    import OpenImageIO as oiio

    wanted = oiio.ImageSpec()
    wanted.attribute("oiio:UnassociatedAlpha", 1)
    wanted.attribute("oiio:RawColor", 1)
    source = oiio.ImageInput.open(str(out_path), wanted)
    if source is None:
        oiio.geterror()
        raise _wrong(found)
    try:
        for run in _runs(own, part):
            yield from _run_by_openimageio(source, found, part, run)
    finally:
        source.close()


def _runs(own: Sequence[NewChunk], part: ExrPart) -> list[list[NewChunk]]:
    """Neighbouring chunks of lines are read in one go, tiles one by one."""
    runs: list[list[NewChunk]] = []
    for new in own:
        if part.tiles is None and runs and runs[-1][-1].chunk.index + 1 == new.chunk.index:
            runs[-1].append(new)
        else:
            runs.append([new])
    return runs


def _run_by_openimageio(
    source: Any, found: ExrFile, part: ExrPart, run: Sequence[NewChunk]
) -> Iterator[Sequence[Bits]]:
    first, last = run[0].chunk.window, run[-1].chunk.window
    level = run[0].chunk.level_x
    if not source.seek_subimage(part.index, level):
        raise _wrong(found)
    try:
        names = list(source.spec().channelnames)
    except UnicodeDecodeError as error:
        raise _wrong(found) from error
    channels = {channel.name: channel for channel in part.channels}
    if sorted(names) != sorted(channels):
        raise _wrong(found)
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
            raise _wrong(found)
        shaped = np.asarray(pixels).reshape(last.bottom_exclusive - first.top, first.width, end - start)
        bits = bits_of(shaped)
        for channel in range(start, end):
            planes[names[channel]] = bits[..., channel - start]
        start = end
    for new in run:
        rows = slice(new.chunk.window.top - first.top, new.chunk.window.bottom_exclusive - first.top)
        yield [planes[channel.name][rows] for channel in part.channels]


def _wrong(file: ExrFile) -> NotPatchableError:
    return NotPatchableError(f"{file.name} did not come out as meant when patched, so it is written anew.")
