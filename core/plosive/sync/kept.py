# SPDX-License-Identifier: Apache-2.0
"""Which frames keep the plate, and why."""

from __future__ import annotations

import re
from collections.abc import Sequence

from plosive.errors import RangeError
from plosive.faces.choice import choose_tracks
from plosive.faces.track import FaceTrack
from plosive.faces.visibility import Visibility
from plosive.keyed import plate_frame
from plosive.media.plate import PlateInfo
from plosive.media.timecode import parse_frame_range
from plosive.sync.style import STRENGTH_ZERO, Style
from plosive.sync_options import SyncOptions

__all__ = ["NO_SYNC", "kept_reasons", "outside_range", "unsynced_frames"]

NO_SYNC = "no lip sync wanted"
"""Why the plate is kept where --no-sync says so."""

_TIMECODES = re.compile(r"\s*([\d:;]+[:;]\d+)\s*-\s*([\d:;]+[:;]\d+)\s*")


def outside_range(options: SyncOptions, info: PlateInfo) -> dict[int, str]:
    """Frame indices that --range leaves alone, with the reason."""
    if options.frame_range is None or options.only_range:
        return {}
    wanted = parse_frame_range(options.frame_range, info.first_frame, info.last_frame_inclusive)
    numbers = range(info.first_frame, info.last_frame_inclusive + 1)
    return {
        number - info.first_frame: "outside --range"
        for number in numbers
        if not wanted.first_frame <= number <= wanted.last_frame_inclusive
    }


def unsynced_frames(
    options: SyncOptions, info: PlateInfo, tracks: Sequence[FaceTrack], if_resting: bool = False
) -> dict[int, dict[int, str]]:
    """Per track number the frame indices that --no-sync leaves alone, with the reason; with `if_resting`
    those that are to be left alone where the mouth rests. `tracks` are all faces of the plate. Raises
    RangeError for a range outside the plate, FaceError for a face that is not there.
    """
    kept: dict[int, dict[int, str]] = {track.number: {} for track in tracks}
    for wish in options.no_sync:
        if wish.if_resting != if_resting:
            continue
        first, last = _bounds(wish.frames, info)
        faces = tracks if wish.face is None else choose_tracks(tracks, wish.face, info.first_frame)
        for track in faces:
            kept[track.number] |= dict.fromkeys(range(first, last + 1), NO_SYNC)
    return kept


def _bounds(text: str, info: PlateInfo) -> tuple[int, int]:
    """First and last index of a range of frames or timecodes."""
    timecodes = _TIMECODES.fullmatch(text)
    if timecodes is not None:
        first, last = (int(plate_frame(position, "no-sync", info)) for position in timecodes.groups())
        if first > last or last < info.first_frame or first > info.last_frame_inclusive:
            raise RangeError(f"--no-sync {text} lies outside {info.path.name}, or ends before it begins.")
        first, last = max(first, info.first_frame), min(last, info.last_frame_inclusive)
    else:
        wanted = parse_frame_range(text, info.first_frame, info.last_frame_inclusive)
        first, last = wanted.first_frame, wanted.last_frame_inclusive
    return first - info.first_frame, last - info.first_frame


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
