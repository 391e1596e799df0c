# SPDX-License-Identifier: Apache-2.0
"""Watches one face go by, and says afterwards what covered it."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from plosive.faces.occlusion.aligned import (
    SPAN_EYES,
    AlignedFile,
    aligned_affine,
    aligned_picture,
    moved,
)
from plosive.faces.occlusion.cover import Occlusion
from plosive.faces.occlusion.graphic import find_graphics
from plosive.faces.occlusion.graphicmatte import graphic_matte
from plosive.faces.occlusion.hand import HandFinder
from plosive.faces.occlusion.layout import FaceLayout
from plosive.faces.occlusion.likeness import LitFace, light_gain, unlit
from plosive.faces.occlusion.matte import CoverShape, FineFace, fine_gain
from plosive.faces.occlusion.opening import (
    height_in_faces,
    share_beside,
    without_islands,
    without_opening,
)
from plosive.faces.occlusion.placed import PlacedPictures
from plosive.faces.occlusion.prediction import predicted_landmarks
from plosive.faces.occlusion.suspicion import runs_of, suspect
from plosive.faces.topology import OUTER_LIPS
from plosive.faces.track import FaceTrack

__all__ = ["OcclusionObserver"]

_LARGEST, _SMALLEST, _STEP = 256, 96, 32
_COARSE, _FINE = 64, 128
_HELD = 300
_LEAST_BESIDE, _TALLEST_INSIDE_FACES = 0.1, 0.45
_FEWEST_ROWS = 12
_WIDENED_ROWS = 2
_LONGEST_STRETCH = 120
_REFERENCES, _REFERENCE_STEP = 5, 2
_USUAL_ROWS = 48
_COLOUR_ROWS = 8
_MISLEADING_SHARE = 0.05


class OcclusionObserver:
    """Keeps two small pictures of the face per frame in temporary files, one that follows the face and one
    that stays on the frame's pixels; memory holds nothing but a few
    numbers.
    """

    def __init__(self) -> None:
        self._file: AlignedFile | None = None
        self._size = 0
        self._affines: list[NDArray[np.float32]] = []
        self._placed: PlacedPictures | None = None

    def add(self, index: int, rgb: NDArray[np.uint8], landmarks: NDArray[np.float32]) -> None:
        """Frame `index` (rising), picture (H, W, 3) uint8, shows the face at `landmarks` (478, 3) pixels."""
        if self._file is None:
            across = float(np.linalg.norm(landmarks[33] - landmarks[263])) * SPAN_EYES
            self._size = int(np.clip(_STEP * round(across / _STEP), _SMALLEST, _LARGEST))
            self._file = AlignedFile((self._size, self._size))
        affine = aligned_affine(landmarks, self._size)
        self._affines.append(affine)
        self._file.add(aligned_picture(rgb, affine, self._size))
        if self._placed is None:
            self._placed = PlacedPictures(landmarks, rgb)
        self._placed.add(rgb, landmarks)

    def finish(self, track: FaceTrack) -> tuple[Occlusion, NDArray[np.float32]]:
        """What covered the face of `track`, whose rows are the frames added, and its landmarks (T, 478, 3)
        with those of covered frames predicted. Frees the disk.
        """
        count = len(track.indices)
        nothing = Occlusion.of(np.zeros(count, dtype=np.float32), {})
        if self._file is None or self._placed is None:
            return nothing, track.landmarks
        try:
            if count < _FEWEST_ROWS or len(self._file) != count:
                return nothing, track.landmarks
            graphics = _graphics(track, self._placed)
            return _Looked(track, self._file, self._affines, self._size, graphics).result()
        finally:
            self._file.close()
            self._placed.close()
            self._file = self._placed = None


def _graphics(
    track: FaceTrack, placed: PlacedPictures
) -> dict[int, list[tuple[NDArray[np.float32], NDArray[np.uint8]]]]:
    """Graphics of each row that has any: affine (2, 3) from the frame and matte (h, w)."""
    runs = find_graphics(placed, track.landmarks)
    shown = {row for run in runs for row in range(run.first, run.last_inclusive + 1)}
    bare = [row for row in range(len(placed)) if row not in shown]
    bare = bare or list(range(len(placed)))
    some = bare[:: max(1, len(bare) // _COLOUR_ROWS)]
    outlines = {row: track.landmarks[row, :468, :2] for row in some}
    graphics: dict[int, list[tuple[NDArray[np.float32], NDArray[np.uint8]]]] = {}
    for run in runs:
        corner, matte = graphic_matte(placed, run, outlines)
        # What is there from the first to the last frame shows only where the face moves under it.
        comes_or_goes = run.first > 0 or run.last_inclusive < len(placed) - 1
        middle = moved(track.landmarks[(run.first + run.last_inclusive) // 2], placed.affine(corner))
        is_inside = comes_or_goes and share_beside(matte, middle) < _LEAST_BESIDE
        if is_inside and height_in_faces(matte, middle) > _TALLEST_INSIDE_FACES:
            continue  # a smile held by a still head: captions are lines, or go on beside the face
        for row in range(run.first, run.last_inclusive + 1):
            graphics.setdefault(row, []).append((placed.affine(corner), matte))
    return graphics


class _Looked:
    """One track, looked at again from its aligned pictures."""

    def __init__(
        self,
        track: FaceTrack,
        file: AlignedFile,
        affines: list[NDArray[np.float32]],
        size: int,
        graphics: dict[int, list[tuple[NDArray[np.float32], NDArray[np.uint8]]]],
    ) -> None:
        self._track = track
        self._file = file
        self._affines = affines
        self._size = size
        self._graphics = graphics
        self._landmarks = track.landmarks
        self._layout = FaceLayout(track.head.upright, _COARSE)
        self._mean, self._spread = self._usual(np.arange(len(affines)))

    def _usual(self, rows: NDArray[np.int64]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Median of the face pixels over some of `rows` (P, 3), and how much they vary (P, 1)."""
        some = rows[np.unique(np.linspace(0, len(rows) - 1, min(len(rows), _USUAL_ROWS)).round().astype(int))]
        values = np.stack([self._flat(row)[0] for row in some.tolist()])
        mean = np.median(values, axis=0).astype(np.float32)
        spread = 1.4826 * np.median(np.abs(values - mean), axis=0).max(axis=1, keepdims=True)
        return mean, np.maximum(spread, 3).astype(np.float32)

    def result(self) -> tuple[Occlusion, NDArray[np.float32]]:
        count = len(self._affines)
        lit = lru_cache(maxsize=_HELD)(self._lit)
        found = suspect(self._layout, count, lit)
        covered = tuple(
            (max(0, first - _WIDENED_ROWS), min(count - 1, last + _WIDENED_ROWS))
            for first, last in found.covered
        )
        pictures: dict[int, tuple[NDArray[np.float32], NDArray[np.uint8]]] = {}
        hidden = np.zeros(count, dtype=np.bool_)
        for first, last in covered:
            hidden[first : last + 1] = True
        for row, graphics in self._graphics.items():
            hidden[row] |= self._lip_share(row, *_together(graphics)) > _MISLEADING_SHARE
        # Letters over the lips lead the tracker astray as a hand does.
        if hidden.any():
            self._landmarks = predicted_landmarks(self._track.landmarks, self._track.head, runs_of(hidden))
        if covered:
            with HandFinder() as finder:
                pictures = self._mattes(covered, found.uncovered, finder)
        for row, graphics in self._graphics.items():
            pictures[row] = _together([*([pictures[row]] if row in pictures else []), *graphics])
        share = np.zeros(count, dtype=np.float32)
        for row, (affine, matte) in pictures.items():
            share[row] = self._lip_share(row, affine, matte)
        return Occlusion.of(share, pictures), self._landmarks

    def _mattes(
        self, covered: tuple[tuple[int, int], ...], uncovered: NDArray[np.int64], finder: HandFinder
    ) -> dict[int, tuple[NDArray[np.float32], NDArray[np.uint8]]]:
        """Of rows where something else than a graphic was found."""
        hidden = {row for first, last in covered for row in range(first, last + 1)}
        usable = np.array([row for row in uncovered.tolist() if row not in hidden], dtype=np.int64)
        pictures: dict[int, tuple[NDArray[np.float32], NDArray[np.uint8]]] = {}
        if len(usable) == 0:
            return pictures
        self._mean, self._spread = self._usual(usable)
        fine = FaceLayout(self._track.head.upright, _FINE)
        for first, last in covered:
            before = usable[usable < first][-_REFERENCES * _REFERENCE_STEP :: _REFERENCE_STEP]
            after = usable[usable > last][: _REFERENCES * _REFERENCE_STEP : _REFERENCE_STEP]
            shape = CoverShape(fine, [self._fine(int(row), None) for row in [*before, *after]])
            gains = self._gains(before, after)
            for start in range(first, last + 1, _LONGEST_STRETCH):
                rows = range(start, min(start + _LONGEST_STRETCH, last + 1))
                mattes = shape.mattes(
                    len(rows),
                    lambda place, rows=rows, ends=(first, last), gains=gains: self._fine(  # type: ignore[misc]
                        rows[place], _between(gains, rows[place], ends)
                    ),
                    finder,
                )
                for row, found in zip(rows, mattes, strict=True):
                    points = self._points(row)
                    matte = without_islands(without_opening(found, points), points)
                    if matte.any():
                        pictures[row] = (self._affines[row], matte)
        return pictures

    def _points(self, row: int) -> NDArray[np.float32]:
        return moved(self._landmarks[row], self._affines[row])

    def _flat(self, row: int) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Face pixels laid out (P, 3), and which are seen well (P,)."""
        import cv2

        small = _COARSE * 4 // 3
        picture = cv2.resize(self._file.read(row), (small, small), interpolation=cv2.INTER_AREA)
        points = (self._points(row) + np.float32(0.5)) * np.float32(small / self._size) - np.float32(0.5)
        skin = self._layout.skin
        flat = self._layout.flattened(np.asarray(picture, dtype=np.uint8), points)
        facing = self._layout.facing(points, _COARSE / small)
        if row in self._graphics:
            facing = np.logical_and(facing, ~self._under_graphic(row, points, small))
        return flat[skin], facing[skin]

    def _under_graphic(self, row: int, points: NDArray[np.float32], small: int) -> NDArray[np.bool_]:
        """Which laid-out pixels a graphic covers."""
        import cv2

        zoom = small / self._size
        into = np.array([[zoom, 0, zoom / 2 - 0.5], [0, zoom, zoom / 2 - 0.5], [0, 0, 1]])
        into = into @ np.vstack([self._affines[row], [0, 0, 1]])
        affine, matte = _together(self._graphics[row])
        move = into @ np.linalg.inv(np.vstack([affine, [0, 0, 1]]))
        wide = cv2.dilate(matte, np.ones((3, 3), dtype=np.uint8))
        placed = cv2.warpAffine(wide, move[:2], (small, small))
        flat = self._layout.flattened(np.repeat(placed[..., None], 3, axis=2), points)[..., 0]
        return np.asarray(cv2.dilate(flat, np.ones((3, 3), dtype=np.uint8)) > 16)

    def _lit(self, row: int) -> LitFace:
        values, facing = self._flat(row)
        gain = light_gain(self._layout, values, self._mean, self._spread)
        return LitFace(self._layout, unlit(values, gain), gain, facing)

    def _gains(
        self, before: NDArray[np.int64], after: NDArray[np.int64]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Mean light (P, 3) on either side of a stretch; one side's own for both where there is no other."""
        sides = [
            np.mean([self._lit(int(row)).gain for row in rows], axis=0) if len(rows) else None
            for rows in (before, after)
        ]
        one, other = sides
        first = other if one is None else one
        last = one if other is None else other
        assert first is not None and last is not None
        return first, last

    def _fine(self, row: int, gain: NDArray[np.float32] | None) -> FineFace:
        """A frame for the exact look. In a covered one the cover would pull at the fitted light: there the
        light is `gain`, that of its neighbours, made to fit the upper face.
        """
        values, _ = self._flat(row)
        if gain is None:
            gain = light_gain(self._layout, values, self._mean, self._spread)
        else:
            rows = np.nonzero(self._layout.skin)[0]
            upper = rows < self._layout.points[4, 1] - 2
            ratio = (values[upper] + 12) / ((self._mean[upper] + 12) * gain[upper])
            gain = gain * np.median(ratio, axis=0)
        return FineFace(self._file.read(row), self._points(row), fine_gain(self._layout, gain, _FINE))

    def _lip_share(self, row: int, affine: NDArray[np.float32], matte: NDArray[np.uint8]) -> float:
        import cv2

        lips = np.zeros(matte.shape, dtype=np.uint8)
        outline = np.round(moved(self._landmarks[row], affine)[OUTER_LIPS] * 16).astype(np.int32)
        cv2.fillPoly(lips, [outline], 1, shift=4)
        area = max(cv2.contourArea(outline) / 16**2, 1.0)
        return min(float(matte[lips > 0].sum() / 255) / area, 1.0)


