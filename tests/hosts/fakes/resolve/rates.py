# SPDX-License-Identifier: Apache-2.0
"""Rates in Resolve's words."""

from __future__ import annotations

from fractions import Fraction

__all__ = ["RATES", "rate_from_text", "rate_text"]

RATES = {
    "16": Fraction(16),
    "18": Fraction(18),
    "23.976": Fraction(24000, 1001),
    "24": Fraction(24),
    "25": Fraction(25),
    "29.97": Fraction(30000, 1001),
    "30": Fraction(30),
    "47.952": Fraction(48000, 1001),
    "48": Fraction(48),
    "50": Fraction(50),
    "59.94": Fraction(60000, 1001),
    "60": Fraction(60),
    "72": Fraction(72),
    "95.904": Fraction(96000, 1001),
    "96": Fraction(96),
    "100": Fraction(100),
    "119.88": Fraction(120000, 1001),
    "120": Fraction(120),
}
"""[V] what timelineFrameRate may be."""


def rate_from_text(text: str) -> Fraction | None:
    """'23.976', '24.0' or '29.97 DF'; None for what Resolve has not."""
    number = text.removesuffix("DF").strip()
    for name, rate in RATES.items():
        try:
            if abs(float(name) - float(number)) < 0.0006:
                return rate
        except ValueError:
            return None
    return None


def rate_text(rate: Fraction, is_drop_frame: bool = False) -> str:
    """[M] as GetSetting tells it: '23.976', '24.0', '29.97 DF'."""
    return str(round(float(rate), 3)) + (" DF" if is_drop_frame else "")
