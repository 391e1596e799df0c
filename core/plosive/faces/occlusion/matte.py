# SPDX-License-Identifier: Apache-2.0
"""The exact shape of what covers a face, in one stretch of frames where something was found.

Every frame is compared with uncovered frames just before and after, laid out alike; what none of them shows
is the cover. Its colours are learnt over the stretch, and its edge follows the picture's own (guided filter,
He 2010).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plosive.faces.occlusion.hand import HandFinder
from plosive.faces.occlusion.layout import FaceLayout

__all__ = ["CoverShape", "FineFace", "colour_bins", "colour_histogram", "fine_gain"]

_BINS = (16, 64, 64)  # of Y, Cr, Cb
_EXPLAINERS = 4  # one reference in four may be alike by chance
_ROUNDS = 2
_STRANGE = 3.2
_SURE = 4.5
_COLOUR_WEIGHT = 1.2
_COLOUR_MOST = 2.5
_FEWEST_PIXELS = 50
_UNKNOWN = -1.2
_MISPLACED_PIXELS = 0.7
_NOISE_FLOOR = 3.5
_EDGE_RADIUS_SHARE = 0.022
_EDGE_SLOPE = 0.02
_LEAST_SHARE = 0.0008
_HAND_SURE, _HAND_ABOUT = 2.0, 1.2
_ODD_SHARE = 0.1
_REACH_SHARE = 0.16


@dataclass(frozen=True)
class FineFace:
    """One frame for the exact look: `picture` (S, S, 3) uint8 aligned, landmarks `points` (478, 2) in it, and
    `gain` (n, n, 3) its light as laid out in the fine layout.
    """

    picture: NDArray[np.uint8]
    points: NDArray[np.float32]
    gain: NDArray[np.float32]


class CoverShape:
    """Makes mattes of one stretch. `references` are uncovered frames near it, a few."""

    def __init__(self, layout: FaceLayout, references: Sequence[FineFace]) -> None:
        self._layout = layout
        self._shown = np.stack([_flat(layout, face) for face in references])
        middle = np.median(self._shown, axis=0)
        import cv2

        slope = np.hypot(cv2.Sobel(middle, cv2.CV_32F, 1, 0), cv2.Sobel(middle, cv2.CV_32F, 0, 1)) / 8
        vary = np.median(np.abs(self._shown - middle).max(axis=3), axis=0)
        vary = cv2.GaussianBlur(vary, (0, 0), 1.5)
        self._noise = np.sqrt(
            _NOISE_FLOOR**2 + (_MISPLACED_PIXELS * slope.max(axis=2)) ** 2 + (1.5 * vary) ** 2
        ).astype(np.float32)
        self._skin_colours = colour_histogram(
            np.concatenate([colour_bins(face.picture)[_oval(face)] for face in references])
        )

    def mattes(
        self, count: int, face_of: Callable[[int], FineFace], finder: HandFinder
    ) -> list[NDArray[np.uint8]]:
        """The matte (S, S), 0..255, of each of `count` frames, `face_of(place)` in order."""
        import cv2

        hands = [finder.see(face_of(place).picture) for place in range(count)]
        strange = [self._strangeness(face_of(place)) for place in range(count)]
        found = [(cv2.blur(off.astype(np.float32), (3, 3)) > _SURE) & (off > _SURE) for off in strange]
        found = [off | sure for off, (sure, _) in zip(found, hands, strict=True)]
        for _ in range(_ROUNDS):
            colours = self._cover_colours(found, face_of)
            made = [
                self._matte(strange[place], face_of(place), colours, hands[place]) for place in range(count)
            ]
            found = [matte > 200 for matte in made]
        return made

    def _strangeness(self, face: FineFace) -> NDArray[np.float16]:
        """How little any reference explains each pixel of the aligned picture: (S, S); -1 beside the face."""
        import cv2

        flat = _flat(self._layout, face)
        off = (
            np.sort(np.abs(self._shown - flat).max(axis=3), axis=0)[len(self._shown) // _EXPLAINERS]
            / self._noise
        )
        off = np.where(self._layout.skin, off, -1).astype(np.float32)
        side = face.picture.shape[0]
        look_at = self._layout.back(face.points, side)
        placed = cv2.remap(
            off, look_at, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=-1
        )
        return np.asarray(placed, dtype=np.float16)

    def _cover_colours(
        self, found: list[NDArray[np.bool_]], face_of: Callable[[int], FineFace]
    ) -> NDArray[np.float32]:
        """How much likelier each colour is on the cover than on the face: log ratio per bin."""
        pixels = np.concatenate(
            [colour_bins(face_of(place).picture)[sure] for place, sure in enumerate(found)]
        )
        if len(pixels) < _FEWEST_PIXELS:
            return np.zeros(_BINS, dtype=np.float32).ravel()
        ratio = np.log(colour_histogram(pixels)) - np.log(self._skin_colours)
        return np.asarray(np.clip(ratio, -_COLOUR_MOST, _COLOUR_MOST), dtype=np.float32)

    def _matte(
        self,
        strange: NDArray[np.float16],
        face: FineFace,
        colours: NDArray[np.float32],
        hand: tuple[NDArray[np.bool_], NDArray[np.bool_]],
    ) -> NDArray[np.uint8]:
        import cv2

        off = strange.astype(np.float32)
        known = off >= 0
        by_colour = _COLOUR_WEIGHT * colours[colour_bins(face.picture)]
        vote = np.where(known, np.clip(off - _STRANGE, -3, 4), _UNKNOWN) + by_colour
        sure, about = hand
        vote = np.where(sure, np.maximum(vote, _HAND_SURE), vote + _HAND_ABOUT * about)
        side = face.picture.shape[0]
        radius = max(2, round(_EDGE_RADIUS_SHARE * side))
        slope = (_EDGE_SLOPE * 255) ** 2
        guide = face.picture.astype(np.float32)
        vote = cv2.ximgproc.guidedFilter(guide, vote.astype(np.float32), radius, slope)
        reach = max(3, round(_REACH_SHARE * side)) | 1
        near = cv2.dilate(known.astype(np.uint8), np.ones((reach, reach), dtype=np.uint8))
        solid = ((vote > 0) & (near > 0)).astype(np.uint8)
        count, labels, facts, _ = cv2.connectedComponentsWithStats(solid)
        odd = np.bincount(labels[known & ((off > _STRANGE) | sure)], minlength=count)
        inside = np.bincount(labels[known], minlength=count)
        kept = (facts[:, cv2.CC_STAT_AREA] > _LEAST_SHARE * side * side) & (odd > _ODD_SHARE * inside)
        kept &= odd > _LEAST_SHARE / 2 * side * side
        kept[0] = False
        solid = kept[labels].astype(np.float32)
        soft = cv2.ximgproc.guidedFilter(guide, solid, max(1, radius // 3), slope / 4)
        return np.asarray(np.rint(np.clip((soft - 0.1) / 0.8, 0, 1) * 255), dtype=np.uint8)


def fine_gain(coarse: FaceLayout, gain: NDArray[np.float32], size: int) -> NDArray[np.float32]:
    """Light `gain` (P, 3) per face pixel of a coarse layout, for one of `size`: (size, size, 3)."""
    import cv2

    picture = np.zeros((coarse.size, coarse.size, 4), dtype=np.float32)
    picture[coarse.skin, :3] = gain
    picture[coarse.skin, 3] = 1
    spread = cv2.GaussianBlur(picture, (0, 0), 3)
    around = np.clip(spread[..., :3] / np.maximum(spread[..., 3:], 1e-3), 0.5, 2)
    whole = np.where(coarse.skin[..., None], picture[..., :3], around).astype(np.float32)
    return np.asarray(cv2.resize(whole, (size, size), interpolation=cv2.INTER_LINEAR))


def _flat(layout: FaceLayout, face: FineFace) -> NDArray[np.float32]:
    """The frame laid out with its light taken out: (n, n, 3)."""
    import cv2

    side, n = face.picture.shape[0], layout.size
    small = min(side, round(n * 4 / 3))
    picture = cv2.resize(face.picture, (small, small), interpolation=cv2.INTER_AREA)
    points = (face.points + np.float32(0.5)) * np.float32(small / side) - np.float32(0.5)
    return np.asarray((layout.flattened(picture, points) + 12) / face.gain - 12, dtype=np.float32)


def _oval(face: FineFace) -> NDArray[np.bool_]:
    """The face in its aligned picture: (S, S)."""
    import cv2

    solid = np.zeros(face.picture.shape[:2], dtype=np.uint8)
    hull = cv2.convexHull(np.round(face.points[:468]).astype(np.int32))
    cv2.fillConvexPoly(solid, hull, 1)
    return solid > 0


def colour_bins(picture: NDArray[np.uint8]) -> NDArray[np.int32]:
    """The place of each pixel's colour in a histogram: (h, w)."""
    import cv2

    parts = cv2.cvtColor(picture, cv2.COLOR_RGB2YCrCb).astype(np.int32)
    y, red, blue = (parts[..., k] * _BINS[k] // 256 for k in range(3))
    return np.asarray((y * _BINS[1] + red) * _BINS[2] + blue, dtype=np.int32)


def colour_histogram(places: NDArray[np.int32]) -> NDArray[np.float32]:
    """How often colours occur, smoothed, summing to about 1, nowhere 0: flat, as `colour_bins` counts."""
    from scipy.ndimage import gaussian_filter

    counts = np.bincount(places, minlength=int(np.prod(_BINS))).reshape(_BINS).astype(np.float32)
    smooth = gaussian_filter(counts / max(len(places), 1), 1.0)
    return np.asarray(smooth + 1e-6, dtype=np.float32).ravel()
