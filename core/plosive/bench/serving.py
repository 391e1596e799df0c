# SPDX-License-Identifier: Apache-2.0
"""Measuring the daemon against the command line, in processes of their own (`plosive_client.measuring`)."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plosive.bench.measuring import run_apart

__all__ = ["MeasuredServing", "can_serve", "measure_serving_apart", "serving_lines"]

WATCHERS = 200


@dataclass(frozen=True)
class MeasuredServing:
    """Fields as those of `plosive_client.measuring.MeasuredDaemon`; pairs: nothing known of plate and dub,
    both known.
    """

    cold_seconds: float
    watchers: int
    cli_seconds: tuple[float, float]
    job_seconds: tuple[float, float]
    first_seconds: tuple[float, float]
    render_seconds: tuple[float, float]
    submit_seconds: float
    preview_seconds: float

    @property
    def ratios(self) -> tuple[float, float]:
        """Of a job in the daemon to `plosive sync`; below 1 the daemon is faster: it imports nothing."""
        first, second = (job / cli for job, cli in zip(self.job_seconds, self.cli_seconds, strict=True))
        return first, second


def can_serve() -> bool:
    """Whether the daemon and its client are installed here."""
    return all(
        importlib.util.find_spec(name) is not None for name in ("grpc", "plosive_client", "plosive_daemon")
    )


def measure_serving_apart(plate: Path, dub: Path, folder: Path, watchers: int = WATCHERS) -> MeasuredServing:
    """In an empty `folder`. Takes two runs of `plosive sync`, two jobs, and half a minute."""
    facts = run_apart("plosive_client.measuring", str(plate), str(dub), str(folder), str(watchers))
    plain: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in facts.items()
    }
    return MeasuredServing(**plain)


def serving_lines(serving: MeasuredServing) -> Iterator[str]:
    """Lines for the terminal."""
    yield f"  daemon: one job, {serving.watchers} watchers    nothing known    all known"
    rows = (
        ("plosive sync, seconds", serving.cli_seconds),
        ("job, submit to done", serving.job_seconds),
        ("job / plosive sync", serving.ratios),
        ("submit to first frame told", serving.first_seconds),
        ("submit to first frame made", serving.render_seconds),
    )
    for name, (unknown, known) in rows:
        yield f"    {name:<30}{unknown:>14.2f}{known:>13.2f}"
    yield f"    {'one submit, ms':<30}{serving.submit_seconds * 1000:>14.1f}"
    yield f"    {'first preview of a frame':<30}{'':>14}{serving.preview_seconds:>13.2f}"
    yield f"    {'start to health':<30}{serving.cold_seconds:>14.2f}"
