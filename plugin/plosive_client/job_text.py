# SPDX-License-Identifier: Apache-2.0
"""Jobs as plain text for people."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence

from plosive_client.conform import ShotState
from plosive_client.job import Job, JobResult, JobState, Progress, ReelProgress, WatchEvent

__all__ = ["event_line", "job_lines", "job_table", "result_lines"]

_HEADS = ("ID", "STATE", "LABEL", "CLIENT", "PROGRESS", "SUBMITTED")
_LABEL_CHARACTERS = 40
_NUMBERED = re.compile(r"^\d+/\d+ ")


def job_table(jobs: Sequence[Job]) -> list[str]:
    """A head and one line for each job."""
    rows = [_HEADS, *(_row(job) for job in jobs)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADS))]
    return [
        "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def job_lines(job: Job) -> Iterator[str]:
    """All that is worth telling of one job."""
    yield f"{job.id}  {job.state.value}"
    for name, value in (
        ("label", _plain(job.label)),
        ("client", _plain(job.client)),
        ("priority", str(job.priority)),
        ("submitted", _when(job.created_unix_ms)),
        ("started", _when(job.started_unix_ms)),
        ("ended", _when(job.ended_unix_ms)),
        ("tries", str(job.attempts) if job.attempts > 1 else ""),
        ("ahead of it", str(job.jobs_ahead) if job.state is JobState.WAITING else ""),
        ("progress", _progress(job.progress) if job.progress and not job.state.is_ended else ""),
        ("result", job.result.out_path if job.result else ""),
        ("score", f"{job.result.score:.2f}" if job.result and job.result.score is not None else ""),
        ("error", job.error.sentence if job.error else ""),
    ):
        if value:
            yield f"  {name:<12}{value}"
    for line in result_lines(job.result) if job.result else ():
        yield f"  {line}"
    for warning in job.warnings:
        yield f"  warning: {warning}"


def result_lines(result: JobResult) -> Iterator[str]:
    """What was done: of a conform its edits, counts, and what keeps the original."""
    yield from result.notes
    if result.conform is None:
        return
    conform = result.conform
    for edit in conform.edits:
        for path in (edit.edit_path, *edit.extra_paths, edit.page_path):
            yield f"{_plain(edit.language)}: {path}"
    taken = f" ({conform.shots_taken_up} of them as before)" if conform.shots_taken_up else ""
    yield (
        f"shots: {conform.shots_synced} synced{taken}, {conform.shots_left_alone} left alone, "
        f"{conform.shots_failed} failed"
    )
    for shot in conform.shots:
        if shot.state in (ShotState.FAILED, ShotState.LEFT_ALONE):
            told = shot.state.value.replace("_", " ")
            yield f"  {shot.number} {_plain(shot.name)} ({_plain(shot.language)}) {told}: {shot.reason}"


def event_line(event: WatchEvent) -> str:
    """What happened, on one line."""
    if event.progress is not None:
        return _progress(event.progress)
    if event.job is None:
        return f"warning: {event.warning}"
    job = event.job
    if job.error is not None:
        return f"{job.state.value}: {job.error.sentence}"
    if job.result is not None:
        return f"{job.state.value}: {job.result.out_path}"
    return f"{job.state.value}, {job.jobs_ahead} ahead of it" if job.jobs_ahead else job.state.value


def _row(job: Job) -> tuple[str, ...]:
    label = _plain(job.label)
    cut = label if len(label) <= _LABEL_CHARACTERS else label[: _LABEL_CHARACTERS - 3] + "..."
    told = _progress(job.progress) if job.progress and not job.state.is_ended else ""
    if job.error is not None:
        told = job.error.code.value.lower().replace("_", " ")
    return (job.id, job.state.value, cut, _plain(job.client), told, _when(job.created_unix_ms))


def _progress(progress: Progress) -> str:
    reel = progress.reel
    if reel is not None:  # its stages have the render's number before them
        return _reel_progress(progress, reel)
    parts = _stage_parts(progress, progress.stage)
    if progress.seconds_left >= 0:
        parts.append(f"{_duration(progress.seconds_left)} left")
    return " ".join(parts)


def _reel_progress(progress: Progress, reel: ReelProgress) -> str:
    """Such as `3 of 25, shot 7 sh030 (de): render 12/96 6.5 fps; 260/1800 frames in all, 12:30 left`."""
    stage = " ".join(_stage_parts(progress, _NUMBERED.sub("", progress.stage)))
    shot = f"shot {reel.shot_number} {_plain(reel.shot_name)} ({_plain(reel.language)})"
    left = f", {_duration(progress.seconds_left)} left" if progress.seconds_left >= 0 else ""
    return (
        f"{reel.render} of {reel.renders_total}, {shot}: {stage}; "
        f"{reel.frames_done}/{reel.frames_total} frames in all{left}"
    )


def _stage_parts(progress: Progress, stage: str) -> list[str]:
    parts = [stage or "at work"]
    if progress.frames_total:
        parts.append(f"{progress.frames_done}/{progress.frames_total}")
    elif progress.frames_done:
        parts.append(str(progress.frames_done))
    if progress.frames_per_second > 0:
        parts.append(f"{progress.frames_per_second:.1f} fps")
    return parts


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _when(unix_ms: int) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(unix_ms / 1000)) if unix_ms else ""


def _plain(text: str) -> str:
    """Labels come from anybody: nothing in them may steer a terminal."""
    return "".join(character if character.isprintable() else " " for character in text)
