# SPDX-License-Identifier: Apache-2.0
"""An expected failure as a worker tells it to the daemon."""

from __future__ import annotations

import errno

from plosive import errors
from plosive_daemon.failure_codes import code_named, code_of
from plosive_daemon.job import JobError
from plosive_daemon.request_words import field_told, fields_of, in_request_words

__all__ = ["CallFailed", "error_of", "full_disk"]

_FULL = (errno.ENOSPC, errno.EDQUOT)


class CallFailed(errors.PlosiveError):
    """A worker answered with an error: `error`, whose code is `code`."""

    def __init__(self, error: JobError) -> None:
        super().__init__(error.sentence)
        self.error = error
        self.code = error.code


def error_of(error: errors.PlosiveError, kind: str = "sync") -> JobError:
    """An expected failure by the nearest class that has a code, or the `code` it carries itself; DISK_FULL
    where the system said so beneath. `kind` is that of the request whose words are used.
    """
    if isinstance(error, CallFailed):
        return error.error
    code = code_of(error)
    cause = error.__cause__
    if isinstance(cause, OSError) and cause.errno in _FULL:
        code = code_named("DISK_FULL")
    told, fields = getattr(error, "field", ""), fields_of(kind)
    field = told if isinstance(told, str) and told else field_told(str(error), fields)
    return JobError(code.name, in_request_words(str(error), fields), field, code.is_retryable)


def full_disk(error: BaseException | None) -> JobError | None:
    """Where a file could not be written, by whatever part, because there is no room for it; else None."""
    while error is not None and not (isinstance(error, OSError) and error.errno in _FULL):
        error = error.__cause__
    if error is None:
        return None
    disk = f"The disk of {error.filename}" if error.filename else "A disk that this job writes to"
    code = code_named("DISK_FULL")
    return JobError(
        code.name, f"{disk} is full; make room there and retry the job.", is_retryable=code.is_retryable
    )
