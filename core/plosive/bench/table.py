# SPDX-License-Identifier: Apache-2.0
"""Figures of a bench as plain text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from plosive.bench.measured import MeasuredJob

__all__ = ["job_lines", "memory_line"]


def job_lines(job: MeasuredJob) -> Iterator[str]:
    """One job: a line per stage, the floor, the ratio, and both speeds."""
    synced = f"{job.frames_synced} synced"
    yield f"{job.plate.name}: {job.frames} frames, {job.width} x {job.height}, {synced}"
    yield f"  {'stage':<22}{'ms/frame':>10}{'seconds':>10}{'share':>8}"
    told = sum(job.stage_seconds.values())
    rows = [*job.stage_seconds.items(), ("open, close, save", max(0.0, job.wall_seconds - told))]
    for stage, seconds in [*rows, ("whole job", job.wall_seconds)]:
        yield _row(job, stage, seconds, f"{seconds / job.wall_seconds:>8.0%}")
    yield _row(job, "decoding alone", job.decode_seconds)
    yield _row(job, "floor: decode, encode", job.floor_seconds)
    yield f"  whole job / floor     {job.ratio_to_floor:.2f}"
    yield f"  speed                 {job.frames_per_second:.1f} fps"
    yield f"  speed less encoder    {job.frames_per_second_without_encoder:.1f} fps"
    if job.peak_bytes is None:
        yield "  peak memory           not told by this system"
    else:
        yield f"  peak memory           {job.peak_bytes / 2**20:.0f} MB"


class _Sized(Protocol):
    @property
    def frames(self) -> int: ...
    @property
    def peak_bytes(self) -> int | None: ...


def memory_line(short: _Sized, long: _Sized, of: str = "Memory") -> str:
    """How peak memory grows from the short to the long clip."""
    if short.peak_bytes is None or long.peak_bytes is None:
        return f"{of} over length: this system does not tell a process's peak."
    growth = long.peak_bytes / short.peak_bytes - 1.0
    return f"{of} from {short.frames} to {long.frames} frames: {growth:+.1%}"


def _row(job: MeasuredJob, name: str, seconds: float, share: str = "") -> str:
    return f"  {name:<22}{job.milliseconds_per_frame(seconds):>10.1f}{seconds:>10.2f}{share}"
