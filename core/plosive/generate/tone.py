# SPDX-License-Identifier: Apache-2.0
"""How a face comes out in one take, and pictures of one take made to look as another's camera saw them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plosive.colour.transfer import Transfer
from plosive.faces.light.face_light import LIGHT_POINTS, FaceLight
from plosive.faces.light.relighting import stops_of
from plosive.faces.light.shading import Smoother, grid_places
from plosive.faces.light.texels import Texels, texels_of
from plosive.faces.measure import width_of_face
from plosive.geometry import Box

__all__ = ["FaceTone", "ToneMatch", "TonePlaces"]

_BLUR_FACES = 0.03
_SKIN_NOISE_STOPS, _MOUTH_NOISE_STOPS = 0.15, 0.4
_DETAIL_FACES = 0.1
_SURE_CORRELATION, _UNSURE_CORRELATION = 0.9, 0.5
_LEAST_CONTRAST, _MOST_CONTRAST = 0.6, 1.7
_LEAST_PLACES = 24


@dataclass(frozen=True)
class FaceTone:
    """What the P places of a `TonePlaces` show: `stops` (P, 3) float32, log2 of light, NaN where not seen."""

    stops: NDArray[np.float32]


class TonePlaces:
    """Places on one actor's lower face, the same in every take; `upright` (478, 3) is their mean face."""

    def __init__(self, upright: NDArray[np.float32]) -> None:
        self._texels: Texels = texels_of(upright)
        flat = ((upright - upright[[61, 291]].mean(axis=0)) / float(width_of_face(upright))).astype(
            np.float32
        )
        self.coords: NDArray[np.float32] = np.ascontiguousarray(flat[LIGHT_POINTS, :2])
        self.places: NDArray[np.float32] = self._texels.places(flat)[:, :2]
        self.is_mouth = self._texels.is_mouth

    def tone(
        self, pictures: Sequence[tuple[NDArray[np.float32], Box, NDArray[np.float32]]], transfer: Transfer
    ) -> FaceTone:
        """The median over `pictures`: pixels (h, w, 3) working, the box they show, landmarks (478, 3)
        pixels.
        """
        seen = np.stack([stops_of(self._seen(*picture), transfer) for picture in pictures])
        known = np.isfinite(seen).any(axis=0)
        stops = np.full(seen.shape[1:], np.nan, dtype=np.float32)
        stops[known] = np.nanmedian(seen[:, known], axis=0)
        return FaceTone(stops)

    def _seen(
        self, pixels: NDArray[np.float32], box: Box, landmarks: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """Working values at the places (P, 3), averaged over their surroundings; NaN where not seen."""
        import cv2

        across = max(1, round(_BLUR_FACES * float(width_of_face(landmarks)))) | 1
        at = self._texels.places(landmarks[:, :2]) - np.array([box.left, box.top], dtype=np.float32)
        found = cv2.remap(cv2.blur(pixels, (across, across)), at[:, None], None, cv2.INTER_LINEAR)[:, 0]
        shown = (at >= 0).all(axis=1) & (at[:, 0] < box.width) & (at[:, 1] < box.height)
        shown &= self._texels.is_facing(landmarks)
        return np.where(shown[:, None], found, np.float32(np.nan)).astype(np.float32)

    def match(self, given: FaceTone, wanted: FaceTone, transfer: Transfer) -> ToneMatch:
        """What makes a face that comes out as `given` come out as `wanted`; both in the encoding `transfer`.

        Contrast from how strongly neighbouring places differ (lips, stubble, folds: light varies smoothly),
        then light of each channel, smooth over the face.
        """
        known = np.isfinite(given.stops).all(axis=1) & np.isfinite(wanted.stops).all(axis=1)
        steady = np.zeros((len(grid_places()), 3), dtype=np.float32)
        if int(known.sum()) < _LEAST_PLACES:
            return ToneMatch(1.0, np.zeros(3, dtype=np.float32), steady, self.coords, transfer)
        places, one, other = self.places[known], given.stops[known], wanted.stops[known]
        contrast = _contrast(places, one, other)
        pivot = np.median(one, axis=0)
        change = other - (pivot + contrast * (one - pivot))
        noise = np.where(self.is_mouth[known], _MOUTH_NOISE_STOPS, _SKIN_NOISE_STOPS).astype(np.float32)
        smoother = Smoother.of(places, noise)
        explained = smoother.explained(change[None])[0]
        return ToneMatch(contrast, pivot, smoother.to_nodes @ explained, self.coords, transfer)


@dataclass(frozen=True)
class ToneMatch:
    """`contrast` about `pivot` (3,) stops, then light that is `stops` (K, 3) brighter on the grid of
    `FaceLight`, whose `coords` and `transfer` these are.
    """

    contrast: float
    pivot: NDArray[np.float32]
    stops: NDArray[np.float32]
    coords: NDArray[np.float32]
    transfer: Transfer

    def applied(
        self, pixels: NDArray[np.float32], box: Box, landmarks: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """`pixels` (h, w, 3) working, which show `box` of a picture with `landmarks` (478, 3), matched."""
        grid = self.stops.reshape(FaceLight.steady(1, self.coords, self.transfer).stops.shape[1:])
        light = FaceLight(np.stack([np.zeros_like(grid), grid]), self.coords, self.transfer)
        return light.relit(self._contrasted(pixels), box, landmarks, 0, 1)

    def _contrasted(self, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
        if self.contrast == 1.0:
            return pixels
        import torch

        from plosive.colour.transfer import to_linear, to_working

        linear = to_linear(torch.from_numpy(np.ascontiguousarray(pixels)), self.transfer)
        pivot = torch.from_numpy(np.exp2(self.pivot))
        size = pivot * (linear.abs() / pivot).pow(self.contrast)
        return to_working(torch.copysign(size, linear), self.transfer).numpy()


def _contrast(places: NDArray[np.float32], one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """How much more `other` (P, 3) varies from place to place than `one`; 1 where it is in doubt."""
    away = ((places[:, None] - places[None]) ** 2).sum(axis=-1)
    near = np.exp(-away / (2 * _DETAIL_FACES**2))
    near /= near.sum(axis=1, keepdims=True)
    first, second = (values - near @ values for values in (one, other))
    spread = float(np.sqrt((first**2).sum() * (second**2).sum()))
    if spread < 1e-6:
        return 1.0
    correlation = float((first * second).sum()) / spread
    trust = np.clip((correlation - _UNSURE_CORRELATION) / (_SURE_CORRELATION - _UNSURE_CORRELATION), 0, 1)
    ratio = float(np.sqrt((second**2).sum() / (first**2).sum()))
    return float(np.clip(1 + trust * (ratio - 1), _LEAST_CONTRAST, _MOST_CONTRAST))
