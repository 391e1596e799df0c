# SPDX-License-Identifier: Apache-2.0
"""The pictures of a report, taken from result and plate in one pass each."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from plosive.colour.plate_colour import ColourChoice
from plosive.media import PlateFrame, open_plate
from plosive.media.reading import view_in
from plosive.media.timecode import FrameRange
from plosive.progress import Progress
from plosive.quality.report.keeping import BrowsedFrames, StripFrames
from plosive.quality.report.moments import Moment, worst_moments
from plosive.quality.report.windows import Windows, windows_of
from plosive.quality.scorecard import Scorecard

__all__ = ["LARGEST_BROWSED_PIXELS", "Pictures", "Strip", "take_pictures"]

LARGEST_BROWSED_PIXELS = 640
# As text in the page a picture takes a third more; the two make 36 MB of a page of at most 40.
BROWSED_BYTES = 16_000_000
STRIP_BYTES = 11_000_000
_JPEG_QUALITY = 92


@dataclass(frozen=True)
class Strip:
    """A worst moment and those frames around it whose pictures are kept."""

    moment: Moment
    indices: tuple[int, ...]


@dataclass(frozen=True)
class Pictures:
    """Encoded pictures by frame index.

    `result` and `plate` are JPEGs for browsing, `width` x `height` pixels, which is `scale` times the
    window in the frame. `strip_result` and `strip_plate` are PNGs, `strip_width` x `strip_height`, with the
    very values of `rgb8`. `is_plate_resized` tells that the plate has another size than the result, so that
    its pictures were brought to the result's.
    """

    result: dict[int, bytes]
    plate: dict[int, bytes]
    width: int
    height: int
    scale: float
    strips: tuple[Strip, ...]
    strip_result: dict[int, bytes]
    strip_plate: dict[int, bytes]
    strip_width: int
    strip_height: int
    is_plate_resized: bool


def take_pictures(
    card: Scorecard,
    sequence_rate: Fraction | None,
    progress: Progress,
    colour: ColourChoice | None = None,
    view: str | None = None,
) -> Pictures:
    """Decode what the report of `card` shows, never holding more than one frame. Raises MediaReadError."""
    moments = worst_moments(card)
    windows = windows_of(card.lip_boxes, card.width, card.height)
    scale = min(1.0, LARGEST_BROWSED_PIXELS / max(windows.width, windows.height))
    size = max(1, round(windows.width * scale)), max(1, round(windows.height * scale))
    browsed, strips = BrowsedFrames(card.frame_count, moments), StripFrames(moments)
    sides = 1 if card.plate is None else 2
    progress.start("report", card.frame_count * sides)

    def passed(path: Path, part: FrameRange | None = None) -> tuple[dict[int, bytes], dict[int, bytes], bool]:
        shown = _Shelf(browsed, browsed.indices, BROWSED_BYTES // sides)
        told = _Shelf(strips, strips.uses, STRIP_BYTES // sides)
        is_resized = _look(path, part, sequence_rate, colour, view, windows, size, shown, told, progress)
        return shown.pictures, told.pictures, is_resized

    result, strip_result, _ = passed(card.result)
    plate: dict[int, bytes] = {}
    strip_plate: dict[int, bytes] = {}
    is_resized = False
    if card.plate is not None:
        plate, strip_plate, is_resized = passed(card.plate, card.plate_range)
    progress.finish()
    detail = windows.detail()
    kept = browsed.indices()
    return Pictures(
        {index: picture for index, picture in result.items() if index in kept},
        plate,
        *size,
        scale,
        tuple(Strip(moment, indices) for moment, indices in strips.strips.items()),
        strip_result,
        strip_plate,
        detail.width,
        detail.height,
        is_resized,
    )


class _Thinned(Protocol):
    def indices(self) -> frozenset[int]: ...

    def thin(self) -> bool: ...


class _Shelf:
    """Encoded pictures up to a number of bytes; its frames are thinned when they are more."""

    def __init__(self, frames: _Thinned, uses: Callable[[], Iterable[int]], most_bytes: int) -> None:
        self.pictures: dict[int, bytes] = {}
        self.wanted = frames.indices()
        self._frames = frames
        self._uses = uses
        self._most_bytes = most_bytes

    def put(self, index: int, picture: bytes) -> None:
        self.pictures[index] = picture
        while self._weight() > self._most_bytes and self._frames.thin():
            self.wanted = self._frames.indices()
            self.pictures = {kept: self.pictures[kept] for kept in self.pictures if kept in self.wanted}

    def _weight(self) -> int:
        return sum(len(self.pictures.get(index, b"")) for index in self._uses())


def _look(
    path: Path,
    only: FrameRange | None,
    sequence_rate: Fraction | None,
    colour: ColourChoice | None,
    view: str | None,
    windows: Windows,
    size: tuple[int, int],
    shown: _Shelf,
    told: _Shelf,
    progress: Progress,
) -> bool:
    """Fill both shelves from the clip at `path`, or `only` these frames of it; whether they are of another
    size than the windows'.
    """
    detail = windows.detail()
    expected = (windows.picture_height, windows.picture_width)
    is_resized = False
    own = view_in(path, view)
    with open_plate(path, sequence_rate=sequence_rate, colour=colour, view=own) as reader:
        frames: Iterator[PlateFrame] = (reader if only is None else reader.part(only)).frames()
        for index, frame in zip(range(len(windows.left)), frames, strict=False):
            progress.advance()
            if index not in shown.wanted and index not in told.wanted:
                continue
            picture = frame.rgb8()
            if picture.shape[:2] != expected:
                picture, is_resized = _resized(picture, expected[1], expected[0]), True
            if index in shown.wanted:
                part = picture[windows.box(index).slices]
                if size != (windows.width, windows.height):
                    part = _resized(part, *size)
                shown.put(index, _encoded(part, "JPEG", quality=_JPEG_QUALITY, subsampling=0))
            if index in told.wanted:
                told.put(index, _encoded(picture[detail.box(index).slices], "PNG"))
    return is_resized


def _resized(picture: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    import cv2

    how = cv2.INTER_AREA if width < picture.shape[1] else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(picture, (width, height), interpolation=how))


def _encoded(picture: NDArray[np.uint8], kind: str, **options: int) -> bytes:
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(picture).save(file, format=kind, **options)
    return file.getvalue()
