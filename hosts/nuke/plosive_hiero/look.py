# SPDX-License-Identifier: Apache-2.0
"""How a track item stands on the timeline, to see whether it was changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from plosive_hiero.rates import exact
from plosive_host import PlosiveHostError

__all__ = ["Look", "find_item", "look_of", "near", "same_but_source"]

_NEAR = Fraction(1, 1000)


@dataclass(frozen=True)
class Look:
    """`source_times` are those of its Clip, from 0, for each frame of the timeline; `source` its Clip's guid;
    `linked` the guids of what it is linked to.
    """

    guid: str
    timeline_in: int
    timeline_out_inclusive: int
    source_times: tuple[Fraction, ...]
    source: str
    is_enabled: bool
    linked: tuple[str, ...]


def look_of(item: Any) -> Look:
    first, last = int(item.timelineIn()), int(item.timelineOut())
    return Look(
        str(item.guid()),
        first,
        last,
        tuple(exact(item.mapTimelineToSource(frame)) for frame in range(first, last + 1)),
        str(item.source().guid()),
        bool(item.isEnabled()),
        tuple(sorted(str(one.guid()) for one in item.linkedItems())),
    )


def same_but_source(one: Look, other: Look) -> bool:
    """Whether both play the same times of their Clips, whichever these are."""
    return replace(one, source="", source_times=()) == replace(other, source="", source_times=()) and near(
        one.source_times, other.source_times
    )


def near(one: Sequence[Fraction], other: Sequence[Fraction]) -> bool:
    """Whether times are the same but for the last digits of floats."""
    if len(one) != len(other):
        return False
    return all(abs(a - b) <= _NEAR for a, b in zip(one, other))  # noqa: B905 (Python 3.9)


def find_item(sequence: Any, guid: str, name: str) -> Any:
    """The track item of that guid, looked up anew: objects may outlive what they stood for. Raises
    PlosiveHostError (CHANGED).
    """
    for track in sequence.videoTracks():
        for item in track.items():
            if str(item.guid()) == guid:
                return item
    raise PlosiveHostError(f"{name} is not on the timeline any more.", "CHANGED")
