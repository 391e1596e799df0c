# SPDX-License-Identifier: Apache-2.0
"""A job as the daemon knows it. No protobuf here: the service turns these into messages, the store into rows.

Times of day are milliseconds since 1970-01-01 UTC and only shown; no decision rests on them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

__all__ = [
    "ConformResult",
    "ConformedEdit",
    "ConformedShot",
    "Job",
    "JobError",
    "JobEvent",
    "JobKind",
    "JobProgress",
    "JobResult",
    "JobState",
    "ReelProgress",
]


class JobState(Enum):
    """Where a job stands. The first two go on, the others are its end."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_ended(self) -> bool:
        return self not in (JobState.WAITING, JobState.RUNNING)


class JobKind(Enum):
    """What a job's request is, and which task of a worker does it."""

    SYNC = "sync"
    CONFORM = "conform"


@dataclass(frozen=True)
class ReelProgress:
    """How far a conform is, in renders: as `plosive.reel.ReelPosition`."""

    render: int = 0
    renders_total: int = 0
    renders_done: int = 0
    shot_number: int = 0
    shot_name: str = ""
    language: str = ""
    frames_done: int = 0
    frames_total: int = 0


@dataclass(frozen=True)
class JobProgress:
    """How far it is. Frames and rate are 0 and `seconds_left` is below 0 where they are not known.

    `preview_path` is a small picture of the latest synced frame, empty before there is one; `reel` is None
    but in conforms.
    """

    stage: str = ""
    frames_done: int = 0
    frames_total: int = 0
    frames_per_second: float = 0.0
    seconds_left: float = -1.0
    preview_path: str = ""
    device: str = ""
    reel: ReelProgress | None = None

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> JobProgress:
        """From `dataclasses.asdict`, also as it comes back from JSON. Raises TypeError."""
        reel = told.get("reel")
        return cls(**{**told, "reel": ReelProgress(**reel) if reel else None})


@dataclass(frozen=True)
class ConformedEdit:
    """A conformed edit in one language, with its reports. Paths are absolute."""

    language: str
    edit_path: str
    extra_paths: tuple[str, ...] = ()
    page_path: str = ""
    record_path: str = ""


@dataclass(frozen=True)
class ConformedShot:
    """What became of a shot in one language. `state` is a name of `ShotState` in conform.proto in small
    letters without its prefix, as left_alone.
    """

    number: int
    name: str
    language: str
    state: str
    reason: str = ""
    out_path: str = ""


@dataclass(frozen=True)
class ConformResult:
    """What a conform has made; counts go over all languages. `shots` may be cut short."""

    edits: tuple[ConformedEdit, ...] = ()
    shots: tuple[ConformedShot, ...] = ()
    shots_synced: int = 0
    shots_taken_up: int = 0
    shots_left_alone: int = 0
    shots_failed: int = 0


@dataclass(frozen=True)
class JobResult:
    """What a job that is done has made. Paths are absolute; `score` (0 to 5) is None where not asked for."""

    out_path: str
    record_path: str = ""
    elements_folder_path: str = ""
    frames_total: int = 0
    frames_synced: int = 0
    frames_copied: int = 0
    frames_patched: int = 0
    frames_rewritten: int = 0
    score: float | None = None
    from_cache: bool = False
    notes: tuple[str, ...] = ()
    conform: ConformResult | None = None

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> JobResult:
        """From `dataclasses.asdict`, also as it comes back from JSON. Raises TypeError or KeyError."""
        conform = told.get("conform")
        if conform is not None:
            edits = tuple(
                ConformedEdit(**{**one, "extra_paths": tuple(one["extra_paths"])}) for one in conform["edits"]
            )
            shots = tuple(ConformedShot(**one) for one in conform["shots"])
            conform = ConformResult(**{**conform, "edits": edits, "shots": shots})
        return cls(**{**told, "notes": tuple(told.get("notes", ())), "conform": conform})


@dataclass(frozen=True)
class JobError:
    """Why a job failed. `code` is a name of `ErrorCode` in errors.proto without its prefix, as MEDIA_READ;
    `sentence` is for the artist.
    """

    code: str
    sentence: str
    field: str = ""
    is_retryable: bool = False


@dataclass(frozen=True)
class Job:
    """One job. `request` is the serialised SubmitJobRequest, or ConformRequest, as it came (`kind` says
    which), left empty in lists and events;
    `attempts` counts tries begun, `attempts_interrupted` those of them that ended with the daemon and are not
    held against the job; `is_cancelling` says that it was cancelled while it runs; `last_sequence` is that of
    its newest event.
    """

    id: str
    state: JobState
    request: bytes = field(repr=False)
    kind: JobKind = JobKind.SYNC
    label: str = ""
    client: str = ""
    priority: int = 50
    device: str = "auto"
    idempotency_key: str = ""
    created_unix_ms: int = 0
    started_unix_ms: int = 0
    ended_unix_ms: int = 0
    attempts: int = 0
    attempts_interrupted: int = 0
    is_cancelling: bool = False
    progress: JobProgress = JobProgress()
    warnings: tuple[str, ...] = ()
    result: JobResult | None = None
    error: JobError | None = None
    last_sequence: int = 0


@dataclass(frozen=True)
class JobEvent:
    """Something that happened to a job. Exactly one of the last three is set; `job` at changes of state.

    Sequence numbers rise for each job and are stored, so a stream can be taken up after a restart; progress
    is coalesced: between two looks only its newest is told.
    """

    job_id: str
    sequence: int
    job: Job | None = None
    progress: JobProgress | None = None
    warning: str | None = None
