# SPDX-License-Identifier: Apache-2.0
"""Where a long dub may be cut."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

__all__ = ["split_at_pauses"]

_USUAL_HOPS = 4500  # three quarters of a minute aligns in one piece as well as a sentence does
_LONGEST_HOPS = 9000


def split_at_pauses(runs: Sequence[tuple[int, int]], hops: int) -> list[tuple[int, int]]:
    """Parts (start, end) in hops that cover 0..`hops`, cut in the middle of pauses.

    `runs` are the stretches with speech. A part ends at the longest pause between 45 and 90 s after
    its start; without any pause there it is cut at 90 s.
    """
    pauses = [(after[0] - before[1], (before[1] + after[0]) // 2) for before, after in pairwise(runs)]
    cuts = [0]
    while hops - cuts[-1] > _LONGEST_HOPS:
        window = [pause for pause in pauses if _USUAL_HOPS <= pause[1] - cuts[-1] <= _LONGEST_HOPS]
        cuts.append(max(window)[1] if window else cuts[-1] + _LONGEST_HOPS)
    return list(zip(cuts, [*cuts[1:], hops], strict=True))
