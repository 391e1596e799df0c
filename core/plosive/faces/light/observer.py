# SPDX-License-Identifier: Apache-2.0
"""Watches the light on one face while the plate streams by."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from plosive.colour.transfer import Transfer, finite_working
from plosive.faces.light.face_light import LIGHT_POINTS, FaceLight
from plosive.faces.light.relighting import stops_of, working_of_view
from plosive.faces.light.shading import shading_of
from plosive.faces.light.texels import Texels, texels_of
from plosive.faces.measure import width_of_face
from plosive.faces.track import FaceTrack
from plosive.geometry import Box
from plosive.media.plate import PlateFrame

__all__ = ["LightObserver"]

_SMALL_FACE_PIXELS = 60.0
_CLIPPED = 245 / 255
_FLASH_SHARE = 0.5
_NOT_SEEN = 0
_STEPS = 40000  # of 1.0: up to 1.6 fits 16 bits


class LightObserver:
    """Keeps about 600 small numbers a frame: what places of the lower face show, averaged over their
    surroundings. `transfer` is the plate's.
    """

    def __init__(self, transfer: Transfer = Transfer.BT1886) -> None:
        self._transfer = transfer
        self._texels: Texels | None = None
        self._indices: list[int] = []
        self._seen: list[NDArray[np.uint16]] = []

    def add(
        self,
        index: int,
        rgb: NDArray[np.uint8],
        landmarks: NDArray[np.float32],
        frame: PlateFrame | None = None,
    ) -> None:
        """Show plate frame `index` (rising), its picture (H, W, 3) uint8 and landmarks (478, 3) pixels.

        Of a float plate give `frame` too: `rgb` shows nothing of what is brighter than white.
        """
        if self._texels is None:
            self._texels = texels_of(landmarks)
        self._indices.append(index)
        is_float = self._transfer.is_scene_referred
        self._seen.append(_sampled(rgb, landmarks, self._texels, frame, is_float))

    def finish(self, track: FaceTrack) -> FaceLight:
        """The light in every row of `track`; rows that were not shown get that of the nearest one shown."""
        coords = face_coords(track)
        if self._texels is None:
            return FaceLight.steady(len(track.indices), coords, self._transfer)
        shown = np.array(self._indices)
        after = np.searchsorted(shown, track.indices).clip(0, len(shown) - 1)
        before = np.maximum(after - 1, 0)
        is_before = np.abs(track.indices - shown[before]) < np.abs(shown[after] - track.indices)
        rows = np.where(is_before, before, after)
        texels = self._texels
        places = texels.places(_in_face_widths(track))

        def seen(some: NDArray[np.int64]) -> NDArray[np.float32]:
            stops = self._stops([self._seen[row] for row in rows[some]])
            if track.occlusion is not None:
                for place in np.flatnonzero(track.occlusion.is_covered(some)).tolist():
                    row = int(some[place])
                    at = texels.places(track.landmarks[row, :, :2])
                    stops[place, track.occlusion.covers(row, at)] = np.nan
            return stops

        grid = shading_of(seen, len(rows), places[:, :2], texels.is_mouth)
        return FaceLight(grid, coords, self._transfer)

    def _stops(self, seen: list[NDArray[np.uint16]]) -> NDArray[np.float32]:
        """Light of what was seen (T, P, 3); NaN where it was not."""
        working = np.stack(seen).astype(np.float32) / _STEPS
        stops = stops_of(working, self._transfer)
        stops[working <= 0] = np.nan
        if not self._transfer.is_scene_referred:
            stops[_is_lost(working)] = np.nan
        return stops


def _is_lost(working: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Where values (T, P, 3) are clipped and their neighbours tell better; in a flash too few of them do."""
    clipped = working > _CLIPPED
    return np.asarray(clipped & (clipped.mean(axis=1, keepdims=True) < _FLASH_SHARE))


def face_coords(track: FaceTrack) -> NDArray[np.float32]:
    """`LIGHT_POINTS` of the track's mean face: (N, 2) face widths from the middle of its mouth."""
    return np.ascontiguousarray(_in_face_widths(track)[LIGHT_POINTS, :2])


def _in_face_widths(track: FaceTrack) -> NDArray[np.float32]:
    """The mean face (478, 3), looking straight ahead, in face widths from the middle of its mouth."""
    mean = track.head.upright.mean(axis=0)
    width = float(width_of_face(mean))
    return np.asarray((mean - mean[[61, 291]].mean(axis=0)) / width, dtype=np.float32)


def _sampled(
    rgb: NDArray[np.uint8],
    landmarks: NDArray[np.float32],
    texels: Texels,
    frame: PlateFrame | None,
    is_float: bool,
) -> NDArray[np.uint16]:
    """Working values that the places show: (P, 3), 40000 is 1.0; 0 where they are not seen."""
    import cv2

    places = texels.places(landmarks[:, :2])
    face_width = float(width_of_face(landmarks))
    height, width = rgb.shape[:2]
    margin = 0.06 * face_width + 1
    left, top = np.clip(np.floor(places.min(axis=0) - margin), 0, (width, height)).astype(int)
    right, bottom = np.clip(np.ceil(places.max(axis=0) + margin), 0, (width, height)).astype(int)
    seen = np.full((len(texels), 3), _NOT_SEEN, dtype=np.uint16)
    if right - left < 4 or bottom - top < 4:
        return seen
    step = max(1, int(face_width / (1.5 * _SMALL_FACE_PIXELS)))
    near: NDArray[np.uint8] | NDArray[np.float32] = rgb[top:bottom:step, left:right:step]
    if is_float:
        near = _working(near, frame, Box(int(left), int(top), int(right), int(bottom)), step)
    scale = min(1.0, _SMALL_FACE_PIXELS * step / max(face_width, 1e-3))
    size = max(2, round(near.shape[1] * scale)), max(2, round(near.shape[0] * scale))
    small = cv2.resize(np.ascontiguousarray(near), size, interpolation=cv2.INTER_AREA)
    small = cv2.blur(small, (3, 3)).astype(np.float32) * np.float32(_STEPS if is_float else _STEPS / 255)
    factor = np.array([size[0] / near.shape[1], size[1] / near.shape[0]], dtype=np.float32)
    look_at = ((places - (left, top)) / step + 0.5) * factor - 0.5
    found = cv2.remap(
        small, look_at[:, None].astype(np.float32), None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )[:, 0]
    inside = (places >= 0).all(axis=1) & (places[:, 0] < width) & (places[:, 1] < height)
    shown = inside & texels.is_facing(landmarks)
    seen[shown] = np.clip(found[shown], 1, 65535)
    return seen


def _working(
    view: NDArray[np.uint8] | NDArray[np.float32], frame: PlateFrame | None, box: Box, step: int
) -> NDArray[np.float32]:
    """Working values of a float plate in `box`, every `step` pixels, where need be from its `view`."""
    if frame is None:
        return np.asarray(working_of_view()[view.astype(np.uint8)])
    return np.clip(finite_working(frame.working(box)[::step, ::step]), 0, 1.6)
