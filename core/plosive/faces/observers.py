# SPDX-License-Identifier: Apache-2.0
"""Everything that watches one face while its plate goes by, and what it adds to the track afterwards."""

from __future__ import annotations

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from plosive.colour.transfer import Transfer
from plosive.faces.light.observer import LightObserver
from plosive.faces.occlusion.observer import OcclusionObserver
from plosive.faces.people.appearance import AppearanceObserver
from plosive.faces.stable.registration import RegistrationObserver
from plosive.faces.stable.stabilise import stabilised
from plosive.faces.track import FaceTrack
from plosive.media.plate import PlateFrame

__all__ = ["FaceObservers", "finished"]

_MOST_AT_ONCE = 4


class FaceObservers:
    """One for each face key of a tracker, made when the face is first seen. Memory stays flat in length but
    for a few numbers a frame.
    """

    def __init__(self, transfer: Transfer) -> None:
        self._light = LightObserver(transfer)
        self._appearance = AppearanceObserver()
        self._occlusion = OcclusionObserver()
        self._registration = RegistrationObserver()

    def add(self, frame: PlateFrame, rgb: NDArray[np.uint8], landmarks: NDArray[np.float32]) -> None:
        """`frame` (rising), whose picture is `rgb` (H, W, 3) uint8, shows the face at `landmarks` (478, 3)
        pixels.
        """
        index = frame.index
        self._light.add(index, rgb, landmarks, frame)
        self._appearance.add(index, rgb, landmarks)
        self._occlusion.add(index, rgb, landmarks)
        self._registration.add(index, rgb, landmarks)

    def finish(self, track: FaceTrack) -> FaceTrack:
        """The track of this face, given as it was found, with steady landmarks and all that was observed."""
        # First of all: registration knows the landmarks as they were found, and the others gain by its own.
        track = stabilised(track, self._registration.finish(track))
        occlusion, landmarks = self._occlusion.finish(track)
        # Then this: what covers the face is none of its light, and under a hand landmarks go wrong.
        track = replace(track, occlusion=occlusion)
        if len(occlusion.rows):
            track = replace(track, landmarks=landmarks)
        return replace(track, light=self._light.finish(track), appearance=self._appearance.finish(track))


def finished(observers: Mapping[int, FaceObservers], tracks: Mapping[int, FaceTrack]) -> dict[int, FaceTrack]:
    """Each of `tracks`, by face key, with what its observers saw. Cores share the tracks."""
    most = min(_MOST_AT_ONCE, os.cpu_count() or 1)
    with ThreadPoolExecutor(most, thread_name_prefix="plosive-finishing") as pool:
        return dict(
            zip(tracks, pool.map(lambda key: observers[key].finish(tracks[key]), tracks), strict=True)
        )
