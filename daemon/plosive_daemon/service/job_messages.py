# SPDX-License-Identifier: Apache-2.0
"""The daemon's words for a job as messages of the contract."""

from __future__ import annotations

from dataclasses import asdict

from plosive_daemon.job import ConformResult, Job, JobError, JobEvent, JobProgress, JobResult, JobState
from plosive_daemon.service.errors import InvalidRequest, code_number, shortened
from plosive_proto.v1 import conform_pb2, errors_pb2, job_pb2

__all__ = ["event_message", "job_message", "progress_message", "states_of"]

_STATES = {
    JobState.WAITING: job_pb2.JOB_STATE_WAITING,
    JobState.RUNNING: job_pb2.JOB_STATE_RUNNING,
    JobState.DONE: job_pb2.JOB_STATE_DONE,
    JobState.FAILED: job_pb2.JOB_STATE_FAILED,
    JobState.CANCELLED: job_pb2.JOB_STATE_CANCELLED,
}
_STATES_BACK: dict[int, JobState] = {number: state for state, number in _STATES.items()}
_MOST_WARNINGS = 1_000
_LISTED_WARNINGS = 20  # so that a page of 500 jobs fits into a message


def job_message(job: Job, jobs_ahead: int = 0, *, is_listed: bool = False) -> job_pb2.Job:
    """`jobs_ahead` counts those before it in the queue. Jobs that are listed tell their newest warnings only,
    and of conforms no shots.
    """
    return job_pb2.Job(
        id=job.id,
        state=_STATES[job.state],
        label=job.label,
        client=job.client,
        priority=job.priority,
        created_unix_ms=job.created_unix_ms,
        started_unix_ms=job.started_unix_ms,
        ended_unix_ms=job.ended_unix_ms,
        attempts=job.attempts,
        jobs_ahead=jobs_ahead,
        progress=progress_message(job.progress),
        warnings=job.warnings[-(_LISTED_WARNINGS if is_listed else _MOST_WARNINGS) :],
        result=None if job.result is None else _result_message(job.result, is_listed),
        error=None if job.error is None else _error_message(job.error, job.id),
    )


def progress_message(progress: JobProgress) -> job_pb2.Progress:
    return job_pb2.Progress(
        stage=progress.stage,
        frames_done=max(0, progress.frames_done),
        frames_total=max(0, progress.frames_total),
        frames_per_second=progress.frames_per_second,
        seconds_left=progress.seconds_left,
        preview_path=progress.preview_path,
        device=progress.device,
        reel=None if progress.reel is None else job_pb2.ReelProgress(**asdict(progress.reel)),
    )


def event_message(event: JobEvent, jobs_ahead: int = 0) -> job_pb2.WatchJobResponse:
    """One message of a WatchJob stream."""
    message = job_pb2.WatchJobResponse(sequence=event.sequence)
    if event.job is not None:
        message.job.CopyFrom(job_message(event.job, jobs_ahead))
    elif event.progress is not None:
        message.progress.CopyFrom(progress_message(event.progress))
    else:
        message.warning = event.warning or ""
    return message


def states_of(numbers: list[int]) -> list[JobState]:
    """Raises InvalidRequest for a number that is no state."""
    for number in numbers:
        if number not in _STATES_BACK:
            raise InvalidRequest(f"{number} is no state of a job.", "states")
    return [_STATES_BACK[number] for number in dict.fromkeys(numbers)]


def _result_message(result: JobResult, is_listed: bool) -> job_pb2.JobResult:
    message = job_pb2.JobResult(
        out_path=result.out_path,
        record_path=result.record_path,
        elements_folder_path=result.elements_folder_path,
        frames_total=result.frames_total,
        frames_synced=result.frames_synced,
        frames_copied=result.frames_copied,
        frames_patched=result.frames_patched,
        frames_rewritten=result.frames_rewritten,
        from_cache=result.from_cache,
        notes=result.notes,
    )
    if result.score is not None:
        message.score = result.score
    if result.conform is not None:
        message.conform.CopyFrom(_conform_message(result.conform, is_listed))
    return message


def _conform_message(conform: ConformResult, is_listed: bool) -> conform_pb2.ConformResult:
    message = conform_pb2.ConformResult(
        shots_synced=conform.shots_synced,
        shots_taken_up=conform.shots_taken_up,
        shots_left_alone=conform.shots_left_alone,
        shots_failed=conform.shots_failed,
    )
    for edit in conform.edits:
        message.edits.add(
            language=edit.language,
            edit_path=edit.edit_path,
            extra_paths=edit.extra_paths,
            page_path=edit.page_path,
            record_path=edit.record_path,
        )
    for shot in () if is_listed else conform.shots:
        message.shots.add(
            number=shot.number,
            name=shot.name,
            language=shot.language,
            state=conform_pb2.ShotState.Value(f"SHOT_STATE_{shot.state.upper()}"),
            reason=shortened(shot.reason),
            out_path=shot.out_path,
        )
    return message


def _error_message(error: JobError, job_id: str) -> errors_pb2.ErrorDetail:
    return errors_pb2.ErrorDetail(
        code=code_number(error.code),
        sentence=shortened(error.sentence),
        field=error.field,
        is_retryable=error.is_retryable,
        job_id=job_id,
    )
