# SPDX-License-Identifier: Apache-2.0
"""Where OUT may differ from the plate: elements, or any picture whose channel is above 0 there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from plosive.errors import MediaReadError, OptionError
from plosive.media.imagefile import IMAGE_SUFFIXES, OpenedImage
from plosive.media.orientation import Orientation
from plosive.media.sequencefiles import SequenceFiles, find_sequence, parse_pattern

__all__ = ["Mask", "Matte", "PlateShape", "open_matte", "stored_mask"]

Mask = NDArray[np.bool_]
"""(height, width) of the display window, True where OUT may differ."""

_FAR = 48  # frames: a seek is quicker than decoding what lies between
_NOWHERE = 1 << 62
_ELEMENTS = "elements.####.exr"
_ELEMENTS_CHANNELS = ("matte.A", "blend.A")


class PlateShape:
    """What a matte must fit: the plate's frames and its stored picture. Of a part of a plate `skipped` frames
    come before it, of `whole_count` in all.
    """

    def __init__(
        self,
        first_frame: int,
        frame_count: int,
        width: int,
        height: int,
        orientation: Orientation,
        skipped: int = 0,
        whole_count: int | None = None,
    ) -> None:
        self.first_frame = first_frame
        self.frame_count = frame_count
        self.width = width
        self.height = height
        self.orientation = orientation
        self.skipped = skipped
        self.whole_count = frame_count if whole_count is None else whole_count


class Matte(Protocol):
    """Masks of frames, to be asked for in rising order."""

    def at(self, index: int) -> Mask:
        """Where plate frame `index` (0 for the first) may differ, in stored pixels. Raises MediaReadError,
        OptionError.
        """


def open_matte(path: Path, channel: str | None, shape: PlateShape) -> Matte:
    """The matte at `path`: a folder of elements, an image, a sequence or a video.

    An image counts for every frame. A sequence goes with the plate by number where it holds any of the
    plate's numbers, else frame by frame where both are as long. Raises MediaReadError, and OptionError when
    it does not fit the plate or lacks the channel.
    """
    if path.is_dir() and any(path.glob("elements.*.exr")):
        path = path / _ELEMENTS
    if not path.is_dir() and not path.exists() and parse_pattern(path) is None:
        raise MediaReadError(f"The matte {path} does not exist; check the path.")
    if path.is_dir() or path.suffix.lower() in IMAGE_SUFFIXES:
        files = find_sequence(path)
        if isinstance(files, SequenceFiles):
            return _SequenceMatte(files, channel, shape)
        return _StillMatte(files, channel, shape)
    return _VideoMatte(path, channel, shape)


def stored_mask(mask: Mask, shape: PlateShape, name: str) -> Mask:
    """`mask`, upright or stored, as stored. Upright is taken where both have one size. Raises OptionError."""
    upright = shape.orientation.upright_size(shape.width, shape.height)
    if (mask.shape[1], mask.shape[0]) == upright:
        return shape.orientation.stored(mask)
    if (mask.shape[1], mask.shape[0]) == (shape.width, shape.height):
        return mask
    raise OptionError(
        f"The matte {name} is {mask.shape[1]}x{mask.shape[0]}, but the plate {upright[0]}x{upright[1]}; give "
        "one of the plate's size."
    )


class _StillMatte:
    def __init__(self, path: Path, channel: str | None, shape: PlateShape) -> None:
        self._mask = stored_mask(_image_mask(path, channel), shape, path.name)

    def at(self, index: int) -> Mask:
        del index
        return self._mask


class _SequenceMatte:
    def __init__(self, files: SequenceFiles, channel: str | None, shape: PlateShape) -> None:
        self._files, self._channel, self._shape = files, channel, shape
        last = shape.first_frame + shape.frame_count - 1
        if files.first_frame <= last and files.last_frame_inclusive >= shape.first_frame:
            self._number = shape.first_frame
        elif files.frame_count == shape.frame_count:
            self._number = files.first_frame
        elif files.frame_count == shape.whole_count:
            self._number = files.first_frame + shape.skipped
        else:
            raise OptionError(
                f"The matte {files.pattern.text} holds frames {files.first_frame}-"
                f"{files.last_frame_inclusive},"
                f" the plate {shape.first_frame}-{last}; give a matte of the same frames."
            )

    def at(self, index: int) -> Mask:
        number = self._number + index
        if not self._files.first_frame <= number <= self._files.last_frame_inclusive:
            return np.zeros((self._shape.height, self._shape.width), np.bool_)  # nothing may change there
        path = self._files.pattern.path(number)
        return stored_mask(_image_mask(path, self._channel), self._shape, path.name)


class _VideoMatte:
    """Pictures of a video, decoded in order; asked for an earlier one it starts again."""

    def __init__(self, path: Path, channel: str | None, shape: PlateShape) -> None:
        from plosive.colour.plate_colour import ColourChoice
        from plosive.media.videoreader import VideoReader

        self._reader = VideoReader(path, ColourChoice())
        count = self._reader.info.frame_count
        if count not in (1, shape.frame_count, shape.whole_count):
            raise OptionError(
                f"The matte {path.name} has {count} frames, the plate {shape.frame_count}; give one for each."
            )
        self._is_alpha = _wants_alpha(channel)
        if channel is not None and not self._is_alpha and channel.upper() not in ("R", "G", "B", "Y"):
            raise OptionError(f"The matte {path.name} is a video: its --matte-channel is R, G, B or alpha.")
        if self._is_alpha and not self._reader.info.has_alpha:
            raise OptionError(f"The matte {path.name} has no alpha; leave --matte-channel out.")
        self._component = max(0, "RGB".find((channel or "R").upper()))
        self._shape, self._path, self._is_still = shape, path, count == 1
        self._frames: Iterator[Any] = iter(())
        self._next = _NOWHERE
        self._held: tuple[int, Mask] | None = None
        self._skipped = shape.skipped if count == shape.whole_count else 0

    def at(self, index: int) -> Mask:
        index = 0 if self._is_still else index + self._skipped
        if self._held is not None and self._held[0] == index:
            return self._held[1]
        if not 0 <= index - self._next < _FAR:
            self._frames, self._next = self._reader.frames(index), index
        for frame in self._frames:
            self._next = frame.index + 1
            if frame.index == index:
                mask = stored_mask(self._mask(frame), self._shape, self._path.name)
                self._held = index, mask
                return mask
        raise MediaReadError(f"The matte {self._path.name} has no frame {index}; export it again.")

    def _mask(self, frame: Any) -> Mask:
        """Upright. Half a code above black counts: black itself must not."""
        from plosive.geometry import Box

        coding = frame.samples.coding
        whole = Box(0, 0, frame.samples.width, frame.samples.height)
        if self._is_alpha:
            found = frame.planes()[-1] > 0
        else:
            least = 0.5 / ((1 << coding.layout.bit_depth) - 1)
            found = coding.rgb(frame.planes(), whole)[..., self._component] > least
        return np.asarray(frame.samples.orientation.upright(found), np.bool_)


def _image_mask(path: Path, channel: str | None) -> Mask:
    """The display window of an image's matte channels; what lies outside its data window is 0."""
    with OpenedImage(path) as file:
        part, wanted = _matte_channels(path, file.specs(), channel)
        spec = file.spec(part)
        stored = np.ones((spec.height, spec.width), np.bool_)
        for plane in file.channels(part, wanted):
            with np.errstate(invalid="ignore"):
                stored &= plane > 0
        left, top = spec.x - spec.full_x, spec.y - spec.full_y
        mask = np.zeros((spec.full_height, spec.full_width), np.bool_)
    return placed(stored, left, top, mask)


