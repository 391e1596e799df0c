# SPDX-License-Identifier: Apache-2.0
"""Which pictures of a clip are kept, so that the report's size does not grow with the clip."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from plosive.quality.report.moments import Moment

__all__ = ["MOST_FRAMES", "BrowsedFrames", "StripFrames"]

MOST_FRAMES = 240
_ABOUT_A_MOMENT = 6
_NEAREST = 1


class BrowsedFrames:
    """The frames one can look at: all of a short clip, else evenly spread ones and every frame of the worst
    moments. `thin` keeps every second one of the spread, and once those are gone of the moments, when their
    pictures turn out too large.
    """

    def __init__(self, frame_count: int, moments: Sequence[Moment]) -> None:
        self._told: list[int] = []
        if frame_count > MOST_FRAMES:
            told = {
                index
                for moment in moments
                for index in range(
                    moment.worst_index - _ABOUT_A_MOMENT, moment.worst_index + _ABOUT_A_MOMENT + 1
                )
                if 0 <= index < frame_count
            }
            self._told = sorted(told)
        left = MOST_FRAMES - len(self._told)
        spread = min(frame_count, left)
        self._spread = [round(step * (frame_count - 1) / max(1, spread - 1)) for step in range(spread)]

    def indices(self) -> frozenset[int]:
        return frozenset(self._told) | frozenset(self._spread)

    def thin(self) -> bool:
        """Keep fewer; False when only one is left."""
        if len(self._spread) > 1:
            self._spread = self._spread[::2]
        elif len(self._told) > 1:
            self._told = self._told[::2]
        else:
            return False
        return True


class StripFrames:
    """The frames of the strips. `thin` gives up the outermost frames of the least severe strip first, and
    whole strips, the least severe first, once each is down to three frames.
    """

    def __init__(self, moments: Sequence[Moment]) -> None:
        self.strips: dict[Moment, tuple[int, ...]] = {moment: moment.indices for moment in moments}

    def indices(self) -> frozenset[int]:
        return frozenset(index for strip in self.strips.values() for index in strip)

    def uses(self) -> Iterable[int]:
        """Every frame as often as a strip shows it."""
        return (index for strip in self.strips.values() for index in strip)

    def thin(self) -> bool:
        """Keep fewer; False when no strip is left."""
        if not self.strips:
            return False
        moments = list(self.strips)
        widest = max(_reach(moment, self.strips[moment]) for moment in moments)
        if widest <= _NEAREST:
            del self.strips[moments[-1]]
            return True
        moment = next(m for m in reversed(moments) if _reach(m, self.strips[m]) == widest)
        self.strips[moment] = tuple(
            index for index in self.strips[moment] if abs(index - moment.worst_index) < widest
        )
        return True


def _reach(moment: Moment, indices: Sequence[int]) -> int:
    return max(abs(index - moment.worst_index) for index in indices)
