# SPDX-License-Identifier: Apache-2.0
"""The light on one lower face through a shot, and pictures brought from one frame's light to another's."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plosive.colour.transfer import Transfer
from plosive.faces.light.relighting import relit
from plosive.faces.light.shading import GRID_COLUMNS, GRID_LEFT, GRID_ROWS, GRID_STEP, GRID_TOP
from plosive.geometry import Box

__all__ = ["LIGHT_POINTS", "FaceLight"]

LIGHT_POINTS = np.array(
    [
        *[1, 2, 4, 5, 0, 13, 14, 17, 18, 152, 148, 377, 136, 365, 58, 288, 132, 361, 50, 280, 36, 266],
        *[61, 291, 205, 425, 214, 434, 202, 422, 199, 200, 43, 273, 164, 98, 327, 187, 411, 135, 364],
    ]
)
"""Landmarks that tell where on the lower face a pixel lies."""

_DARKER, _BRIGHTER = -12.0, 4.0  # fades go to black; what was black has nothing to show
_NEGLIGIBLE_STOPS = 0.005
_CELL_FACES = 0.03
_MOUTH = slice(4, 7), slice(5, 9)


@dataclass(frozen=True)
class FaceLight:
    """`stops` (T, 11, 14, 3) float32, a row per row of the track: light of red, green, blue on a grid over
    the lower face, in stops about what is usual for the track (0 throughout while nothing changes).

    The grid lies in face widths from the middle of the mouth, 0.06 apart; `coords` (N, 2) are those of
    `LIGHT_POINTS`. `transfer` is the plate's.
    """

    stops: NDArray[np.float32]
    coords: NDArray[np.float32]
    transfer: Transfer

    @classmethod
    def steady(cls, count: int, coords: NDArray[np.float32], transfer: Transfer) -> FaceLight:
        """Light that never changes, for `count` rows."""
        return cls(np.zeros((count, GRID_ROWS, GRID_COLUMNS, 3), np.float32), coords, transfer)

    def arrays(self) -> dict[str, NDArray[np.float32] | NDArray[np.str_]]:
        """As plain arrays, to save."""
        return {"stops": self.stops, "coords": self.coords, "transfer": np.array(self.transfer.value)}

    @classmethod
    def from_arrays(cls, arrays: dict[str, NDArray[np.float32]]) -> FaceLight:
        """What `arrays` gave."""
        return cls(arrays["stops"], arrays["coords"], Transfer(str(arrays["transfer"])))

    @property
    def levels(self) -> NDArray[np.float32]:
        """Mean light of the lower face in every row: (T, 3) stops."""
        return np.asarray(self.stops.mean(axis=(1, 2)))

    def relit(
        self,
        pixels: NDArray[np.float32],
        box: Box,
        landmarks: NDArray[np.float32],
        row: int | None,
        wanted_row: int | None,
    ) -> NDArray[np.float32]:
        """`pixels` (h, w, 3) working, which show `box` of row `row` with its `landmarks` (478, 2+) pixels, in
        the light of `wanted_row`; None is the track's usual light. The very array where nothing changes.
        """
        none = np.zeros_like(self.stops[0])
        given, wanted = (none if one is None else self.stops[one] for one in (row, wanted_row))
        change = wanted - given
        if float(np.abs(change).max()) < _NEGLIGIBLE_STOPS:
            return pixels
        change = np.clip(change, _DARKER, _BRIGHTER)
        return relit(pixels, self._laid(change, box, landmarks, pixels.shape[:2]), self.transfer)

    def relit_mouth(self, pixels: NDArray[np.float32], row: int) -> NDArray[np.float32]:
        """What row `row` shows between the lips, working values of any size, in the track's usual light."""
        middle = self.stops[row][_MOUTH].mean(axis=(0, 1))
        return relit(pixels, np.clip(-middle, _DARKER, _BRIGHTER), self.transfer)

    def _laid(
        self,
        change: NDArray[np.float32],
        box: Box,
        landmarks: NDArray[np.float32],
        shape: tuple[int, ...],
    ) -> NDArray[np.float32]:
        """The grid `change` over the pixels of `box`, in `shape` (h, w) cells: (h, w, 3)."""
        import cv2

        points = landmarks[LIGHT_POINTS, :2].astype(np.float64)
        middle, spread = points.mean(axis=0), max(float(np.ptp(points[:, 0])), 1.0)
        turned = np.linalg.lstsq(_powers((points - middle) / spread), self.coords, rcond=None)[0]
        cell = max(1.0, _CELL_FACES * spread) * max(shape[1] / max(box.width, 1), 1e-6)
        columns, rows = max(2, round(shape[1] / cell)), max(2, round(shape[0] / cell))
        columns, rows = min(columns, shape[1]), min(rows, shape[0])
        x = box.left + (np.arange(columns) + 0.5) * box.width / columns - 0.5
        y = box.top + (np.arange(rows) + 0.5) * box.height / rows - 0.5
        where = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
        on_face = _powers((where - middle) / spread) @ turned
        look_at = ((on_face - (GRID_LEFT, GRID_TOP)) / GRID_STEP).reshape(rows, columns, 2).astype(np.float32)
        coarse = cv2.remap(change, look_at, None, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(cv2.resize(coarse, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR))


def _powers(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """(N, 2) -> (N, 6): a quadratic map follows the roundness of a turned face."""
    x, y = points[:, 0], points[:, 1]
    return np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=1)
