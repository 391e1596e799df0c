# SPDX-License-Identifier: Apache-2.0
"""The worst places of a clip, and the frames that show them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from plosive.quality.scorecard import Flag, Scorecard

__all__ = ["MOST_MOMENTS", "Moment", "plot_of", "worst_moments"]

MOST_MOMENTS = 12
_FRAMES_EITHER_SIDE = 3

# The plot in which a figure's flags are drawn, and the curve whose extreme is the flag's worst frame.
_PLOTS = {
    "closures": ("aperture", ""),
    "tucks": ("aperture", ""),
    "lag": ("aperture", ""),
    "amplitude_aperture": ("aperture", ""),
    "silence_aperture": ("aperture", "aperture"),
    "sharpness": ("sharpness", "sharpness"),
    "flicker": ("stability", "flicker"),
    "popping": ("stability", "popping"),
    "seam": ("seam", "seam"),
    "ring_colour": ("seam", ""),
}


@dataclass(frozen=True)
class Moment:
    """A flag with its worst frame and the frames around it; indices count from the clip's first frame."""

    flag: Flag
    worst_index: int
    indices: tuple[int, ...]


def plot_of(figure: str) -> str:
    """The plot that a figure belongs to; '' for none."""
    return _PLOTS.get(figure, ("", ""))[0]


def worst_moments(card: Scorecard) -> tuple[Moment, ...]:
    """At most `MOST_MOMENTS`, the most severe first. Of flags about the same frame only the most severe is
    taken: its pictures show the others, too.
    """
    found: list[Moment] = []
    for flag in sorted(card.flags, key=lambda flag: (-flag.severity, flag.first_frame, flag.figure)):
        worst = _worst_index(card, flag)
        if any(abs(worst - moment.worst_index) <= 1 for moment in found):
            continue
        first = max(0, min(worst - _FRAMES_EITHER_SIDE, card.frame_count - 2 * _FRAMES_EITHER_SIDE - 1))
        last = min(card.frame_count - 1, first + 2 * _FRAMES_EITHER_SIDE)
        found.append(Moment(flag, worst, tuple(range(first, last + 1))))
        if len(found) == MOST_MOMENTS:
            break
    return tuple(found)


def _worst_index(card: Scorecard, flag: Flag) -> int:
    last = min(max(flag.last_frame_inclusive - card.first_frame, 0), card.frame_count - 1)
    first = min(max(flag.first_frame - card.first_frame, 0), last)
    values = card.series.get(_PLOTS.get(flag.figure, ("", ""))[1])
    inside = None if values is None else values[first : last + 1]
    if inside is None or not np.isfinite(inside).any():
        return (first + last) // 2
    extreme = np.nanargmin(inside) if flag.value < flag.reference else np.nanargmax(inside)
    return first + int(extreme)
