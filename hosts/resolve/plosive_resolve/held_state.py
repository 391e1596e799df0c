# SPDX-License-Identifier: Apache-2.0
"""What Plosive changes in Resolve only while it works there: page, open timeline, locks. All is put back,
whatever happens.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from plosive_host import PlosiveHostError
from plosive_resolve.application import Host

if TYPE_CHECKING:
    from resolve_api import Project, Timeline

__all__ = ["edit_page", "every_timeline", "find_timeline", "opened_timeline", "unlocked"]


@contextmanager
def edit_page(host: Host) -> Iterator[None]:
    """Clips are deleted on the Edit page only."""
    page = host.resolve.GetCurrentPage()
    if page != "edit":
        host.resolve.OpenPage("edit")
    try:
        yield
    finally:
        if page and host.resolve.GetCurrentPage() != page:
            host.resolve.OpenPage(page)


@contextmanager
def opened_timeline(host: Host, timeline_id: str) -> Iterator[Timeline]:
    """The timeline of this id, open, since clips are placed on the open one only; the artist's is opened
    again afterwards. Raises PlosiveHostError (CHANGED) where it is gone.
    """
    project = host.project
    before = project.GetCurrentTimeline()
    wanted = find_timeline(project, timeline_id)
    if wanted is None:
        raise PlosiveHostError(
            "The timeline of the clip is no longer in the open project; the result is made and can be placed "
            "by hand.",
            "CHANGED",
        )
    is_other = before is None or str(before.GetUniqueId()) != timeline_id
    if is_other and not project.SetCurrentTimeline(wanted):
        raise PlosiveHostError(
            f"Resolve did not open {wanted.GetName()}; close any open window and try again.", "PLACING"
        )
    try:
        yield wanted
    finally:
        now = project.GetCurrentTimeline()
        if before is not None and (now is None or now.GetUniqueId() != before.GetUniqueId()):
            _ = project.SetCurrentTimeline(before) or project.SetCurrentTimeline(
                before
            )  # some calls fail once


def every_timeline(project: Project) -> Iterator[Timeline]:
    """All timelines of the project."""
    for index in range(1, int(project.GetTimelineCount() or 0) + 1):
        timeline = project.GetTimelineByIndex(index)
        if timeline is not None:
            yield timeline


def find_timeline(project: Project, timeline_id: str) -> Timeline | None:
    """None where the project has none of this id."""
    current = project.GetCurrentTimeline()
    if current is not None and str(current.GetUniqueId()) == timeline_id:
        return current
    return next((one for one in every_timeline(project) if str(one.GetUniqueId()) == timeline_id), None)


@contextmanager
def unlocked(timeline: Timeline, track_index: int) -> Iterator[None]:
    """A video track without its lock: on a locked one placing fails silently."""
    is_locked = timeline.GetIsTrackLocked("video", track_index) is True
    if is_locked:
        timeline.SetTrackLock("video", track_index, False)
    try:
        yield
    finally:
        if is_locked:
            _ = timeline.SetTrackLock("video", track_index, True) or timeline.SetTrackLock(
                "video", track_index, True
            )
