# SPDX-License-Identifier: Apache-2.0
"""The queue: jobs in an SQLite file that outlives crashes."""

from __future__ import annotations

from plosive_daemon.store.errors import (
    InvalidPageToken,
    JobStateRefused,
    JobUnknown,
    KeyReused,
    QueueFull,
    StoreClosed,
    StoreFailed,
    StoreFull,
)
from plosive_daemon.store.job_store import JobStore

__all__ = [
    "InvalidPageToken",
    "JobStateRefused",
    "JobStore",
    "JobUnknown",
    "KeyReused",
    "QueueFull",
    "StoreClosed",
    "StoreFailed",
    "StoreFull",
]
