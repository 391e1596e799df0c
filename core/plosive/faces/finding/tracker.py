# SPDX-License-Identifier: Apache-2.0
"""Faces followed through a plate in one pass: found, fitted, linked from frame to frame, cut at shots."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from plosive.faces.finding.cuts import CutDetector
from plosive.faces.finding.detector import BoxDetector, FoundBox
from plosive.faces.finding.followed import LONGEST_GAP_FRAMES, FittedFace, FollowedFace
from plosive.faces.finding.landmarker import Landmarker
from plosive.faces.finding.likeness import is_face, is_still_face
from plosive.faces.finding.look import agreement, face_look
from plosive.faces.finding.region import FaceRegion
from plosive.faces.finding.tiles import TileSchedule
from plosive.faces.track import FaceTrack

__all__ = ["FaceTracker", "SeenFace"]

_ONE_FACE = 0.45
"""Faces whose middles are nearer than this share of a width are one face."""
_COVERING_FACES = 1.0
_COVERED_AGREEMENT = 0.5
_LEAP_FACES = 0.06


@dataclass(frozen=True)
class SeenFace:
    """One face in the frame just shown: the track it belongs to (a key, not yet a number) and its shot."""

    key: int
    shot: int
    landmarks: NDArray[np.float32]


class FaceTracker:
    """Feed it every frame in order with `see`, then ask for `tracks`. Use as a context manager.

    A followed face is fitted where it should be; the rest of the picture is searched for others tile by tile
    (`TileSchedule`). It is lost rather than let jump on to somebody else, and taken up again within 12
    frames where place, size and look agree. Of two tracks on one face the one that looks like it stays. A
    shot cut ends all tracks; a flash or black frames do not. A picture that changes a little at once is a cut
    where the faces leap with it (one take shortened), but not where the camera moved. With `keep_landmarks`
    False it remembers only where each face was last, whatever the length of the clip, and has no `tracks`.
    """

    def __init__(
        self,
        detector: BoxDetector | None = None,
        landmarker: Landmarker | None = None,
        *,
        keep_landmarks: bool = True,
    ) -> None:
        self._detector = detector or BoxDetector()
        self._landmarker = landmarker or Landmarker()
        self._keep_landmarks = keep_landmarks
        self._cuts = CutDetector()
        self._schedule: TileSchedule | None = None
        self._faces: list[FollowedFace] = []
        self._ended: list[FollowedFace] = []
        self._next_key = 0
        self._shot = -1
        self._size = (0, 0)
        self._starts: dict[int, int] = {}

    def __enter__(self) -> FaceTracker:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._detector.close()
        self._landmarker.close()

    def see(self, index: int, rgb: NDArray[np.uint8]) -> list[SeenFace]:
        """Track frame `index` (rising), picture (H, W, 3) uint8; returns the faces in it."""
        begins = self._enter_shot(index, rgb)
        self._end_the_lost(index)
        return self._look(index, rgb, begins)

    def _look(self, index: int, rgb: NDArray[np.uint8], begins: bool) -> list[SeenFace]:
        """Follow the faces of the shot that is on, and find new ones."""
        here = [face for face in self._faces if face.shot == self._shot]
        steady = [face for face in here if face.last_index == index - 1]
        lost = [face for face in here if face.last_index != index - 1]
        assert self._schedule is not None
        tiles = self._schedule.begin() if begins else self._schedule.next(lonely=not steady)
        self._detector.ask(rgb, [*tiles, *(face.tile(index) for face in lost)])
        self._landmarker.ask(rgb, [face.expected(index) for face in steady])
        fits = self._landmarker.answers()
        boxes = self._detector.answers()
        followed: dict[int, FittedFace] = {}
        for face, fit in zip(steady, fits, strict=True):
            if fit is None or not is_still_face(fit):
                continue
            fitted = _fitted(rgb, fit)
            if face.recognises(index, fitted):
                followed[face.key] = fitted
        if not begins and self._cuts.is_doubtful and self._is_jump(index, steady, followed):
            self._shot = self._cuts.cut_here()
            self._starts[self._shot] = index
            return self._look(index, rgb, begins=True)
        _part(index, steady, followed)
        just_lost = [face for face in steady if face.key not in followed]
        if just_lost:
            boxes += self._detector.find(rgb, [face.tile(index) for face in just_lost])
        found = self._new_faces(rgb, boxes, list(followed.values()))
        if begins and not found:
            found = self._new_faces(rgb, self._detector.find(rgb, self._schedule.turned()), [])
        for face, fitted in _taken_up(index, lost + just_lost, found):
            followed[face.key] = fitted
        for face in here:
            if face.key in followed:
                face.accept(index, followed[face.key], self._keep_landmarks)
        taken = {id(fitted) for fitted in followed.values()}
        seen = [
            SeenFace(face.key, face.shot, followed[face.key].landmarks)
            for face in here
            if face.key in followed
        ]
        return seen + [self._begin_track(index, fitted) for fitted in found if id(fitted) not in taken]

    def tracks(self) -> dict[int, FaceTrack]:
        """All tracks by key, numbered from 1 by prominence."""
        if not self._keep_landmarks:
            raise ValueError("a tracker that keeps no landmarks has no tracks")
        width, height = self._size
        made = {
            face.key: FaceTrack(
                number=0,
                shot=face.shot,
                indices=np.array(face.indices, dtype=np.int64),
                landmarks=np.stack(face.landmarks),
                frame_width=width,
                frame_height=height,
            )
            for face in sorted(self._ended + self._faces, key=lambda face: face.key)
        }
        ranked = sorted(made, key=lambda key: (-made[key].prominence, key))
        return {key: replace(made[key], number=place) for place, key in enumerate(ranked, start=1)}

    @property
    def cut_indices(self) -> list[int]:
        """Frames that begin a new shot, so far; a flash that is over is none."""
        return sorted(self._starts.values())

    def _enter_shot(self, index: int, rgb: NDArray[np.uint8]) -> bool:
        """Note which shot the frame belongs to; whether everything must be searched."""
        height, width = rgb.shape[:2]
        if (width, height) != self._size:
            self._size = (width, height)
            self._schedule = TileSchedule(width, height)
        before, self._shot = self._shot, self._cuts.see(rgb)
        if before < 0:
            return True
        if self._shot > before:
            self._starts[self._shot] = index
        elif self._shot < before:  # a flash is over: the shot it interrupted goes on
            self._starts = {shot: start for shot, start in self._starts.items() if shot <= self._shot}
        return self._shot > before

    def _is_jump(self, index: int, steady: Sequence[FollowedFace], followed: dict[int, FittedFace]) -> bool:
        """Whether faces leapt, and not with the camera: some frames between are missing."""
        camera = np.array(self._cuts.camera_step()) * max(self._size)
        leaps = []
        for face in steady:
            if face.key in followed:
                expected, region = face.expected(index), followed[face.key].region
                step = np.array([region.x - expected.x, region.y - expected.y])
                leaps.append(min(np.linalg.norm(step), np.linalg.norm(step - camera)) / region.face_width)
        return bool(leaps) and float(np.median(leaps)) >= _LEAP_FACES

    def _end_the_lost(self, index: int) -> None:
        ended = [face for face in self._faces if index - face.last_index > LONGEST_GAP_FRAMES]
        self._faces = [face for face in self._faces if index - face.last_index <= LONGEST_GAP_FRAMES]
        if self._keep_landmarks:
            self._ended += ended

    def _new_faces(
        self, rgb: NDArray[np.uint8], boxes: Sequence[FoundBox], known: Sequence[FittedFace]
    ) -> list[FittedFace]:
        """Faces in `boxes` that the landmark model agrees to, without those already known."""
        taken = [face.region for face in known]
        asked = [box for box in boxes if not _on_one_of(box.region, taken)]
        if not asked:
            return []
        regions = [box.region for box in asked]
        for _ in range(2):  # fitted twice, as the first region is only that of a box
            fits = self._landmarker.fit(rgb, regions)
            there = [
                (box, fit)
                for box, fit in zip(asked, fits, strict=True)
                if fit is not None and _is_there(box.region, fit)
            ]
            asked, regions = [box for box, _ in there], [FaceRegion.around(fit) for _, fit in there]
        found: list[FittedFace] = []
        for box, fit in there:
            face = _fitted(rgb, fit)
            if not _on_one_of(face.region, taken) and is_face(box, fit):
                taken.append(face.region)
                found.append(face)
        return found

    def _begin_track(self, index: int, fitted: FittedFace) -> SeenFace:
        face = FollowedFace(self._next_key, self._shot, index, fitted.region, fitted.look)
        self._next_key += 1
        face.accept(index, fitted, self._keep_landmarks)
        self._faces.append(face)
        return SeenFace(face.key, face.shot, fitted.landmarks)


def _fitted(rgb: NDArray[np.uint8], landmarks: NDArray[np.float32]) -> FittedFace:
    return FittedFace(landmarks, FaceRegion.around(landmarks), face_look(rgb, landmarks))


def _is_there(region: FaceRegion, landmarks: NDArray[np.float32]) -> bool:
    """Whether landmarks lie about where the face was detected: what slid away is no face of its own."""
    placed = FaceRegion.around(landmarks)
    return region.away(placed) <= 0.5 and region.times_larger(placed) <= 2.5


def _on_one_of(region: FaceRegion, taken: Sequence[FaceRegion]) -> bool:
    return any(region.away(other) <= _ONE_FACE for other in taken)


def _part(index: int, faces: Sequence[FollowedFace], followed: dict[int, FittedFace]) -> None:
    """Take out of `followed` the tracks that slid on to another's face, or that another face covers."""
    for place, one in enumerate(faces):
        for two in faces[place + 1 :]:
            if one.key not in followed or two.key not in followed:
                continue
            away = followed[one.key].region.away(followed[two.key].region)
            if away > _COVERING_FACES:
                continue
            alike = {face.key: agreement(face.look, followed[face.key].look) for face in (one, two)}
            moved = {face.key: face.expected(index).away(followed[face.key].region) for face in (one, two)}
            less = min((one.key, two.key), key=lambda key: alike[key] - moved[key])
            if away <= _ONE_FACE or alike[less] < _COVERED_AGREEMENT:
                del followed[less]


def _taken_up(
    index: int, lost: Sequence[FollowedFace], found: Sequence[FittedFace]
) -> list[tuple[FollowedFace, FittedFace]]:
    """Which lost faces are there again, cheapest first."""
    offers = sorted(
        (price, row, column)
        for row, face in enumerate(lost)
        for column, fitted in enumerate(found)
        if (price := face.price(index, fitted)) is not None
    )
    pairs: dict[int, int] = {}
    for _, row, column in offers:
        if row not in pairs and column not in pairs.values():
            pairs[row] = column
    return [(lost[row], found[column]) for row, column in pairs.items()]
