# SPDX-License-Identifier: Apache-2.0
"""One press on Sync at work: its jobs one after another, what they tell, and the result into the node.

Callbacks come in the main thread (see `desk`), so only `cancel` and the words `message` and `percent` are
used by other threads.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

import nuke
from plosive_host import PlosiveHostError, Session
from plosive_nuke.plan import Plan, forget_plan, shown_of
from plosive_nuke.showing import is_alive, show_version, tell
from plosive_nuke.versions import write_note

__all__ = ["Run"]

_TOLD_SECONDS = 1.0


class Run:
    """`on_end` is called once, with the error or None. `job_id` names a job that is there already: of the
    last part."""

    def __init__(
        self,
        node: nuke.Node,
        plan: Plan,
        session: Session,
        log: logging.Logger,
        on_end: Callable[[Run, PlosiveHostError | None], None],
    ) -> None:
        self.node = node
        self.plan = plan
        self.message = "waiting"
        self.percent = 0
        self.is_over = False
        self.error: PlosiveHostError | None = None
        self.job_id = ""
        self._session = session
        self._log = log
        self._on_end = on_end
        self._place = 0
        self._is_cancelled = False
        self._warnings: list[str] = []
        self._frames = [0, 0]
        self._told_at = float("-inf")

    def start(self) -> None:
        part = self.plan.parts[self._place]
        fields = {"sync": part.sync, "label": self.plan.label[:200], "priority": self.plan.priority}
        self._log.info("submit %s: %s", self.plan.label, part.sync)
        self._ask("submit", fields)

    def take_up(self, job_id: str, place: int) -> None:
        """Follow a job that runs already: of the part at `place`."""
        self._place, self.job_id = place, job_id
        self._ask("watch", {"job_id": job_id})

    def cancel(self) -> None:
        """From any thread. The job ends, and with it the run."""
        self._is_cancelled = True
        self.message = "cancelling"
        if self.job_id:
            self._session.request("cancel", {"job_id": self.job_id})

    def _ask(self, kind: str, fields: dict[str, Any]) -> None:
        self._session.request(kind, fields, on_event=self._event, on_done=self._done, on_error=self._failed)

    def _event(self, event: dict[str, Any]) -> None:
        kind = event.get("type")
        job = event.get("job") or {}
        if kind in ("submitted", "state"):
            self.job_id = str(job.get("id", self.job_id))
            if kind == "submitted":
                self._keep(f"{self.job_id} {self._place} {self.plan.version.folder}")
            if self._is_cancelled:
                self._session.request("cancel", {"job_id": self.job_id})
            elif job.get("state") == "waiting":
                ahead = int(job.get("jobs_ahead") or 0)
                self._say(f"waiting, {ahead} before it" if ahead else "waiting")
        elif kind == "progress":
            self._progress(event.get("progress") or {})
        elif kind == "warning":
            self._warnings.append(str(event.get("warning", "")))

    def _progress(self, progress: dict[str, Any]) -> None:
        done, total = int(progress.get("frames_done") or 0), int(progress.get("frames_total") or 0)
        text = str(progress.get("stage") or "at work")
        if total:
            text += f": frame {done} of {total}"
        rate, left = float(progress.get("frames_per_second") or 0), float(progress.get("seconds_left") or -1)
        if rate > 0:
            text += f", {rate:.1f} a second"
        if left > 0:
            text += f", about {left:.0f} s left"
        if total and progress.get("stage") == "render":
            share = min(done / total, 1.0)
            self.percent = int(100 * (self._place + share) / len(self.plan.parts))
        self.message = text
        now = time.monotonic()
        if (
            now - self._told_at >= _TOLD_SECONDS
        ):  # the bar is quick; a knob's change makes the viewer look again
            self._told_at = now
            self._say(text)

    def _done(self, message: dict[str, Any]) -> None:
        try:
            self._finish(message)
        except PlosiveHostError as error:
            self._end(error)
        except OSError as error:
            folder = self.plan.version.folder
            self._end(PlosiveHostError(f"{folder} cannot be written to: {error.strerror}.", "MEDIA_WRITE"))
        except Exception as error:  # whatever it is, the artist is told
            self._log.exception("%s", self.plan.label)
            self._end(PlosiveHostError(f"Showing it failed ({type(error).__name__}); see the log.", "NUKE"))

    def _finish(self, message: dict[str, Any]) -> None:
        result = (message.get("job") or {}).get("result") or {}
        self._frames[0] += int(result.get("frames_synced") or 0)
        self._frames[1] += int(result.get("frames_total") or 0)
        self._place += 1
        if self._place < len(self.plan.parts):
            self.job_id = ""
            self.start()
            return
        shown = shown_of(self.plan, self.job_id)
        write_note(self.plan.version, shown)
        forget_plan(self.plan, is_failed=False)
        if is_alive(self.node):  # deleted meanwhile: the version is there all the same
            self._warnings += show_version(
                self.node, self.plan.version.folder, shown, self.plan.version.number
            )
        self._keep("")
        self._end(None)

    def _failed(self, error: PlosiveHostError) -> None:
        if error.code in ("CHILD_ENDED", "CONNECTION_LOST") and self.job_id:
            self._end(PlosiveHostError(f"{error} The job goes on; press Sync to take it up.", error.code))
            return
        self._keep("")
        try:
            forget_plan(self.plan, is_failed=True)
        except OSError:
            self._log.exception("the plan of %s stays", self.plan.label)
        self._end(error)

    def _end(self, error: PlosiveHostError | None) -> None:
        self.error = error
        version = f"v{self.plan.version.number:03d}"
        if error is None:
            text = f"{version}: {self._frames[0]} of {self._frames[1]} frames synced."
            text += "".join(f"\n{warning}" for warning in self._warnings[:5])
        elif error.code == "CANCELLED":
            text = f"{version}: cancelled."
        else:
            text = f"{version}: {error}"
        self._log.info("%s", text)
        self._tell(text)
        self.is_over = True
        self._on_end(self, error)

    def _say(self, text: str) -> None:
        self.message = text
        self._tell(f"v{self.plan.version.number:03d}: {text}")

    def _tell(self, text: str) -> None:
        if is_alive(self.node):
            tell(self.node, "status", text)

    def _keep(self, text: str) -> None:
        if is_alive(self.node):
            tell(self.node, "job", text)
