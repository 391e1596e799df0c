# SPDX-License-Identifier: Apache-2.0
"""A number that may change over time: one value, or keys with straight lines between them."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

from plosive.errors import OptionError, RangeError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from plosive.media.plate import PlateInfo

__all__ = ["KeyedValue", "plate_frame"]

_LAST_COLON = re.compile(r":(\d+)$")


@dataclass(frozen=True)
class KeyedValue:
    """A value over time; between keys it runs straight, outside them it is held.

    `keys` are (position, value), at least one. A position is an exact number of frames in the plate's own
    numbers, or a timecode as typed, which `placed` turns into one. One key is the same value in every frame.
    """

    keys: tuple[tuple[Fraction | str, float], ...]

    @staticmethod
    def of(value: KeyedValue | float) -> KeyedValue:
        """`value` itself, or a number that holds in every frame."""
        return value if isinstance(value, KeyedValue) else KeyedValue(((Fraction(0), float(value)),))

    @property
    def constant(self) -> float | None:
        """The value that holds in every frame; None where it changes."""
        values = {value for _, value in self.keys}
        return values.pop() if len(values) == 1 else None

    def require_between(self, option: str, highest: float) -> None:
        """Raises OptionError unless every value lies between 0 and `highest`."""
        for position, value in self.keys:
            if not (math.isfinite(value) and 0.0 <= value <= highest):
                where = f" at {_named(position)}" if len(self.keys) > 1 else ""
                raise OptionError(f"--{option} must be between 0 and {highest:g}, not {value:g}{where}.")

    def placed(self, option: str, info: PlateInfo) -> KeyedValue:
        """The same value with every key at a frame of the plate `info`, in order of time.

        A timecode counts on the plate's own; on a drop-frame plate `:` before the frames means `;`, and a
        plate without timecode counts from 00:00:00:00. Raises OptionError for a timecode that does not exist,
        for two keys at one frame, and where a changing value has all its keys before or after the plate.
        """
        places = [(plate_frame(position, option, info), position, value) for position, value in self.keys]
        places.sort(key=lambda place: place[0])
        for (earlier, _, _), (frame, position, _) in pairwise(places):
            if earlier == frame:
                raise OptionError(f"--{option} has two keys at {_named(position)}; leave one of them out.")
        first, last = places[0][0], places[-1][0]
        outside = last < info.first_frame or first > info.last_frame_inclusive
        if outside and self.constant is None:
            raise OptionError(
                f"--{option} has its keys at frames {first}-{last}, and {info.path.name} has frames "
                f"{info.first_frame}-{info.last_frame_inclusive}; give keys in the plate's own frame numbers."
            )
        return KeyedValue(tuple((frame, value) for frame, _, value in places))

    def at(self, frames: Sequence[int] | NDArray[np.int64]) -> NDArray[np.float64]:
        """The value in each of `frames` (T,), in the plate's own numbers. Call it on a `placed` value."""
        import numpy as np

        positions = [position for position, _ in self.keys]
        if any(isinstance(position, str) for position in positions):
            raise ValueError("timecodes have no frame before `placed`")
        values = [value for _, value in self.keys]
        return np.interp(np.asarray(frames, np.float64), [float(position) for position in positions], values)

    def scaled(self, factor: float) -> KeyedValue:
        """Every value times `factor`, to four decimals."""
        return KeyedValue(tuple((position, round(value * factor, 4)) for position, value in self.keys))

    def facts(self) -> float | list[list[object]]:
        """Ready for JSON: a number that always holds, else [frame or timecode, value] pairs."""
        if len(self.keys) == 1:
            return self.keys[0][1]
        return [[_plain(position), value] for position, value in self.keys]

    def __str__(self) -> str:
        if len(self.keys) == 1:
            return f"{self.keys[0][1]:g}"
        return ", ".join(f"{_plain(position)}={value:g}" for position, value in self.keys)


def plate_frame(position: Fraction | str, option: str, info: PlateInfo) -> Fraction:
    """The plate's own frame number of a position: a frame, or a timecode as typed. Raises OptionError, which
    names `option`, for a timecode that does not exist.
    """
    from plosive.media.timecode import Timecode

    if isinstance(position, Fraction):
        return position
    start = Timecode.parse(info.start_timecode or "00:00:00:00", info.frame_rate)
    text = _LAST_COLON.sub(r";\1", position) if start.is_drop_frame else position
    try:
        here = Timecode.parse(text, info.frame_rate)
    except RangeError as error:
        raise OptionError(f"--{option}: {error}") from None
    return Fraction(info.first_frame) + here.frame_number - start.frame_number


def _named(position: Fraction | str) -> str:
    return position if isinstance(position, str) else f"frame {_plain(position)}"


def _plain(position: Fraction | str) -> int | float | str:
    """A position as people and JSON write it; a fraction of a frame keeps its decimals."""
    if isinstance(position, str):
        return position
    return position.numerator if position.denominator == 1 else float(position)
