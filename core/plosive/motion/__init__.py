# SPDX-License-Identifier: Apache-2.0
"""What the mouth does: curves from phones, the rules that always hold, the actor's own range."""

from __future__ import annotations

from plosive.motion.actor import ActorRange, actor_range
from plosive.motion.build import motion_curves
from plosive.motion.curves import ARTICULATORS, CHANNELS, MotionCurves
from plosive.motion.files.storage import MOTION_SUFFIXES, load_motion, save_motion
from plosive.motion.fitting import ActorMotion, fit_to_range
from plosive.motion.footage import MouthFootage
from plosive.motion.resampling import closed_frames, with_gains
from plosive.motion.track import CurvesFrom, MotionTrack, frame_centres

__all__ = [
    "ARTICULATORS",
    "CHANNELS",
    "MOTION_SUFFIXES",
    "ActorMotion",
    "ActorRange",
    "CurvesFrom",
    "MotionCurves",
    "MotionTrack",
    "MouthFootage",
    "actor_range",
    "closed_frames",
    "fit_to_range",
    "frame_centres",
    "load_motion",
    "motion_curves",
    "save_motion",
    "with_gains",
]
