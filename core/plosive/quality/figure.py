# SPDX-License-Identifier: Apache-2.0
"""One measured figure, and what it means."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

__all__ = ["Better", "Definition", "Figure"]


class Better(Enum):
    """Which way is good."""

    HIGH = "higher is better"
    LOW = "lower is better"
    REFERENCE = "nearer to the reference is better"


@dataclass(frozen=True)
class Definition:
    """What a figure is. `reference` is the range, low and high, in which real, untouched footage lies (10th
    to 90th percentile of the clips tabled in docs/quality.md), or None where real footage gives no value of
    its own. Ratios to a plate are what one half of a clip gives against the other half; `reference_alone`
    is for the same figure measured without a plate.
    """

    key: str
    title: str
    unit: str
    text: str
    better: Better
    reference: tuple[float, float] | None
    reference_alone: tuple[float, float] | None = None
    needs_plate: bool = False


@dataclass(frozen=True)
class Figure:
    """A definition with the value that was found.

    `value` is None where it could not be measured; `note` then says why. `sample_count` is how many phones,
    frames or samples (as `counted` says) went in. `details` is ready for JSON.
    """

    definition: Definition
    value: float | None
    sample_count: int
    counted: str = "frames"
    note: str = ""
    details: dict[str, object] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return self.definition.key
