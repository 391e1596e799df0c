# SPDX-License-Identifier: Apache-2.0
"""What the mouth does: curves from phones, the rules that always hold, the actor's own range."""

from __future__ import annotations

from plosive.motion.actor import ActorMotion, fit_to_range
from plosive.motion.build import motion_curves
from plosive.motion.curves import ARTICULATORS, CHANNELS, MotionCurves
from plosive.motion.storage import load_motion, save_motion

__all__ = [
    "ARTICULATORS",
    "CHANNELS",
    "ActorMotion",
    "MotionCurves",
    "fit_to_range",
    "load_motion",
    "motion_curves",
    "save_motion",
]
