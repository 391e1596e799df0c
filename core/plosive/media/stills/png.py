# SPDX-License-Identifier: Apache-2.0
"""Changing samples of a PNG file: every chunk but the picture's keeps its bytes, every row its filter."""

from __future__ import annotations

import shutil
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plosive.errors import MediaReadError, NotPatchableError
from plosive.media.imageedit import ImageEdit
from plosive.media.imagefile import OpenedImage
from plosive.media.stills.deflating import deflated
from plosive.media.stills.filebytes import FileBytes
from plosive.media.stills.pngchunks import PngFile, idat_chunks, read_png
from plosive.media.stills.pngfilters import PngPass, filtered, png_passes
from plosive.media.stills.touched import TouchedRows, require_reads_as, touched_rows

__all__ = ["patch_png"]

_ROWS_AT_ONCE = 64
_PIECE_BYTES = 1 << 16
_SPARE_SHARE = 64  # a picture that grows by less is as small as the source


def patch_png(edit: ImageEdit, out_path: Path) -> None:
    """Writes `edit` as a copy of its file with the filtered rows of changed samples made anew.

    The picture is compressed as a whole, as a PNG must be, to about the size it had. Raises NotPatchableError
    (palettes, fewer than 8 bits, animations, damage, a transparent colour in the way), OSError.
    """
    touched = touched_rows(edit)
    with FileBytes(edit.layout.path) as file:
        png = read_png(file)
        if (png.width, png.height) != (edit.layout.data_width, edit.layout.data_height):
            raise file.lies()
        if max(edit.layout.channels) >= png.samples:
            raise file.lies()
        if touched is None:
            shutil.copyfile(edit.layout.path, out_path)
            return
        _require_opaque(edit, touched, png)
        passes = list(png_passes(png.width, png.height, png.samples * png.sample_bytes, png.is_interlaced))
        stream = _inflated(file, png, passes[-1].end)
        _change(edit, touched, png, passes, stream)
    with out_path.open("wb") as out:
        out.write(png.head)
        data = deflated(stream.data, png.data, len(png.data) + len(png.data) // _SPARE_SHARE)
        out.writelines(idat_chunks(data, png.chunk_bytes))
        out.write(png.tail)
    end = min(touched.end + 1, png.height)  # the row below is filtered anew, too
    expected = tuple(plane[touched.first : end] for plane in edit.after)
    require_reads_as(edit, out_path, touched.first, expected, compares_all=False)


def _inflated(file: FileBytes, png: PngFile, size: int) -> NDArray[np.uint8]:
    """The filtered rows of all passes; never more than the header tells of is unpacked."""
    inflater = zlib.decompressobj()
    stream, end = np.empty(size, np.uint8), 0
    for start in range(0, len(png.data), _PIECE_BYTES):
        try:
            found = inflater.decompress(png.data[start : start + _PIECE_BYTES], size - end + 1)
        except zlib.error as error:
            raise file.refused("is damaged (its picture cannot be unpacked)") from error
        if end + len(found) > size:
            raise file.lies()
        stream[end : end + len(found)] = np.frombuffer(found, np.uint8)
        end += len(found)
    if end != size or not inflater.eof or inflater.unused_data:
        raise file.lies()
    return stream


def _change(
    edit: ImageEdit, touched: TouchedRows, png: PngFile, passes: list[PngPass], stream: NDArray[np.uint8]
) -> None:
    """Puts filtered rows of `edit.after` into `stream` in the place of those of `edit.before`."""
    name, dtype = edit.layout.path.name, np.dtype(f"u{png.sample_bytes}")
    if edit.before[0].dtype != dtype:
        raise NotPatchableError(f"{name} is not of the type that was read; it is written anew.")
    alpha = _alpha(edit, png, touched, passes[0].down)
    for one in passes:
        first, end = one.rows_within(touched.first, touched.end)
        if first == end:
            continue
        end = min(end + 1, one.rows)  # filters look at the row above: the next one changes with its bytes
        for start in range(first, end, _ROWS_AT_ONCE):
            stop = min(start + _ROWS_AT_ONCE, end)
            lines = _rows_of(one, stream)[start:stop]
            for planes in (edit.before, edit.after):
                rows = _pass_rows(edit, png, planes, alpha, one, start, stop)
                above = rows[:-1] if start else np.concatenate([np.zeros_like(rows[:1]), rows[:-1]])
                rows = rows[1:] if start else rows
                made = filtered(rows, above, lines[:, 0], png.samples * png.sample_bytes)
                if made is None or (planes is edit.before and not np.array_equal(made, lines[:, 1:])):
                    raise NotPatchableError(
                        f"{name} has samples that lie otherwise than its header says; it is written anew."
                    )
            lines[:, 1:] = made


def _alpha(
    edit: ImageEdit, png: PngFile, touched: TouchedRows, around: int
) -> tuple[int, NDArray[Any]] | None:
    """(first row, alpha of the rows that filters will look at); None where there is none."""
    if not png.has_alpha:
        return None
    top, bottom = max(touched.first - around, 0), min(touched.end + around, png.height)
    try:
        with OpenedImage(edit.layout.path) as source:
            found = source.rows(edit.layout.part, top, bottom, png.samples - 1, png.samples)
    except MediaReadError as error:
        raise NotPatchableError(str(error)) from error
    return top, found[..., 0]


def _pass_rows(
    edit: ImageEdit,
    png: PngFile,
    planes: tuple[NDArray[Any], ...],
    alpha: tuple[int, NDArray[Any]] | None,
    one: PngPass,
    start: int,
    stop: int,
) -> NDArray[np.uint8]:
    """Rows `start` to `stop` of a pass in bytes, after the row above them if there is one."""
    lines = slice(one.top + max(start - 1, 0) * one.down, one.top + (stop - 1) * one.down + 1, one.down)
    columns = slice(one.left, None, one.across)
    rows = stop - max(start - 1, 0)
    columns_count = one.row_bytes // (png.samples * png.sample_bytes)
    pixels = np.empty((rows, columns_count, png.samples), f">u{png.sample_bytes}")
    for channel, plane in zip(edit.layout.channels, planes, strict=True):
        pixels[..., channel] = plane[lines, columns]
    if alpha is not None:
        top, plane = alpha
        pixels[..., -1] = plane[lines.start - top : lines.stop - top : one.down, columns]
    return pixels.view(np.uint8).reshape(rows, one.row_bytes)


def _rows_of(one: PngPass, stream: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return stream[one.start : one.end].reshape(one.rows, 1 + one.row_bytes)


def _require_opaque(edit: ImageEdit, touched: TouchedRows, png: PngFile) -> None:
    """A changed pixel must neither have had the one colour that counts as transparent nor get it."""
    if png.key is None:
        return
    changed = np.logical_or.reduce(touched.masks)
    for planes in (edit.before, edit.after):
        is_key = np.logical_and.reduce(
            [
                plane[touched.rows] == png.key[channel]
                for channel, plane in zip(edit.layout.channels, planes, strict=True)
            ]
        )
        if (changed & is_key).any():
            raise NotPatchableError(
                f"{edit.layout.path.name} marks one colour as transparent, which a changed pixel has; "
                "it is written anew."
            )
