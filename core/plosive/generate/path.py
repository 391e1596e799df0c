# SPDX-License-Identifier: Apache-2.0
"""The cheapest way through all sources, frame by frame (Viterbi 1967)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Steps", "best_path"]

_HOLD_COST = np.float32(0.004)
_BACKWARD_COST = np.float32(0.002)
_JUMP_COST = np.float32(0.004)


@dataclass(frozen=True)
class Steps:
    """What it costs to show source j right after source i, N of each.

    Going on to the next source frame is free; `follows` (N,) tells whether source i + 1 is the frame after i.
    Going back one costs little and `back` (N,) more, float32: where the openings of i + 1 and i differ much,
    going to and fro between them would look like two sets of teeth. Anything else is a jump and
    costs `change` (N, N) more: how much the opening differs from the one that would have followed.
    """

    follows: NDArray[np.bool_]
    change: NDArray[np.float32]
    back: NDArray[np.float32]


def best_path(
    costs: Iterable[NDArray[np.float32]], steps: Steps, shown: NDArray[np.float32]
) -> NDArray[np.int64]:
    """Source of each of T frames. `costs` are rows (N,), one a frame; `shown` (T,) 0..1 is how much of the
    opening's change is seen in a frame.

    Jumps that cannot be part of any best path are left out, which changes nothing: from where the total
    plus the least change lies above the dearest jump from the cheapest place.
    """
    others = steps.change.copy()
    after = np.flatnonzero(steps.follows)
    others[after, after + 1] = np.inf
    least = others.min(axis=1)
    totals: list[NDArray[np.float32]] = []
    for step, cost in enumerate(costs):
        if step == 0:
            totals.append(cost.astype(np.float32))
            continue
        before, seen = totals[-1], np.float32(shown[step])
        cheapest = int(before.argmin())
        bound = before[cheapest] + seen * steps.change[cheapest].max()
        kept = np.flatnonzero(before + seen * least <= bound)
        kept = kept if len(kept) else np.array([cheapest])
        jumps = steps.change[kept]
        jumps *= seen
        jumps += before[kept, None]
        arrived = jumps.min(axis=0)
        arrived += _JUMP_COST
        np.minimum(arrived, before + _HOLD_COST, out=arrived)
        backward = _BACKWARD_COST + seen * steps.back[after]
        arrived[after] = np.minimum(arrived[after], before[after + 1] + backward)
        arrived[after + 1] = np.minimum(arrived[after + 1], before[after])
        totals.append(arrived + cost)
    return _traced(totals, steps, shown)


def _traced(totals: list[NDArray[np.float32]], steps: Steps, shown: NDArray[np.float32]) -> NDArray[np.int64]:
    """The path that `totals` (T of (N,)) come from: which way led to each is found again going back."""
    path = np.zeros(len(totals), dtype=np.int64)
    here = int(totals[-1].argmin())
    path[-1] = here
    for step in range(len(totals) - 1, 0, -1):
        before, seen = totals[step - 1], np.float32(shown[step])
        ways = before + seen * steps.change[:, here] + _JUMP_COST
        ways[here] = min(ways[here], before[here] + _HOLD_COST)
        if here + 1 < len(ways) and steps.follows[here]:
            backward = _BACKWARD_COST + seen * steps.back[here]
            ways[here + 1] = min(ways[here + 1], before[here + 1] + backward)
        if here and steps.follows[here - 1]:
            ways[here - 1] = min(ways[here - 1], before[here - 1])
        here = int(ways.argmin())
        path[step - 1] = here
    return path
