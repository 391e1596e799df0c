# SPDX-License-Identifier: Apache-2.0
"""Measures of a mouth from MediaPipe landmarks, in units that do not change with size or turning.

Vertical measures are divided by face height (nose root 168 to nose base 2), width by the distance
between the outer eye corners: under yaw up to 30 degrees each stays within 3 %. The jaw is measured in a
rigid fit of the upper face, because nodding would read as speech.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from plosive.faces.head import HeadFit, fit_head

__all__ = [
    "CLOSED_APERTURE_IOD",
    "INNER_LIP_PAIRS",
    "aperture_iod",
    "inter_ocular",
    "mouth_channels",
    "width_of_face",
]

INNER_LIP_PAIRS = np.array(
    [(13, 14), (312, 317), (82, 87), (311, 402), (81, 178), (310, 318), (80, 88), (415, 324), (191, 95)]
)
"""Upper and lower inner-lip landmarks that meet when the mouth closes, middle pair first."""

CLOSED_APERTURE_IOD = 0.02
"""Lips count as closed below this gap (in inter-ocular distances): sealed mouths read about 0.001."""


def width_of_face(points: NDArray[np.float32]) -> NDArray[np.float32]:
    """Distance of the cheek edges (234 to 454), points (..., 478, 2 or 3) -> (...): with depth where it is
    given, so that it stays under yaw. Pixels in, pixels out.
    """
    across = points[..., 234, :] - points[..., 454, :]
    return np.asarray(np.linalg.norm(across, axis=-1), dtype=np.float32)


def inter_ocular(landmarks: NDArray[np.float32]) -> NDArray[np.float32]:
    """Distance of the outer eye corners in the picture plane: (T, 478, 3) pixels -> (T,) pixels."""
    corners = landmarks[:, 33, :2] - landmarks[:, 263, :2]
    return np.asarray(np.linalg.norm(corners, axis=-1), dtype=np.float32)


def aperture_iod(landmarks: NDArray[np.float32]) -> NDArray[np.float32]:
    """Gap of the inner lips, mean of the three middle pairs, over inter-ocular distance: (T,)."""
    upper, lower = INNER_LIP_PAIRS[:3, 0], INNER_LIP_PAIRS[:3, 1]
    gap = np.linalg.norm(landmarks[:, upper, :2] - landmarks[:, lower, :2], axis=-1).mean(axis=1)
    return np.asarray(gap / inter_ocular(landmarks), dtype=np.float32)


def mouth_channels(landmarks: NDArray[np.float32], head: HeadFit | None = None) -> NDArray[np.float32]:
    """The measured curves of `plosive.motion.CHANNELS`: (T, 478, 3) pixels -> (T, 5) float32.

    aperture, outer_height: over face height; width: over inter-ocular distance; jaw: chin below nose base in
    the rigid fit (`head`, made here where it is not given); rounding: outer height over width. No channel is
    normalised to the actor's range.
    """
    height = np.linalg.norm(landmarks[:, 168, :2] - landmarks[:, 2, :2], axis=-1)
    iod = inter_ocular(landmarks)
    aperture = aperture_iod(landmarks) * iod / height
    width = np.linalg.norm(landmarks[:, 61, :2] - landmarks[:, 291, :2], axis=-1) / iod
    outer = np.linalg.norm(landmarks[:, 0, :2] - landmarks[:, 17, :2], axis=-1) / height
    fitted = (fit_head(landmarks) if head is None else head).upright
    jaw = fitted[:, 152, 1] - fitted[:, 2, 1]
    return np.stack([aperture, width, jaw, outer, outer / width], axis=1, dtype=np.float32)
