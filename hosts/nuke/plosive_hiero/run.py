# SPDX-License-Identifier: Apache-2.0
"""One job from its submission to its result. All in the main thread: callbacks come through the desk."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Optional

from plosive_host import PlosiveHostError, Session

__all__ = ["Run"]


class Run:
    """`place` gets the ended job (PROTOCOL.md) and returns sentences for the artist; `on_end` is called once,
    with the error or None.
    """

    def __init__(
        self,
        label: str,
        sync: dict[str, Any],
        session: Session,
        log: logging.Logger,
        place: Callable[[dict[str, Any]], tuple[str, ...]],
        on_end: Callable[[Run], None],
    ) -> None:
        self.label = label
        self.message = "waiting"
        self.percent = 0
        self.is_over = False
        self.error: Optional[PlosiveHostError] = None
        self.notes: list[str] = []
        self.summary = ""
        self.job_id = ""
        self._sync = sync
        self._session = session
        self._log = log
        self._place = place
        self._on_end = on_end
        self._is_cancelled = False

    def start(self) -> None:
        self._log.info("submit %s: %s", self.label, self._sync)
        fields = {"sync": self._sync, "label": self.label[:200]}
        self._session.request("submit", fields, self._event, self._done, self._failed)

    def cancel(self) -> None:
        """The job ends, and with it the run."""
        self._is_cancelled = True
        self.message = "cancelling"
        if self.job_id:
            self._session.request("cancel", {"job_id": self.job_id})

    def _event(self, event: dict[str, Any]) -> None:
        kind = event.get("type")
        if kind in ("submitted", "state"):
            job = event.get("job") or {}
            is_new = not self.job_id
            self.job_id = str(job.get("id") or self.job_id)
            if self._is_cancelled and is_new:
                self._session.request("cancel", {"job_id": self.job_id})
            elif job.get("state") == "waiting" and not self._is_cancelled:
                ahead = int(job.get("jobs_ahead") or 0)
                self.message = f"waiting, {ahead} before it" if ahead else "waiting"
        elif kind == "progress" and not self._is_cancelled:
            self._progress(event.get("progress") or {})
        elif kind == "warning":
            self.notes.append(str(event.get("warning", "")))

    def _progress(self, told: dict[str, Any]) -> None:
        done, total = int(told.get("frames_done") or 0), int(told.get("frames_total") or 0)
        text = str(told.get("stage") or "at work")
        if total:
            text += f": frame {done} of {total}"
        left = float(told.get("seconds_left") or -1)
        if left > 0:
            text += f", about {left:.0f} s left"
        if total and told.get("stage") == "render":
            self.percent = max(self.percent, min(99, 100 * done // total))
        self.message = text

    def _done(self, message: dict[str, Any]) -> None:
        job = message.get("job") or {}
        result = job.get("result") or {}
        frames = f"{result.get('frames_synced') or 0} of {result.get('frames_total') or 0} frames synced"
        score = result.get("score")
        self.summary = frames + (f", score {score:.1f} of 5" if isinstance(score, (int, float)) else "")
        try:
            self.notes += self._place(job)
        except PlosiveHostError as error:
            self._end(PlosiveHostError(f"{error} The file: {result.get('out_path', '')}", error.code))
        except Exception as error:  # whatever it is, the artist is told
            self._log.exception("%s", self.label)
            told = f"The result could not be placed ({type(error).__name__}); see the log. The file: "
            self._end(PlosiveHostError(told + str(result.get("out_path", "")), "HIERO"))
        else:
            self._end(None)

    def _failed(self, error: PlosiveHostError) -> None:
        if error.code in ("CHILD_ENDED", "CONNECTION_LOST") and self.job_id:
            error = PlosiveHostError(f"{error} The job {self.job_id} goes on: `plosive jobs`.", error.code)
        self._end(error)

    def _end(self, error: Optional[PlosiveHostError]) -> None:
        self.error = error
        self.percent = 100
        self.is_over = True
        self._log.info("%s: %s", self.label, error or self.summary)
        self._on_end(self)
