# SPDX-License-Identifier: Apache-2.0
"""Headers of elements: the plate's own metadata, and ours under `plosive/`.

Attribute names stay below 32 characters: longer ones set a flag in the file that old readers refuse.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from plosive.composite.elements.layers import MadeFace
from plosive.composite.elements.wanted import ElementsPlate, Made, describe_light
from plosive.errors import RangeError
from plosive.geometry import Box
from plosive.media.imagefile import OpenedImage
from plosive.media.imageframe import ImagePlateFrame
from plosive.media.plate import PlateFrame
from plosive.media.timecode import Timecode

__all__ = ["CONTRACT", "frame_spec"]

CONTRACT = 1
"""Version of what the files promise (docs/elements.md)."""

_OF_THE_FILE = (
    "compression", "compressionlevel", "multiview", "name", "view", "type", "chunkcount", "textureformat",
    "wrapmodes", "orientation", "pixelaspectratio", "screenwindowcenter", "screenwindowwidth", "preview",
    "tilesize", "lineorder",
)  # fmt: skip
"""Attributes that describe how the plate's file is stored, not what it shows."""

_OF_THE_FORMAT = ("oiio:", "openexr:", "dpx:", "tiff:", "jpeg:", "png:", "exif:", "cryptomatte/")


def frame_spec(
    plate: ElementsPlate,
    made: Made,
    frame: PlateFrame,
    box: Box,
    faces: Sequence[MadeFace],
    names: Sequence[str],
) -> Any:
    """An OpenImageIO ImageSpec of float channels `names`: data window `box`, display window the plate's.

    Timecode, rate, camera, chromaticities and what else an image plate's own header says of this frame are
    carried over; a movie's rate, timecode and primaries are written the way EXR does.
    """
    import OpenImageIO as oiio

    spec = oiio.ImageSpec(box.width, box.height, len(names), oiio.FLOAT)
    spec.channelnames = tuple(names)
    left, top = 0, 0
    if isinstance(frame, ImagePlateFrame):
        with OpenedImage(frame.layout.path) as file:
            own = file.spec(frame.layout.part)
            if frame.orientation.is_upright:
                left, top = own.full_x, own.full_y
            for attribute in own.extra_attribs:
                if _is_carried(attribute.name):
                    spec.attribute(attribute.name, attribute.type, attribute.value)
    else:
        for name, (kind, value) in _movie_attributes(plate, frame.index).items():
            spec.attribute(name, oiio.TypeDesc(kind), value)
    spec.x, spec.y = left + box.left, top + box.top
    spec.full_x, spec.full_y = left, top
    spec.full_width, spec.full_height = frame.width, frame.height
    spec.attribute("PixelAspectRatio", float(plate.info.pixel_aspect))
    if not spec.get_string_attribute("DateTime"):
        spec.attribute("DateTime", "1970:01:01 00:00:00")  # else the present time, and no two runs agree
    spec.attribute("oiio:UnassociatedAlpha", 1)  # samples are written as they are
    spec.attribute("oiio:RawColor", 1)
    for name, value in _our_attributes(plate, made, frame, faces).items():
        spec.attribute(f"plosive/{name}", value)
    return spec


def _is_carried(name: str) -> bool:
    small = name.lower()
    return small not in _OF_THE_FILE and not small.startswith(_OF_THE_FORMAT) and len(name) < 32


def _movie_attributes(plate: ElementsPlate, index: int) -> dict[str, tuple[str, Any]]:
    rate = plate.info.frame_rate
    found: dict[str, tuple[str, Any]] = {"FramesPerSecond": ("rational", (rate.numerator, rate.denominator))}
    if plate.chromaticities is not None:
        found["chromaticities"] = ("float[8]", plate.chromaticities)
    if plate.info.start_timecode is not None:
        try:
            packed = (Timecode.parse(plate.info.start_timecode, rate) + index).packed
        except RangeError:
            packed = None
        if packed is not None:
            found["smpte:TimeCode"] = ("timecode", packed)
    return found


def _our_attributes(
    plate: ElementsPlate, made: Made, frame: PlateFrame, faces: Sequence[MadeFace]
) -> Mapping[str, int | str]:
    """Frame numbers are the plate's; lists go face by face in the order in which they were laid over it."""
    first = plate.info.first_frame
    return {
        "contract": CONTRACT,
        "version": made.version,
        "generator": made.generator,
        "seed": str(made.seed),
        "plate": plate.info.path.name,
        "frame": first + frame.index,
        "dub": ", ".join(made.dubs),
        "light": describe_light(plate.info),
        "transfer": plate.info.transfer.value,
        "faces": ", ".join(str(face.number) for face in faces),
        "blend": ", ".join(f"{face.layers.blend:g}" for face in faces),
        "source_frames": ", ".join(_source(face, first) for face in faces),
    }


def _source(face: MadeFace, first: int) -> str:
    """The frame a mouth was taken from: `1012`, or `take 2: 40`, whose frames count from 0."""
    patch = face.patch
    return (
        f"take {patch.source_take}: {patch.source_index}"
        if patch.source_take
        else str(first + patch.source_index)
    )
