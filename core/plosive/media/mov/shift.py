# SPDX-License-Identifier: Apache-2.0
"""Where bytes of the source lie in the result: every place moves by what grew before it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["OffsetShift"]


@dataclass(frozen=True)
class OffsetShift:
    """`positions` ascend, int64; all that lies at or past positions[i] moves by totals[i + 1] bytes, what
    lies before the first by totals[0], which is 0.
    """

    positions: NDArray[np.int64]
    totals: NDArray[np.int64]

    @staticmethod
    def of(
        positions: NDArray[np.int64], growths: NDArray[np.int64], others: Iterable[tuple[int, int]]
    ) -> OffsetShift:
        """From places and by how many bytes the file grows there (may be negative), in any order; `others`
        are more such pairs.
        """
        is_change = growths != 0
        more = np.array(list(others), np.int64).reshape(-1, 2)
        places = np.concatenate([positions[is_change], more[:, 0]])
        sizes = np.concatenate([growths[is_change], more[:, 1]])
        order = np.argsort(places, kind="stable")
        return OffsetShift(places[order], np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes[order])]))

    def __call__(self, offsets: NDArray[np.int64]) -> NDArray[np.int64]:
        """New places of old `offsets`, int64 of the same shape."""
        return np.asarray(offsets + self.totals[np.searchsorted(self.positions, offsets, side="right")])

    def moved(self, offset: int) -> int:
        return int(self(np.array([offset], np.int64))[0])
