# SPDX-License-Identifier: Apache-2.0
"""A marker on the timeline by which work can be cancelled where there is no window for it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from resolve_api import Timeline

__all__ = ["CancelMarker"]

_COLOUR = "Sky"
_DATA = "plosive:working"


class CancelMarker:
    """On `timeline` at `frame`, counted from the timeline's first frame. Where Resolve refuses it (one lies
    there), the next frames are tried; without any, there is nothing to delete and `is_deleted` stays False.
    """

    def __init__(self, timeline: Timeline, frame: int, log: logging.Logger) -> None:
        self._timeline = timeline
        self._frame = frame
        self._log = log
        self._is_put = False

    def put(self) -> bool:
        self.remove()  # one of a run that was ended by force
        name, note = "Plosive at work", "Delete this marker to cancel."
        for frame in range(self._frame, self._frame + 5):
            if self._timeline.AddMarker(frame, _COLOUR, name, note, 1, _DATA) is True:
                self._is_put = True
                return True
        self._log.info("No marker for cancelling could be set.")
        return False

    def is_deleted(self) -> bool:
        """Only where Resolve still answers: a timeline that is gone says nothing of it."""
        if not self._is_put:
            return False
        told = self._timeline.GetMarkerByCustomData(_DATA)
        return isinstance(told, Mapping) and not told and isinstance(self._timeline.GetMarkers(), Mapping)

    def remove(self) -> None:
        self._is_put = False
        self._timeline.DeleteMarkerByCustomData(_DATA)
