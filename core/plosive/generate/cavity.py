# SPDX-License-Identifier: Apache-2.0
"""What lies behind an actor's lips: learnt from all sources of a shot, drawn where a source shows too little.

Where a mouth must open wider than its source, the room between the teeth is dark, with a tongue; teeth stand
where this actor's do, in this actor's colours. Where no source shows any, mean human ones stand in.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from plosive.faces.topology import OUTER_LIPS
from plosive.generate.look import INNER_LOWER, INNER_UPPER
from plosive.generate.opening import CHIN_POINTS
from plosive.generate.pool import SourcePool
from plosive.generate.rigid import Opening
from plosive.generate.teeth import CELL_IOD, TeethRow, lower_row, upper_row

__all__ = ["Cavity", "learn_cavity", "softness_sources"]

_OPEN_GAP, _CLOSED_GAP = 0.05, 0.02
_LEAST_EXAMPLES = 4
_TOOTH_OF_SKIN = 1.3
_TOOTH_LESS_RED = np.array([0.0, 0.09, 0.14], dtype=np.float32)
"""Teeth over the red of the skin, and how much more green and blue they have for it, as five actors do."""

_DEEP_OF_LIP = np.array([0.30, 0.10, 0.06], dtype=np.float32)
_TONGUE_OF_LIP = 0.78
_TEETH_WHITENESS, _DARK_WHITENESS = 0.55, 0.30
_SHOWN_BELOW_LIP = 0.020
_OVERBITE = 0.012
_MOST_LOWER_SHOWN_IOD = 0.03  # about 3 mm of lower incisors show in speech
_SHADOW_IOD = 0.022
_LEAST_BLUR_IOD, _MOST_BLUR_IOD = 0.004, 0.03
_SOFTNESS_SAMPLES, _EDGE_OF_RANGE = 5, 0.5
_MIDDLE_COLUMNS = slice(12, 20)


@dataclass(frozen=True)
class Cavity:
    """`white` and `dark` are the least channel of teeth and of the dark behind them; `tooth`, `deep`,
    `tongue` and `lip` (3,) colours; all working values in the shot's usual light. `upper_edge` is where
    upper incisors end, below the nose base; `lower_edge` where the lower ones begin, above the chin
    (negative); `middle` how far the mouth's middle lies aside; `blur` the Gaussian softness of the sources'
    edges; in inter-ocular distances, upright. `teeth_seen` tells whether any source shows teeth,
    `inside_seen` whether any opens.
    """

    white: float
    dark: float
    tooth: NDArray[np.float32]
    deep: NDArray[np.float32]
    tongue: NDArray[np.float32]
    lip: NDArray[np.float32]
    upper_edge: float
    lower_edge: float
    middle: float
    blur: float
    teeth_seen: bool
    inside_seen: bool

    @cached_property
    def _rows(self) -> tuple[TeethRow, TeethRow]:
        return upper_row(), lower_row()

    def drawn(
        self,
        opening: Opening,
        to_upright: NDArray[np.float32],
        target: NDArray[np.float32],
        gain: NDArray[np.float32],
    ) -> NDArray[np.float32]:
        """The inside of a mouth at `opening`: (h, w, 3) working, light scaled by `gain` (3,).

        `to_upright` (2, 3) takes the target's points to upright ones; `target` (478, 2) are its landmarks.
        """
        import cv2

        box = opening.box
        x = np.arange(box.left, box.right_exclusive, dtype=np.float32)[None]
        y = np.arange(box.top, box.bottom_exclusive, dtype=np.float32)[:, None]
        u = to_upright[0, 0] * x + to_upright[0, 1] * y + (to_upright[0, 2] - np.float32(self.middle))
        v = to_upright[1, 0] * x + to_upright[1, 1] * y + to_upright[1, 2]
        chin = float((target[CHIN_POINTS] @ to_upright[1, :2]).mean() + to_upright[1, 2])
        unit = float(1 / np.sqrt(abs(np.linalg.det(to_upright[:, :2]))))
        down = opening.down
        above, below = down * opening.height / unit, (1 - down) * opening.height / unit
        aside = np.abs(2 * opening.across - 1)
        upper, lower = self._rows
        # The tongue lies low, and further back it is darker.
        rise = np.clip((down - 0.45) / 0.4, 0, 1) * np.clip(1.25 - 1.4 * aside**2, 0, 1)
        rise *= np.clip((opening.height / unit - 0.05) / 0.08, 0, 1)
        rise = rise * rise * (3 - 2 * rise) * (0.55 + 0.45 * down)
        made = self.deep + rise[..., None] * (self.tongue - self.deep)
        # However little the jaw goes, lower teeth go with their lip: an open mouth is dark, not set teeth.
        lip = v + below
        at_lip = float(np.median(lip[opening.inside])) if opening.inside.any() else -np.inf
        lower_edge = max(chin + self.lower_edge, at_lip - _MOST_LOWER_SHOWN_IOD)
        for row, edge, lit in ((lower, lower_edge, 0.85), (upper, self.upper_edge, 1.0)):
            cover, shade, gum = _looked_up(row, u, v - np.float32(edge))
            made = made + gum[..., None] * (self.tongue * 0.8 - made)
            made = made + cover[..., None] * (np.float32(lit) * shade[..., None] * self.tooth - made)
        shadow = 1 - 0.55 * np.exp(-above / _SHADOW_IOD) - 0.30 * np.exp(-below / _SHADOW_IOD)
        corner = np.clip((aside - 0.45) / 0.5, 0, 1)
        shadow *= 1 - 0.85 * corner * corner * (3 - 2 * corner)
        made = self.deep * 0.6 + shadow[..., None] * (made - self.deep * 0.6)
        soft = cv2.GaussianBlur(made * gain, (0, 0), max(0.4, self.blur * unit))
        return np.asarray(soft, dtype=np.float32)


def learn_cavity(pool: SourcePool) -> Cavity:
    """What the sources of a shot tell of the inside of this mouth."""
    inside, upright = pool.inside, pool.upright
    upper, lower = upright[:, INNER_UPPER[4:7], 1].mean(axis=1), upright[:, INNER_LOWER[4:7], 1].mean(axis=1)
    gap = lower - upper
    skin = np.median(pool.light.reshape(-1, 3), axis=0)
    lip = np.median(inside[:, -1].reshape(-1, 3), axis=0)
    is_open = gap > _OPEN_GAP
    shown = inside[is_open] if is_open.any() else inside[:0]
    pixels = shown.reshape(-1, 3)
    least = pixels.min(axis=1) if len(pixels) else np.zeros(1, dtype=np.float32)
    tooth_guess = np.minimum(_TOOTH_OF_SKIN * (skin + _TOOTH_LESS_RED * float(skin[0])), 1)
    deep_guess = _DEEP_OF_LIP * float(lip.max())
    white, dark = float(np.percentile(least, 98)), float(np.percentile(least, 2))
    teeth_seen = bool(len(pixels)) and white > 0.6 * float(tooth_guess.min()) and white > 2 * dark
    tooth = np.median(pixels[least >= np.percentile(least, 90)], axis=0) if teeth_seen else tooth_guess
    if teeth_seen:  # lips around narrow openings redden them
        tooth = np.maximum(tooth, tooth.max() * (skin / skin.max() + 0.7 * _TOOTH_LESS_RED))
    white = white if teeth_seen else float(tooth_guess.min())
    light = pixels.mean(axis=1)
    is_deep = light <= np.percentile(light, 4) if len(pixels) else np.zeros(0, dtype=bool)
    deep = np.median(pixels[is_deep], axis=0) if is_deep.any() else deep_guess
    if float(deep.mean()) > 0.4 * float(skin.mean()):
        deep = deep_guess
    dark = min(dark, float(deep.min()))
    closed = np.argsort(gap)[: max(1, int((gap < _CLOSED_GAP).sum()))]
    line = float(np.median((upper[closed] + lower[closed]) / 2))
    chin = upright[:, CHIN_POINTS, 1].mean(axis=1)
    upper_edge, lower_edge = line + _SHOWN_BELOW_LIP, line - float(np.median(chin[closed])) + _OVERBITE
    if teeth_seen:
        whiteness = (inside[:, :, _MIDDLE_COLUMNS].min(axis=3).mean(axis=2) - dark) / max(white - dark, 1e-3)
        upper_edge = _edge(whiteness[is_open], upper[is_open], gap[is_open], upper_edge)
        from_chin = lower[is_open] - chin[is_open]
        lower_edge = _edge(whiteness[is_open, ::-1], from_chin, -gap[is_open], lower_edge)
    return Cavity(
        white=white,
        dark=dark,
        tooth=tooth.astype(np.float32),
        deep=deep.astype(np.float32),
        tongue=(_TONGUE_OF_LIP * lip).astype(np.float32),
        lip=lip.astype(np.float32),
        upper_edge=upper_edge,
        lower_edge=lower_edge,
        middle=float(np.median(upright[:, 13, 0])),
        blur=_softness(pool),
        teeth_seen=teeth_seen,
        inside_seen=bool(is_open.any()),
    )


def _edge(
    whiteness: NDArray[np.float32], lip: NDArray[np.float32], gap: NDArray[np.float32], usual: float
) -> float:
    """Where teeth end that begin at a lip: median over the frames in which dark follows on white; `usual`
    where too few do. `whiteness` (N, 12) from that lip on, `lip` (N,) where it is, `gap` (N,) signed.
    """
    rows = whiteness.shape[1]
    found = []
    for levels, start, height in zip(whiteness, lip.tolist(), gap.tolist(), strict=True):
        white = np.flatnonzero(levels[:5] > _TEETH_WHITENESS)
        if len(white) == 0:
            continue
        after = np.flatnonzero(levels[white[0] :] < _DARK_WHITENESS)
        if len(after):
            found.append(start + height * (white[0] + after[0] + 0.25) / rows)
    return float(np.median(found)) if len(found) >= _LEAST_EXAMPLES else usual


def _looked_up(
    row: TeethRow, u: NDArray[np.float32], v: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    import cv2

    x = u / np.float32(CELL_IOD) + np.float32((row.cover.shape[1] - 1) / 2)
    y = v / np.float32(CELL_IOD) + np.float32(row.edge_row)
    found = cv2.remap(
        np.ascontiguousarray(np.stack([row.cover, row.shade, row.gum], axis=-1)),
        x,
        y,
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return found[..., 0], found[..., 1], found[..., 2]


def softness_sources(count: int) -> list[int]:
    """Which of `count` sources the softness of edges is measured in."""
    return [int(source) for source in np.linspace(0, count - 1, _SOFTNESS_SAMPLES).astype(int)]


def _softness(pool: SourcePool) -> float:
    """Gaussian sigma of the sharpest edges of a few sources, in inter-ocular distances: their steepest slope
    over the height of an edge such as that of a lip, median.
    """
    found = []
    for source in softness_sources(len(pool)):
        pixels, shown = pool.pixels(source)
        lips = pool.landmarks[source, OUTER_LIPS, :2] - np.array([shown.left, shown.top], np.float32)
        left, top = np.maximum(np.floor(lips.min(axis=0)).astype(int), 0)
        right, bottom = np.ceil(lips.max(axis=0)).astype(int)
        green = pixels[top : bottom + 2, left : right + 2, 1]
        if min(green.shape) < 4:
            continue
        slope = np.percentile(np.hypot(*np.gradient(green)), 99)
        height = _EDGE_OF_RANGE * np.ptp(np.percentile(green, [2, 98]))
        unit = float(np.linalg.norm(pool.landmarks[source, 33, :2] - pool.landmarks[source, 263, :2]))
        found.append(float(height / max(slope, 1e-4)) / np.sqrt(2 * np.pi) / unit)
    blur = float(np.median(found)) if found else _LEAST_BLUR_IOD
    return float(np.clip(blur, _LEAST_BLUR_IOD, _MOST_BLUR_IOD))
