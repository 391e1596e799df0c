# SPDX-License-Identifier: Apache-2.0
"""Lip Sync Clip, from the click to the result on the timeline."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Mapping, Sequence
from typing import Any

from plosive_host import PlosiveHostError, Pump, Session, log_path
from plosive_resolve.application import Host, can
from plosive_resolve.asking import ask_choices
from plosive_resolve.cancel_marker import CancelMarker
from plosive_resolve.clip_work import ClipWork, place_finished, submit_prepared
from plosive_resolve.console_screen import ConsoleScreen
from plosive_resolve.dub_finding import voices_found
from plosive_resolve.fingerprint import Fingerprint, fingerprint
from plosive_resolve.made_sounds import with_earlier_sounds
from plosive_resolve.placing import undo
from plosive_resolve.prepare import prepare_media
from plosive_resolve.reading import clips_meant
from plosive_resolve.report import report, title_of
from plosive_resolve.screen import Screen, Shown
from plosive_resolve.timeline_view import view_timeline

__all__ = ["lip_sync_clip"]

_HELLO_SECONDS = 90.0


def lip_sync_clip(
    host: Host, given: Mapping[str, Any], screen: Screen, pump: Pump, log: logging.Logger
) -> list[ClipWork]:
    """Sync the clips that are meant (see `clips_meant`) and put the results in their places; `given` are the
    globals of the script, which on the Fusion page name a tool. Returns what became of each clip; empty: the
    artist cancelled. One clip that fails does not stop the others.

    Raises PlosiveHostError where nothing could be begun.
    """
    before = fingerprint(view_timeline(host.timeline))
    clips = clips_meant(host, _tool(host, given))
    works = [ClipWork(clip, voices_found(host, clip)) for clip in clips]
    for work in works:
        log.info("%s", _described(work))
    with Session(str(host.edition), deliver=pump, on_log=log.info) as session:
        hello = _Hello(session, log)
        if not ask_choices(host, works, screen, session, log):
            log.info("cancelled in the dialog")
            return []
        if fingerprint(view_timeline(host.timeline)) != before:
            raise PlosiveHostError(
                "The timeline was edited while the dialog was open; run Lip Sync Clip again, which remembers "
                "what you chose.",
                "CHANGED",
            )
        hello.require(pump)
        _prepare(host, works, screen, log)
        open_works = [work for work in works if not work.is_over]
        if open_works:
            _run(host, open_works, before, session, hello.version, screen, log)
    _tell(host, works, screen, log)
    return works


class _Hello:
    """The daemon is found or started while the artist still chooses."""

    def __init__(self, session: Session, log: logging.Logger) -> None:
        self._error: PlosiveHostError | None = None
        self._is_ready = False
        self._log = log
        self.version = ""
        session.start(self._ready, self._failed)

    def require(self, pump: Pump) -> None:
        """Raises PlosiveHostError where there is no daemon to work with."""
        pump.run_until(lambda: self._is_ready or self._error is not None, _HELLO_SECONDS)
        if self._error is not None:
            raise self._error
        if not self._is_ready:
            raise PlosiveHostError(
                "Plosive's daemon did not answer; run `plosive serve --check` in a terminal to see why.",
                "TIMED_OUT",
            )

    def _ready(self, answer: dict[str, Any]) -> None:
        self._is_ready = True
        daemon = answer.get("daemon") or {}
        self.version = str(daemon.get("plosive_version") or "")
        self._log.info("client %s, daemon %s", answer.get("client_version"), daemon.get("plosive_version"))
        for warning in daemon.get("warnings") or ():
            self._log.warning("daemon: %s", warning)

    def _failed(self, error: PlosiveHostError) -> None:
        self._error = error


def _tell(host: Host, works: Sequence[ClipWork], screen: Screen, log: logging.Logger) -> None:
    """What it came to; the artist may take it back."""
    placed = [work.placed for work in works if work.placed is not None and not work.placed.was_there]
    is_unwanted = screen.tell(title_of(works), report(works), log_path("resolve"), can_undo=bool(placed))
    if not is_unwanted:
        return
    for one in reversed(placed):
        log.info("undo %s", one)
        undo(host, one)
    screen.tell(
        "Lip Sync Clip: undone",
        ["The timeline is as it was; the media stays in the bin Plosive."],
        log_path("resolve"),
    )


def _described(work: ClipWork) -> str:
    """For the log: what was read of the timeline, without all that Resolve tells of the media."""
    clip = work.clip
    voices = [dataclasses.replace(voice, pieces=()) for voice in work.voices.voices]
    return (
        f"{clip.name}: timeline frames {clip.first_record_frame} to {clip.last_record_frame_inclusive} at "
        f"{clip.timeline_rate} play {clip.media.path} {clip.first_frame} to {clip.last_frame_inclusive} at "
        f"{clip.media_rate}, from {clip.position}, speed {clip.speed}, {clip.needs_rendering or 'as it is'}; "
        f"{voices}; {work.voices.notes}"
    )


def _tool(host: Host, given: Mapping[str, Any]) -> Any:
    """The node that was right-clicked, or the open composition of the Fusion page."""
    if given.get("tool") is not None:
        return given["tool"]
    page = host.resolve.GetCurrentPage() if can(host.resolve, "GetCurrentPage") else ""
    return given.get("comp") if page == "fusion" else None


def _prepare(host: Host, works: Sequence[ClipWork], screen: Screen, log: logging.Logger) -> None:
    """What the daemon can't read as it is is rendered by Resolve."""
    is_cancelled = False
    for work in works:
        if work.is_over or work.choices is None:
            continue
        if is_cancelled:
            work.error = PlosiveHostError("It was cancelled.", "CANCELLED")
            continue
        try:
            with screen.working("Lip Sync Clip") as progress:
                ready = prepare_media(host, work.clip, work.voices, work.choices, progress)
            work.prepared = with_earlier_sounds(ready, log)
        except PlosiveHostError as error:
            log.error("%s can't be prepared (%s): %s", work.name, error.code, error)
            work.error = error
            is_cancelled = error.code == "CANCELLED"


def _run(
    host: Host,
    works: Sequence[ClipWork],
    before: Fingerprint,
    session: Session,
    version: str,
    screen: Screen,
    log: logging.Logger,
) -> None:
    """All jobs at once, which the daemon takes in turn; each result is placed as soon as it is there."""
    for work in works:
        try:
            submit_prepared(work, session, version, log)
        except PlosiveHostError as error:
            log.error("%s can't be asked for (%s): %s", work.name, error.code, error)
            work.error = error
    watches = [work.watch for work in works if work.watch is not None]
    if not watches:
        return
    if isinstance(screen, ConsoleScreen):
        view = view_timeline(host.timeline)
        frame = works[0].clip.first_record_frame - view.start_frame
        screen.marker = CancelMarker(view.live, frame, log)

    def show() -> Shown:
        nonlocal before
        for work in works:
            before = place_finished(host, work, before, version, log)
        at_work = next((watch for watch in watches if watch.state == "running"), watches[0])
        return Shown(
            tuple(watch.sentence for watch in watches),
            sum(watch.fraction for watch in watches) / len(watches),
            at_work.preview_path,
            all(work.is_over for work in works),
        )

    def cancel() -> None:
        for watch in watches:
            if not watch.is_over:
                watch.cancel()

    try:
        screen.watch("Lip Sync Clip", show, cancel)
    except BaseException:
        cancel()  # nobody would place what comes of them
        raise
    for work in works:
        if not work.is_over:
            sentence = "It was cancelled; the daemon has not answered to that yet, see `plosive jobs`."
            work.error = PlosiveHostError(sentence, "CANCELLED")
