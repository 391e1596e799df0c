# SPDX-License-Identifier: Apache-2.0
"""Values and names as the page writes them, safe inside HTML."""

from __future__ import annotations

from fractions import Fraction
from html import escape

from plosive.quality.figure import Figure
from plosive.quality.scorecard import Scorecard

__all__ = ["frames_range", "number", "place", "rate", "text", "value_with_unit"]


def text(words: object) -> str:
    """`words` safe as text and as a quoted attribute."""
    return escape(str(words), quote=True)


def number(value: float) -> str:
    """Three digits that tell something, never an exponent: 0.123, 1.23, 12.3, 123, 1234."""
    size = abs(value)
    decimals = 0 if size >= 99.95 else 1 if size >= 9.995 else 2 if size >= 0.9995 else 3
    written = f"{value:.{decimals}f}"
    if not float(written):
        written = written.lstrip("-")
    return written.replace("-", "\N{MINUS SIGN}")


def value_with_unit(figure: Figure) -> tuple[str, str]:
    """Value and unit; shares are written in per cent."""
    if figure.value is None:
        return "not measured", ""
    if figure.definition.unit == "share":
        return number(figure.value * 100), "%"
    return number(figure.value), figure.definition.unit


def rate(frames_per_second: Fraction) -> str:
    """24, 23.976, 29.97."""
    return f"{float(frames_per_second):.3f}".rstrip("0").rstrip(".")


def frames_range(first: int, last_inclusive: int) -> str:
    return str(first) if first == last_inclusive else f"{first}\N{EN DASH}{last_inclusive}"


def place(card: Scorecard, frame: int) -> str:
    """The frame's number, with its timecode where the result has one."""
    return str(frame) if card.start_timecode is None else f"{frame}, {card.timecode(frame)}"
