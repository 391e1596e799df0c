# SPDX-License-Identifier: Apache-2.0
"""From mouth curves of the dub to what one face should do: the actor's own range, and the wished strength."""

from __future__ import annotations

import numpy as np

from plosive.faces.measure import mouth_channels
from plosive.faces.track import FaceTrack
from plosive.generate.protocol import MouthWish
from plosive.motion import MotionCurves, MouthFootage, actor_range, fit_to_range
from plosive.motion.articulation import articulated
from plosive.sync.style import Style

__all__ = ["mouth_wish"]


def mouth_wish(track: FaceTrack, curves: MotionCurves, style: Style) -> MouthWish:
    """What the mouth of `track` should do, one row per frame it is seen in.

    `curves` and `style` have one row per output frame. Where strength is 1 it is the dub's mouth, where 0 the
    actor's own motion.
    """
    own = mouth_channels(track.head.upright)
    rows = track.indices
    seconds = np.array([float(curves.centre_seconds[row]) for row in rows.tolist()])
    actor = actor_range([MouthFootage(own, seconds)])
    motion = fit_to_range(curves, actor, jaw_gain=style.jaw, lip_gain=style.lip)
    motion = articulated(motion, actor, style.articulation, curves.centre_seconds)
    strength = style.strength[rows].astype(np.float32)
    stays = (1 - style.strength[rows]).astype(np.float32)
    values = strength[:, None] * motion.values[rows] + stays[:, None] * own
    return MouthWish(
        values=values.astype(np.float32),
        closure=(motion.closure[rows] * strength).astype(np.float32),
        tuck=(motion.tuck[rows] * strength).astype(np.float32),
        rest=(motion.rest[rows] * strength).astype(np.float32),
    )
