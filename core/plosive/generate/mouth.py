# SPDX-License-Identifier: Apache-2.0
"""One source mouth put into its new shape and place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plosive.faces.measure import width_of_face
from plosive.generate.layers import InsideLayers
from plosive.generate.lips import bared_contour, closing_share, creased, opened_contour
from plosive.generate.matte import inside_outline
from plosive.generate.mesh import WarpMesh, affine_between, torn_pixels, with_ring
from plosive.generate.opening import OpeningShape, opening_shape
from plosive.generate.place import MouthPlace
from plosive.generate.pool import SourcePool
from plosive.generate.registration import remaining_shift
from plosive.generate.resample import resampled, resampled_at
from plosive.geometry import box_around

__all__ = ["MouthWarper"]

_FADE_BAND_FACES = 0.02
_CREASED_CLOSING = 0.85
_GHOST_CHANGE = np.float32(0.05)
_TURNED_APART_DEGREES = 4.0


@dataclass(frozen=True)
class _Source:
    """A source with the map that takes it to its place."""

    pixels: NDArray[np.float32]
    goal: NDArray[np.float32]
    start: NDArray[np.float32]
    outside: NDArray[np.float32]
    look_at: NDArray[np.float32]
    closing: float
    opening: OpeningShape | None


class MouthWarper:
    """Warps sources of one shot."""

    def __init__(self, sources: SourcePool, mesh: WarpMesh) -> None:
        self._sources = sources
        self._mesh = mesh
        self._inside = InsideLayers(sources)
        self._yaw_degrees = sources.track.head.angles_degrees()[:, 0]

    def inside_choices(self, shapes: NDArray[np.float32], chosen: NDArray[np.int64]) -> dict[str, object]:
        """See `InsideLayers.choices`."""
        return self._inside.choices(shapes, chosen)

    def mouth(
        self, source: int, place: MouthPlace, neighbour: int | None, share: float
    ) -> NDArray[np.float32]:
        """Source number `source` at `place`: (h, w, 3) float32 working, resampled once (Lanczos).

        `neighbour`, the source on the other side of a jump, is faded in by `share` in the low band only:
        light and colour pass over, detail stays sharp.
        """
        import cv2

        held = self._mapped(source, place)
        warped = resampled(held.pixels, held.look_at, place.matte > 0)
        warped = self._closed(held, warped, place)
        if held.opening is not None:
            self._inside.fill(warped, held.pixels, source, held.opening, place)
        warped = self._on_the_face(source, held, warped, place)
        if neighbour is None:
            return np.asarray(warped, dtype=np.float32)
        other = self._mapped(neighbour, place, has_layers=False)
        difference = _small(other) - _small(held)
        sigma = max(0.7, _FADE_BAND_FACES * place.face_width / 2)
        low = cv2.GaussianBlur(difference, (0, 0), sigma)
        # Light and colour differ little; teeth against dark, or lips in another place, would leave ghosts.
        low /= 1 + (np.abs(low).max(axis=2, keepdims=True) / _GHOST_CHANGE) ** 2
        low = cv2.resize(low, (place.box.width, place.box.height), interpolation=cv2.INTER_LINEAR)
        return np.asarray(warped + np.float32(share) * low, dtype=np.float32)

    def _mapped(self, source: int, place: MouthPlace, has_layers: bool = True) -> _Source:
        import cv2

        pixels, shown = self._sources.lit_pixels(source, place.row)
        landmarks = self._sources.landmarks[source, :, :2]
        landmarks = landmarks - np.array([shown.left, shown.top], dtype=np.float32)
        closing = closing_share(landmarks, place.target)
        landmarks = opened_contour(landmarks, place.target, pixels)
        outside = affine_between(place.target, landmarks)
        opening = opening_shape(landmarks, place.target, outside) if has_layers else None
        if opening is not None and self._inside.is_filled(opening):
            landmarks = bared_contour(landmarks, pixels)
        goal, start = with_ring(place.target), with_ring(landmarks)
        look_at = self._mesh.map(goal, start, outside, place.box)
        shift = remaining_shift(pixels, look_at, place.under, place.matte, place.face_width)
        if shift is not None:
            # To first order the source moves by the shift turned and scaled as the whole face is.
            look_at += cv2.transform(shift, np.ascontiguousarray(outside[:, :2]))
        if opening is not None:
            self._inside.rigid(pixels, opening, place, look_at)
        return _Source(pixels, goal, start, outside, look_at, closing, opening)

    def _on_the_face(
        self, source: int, held: _Source, warped: NDArray[np.float32], place: MouthPlace
    ) -> NDArray[np.float32]:
        """`warped` without what the source shows beyond its own cheek: on a head turned otherwise that would
        be a streak of hair or background on the skin. The plate stays there.
        """
        import cv2

        apart = float(self._sources.angles_degrees[source, 0] - self._yaw_degrees[place.row])
        if abs(apart) < _TURNED_APART_DEGREES:
            return warped
        box = self._sources.tickets[source].box
        points = self._sources.landmarks[source]
        is_face = inside_outline(points[:, :2], float(width_of_face(points)), box)
        if is_face.min() == 1:
            return warped
        look_at = np.ascontiguousarray(held.look_at[::2, ::2])
        seen = cv2.remap(is_face, look_at, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        seen = cv2.resize(seen, (place.box.width, place.box.height), interpolation=cv2.INTER_LINEAR)
        seen = np.clip(2 * seen - 1, 0, 1)  # landmarks of a far cheek often lie a little beyond it
        return np.asarray(place.under + seen[..., None] * (warped - place.under), dtype=np.float32)

    def _closed(self, held: _Source, warped: NDArray[np.float32], place: MouthPlace) -> NDArray[np.float32]:
        """Lips closed from an open source: their seam drawn at double resolution, and its shadow."""
        if held.closing == 0:
            return warped
        torn = torn_pixels(held.look_at) & (place.matte > 0)
        if torn.any():
            area = box_around(torn, place.box)
            where = area.moved(-place.box.left, -place.box.top).slices
            fine = self._mesh.fine_map(held.goal, held.start, held.outside, area)
            quarters = fine.reshape(area.height, 2, area.width, 2, 2).swapaxes(1, 2)[torn[where]]
            smooth = resampled_at(held.pixels, quarters.reshape(-1, 2)).reshape(-1, 4, 3).mean(axis=1)
            warped[where][torn[where]] = smooth
        if held.closing > _CREASED_CLOSING:
            strength = (held.closing - _CREASED_CLOSING) / (1 - _CREASED_CLOSING)
            return creased(warped, place.target, place.box, strength)
        return warped


def _small(held: _Source) -> NDArray[np.float32]:
    """The warped source at half size."""
    import cv2

    half = np.ascontiguousarray(held.look_at[::2, ::2])
    small = cv2.remap(held.pixels, half, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(small, dtype=np.float32)
