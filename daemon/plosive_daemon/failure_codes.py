# SPDX-License-Identifier: Apache-2.0
"""What expected failures are called: names of ErrorCode (errors.proto), for workers, queue and service."""

from __future__ import annotations

from dataclasses import dataclass

from plosive import errors

__all__ = ["FAILURE_CODES", "FailureCode", "code_named", "code_of"]


@dataclass(frozen=True)
class FailureCode:
    """`name` is that of ErrorCode without its prefix. `raised` are the core's classes that mean it, with
    their subclasses unless those have a code of their own. `is_retryable`: the same request may succeed
    later.
    """

    name: str
    raised: tuple[type[errors.PlosiveError], ...] = ()
    is_retryable: bool = False


FAILURE_CODES = (
    FailureCode("INVALID_REQUEST"),
    FailureCode("UNAUTHENTICATED"),
    FailureCode("PATH_REFUSED"),
    FailureCode("JOB_UNKNOWN"),
    FailureCode("JOB_STATE"),
    FailureCode("KEY_REUSED"),
    FailureCode("BUSY", is_retryable=True),
    FailureCode("PROTOCOL"),
    FailureCode("MEDIA_READ", (errors.MediaReadError,)),
    FailureCode("MEDIA_WRITE", (errors.MediaWriteError,)),
    FailureCode("DUB", (errors.DubError,)),
    FailureCode("RANGE", (errors.RangeError,)),
    FailureCode("FACE", (errors.FaceError,)),
    FailureCode("LANGUAGE", (errors.LanguageError,)),
    FailureCode("OPTION", (errors.OptionError,)),
    FailureCode("DEPENDENCY", (errors.MissingDependencyError,)),
    FailureCode("DEVICE_MEMORY", (errors.DeviceMemoryError,), is_retryable=True),
    FailureCode("DISK_FULL", is_retryable=True),
    FailureCode("CANCELLED", (errors.JobCancelled,), is_retryable=True),
    FailureCode("WORKER_DIED", is_retryable=True),
    # PlosiveError itself: an expected failure of a kind that has no code.
    FailureCode("INTERNAL", (errors.PlosiveError,)),
    FailureCode("SHUTTING_DOWN", is_retryable=True),
)

_BY_NAME = {code.name: code for code in FAILURE_CODES}
_BY_CLASS = {kind: code for code in FAILURE_CODES for kind in code.raised}


def code_named(name: str) -> FailureCode:
    """The code of a name; INTERNAL for one that is not known."""
    return _BY_NAME.get(name, _BY_NAME["INTERNAL"])


def code_of(error: errors.PlosiveError) -> FailureCode:
    """That of the nearest class in the core, or of the name that the error carries itself as its `code`."""
    told = getattr(error, "code", "")
    if told:
        return code_named(told)
    return next(_BY_CLASS[kind] for kind in type(error).mro() if kind in _BY_CLASS)
