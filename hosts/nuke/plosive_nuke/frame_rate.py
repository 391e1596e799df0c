# SPDX-License-Identifier: Apache-2.0
"""The script's frame rate as an exact fraction: Nuke keeps it as a decimal."""

from __future__ import annotations

from fractions import Fraction

import nuke
from plosive_host import PlosiveHostError

__all__ = ["exact_rate", "script_rate"]

_SLACK = 0.006  # 23.97, 23.976 and 23.98 are all written for 24000/1001


def script_rate() -> Fraction:
    """Frames per second of the open script. Raises PlosiveHostError where it is not above 0."""
    return exact_rate(float(nuke.root()["fps"].value()))


def exact_rate(told: float) -> Fraction:
    """What a decimal stands for: 23.976 is 24000/1001, 29.97 is 30000/1001, 12.5 is itself."""
    if not told > 0:
        raise PlosiveHostError("The script's frame rate is 0; set it in the project settings.", "NUKE")
    whole = round(told)
    if abs(told - whole) < 1e-9:
        return Fraction(whole)
    ntsc = Fraction(round(told * 1.001) * 1000, 1001)
    if ntsc and abs(told - float(ntsc)) < _SLACK:
        return ntsc
    return Fraction(str(told)).limit_denominator(1000)
