# SPDX-License-Identifier: Apache-2.0
"""Whether lips meet where the dub says p, b or m, and all but meet where it says f or v."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from plosive.faces.measure import CLOSED_APERTURE_IOD
from plosive.motion.visemes import LABIALS, LABIODENTALS
from plosive.quality.take import Take

__all__ = ["LABIALS", "LABIODENTALS", "PhoneMeasure", "measure_phones"]

_TUCKED_APERTURE_IOD = 0.035


@dataclass(frozen=True)
class PhoneMeasure:
    """One phone that wants the lips together. `frame_index` is where they are nearest within a frame of it;
    `aperture` is that gap in inter-ocular distances, to be below `limit`.
    """

    symbol: str
    start_seconds: float
    end_seconds: float
    frame_index: int
    aperture: float
    limit: float

    @property
    def is_met(self) -> bool:
        return self.aperture <= self.limit


def measure_phones(take: Take, symbols: Collection[str] = LABIALS) -> list[PhoneMeasure]:
    """Every phone of `symbols` during which the mouth can be seen; a frame before and after count as well."""
    margin = 1 / take.rate
    limit = CLOSED_APERTURE_IOD if set(symbols) <= LABIALS else _TUCKED_APERTURE_IOD
    measured = []
    for phone in take.expectation.phones:
        if phone.symbol not in symbols:
            continue
        start, end = float(phone.start_seconds), float(phone.end_seconds)
        rows = np.flatnonzero((take.times >= start - margin) & (take.times <= end + margin) & take.usable)
        if (
            len(rows) == 0
            or not ((take.times[rows] >= start - margin / 2) & (take.times[rows] <= end + margin / 2)).any()
        ):
            continue
        nearest = int(rows[take.seen.aperture[rows].argmin()])
        measured.append(
            PhoneMeasure(
                phone.symbol, start, end, int(take.seen.indices[nearest]),
                float(take.seen.aperture[nearest]), limit,
            )
        )  # fmt: skip
    return measured
