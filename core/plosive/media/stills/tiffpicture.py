# SPDX-License-Identifier: Apache-2.0
"""One page of a TIFF file as a picture in strips or tiles (TIFF 6.0, sections 8, 15 and 19)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plosive.media.stills.tiffcoding import COMPRESSIONS, NONE
from plosive.media.stills.tifffields import OFFSETS_AND_COUNTS, TiffDirectories, TiffField

__all__ = ["TiffBlock", "TiffPicture", "tiff_picture"]

_PHOTOMETRIC = {3: "a palette", 5: "inks", 6: "YCbCr colours", 8: "L*a*b* colours", 9: "L*a*b* colours"}
_FORMATS = {1: "u", 3: "u", 4: "u"}  # unsigned, float, undefined: the bits of a sample
_SPARE_BYTES = 1 << 24
_MOST_SAMPLES = 64
_PHOTOSHOP_LAYERS = 37724  # ImageSourceData: what Photoshop shows instead of the picture
_TEXTURE_FORMAT = 33302  # Pixar's tag: OpenImageIO takes the pages that follow for mip levels


@dataclass(frozen=True)
class TiffBlock:
    """A strip or tile: its number, its top left pixel, and rows it holds. `plane` is a channel where channels
    lie apart, else None.
    """

    index: int
    plane: int | None
    left: int
    top: int
    rows: int


@dataclass(frozen=True)
class TiffPicture:
    """How the samples of a page lie. `offsets_field` and `counts_field` say where `offsets` and `counts` of
    all blocks stand in the file.
    """

    width: int
    height: int
    dtype: np.dtype[Any]
    samples: int
    is_planar: bool
    is_tiled: bool
    block_width: int
    block_height: int
    compression: int
    predictor: int
    is_inverted: bool
    offsets: NDArray[np.uint64]
    counts: NDArray[np.uint64]
    offsets_field: TiffField
    counts_field: TiffField

    @property
    def block_samples(self) -> int:
        """Samples of one pixel that lie side by side."""
        return 1 if self.is_planar else self.samples

    @property
    def row_bytes(self) -> int:
        """Of one row of a block."""
        return self.block_width * self.block_samples * self.dtype.itemsize

    @property
    def grid(self) -> tuple[int, int]:
        """(blocks across, blocks down)."""
        return -(-self.width // self.block_width), -(-self.height // self.block_height)

    def blocks(self, first_row: int, end_row: int) -> list[TiffBlock]:
        """The blocks with pixels of some rows."""
        across, down = self.grid
        found = []
        for plane in range(self.samples) if self.is_planar else (None,):
            for row in range(first_row // self.block_height, -(-end_row // self.block_height)):
                top = row * self.block_height
                rows = self.block_height if self.is_tiled else min(self.block_height, self.height - top)
                for column in range(across):
                    index = ((plane or 0) * down + row) * across + column
                    found.append(TiffBlock(index, plane, column * self.block_width, top, rows))
        return found


def tiff_picture(found: TiffDirectories, page: int) -> TiffPicture:
    """Raises NotPatchableError on compressions, colours and layouts that are not patched."""
    file = found.file
    if page >= len(found.pages):
        raise file.lies()
    directory = found.pages[page]
    if _TEXTURE_FORMAT in directory.fields:
        raise file.refused("is a texture with smaller copies of itself, which would keep the old mouth")
    if _PHOTOSHOP_LAYERS in directory.fields:
        raise file.refused("holds Photoshop layers, which would keep the old mouth")

    def number(tag: int, default: int) -> int:
        return found.number(directory, tag, default)

    compression = number(259, NONE)
    if compression not in COMPRESSIONS:
        raise file.refused(f"is compressed in a way (TIFF {compression}) that Plosive does not patch")
    photometric = number(262, 1)
    if photometric not in (0, 1, 2):
        raise file.refused(f"holds {_PHOTOMETRIC.get(photometric, f'colours of kind {photometric}')}")
    width, height, samples = number(256, 0), number(257, 0), number(277, 1)
    if not (width and height and samples):
        raise file.lies()
    if samples > _MOST_SAMPLES:
        raise file.refused(f"has {samples} channels")
    bits, formats = found.values(directory, 258), found.values(directory, 339)
    if len(set(bits.tolist())) > 1 or len(set(formats.tolist())) > 1:
        raise file.refused("has channels of several types")
    depth, kind = int(bits[0]) if len(bits) else 1, int(formats[0]) if len(formats) else 1
    if kind not in _FORMATS or depth not in (8, 16, 32):
        raise file.refused(f"has samples of {depth} bits of a kind that Plosive does not patch")
    if number(266, 1) != 1 or number(32997, 1) != 1:
        raise file.refused("has its bits turned round or is a volume")
    predictor = 1 if compression in (NONE, 32773) else number(317, 1)
    if predictor not in (1, 2, 3) or (predictor == 3 and kind != 3):
        raise file.refused(f"has predictor {predictor}, which Plosive does not know")
    is_tiled = 324 in directory.fields or 322 in directory.fields
    block_width = number(322, 0) if is_tiled else width
    block_height = number(323, 0) if is_tiled else min(number(278, height), height)
    if not (block_width and block_height):
        raise file.lies()
    # Writers who could not know better put the offsets of tiles where those of strips belong.
    offsets_tag, counts_tag = OFFSETS_AND_COUNTS[324 in directory.fields]
    offsets, counts = found.values(directory, offsets_tag), found.values(directory, counts_tag)
    picture = TiffPicture(
        width=width,
        height=height,
        dtype=np.dtype(f"{found.order}u{depth // 8}"),
        samples=samples,
        is_planar=number(284, 1) == 2 and samples > 1,
        is_tiled=is_tiled,
        block_width=block_width,
        block_height=block_height,
        compression=compression,
        predictor=predictor,
        is_inverted=photometric == 0,
        offsets=offsets,
        counts=counts,
        offsets_field=directory.fields.get(offsets_tag, TiffField(4, 0, 0)),
        counts_field=directory.fields.get(counts_tag, TiffField(4, 0, 0)),
    )
    across, down = picture.grid
    whole = width * height * samples * picture.dtype.itemsize
    if len(offsets) != across * down * (samples if picture.is_planar else 1) or len(offsets) != len(counts):
        raise file.lies()
    if picture.row_bytes * block_height > whole + _SPARE_BYTES:
        raise file.lies()
    return picture
