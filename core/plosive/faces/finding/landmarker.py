# SPDX-License-Identifier: Apache-2.0
"""The 478 landmarks of faces whose places are known."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plosive.faces.finding.graphs import ModelGraph, landmark_graph
from plosive.faces.finding.region import FaceRegion

__all__ = ["LANDMARK_COUNT", "Landmarker"]

LANDMARK_COUNT = 478
_MOST_GRAPHS = 4
_LEAST_SIDE_PIXELS = 4.0


class Landmarker:
    """Fits landmarks in regions of one picture. Cost is linear in regions; cores work side by side."""

    def __init__(self) -> None:
        self._graphs: list[ModelGraph] = []
        self._asked: list[tuple[int, int, tuple[float, float, float, float]]] = []
        self._count = 0
        self._most = max(1, min(_MOST_GRAPHS, os.cpu_count() or 1))

    def fit(self, rgb: NDArray[np.uint8], regions: Sequence[FaceRegion]) -> list[NDArray[np.float32] | None]:
        """Faces of a picture (H, W, 3) uint8 display-referred RGB, one per region: (478, 3) float32 or None.

        x and y are pixels from the top left corner; z, at the scale of x, grows away from the camera.
        None where the region shows no face (the model's own presence is below one half).
        """
        self.ask(rgb, regions)
        return self.answers()

    def ask(self, rgb: NDArray[np.uint8], regions: Sequence[FaceRegion]) -> None:
        """Start a `fit` and return at once; `answers` ends it."""
        self._asked, self._count = [], len(regions)
        for place, region in enumerate(regions):
            view = _view(rgb, region)
            if view is None:
                continue
            picture, frame, roi = view
            number = len(self._asked) % self._most
            if number == len(self._graphs):
                self._graphs.append(landmark_graph())
            self._graphs[number].send(picture, roi)
            self._asked.append((number, place, frame))

    def answers(self) -> list[NDArray[np.float32] | None]:
        """The faces last asked for."""
        packets = [iter(graph.receive()) for graph in self._graphs]
        fitted: list[NDArray[np.float32] | None] = [None] * self._count
        for number, place, frame in self._asked:
            packet = next(packets[number])
            fitted[place] = None if packet.is_empty() else _landmarks(packet, frame)
        return fitted

    def close(self) -> None:
        """Give back the models."""
        for graph in self._graphs:
            graph.close()
        self._graphs = []


def _view(
    rgb: NDArray[np.uint8], region: FaceRegion
) -> tuple[NDArray[np.uint8], tuple[float, float, float, float], tuple[float, ...]] | None:
    """The part of the picture that holds the region, its (left, top, width, height), and the region in it.

    Only the part travels to the model, so that a face costs the same in 4K.
    """
    height, width = rgb.shape[:2]
    if region.side < _LEAST_SIDE_PIXELS:
        return None
    reach = region.side / 2 * (abs(math.cos(region.roll)) + abs(math.sin(region.roll))) + 2
    left, top = max(0, math.floor(region.x - reach)), max(0, math.floor(region.y - reach))
    right, bottom = min(width, math.ceil(region.x + reach)), min(height, math.ceil(region.y + reach))
    if right - left < 2 or bottom - top < 2:
        return None
    wide, high = right - left, bottom - top
    roi = (
        (region.x - left) / wide,
        (region.y - top) / high,
        region.side / wide,
        region.side / high,
        region.roll,
    )
    return rgb[top:bottom, left:right], (left, top, wide, high), roi


def _landmarks(packet: Any, frame: tuple[float, float, float, float]) -> NDArray[np.float32]:
    from mediapipe.python import packet_getter

    left, top, wide, high = frame
    points = packet_getter.get_proto(packet).landmark
    shares = np.array([(point.x, point.y, point.z) for point in points], dtype=np.float32)
    placed = shares * np.array([wide, high, wide], dtype=np.float32)
    return placed + np.array([left, top, 0], dtype=np.float32)
