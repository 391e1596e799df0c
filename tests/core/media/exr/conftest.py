# SPDX-License-Identifier: Apache-2.0
"""Small EXR files of every kind, with samples that no arithmetic keeps: NaN payloads, -0, denormals."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from plosive.geometry import Box
from plosive.media.imageedit import ImageEdit
from plosive.media.imagefile import ImageLayout

Planes = dict[str, NDArray[Any]]

_DTYPES = {"half": np.float16, "float": np.float32, "uint": np.uint32}
_NAMES = {np.dtype(dtype): name for name, dtype in _DTYPES.items()}


def bits(samples: NDArray[Any]) -> NDArray[Any]:
    return np.ascontiguousarray(samples).view(f"u{samples.dtype.itemsize}")


class Exr:
    """Makes files below `folder` and reads them as bit patterns."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.random = np.random.default_rng(7)

    def plane(self, height: int, width: int, kind: str = "half") -> NDArray[Any]:
        """A ramp with a tenth of it any bits at all."""
        dtype = np.dtype(_DTYPES[kind])
        ramp = np.linspace(0.05, 0.9, height)[:, None] + np.linspace(0, 0.4, width)
        plane = (ramp * 1e6 if kind == "uint" else ramp + self.random.normal(0, 0.01, ramp.shape)).astype(
            dtype
        )
        wild = self.random.random(ramp.shape) < 0.1
        top = 1 << 8 * dtype.itemsize
        found: NDArray[Any] = bits(plane)
        found[wild] = self.random.integers(0, top, int(wild.sum()), dtype=np.uint64).astype(found.dtype)
        return found.view(dtype)

    def planes(self, height: int, width: int, kinds: Mapping[str, str]) -> Planes:
        return {name: self.plane(height, width, kind) for name, kind in kinds.items()}

    def part(
        self,
        planes: Planes,
        compression: str = "zip",
        *,
        left: int = 0,
        top: int = 0,
        tile: tuple[int, int] | None = None,
        **header: Any,
    ) -> Any:
        """One part for `write`."""
        import OpenEXR

        height, width = next(iter(planes.values())).shape
        window = (np.array([left, top], np.int32), np.array([left + width - 1, top + height - 1], np.int32))
        names = {"none": "NO"}
        about: dict[str, Any] = {
            "compression": getattr(OpenEXR, f"{names.get(compression, compression.upper())}_COMPRESSION"),
            "dataWindow": window,
            "displayWindow": (np.array([0, 0], np.int32), np.array([99, 79], np.int32)),
            "type": OpenEXR.scanlineimage if tile is None else OpenEXR.tiledimage,
            "note": "kept",
            **header,
        }
        if tile is not None:
            about["tiles"] = OpenEXR.TileDescription()
            about["tiles"].xSize, about["tiles"].ySize = tile
            about["tiles"].mode = OpenEXR.ONE_LEVEL
        return OpenEXR.Part(about, dict(planes), header.get("name", ""))

    def write(self, name: str, *parts: Any) -> Path:
        import OpenEXR

        path = self.folder / name
        OpenEXR.File(list(parts)).write(str(path))
        return path

    def write_raw(
        self,
        name: str,
        channels: Mapping[str, tuple[str, int, int]],
        window: tuple[int, int, int, int],
        chunks: Sequence[tuple[tuple[int, ...], bytes]],
        tiles: tuple[int, int, int] | None = None,
        compression: int = 0,
        more: Sequence[tuple[str, str, bytes]] = (),
    ) -> Path:
        """A file put together by hand: `channels` are name: (type, x sampling, y sampling), `window` is
        inclusive, `chunks` are (fields before the size, data), `tiles` are width, height and mode.
        """
        listed = b"".join(
            own.encode() + b"\0" + struct.pack("<i4xii", ("uint", "half", "float").index(kind), across, down)
            for own, (kind, across, down) in channels.items()
        )
        box = struct.pack("<iiii", *window)
        attributes = [
            ("channels", "chlist", listed + b"\0"),
            ("compression", "compression", bytes([compression])),
            ("dataWindow", "box2i", box),
            ("displayWindow", "box2i", box),
            ("lineOrder", "lineOrder", b"\0"),
            ("pixelAspectRatio", "float", struct.pack("<f", 1)),
            ("screenWindowCenter", "v2f", bytes(8)),
            ("screenWindowWidth", "float", struct.pack("<f", 1)),
            *more,
        ]
        if tiles is not None:
            attributes.append(("tiles", "tiledesc", struct.pack("<IIB", *tiles)))
        head = struct.pack("<II", 20000630, 2 | (0x200 if tiles is not None else 0))
        for own, kind, value in attributes:
            head += own.encode() + b"\0" + kind.encode() + b"\0" + struct.pack("<i", len(value)) + value
        head += b"\0"
        table, body = b"", b""
        for fields, data in chunks:
            table += struct.pack("<Q", len(head) + 8 * len(chunks) + len(body))
            body += struct.pack(f"<{len(fields) + 1}i", *fields, len(data)) + data
        path = self.folder / name
        path.write_bytes(head + table + body)
        return path

    def read(self, path: Path) -> list[Planes]:
        """Every part by OpenEXR, bit patterns by the channels' names."""
        import OpenEXR

        return [
            {name: bits(channel.pixels) for name, channel in part.channels.items()}
            for part in OpenEXR.File(str(path), separate_channels=True).parts
        ]

    def read_by_openimageio(self, path: Path, level: int = 0) -> list[Planes]:
        """The same by OpenImageIO, each channel in its own type."""
        import OpenImageIO as oiio

        wanted = oiio.ImageSpec()
        wanted.attribute("oiio:UnassociatedAlpha", 1)
        source = oiio.ImageInput.open(str(path), wanted)
        found: list[Planes] = []
        while source.seek_subimage(len(found), level):
            spec = source.spec()
            kinds = [str(kind) for kind in spec.channelformats] or [str(spec.format)] * spec.nchannels
            found.append({})
            for kind, group in groupby(range(spec.nchannels), key=lambda place: kinds[place]):
                first, *others = group
                end = others[-1] + 1 if others else first + 1
                pixels = source.read_image(
                    len(found) - 1, level, first, end, "uint" if kind.startswith("uint") else kind
                )
                shaped = np.asarray(pixels).reshape(spec.height, spec.width, end - first)
                for place in range(first, end):
                    found[-1][spec.channelnames[place]] = bits(shaped[..., place - first])
        source.close()
        return found

    def edit(
        self,
        path: Path,
        box: Box,
        names: Sequence[str] = ("R", "G", "B"),
        part: int = 0,
        share: float = 0.4,
    ) -> ImageEdit:
        """A `share` of the samples in `box` changed to any bits at all; the file is read by OpenEXR."""
        import OpenEXR

        source = OpenEXR.File(str(path), separate_channels=True).parts[part]
        before = tuple(np.array(source.channels[name].pixels) for name in names)
        after = tuple(np.array(plane) for plane in before)
        for plane in after:
            inside = bits(plane[box.slices])
            hit = self.random.random(inside.shape) < share
            inside[hit] = self.random.integers(0, 1 << 16, int(hit.sum())).astype(inside.dtype)
            plane[box.slices] = inside.view(plane.dtype)
        height, width = before[0].shape
        layout = ImageLayout(
            path=path,
            part=part,
            part_count=1,
            channels=tuple(range(len(names))),
            channel_types=tuple(_NAMES[plane.dtype] for plane in before),
            width=width,
            height=height,
            data_left=0,
            data_top=0,
            data_width=width,
            data_height=height,
            bit_depth=16,
            has_alpha=False,
            compression="",
            attributes={},
            channel_names=tuple(names),
        )
        return ImageEdit(layout, before, after, box)

    def meant(self, edit: ImageEdit) -> list[Planes]:
        """What every part of the patched file has to hold."""
        planes = self.read(edit.layout.path)
        own = planes[edit.layout.part]
        for name, after in zip(edit.layout.channel_names, edit.after, strict=True):
            own[name] = bits(after)
        return planes


@pytest.fixture
def exr(tmp_path: Path) -> Exr:
    return Exr(tmp_path)
