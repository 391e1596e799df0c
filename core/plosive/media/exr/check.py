# SPDX-License-Identifier: Apache-2.0
"""A patched EXR file read again and held against what it was made from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from plosive.errors import NotPatchableError
from plosive.media.exr.by_openimageio import is_beyond_openimageio, read_by_openimageio
from plosive.media.exr.decoding import decoded
from plosive.media.exr.samples import Bits
from plosive.media.exr.splicing import NewChunk
from plosive.media.exr.structure import ExrFile, read_structure

__all__ = ["require_as_meant"]


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
        chunks = [part.chunk(new.chunk.index) for new in own]
        if is_beyond_openimageio(part, chunks):
            read: Iterator[Sequence[Bits]] = (decoded(found, part, [chunk])[0] for chunk in chunks)
        else:
            read = read_by_openimageio(found, part, chunks, out_path)
        for new, planes in zip(own, read, strict=True):
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
    return found.data.startswith(memoryview(file.data)[start:end], start + shift)  # compares without a copy


def _wrong(file: ExrFile) -> NotPatchableError:
    return NotPatchableError(f"{file.name} did not come out as meant when patched, so it is written anew.")
