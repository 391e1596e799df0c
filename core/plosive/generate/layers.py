# SPDX-License-Identifier: Apache-2.0
"""The inside of a new mouth put together: what its source shows, what a wider source shows, what is drawn."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from plosive.generate.cavity import learn_cavity
from plosive.generate.look import INNER_LOWER, INNER_UPPER
from plosive.generate.mesh import affine_between
from plosive.generate.opening import OpeningShape, opening_shape
from plosive.generate.place import MouthPlace
from plosive.generate.pool import SourcePool
from plosive.generate.rigid import Opening, laid_opening

__all__ = ["InsideLayers"]

_UPRIGHT_POINTS = np.array([2, 98, 327, 164, 61, 291, 0, 17, 40, 270, 181, 405, 18, 200])
_RIGID_FROM, _RIGID_FULL = 1.25, 1.6
_RIGID_FROM_IOD, _RIGID_FULL_IOD = 0.01, 0.03
_LACK_FROM_IOD, _LACK_FULL_IOD = 0.015, 0.04
_DONOR_FROM, _DONOR_FULL = 1.6, 1.8
_DONOR_GROWS_LESS = 0.7
_USUAL_TURN_DEGREES = 30.0
_DRAWN_FROM, _DRAWN_FULL = 1.7, 2.0
_LIP_SHADE, _LIP_SHADE_IOD = 0.5, 0.015
_RIM_PIXELS, _RIM_BLURS = 0.8, 1.5


class InsideLayers:
    """Mouths of one shot."""

    def __init__(self, sources: SourcePool) -> None:
        self._sources = sources
        self.cavity = learn_cavity(sources)
        self._gaps = _gaps(sources.upright)
        self._donors = _widest(sources, self._gaps)

    def rigid(
        self,
        pixels: NDArray[np.float32],
        shape: OpeningShape,
        place: MouthPlace,
        sheet: NDArray[np.float32],
    ) -> None:
        """Change `sheet`, the map (h, w, 2) of the mesh at `place`, in place: teeth keep their size as the
        opening changes by more than a quarter.
        """
        change = np.exp(abs(np.log(max(shape.growth, 1e-3))))
        share = _smooth(change, _RIGID_FROM, _RIGID_FULL)
        share *= _smooth(abs(shape.missing_iod), _RIGID_FROM_IOD, _RIGID_FULL_IOD)
        opening = self._opening(pixels, shape, place) if share > 0 else None
        if opening is not None:
            part = sheet[opening.box.moved(-place.box.left, -place.box.top).slices]
            part += np.float32(share) * opening.inside[..., None] * (opening.look_at - part)

    def is_filled(self, shape: OpeningShape) -> bool:
        """Whether a source with `shape` shows too little of the inside, so that `fill` does something."""
        return shape.missing_iod > _LACK_FROM_IOD and shape.growth > _DONOR_FROM

    def fill(
        self,
        warped: NDArray[np.float32],
        pixels: NDArray[np.float32],
        source: int,
        shape: OpeningShape,
        place: MouthPlace,
    ) -> None:
        """Change `warped` (h, w, 3) working, the source at `place`, in place: what its opening lacks comes
        from the shot's widest source, or is drawn.
        """
        if not self.is_filled(shape):
            return
        lack = _smooth(shape.missing_iod, _LACK_FROM_IOD, _LACK_FULL_IOD)
        share = lack * _smooth(shape.growth, _DONOR_FROM, _DONOR_FULL)
        opening = self._opening(pixels, shape, place)
        if opening is None:
            return
        inside = warped[opening.box.moved(-place.box.left, -place.box.top).slices]
        rim = np.minimum(opening.down, 1 - opening.down) * opening.height
        rim /= max(_RIM_PIXELS, _RIM_BLURS * self.cavity.blur * shape.unit)
        cover = (np.clip(rim, 0, 1) * opening.inside)[..., None]
        usual = np.maximum(self._sources.light[source].mean(axis=(0, 1)), 1e-3)
        gain = np.clip(pixels.mean(axis=(0, 1)) / usual, 0.1, 4)
        growth, own = shape.growth, inside.copy()
        other = self._donated(source, growth, place)
        if other is not None:
            inside += np.float32(share) * cover * (other[1] - inside)
            growth += share * (other[0] - growth)
        drawn_share = lack * _smooth(growth, _DRAWN_FROM, _DRAWN_FULL)
        # The source stays at the very edge; but no tooth of it there, torn long.
        torn = np.minimum(self.cavity.lip * gain - own, 0)
        replaced = max(drawn_share, share if other is not None else 0.0)
        inside += np.float32(replaced) * (1 - cover) * opening.inside[..., None] * torn
        if drawn_share > 0:
            drawn = self.cavity.drawn(opening, self._to_upright(place.row), place.target, gain)
            inside += np.float32(drawn_share) * cover * (drawn - inside)

    def choices(self, shapes: NDArray[np.float32], chosen: NDArray[np.int64]) -> dict[str, object]:
        """What will be shown inside mouths of upright `shapes` (T, 478, 3) made from sources `chosen` (T,):
        on how many frames a wider source lends it, on how many it is drawn and after what.
        """
        goal, own = _gaps(shapes), self._gaps[chosen]
        lacking = (goal - own > (_LACK_FROM_IOD + _LACK_FULL_IOD) / 2) & (goal > _DONOR_FULL * own)
        widest = float(self._gaps[self._donors[0]])
        drawn = lacking & (goal > (_DRAWN_FROM + _DRAWN_FULL) / 2 * np.maximum(own, widest))
        after = "this actor's teeth" if self.cavity.teeth_seen else "mean human teeth in this actor's light"
        return {
            "inside_lent_frames": int((lacking & ~drawn).sum()),
            "inside_drawn_frames": int(drawn.sum()),
            "inside_drawn_after": after if drawn.any() else "",
        }

    def _donated(
        self, source: int, growth: float, place: MouthPlace
    ) -> tuple[float, NDArray[np.float32]] | None:
        """How much the widest source has to grow, and what it shows in the opening; None where that helps
        little. The plate's own mouth in this very frame lends nothing.
        """
        import cv2

        rows = self._sources.rows
        donor = next((one for one in self._donors if rows[one] != place.row), source)
        if donor == source:
            return None
        box = self._sources.tickets[donor].box
        landmarks = self._sources.landmarks[donor, :, :2] - np.array([box.left, box.top], np.float32)
        shape = opening_shape(landmarks, place.target, affine_between(place.target, landmarks))
        if shape is None or shape.growth > _DONOR_GROWS_LESS * growth:
            return None
        pixels, _ = self._sources.lit_pixels(donor, place.row)
        opening = self._opening(pixels, shape, place)
        if opening is None:
            return None
        seen = cv2.remap(pixels, opening.look_at, None, cv2.INTER_LANCZOS4, borderMode=cv2.BORDER_REPLICATE)
        # Lips shade what comes to lie under them.
        above = opening.down * opening.height / shape.unit
        below = (1 - opening.down) * opening.height / shape.unit
        shade = 1 - _LIP_SHADE * (np.exp(-above / _LIP_SHADE_IOD) + np.exp(-below / _LIP_SHADE_IOD))
        return shape.growth, np.asarray(seen * shade[..., None], dtype=np.float32)

    def _opening(self, pixels: NDArray[np.float32], shape: OpeningShape, place: MouthPlace) -> Opening | None:
        cavity = self.cavity
        return laid_opening(shape, pixels, place.target, cavity.white, cavity.dark, place.box)

    def _to_upright(self, row: int) -> NDArray[np.float32]:
        """Affine (2, 3) that takes the picture of row `row` to upright points, near the mouth."""
        track = self._sources.track
        points, upright = (
            track.landmarks[row, _UPRIGHT_POINTS, :2],
            track.head.upright[row, _UPRIGHT_POINTS, :2],
        )
        known = np.concatenate([points, np.ones((len(points), 1))], axis=1).astype(np.float64)
        solved, *_ = np.linalg.lstsq(known, upright.astype(np.float64), rcond=None)
        return np.asarray(solved.T, dtype=np.float32)


def _gaps(upright: NDArray[np.float32]) -> NDArray[np.float32]:
    """Gap of the inner lips of upright shapes (N, 478, 3): (N,) inter-ocular distances."""
    apart = upright[:, INNER_LOWER[4:7], 1] - upright[:, INNER_UPPER[4:7], 1]
    return np.asarray(np.maximum(apart.mean(axis=1), 0), dtype=np.float32)


def _widest(sources: SourcePool, gaps: NDArray[np.float32]) -> tuple[int, int]:
    """The source that shows most of the inside (wide open, sharp, the head as usual), and the next best."""
    sharp = np.clip(sources.sharpness / max(float(np.median(sources.sharpness)), 1e-6), 0.5, 1)
    away = np.abs(sources.angles_degrees - np.median(sources.angles_degrees, axis=0)).max(axis=1)
    worth = gaps * sharp * np.exp(-away / _USUAL_TURN_DEGREES)
    best = np.argsort(-worth, kind="stable")
    return int(best[0]), int(best[min(1, len(best) - 1)])


def _smooth(value: float, start: float, end: float) -> float:
    share = min(max((value - start) / (end - start), 0.0), 1.0)
    return float(share * share * (3 - 2 * share))
