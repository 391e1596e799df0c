# SPDX-License-Identifier: Apache-2.0
"""Writing one image file: a copy with other colour channels, or a new picture, through OpenImageIO."""

from __future__ import annotations

import importlib
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plosive.errors import MediaReadError, MediaWriteError, NotPatchableError
from plosive.media.exactness import Fate, FrameFate
from plosive.media.imageedit import ImageEdit
from plosive.media.imagefile import (
    INTEGER_MAXIMUM,
    MIP_MARK,
    SAMPLE_DTYPES,
    ImageLayout,
    OpenedImage,
    channel_types,
)

__all__ = ["rewrite_edited", "write_edited", "write_new"]

Plane = NDArray[Any]

_SPARE_BYTES = 1 << 20
_JPEG_END = b"\xff\xd9"
_END_MARKS = {".png": b"\0\0\0\0IEND\xaeB`\x82", ".jpg": _JPEG_END, ".jpeg": _JPEG_END}
_PATCHERS = {  # module and function by suffix, imported when first wanted
    ".bmp": ("plosive.media.stills.rowfile", "patch_bmp"),
    ".dpx": ("plosive.media.stills.dpx", "patch_dpx"),
    ".exr": ("plosive.media.exr.patch", "patch_exr"),
    ".png": ("plosive.media.stills.png", "patch_png"),
    ".tga": ("plosive.media.stills.rowfile", "patch_tga"),
    ".tif": ("plosive.media.stills.tiff", "patch_tiff"),
    ".tiff": ("plosive.media.stills.tiff", "patch_tiff"),
}
_DPX_NAME_FIELD = (36, 100)  # offset and size in bytes (SMPTE 268)
_UNDATED = "1970:01:01 00:00:00"  # OpenImageIO would write the present time, and no two runs would agree


def write_edited(layout: ImageLayout, edit: ImageEdit | None, out_path: Path) -> FrameFate:
    """A copy of the file with its colour channels changed, or the very bytes when `edit` is None.

    Where a patcher knows the format, all but the touched pixels keep their bytes. Else the whole picture is
    written anew with every part, channel, type and attribute OpenImageIO knows. Raises MediaReadError,
    MediaWriteError, or OSError (disk full).
    """
    if edit is None:
        shutil.copyfile(layout.path, out_path)
        return FrameFate(Fate.COPIED)
    patcher = _patcher(out_path.suffix.lower())
    if patcher is None:
        rewrite_edited(edit, out_path)
        return FrameFate(Fate.REWRITTEN)
    try:
        patcher(edit, out_path)
    except NotPatchableError as refusal:
        out_path.unlink(missing_ok=True)
        rewrite_edited(edit, out_path)
        return FrameFate(Fate.REWRITTEN, _of_any_frame(str(refusal), layout.path.name))
    return FrameFate(Fate.PATCHED)


def _of_any_frame(sentence: str, name: str) -> str:
    """`sentence` on the file `name` as all frames with the same trouble share it."""
    shared = sentence.replace(name, "a frame")
    return shared[:1].upper() + shared[1:]


def _patcher(suffix: str) -> Callable[[ImageEdit, Path], None] | None:
    """What writes an edited copy of a file of this format, its other bytes kept; raises NotPatchableError."""
    place = _PATCHERS.get(suffix)
    if place is None:
        return None
    module, name = place
    found: Callable[[ImageEdit, Path], None] = getattr(importlib.import_module(module), name)
    return found


def rewrite_edited(edit: ImageEdit, out_path: Path) -> None:
    """Write the edited picture anew whole, as OpenImageIO does it. Raises as `write_edited` does."""
    layout, planes = edit.layout, edit.after
    with OpenedImage(layout.path) as source:
        specs = source.specs()
        output = _created(out_path)
        header = [_reproducible(spec, out_path) for spec in specs]
        opened = (
            output.open(str(out_path), tuple(header))
            if len(header) > 1
            else output.open(str(out_path), header[0])
        )
        if not opened:
            raise write_failure(out_path, output.geterror())
        try:
            for part, spec in enumerate(header):
                if part and not output.open(str(out_path), spec, "AppendSubimage"):
                    raise write_failure(out_path, output.geterror())
                replaced = dict(zip(layout.channels, planes, strict=True)) if part == layout.part else {}
                pixels = source.pixels(part, replaced)
                _require_room(out_path, pixels.nbytes)
                if not output.write_image(pixels):
                    raise write_failure(out_path, output.geterror())
        finally:
            closed = output.close()
        if not closed:
            raise write_failure(out_path, output.geterror())
        _require_whole(out_path)
        _settle_header(out_path)
        _verify_integers(layout.path, source, specs, out_path)


