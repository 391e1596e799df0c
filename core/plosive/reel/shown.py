# SPDX-License-Identifier: Apache-2.0
"""When a shot is seen."""

from __future__ import annotations

from fractions import Fraction

from plosive.conform import Shot

__all__ = ["shown_seconds"]


def shown_seconds(shot: Shot) -> tuple[Fraction, Fraction]:
    """The seconds of the edit (after its first frame) in which a shot is seen, its dissolves included."""
    shown = shot.shown
    return shown.first_frame / shot.edit_rate, (shown.last_frame_inclusive + 1) / shot.edit_rate
