# SPDX-License-Identifier: Apache-2.0
"""Faces followed through a plate in one pass: detected, linked from frame to frame, cut at shots."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from plosive.faces.finding.cuts import CutDetector
from plosive.faces.finding.detector import FaceDetector
from plosive.faces.measure import width_of_face
from plosive.faces.track import FaceTrack

__all__ = ["FaceTracker", "SeenFace"]

_LINK_DISTANCE_FACES = 0.5
_LONGEST_GAP_FRAMES = 12


@dataclass(frozen=True)
class SeenFace:
    """One face in the frame just shown: the track it belongs to (a key, not yet a number) and its shot."""

    key: int
    shot: int
    landmarks: NDArray[np.float32]


@dataclass
class _OpenTrack:
    key: int
    shot: int
    indices: list[int] = field(default_factory=list)
    landmarks: list[NDArray[np.float32]] = field(default_factory=list)


class FaceTracker:
    """Feed it every frame in order with `see`, then ask for `tracks`. Use as a context manager.

    A face belongs to the track whose nose it is nearest, if within half a face width; a shot cut ends all
    tracks. Faces lost for up to 12 frames (a hand, a turn) are taken up again. With `keep_landmarks` False
    it remembers only where each face was last, whatever the length of the clip, and has no `tracks`.
    """

    def __init__(self, detector: FaceDetector | None = None, *, keep_landmarks: bool = True) -> None:
        self._detector = detector or FaceDetector()
        self._keep_landmarks = keep_landmarks
        self._cuts = CutDetector()
        self._open: list[_OpenTrack] = []
        self._closed: list[_OpenTrack] = []
        self._shot = 0
        self._next_key = 0
        self._size = (0, 0)
        self.cut_indices: list[int] = []

    def __enter__(self) -> FaceTracker:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._detector.__exit__(kind, error, trace)

    def see(self, index: int, rgb: NDArray[np.uint8]) -> list[SeenFace]:
        """Track frame `index` (rising), picture (H, W, 3) uint8; returns the faces in it."""
        self._size = (rgb.shape[1], rgb.shape[0])
        if self._cuts.is_cut(rgb):
            self._detector.reset()
            self._closed += self._open
            self._open = []
            self._shot += 1
            self.cut_indices.append(index)
        found = self._detector.find(rgb)
        return [SeenFace(self._link(index, face), self._shot, face) for face in _distinct(found)]

    def _link(self, index: int, face: NDArray[np.float32]) -> int:
        still_open = [track for track in self._open if index - track.indices[-1] <= _LONGEST_GAP_FRAMES]
        self._closed += [track for track in self._open if index - track.indices[-1] > _LONGEST_GAP_FRAMES]
        self._open = still_open
        free = [track for track in self._open if track.indices[-1] != index]
        reach = _LINK_DISTANCE_FACES * float(width_of_face(face))
        distances = [float(np.linalg.norm(track.landmarks[-1][1, :2] - face[1, :2])) for track in free]
        if distances and min(distances) <= reach * (index - free[int(np.argmin(distances))].indices[-1]):
            track = free[int(np.argmin(distances))]
        else:
            track = _OpenTrack(self._next_key, self._shot)
            self._next_key += 1
            self._open.append(track)
        if not self._keep_landmarks:
            track.indices.clear()
            track.landmarks.clear()
        track.indices.append(index)
        track.landmarks.append(face)
        return track.key

    def tracks(self) -> dict[int, FaceTrack]:
        """All tracks by key, numbered from 1 by prominence."""
        if not self._keep_landmarks:
            raise ValueError("a tracker that keeps no landmarks has no tracks")
        width, height = self._size
        made = {
            track.key: FaceTrack(
                number=0,
                shot=track.shot,
                indices=np.array(track.indices, dtype=np.int64),
                landmarks=np.stack(track.landmarks),
                frame_width=width,
                frame_height=height,
            )
            for track in sorted(self._closed + self._open, key=lambda track: track.key)
        }
        ranked = sorted(made, key=lambda key: (-made[key].prominence, key))
        return {key: replace(made[key], number=place) for place, key in enumerate(ranked, start=1)}


def _distinct(faces: list[NDArray[np.float32]]) -> list[NDArray[np.float32]]:
    """MediaPipe sometimes reports one face twice; keep the first of those that share a nose."""
    kept: list[NDArray[np.float32]] = []
    for face in faces:
        reach = 0.3 * float(width_of_face(face[:, :2]))
        if all(np.linalg.norm(other[1, :2] - face[1, :2]) > reach for other in kept):
            kept.append(face)
    return kept
