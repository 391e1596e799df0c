# SPDX-License-Identifier: Apache-2.0
"""What a sound shows between the lips beyond what their shape tells: teeth for s, dark for ah."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from plosive.motion.curves import MotionCurves

__all__ = ["INTERIOR", "interior_beyond_shape"]

INTERIOR = ("upper_teeth", "lower_teeth", "dark")
"""Names in the order of the columns of `interior_beyond_shape`."""

_USUAL = 0.65  # what speech shows on average by the rule below, about
_MOST = 1.2


def interior_beyond_shape(curves: MotionCurves) -> NDArray[np.float32]:
    """Upper teeth, lower teeth and dark (T, 3), by how many of an actor's own standard deviations they
    differ from what mouths of that shape usually show.

    A rule of phonetics, nothing fitted: a hiss brings the rows of teeth together, pushed-out lips cover them;
    lips that part or spread more than the jaw drops bare teeth, a jaw that drops more leaves the dark
    between the rows. Against the pictures of eight plates with their own sound (80 open frames or more) it
    agrees at r 0.40, 0.44 and 0.44; numbers fitted to plates reached 0.41 to 0.47 on plates left out. No
    sound tells tongue (r 0.06), so nothing is asked of it.
    """
    bared = curves.channel("teeth") - 0.25 * curves.channel("protrusion")
    parted = 0.5 * (curves.channel("aperture") + curves.channel("width")) - curves.channel("jaw")
    teeth = bared + parted - _USUAL
    told = np.stack([teeth, teeth, -teeth], axis=1)
    hidden = np.maximum(curves.closure, curves.rest)[:, None]
    return np.asarray(np.clip(told, -_MOST, _MOST) * (1 - hidden), dtype=np.float32)
