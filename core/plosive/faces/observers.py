# SPDX-License-Identifier: Apache-2.0
"""Everything that watches one face while its plate goes by, and what it adds to the track afterwards."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from plosive.colour.transfer import Transfer
from plosive.faces.light.observer import LightObserver
from plosive.faces.people.appearance import AppearanceObserver
from plosive.faces.track import FaceTrack
from plosive.media.plate import PlateFrame

__all__ = ["FaceObservers"]


class FaceObservers:
    """One for each face key of a tracker, made when the face is first seen. Memory stays flat in length but
    for a few numbers a frame.
    """

    def __init__(self, transfer: Transfer) -> None:
        self._light = LightObserver(transfer)
        self._appearance = AppearanceObserver()

    def add(self, frame: PlateFrame, rgb: NDArray[np.uint8], landmarks: NDArray[np.float32]) -> None:
        """`frame` (rising), whose picture is `rgb` (H, W, 3) uint8, shows the face at `landmarks` (478, 3)
        pixels.
        """
        index = frame.index
        self._light.add(index, rgb, landmarks, frame)
        self._appearance.add(index, rgb, landmarks)

    def finish(self, track: FaceTrack) -> FaceTrack:
        """The track of this face with all that was observed."""
        return replace(track, light=self._light.finish(track), appearance=self._appearance.finish(track))
