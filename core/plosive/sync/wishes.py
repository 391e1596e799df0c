# SPDX-License-Identifier: Apache-2.0
"""From mouth curves of the dub to what one face should do: the actor's own range, and the wished strength."""

from __future__ import annotations

import numpy as np

from plosive.faces.measure import mouth_channels
from plosive.faces.track import FaceTrack
from plosive.generate.protocol import MouthWish
from plosive.motion import MotionCurves, MouthFootage, actor_range, fit_to_range
from plosive.motion.articulation import articulated
from plosive.motion.interior import interior_beyond_shape
from plosive.sync.known_actor import KnownActor
from plosive.sync.sampling import in_dub_order
from plosive.sync.style import Style

__all__ = ["mouth_wish"]


def mouth_wish(
    track: FaceTrack,
    curves: MotionCurves,
    style: Style,
    actor: KnownActor | None = None,
    unedited: MotionCurves | None = None,
) -> MouthWish:
    """What the mouth of `track` should do, one row per frame it is seen in.

    `curves` and `style` have one row per output frame. Where strength is 1 it is the dub's mouth, where 0 the
    actor's own motion. Without `actor` only the range that `track` itself shows is known.
    `unedited` is what the rules made of the sounds where an artist drew `curves`.
    """
    own = mouth_channels(track.head.upright)
    rows = track.indices
    interior = interior_beyond_shape(curves)[rows]
    order = in_dub_order(curves)
    if order is not None:  # played backwards: what limits motion goes by the dub's time
        back = np.argsort(order)
        rows = back[rows]
        curves, style = curves.taken(order), style.taken(order)
        actor = None if actor is None else actor.taken(order)
        unedited = None if unedited is None else unedited.taken(order)
    if actor is None:
        seconds = np.array([float(curves.centre_seconds[row]) for row in rows.tolist()])
        own_range = actor_range([MouthFootage(own, seconds)])
    else:
        own_range = actor.range
    motion = fit_to_range(
        curves,
        own_range,
        jaw_gain=style.jaw,
        lip_gain=style.lip,
        width_offset=0.0 if actor is None else actor.width_offset,
        correction=None if actor is None else actor.correction,
        unedited=unedited,
    )
    motion = articulated(motion, own_range, style.articulation, curves.centre_seconds)
    strength = style.strength[rows].astype(np.float32)
    stays = (1 - style.strength[rows]).astype(np.float32)
    values = strength[:, None] * motion.values[rows] + stays[:, None] * own
    return MouthWish(
        values=values.astype(np.float32),
        closure=(motion.closure[rows] * strength).astype(np.float32),
        tuck=(motion.tuck[rows] * strength).astype(np.float32),
        rest=(motion.rest[rows] * strength).astype(np.float32),
        articulators=(curves.articulators[rows] * strength[:, None]).astype(np.float32),
        interior=interior * strength[:, None],
    )
