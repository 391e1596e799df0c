# SPDX-License-Identifier: Apache-2.0
"""Where a mouth can be synced, how far, and why not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plosive.faces.occlusion.cover import HIDDEN_SHARE
from plosive.faces.pose import YAW_LIMIT_DEGREES, PoseZone, pose_zones
from plosive.faces.track import FaceTrack

__all__ = ["Visibility", "kept_ranges", "mouth_inside", "mouth_reasons", "mouth_visibility"]

_LEAST_FACE_WIDTH_PIXELS = 24.0
_FADE_FRAMES = 4
_MOUTH_POINTS = [61, 291, 0, 17, 152, 172, 397]


@dataclass(frozen=True)
class Visibility:
    """Per plate frame: `blend` (T,) float32, 0 = plate, 1 = synced; `reasons` (T,), '' where synced."""

    blend: NDArray[np.float32]
    reasons: tuple[str, ...]


def mouth_visibility(track: FaceTrack, frame_count: int, refused: dict[int, str] | None = None) -> Visibility:
    """Judge every plate frame for one track.

    The face must be found, at least 24 pixels wide, not turned away (`faces.pose`), with mouth and chin
    inside the picture, the lips not hidden by more than 85 %, and the frame's index not in `refused` (index
    to reason). Before and after a stretch that fails, the blend fades over 4 frames so that nothing pops; at
    a shot's own start and end it does not.
    """
    reasons = ["no face"] * frame_count
    inside = mouth_inside(track.landmarks, track.frame_width, track.frame_height)
    angles = track.head.angles_degrees()
    told = mouth_reasons(track.face_widths, angles[:, 0], inside)
    for row, zone in enumerate(pose_zones(angles)):
        if zone is PoseZone.AWAY:
            told[row] = told[row] or "face turned away"
    if track.occlusion is not None:
        for row in np.flatnonzero(track.occlusion.mouth_share > HIDDEN_SHARE).tolist():
            told[row] = told[row] or "mouth hidden"
    for index, reason in zip(track.indices.tolist(), told, strict=True):
        reasons[index] = reason
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


def mouth_inside(landmarks: NDArray[np.float32], width: int, height: int) -> NDArray[np.bool_]:
    """Whether mouth and chin of landmarks (T, 478, 3) pixels lie in a picture of that size: (T,)."""
    mouth = landmarks[:, _MOUTH_POINTS, :2]
    return np.asarray(np.all((mouth >= 0) & (mouth < np.array([width, height])), axis=(1, 2)))


def mouth_reasons(
    face_widths: NDArray[np.float32], yaw_degrees: NDArray[np.float32], inside: NDArray[np.bool_]
) -> list[str]:
    """Why the mouth in each frame (T,) cannot be used, '' where it can; see `mouth_visibility`."""
    reasons = []
    for width, yaw, is_inside in zip(
        face_widths.tolist(), np.abs(yaw_degrees).tolist(), inside.tolist(), strict=True
    ):
        if width < _LEAST_FACE_WIDTH_PIXELS:
            reasons.append("face too small")
        elif yaw > YAW_LIMIT_DEGREES:
            reasons.append("face turned away")
        else:
            reasons.append("" if is_inside else "mouth outside the picture")
    return reasons


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