def _between(
    gains: tuple[NDArray[np.float32], NDArray[np.float32]], row: int, ends: tuple[int, int]
) -> NDArray[np.float32]:
    share = np.float32((row - ends[0] + 1) / (ends[1] - ends[0] + 2))
    return np.asarray(gains[0] * (1 - share) + gains[1] * share, dtype=np.float32)


def _together(
    pictures: list[tuple[NDArray[np.float32], NDArray[np.uint8]]],
) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """Mattes of one frame in one picture, that of the last, widened to hold all."""
    import cv2

    affine, matte = pictures[-1]
    for other, small in pictures[:-1]:
        there = np.vstack([other, [0, 0, 1]])
        move = np.asarray(np.vstack([affine, [0, 0, 1]]) @ np.linalg.inv(there), dtype=np.float64)
        corners = np.array([[0, 0], [small.shape[1], 0], [0, small.shape[0]], small.shape[::-1]])
        at = corners @ move[:2, :2].T + move[:2, 2]
        low = np.minimum(np.floor(at.min(axis=0)).astype(int), 0)
        high = np.maximum(np.ceil(at.max(axis=0)).astype(int), matte.shape[::-1])
        wide, tall = (high - low).tolist()
        whole = np.zeros((tall, wide), dtype=np.uint8)
        whole[-low[1] : matte.shape[0] - low[1], -low[0] : matte.shape[1] - low[0]] = matte
        move[:2, 2] -= low
        whole = np.maximum(whole, np.asarray(cv2.warpAffine(small, move[:2], (wide, tall)), dtype=np.uint8))
        affine, matte = affine.copy(), whole
        affine[:, 2] -= low
    return affine, matte
