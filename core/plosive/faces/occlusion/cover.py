# SPDX-License-Identifier: Apache-2.0
"""What lies in front of one face, frame by frame: the result that hangs on its track."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plosive.geometry import Box

__all__ = ["HIDDEN_SHARE", "Occlusion"]

HIDDEN_SHARE = 0.85
"""From this share of covered lips on there is no mouth to sync."""

_CLOSE_SHARE = 0.06
_FULL = 0.45  # from here on a pixel counts as covered: an edge pixel shows the cover, so the plate stays
_FINE_ZOOM = 0.8
_EDGE_SLOPE = 0.02


@dataclass(frozen=True)
class Occlusion:
    """Covered frames of one track of T rows.

    `mouth_share` (T,) float32 is how much of the lips is covered, 0..1. `rows` (C,) are the rows that have a
    matte, rising; `affines` (C, 2, 3) float32 take frame pixels to matte pixels; `mattes` (B,) uint8 are C
    PNG pictures one after the other, `ends` (C,) where each ends.
    """

    mouth_share: NDArray[np.float32]
    rows: NDArray[np.int64]
    affines: NDArray[np.float32]
    mattes: NDArray[np.uint8]
    ends: NDArray[np.int64]

    @staticmethod
    def of(
        mouth_share: NDArray[np.float32], pictures: dict[int, tuple[NDArray[np.float32], NDArray[np.uint8]]]
    ) -> Occlusion:
        """From mattes by row: the affine (2, 3) and the picture (h, w) uint8 of each."""
        import cv2

        rows = sorted(pictures)
        coded = [cv2.imencode(".png", pictures[row][1])[1].ravel() for row in rows]
        return Occlusion(
            mouth_share,
            np.array(rows, dtype=np.int64),
            np.array([pictures[row][0] for row in rows], dtype=np.float32).reshape(-1, 2, 3),
            np.concatenate(coded) if coded else np.zeros(0, dtype=np.uint8),
            np.cumsum([len(code) for code in coded]).astype(np.int64),
        )

    def is_covered(self, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which of `rows` (N,) of the track have something before the face: (N,)."""
        return np.asarray(np.isin(rows, self.rows))

    def ranges(self, indices: NDArray[np.int64]) -> tuple[tuple[int, int], ...]:
        """Covered stretches of a track whose rows show plate frames `indices` (T,): (first, last inclusive)
        plate frames.
        """
        if len(self.rows) == 0:
            return ()
        breaks = np.flatnonzero(np.diff(self.rows) > 1)
        firsts = np.concatenate([[0], breaks + 1])
        lasts = np.concatenate([breaks, [len(self.rows) - 1]])
        return tuple(
            (int(indices[self.rows[first]]), int(indices[self.rows[last]]))
            for first, last in zip(firsts, lasts, strict=True)
        )

    def alpha(self, row: int, box: Box, pixels: NDArray[np.float32]) -> NDArray[np.float32] | None:
        """How far row `row` is covered at each pixel of `box`: (h, w) 0..1, exactly 0 and 1 away from the
        edge; None where nothing is covered.

        `pixels` (h, w, 3) are the frame's own there, along whose edges a coarser matte is laid (guided
        filter, He 2010). Its edge lies a little outside the cover, so that hardly a pixel of it is touched.
        """
        import cv2

        small = self._matte(row)
        if small is None or box.is_empty:
            return None
        affine = self.affines[int(np.searchsorted(self.rows, row))].astype(np.float64)
        affine[:, 2] += affine[:, :2] @ (box.left, box.top)
        zoom = float(np.hypot(affine[0, 0], affine[0, 1]))
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        matte = cv2.warpAffine(small.astype(np.float32) / 255, affine, (box.width, box.height), flags=flags)
        if zoom < _FINE_ZOOM:
            radius = max(1, round(1.5 / zoom))
            guide = np.ascontiguousarray(np.clip(pixels, 0, 1), dtype=np.float32)
            matte = cv2.ximgproc.guidedFilter(guide, matte, radius, _EDGE_SLOPE**2)
        matte = np.clip(matte / _FULL, 0, 1)
        return np.asarray(np.where(matte < 1 / 256, 0, matte), dtype=np.float32)

    def covers(self, row: int, points: NDArray[np.float32]) -> NDArray[np.bool_]:
        """Which of `points` (N, 2), frame pixels, are covered in row `row` or lie close to what is: (N,)."""
        import cv2

        small = self._matte(row)
        if small is None:
            return np.zeros(len(points), dtype=np.bool_)
        close = max(3, round(_CLOSE_SHARE * max(small.shape))) | 1
        small = cv2.dilate(small, np.ones((close, close), dtype=np.uint8))
        affine = self.affines[int(np.searchsorted(self.rows, row))]
        at = np.rint(points @ affine[:, :2].T + affine[:, 2]).astype(int)
        last = np.array(small.shape[::-1]) - 1
        inside = np.all((at >= 0) & (at <= last), axis=1)
        x, y = np.clip(at, 0, last).T
        return np.asarray(inside & (small[y, x] > 64))

    def _matte(self, row: int) -> NDArray[np.uint8] | None:
        """The stored matte of a row (h, w); None where nothing is covered."""
        import cv2

        place = int(np.searchsorted(self.rows, row))
        if place == len(self.rows) or self.rows[place] != row:
            return None
        start = 0 if place == 0 else int(self.ends[place - 1])
        small = cv2.imdecode(self.mattes[start : int(self.ends[place])], cv2.IMREAD_GRAYSCALE)
        return np.asarray(small, dtype=np.uint8)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """As plain arrays, to save."""
        return {
            "mouth_share": self.mouth_share,
            "rows": self.rows,
            "affines": self.affines,
            "mattes": self.mattes,
            "ends": self.ends,
        }

    @classmethod
    def from_arrays(cls, arrays: dict[str, NDArray[Any]]) -> Occlusion:
        """What `arrays` gave."""
        return cls(arrays["mouth_share"], arrays["rows"], arrays["affines"], arrays["mattes"], arrays["ends"])
