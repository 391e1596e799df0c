# SPDX-License-Identifier: Apache-2.0
"""Plates and faces to make elements of, without any job."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import OpenImageIO as oiio
from numpy.typing import NDArray

from plosive.colour.transfer import Transfer
from plosive.composite.elements import (
    ElementsFace,
    ElementsFolder,
    ElementsPlate,
    ElementsWriter,
    Made,
    MadeFace,
)
from plosive.composite.merge import Merger
from plosive.generate.protocol import Patch
from plosive.geometry import Box
from plosive.media.plate import PlateFrame, PlateInfo, PlateKind

MADE = Made("0.0.test", "plate", 3, ("line.wav",))
FACE_WIDTH = 60.0


def info(width: int, height: int, transfer: Transfer, **changes: Any) -> PlateInfo:
    """A movie of three frames from frame 0; `changes` are fields of PlateInfo."""
    made = PlateInfo(
        path=Path("shot.mov"), kind=PlateKind.VIDEO, width=width, height=height, frame_count=3,
        frame_rate=Fraction(24000, 1001), first_frame=0, start_timecode="01:00:00:00",
        pixel_aspect=Fraction(1), codec="prores", pixel_format="yuv422p10le", bit_depth=10, is_float=False,
        is_variable_rate=False, is_interlaced=False, has_alpha=False, has_audio=False, rotation_degrees=0,
        transfer=transfer,
    )  # fmt: skip
    return replace(made, **changes)


def disc(height: int, width: int, softness: float = 8.0) -> NDArray[np.float32]:
    """A feathered disc, exactly 0 at the edges."""
    rows, columns = np.mgrid[:height, :width]
    away = np.hypot(rows - (height - 1) / 2, columns - (width - 1) / 2)
    return np.clip((min(height, width) / 2 - 3 - away) / softness, 0, 1).astype(np.float32)


def made_face(
    plate: PlateFrame, box: Box, blend: float, transfer: Transfer, number: int = 1, covered: bool = False
) -> tuple[MadeFace, PlateFrame]:
    """A face laid over `plate` in `box`, its jaw moved by up to 3 pixels; and the frame with it."""
    below = np.clip(plate.working(box), -0.4, 1.0)  # broken pixels do not spread
    rng = np.random.default_rng(box.left)
    grid = np.stack(np.meshgrid(np.arange(box.width), np.arange(box.height)), axis=-1).astype(np.float32)
    jaw = disc(box.height, box.width, 20.0)
    look_at = grid - np.stack([0 * jaw, 3 * jaw], axis=-1)
    base = cv2.remap(below, look_at, None, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    base = np.where((jaw > 0)[..., None], base, below).astype(np.float32)
    inner = np.zeros((box.height, box.width), np.float32)
    high, wide = box.height // 2, box.width // 2
    top, left = box.height // 4, box.width // 4
    inner[top : top + high, left : left + wide] = disc(high, wide)
    mouth = (base + rng.normal(0.05, 0.03, base.shape)).astype(np.float32)
    cover = np.zeros_like(inner)
    if covered:
        cover[:, : box.width // 2] = 1
    patch = Patch(
        box=box, base=base, base_matte=jaw, mouth=mouth, mouth_matte=inner,
        plate_map=look_at + np.array([box.left, box.top], np.float32), face_width=FACE_WIDTH,
        source_index=2, cover=cover if covered else None,
    )  # fmt: skip
    layers = Merger().merge(plate.working(box), patch, transfer, blend)
    return MadeFace(layers, patch, number), plate.merged(layers.box, layers.change, layers.touched)


def tracked(count: int = 3, number: int = 1) -> ElementsFace:
    """A face that moves a pixel right and one down each frame."""
    start = np.zeros((478, 3), np.float32)
    for place, landmark in enumerate((61, 291, 13, 14, 152, 1)):
        start[landmark] = (40 + 10 * place, 60 + 5 * place, -place)
    steps = np.arange(count, dtype=np.float32)[:, None, None]
    curve = np.linspace(0, 1, count, dtype=np.float32)
    return ElementsFace(
        number, number, "", 0, np.arange(count), start + steps * np.array([1, 1, 0], np.float32), curve,
        {"aperture": curve / 3, "jaw": 1 - curve},
    )  # fmt: skip


def writer(
    folder: Path, plate: ElementsPlate, faces: tuple[ElementsFace, ...] = (), **changes: Any
) -> ElementsWriter:
    return ElementsWriter(ElementsFolder(folder, **changes), plate, MADE, faces)


def channels(path: Path) -> tuple[Any, dict[str, NDArray[np.float32]]]:
    """Header and channels of an EXR, by name."""
    buffer = oiio.ImageBuf(str(path))
    pixels = np.asarray(buffer.get_pixels(oiio.FLOAT))
    return buffer.spec(), {name: pixels[..., k] for k, name in enumerate(buffer.spec().channelnames)}


def whole(path: Path) -> dict[str, NDArray[np.float32]]:
    """Channels over the whole display window, 0 outside the data window, named as Nuke names them."""
    spec, found = channels(path)
    made: dict[str, NDArray[np.float32]] = {}
    for name, plane in found.items():
        full = np.zeros((spec.full_height, spec.full_width), np.float32)
        top, left = spec.y - spec.full_y, spec.x - spec.full_x
        full[top : top + spec.height, left : left + spec.width] = plane
        made[nuke_name(name)] = full
    return made


def nuke_name(name: str) -> str:
    """What Nuke's EXR reader calls a channel (NDK example ExrChannelNameToNuke)."""
    layer, _, channel = name.rpartition(".")
    channel = {"R": "red", "G": "green", "B": "blue", "A": "alpha"}.get(channel, channel)
    return f"{layer or 'rgba'}.{channel}"
