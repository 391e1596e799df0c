# SPDX-License-Identifier: Apache-2.0
"""What every plate offers, whatever file it lies in: its description, its frames, and a way back.

A `PlateReader` streams `PlateFrame`s in order. A frame keeps the file's own samples (YCbCr planes,
EXR channels, ...) and shows them in two ways: `rgb8` for trackers, `working` for generation. A change
goes back with `merged`, which touches no sample outside the matte. A `PlateWriter` writes such
frames in the plate's own format, whole under a temporary name, then renamed.

Pictures here are always upright: where a phone stored the picture rotated (display matrix), readers
turn what they show and writers turn it back.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from plosive.colour.plate_colour import PlateColour
from plosive.colour.transfer import Transfer
from plosive.geometry import Box
from plosive.media.exactness import Exactness

__all__ = ["PlateFrame", "PlateInfo", "PlateKind", "PlateReader", "PlateWriter"]


class PlateKind(Enum):
    """Where the pictures come from."""

    VIDEO = "video"
    SEQUENCE = "sequence"
    STILL = "still"


@dataclass(frozen=True)
class PlateInfo:
    """A plate as the artist knows it.

    `width` and `height` are upright pixels. `first_frame` is the number of the first frame: the
    file number of a sequence, 0 for video. `start_timecode` is text (`01:00:00:00`, `;` before the
    frames for drop frame) or None. `frame_rate` is nominal; a variable-rate plate has
    `is_variable_rate` and each frame's own time. `warnings` are sentences for the artist.
    `start_seconds` is when the first of these frames is shown after the file's first: above 0 for a part of a
    plate alone. `colour` says what samples mean and why; None only for plates that are no files. `view` is
    the view of a stereo plate that is the picture; empty where the files name none.
    """

    path: Path
    kind: PlateKind
    width: int
    height: int
    frame_count: int
    frame_rate: Fraction
    first_frame: int
    start_timecode: str | None
    pixel_aspect: Fraction
    codec: str
    pixel_format: str
    bit_depth: int
    is_float: bool
    is_variable_rate: bool
    is_interlaced: bool
    has_alpha: bool
    has_audio: bool
    rotation_degrees: int
    transfer: Transfer
    warnings: tuple[str, ...] = ()
    colour: PlateColour | None = None
    view: str = ""
    start_seconds: Fraction = Fraction(0)

    @property
    def last_frame_inclusive(self) -> int:
        return self.first_frame + self.frame_count - 1

    @property
    def duration_seconds(self) -> Fraction:
        """Nominal length: frame count over frame rate."""
        return Fraction(self.frame_count) / self.frame_rate


class PlateFrame(Protocol):
    """One picture with its native samples."""

    @property
    def index(self) -> int:
        """Position in the plate, 0 for the first frame."""

    @property
    def start_seconds(self) -> Fraction:
        """Presentation time after the first frame's, exact; 0 for the first frame."""

    @property
    def width(self) -> int: ...

    @property
    def height(self) -> int: ...

    def rgb8(self) -> NDArray[np.uint8]:
        """The whole picture for a tracker or an eye: (height, width, 3) uint8, display-referred."""

    def working(self, box: Box) -> NDArray[np.float32]:
        """Pixels of `box` (inside the picture) in the working encoding: (h, w, 3) float32, not clipped."""

    def merged(self, box: Box, change: NDArray[np.float32], touched: NDArray[np.bool_]) -> PlateFrame:
        """A copy of this frame with `change` (h, w, 3, working units) added where `touched` (h, w).

        Native samples that are not wholly inside `touched` keep their exact bits: a subsampled chroma
        sample changes only where every pixel it covers is touched. Alpha and further channels
        never change. A float pixel that is not finite in one channel keeps all its
        bits, and so does colour under an alpha of 0 that it is multiplied with.
        """


class PlateReader(Protocol):
    """A plate opened for reading. Use as a context manager; iterate as often as needed."""

    @property
    def info(self) -> PlateInfo: ...

    @property
    def paths(self) -> tuple[Path, ...]:
        """Every file the plate is read from, in order."""

    def frames(self, first_index: int = 0) -> Iterator[PlateFrame]:
        """All frames from `first_index` on, in presentation order, decoded as they are asked for.

        Raises MediaReadError in the middle if the media is damaged there.
        """

    def frame_times(self) -> tuple[Fraction, ...]:
        """`start_seconds` of every frame without decoding pictures; length `info.frame_count`."""

    def close(self) -> None: ...

    def __enter__(self) -> PlateReader: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


class PlateWriter(Protocol):
    """Writes frames one by one, every one of the plate, in order.

    As a context manager it finishes and renames on success, and removes what it wrote when an
    exception passes through.
    """

    @property
    def warnings(self) -> tuple[str, ...]:
        """Sentences on what the format could not keep (for example 'H.264 is lossy')."""

    @property
    def exactness(self) -> Exactness:
        """What of the result is byte for byte the plate's; whole once the writer was left."""

    def write(self, frame: PlateFrame) -> None:
        """Append one frame. Raises MediaWriteError (disk full, ...)."""

    def __enter__(self) -> PlateWriter: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...
