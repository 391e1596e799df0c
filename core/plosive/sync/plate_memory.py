# SPDX-License-Identifier: Apache-2.0
"""What was read and measured of one plate beside numbers, kept in this process for the next job on it."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from plosive.composite.grain import GrainMatcher
from plosive.media.imagereader import ImageReader
from plosive.media.plate import PlateInfo, PlateReader
from plosive.media.splice.intra import is_intra_codec
from plosive.media.videoreader import VideoReader
from plosive.sync.late_crops import LateCropFile
from plosive.sync.render import Part

__all__ = ["PlateMemory", "file_states"]

_READ_THROUGH_FRAMES = 2000
_MOST_CROP_BYTES = 2 << 30

if TYPE_CHECKING:
    from plosive.quality.watched_plate import WatchedPlate


class PlateMemory:
    """Pictures of mouths that were read from a plate, the grain of its faces, and what a scoring measured of
    them. Use as a context manager, for one job at a time.

    It is of one plate, as that is seen, from one frame on: what another job looks at takes its place. A job
    makes the same of it, to the bit.
    """

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._plate: tuple[object, ...] = ()
        self._crops: LateCropFile | None = None
        self._frame_count = 0
        self._grains: dict[tuple[int, int, int], GrainMatcher | None] = {}
        self._watched: tuple[tuple[object, ...], WatchedPlate] | None = None

    def crops(self, plate: VideoReader | ImageReader, reader: PlateReader) -> LateCropFile:
        """Those of `reader`, some or all of `plate`, which takes what is missing from it."""
        key = _plate_key(plate, reader.info)
        if self._crops is None or self._plate != key or self._crops.byte_count > _MOST_CROP_BYTES:
            self.close()
            self._plate, self._crops = key, self._stack.enter_context(LateCropFile(_is_sought(plate)))
        self._crops.attend(reader)
        self._frame_count = reader.info.frame_count
        return self._crops

    def grain(self, part: Part) -> GrainMatcher | None:
        """That of `part`, whose job has its pictures from here; `part` has it from now on."""
        key = self._frame_count, part.track.number, part.shot.seed
        if key in self._grains:
            part.take_grain(self._grains[key])
        else:
            self._grains[key] = part.grain
        return self._grains[key]

    def watched(self, plate: PlateReader) -> WatchedPlate | None:
        """What a scoring saw of these frames; see `quality.watched_plate.WatchedPlates`."""
        is_known = self._watched is not None and self._watched[0] == _part_key(plate)
        return self._watched[1] if self._watched is not None and is_known else None

    def keep_watched(self, plate: PlateReader, watched: WatchedPlate) -> None:
        """In place of what was seen of other frames."""
        self._watched = _part_key(plate), watched

    def trim(self) -> None:
        """Between two jobs: let pictures go that take too much room to be kept for the next one."""
        if self._crops is not None and self._crops.byte_count > _MOST_CROP_BYTES:
            self.close()

    def close(self) -> None:
        """Let everything go."""
        self._crops = None
        self._grains.clear()
        self._watched = None
        self._stack.close()

    def __enter__(self) -> PlateMemory:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def file_states(paths: Iterable[Path]) -> tuple[object, ...]:
    """Changes whenever one of the files does, as far as its size and dates tell."""
    found: list[object] = []
    for path in paths:
        try:
            state = path.stat()
        except (OSError, ValueError):
            found.append((path, None))
            continue
        found.append((path, state.st_ino, state.st_size, state.st_mtime_ns, state.st_ctime_ns))
    return tuple(found)


def _part_key(plate: PlateReader) -> tuple[object, ...]:
    return *_plate_key(plate, plate.info), plate.info.frame_count


def _plate_key(plate: PlateReader, info: PlateInfo) -> tuple[object, ...]:
    """Of where `info` begins in `plate`, as that is seen: the same pixels have the same."""
    colour = info.colour
    shown = info.transfer, info.view, None if colour is None else colour.key
    return file_states(plate.paths), info.first_frame, info.start_seconds, *shown


def _is_sought(plate: VideoReader | ImageReader) -> bool:
    """Whether a few frames are sooner read alone than on the way through all."""
    if isinstance(plate, ImageReader):
        return True
    is_long = plate.info.frame_count > _READ_THROUGH_FRAMES
    return is_intra_codec(plate.source.codec_name) or (plate.is_seekable and is_long)
