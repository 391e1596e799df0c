# SPDX-License-Identifier: Apache-2.0
"""Where a mouth can be synced, how far, and why not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plosive.faces.track import FaceTrack

__all__ = [
    "LEAST_FACE_WIDTH_PIXELS",
    "YAW_LIMIT_DEGREES",
    "Visibility",
    "kept_ranges",
    "mouth_visibility",
]

YAW_LIMIT_DEGREES = 45.0
LEAST_FACE_WIDTH_PIXELS = 24.0
_FADE_FRAMES = 4
_MOUTH_POINTS = [61, 291, 0, 17, 152, 172, 397]


@dataclass(frozen=True)
class Visibility:
    """Per plate frame: `blend` (T,) float32, 0 = plate, 1 = synced; `reasons` (T,), '' where synced."""

    blend: NDArray[np.float32]
    reasons: tuple[str, ...]


def mouth_visibility(track: FaceTrack, frame_count: int, refused: dict[int, str] | None = None) -> Visibility:
    """Judge every plate frame for one track.

    The face must be found, at least 24 pixels wide, turned less than 45 degrees sideways, with mouth and
    chin inside the picture, and the frame's index not in `refused` (index to reason). Before and after a
    stretch that fails, the blend fades over 4 frames so that nothing pops; at a shot's own start and end it
    does not.
    """
    reasons = ["no face"] * frame_count
    yaw = np.abs(track.head.angles_degrees()[:, 0])
    size = np.array([track.frame_width, track.frame_height], dtype=np.float32)
    mouth = track.landmarks[:, _MOUTH_POINTS, :2]
    inside = np.all((mouth >= 0) & (mouth < size), axis=(1, 2))
    for row, index in enumerate(track.indices.tolist()):
        if track.face_widths[row] < LEAST_FACE_WIDTH_PIXELS:
            reasons[index] = "face too small"
        elif yaw[row] > YAW_LIMIT_DEGREES:
            reasons[index] = "face turned away"
        elif not inside[row]:
            reasons[index] = "mouth outside the picture"
        else:
            reasons[index] = ""
    for index, reason in (refused or {}).items():
        reasons[index] = reason
    usable = np.array([reason == "" for reason in reasons])
    blend = usable.astype(np.float32)
    first, last = track.first_frame_index, track.last_frame_index_inclusive
    for index in np.flatnonzero(~usable[first : last + 1]) + first:
        for step in range(1, _FADE_FRAMES):
            for near in (index - step, index + step):
                if first <= near <= last:
                    blend[near] = min(float(blend[near]), step / _FADE_FRAMES)
    return Visibility(blend, tuple(reasons))


def kept_ranges(reasons: tuple[str, ...], first_frame: int) -> tuple[tuple[int, int, str], ...]:
    """Runs of frames with one reason, '' left out: (first frame, last frame inclusive, reason)."""
    ranges: list[tuple[int, int, str]] = []
    for index, reason in enumerate(reasons):
        number = first_frame + index
        if not reason:
            continue
        if ranges and ranges[-1][1] == number - 1 and ranges[-1][2] == reason:
            ranges[-1] = (ranges[-1][0], number, reason)
        else:
            ranges.append((number, number, reason))
    return tuple(ranges)
