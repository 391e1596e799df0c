# SPDX-License-Identifier: Apache-2.0
"""Stretches of a dub whose words are known, from times that somebody else gave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from plosive.speech.text.lexicon import Pronunciation

__all__ = ["Passage", "TimedText", "passages"]

_SHORTEST_HOPS = 400  # cuts are chances of error: none where a passage is still this short
_LONGEST_HOPS = 6000  # beyond it the likeliest pause is cut even where several could be meant

Runs = Sequence[tuple[int, int]]


@dataclass(frozen=True)
class TimedText:
    """Words said between two times in hops of the dub; without times they follow those before them."""

    words: tuple[Pronunciation, ...]
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True)
class Passage:
    """A stretch of the dub in hops and the words said in it, in order; none where nobody wrote any."""

    start: int
    end: int
    words: tuple[Pronunciation, ...] = ()


def passages(texts: Sequence[TimedText], runs: Runs, hops: int, margin: int) -> list[Passage]:
    """Passages that tile 0..`hops`, cut in pauses between `texts` (in order of time).

    `runs` are the stretches with speech in hops; times of the texts are trusted to `margin` hops. Between
    two texts the dub is cut only where one pause can be meant, so that no word falls on the wrong side.
    Where nobody wrote anything for longer than that, the passage has no words.
    """
    pauses = _pauses(runs, hops)
    made: list[Passage] = []
    start, words = 0, tuple[Pronunciation, ...]()
    before: TimedText | None = None
    for text in texts:
        if text.start is not None and text.end is not None:
            since = 0 if before is None or before.end is None else before.end
            if (text.start - since > 3 * margin and before is not None) or (before is None and not words):
                stop = start if before is None else _free(since + margin, since, text.start, pauses)
                again = _free(text.start - margin, stop, text.start, pauses)
                if words:
                    made.append(Passage(start, stop, words))
                    start = stop
                if again > start:
                    made.append(Passage(start, again))
                start, words = again, ()
            elif before is not None and text.start - start >= _SHORTEST_HOPS:
                cut = _cut(since - margin, text.start + margin, start, pauses)
                if cut is not None:
                    made.append(Passage(start, cut, words))
                    start, words = cut, ()
            before = text
        words += text.words
    stop = hops
    if before is not None and before.end is not None and texts[-1] is before:
        stop = max(_free(before.end + margin, before.end, hops, pauses), min(start + 1, hops))
    made.append(Passage(start, stop, words))
    if stop < hops:
        made.append(Passage(stop, hops))
    return [passage for passage in made if passage.end > passage.start]


def _pauses(runs: Runs, hops: int) -> list[tuple[int, int]]:
    edges = [0, *(edge for run in runs for edge in run), hops]
    return [(start, end) for start, end in zip(edges[::2], edges[1::2], strict=True) if end > start]


def _cut(low: int, high: int, start: int, pauses: Runs) -> int | None:
    """The middle of the pause meant between `low` and `high`; None where it is not clear which."""
    low, high = max(min(low, high), start + 1), max(low, high)
    near = [(max(left, low), min(right, high)) for left, right in pauses if right > low and left < high]
    if len(near) == 1 or (near and high - start > _LONGEST_HOPS):
        left, right = max(near, key=lambda pause: pause[1] - pause[0])
        return (left + right) // 2
    return None


def _free(wanted: int, low: int, high: int, pauses: Runs) -> int:
    """The time nearest to `wanted` in `low`..`high` at which nobody speaks; `wanted` where all speak."""
    wanted = min(max(wanted, low), high)
    places = [
        min(max(wanted, left), right)
        for left, right in ((max(left, low), min(right, high)) for left, right in pauses)
        if left <= right
    ]
    return min(places, key=lambda place: abs(place - wanted), default=wanted)
