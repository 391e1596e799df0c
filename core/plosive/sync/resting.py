# SPDX-License-Identifier: Apache-2.0
"""Frames that keep the plate where its own mouth rests: the dub pauses, and nothing is to be silenced."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from plosive.faces.measure import mouth_channels
from plosive.faces.track import FaceTrack
from plosive.media.plate import PlateInfo
from plosive.motion import MouthFootage
from plosive.motion.talking import talks
from plosive.sync.takes import footage_of

__all__ = ["RESTING", "resting_frames"]

RESTING = "the dub pauses and the mouth rests"
"""Why the plate is kept where a wish to keep it holds only for a mouth that rests."""

_LEAST_SECONDS = 1.0  # what is shorter, between speech of dub or plate, is not worth a change of picture


def resting_frames(
    track: FaceTrack,
    asked: Sequence[int],
    told: Sequence[str],
    info: PlateInfo,
    frame_times: Sequence[Fraction],
) -> dict[int, str]:
    """Of the frame indices `asked` those in which the mouth of `track` is seen and rests, with the reason.
    `told` says of each frame of the plate why it is kept anyway, '' where it is not: such frames, and those
    without the face, tell nothing of a mouth. Frames are left out where fewer than a second of them follow on
    each other.
    """
    footage = footage_of(track, frame_times, info.frame_rate)
    upright = mouth_channels(track.head.upright)
    is_talking = talks(MouthFootage(upright, footage.centre_seconds))
    wanted = frozenset(asked)
    least = _LEAST_SECONDS * float(info.frame_rate)
    runs: list[list[int]] = []
    for row in np.flatnonzero(~is_talking).tolist():
        index = int(track.indices[row])
        if index not in wanted or told[index]:
            continue
        if runs and runs[-1][-1] == index - 1:
            runs[-1].append(index)
        else:
            runs.append([index])
    return {index: RESTING for run in runs if len(run) >= least for index in run}
