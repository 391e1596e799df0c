# SPDX-License-Identifier: Apache-2.0
"""The job itself.

Payload: `request`, base64 of the SubmitJobRequest as it was stored; `folder`, what the job keeps between its
tries (`plosive_daemon.workers.leftovers.JobFolder`): it takes up at the frame where it stopped;
`disk_reserve_bytes`, room to be left on disks; `results` and `cache_bytes`, the folder of known results
(empty: none) and how much may be kept there.
Result: the fields of `plosive_daemon.job.JobResult`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from plosive.sync_options import SyncOptions, SyncResult
from plosive_daemon.disk import media_bytes, require_room, room_needed
from plosive_daemon.job import JobResult
from plosive_daemon.request_words import in_request_words
from plosive_daemon.workers.device_memory import roomy_device
from plosive_daemon.workers.leftovers import JobFolder
from plosive_daemon.workers.session import Session
from plosive_daemon.workers.tasks.known_results import KnownResults
from plosive_daemon.workers.tasks.previews import FramePreviews
from plosive_daemon.workers.tasks.requests import held_sources, options_of, request_in
from plosive_proto.v1 import job_pb2

__all__ = ["run"]

_NUMBER = re.compile(r"#+|@+|%(?:0\d+)?d")


def run(payload: dict[str, Any], session: Session) -> dict[str, Any]:
    """Make what `payload` asks for. Raises PlosiveError subclasses as `sync_plate` does."""
    request = request_in(payload, job_pb2.SubmitJobRequest())
    folder = JobFolder(Path(payload["folder"]))
    with held_sources(request.sync, session) as sync:
        options = options_of(sync, session)
        options = replace(options, device=roomy_device(options.device, session))
        folders = _folders(options)
        is_own = folder.begin_try(os.getpid(), folders, is_out_there=_is_there(options.out))
        if is_own:
            options = replace(options, overwrite=True)
        _require_room(options, folder, int(payload["disk_reserve_bytes"]))
        session.write_to(folders)
        kept = Path(payload["results"]) if payload.get("results") else None
        known = KnownResults(options, kept, int(payload.get("cache_bytes", 0)))
        earlier = known.delivered()
        if earlier is not None:
            session.warn_all(earlier[1])
            return asdict(earlier[0])
        made = _synced(options, session, folder.journal, FramePreviews(folder.preview, session))
    result = _result(options, made)
    known.remember(result, made.warnings)
    return asdict(result)


def _synced(options: SyncOptions, session: Session, journal: Path, previews: FramePreviews) -> SyncResult:
    """The only call of `plosive.sync.sync_plate`."""
    from plosive.sync import sync_plate

    return sync_plate(options, session, journal, previews)


def _require_room(options: SyncOptions, folder: JobFolder, reserve_bytes: int) -> None:
    """Raises DiskFull. What a part of the plate takes is not known before it is opened: the whole counts."""
    needed = room_needed(media_bytes(options.plate), has_elements=options.elements is not None)
    places = {options.out.parent: needed.out_bytes, folder.path: needed.scratch_bytes}
    if options.elements is not None:
        places[options.elements] = needed.elements_bytes
    require_room(places, reserve_bytes)


def _folders(options: SyncOptions) -> tuple[Path, ...]:
    """Where output grows (`plosive.media.staging`): beside what is written, and in folders that are."""
    places = [options.out, options.elements, options.report]
    folders = [folder for place in places if place is not None for folder in (place.parent, place)]
    return tuple(dict.fromkeys(folder.absolute() for folder in folders if not folder.is_file()))


def _is_there(out: Path) -> bool:
    """Whether anything lies under the name of the result; of a pattern, any of its files."""
    if not _NUMBER.search(out.name):
        return out.is_dir() and any(out.iterdir()) if out.is_dir() else os.path.lexists(out)
    pattern = re.compile(r"\d+".join(re.escape(part) for part in _NUMBER.split(out.name)))
    return out.parent.is_dir() and any(pattern.fullmatch(name) for name in os.listdir(out.parent))


def _result(options: SyncOptions, made: SyncResult) -> JobResult:
    from plosive.sync.record import beside

    exactness = made.report.get("exactness")
    fates: Any = exactness.get("frames", {}) if isinstance(exactness, Mapping) else {}
    place = options.report if options.report is not None and options.page is None else None
    return JobResult(
        out_path=str(made.out),
        record_path=str(place or beside(options.out, "plosive.json")),
        elements_folder_path="" if options.elements is None else str(options.elements),
        frames_total=made.frames_total,
        frames_synced=made.frames_synced,
        frames_copied=int(fates.get("copied", 0)),
        frames_patched=int(fates.get("patched", 0)),
        frames_rewritten=int(fates.get("rewritten", 0)),
        score=_score(made.report),
        notes=tuple(in_request_words(note) for note in made.notes),
    )


def _score(report: Mapping[str, Any]) -> float | None:
    """Of the report's score; the lowest where there are several speakers."""
    scores = [report["score"]] if "score" in report else list(report.get("scores", {}).values())
    totals = [score["total"] for score in scores if isinstance(score, Mapping) and score.get("total_of")]
    return min(totals) if totals else None