def write_new(
    out_path: Path, pixels: Plane, attributes: Mapping[str, Any], channel_names: tuple[str, ...]
) -> None:
    """A new single-part image of `pixels` (h, w, channels) in their own type.

    An attribute is a value, or (OpenImageIO type, value). Raises MediaWriteError or OSError.
    """
    import OpenImageIO as oiio

    height, width, count = pixels.shape
    type_name = next(name for name, dtype in SAMPLE_DTYPES.items() if np.dtype(dtype) == pixels.dtype)
    spec = oiio.ImageSpec(width, height, count, type_name)
    spec.channelnames = channel_names
    for name, value in attributes.items():
        if isinstance(value, tuple):
            spec.attribute(name, oiio.TypeDesc(value[0]), value[1])
        else:
            spec.attribute(name, value)
    spec = _reproducible(spec, out_path)
    _require_room(out_path, pixels.nbytes)
    output = _created(out_path)
    if not output.open(str(out_path), spec):
        raise write_failure(out_path, output.geterror())
    written = output.write_image(np.ascontiguousarray(pixels))
    message = "" if written else output.geterror()
    if not output.close() or not written:
        raise write_failure(out_path, message or output.geterror())
    _require_whole(out_path)
    _settle_header(out_path)


def write_failure(out_path: Path, message: str) -> MediaWriteError:
    """The error for a failed write, told in the words of OpenImageIO."""
    lines = message.replace(str(out_path), out_path.name).strip().splitlines()
    return MediaWriteError(
        f"{out_path.name} could not be written ({lines[0].rstrip('.') if lines else 'unknown reason'}); "
        "the disk may be full, or closed to you."
    )


def _reproducible(spec: Any, out_path: Path) -> Any:
    made = spec.copy()
    if not made.get_string_attribute("DateTime"):
        made.attribute("DateTime", _UNDATED)
    made.erase_attribute("dpx:EndOfLinePadding")  # OpenImageIO would read past the end of our pixels by it
    if made.get_int_attribute(MIP_MARK, -1) >= 0:  # one level is written, not the promise of several
        made.erase_attribute(MIP_MARK)
        made.erase_attribute("textureformat")
    # Samples are written as they are; but TIFF notes whether colours are multiplied with alpha.
    if spec.get_int_attribute("oiio:UnassociatedAlpha") or out_path.suffix.lower() not in (".tif", ".tiff"):
        made.attribute("oiio:UnassociatedAlpha", 1)
    made.attribute("oiio:RawColor", 1)
    return made


def _require_room(out_path: Path, pixel_bytes: int) -> None:
    """Look before writing: the JPEG library ends the whole process when the disk fills up under it."""
    if shutil.disk_usage(out_path.parent).free < pixel_bytes + _SPARE_BYTES:
        raise write_failure(out_path, "there is no room for it")


def _require_whole(out_path: Path) -> None:
    """OpenImageIO says nothing when a disk fills up under a PNG or JPEG: look for the file's own end mark."""
    suffix = out_path.suffix.lower()
    if suffix in _END_MARKS:
        mark = _END_MARKS[suffix]
        with out_path.open("rb") as file:
            file.seek(0, 2)
            file.seek(max(0, file.tell() - len(mark)))
            if file.read() != mark:
                raise write_failure(out_path, "the file is cut short")
    elif suffix in (".bmp", ".tga"):
        try:
            with OpenedImage(out_path) as written:
                written.channel(0, 0)
        except MediaReadError as error:
            raise write_failure(out_path, "the file is cut short") from error


def _settle_header(out_path: Path) -> None:
    """OpenImageIO puts the path it was given into a DPX header: leave only the file's name there."""
    if out_path.suffix.lower() != ".dpx":
        return
    start, size = _DPX_NAME_FIELD
    with out_path.open("r+b") as file:
        file.seek(start)
        file.write(out_path.name.encode()[: size - 1].ljust(size, b"\0"))


def _created(out_path: Path) -> Any:
    import OpenImageIO as oiio

    output = oiio.ImageOutput.create(str(out_path))
    if output is None:
        raise MediaWriteError(f"No image format is known by the extension of {out_path.name}.")
    return output


def _verify_integers(path: Path, source: OpenedImage, specs: list[Any], out_path: Path) -> None:
    """32-bit integer channels beside float ones pass through float: make sure that none has changed."""
    for part, spec in enumerate(specs):
        types = channel_types(spec)
        integers = [channel for channel, name in enumerate(types) if name in INTEGER_MAXIMUM]
        if not integers or len(set(types)) == 1:
            continue
        with OpenedImage(out_path) as written:
            for channel in integers:
                if not np.array_equal(written.channel(part, channel), source.channel(part, channel)):
                    raise MediaWriteError(
                        f"The integer channel {spec.channelnames[channel]} of {path.name} cannot be written "
                        "beside float channels without change; move it to a part of its own."
                    )
