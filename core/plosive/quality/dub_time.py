# SPDX-License-Identifier: Apache-2.0
"""A result that plays at another speed than its dub: which moment of the dub each of its frames shows."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from itertools import pairwise

from plosive.quality.scorecard import ScoredPhone
from plosive.speech import Speech

__all__ = ["DubTime", "KnownDub"]


@dataclass(frozen=True)
class KnownDub:
    """What a job knows of the dub that its result was made for: of a result that plays at another speed the
    `moments`, in seconds of the dub, that the centres of its frames show (further ones count for nothing),
    and what is said in it (`speech`), where it listened.
    """

    moments: tuple[Fraction, ...] | None = None
    speech: Speech | None = None


@dataclass(frozen=True)
class DubTime:
    """`moments` are those of the dub, in seconds, that the centres of a result's frames show, in the order of
    the frames: they fall where it plays backwards.
    """

    moments: tuple[Fraction, ...]

    @cached_property
    def rate(self) -> Fraction | None:
        """How many frames play in a second of the dub, usually (median); None where no two moments differ."""
        steps = sorted(abs(later - earlier) for earlier, later in pairwise(self.moments) if later != earlier)
        return 1 / steps[len(steps) // 2] if steps else None

    def laid(self, phones: Sequence[ScoredPhone], centres: Sequence[Fraction]) -> tuple[ScoredPhone, ...]:
        """`phones` of the dub's time where the result shows them, whose frames have their `centres` there;
        those of a result that plays backwards in the order in which it shows them.
        """
        laid = []
        for phone in phones:
            ends = (self._shown(phone.start_seconds, centres), self._shown(phone.end_seconds, centres))
            laid.append(replace(phone, start_seconds=min(ends), end_seconds=max(ends)))
        return tuple(sorted(laid, key=lambda phone: phone.start_seconds))

    @cached_property
    def _known(self) -> tuple[tuple[Fraction, int], ...]:
        """Moments, rising and each once, with the frame."""
        first: dict[Fraction, int] = {}
        for index, moment in enumerate(self.moments):
            first.setdefault(moment, index)
        return tuple(sorted(first.items()))

    def _shown(self, moment: Fraction, centres: Sequence[Fraction]) -> Fraction:
        """Straight between frames, and on beyond them as the last two go."""
        known = self._known
        if len(known) < 2:
            return centres[0]
        after = min(max(bisect_left(known, (moment, -1)), 1), len(known) - 1)
        (early, one), (late, other) = known[after - 1], known[after]
        return centres[one] + (moment - early) * (centres[other] - centres[one]) / (late - early)
