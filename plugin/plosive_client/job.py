# SPDX-License-Identifier: Apache-2.0
"""Jobs in the queue (job.proto says units and bounds). Times of day are milliseconds since 1970-01-01 UTC."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from plosive_client.conform import ConformResult
from plosive_client.errors import ErrorDetail
from plosive_client.sync import SyncRequest

__all__ = ["Job", "JobRequest", "JobResult", "JobState", "Progress", "ReelProgress", "WatchEvent"]


class JobState(Enum):
    """Where a job stands. UNSPECIFIED: a state that only newer clients know."""

    UNSPECIFIED = "unspecified"
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_ended(self) -> bool:
        return self in (JobState.DONE, JobState.FAILED, JobState.CANCELLED)


@dataclass(frozen=True)
class ReelProgress:
    """How far a conform is, in renders: each serves a shot in one language, or several shots of one plate
    that run on over a cut. `render` counts from 1, the shot is its first, frames are those of all renders.
    """

    render: int = 0
    renders_total: int = 0
    renders_done: int = 0
    shot_number: int = 0
    shot_name: str = ""
    language: str = ""
    frames_done: int = 0
    frames_total: int = 0


@dataclass(frozen=True)
class Progress:
    """How far it is. Frames and rate are 0, `seconds_left` is below 0 where they are not known. `reel` is
    None but in conforms, once it is known what they render.
    """

    stage: str = ""
    frames_done: int = 0
    frames_total: int = 0
    frames_per_second: float = 0.0
    seconds_left: float = -1.0
    preview_path: str = ""
    device: str = ""
    reel: ReelProgress | None = None


@dataclass(frozen=True)
class JobResult:
    """What a job that is done has made. `score` (0 to 5) is None where it was not asked for, `conform` where
    the job was none.
    """

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


@dataclass(frozen=True)
class Job:
    """One job as it stood when the daemon answered."""

    id: str
    state: JobState
    label: str = ""
    client: str = ""
    priority: int = 50
    created_unix_ms: int = 0
    started_unix_ms: int = 0
    ended_unix_ms: int = 0
    attempts: int = 0
    jobs_ahead: int = 0
    progress: Progress | None = None
    warnings: tuple[str, ...] = ()
    result: JobResult | None = None
    error: ErrorDetail | None = None


@dataclass(frozen=True)
class JobRequest:
    """What is submitted. `priority` 0 to 100, None: 50; `device` auto, cpu, cuda or cuda:N."""

    sync: SyncRequest
    label: str = ""
    priority: int | None = None
    idempotency_key: str = ""
    device: str = ""


@dataclass(frozen=True)
class WatchEvent:
    """Something that happened to a job: exactly one of the last three is set. `job` is the whole state, told
    first and at every change of state. Sequence numbers rise; not every number comes.
    """

    sequence: int
    job: Job | None = None
    progress: Progress | None = None
    warning: str | None = None
