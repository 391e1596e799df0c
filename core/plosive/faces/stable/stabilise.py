# SPDX-License-Identifier: Apache-2.0
"""A track's landmarks made steady: tied to the picture by its registration, then smoothed pose-free."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from plosive.faces.head import fit_head
from plosive.faces.stable.patch import moved
from plosive.faces.stable.registration import Registration
from plosive.faces.stable.smoothing import smoothed
from plosive.faces.track import FaceTrack

__all__ = ["stabilised", "steady_landmarks"]


def stabilised(track: FaceTrack, registration: Registration) -> FaceTrack:
    """`track` with steady landmarks; `registration` has its rows."""
    return replace(track, landmarks=steady_landmarks(track.landmarks, track.indices, registration))


def steady_landmarks(
    landmarks: NDArray[np.float32], indices: NDArray[np.int64], registration: Registration
) -> NDArray[np.float32]:
    """Raw landmarks (T, 478, 3) pixels of plate frames `indices` (T,), made steady: the same shape.

    The head's pose is what the picture shows; the face is seen from it without pose, smoothed there, and put
    back. Slow errors of the pose cancel, so landmarks stay where they were but for their noise.
    """
    head = fit_head(landmarks, registration.shape)
    still = moved(head.upright, registration.motions, inverse=True)
    return head.picture(moved(smoothed(still, indices), registration.motions))
