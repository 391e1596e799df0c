# SPDX-License-Identifier: Apache-2.0
"""What a dub will do to a mouth (motion.proto)."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

__all__ = ["MotionCurve", "MotionPreview", "Phone"]


@dataclass(frozen=True)
class Phone:
    """A sound, in seconds after the dub's first sample."""

    symbol: str
    start_seconds: Fraction = Fraction(0)
    end_seconds: Fraction = Fraction(0)
    word: str = ""


@dataclass(frozen=True)
class MotionCurve:
    """One value for each frame of the range, at the frames' centres."""

    name: str
    values: tuple[float, ...] = ()


@dataclass(frozen=True)
class MotionPreview:
    """Phones and curves; `confidence` 0 to 1."""

    phones: tuple[Phone, ...] = ()
    curves: tuple[MotionCurve, ...] = ()
    language: str = ""
    confidence: float = 0.0
    warnings: tuple[str, ...] = ()
