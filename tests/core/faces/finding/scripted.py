# SPDX-License-Identifier: Apache-2.0
"""Faces of a script in place of MediaPipe's models, so that linking can be tested alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from plosive.faces.finding.detector import FoundBox
from plosive.faces.finding.region import FaceRegion
from plosive.faces.finding.tiles import Tile
from plosive.faces.finding.tracker import FaceTracker, SeenFace
from plosive.faces.measure import width_of_face
from plosive.faces.track import FaceTrack

GREY = np.full((360, 640, 3), 90, dtype=np.uint8)

Face = NDArray[np.float32]


class ScriptedModels:
    """Both models: the detector finds faces in the tiles shown, the landmarker the nearest one."""

    def __init__(self) -> None:
        self.faces: list[Face] = []
        self.searches: list[list[Tile]] = []
        self.fits = 0

    def find(self, rgb: NDArray[np.uint8], tiles: Sequence[Tile]) -> list[FoundBox]:
        assert rgb.dtype == np.uint8
        self.searches.append(list(tiles))
        regions = [FaceRegion.around(face) for face in self.faces]
        return [FoundBox(0.95, region) for region in regions if any(_shows(tile, region) for tile in tiles)]

    def fit(self, rgb: NDArray[np.uint8], regions: Sequence[FaceRegion]) -> list[Face | None]:
        self.fits += len(regions)
        return [self._nearest(region) for region in regions]

    def _nearest(self, region: FaceRegion) -> Face | None:
        away = [FaceRegion.around(face).away(region) for face in self.faces]
        return self.faces[int(np.argmin(away))] if away and min(away) < 1.0 else None

    def close(self) -> None:
        pass


class ScriptedDetector:
    """The detector's side of the script."""

    def __init__(self, models: ScriptedModels) -> None:
        self.close = models.close
        self.find = models.find

    def ask(self, rgb: NDArray[np.uint8], tiles: Sequence[Tile]) -> None:
        self._found = self.find(rgb, tiles)

    def answers(self) -> list[FoundBox]:
        return self._found


class ScriptedLandmarker:
    """The landmark model's side of the script."""

    def __init__(self, models: ScriptedModels) -> None:
        self.close = models.close
        self.fit = models.fit

    def ask(self, rgb: NDArray[np.uint8], regions: Sequence[FaceRegion]) -> None:
        self._fitted = self.fit(rgb, regions)

    def answers(self) -> list[Face | None]:
        return self._fitted


class ScriptedTracker:
    """A tracker over a script; `see` shows it one frame's faces."""

    def __init__(self) -> None:
        self.models = ScriptedModels()
        self.tracker = FaceTracker(ScriptedDetector(self.models), ScriptedLandmarker(self.models))  # type: ignore[arg-type]

    def see(self, index: int, faces: list[Face], picture: NDArray[np.uint8] = GREY) -> list[SeenFace]:
        self.models.faces = faces
        return self.tracker.see(index, picture)

    def tracks(self) -> list[FaceTrack]:
        """All tracks, most prominent first."""
        return sorted(self.tracker.tracks().values(), key=lambda track: track.number)


def placed(face: Face, x: float, width: float = 100, y: float = 180) -> Face:
    """Landmarks at another place and size."""
    moved = (face - face[1]) * np.float32(width / width_of_face(face))
    moved[:, :2] += np.array([x, y], dtype=np.float32)
    return np.asarray(moved, dtype=np.float32)


def tracked(script: list[list[Face]], picture: NDArray[np.uint8] = GREY) -> list[FaceTrack]:
    """The tracks of a whole script."""
    tracker = ScriptedTracker()
    for index, faces in enumerate(script):
        tracker.see(index, faces, picture)
    return tracker.tracks()


def _shows(tile: Tile, region: FaceRegion) -> bool:
    inside_x = tile.left <= region.x <= tile.left + tile.side
    return inside_x and tile.top <= region.y <= tile.top + tile.side
