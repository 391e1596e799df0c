# SPDX-License-Identifier: Apache-2.0
"""How long the rest of a reel takes, by what its renders took so far."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass

__all__ = ["Load", "ReelPace"]


@dataclass(frozen=True)
class Load:
    """One render: `frames` of `plate`, which names the media."""

    plate: Hashable
    frames: int


class ReelPace:
    """Of the renders `loads`, of which `at_once` run at a time: `begin` and `end` of each, `left` at any
    moment.

    A frame takes what frames took in the renders made so far. The first render of a plate looks for its
    faces and learns its mouths, further ones find them: these are counted apart, and further ones by their
    own plate where it has one already. The first one of all, which loads what all need, counts only until
    there is another of its kind.
    """

    def __init__(
        self,
        loads: Mapping[int, Load],
        at_once: int = 1,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._pending = dict(loads)
        self._at_once = max(1, at_once)
        self._clock = clock
        self._at_work: dict[int, tuple[Load, bool, float]] = {}
        self._begun: set[Hashable] = set()
        self._idle_since: float | None = None
        self._taken: dict[object, tuple[float, int]] = {}
        self._warm_up: set[object] = set()

    def begin(self, place: int) -> None:
        """The render `place` begins."""
        self._idle_since = None
        load = self._pending.pop(place)
        self._at_work[place] = load, load.plate not in self._begun, self._clock()
        self._begun.add(load.plate)

    def end(self, place: int, *, is_made: bool) -> None:
        """It has ended; with `is_made` it was made in all of that time."""
        load, is_first, begun = self._at_work.pop(place)
        if not is_made:
            return
        taken = self._clock() - begun
        kinds = ("all", "first") if is_first else ("all", "further", load.plate)
        if not self._taken:
            self._warm_up = set(kinds)
        elif self._warm_up:
            for kind in self._warm_up & set(kinds):
                del self._taken[kind]
            self._warm_up -= set(kinds)
        for kind in kinds:
            seconds, frames = self._taken.get(kind, (0.0, 0))
            self._taken[kind] = seconds + taken, frames + load.frames

    def wait(self) -> None:
        """Nothing is at work here, others make what is pending: it takes as long as if all of it had begun
        when the last render ended.
        """
        if self._idle_since is None:
            self._idle_since = self._clock()

    def run(self, at_once: int) -> None:
        """So many run at a time from now on."""
        self._at_once = max(1, at_once)

    def left(self) -> float:
        """Seconds to the end of the last render; below 0 before a first one was made."""
        if "all" not in self._taken:
            return -1.0
        now = self._clock()
        begun = set(self._begun)
        rest = 0.0
        for load, is_first, since in self._at_work.values():
            rest += max(0.0, self._expected(load, is_first) - (now - since))
        for load in self._pending.values():
            rest += self._expected(load, load.plate not in begun)
            begun.add(load.plate)
        at_once = min(self._at_once, len(self._at_work) + len(self._pending)) or 1
        waited = 0.0 if self._idle_since is None else now - self._idle_since
        return max(0.0, rest / at_once - waited)

    def _expected(self, load: Load, is_first: bool) -> float:
        kinds = ("first",) if is_first else (load.plate, "further")
        known = next((self._taken[kind] for kind in kinds if kind in self._taken), self._taken["all"])
        return load.frames * known[0] / max(1, known[1])
