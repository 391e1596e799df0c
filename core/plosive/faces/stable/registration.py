# SPDX-License-Identifier: Apache-2.0
"""How far the landmarks' pose of a head lies beside its picture, frame by frame, found from its skin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plosive.faces.head import HeadShape, fit_head, head_shape
from plosive.faces.stable.alignment import KeyPatch, Measured, align, key_patch
from plosive.faces.stable.patch import PARAMETERS, PatchLayout, PatchView, patch_layout, view_of
from plosive.faces.track import FaceTrack

__all__ = ["Registration", "RegistrationObserver"]

_KEY_DEGREES = 8.0
_LINK_DEGREES = 14.0
_LINK_FRAMES = 4
_MOST_KEYS = 48
_LEAST_LIKENESS = 0.5
_SURE_LIKENESS = 0.85
_MOST_COVERED = 0.35
_LOST_FRAMES = 4
_FULL_TRUST = 0.5
_FILL_FRAMES = 5.0
_LANDMARKS_WEIGHT = 0.02  # of a sure measurement: keys as a whole stay where landmarks say


@dataclass(frozen=True)
class Registration:
    """Of T frames of a track: `motions` (T, 6) float32 (see `plosive.faces.stable.patch`) to add to the pose
    that landmarks fitted to `shape` give; `trust` (T,) from 0, landmarks alone, to 1, surely found again.
    """

    motions: NDArray[np.float32]
    trust: NDArray[np.float32]
    shape: HeadShape

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Everything, as plain arrays."""
        return {
            "motions": self.motions,
            "trust": self.trust,
            "rigid": self.shape.rigid,
            "origin": self.shape.origin,
            "unit": np.array(self.shape.unit),
        }

    @classmethod
    def from_arrays(cls, arrays: dict[str, NDArray[Any]]) -> Registration:
        """What `arrays` gave."""
        shape = HeadShape(arrays["rigid"], arrays["origin"], float(arrays["unit"]))
        return cls(arrays["motions"], arrays["trust"], shape)


@dataclass(frozen=True)
class _Link:
    row: int
    key: int
    measured: Measured


class RegistrationObserver:
    """Registers one face while frames stream by: each against the key patch nearest in pose, some against a
    second one, which ties the keys together. Keys are frames of the track, never chained from frame to
    frame, so nothing drifts. Memory: at most 48 keys of 160 kB, and a few numbers per frame.
    """

    def __init__(self) -> None:
        self._shape: HeadShape | None = None
        self._layout: PatchLayout | None = None
        self._keys: list[KeyPatch] = []
        self._links: list[_Link] = []
        self._indices: list[int] = []
        self._lost = 0
        self._last: dict[int, NDArray[np.float32]] = {}

    def add(self, index: int, rgb: NDArray[np.uint8], landmarks: NDArray[np.float32]) -> None:
        """Frame `index` (rising) shows the face at raw `landmarks` (478, 3) pixels in `rgb` (H, W, 3)."""
        row = len(self._indices)
        self._indices.append(index)
        if self._shape is None:
            self._shape = head_shape(landmarks[None])
        head = fit_head(landmarks[None], self._shape)
        if self._layout is None:
            self._layout = patch_layout(head.upright[0])
        view = view_of(rgb, head, self._layout)
        if view is None:
            return
        angles = head.angles_degrees()[0, :2]
        away = np.array([float(np.linalg.norm(key.angles - angles)) for key in self._keys])
        near = np.argsort(away, kind="stable")[:2]
        found = bool(len(near)) and self._measure(row, int(near[0]), view)
        self._lost = 0 if found else self._lost + 1
        if len(near) > 1 and (not found or row % _LINK_FRAMES == 0) and away[near[1]] < _LINK_DEGREES:
            self._measure(row, int(near[1]), view)
        far = not len(near) or away[near[0]] > _KEY_DEGREES
        if len(self._keys) < _MOST_KEYS and (far or self._lost >= _LOST_FRAMES):
            self._add_key(row, view, angles)

    def finish(self, track: FaceTrack) -> Registration:
        """After the pass: of `track`, the rows that were added."""
        count = len(self._indices)
        motions, trust = _settled(self._links, count, len(self._keys))
        added = np.array(self._indices, dtype=np.int64)
        rows = np.searchsorted(added, track.indices).clip(0, max(count - 1, 0))
        if self._shape is None or not np.array_equal(added[rows], track.indices):
            raise ValueError("the track has frames that were not added")
        return Registration(motions[rows], trust[rows], self._shape)

    def _measure(self, row: int, key: int, view: PatchView) -> bool:
        assert self._layout is not None
        measured = align(self._keys[key], self._layout, view, self._last.get(key))
        found = measured.likeness > _LEAST_LIKENESS and measured.covered < _MOST_COVERED
        if found:
            self._links.append(_Link(row, key, measured))
            self._last[key] = measured.motion
        else:
            self._last.pop(key, None)
        return found

    def _add_key(self, row: int, view: PatchView, angles: NDArray[np.float32]) -> None:
        assert self._layout is not None
        self._keys.append(key_patch(self._layout, view, angles))
        self._lost = 0
        still = np.zeros(PARAMETERS, dtype=np.float32)
        self._links.append(_Link(row, len(self._keys) - 1, Measured(still, 1.0, 0.0)))


