# SPDX-License-Identifier: Apache-2.0
"""How far a head is turned, and what that means for its new mouth.

| zone | sideways | what is done |
|---|---|---|
| frontal | up to 15 degrees | the mouth is made from any source of the shot |
| turned | 15 to 30 | sources turned otherwise cost more; the mouth stops short of the far cheek's edge |
| three-quarter | 30 to 45 | as turned; sources turned about as far are taken wherever there are any |
| away | beyond 45, or 40 up or down | the plate is kept, faded to over 4 frames, and the range is reported |

A head that was away counts so until it is back within 42 degrees, so that nothing flickers at the limit.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

import numpy as np
from numpy.typing import NDArray

__all__ = ["PITCH_LIMIT_DEGREES", "YAW_LIMIT_DEGREES", "PoseZone", "pose_zones", "turnedness", "zone_ranges"]

YAW_LIMIT_DEGREES = 45.0
PITCH_LIMIT_DEGREES = 40.0
_BACK_DEGREES = 3.0
_TURNED_DEGREES, _THREE_QUARTER_DEGREES = 15.0, 30.0
_FULLY_TURNED_DEGREES = 25.0


class PoseZone(Enum):
    """See the table of this module."""

    FRONTAL = "frontal"
    TURNED = "turned"
    THREE_QUARTER = "three-quarter"
    AWAY = "away"


def pose_zones(angles_degrees: NDArray[np.float32]) -> tuple[PoseZone, ...]:
    """The zone of each frame; angles (T, 3) yaw, pitch, roll of consecutive frames of one track."""
    zones: list[PoseZone] = []
    is_away = False
    for yaw, pitch in np.abs(angles_degrees[:, :2]).tolist():
        back = _BACK_DEGREES if is_away else 0.0
        is_away = yaw > YAW_LIMIT_DEGREES - back or pitch > PITCH_LIMIT_DEGREES - back
        if is_away:
            zones.append(PoseZone.AWAY)
        elif yaw > _THREE_QUARTER_DEGREES:
            zones.append(PoseZone.THREE_QUARTER)
        else:
            zones.append(PoseZone.TURNED if yaw > _TURNED_DEGREES else PoseZone.FRONTAL)
    return tuple(zones)


def turnedness(yaw_degrees: float) -> float:
    """How far the far cheek's edge has to be minded: 0 up to 15 degrees sideways, 1 from 25 on."""
    share = (abs(yaw_degrees) - _TURNED_DEGREES) / (_FULLY_TURNED_DEGREES - _TURNED_DEGREES)
    return float(np.clip(share, 0.0, 1.0))


def zone_ranges(
    zones: Sequence[PoseZone], indices: NDArray[np.int64], first_frame: int
) -> tuple[tuple[int, int, PoseZone], ...]:
    """Runs of frames in one zone: (first frame, last frame inclusive, zone); `indices` (T,) of the frames."""
    ranges: list[tuple[int, int, PoseZone]] = []
    for index, zone in zip(indices.tolist(), zones, strict=True):
        number = first_frame + index
        if ranges and ranges[-1][1] == number - 1 and ranges[-1][2] == zone:
            ranges[-1] = (ranges[-1][0], number, zone)
        else:
            ranges.append((number, number, zone))
    return tuple(ranges)
