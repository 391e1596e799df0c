# SPDX-License-Identifier: Apache-2.0
"""Whether a timeline is still as it was: another person, script or the artist may have edited meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from plosive_host import PlosiveHostError
from plosive_resolve.timeline_view import TimelineView

__all__ = ["Fingerprint", "fingerprint", "require_unchanged"]


@dataclass(frozen=True)
class Fingerprint:
    """`items` are (track kind, track index, item id, start, end) of everything on the timeline."""

    timeline_id: str
    rate: Fraction
    items: tuple[tuple[str, int, str, Fraction, Fraction], ...]

    def during(self, item_id: str) -> frozenset[tuple[str, int, str, Fraction, Fraction]]:
        """What lies on any track while the item does, itself too; nothing where it is not there."""
        own = next((item for item in self.items if item[2] == item_id), None)
        if own is None:
            return frozenset()
        return frozenset(item for item in self.items if item[3] < own[4] and own[3] < item[4])

    def without(self, *item_ids: str) -> frozenset[tuple[str, int, str, Fraction, Fraction]]:
        return frozenset(item for item in self.items if item[2] not in item_ids)


def fingerprint(view: TimelineView) -> Fingerprint:
    return Fingerprint(
        view.timeline_id,
        view.rate,
        tuple(
            (track.kind, track.index, item.item_id, item.start_frame, item.end_frame_exclusive)
            for track in view.tracks
            for item in track.items
        ),
    )


def require_unchanged(before: Fingerprint, view: TimelineView, item_id: str) -> None:
    """The clip `item_id` must lie where it lay when its sync was asked for, on the timeline that is open now,
    with the same picture and sound above and below it. Edits elsewhere are no matter: artists go on working
    while a job runs. Raises PlosiveHostError (CHANGED).
    """
    now = fingerprint(view)
    if now.timeline_id != before.timeline_id:
        raise PlosiveHostError(
            f"Another timeline is open now ({view.name}); open the one with the clip and place the result "
            "again.",
            "CHANGED",
        )
    if view.find(item_id) is None:
        raise PlosiveHostError(
            f"The clip is no longer on {view.name}; the result is made and can be placed by hand.", "CHANGED"
        )
    if now.rate != before.rate or now.during(item_id) != before.during(item_id):
        raise PlosiveHostError(
            f"The clip or its sound on {view.name} was edited while the result was made, so nothing was "
            "placed; run Lip Sync Clip again, or place the result by hand.",
            "CHANGED",
        )