def _trust(measured: Measured) -> float:
    ramp = (measured.likeness - _LEAST_LIKENESS) / (_SURE_LIKENESS - _LEAST_LIKENESS)
    return float(np.clip(ramp, 0.05, 1) * (1 - measured.covered / _MOST_COVERED))


def _settled(links: list[_Link], frames: int, keys: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Motions (T, 6) that agree best with all links, and their trust (T,).

    A link says: frame's motion less key's motion is what was measured. All are solved at once (weighted
    least squares), with a weak wish that frames stay where their landmarks are, so that a key whose own
    landmarks erred pulls nobody aside. Frames are eliminated first: what is left is one row per key.
    """
    motions, trust = np.zeros((frames, PARAMETERS)), np.zeros(frames)
    if not links:
        return motions.astype(np.float32), trust.astype(np.float32)
    row = np.array([link.row for link in links])
    key = np.array([link.key for link in links])
    measured = np.stack([link.measured.motion for link in links]).astype(np.float64)
    weight = np.array([_trust(link.measured) for link in links])
    total = np.full(frames, _LANDMARKS_WEIGHT)
    np.add.at(total, row, weight)
    to_key = np.zeros((frames, keys))
    np.add.at(to_key, (row, key), weight)
    own = np.zeros((frames, PARAMETERS))
    np.add.at(own, row, weight[:, None] * measured)
    against = np.zeros((keys, PARAMETERS))
    np.add.at(against, key, weight[:, None] * measured)
    share = to_key / total[:, None]
    normal = np.diag(to_key.sum(axis=0) + 1e-9) - to_key.T @ share
    places = np.linalg.solve(normal, share.T @ own - against)
    motions = (own + to_key @ places) / total[:, None]
    np.maximum.at(trust, row, weight)
    motions = _filled(motions, trust)
    return motions.astype(np.float32), trust.astype(np.float32)


def _filled(motions: NDArray[np.float64], trust: NDArray[np.float64]) -> NDArray[np.float64]:
    """Motions (T, 6) where rows of little trust lean on the rows about them: what landmarks err by changes
    slowly with pose.
    """
    from scipy.ndimage import gaussian_filter1d

    weight = gaussian_filter1d(trust, _FILL_FRAMES, mode="constant") + 1e-6
    around = gaussian_filter1d(motions * trust[:, None], _FILL_FRAMES, axis=0, mode="constant")
    sure = np.clip(trust / _FULL_TRUST, 0, 1)[:, None]
    return np.asarray(sure * motions + (1 - sure) * around / weight[:, None])
