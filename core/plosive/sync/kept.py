# SPDX-License-Identifier: Apache-2.0
"""Which frames keep the plate, and why."""

from __future__ import annotations

from collections.abc import Sequence

from plosive.faces.visibility import Visibility
from plosive.media.plate import PlateInfo
from plosive.media.timecode import parse_frame_range
from plosive.sync.style import STRENGTH_ZERO, Style
from plosive.sync_options import SyncOptions

__all__ = ["kept_reasons", "outside_range"]


def outside_range(options: SyncOptions, info: PlateInfo) -> dict[int, str]:
    """Frame indices that --range leaves alone, with the reason."""
    if options.frame_range is None:
        return {}
    wanted = parse_frame_range(options.frame_range, info.first_frame, info.last_frame_inclusive)
    numbers = range(info.first_frame, info.last_frame_inclusive + 1)
    return {
        number - info.first_frame: "outside --range"
        for number in numbers
        if not wanted.first_frame <= number <= wanted.last_frame_inclusive
    }


def kept_reasons(visibilities: Sequence[Visibility], frame_count: int, style: Style) -> tuple[str, ...]:
    """Why each frame is kept; '' where any chosen face is synced."""
    reasons = ["no face"] * frame_count
    for index in range(frame_count):
        told = [visibility.reasons[index] for visibility in visibilities]
        if told:
            reasons[index] = "" if "" in told else next((why for why in told if why != "no face"), "no face")
        if style.strength[index] == 0:
            reasons[index] = STRENGTH_ZERO
    return tuple(reasons)
