# SPDX-License-Identifier: Apache-2.0
"""Channels of EXR files in compressions that OpenImageIO does not read yet (HTJ2K, LJ2K, ZSTD)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plosive.errors import NotPatchableError
from plosive.media.exr.decoding import decoded
from plosive.media.exr.structure import read_structure

__all__ = ["BEYOND_OPENIMAGEIO", "read_by_openexr"]

BEYOND_OPENIMAGEIO = ("htj2k256", "htj2k32", "lj2k", "zstd")
_DTYPES = {0: np.uint32, 1: np.float16, 2: np.float32}


def read_by_openexr(path: Path, part_index: int, names: Sequence[str]) -> list[NDArray[Any]] | None:
    """The channels `names` of a part, each (h, w) of its data window in its own type; None where OpenImageIO
    should have read them, as in any other format. Raises MediaReadError for a damaged file.
    """
    if path.suffix.lower() != ".exr":
        return None
    try:
        file = read_structure(path)
    except NotPatchableError:
        return None
    part = file.parts[part_index]
    own = [channel.name for channel in part.channels]
    if part.compression not in BEYOND_OPENIMAGEIO or part.is_deep or not set(names) <= set(own):
        return None
    places = [own.index(name) for name in names]
    if any(part.channels[place].is_subsampled for place in places):
        return None
    window = part.data_window
    made = [np.empty((window.height, window.width), _DTYPES[part.channels[place].kind]) for place in places]
    count = len(part.offsets) if part.tiles is None else part.tiles.levels[0].tile_count
    chunks = [part.chunk(index) for index in range(count)]
    for chunk, planes in zip(chunks, decoded(file, part, chunks), strict=True):
        top, left = chunk.window.top - window.top, chunk.window.left - window.left
        inside = (slice(top, top + chunk.window.height), slice(left, left + chunk.window.width))
        for plane, place in zip(made, places, strict=True):
            plane[inside] = planes[place].view(plane.dtype)
    return made
