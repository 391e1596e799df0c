# SPDX-License-Identifier: Apache-2.0
"""The pictures of mouths that every plan of a plate looks at, kept with what the first pass found: where
single frames are slow to read, they are what a preview would wait for.
"""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from plosive.cache_folder import CacheFolder
from plosive.faces.track import FaceTrack
from plosive.generate.cavity import softness_sources
from plosive.generate.crops import Ticket
from plosive.generate.grain import paired_sources
from plosive.generate.sources import SourceLibrary
from plosive.geometry import Box
from plosive.sync.late_crops import LateCropFile
from plosive.user_folders import cache_root

__all__ = ["CropCache"]

_MOST_BYTES, _MOST_BYTES_A_PLATE = 512 << 20, 64 << 20


class CropCache:
    """The place of one plate's pictures among those kept; `key` is that of its survey. Some 20 a face,
    0.5 MB each at 1080p, those of prominent faces first. Nothing here fails a job.
    """

    def __init__(self, key: str) -> None:
        self._folder = CacheFolder(cache_root() / "mouths", ".npz", _MOST_BYTES)
        self._key = key

    def lend(self, crops: LateCropFile) -> bool:
        """Give what is kept to `crops`; whether anything is."""
        path = self._folder.find(self._key) if self._key else None
        if path is None:
            return False
        try:
            with np.load(path, allow_pickle=False) as arrays:
                indices, boxes, coded = (arrays[name] for name in ("indices", "boxes", "coded"))
            found, start = list[tuple[int, Box, NDArray[np.uint16]]](), 0
            for index, edges in zip(indices.tolist(), boxes.tolist(), strict=True):
                box = Box(*edges)
                end = start + 3 * box.width * box.height
                found.append((index, box, coded[start:end].reshape(box.height, box.width, 3)))
                start = end
        except (OSError, KeyError, TypeError, ValueError, EOFError, zipfile.BadZipFile):
            self._folder.drop(self._key)
            return False
        for index, box, pixels in found:
            if not crops.has(index, box):
                crops.remember(index, crops.add_coded(pixels, box))
        return True

    def keep(self, tracks: Sequence[FaceTrack], libraries: dict[int, SourceLibrary]) -> None:
        """Keep what plans will look at of `libraries` (by track number), unless something is kept already."""
        if not self._key or self._folder.find(self._key) is not None:
            return
        wanted: dict[tuple[int, Box], tuple[SourceLibrary, Ticket]] = {}
        size = 0
        for track in tracks:
            library = libraries[track.number]
            for place in _looked_at(track, library):
                ticket, index = library.tickets[place], int(track.indices[library.rows[place]])
                if (index, ticket.box) in wanted:
                    continue
                size += 6 * ticket.box.width * ticket.box.height
                if size > _MOST_BYTES_A_PLATE:
                    break
                wanted[index, ticket.box] = library, ticket
        if wanted:
            self._folder.keep(self._key, lambda path: _write(path, wanted))


def _looked_at(track: FaceTrack, library: SourceLibrary) -> list[int]:
    """Which sources (0..N-1) the plans of a face look at, whatever is said."""
    if not len(library):
        return []
    order = track.indices[library.rows]
    firsts = paired_sources(order, np.zeros_like(order))
    return sorted({*softness_sources(len(library)), *firsts, *(first + 1 for first in firsts)})


def _write(path: Path, wanted: dict[tuple[int, Box], tuple[SourceLibrary, Ticket]]) -> None:
    edges = [(box.left, box.top, box.right_exclusive, box.bottom_exclusive) for _, box in wanted]
    with path.open("wb") as file:
        np.savez(
            file,
            indices=np.array([index for index, _ in wanted], dtype=np.int64),
            boxes=np.array(edges, dtype=np.int64),
            coded=np.concatenate(
                [library.crops.coded(ticket).ravel() for library, ticket in wanted.values()]
            ),
        )
