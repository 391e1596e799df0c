# SPDX-License-Identifier: Apache-2.0
"""What the queue refuses, and how it fails. `code` is a name of ErrorCode in errors.proto less its prefix."""

from __future__ import annotations

from plosive.errors import PlosiveError

__all__ = [
    "InvalidPageToken",
    "JobStateRefused",
    "JobUnknown",
    "KeyReused",
    "QueueFull",
    "StoreClosed",
    "StoreFailed",
    "StoreFull",
]


class JobUnknown(PlosiveError):
    """There is no job of that name."""

    code = "JOB_UNKNOWN"


class JobStateRefused(PlosiveError):
    """The job is not in a state for that."""

    code = "JOB_STATE"


class KeyReused(PlosiveError):
    """The idempotency key belongs to another request."""

    code = "KEY_REUSED"


class QueueFull(PlosiveError):
    """As many jobs wait as may."""

    code = "BUSY"


class InvalidPageToken(PlosiveError):
    """A page token that no page gave."""

    code = "INVALID_REQUEST"


class StoreClosed(PlosiveError):
    """The daemon is going down."""

    code = "SHUTTING_DOWN"


class StoreFailed(PlosiveError):
    """The queue's file cannot be read or written."""

    code = "INTERNAL"


class StoreFull(StoreFailed):
    """The disk that the queue's file lies on is full."""

    code = "DISK_FULL"
