# SPDX-License-Identifier: Apache-2.0
"""On which terms something may be used."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Licence"]


@dataclass(frozen=True)
class Licence:
    """`name` is the SPDX identifier, or the licence's own name; `is_commercial`: it lets a studio use the
    pictures in paid work.
    """

    name: str
    is_commercial: bool

    def __str__(self) -> str:
        return self.name if self.is_commercial else f"{self.name}, no commercial use"
