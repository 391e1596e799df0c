# SPDX-License-Identifier: Apache-2.0
"""From mouth curves of the dub to what one face should do: the actor's own range, and the wished strength."""

from __future__ import annotations

import numpy as np

from plosive.faces.measure import mouth_channels
from plosive.faces.track import FaceTrack
from plosive.generate.protocol import MouthWish
from plosive.motion import MotionCurves, MouthFootage, actor_range, fit_to_range

__all__ = ["mouth_wish"]


def mouth_wish(track: FaceTrack, curves: MotionCurves, strength: float) -> MouthWish:
    """What the mouth of `track` should do, one row per frame it is seen in.

    `curves` has one row per output frame. `strength` 1 is the dub's mouth, 0 the actor's own motion.
    """
    own = mouth_channels(track.head.upright)
    rows = track.indices
    seconds = np.array([float(curves.centre_seconds[row]) for row in rows.tolist()])
    motion = fit_to_range(curves, actor_range([MouthFootage(own, seconds)]))
    values = strength * motion.values[rows] + (1 - strength) * own
    return MouthWish(
        values=values.astype(np.float32),
        closure=(motion.closure[rows] * strength).astype(np.float32),
        tuck=(motion.tuck[rows] * strength).astype(np.float32),
        rest=(motion.rest[rows] * strength).astype(np.float32),
    )
