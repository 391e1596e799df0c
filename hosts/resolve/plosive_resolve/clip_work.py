# SPDX-License-Identifier: Apache-2.0
"""One clip on its way from the timeline through the daemon and back."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import Any

from plosive_host import PlosiveHostError, Session
from plosive_resolve.application import Host
from plosive_resolve.choices import Choices
from plosive_resolve.clip_use import ClipUse
from plosive_resolve.fingerprint import Fingerprint, fingerprint
from plosive_resolve.flagged import flagged_of
from plosive_resolve.job_watch import JobWatch
from plosive_resolve.known_results import known_job, remember_job
from plosive_resolve.placing import Placed, place
from plosive_resolve.prepare import Prepared
from plosive_resolve.request import request_of, used_voices
from plosive_resolve.timeline_view import view_timeline
from plosive_resolve.voice_found import VoicesFound

__all__ = ["ClipWork", "place_finished", "submit_prepared"]


@dataclass
class ClipWork:
    """`error` is why it went no further, where it did not; `placed` is where its result lies, `flagged` what
    its score found worth a look.
    """

    clip: ClipUse
    voices: VoicesFound
    choices: Choices | None = None
    prepared: Prepared | None = None
    watch: JobWatch | None = None
    placed: Placed | None = None
    error: PlosiveHostError | None = None
    flagged: list[dict[str, Any]] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.clip.name

    @property
    def is_cancelled(self) -> bool:
        return self.error is not None and self.error.code == "CANCELLED"

    @property
    def is_over(self) -> bool:
        return self.error is not None or self.placed is not None

    @property
    def dub(self) -> str:
        """What is said, for the result's metadata."""
        if self.choices is None:
            return ""
        if self.choices.dub_path:
            return self.choices.dub_path
        return "; ".join(voice.label for voice in used_voices(self.voices.voices, self.choices))


def submit_prepared(work: ClipWork, session: Session, version: str, log: logging.Logger) -> None:
    """Begin its job, or take the one that answered the same request before. `version` is Plosive's. Raises
    PlosiveHostError where no request can be made of it.
    """
    assert work.prepared is not None
    ready = work.prepared
    sync = request_of(ready.clip, ready.voices, ready.choices)
    work.watch = JobWatch(session, work.name, sync, log)
    known = known_job(sync, version, log)
    if known is not None:
        work.watch.take(known)
    else:
        work.watch.submit()


def place_finished(
    host: Host, work: ClipWork, before: Fingerprint, version: str, log: logging.Logger
) -> Fingerprint:
    """Place its result if its job is over and it is not placed yet, or keep the reason why there is none. The
    fingerprint of the timeline afterwards: `before` where nothing was placed.
    """
    watch = work.watch
    if work.is_over or watch is None or not watch.is_over:
        return before
    if watch.state != "done":
        cancelled = PlosiveHostError("It was cancelled.", "CANCELLED")
        work.error = watch.error if watch.state == "failed" and watch.error is not None else cancelled
        return before
    assert work.prepared is not None
    ready = work.prepared
    if not watch.is_known:
        remember_job(watch.sync, version, watch.job, log)
    result = dict(watch.job.get("result") or {})
    result["flagged"] = work.flagged = flagged_of(result)
    try:
        work.placed = place(host, ready.clip, result, ready.choices, before, watch.job_id, work.dub)
    except PlosiveHostError as error:
        log.error("%s was not placed (%s): %s", work.name, error.code, error)
        out = str(result.get("out_path") or "")
        kept = f" The result is {out}." if out else ""
        work.error = PlosiveHostError(f"{error}{kept}", error.code)
        return before
    log.info("%s is placed: %s", work.name, work.placed)
    return fingerprint(view_timeline(host.timeline))
