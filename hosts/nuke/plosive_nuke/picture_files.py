# SPDX-License-Identifier: Apache-2.0
"""Files of image sequences, named with a pattern as Nuke writes it: `shot.%04d.exr`, `%V` for a view."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

__all__ = ["MOVIES", "PICTURES", "FrameFiles", "for_view", "frame_files", "path_of_frame"]

PICTURES = (".exr", ".dpx", ".tif", ".tiff", ".png", ".jpg", ".jpeg")
"""Extensions of still pictures that Plosive reads as sequences."""
MOVIES = (".mov", ".mp4", ".m4v", ".mxf", ".avi", ".mkv")
"""Extensions of movies that Plosive reads."""

_TOKEN = re.compile(r"%0?(\d*)d|#+")


@dataclass(frozen=True)
class FrameFiles:
    """What lies on disk: numbers of the files, rising."""

    numbers: tuple[int, ...]

    @property
    def first(self) -> int:
        return self.numbers[0]

    @property
    def last_inclusive(self) -> int:
        return self.numbers[-1]

    def paths(self, pattern: str) -> list[str]:
        """Of all of them."""
        return [path_of_frame(pattern, number) for number in self.numbers]

    def missing(self, first: int, last_inclusive: int) -> list[int]:
        """Numbers of a range that have no file."""
        there = set(self.numbers)
        return [number for number in range(first, last_inclusive + 1) if number not in there]


def for_view(pattern: str, view: str) -> str:
    """`pattern` with the view's name (`%V`) or first letter (`%v`) in place."""
    return pattern.replace("%V", view).replace("%v", view[:1])


def path_of_frame(pattern: str, number: int) -> str:
    """The file of one frame: the last `%04d` (or `####`) of a pattern becomes `number`."""
    found = list(_TOKEN.finditer(pattern))[-1]
    digits = int(found[1] or 1) if found[0].startswith("%") else len(found[0])
    return pattern[: found.start()] + str(number).zfill(digits) + pattern[found.end() :]


def frame_files(pattern: str) -> FrameFiles | None:
    """The files that lie under a pattern of one `%04d` (or `####`) in its last part; None where it holds no
    such token, or none lies there.
    """
    folder, name = os.path.split(pattern)
    found = _TOKEN.search(name)
    if found is None:
        return None
    wanted = int(found[1] or 1) if found[0].startswith("%") else len(found[0])
    like = re.compile(re.escape(name[: found.start()]) + r"(-?\d+)" + re.escape(name[found.end() :]))
    try:
        names = os.listdir(folder or ".")
    except OSError:
        return None
    numbers = sorted(
        int(match[1]) for match in map(like.fullmatch, names) if match and _fits(match[1], wanted)
    )
    return FrameFiles(tuple(numbers)) if numbers else None


def _fits(digits: str, wanted: int) -> bool:
    """Whether a pattern of `wanted` digits makes this number: longer numbers have no zero before them."""
    bare = digits.lstrip("-")
    return len(digits) == wanted or (len(digits) > wanted and not bare.startswith("0"))
