# SPDX-License-Identifier: Apache-2.0
"""Changing samples of a TIFF file: only strips or tiles that hold them are written, in place or at the end.

Tags, other pages and all else keep their bytes; of the directory only the offset and size of a strip that
has moved change.
"""

from __future__ import annotations

import shutil
import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from plosive.errors import NotPatchableError
from plosive.media.imageedit import ImageEdit
from plosive.media.stills.filebytes import FileBytes
from plosive.media.stills.tiffcoding import NONE, compressed, decompressed, predicted, unpredicted
from plosive.media.stills.tifffields import TiffDirectories, TiffField, directories_of
from plosive.media.stills.tiffpicture import TiffBlock, TiffPicture, tiff_picture
from plosive.media.stills.touched import TouchedRows, bits_of, require_reads_as, touched_rows

__all__ = ["patch_tiff"]

Write = tuple[int, bytes]
_FORMS = {3: "H", 4: "I", 16: "Q"}


def patch_tiff(edit: ImageEdit, out_path: Path) -> None:
    """Writes `edit` as a copy of its file with just the strips or tiles of changed samples made anew.

    Raises NotPatchableError (JPEG, CCITT and other compressions, palettes, YCbCr, bits that are no bytes,
    files that lie), OSError.
    """
    touched = touched_rows(edit)
    with FileBytes(edit.layout.path) as file:
        found = directories_of(file)
        picture = tiff_picture(found, edit.layout.part)
        if (picture.width, picture.height) != (edit.layout.data_width, edit.layout.data_height):
            raise file.lies()
        if max(edit.layout.channels) >= picture.samples:
            raise file.lies()
        writes = [] if touched is None else list(_writes(edit, touched, found, picture))
    shutil.copyfile(edit.layout.path, out_path)
    if touched is None:
        return
    with out_path.open("r+b") as out:
        for at, data in writes:
            out.seek(at)
            out.write(data)
    first, end = touched.first, touched.end
    if picture.compression != NONE:  # all that was written is read, not just the changed rows
        first -= first % picture.block_height
        end = min(picture.height, -(-end // picture.block_height) * picture.block_height)
    expected = tuple(plane[first:end] for plane in edit.after)
    require_reads_as(edit, out_path, first, expected, compares_all=picture.compression != NONE)


def _writes(
    edit: ImageEdit, touched: TouchedRows, found: TiffDirectories, picture: TiffPicture
) -> Iterator[Write]:
    """(where, bytes) of all that changes in the file."""
    file = found.file
    blocks = [
        block
        for block in picture.blocks(touched.first, touched.end)
        if _is_hit(edit, touched, picture, block)
    ]
    _require_apart(found, picture, [block.index for block in blocks])
    made = {}
    for block in blocks:
        start, size = int(picture.offsets[block.index]), int(picture.counts[block.index])
        rows = slice(max(touched.first - block.top, 0), min(touched.end - block.top, block.rows))
        span = slice(rows.start * picture.row_bytes, rows.stop * picture.row_bytes)
        if picture.compression == NONE:
            if span.stop > size:
                raise file.lies()
            stored = file.read(start + span.start, span.stop - span.start)
            yield start + span.start, _edited(edit, touched, found, picture, block, rows, stored)
            continue
        stored = file.read(start, size)
        data = decompressed(stored, picture.compression, picture.row_bytes, block.rows)
        if data is None:
            raise file.refused("has a strip or tile that cannot be taken apart")
        inside = _edited(edit, touched, found, picture, block, rows, data[span])
        data = data[: span.start] + inside + data[span.stop :]
        made[block.index] = compressed(data, picture.compression, picture.row_bytes, block.rows, stored)
    if made:
        places = _places(picture, {index: len(data) for index, data in made.items()}, file.size)
        for index, data in made.items():
            yield places[index], data
            yield _entry(found, picture.offsets_field, index, places[index])
            yield _entry(found, picture.counts_field, index, len(data))


def _places(picture: TiffPicture, sizes: dict[int, int], file_bytes: int) -> dict[int, int]:
    """Where blocks of new `sizes` go: where they were if all fit there, else into the room that they leave
    together, the last ones at the end of the file.
    """
    if all(size <= picture.counts[index] for index, size in sizes.items()):
        return {index: int(picture.offsets[index]) for index in sizes}
    spans = sorted((int(picture.offsets[index]), int(picture.counts[index])) for index in sizes)
    room: list[tuple[int, int]] = []
    for start, size in spans:
        if room and room[-1][1] == start:
            room[-1] = room[-1][0], start + size
        else:
            room.append((start, start + size))
    places = {}
    end = file_bytes + file_bytes % 2
    for index, size in sizes.items():
        for number, (start, stop) in enumerate(room):
            if start + size <= stop:
                places[index] = start
                room[number] = start + size + (start + size) % 2, stop
                break
        else:
            places[index] = end
            end += size + size % 2
    return places


def _edited(
    edit: ImageEdit,
    touched: TouchedRows,
    found: TiffDirectories,
    picture: TiffPicture,
    block: TiffBlock,
    rows: slice,
    stored: bytes,
) -> bytes:
    """`rows` of a block, predicted but not compressed, with their changed samples."""
    raw = np.frombuffer(stored, np.uint8).reshape(rows.stop - rows.start, picture.row_bytes)
    samples = picture.block_samples
    values = unpredicted(raw, picture.predictor, picture.dtype, samples)
    if not np.array_equal(predicted(values, picture.predictor, picture.dtype, samples), raw):
        raise found.file.refused("has a strip or tile that cannot be made again")
    columns = slice(block.left, min(block.left + picture.block_width, picture.width))
    whole = slice(block.top + rows.start, block.top + rows.stop)
    within = slice(whole.start - touched.first, whole.stop - touched.first)
    pixels = values.reshape(values.shape[0], -1, samples)[:, : columns.stop - columns.start]
    for channel, before, after, mask in zip(
        edit.layout.channels, edit.before, edit.after, touched.masks, strict=True
    ):
        if block.plane not in (None, channel):
            continue
        place = pixels[..., 0 if picture.is_planar else channel]
        old, new = bits_of(before[whole, columns]), bits_of(after[whole, columns])
        if picture.is_inverted:
            old, new = ~old, ~new
        if old.dtype != place.dtype or not np.array_equal(old, place):
            raise found.file.refused("has samples that lie otherwise than its tags say")
        np.copyto(place, new, where=mask[within, columns])
    return predicted(values, picture.predictor, picture.dtype, samples).tobytes()


def _is_hit(edit: ImageEdit, touched: TouchedRows, picture: TiffPicture, block: TiffBlock) -> bool:
    rows = slice(max(block.top - touched.first, 0), max(block.top + block.rows - touched.first, 0))
    columns = slice(block.left, block.left + picture.block_width)
    return any(
        bool(mask[rows, columns].any())
        for channel, mask in zip(edit.layout.channels, touched.masks, strict=True)
        if block.plane in (None, channel)
    )


def _require_apart(found: TiffDirectories, picture: TiffPicture, indices: list[int]) -> None:
    """That what is to be written belongs to nothing else in the file, as far as it tells."""
    starts, ends = found.spans()
    order = np.argsort(starts, kind="stable")
    starts, ends = starts[order], np.sort(ends)
    spans = [
        (int(picture.offsets[index]), int(picture.offsets[index]) + int(picture.counts[index]))
        for index in indices
    ]
    if picture.compression != NONE:
        spans += [
            (field.at, field.end)
            for field in (picture.offsets_field, picture.counts_field)
            if field.count * field.value_bytes > (8 if found.is_big else 4)
        ]
    for start, end in spans:
        # Those that begin before our end, less those that end before our start: just ourselves.
        if np.searchsorted(starts, end, "left") - np.searchsorted(ends, start, "right") != 1:
            raise NotPatchableError(f"Parts of {found.file.name} lie one upon the other; it is written anew.")


def _entry(found: TiffDirectories, field: TiffField, index: int, value: int) -> Write:
    form = _FORMS.get(field.kind)
    if form is None or value >= 1 << 8 * field.value_bytes:
        raise found.file.refused("has no room for the place or size of a changed strip")
    return field.at + index * field.value_bytes, struct.pack(found.order + form, value)
