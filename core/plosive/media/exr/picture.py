# SPDX-License-Identifier: Apache-2.0
"""Whether the picture of an EXR file can be patched, and what of it is one; told before any work."""

from __future__ import annotations

from plosive.errors import MediaReadError, NotPatchableError
from plosive.media.exr.preview import has_preview, is_own_preview
from plosive.media.exr.structure import ExrFile, ExrPart, read_structure
from plosive.media.imagefile import ImageLayout, read_planes

__all__ = ["LOSSY", "exr_sentences", "picture_part", "refused"]

LOSSY = ("pxr24", "b44", "b44a", "dwaa", "dwab", "lj2k")


def picture_part(file: ExrFile, layout: ImageLayout) -> tuple[ExrPart, tuple[int, ...]]:
    """(part, places of the colour channels among its own). Raises NotPatchableError where they are not stored
    pixel by pixel as they were read.
    """
    if layout.part >= len(file.parts):
        raise refused(file, "has other parts than were read")
    part = file.parts[layout.part]
    names = [channel.name for channel in part.channels]
    if "RY" in names or "BY" in names:
        raise refused(file, "holds luminance and chroma (Y, RY, BY) and is read and written as RGB")
    if part.is_deep:
        raise refused(file, "is a deep image")
    if not layout.channel_names or any(name not in names for name in layout.channel_names):
        raise refused(file, "names its channels otherwise than they were read")
    places = tuple(names.index(name) for name in layout.channel_names)
    if any(part.channels[place].is_subsampled for place in places):
        raise refused(file, "has fewer samples of a colour than pixels")
    return part, places


def refused(file: ExrFile, what: str) -> NotPatchableError:
    return NotPatchableError(f"{file.name} {what}, so its other bytes could not be kept.")


def exr_sentences(layout: ImageLayout) -> list[str]:
    """What an artist should know before frames like `layout` are changed. Raises MediaReadError."""
    try:
        file = read_structure(layout.path)
        part, _ = picture_part(file, layout)
    except NotPatchableError as refusal:
        return [f"{refusal} Changed frames are written anew whole."]
    except MediaReadError:
        return []  # whoever reads its pixels says so
    name = layout.path.name
    found: list[str] = []
    if part.compression in LOSSY:
        found.append(
            f"{name} is compressed with {part.compression.upper()}, which is lossy: what is changed is "
            "stored without it, so that nothing is compressed once more; changed frames are larger."
        )
    if has_preview(part) and not is_own_preview(part, read_planes(layout)[0]):
        found.append(f"{name} carries a small preview of its own making: changed frames keep it as it is.")
    return found
