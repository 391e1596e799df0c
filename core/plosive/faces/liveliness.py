# SPDX-License-Identifier: Apache-2.0
"""Whether a face moves by itself: paintings, posters, statues and photographs never blink or speak."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from plosive.faces.track import FaceTrack

__all__ = ["is_lifeless", "own_motion"]

LEAST_FRAMES = 150
"""Shorter tracks are never called lifeless: people listen for some seconds without a blink."""

_STILL_EYES, _STILL_MOUTH = 0.025, 0.06
_EYE_CORNERS = (33, 263)
_EYELIDS = ((159, 145), (386, 374))
_LIPS = (13, 14)
_SPIKE_FRAMES = 3


def own_motion(landmarks: NDArray[np.float32]) -> float:
    """How much eyelids or lips of landmarks (T, 478, 3) open and close; below 1 nothing tells life.

    The range of their openings over time in distances of the outer eye corners, with depth, so that neither
    turns of the head nor moves of the camera count; of 1 is the eyes' 0.025 or the lips' 0.06. Trials with
    11 photographs of faces that were panned, zoomed, tilted, shaken and made noisy (60 frames each): at most
    0.6. Speaking faces of 20 plates: at least 2.0 in 70 frames; a silent one (muse_yongen) 2.8 by a blink.
    One silent plate (muse_sun) does neither in 22 s and stays at 0.8: nobody can tell her from a picture.
    """
    eyes = _distances(landmarks, *_EYE_CORNERS)
    lids = np.mean([_distances(landmarks, *pair) for pair in _EYELIDS], axis=0) / eyes
    lips = _distances(landmarks, *_LIPS) / eyes
    return max(_range(lids) / _STILL_EYES, _range(lips) / _STILL_MOUTH)


def is_lifeless(track: FaceTrack) -> bool:
    """Whether a face seen for 150 frames or more never moved by itself.

    Use it to prefer others, not to refuse a face: a person may sit as still as a picture.
    """
    return len(track.indices) >= LEAST_FRAMES and own_motion(track.landmarks) < 1.0


def _distances(landmarks: NDArray[np.float32], one: int, other: int) -> NDArray[np.float64]:
    return np.asarray(np.linalg.norm(landmarks[:, one] - landmarks[:, other], axis=1), dtype=np.float64)


def _range(values: NDArray[np.float64]) -> float:
    """Highest less lowest value that lasts, spikes of a single frame left out."""
    from scipy.ndimage import median_filter

    lasting = median_filter(values, size=_SPIKE_FRAMES, mode="nearest")
    return float(lasting.max() - lasting.min())
