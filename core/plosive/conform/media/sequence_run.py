# SPDX-License-Identifier: Apache-2.0
"""The files without a gap that a shot of a sequence with missing frames needs."""

from __future__ import annotations

import os
from dataclasses import replace
from math import ceil, floor
from pathlib import Path

from plosive.conform.media.clock import Clock
from plosive.conform.shot import ShotMedia, ranged_path
from plosive.media.sequencefiles import parse_pattern
from plosive.media.timecode import FrameRange

__all__ = ["run_around"]


def run_around(path: Path, media: ShotMedia, wanted: Clock) -> Path | None:
    """`path` (`name.####.exr`) with the range of the files that lie without a gap around what is `wanted`
    (`name.1001-1039####.exr`); None where one of those is missing, or the edit does not say which they are.
    """
    pattern = parse_pattern(path)
    if pattern is None or media.available is None or pattern.first_frame is not None:
        return None
    low, high = sorted(media.position(moment) for moment in wanted)
    first, last = floor(low), max(floor(low), ceil(high) - 1)
    frames: set[int] = set()
    try:
        with os.scandir(pattern.folder) as entries:
            names = [entry.name for entry in entries]
    except OSError:
        return None
    for name in names:
        number = name[len(pattern.prefix) : len(name) - len(pattern.suffix)]
        if name.startswith(pattern.prefix) and name.endswith(pattern.suffix) and number.isdecimal():
            frames.add(int(number))
    if not frames.issuperset(range(first, last + 1)):
        return None
    while first - 1 in frames:
        first -= 1
    while last + 1 in frames:
        last += 1
    told = ranged_path(path, FrameRange(first, last))
    is_understood = parse_pattern(told) == replace(pattern, first_frame=first, last_frame_inclusive=last)
    return told if is_understood else None
