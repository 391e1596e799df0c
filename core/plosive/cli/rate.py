# SPDX-License-Identifier: Apache-2.0
"""Frame rates as people type them."""

from __future__ import annotations

from fractions import Fraction

from plosive.errors import OptionError

__all__ = ["frame_rate"]


def frame_rate(text: str) -> Fraction:
    """An exact rate: `24`, `24000/1001` and `23.976` (which means 24000/1001) are all understood."""
    try:
        rate = Fraction(text.strip())
    except (ValueError, ZeroDivisionError):
        raise OptionError(f"--rate '{text}' is not a frame rate such as 24, 23.976 or 30000/1001.") from None
    if not 1 <= rate <= 1000:
        raise OptionError(f"--rate must be between 1 and 1000 frames a second, not {text}.")
    whole = round(rate)
    broadcast = Fraction(whole * 1000, 1001)
    if rate != whole and "/" not in text and abs(rate - broadcast) < Fraction(1, 100):
        return broadcast
    return rate
