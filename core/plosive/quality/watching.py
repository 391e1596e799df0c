# SPDX-License-Identifier: Apache-2.0
"""One pass over a clip's pictures: every face followed and measured."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plosive.faces.finding.tracker import FaceTracker, SeenFace
from plosive.faces.measure import width_of_face
from plosive.faces.people.appearance import Appearance, AppearanceObserver
from plosive.faces.threads import single_products
from plosive.media.plate import PlateFrame
from plosive.quality.observation import FaceObservation, FaceRecorder

__all__ = ["FaceWatcher", "WatchedFrame", "nearest_face"]

_SAME_FACE_FACES = 0.5


@dataclass(frozen=True)
class WatchedFrame:
    """A frame with its picture (H, W, 3) uint8 and the faces found in it."""

    frame: PlateFrame
    rgb: NDArray[np.uint8]
    faces: tuple[SeenFace, ...]


class FaceWatcher:
    """Feed it the frames of one clip through `watch`; afterwards `observations` has every face.

    `tells_people`: it also keeps how each looked, for `appearances`.
    """

    def __init__(self, *, tells_people: bool = False) -> None:
        self._tells_people = tells_people
        self._recorders: dict[int, FaceRecorder] = {}
        self._looks: dict[int, AppearanceObserver] = {}
        self.darkest_to_brightest = (255, 0)

    def watch(self, frames: Iterable[PlateFrame]) -> Iterator[WatchedFrame]:
        """Measure each frame as it goes by."""
        with single_products(), FaceTracker(keep_landmarks=False) as tracker:
            for frame in frames:
                rgb = frame.rgb8()
                faces = tuple(tracker.see(frame.index, rgb))
                for face in faces:
                    recorder = self._recorders.get(face.key)
                    if recorder is None:
                        recorder = FaceRecorder(face.shot, frame.width, frame.height)
                        self._recorders[face.key] = recorder
                    recorder.add(frame.index, rgb, face.landmarks)
                    if self._tells_people:
                        look = self._looks.setdefault(face.key, AppearanceObserver())
                        look.add(frame.index, rgb, face.landmarks)
                lowest, highest = self.darkest_to_brightest
                coarse = rgb[::8, ::8]
                self.darkest_to_brightest = (min(lowest, int(coarse.min())), max(highest, int(coarse.max())))
                yield WatchedFrame(frame, rgb, faces)

    def observations(self) -> dict[int, FaceObservation]:
        """Every face by its key, in the order they appeared."""
        return {key: recorder.observation() for key, recorder in sorted(self._recorders.items())}

    def appearances(self) -> dict[int, Appearance]:
        """How each of them looked, to tell who it is."""
        return {key: look.finish() for key, look in sorted(self._looks.items())}


def nearest_face(faces: Sequence[SeenFace], landmarks: NDArray[np.float32]) -> SeenFace | None:
    """The one of `faces` whose nose is nearest to that of `landmarks` (478, 3), within half a face width."""
    reach = _SAME_FACE_FACES * float(width_of_face(landmarks))
    away = [float(np.linalg.norm(face.landmarks[1, :2] - landmarks[1, :2])) for face in faces]
    return faces[int(np.argmin(away))] if away and min(away) <= reach else None
