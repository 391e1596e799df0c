# SPDX-License-Identifier: Apache-2.0
"""Opening a plate, whatever it is."""

from __future__ import annotations

import os
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from plosive.colour.plate_colour import ColourChoice
from plosive.errors import MediaReadError
from plosive.media.imagefile import IMAGE_SUFFIXES
from plosive.media.sequencefiles import find_sequence, parse_pattern

if TYPE_CHECKING:
    from plosive.media.imagereader import ImageReader
    from plosive.media.videoreader import VideoReader

__all__ = ["open_plate", "view_in"]


def open_plate(
    path: str | os.PathLike[str],
    *,
    sequence_rate: Fraction | None = None,
    still_seconds: Fraction | None = None,
    still_rate: Fraction = Fraction(24),
    colour: ColourChoice | None = None,
    view: str | None = None,
) -> VideoReader | ImageReader:
    """A reader of a video file, an image sequence, or a still image.

    A sequence is named by pattern (`shot.%04d.exr`, `shot.####.exr`, `shot.1001-1100#.exr`), by one of its
    files, or by its folder. Its rate is `sequence_rate`, else the one its files state, else 24. An image
    without numbered neighbours is a still, held for `still_seconds` (one frame when None) at `still_rate`.
    `colour` is what the artist says of its colour space. `view` is the one of a stereo EXR's views that is
    the picture; None takes the hero. Raises MediaReadError with one sentence on what is wrong (an unknown
    view, too), and OptionError for an unknown colour space.
    """
    path, choice = Path(path), colour or ColourChoice()
    if path.is_dir():
        return _images(path, sequence_rate, still_seconds, still_rate, choice, view)
    if not path.exists():
        if path.suffix.lower() in IMAGE_SUFFIXES and parse_pattern(path) is not None:
            return _images(path, sequence_rate, still_seconds, still_rate, choice, view)
        raise MediaReadError(f"{path} does not exist; check the path.")
    _require_readable(path)
    if path.suffix.lower() in IMAGE_SUFFIXES:
        return _images(path, sequence_rate, still_seconds, still_rate, choice, view)
    if view is not None:
        raise MediaReadError(f"{path.name} has one view only: --view is for stereo EXR files.")
    from plosive.media.videoreader import VideoReader

    return VideoReader(path, choice)


def view_in(path: Path, view: str | None) -> str | None:
    """`view`, where a file at `path` may have several; a result of another format than its plate has not."""
    return view if path.is_dir() or path.suffix.lower() == ".exr" else None


def _images(
    path: Path,
    sequence_rate: Fraction | None,
    still_seconds: Fraction | None,
    still_rate: Fraction,
    choice: ColourChoice,
    view: str | None,
) -> ImageReader:
    from plosive.media.imagereader import ImageReader

    return ImageReader(path, find_sequence(path), sequence_rate, still_seconds, still_rate, choice, view)


def _require_readable(path: Path) -> None:
    try:
        with path.open("rb") as file:
            is_empty = not file.read(1)
    except OSError as error:
        raise MediaReadError(
            f"{path.name} cannot be read ({error.strerror}); check its permissions."
        ) from error
    if is_empty:
        raise MediaReadError(f"{path.name} is empty (0 bytes); copy or export it again.")
