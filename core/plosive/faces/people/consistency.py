# SPDX-License-Identifier: Apache-2.0
"""Whether one track stays one person: a cut between two people at one place can be missed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from plosive.faces.people.appearance import Appearance
from plosive.faces.people.evidence import SURE_APART_LOG_ODDS, face_log_odds
from plosive.faces.people.joining import Sighting
from plosive.faces.people.likeness import moment_distances

__all__ = ["Change", "changes_within"]

_LEAST_MOMENTS = 2  # on either side: one bad moment is no person


@dataclass(frozen=True)
class Change:
    """Track `number` seems to show someone else at frame index `index` than at `before_index`."""

    number: int
    before_index: int
    index: int


def changes_within(sightings: Sequence[Sighting]) -> tuple[Change, ...]:
    """Tracks whose earlier and later moments are surely not one person."""
    found = ((one.number, _change(one.appearance)) for one in sightings)
    return tuple(Change(number, *places) for number, places in found if places is not None)


def _change(look: Appearance) -> tuple[int, int] | None:
    """Indices of the moments before and after the change; None for a track that stays itself."""
    count = len(look)
    if count < 2 * _LEAST_MOMENTS:
        return None
    order = np.argsort(look.indices, kind="stable")
    look = look.rows(order)
    odds = face_log_odds(*moment_distances(look))
    worst, place = SURE_APART_LOG_ODDS, 0
    for start in range(_LEAST_MOMENTS, count - _LEAST_MOMENTS + 1):
        between = np.sort(odds[:start, start:], axis=None)[::-1]
        likest = float(between[: max(1, len(between) // 4)].mean())
        if likest < worst:
            worst, place = likest, start
    return (int(look.indices[place - 1]), int(look.indices[place])) if place else None
