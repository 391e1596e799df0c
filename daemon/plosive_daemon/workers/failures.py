# SPDX-License-Identifier: Apache-2.0
"""What a failure is called between worker, store and service: names of ErrorCode (errors.proto)."""

from __future__ import annotations

import errno

from plosive import errors
from plosive_daemon.job import JobError

__all__ = ["CallFailed", "error_of", "full_disk"]

_CODES: dict[type[errors.PlosiveError], str] = {
    errors.MediaReadError: "MEDIA_READ",
    errors.MediaWriteError: "MEDIA_WRITE",
    errors.DubError: "DUB",
    errors.RangeError: "RANGE",
    errors.FaceError: "FACE",
    errors.LanguageError: "LANGUAGE",
    errors.OptionError: "OPTION",
    errors.MissingDependencyError: "DEPENDENCY",
    errors.DeviceMemoryError: "DEVICE_MEMORY",
    errors.JobCancelled: "CANCELLED",
    errors.PlosiveError: "INTERNAL",
}
_RETRYABLE = {"DISK_FULL", "DEVICE_MEMORY", "WORKER_DIED", "SHUTTING_DOWN", "BUSY"}
_FULL = (errno.ENOSPC, errno.EDQUOT)


class CallFailed(errors.PlosiveError):
    """A worker answered with an error: `error`, whose code is `code`."""

    def __init__(self, error: JobError) -> None:
        super().__init__(error.sentence)
        self.error = error
        self.code = error.code


def error_of(error: errors.PlosiveError) -> JobError:
    """An expected failure by the nearest class that has a code, or the `code` it carries itself; DISK_FULL
    where the system said so beneath.
    """
    if isinstance(error, CallFailed):
        return error.error
    code = getattr(error, "code", "") or next(_CODES[kind] for kind in type(error).mro() if kind in _CODES)
    cause = error.__cause__
    if isinstance(cause, OSError) and cause.errno in _FULL:
        code = "DISK_FULL"
    told = getattr(error, "field", "")
    return JobError(code, str(error), told if isinstance(told, str) else "", code in _RETRYABLE)


def full_disk(error: BaseException | None) -> JobError | None:
    """Where a file could not be written, by whatever part, because there is no room for it; else None."""
    while error is not None and not (isinstance(error, OSError) and error.errno in _FULL):
        error = error.__cause__
    if error is None:
        return None
    disk = f"The disk of {error.filename}" if error.filename else "A disk that this job writes to"
    return JobError("DISK_FULL", f"{disk} is full; make room there and retry the job.", "", True)
