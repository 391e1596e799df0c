# SPDX-License-Identifier: Apache-2.0
"""One plan over the whole shot, and others over parts of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plosive.generate.pool import source_keys, taken_apart
from plosive.generate.protocol import Patch, Plan
from plosive.media.plate import PlateFrame

__all__ = ["Switch", "SwitchedPlan", "join_rows", "sources_of"]

_SOURCES, _TAKES = "source_frame_indices", "source_takes"
_JUMP = 1.0
_ANOTHER_SOURCE = 0.1
_OTHER_SHAPE = 1.0
_PER_ROW = 0.02


@dataclass(frozen=True)
class Switch:
    """`plan` renders rows `first_row` to `last_row_inclusive` of the track; `name` is what it is called."""

    first_row: int
    last_row_inclusive: int
    plan: Plan
    name: str


class SwitchedPlan:
    """Implements `Plan`: `first` renders every row that no switch covers, bit for bit as it would alone."""

    def __init__(self, first: Plan, switches: Sequence[Switch]) -> None:
        self._first = first
        self._switches = tuple(switches)

    def is_switched(self, row: int) -> bool:
        """Whether another plan than the first renders `row`."""
        return self._plan(row) is not self._first

    def render(self, row: int, frame: PlateFrame) -> Patch | None:
        return self._plan(row).render(row, frame)

    def choices(self) -> dict[str, object]:
        """Those of the first plan, with the sources that are shown, and where another plan renders."""
        told = self._first.choices()
        shown = sources_of(self._first)
        for switch in self._switches:
            other = sources_of(switch.plan)
            if shown is not None and other is not None:
                rows = slice(switch.first_row, switch.last_row_inclusive + 1)
                shown[rows] = other[rows]
        if shown is not None:
            takes, indices = taken_apart(shown)
            told[_SOURCES] = indices.tolist()
            if _TAKES in told:
                told[_TAKES] = takes.tolist()
        told["switches"] = [
            {
                "first_row": switch.first_row,
                "last_row_inclusive": switch.last_row_inclusive,
                "choice": switch.name,
            }
            for switch in self._switches
        ]
        return told

    def _plan(self, row: int) -> Plan:
        for switch in self._switches:
            if switch.first_row <= row <= switch.last_row_inclusive:
                return switch.plan
        return self._first


def sources_of(plan: Plan) -> NDArray[np.int64] | None:
    """Which take and frame the mouth of each row comes from, as `source_keys` (T,), where a plan says so."""
    choices = plan.choices()
    told, takes = choices.get(_SOURCES), choices.get(_TAKES)
    if not isinstance(told, list):
        return None
    indices = np.array(told, dtype=np.int64)
    return source_keys(np.array(takes or np.zeros_like(indices), dtype=np.int64), indices)


def join_rows(
    first: Plan,
    other: Plan,
    wanted: tuple[int, int],
    allowed: tuple[int, int],
    unlike: NDArray[np.float32] | None = None,
) -> tuple[int, int]:
    """The first and last row that `other` should render so that rows `wanted` (first, last inclusive) are its
    own and nothing pops where the two plans meet. No row outside `allowed`, which holds `wanted`, is taken.

    The best place is where both plans go on with the same or the neighbouring source frame and ask for the
    same mouth; the nearer to `wanted` the better. `unlike` (T,) is how far they ask for different ones, 0..1.
    Plans that do not tell their sources are joined at the ends of `wanted`.
    """
    ours, theirs = sources_of(first), sources_of(other)
    if ours is None or theirs is None or len(ours) != len(theirs):
        return wanted
    starts = range(wanted[0], allowed[0] - 1, -1)
    ends = range(wanted[1], allowed[1] + 1)
    last_row = len(ours) - 1
    steps = np.zeros(len(ours)) if unlike is None else _OTHER_SHAPE * unlike

    def start_cost(row: int) -> float:
        joined = 0.0 if row == 0 else _join_cost(ours[row - 1], theirs[row], ours[row])
        return joined + float(steps[row]) + _PER_ROW * (wanted[0] - row)

    def end_cost(row: int) -> float:
        joined = 0.0 if row == last_row else _join_cost(theirs[row], ours[row + 1], theirs[row + 1])
        return joined + float(steps[row]) + _PER_ROW * (row - wanted[1])

    return min(starts, key=start_cost), min(ends, key=end_cost)


def _join_cost(before: np.int64, after: np.int64, instead: np.int64) -> float:
    """Going on from source `before` to `after`, where the plan left behind would have shown `instead`."""
    jump = _JUMP if abs(int(after) - int(before)) > 1 else 0.0
    return jump + (_ANOTHER_SOURCE if after != instead else 0.0)
