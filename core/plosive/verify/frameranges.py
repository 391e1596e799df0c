# SPDX-License-Identifier: Apache-2.0
"""Lists of frame numbers as ranges, for people and for JSON, and the other way round."""

from __future__ import annotations

import re
from collections.abc import Iterable

from plosive.errors import OptionError

__all__ = ["counted", "parse_frames", "parse_part", "range_facts", "runs", "spoken"]

_MOST_SHOWN = 8
_MOST_FRAMES = 10_000_000
_ONE = re.compile(r"(-?\d+)(?:-(-?\d+))?")


def runs(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """(first, last inclusive) of each run of neighbours in rising `numbers`."""
    found: list[tuple[int, int]] = []
    for number in numbers:
        if found and number <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(number, found[-1][1]))
        else:
            found.append((number, number))
    return found


def counted(count: int, one: str, many: str) -> str:
    """`1 slice`, `3 slices`."""
    return f"{count} {one if count == 1 else many}"


def range_facts(numbers: Iterable[int]) -> list[dict[str, object]]:
    """The runs of rising `numbers`, ready for JSON."""
    return [{"first_frame": first, "last_frame_inclusive": last} for first, last in runs(numbers)]


def spoken(numbers: Iterable[int]) -> str:
    """`frame 1003`, `frames 1003, 1007-1009`; at most eight runs."""
    found = runs(numbers)
    shown = [str(first) if first == last else f"{first}-{last}" for first, last in found[:_MOST_SHOWN]]
    more = f" and {len(found) - _MOST_SHOWN} more ranges" if len(found) > _MOST_SHOWN else ""
    is_one = len(found) == 1 and found[0][0] == found[0][1]
    return f"frame{'' if is_one else 's'} {', '.join(shown)}{more}"


def parse_frames(text: str) -> tuple[tuple[int, int], ...]:
    """Ranges written as `1001-1010,1020`; `all` is every frame. Raises OptionError."""
    if text.strip().lower() == "all":
        return ((-_MOST_FRAMES, _MOST_FRAMES),)
    found = []
    for part in text.split(","):
        match = _ONE.fullmatch(part.strip())
        if match is None:
            raise OptionError(f"'{text}' names no frames; write 1001-1010,1020 or all.")
        first = int(match[1])
        last = first if match[2] is None else int(match[2])
        if last < first:
            raise OptionError(f"The range {part.strip()} runs backwards; write {last}-{first}.")
        found.append((first, last))
    return tuple(found)


def parse_part(text: str) -> tuple[int, int]:
    """One range written as `1001-1100`: first and last frame. Raises OptionError."""
    found = () if text.strip().lower() == "all" else parse_frames(text)
    if len(found) != 1:
        raise OptionError(f"'{text}' is not one range of frames; write 1001-1100.")
    return found[0]
