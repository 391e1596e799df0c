# SPDX-License-Identifier: Apache-2.0
"""What shows between the lips of a source: teeth, dark, tongue, in the actor's own colours and light."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plosive.generate.byshape import usual_for_shape

__all__ = ["Interiors", "asked_interiors", "see_interiors", "tuckedness"]

_LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)
_OPEN_GAP = 0.06  # inter-ocular distances: mouths open this far tell colours of teeth and dark
_SHOWN_GAP = 0.03  # mouths open this far show something
_CLOSED_GAP = 0.03
_BRIGHT = 0.55  # of the skin's light: teeth are at least so bright
_LEAST_BRIGHT_CELLS = 200
_DARKEST, _DARK_FROM, _DARK_TO = 0.3, 0.15, 0.4
_TOOTH_EDGE, _TOOTH_SOFTNESS = 0.45, 0.35  # of the way from the redness of teeth to that of lips
_LEAST_LIP_REDNESS = 0.05  # beyond skin
_LEAST_PIXELS, _ENOUGH_PIXELS = 1.5, 5.0  # height of an opening that tells nothing, and all
_NEAR_FRAMES = 8


@dataclass(frozen=True)
class Interiors:
    """N mouths. `shown` (N, 4) float32 are shares of the opening, 0..1: upper teeth and lower teeth (of
    either half), dark, tongue. `trust` (N,) is 0 where the opening is too small to tell, in the mouth or in
    pixels, 1 where it is not.
    """

    shown: NDArray[np.float32]
    trust: NDArray[np.float32]


def see_interiors(
    inside: NDArray[np.float32],
    light: NDArray[np.float32],
    redness: NDArray[np.float32],
    gap: NDArray[np.float32],
    pixels: NDArray[np.float32],
) -> Interiors:
    """What N sources show: `inside` (N, 12, 32, 3), `light` (N, 8, 8, 3) and `redness` (N,) as in
    `MouthLook`, `gap` (N,) inter-ocular distances, `pixels` (N,) the same in pixels.

    Each of the straightened opening's cells is tooth, dark or red by its light, relative to the skin's, and
    by its redness, between that of the actor's whitest teeth and of the lips. Red under something that is
    not counts as tongue, but for one cell of lower lip, which landmarks often let in.
    """
    tooth, dark, red = _cells(inside, light, redness, gap)
    across = np.clip(np.sin(np.linspace(0, np.pi, inside.shape[2] + 2)[1:-1]) - 0.25, 0, None)
    across = (across / across.sum()).astype(np.float32)  # corners are lip in any mouth
    rows = inside.shape[1]
    half = rows // 2
    under = np.maximum.accumulate(1 - red, axis=1) * red
    tongue = np.clip(under[:, 2:-1].sum(axis=1) - 1, 0, None) / (rows - 3)
    shown = [(tooth[:, 1:half] @ across).mean(axis=1), (tooth[:, half:-1] @ across).mean(axis=1)]
    shown += [(dark[:, 1:-1] @ across).mean(axis=1), tongue @ across]
    return Interiors(np.stack(shown, axis=1, dtype=np.float32), _trust(gap, pixels))


def asked_interiors(
    lips: NDArray[np.float32],
    gap: NDArray[np.float32],
    beyond: NDArray[np.float32] | None,
    known_lips: NDArray[np.float32],
    known_order: NDArray[np.int64],
    known: Interiors,
) -> Interiors:
    """What T mouths should show: what this actor's mouths of such a shape do, and `beyond` (T, 3: see
    `motion.interior`) times how much this actor's mouths of one shape differ among each other. Tongue is not
    asked for: its column is what the shape tells. Where `beyond` is None, the sounds not known, nothing is
    asked: what a shape alone tells chose no better.

    `lips` (T, K) and `known_lips` (N, K) are shapes, `known_order` (N,) counts frames.
    """
    shown = usual_for_shape(lips, known_lips, known.shown)
    trust = np.clip((gap - 0.02) / 0.03, 0, 1).astype(np.float32)
    clear = known.trust > 0.5
    if beyond is None:
        return Interiors(shown, np.zeros_like(trust))
    if clear.sum() >= 8:
        own = usual_for_shape(known_lips, known_lips, known.shown, known_order, _NEAR_FRAMES)
        spread = (known.shown - own)[clear].std(axis=0)
        shown[:, : beyond.shape[1]] += beyond * spread[: beyond.shape[1]]
    return Interiors(np.asarray(shown, dtype=np.float32), trust)


def tuckedness(
    lower_lip: NDArray[np.float32],
    redness: NDArray[np.float32],
    gap: NDArray[np.float32],
    interiors: Interiors,
) -> NDArray[np.float32]:
    """How far the lower lip of N sources lies under the upper teeth: (N,), 0..1.

    Then the mouth is a narrow slit, the lip is thinner (`lower_lip` (N,) its height) and less red than this
    actor's usually is, and upper teeth may show.
    """
    thin = np.clip((0.95 - lower_lip / max(float(np.median(lower_lip)), 1e-6)) / 0.25, 0, 1)
    pale = np.clip((0.98 - redness / max(float(np.median(redness)), 1e-3)) / 0.15, 0, 1)
    teeth = np.clip(interiors.shown[:, 0] / 0.3, 0, 1) * interiors.trust
    slit = np.clip((gap - 0.005) / 0.01, 0, 1) * np.clip((0.12 - gap) / 0.06, 0, 1)
    return np.asarray(slit * (thin + pale + teeth) / 3, dtype=np.float32)


def _cells(
    inside: NDArray[np.float32],
    light: NDArray[np.float32],
    redness: NDArray[np.float32],
    gap: NDArray[np.float32],
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Tooth, dark, red of every cell (N, rows, columns), 0..1, together 1."""
    skin = np.median(light.reshape(-1, 3), axis=0)
    skin_light = max(float(skin @ _LUMA), 1e-3)
    skin_red = float(skin[0] - skin[1:].mean()) / skin_light
    luma = inside @ _LUMA
    bright = luma / skin_light
    redder = (inside[..., 0] - inside[..., 1:].mean(axis=-1)) / np.maximum(luma, 0.03)
    closed = redness[gap <= _CLOSED_GAP]
    lip_red = float(np.median(closed if len(closed) >= 3 else redness)) if len(redness) else 0.0
    lip_red = max(lip_red, skin_red + _LEAST_LIP_REDNESS)
    quarter = inside.shape[2] // 4
    middle = np.flatnonzero(gap > _OPEN_GAP), slice(1, -1), slice(quarter, -quarter)
    seen_bright, seen_red = bright[middle].ravel(), redder[middle].ravel()
    whitest = seen_red[seen_bright > _BRIGHT]
    tooth_red = float(np.percentile(whitest, 5)) if len(whitest) > _LEAST_BRIGHT_CELLS else skin_red / 2
    tooth_red = min(tooth_red, skin_red)
    darkest = min(float(np.percentile(seen_bright, 2)), _DARKEST) if len(seen_bright) else 0.1
    dark = 1 - _risen(bright, darkest + _DARK_FROM, darkest + _DARK_TO)
    edge, soft = tooth_red + _TOOTH_EDGE * (lip_red - tooth_red), _TOOTH_SOFTNESS * (lip_red - tooth_red)
    tooth = (1 - dark) * (1 - _risen(redder, edge - soft, edge + soft))
    return tooth, dark, 1 - dark - tooth


def _risen(values: NDArray[np.float32], start: float, end: float) -> NDArray[np.float32]:
    share = np.clip((values - start) / (end - start), 0, 1)
    return np.asarray(share * share * (3 - 2 * share), dtype=np.float32)


def _trust(gap: NDArray[np.float32], pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    by_gap = np.clip(gap / _SHOWN_GAP - 0.5, 0, 1)
    by_size = np.clip((pixels - _LEAST_PIXELS) / (_ENOUGH_PIXELS - _LEAST_PIXELS), 0, 1)
    return np.asarray(by_gap * by_size, dtype=np.float32)
