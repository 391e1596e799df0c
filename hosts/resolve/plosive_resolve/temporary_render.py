# SPDX-License-Identifier: Apache-2.0
"""A render job of our own on a timeline of our own, without a trace afterwards.

Render settings can be written but not read, and every call goes to the Deliver page. So what the artist has
set is saved as a preset first and loaded again at the end, with format, codec and mode; the page, the open
timeline and the current bin are put back; the job, the preset and the temporary timeline are deleted: in
`finally`, always.
"""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from plosive_host import PlosiveHostError
from plosive_resolve.application import Host

if TYPE_CHECKING:
    from resolve_api import Project, Timeline

__all__ = ["OnProgress", "kept_settings", "render", "temporary_timeline"]

OnProgress = Callable[[str, float], bool]
"""Gets a sentence and a share from 0 to 1; False cancels."""

_POLL_SECONDS = 0.2
_QUIET_POLLS = 15  # asked so often without anything going on, a job that is not done has failed


@contextmanager
def kept_settings(host: Host) -> Iterator[None]:
    """The Deliver page as the artist has it, after whatever is done to it. Raises PlosiveHostError (RENDER)
    where it could not be kept, or Resolve is rendering.
    """
    project = host.project
    if project.IsRenderingInProgress():
        raise PlosiveHostError("Resolve is rendering; try again when it has ended.", "RENDER")
    page = host.resolve.GetCurrentPage()
    timeline = project.GetCurrentTimeline()
    name = f"Plosive {uuid.uuid4().hex[:8]}"
    chosen = project.GetCurrentRenderFormatAndCodec() or {}
    mode = project.GetCurrentRenderMode()
    if not project.SaveAsNewRenderPreset(name):
        _go_back(host, page)
        raise PlosiveHostError(
            "Your settings of the Deliver page could not be kept safe, so nothing was rendered; close any "
            "open window of Resolve and try again.",
            "RENDER",
        )
    try:
        yield
    finally:
        if timeline is not None:
            project.SetCurrentTimeline(timeline)
        is_loaded = _insist(lambda: project.LoadRenderPreset(name))
        if chosen.get("format") and chosen.get("codec"):
            project.SetCurrentRenderFormatAndCodec(chosen["format"], chosen["codec"])
        project.SetCurrentRenderMode(mode)
        if is_loaded:  # else it is all that is left of the artist's settings
            _insist(lambda: project.DeleteRenderPreset(name))
        _go_back(host, page)


@contextmanager
def temporary_timeline(host: Host, make: Callable[[str], Timeline | None]) -> Iterator[Timeline]:
    """What `make` gives for a new name, deleted at the end; the timeline and bin that were open are again.
    Raises PlosiveHostError (RENDER) where it gives None.
    """
    project, pool = host.project, host.media_pool
    before, folder = project.GetCurrentTimeline(), pool.GetCurrentFolder()
    made = None
    try:
        made = make(f"Plosive temporary {uuid.uuid4().hex[:8]}")
        if made is None:
            raise PlosiveHostError(
                "Resolve made no temporary timeline to render from; close any open window and try again.",
                "RENDER",
            )
        project.SetCurrentTimeline(made)
        yield made
    finally:
        if before is not None:
            project.SetCurrentTimeline(before)
        if made is not None:
            doomed = [made]
            _insist(lambda: pool.DeleteTimelines(doomed))
            if before is not None:
                project.SetCurrentTimeline(before)
        if folder is not None:
            pool.SetCurrentFolder(folder)


def render(
    host: Host,
    formats: Sequence[tuple[str, Sequence[str]]],
    settings: Mapping[str, Any],
    folder: str,
    name: str,
    what: str,
    on_progress: OnProgress | None,
) -> list[str]:
    """The files that a job for the open timeline made in `folder`, sorted; their names begin with `name`,
    which nothing there has yet. `formats` are extensions with codecs, best first; an empty list: any. To be
    called within `kept_settings`. Raises PlosiveHostError: RENDER, CANCELLED; then no file is left.
    """
    project = host.project
    if not any(_set_format(project, extension, codecs) for extension, codecs in formats):
        raise PlosiveHostError(
            f"This Resolve renders none of the formats that {what} needs ("
            f"{', '.join(extension for extension, _ in formats)}); render it by hand and use that file.",
            "RENDER",
        )
    project.SetCurrentRenderMode(1)
    wanted = {**settings, "TargetDir": folder, "CustomName": name}
    job_id = project.AddRenderJob() if project.SetRenderSettings(wanted) else ""
    if not job_id:
        raise PlosiveHostError(
            f"Resolve did not take the render of {what}; is there room in {folder}?", "RENDER"
        )
    is_done = False
    try:
        if not project.StartRendering([job_id]):
            raise PlosiveHostError(f"Resolve did not begin to render {what}.", "RENDER")
        _wait(project, job_id, what, on_progress)
        is_done = True
    finally:
        if not is_done:
            project.StopRendering()
        _insist(lambda: project.DeleteRenderJob(job_id))
        made = _made(folder, name)
        if not is_done:
            for path in made:
                os.unlink(path)
    if not made:
        raise PlosiveHostError(f"Resolve rendered {what}, but nothing lies in {folder}.", "RENDER")
    return made


def _wait(project: Project, job_id: str, what: str, on_progress: OnProgress | None) -> None:
    """Words of the status are in the program's language: numbers and `Error` tell."""
    quiet = 0
    while True:
        status = project.GetRenderJobStatus(job_id) or {}
        percent = status.get("CompletionPercentage") or 0
        if status.get("Error"):
            raise PlosiveHostError(f"Resolve could not render {what}: {status['Error']}.", "RENDER")
        is_busy = bool(project.IsRenderingInProgress())
        if percent >= 100 and not is_busy:
            return
        quiet = 0 if is_busy else quiet + 1
        if quiet > _QUIET_POLLS:
            raise PlosiveHostError(f"The render of {what} stopped before its end.", "RENDER")
        if on_progress is not None and not on_progress(f"Resolve renders {what}", percent / 100):
            raise PlosiveHostError("Cancelled.", "CANCELLED")
        time.sleep(_POLL_SECONDS)


def _set_format(project: Project, extension: str, codecs: Sequence[str]) -> bool:
    there = list((project.GetRenderCodecs(extension) or {}).values())
    wanted = [codec for codec in codecs if codec in there] or ([] if codecs else there)
    return any(project.SetCurrentRenderFormatAndCodec(extension, codec) for codec in wanted)


def _made(folder: str, name: str) -> list[str]:
    if not os.path.isdir(folder):
        return []
    return sorted(os.path.join(folder, one) for one in os.listdir(folder) if one.startswith(name))


def _go_back(host: Host, page: str | None) -> None:
    if page and host.resolve.GetCurrentPage() != page:
        _insist(lambda: host.resolve.OpenPage(page))


def _insist(change: Callable[[], bool]) -> bool:
    """What puts things back is tried again: some calls of Resolve fail once."""
    return any(change() for _ in range(3))
