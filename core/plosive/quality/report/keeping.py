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
    """The frames one can look at: all of a short clip, else every frame of the worst moments and others
    evenly spread. `thin` gives up the more numerous of the two when their pictures turn out too large: every
    second of the spread, or the outermost of each moment.
    """

    def __init__(self, frame_count: int, moments: Sequence[Moment]) -> None:
        self._frame_count = frame_count
        self._worst = [moment.worst_index for moment in moments]
        self._reach = _ABOUT_A_MOMENT if frame_count > MOST_FRAMES else -1
        told = self._told()
        others = [index for index in range(frame_count) if index not in told]
        spread = min(len(others), MOST_FRAMES - len(told))
        steps = range(spread)
        self._spread = [others[round(step * (len(others) - 1) / max(1, spread - 1))] for step in steps]

    def indices(self) -> frozenset[int]:
        return self._told() | frozenset(self._spread)

    def thin(self) -> bool:
        """Keep fewer; False when only one is left."""
        if self._reach >= 0 and len(self._told()) > len(self._spread):
            self._reach -= 1
        elif len(self._spread) > 1:
            self._spread = self._spread[::2]
        else:
            return False
        return True

    def _told(self) -> frozenset[int]:
        return frozenset(
            index
            for worst in self._worst
            for index in range(worst - self._reach, worst + self._reach + 1)
            if 0 <= index < self._frame_count
        )


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
