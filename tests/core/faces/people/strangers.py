# SPDX-License-Identifier: Apache-2.0
"""Made-up people: one head's landmarks, skins that are all different, and what they wear."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray
from tests.core.faces.finding.scripted import placed

from plosive.faces.people.appearance import Appearance, AppearanceObserver
from plosive.faces.people.joining import Sighting

Face = NDArray[np.float32]
HEIGHT, WIDTH = 360, 640


def skin(seed: int) -> NDArray[np.uint8]:
    """A picture (200, 200, 3) of blobs from coarse to fine, another one for each seed."""
    noise = np.random.default_rng(seed)
    grey = sum(
        sigma * cv2.GaussianBlur(noise.standard_normal((200, 200)), (0, 0), sigma)
        for sigma in (3.0, 6.0, 12.0)
    )
    return np.clip(130 + 30 * np.stack([1.1 * grey, grey, 0.9 * grey], axis=2), 0, 255).astype(np.uint8)


def picture(
    faces: Sequence[tuple[int, Face]], clothes: Sequence[tuple[int, int, int]] = ()
) -> NDArray[np.uint8]:
    """A frame in which each face (seed, landmarks) carries its skin; clothes are squares below the chin."""
    frame = np.full((HEIGHT, WIDTH, 3), 70, dtype=np.uint8)
    for place, (seed, face) in enumerate(faces):
        low, high = face[:, :2].min(axis=0), face[:, :2].max(axis=0)
        left, top = np.round(low).astype(int)
        size = np.maximum(np.round(high - low).astype(int), 4)
        laid = cv2.resize(skin(seed), (int(size[0]), int(size[1])), interpolation=cv2.INTER_AREA)
        bottom, right = min(top + size[1], HEIGHT), min(left + size[0], WIDTH)
        if clothes:
            frame[bottom:, max(left, 0) : right] = clothes[place % len(clothes)]
        frame[max(top, 0) : bottom, max(left, 0) : right] = laid[
            max(-top, 0) : bottom - top, max(-left, 0) : right - left
        ]
    return frame


def seen(face: Face, seed: int, indices: Sequence[int], gain: float = 1.0) -> Appearance:
    """How person `seed` looked in these frames, the head swaying a little."""
    observer = AppearanceObserver()
    for index in range(indices[0], indices[-1] + 1):
        moved = placed(face, 300 + 6 * np.sin(index / 3), 110)
        frame = np.clip(picture([(seed, moved)]) * gain, 0, 255).astype(np.uint8)
        observer.add(index, frame, moved)
    return observer.finish()


def sighting(
    number: int, shot: int, frames: tuple[int, int], appearance: Appearance, x: float = 0.5
) -> Sighting:
    """A track of that number, shot and frames (both ends included)."""
    indices = np.arange(frames[0], frames[1] + 1, dtype=np.int64)
    return Sighting(number, shot, indices, 1000.0 / number, (x, 0.4), 0.2, 110.0, appearance)