def placed(stored: Mask, left: int, top: int, onto: Mask) -> Mask:
    """`stored` laid into `onto` (changed in place) with its corner at (left, top), cut to it."""
    height, width = onto.shape
    first_row, end_row = max(0, top), min(height, top + stored.shape[0])
    first_column, end_column = max(0, left), min(width, left + stored.shape[1])
    if first_row < end_row and first_column < end_column:
        onto[first_row:end_row, first_column:end_column] = stored[
            first_row - top : end_row - top, first_column - left : end_column - left
        ]
    return onto


def _matte_channels(path: Path, specs: list[Any], channel: str | None) -> tuple[int, tuple[int, ...]]:
    """(part, channels that must all be above 0): the one asked for, those of elements, else the first."""
    for part, spec in enumerate(specs):
        names = list(spec.channelnames)
        if channel is None and all(name in names for name in _ELEMENTS_CHANNELS):
            return part, tuple(names.index(name) for name in _ELEMENTS_CHANNELS)
        if channel is not None and _wants_alpha(channel) and spec.alpha_channel >= 0:
            return part, (int(spec.alpha_channel),)
        if channel in names:
            return part, (names.index(channel),)
    if channel is None and specs and specs[0].nchannels:
        return 0, (0,)
    held = ", ".join(name for spec in specs for name in spec.channelnames) or "none"
    raise OptionError(f"The matte {path.name} has no channel {channel}; it holds {held}.")


def _wants_alpha(channel: str | None) -> bool:
    return channel is not None and channel.lower() in ("a", "alpha")
