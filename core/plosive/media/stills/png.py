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
    try:
        found = inflater.decompress(png.data, size + 1)
    except zlib.error as error:
        raise file.refused("is damaged (its picture cannot be unpacked)") from error
    if len(found) != size or not inflater.eof or inflater.unused_data:
        raise file.lies()
    return np.frombuffer(bytearray(found), np.uint8)


def _change(
    edit: ImageEdit,
    touched: TouchedRows,
    png: PngFile,
    passes: list[PngPass],
    stream: NDArray[np.uint8],
) -> None:
    """Puts filtered rows of `edit.after` into `stream` in the place of those of `edit.before`."""
    top = max(touched.first - passes[0].down, 0)
    bottom = min(touched.end + passes[0].down, png.height)
    before = _pixels(edit, png, edit.before, top, bottom)
    after = before.copy()
    for channel, plane in zip(edit.layout.channels, edit.after, strict=True):
        after[..., channel] = plane[top:bottom]
    for one in passes:
        first, end = one.rows_within(touched.first, touched.end)
        if first == end:
            continue
        end = min(end + 1, one.rows)  # filters look at the row above: the next one changes with its bytes
        lines = _rows_of(one, stream)[first:end]
        kinds = lines[:, 0]
        for pixels, is_check in ((before, True), (after, False)):
            above, rows = _pass_rows(one, pixels, top, first, end)
            made = filtered(rows, above, kinds, png.samples * png.sample_bytes)
            if made is None or (is_check and not np.array_equal(made, lines[:, 1:])):
                raise NotPatchableError(
                    f"{edit.layout.path.name} has samples that lie otherwise than its header says; "
                    "it is written anew."
                )
            if not is_check:
                lines[:, 1:] = made


def _pixels(
    edit: ImageEdit, png: PngFile, planes: tuple[NDArray[Any], ...], top: int, bottom: int
) -> NDArray[Any]:
    """All channels (rows, width, channels) of some rows in the byte order of PNG."""
    pixels = np.empty((bottom - top, png.width, png.samples), f">u{png.sample_bytes}")
    if any(plane.dtype != pixels.dtype.newbyteorder("=") for plane in planes):
        raise NotPatchableError(
            f"{edit.layout.path.name} is not of the type that was read; it is written anew."
        )
    if png.has_alpha:
        try:
            with OpenedImage(edit.layout.path) as source:
                pixels[...] = source.rows(edit.layout.part, top, bottom, 0, png.samples)
        except MediaReadError as error:
            raise NotPatchableError(str(error)) from error
    for channel, plane in zip(edit.layout.channels, planes, strict=True):
        pixels[..., channel] = plane[top:bottom]
    return pixels


def _pass_rows(
    one: PngPass, pixels: NDArray[Any], top: int, first: int, end: int
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """(rows above, rows) `first` to `end` of a pass, in bytes, from `pixels`, which begin at row `top`."""
    start = max(first - 1, 0)
    lines = slice(one.top + start * one.down - top, one.top + (end - 1) * one.down - top + 1, one.down)
    chosen = np.ascontiguousarray(pixels[lines, one.left :: one.across])
    rows = chosen.view(np.uint8).reshape(end - start, one.row_bytes)
    if first == 0:
        return np.concatenate([np.zeros_like(rows[:1]), rows[:-1]]), rows
    return rows[:-1], rows[1:]


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
