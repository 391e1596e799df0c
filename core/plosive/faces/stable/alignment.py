# SPDX-License-Identifier: Apache-2.0
"""A frame's patch laid over a key patch by a small motion of the head in its own frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plosive.faces.stable.patch import PARAMETERS, PatchLayout, PatchView

__all__ = ["KeyPatch", "Measured", "align", "key_patch"]

_STEP = np.array([0.012, 0.012, 0.012, 0.012, 0.03, 0.03], dtype=np.float32)
_PRIOR = np.array([0.025, 0.025, 0.02, 0.02, 0.03, 0.03])  # usual error of landmarks' pose, one sigma
_OUTLIER = 0.5  # of local contrast
_MOST_STEPS = 4
_DONE = 2e-4
_ALIKE_TEXELS = 12.0  # neighbouring texels say the same: so many of them count as one
_LARGEST = np.array([0.1, 0.1, 0.1, 0.1, 0.15, 0.15])


@dataclass(frozen=True)
class KeyPatch:
    """A frame's patch to which others are aligned: `texels` (P,) where its face stays still, `weight` (P,),
    `slopes` (P, 6) its change per parameter; `shown` are the P places in the layout; `angles` (2,) yaw and
    pitch in degrees and `detail`, how much there is to hold on to.
    """

    texels: NDArray[np.float32]
    weight: NDArray[np.float32]
    slopes: NDArray[np.float32]
    shown: NDArray[np.int64]
    angles: NDArray[np.float32]
    detail: float


@dataclass(frozen=True)
class Measured:
    """`motion` (6,) to add to the landmarks' pose so that the frame shows the key's patch; `likeness` -1..1,
    the correlation of the two afterwards; `covered` 0..1, the share of the patch that does not fit.
    """

    motion: NDArray[np.float32]
    likeness: float
    covered: float


def key_patch(layout: PatchLayout, view: PatchView, angles: NDArray[np.float32]) -> KeyPatch:
    """A key from a frame. Slopes are taken from the frame itself, by moving the head a little each way."""
    shown = np.flatnonzero(layout.weight > 0.05)
    still = np.zeros(PARAMETERS, dtype=np.float32)
    slopes = np.empty((len(shown), PARAMETERS), dtype=np.float32)
    for place in range(PARAMETERS):
        step = still.copy()
        step[place] = _STEP[place]
        ahead, behind = layout.sample(view, step).ravel(), layout.sample(view, -step).ravel()
        slopes[:, place] = (ahead - behind)[shown] / (2 * _STEP[place])
    texels = layout.sample(view, still).ravel()[shown]
    detail = float(np.sqrt((slopes[:, :2] ** 2).sum(axis=1).mean()))
    return KeyPatch(texels, layout.weight[shown], slopes, shown, angles, detail)


def align(
    key: KeyPatch, layout: PatchLayout, view: PatchView, start: NDArray[np.float32] | None = None
) -> Measured:
    """Gauss-Newton on the difference of the two patches with the key's slopes (inverse compositional: Baker
    and Matthews 2004), texels that do not fit left out by degrees (Geman and McClure 1987), held near the
    landmarks' pose by what that usually errs.
    """
    motion = np.zeros(PARAMETERS, dtype=np.float32) if start is None else start
    patch = layout.sample(view, motion).ravel()[key.shown]
    for _ in range(_MOST_STEPS):
        left = patch - key.texels
        trust = key.weight / (1 + (left / _OUTLIER) ** 2) ** 2
        spread = float((trust * left**2).sum() / max(float(trust.sum()), 1e-6)) * _ALIKE_TEXELS
        weighted = key.slopes * trust[:, None]
        hold = spread / _PRIOR**2
        normal = weighted.T @ key.slopes + np.diag(hold)
        # Texels change by slopes @ motion when the head moves; taking that motion away aligns the two.
        step = np.linalg.solve(normal, -(weighted.T @ left) - hold * motion)
        motion = np.clip(motion + step, -_LARGEST, _LARGEST).astype(np.float32)
        patch = layout.sample(view, motion).ravel()[key.shown]
        if float(np.abs(step).max()) < _DONE:
            break
    left = patch - key.texels
    covered = float((key.weight * (np.abs(left) > 2 * _OUTLIER)).sum() / key.weight.sum())
    return Measured(motion, _likeness(patch, key.texels, key.weight), covered)


def _likeness(one: NDArray[np.float32], other: NDArray[np.float32], weight: NDArray[np.float32]) -> float:
    total = weight.sum()
    one = one - (weight * one).sum() / total
    other = other - (weight * other).sum() / total
    power = float((weight * one * one).sum() * (weight * other * other).sum())
    return float((weight * one * other).sum() / np.sqrt(max(power, 1e-12)))
