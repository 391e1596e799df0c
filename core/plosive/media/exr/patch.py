# SPDX-License-Identifier: Apache-2.0
"""One EXR file with a few samples changed: every other chunk, and the header, keep their bytes."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from plosive.errors import MediaReadError, NotPatchableError
from plosive.media.exr.by_openimageio import is_beyond_openimageio, read_by_openimageio
from plosive.media.exr.check import require_as_meant
from plosive.media.exr.decoding import decoded
from plosive.media.exr.header import Channel, Window
from plosive.media.exr.levels import changed_levels
from plosive.media.exr.packing import packed
from plosive.media.exr.picture import picture_part, refused
from plosive.media.exr.preview import repainted_preview
from plosive.media.exr.samples import Bits, bits_of, raw_bytes, raw_size
from plosive.media.exr.splicing import NewChunk, spliced
from plosive.media.exr.structure import Chunk, ExrFile, ExrPart, read_structure
from plosive.media.imageedit import ImageEdit

__all__ = ["patch_exr"]

_LARGEST_CHUNK_BYTES = (1 << 31) - 1
_KINDS = {"u": 0, "f": 2}


def patch_exr(edit: ImageEdit, out_path: Path) -> None:
    """Write `edit` to `out_path`: chunks with a changed sample are stored anew without loss, everything else
    has the plate's bytes; then the result is read again and compared.

    Raises NotPatchableError where that cannot be done or did not come out as meant, OSError for a full disk.
    """
    try:
        file = read_structure(edit.layout.path)
        part, places = picture_part(file, edit.layout)
        _require_as_read(file, part, places, edit)
        touched = [*_changed(file, part, places, edit), *changed_levels(file, part, places, edit)]
        with ThreadPoolExecutor(
            os.cpu_count(), thread_name_prefix="plosive-exr"
        ) as pool:  # zlib lets others run
            made = list(pool.map(lambda one: _new_chunk(part, *one), touched))
        header = _header(file, part, edit)
        with out_path.open("wb") as out:
            out.writelines(spliced(file, header, made))
        require_as_meant(file, header, made, out_path)
    except MediaReadError as error:
        raise NotPatchableError(str(error)) from error


def _header(file: ExrFile, part: ExrPart, edit: ImageEdit) -> bytes:
    """The header's bytes; a preview of the picture, which is as long as before, shows the change."""
    preview = repainted_preview(part, edit)
    if preview is None:
        return file.header_bytes
    start = part.attributes["preview"].offset
    return file.data[:start] + preview + file.data[start + len(preview) : file.header_end]


def _new_chunk(part: ExrPart, chunk: Chunk, planes: Sequence[Bits]) -> NewChunk:
    raw = raw_bytes(part.channels, chunk.window, planes)
    return NewChunk(chunk, planes, packed(raw, part.compression, chunk.data_size))


def _require_as_read(file: ExrFile, part: ExrPart, places: Sequence[int], edit: ImageEdit) -> None:
    """Raises NotPatchableError unless the arrays of `edit` are as the channels at `places` are stored."""
    window = part.data_window
    for place, before, after in zip(places, edit.before, edit.after, strict=True):
        if before.shape != (window.height, window.width) or after.shape != before.shape:
            raise refused(file, "is of another size than was read")
        if not _is_kind(part.channels[place], before) or after.dtype != before.dtype:
            raise refused(file, "holds samples of another type than were read")


def _is_kind(channel: Channel, samples: NDArray[np.generic]) -> bool:
    kind = 1 if samples.dtype == np.float16 else _KINDS.get(samples.dtype.kind)
    return kind == channel.kind and samples.dtype.itemsize == channel.sample_bytes


def _changed(
    file: ExrFile, part: ExrPart, places: Sequence[int], edit: ImageEdit
) -> list[tuple[Chunk, list[Bits]]]:
    """The chunks in which a sample differs, in order, each with what it is to hold, channel by channel."""
    window = part.data_window
    box = edit.box.clipped(window.width, window.height)
    differs = np.zeros((box.height, box.width), np.bool_)
    for before, after in zip(edit.before, edit.after, strict=True):
        differs |= bits_of(before[box.slices]) != bits_of(after[box.slices])
    if part.tiles is None:
        rows = np.flatnonzero(differs.any(axis=1))
        indices = np.unique((rows + box.top) // part.lines)
    else:
        rows, columns = np.nonzero(differs)
        across = part.tiles.levels[0].columns
        indices = np.unique(
            (rows + box.top) // part.tiles.tile_height * across
            + (columns + box.left) // part.tiles.tile_width
        )
    chunks = [part.chunk(int(index)) for index in indices]
    if any(raw_size(part.channels, chunk.window) > _LARGEST_CHUNK_BYTES for chunk in chunks):
        raise refused(file, "has a chunk of more than 2 GiB")
    planes: Sequence[Sequence[Bits]] = decoded(file, part, chunks)
    if not _are_as_read(part, chunks, planes, places, edit) and not is_beyond_openimageio(part, chunks):
        # Decoders of lossy codecs may differ by a bit; what was read and shown is what has to stay.
        planes = [*read_by_openimageio(file, part, chunks, edit.layout.path)]
    if not _are_as_read(part, chunks, planes, places, edit):
        raise refused(file, "is not as it was read")
    return [
        (chunk, _replaced(window, chunk, own, places, edit))
        for chunk, own in zip(chunks, planes, strict=True)
    ]


def _are_as_read(
    part: ExrPart,
    chunks: Sequence[Chunk],
    planes: Sequence[Sequence[Bits]],
    places: Sequence[int],
    edit: ImageEdit,
) -> bool:
    return all(
        np.array_equal(bits_of(before[_inside(part.data_window, chunk)]), own[place])
        for chunk, own in zip(chunks, planes, strict=True)
        for place, before in zip(places, edit.before, strict=True)
    )


def _replaced(
    whole: Window, chunk: Chunk, planes: Sequence[Bits], places: Sequence[int], edit: ImageEdit
) -> list[Bits]:
    """`planes` of a chunk with the edited channels in their places."""
    made = list(planes)
    for place, after in zip(places, edit.after, strict=True):
        made[place] = bits_of(after[_inside(whole, chunk)])
    return made


def _inside(whole: Window, chunk: Chunk) -> tuple[slice, slice]:
    """Where a chunk lies in arrays of the data window."""
    top, left = chunk.window.top - whole.top, chunk.window.left - whole.left
    return slice(top, top + chunk.window.height), slice(left, left + chunk.window.width)
