# SPDX-License-Identifier: Apache-2.0
"""Counts and gauges as Prometheus reads them (text format 0.0.4, prometheus.io/docs/instrumenting)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping

__all__ = ["CONTENT_TYPE", "Metrics"]

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_COUNTERS = {
    "plosive_stage_seconds_total": "Seconds that jobs spent in a stage.",
    "plosive_frames_total": "Frames of finished jobs.",
    "plosive_worker_restarts_total": "Workers that were started again.",
}
_GAUGES = {
    "plosive_jobs": "Jobs in the queue's file, by state.",
    "plosive_jobs_waiting": "Length of the queue.",
    "plosive_watchers": "Open WatchJob streams.",
    "plosive_cache_bytes": "Bytes that kept results take.",
    "plosive_calls_refused": "Calls without a right token or version since the daemon started.",
    "plosive_uptime_seconds": "Since the daemon started.",
}

Reading = Mapping[str, float]
"""A gauge's values: text of its labels (see `labelled`) -> value."""


class Metrics:
    """Counters that parts of the daemon raise, and gauges that are asked when somebody looks."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[str, dict[str, float]] = {name: {} for name in _COUNTERS}
        self._gauges: dict[str, Callable[[], Reading]] = {}

    def add(self, name: str, amount: float = 1.0, **labels: str) -> None:
        """Raise counter `name` (of the known ones). Negative amounts count nothing."""
        values = self._counts[name]
        key = labelled(**labels)
        with self._lock:
            values[key] = values.get(key, 0.0) + max(0.0, amount)

    def gauge(self, name: str, read: Callable[[], Reading]) -> None:
        """From now on `read` is asked for gauge `name` (of the known ones)."""
        assert name in _GAUGES
        self._gauges[name] = read

    def text(self) -> str:
        """Everything now; a gauge that fails is left out."""
        lines: list[str] = []
        with self._lock:
            counts = {name: dict(values) for name, values in self._counts.items()}
        for name, values in counts.items():
            lines += _family(name, _COUNTERS[name], "counter", values or {"": 0.0})
        for name, read in self._gauges.items():
            try:
                lines += _family(name, _GAUGES[name], "gauge", read())
            except Exception as error:
                lines.append(f"# {name} cannot be read: {type(error).__name__}")
        return "\n".join(lines) + "\n"


def labelled(**labels: str) -> str:
    """Labels as the format writes them, sorted; empty for none."""
    if not labels:
        return ""
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in sorted(labels.items())) + "}"


def _family(name: str, says: str, kind: str, values: Reading) -> list[str]:
    head = [f"# HELP {name} {says}", f"# TYPE {name} {kind}"]
    return head + [f"{name}{labels} {value:.10g}" for labels, value in sorted(values.items())]


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
