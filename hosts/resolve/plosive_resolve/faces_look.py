# SPDX-License-Identifier: Apache-2.0
"""Looking for the people of a clip while the dialog is open."""

from __future__ import annotations

import logging
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from plosive_host import PlosiveHostError, Session
from plosive_host.session import Request
from plosive_resolve.people import Person, people_of
from plosive_resolve.screen import Look

__all__ = ["FacesLook"]


class FacesLook:
    """Asks the daemon for the faces of `clip` (a ClipRange); the job that follows uses what was found. To be
    used with `with`: what is not needed any more is stopped, the pictures are removed.
    """

    def __init__(self, session: Session, clip: Mapping[str, Any] | None, log: logging.Logger) -> None:
        self._session = session
        self._clip = clip
        self._log = log
        self._sentence = ""
        self._people: tuple[Person, ...] | None = None
        self._request: Request | None = None
        self._folder = Path()

    def __enter__(self) -> FacesLook:
        self._folder = Path(tempfile.mkdtemp(prefix="plosive-faces-"))
        if self._clip is None:
            self._sentence = "The people of this clip can't be shown before Resolve has rendered it."
        else:
            self._sentence = "Looking for faces…"
            self._request = self._session.request(
                "faces", {"clip": dict(self._clip)}, self._event, self._done, self._failed
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._request is not None:
            self._session.request("stop", {"request": self._request.id})
            self._request = None
        shutil.rmtree(self._folder, ignore_errors=True)

    def __call__(self) -> Look:
        return Look(self._sentence, self._people)

    def _event(self, event: dict[str, Any]) -> None:
        progress = event.get("progress") or {}
        done, total = int(progress.get("frames_done") or 0), int(progress.get("frames_total") or 0)
        if total:
            self._sentence = f"Looking for faces… {100 * done // total} %"

    def _done(self, answer: dict[str, Any]) -> None:
        if self._request is None:
            return  # the dialog is closed
        self._request = None
        faces = answer.get("faces") or {}
        self._people = people_of(faces, self._folder)
        count = len(self._people)
        found = (
            "No face was found"
            if not count
            else "One face was found"
            if count == 1
            else f"{count} faces were found"
        )
        self._sentence = " ".join((f"{found}.", *(str(one) for one in faces.get("warnings") or ())))

    def _failed(self, error: PlosiveHostError) -> None:
        if self._request is None:
            return
        self._request = None
        self._log.warning("faces (%s): %s", error.code, error)
        self._sentence = str(error)  # the job may still be tried, and says the same where it matters
