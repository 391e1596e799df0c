# SPDX-License-Identifier: Apache-2.0
"""What can go wrong, as exceptions with the daemon's code, sentence and field (errors.proto)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

__all__ = [
    "Busy",
    "Cancelled",
    "ConnectionLost",
    "DaemonAbsent",
    "DaemonDefect",
    "ErrorCode",
    "ErrorDetail",
    "InvalidRequest",
    "JobStateRefused",
    "JobUnknown",
    "KeyReused",
    "NotAllowed",
    "PlosiveClientError",
    "TimedOut",
    "VersionMismatch",
    "WorkFailed",
    "error_of",
]


class ErrorCode(Enum):
    """Codes of errors.proto; UNSPECIFIED stands for those of newer daemons, too. The last three are the
    client's own.
    """

    UNSPECIFIED = "UNSPECIFIED"
    INVALID_REQUEST = "INVALID_REQUEST"
    UNAUTHENTICATED = "UNAUTHENTICATED"
    PATH_REFUSED = "PATH_REFUSED"
    JOB_UNKNOWN = "JOB_UNKNOWN"
    JOB_STATE = "JOB_STATE"
    KEY_REUSED = "KEY_REUSED"
    BUSY = "BUSY"
    PROTOCOL = "PROTOCOL"
    MEDIA_READ = "MEDIA_READ"
    MEDIA_WRITE = "MEDIA_WRITE"
    DUB = "DUB"
    RANGE = "RANGE"
    FACE = "FACE"
    LANGUAGE = "LANGUAGE"
    OPTION = "OPTION"
    DEPENDENCY = "DEPENDENCY"
    DEVICE_MEMORY = "DEVICE_MEMORY"
    DISK_FULL = "DISK_FULL"
    CANCELLED = "CANCELLED"
    WORKER_DIED = "WORKER_DIED"
    INTERNAL = "INTERNAL"
    SHUTTING_DOWN = "SHUTTING_DOWN"
    DAEMON_ABSENT = "DAEMON_ABSENT"
    CONNECTION_LOST = "CONNECTION_LOST"
    TIMED_OUT = "TIMED_OUT"


@dataclass(frozen=True)
class ErrorDetail:
    """What went wrong: `sentence` for the artist, `field` such as sync.clip.media_path or empty."""

    code: ErrorCode = ErrorCode.UNSPECIFIED
    sentence: str = ""
    field: str = ""
    is_retryable: bool = False
    job_id: str = ""


class PlosiveClientError(Exception):
    """An expected failure; `str(error)` is one sentence for the artist, `detail` the rest."""

    code = ErrorCode.UNSPECIFIED

    def __init__(self, sentence: str, field: str = "", *, detail: ErrorDetail | None = None) -> None:
        super().__init__(sentence)
        self.detail = detail or ErrorDetail(type(self).code, sentence, field)
        self.broken_tries = 0
        """Tries of this call that broke before it: they may have done their work."""

    @property
    def field(self) -> str:
        return self.detail.field


class InvalidRequest(PlosiveClientError):
    """A field of the request makes no sense."""

    code = ErrorCode.INVALID_REQUEST


class NotAllowed(PlosiveClientError):
    """The token is wrong, or a path lies outside the daemon's roots."""

    code = ErrorCode.UNAUTHENTICATED


class JobUnknown(PlosiveClientError):
    """There is no such job."""

    code = ErrorCode.JOB_UNKNOWN


class JobStateRefused(PlosiveClientError):
    """The job is not in a state for that."""

    code = ErrorCode.JOB_STATE


class KeyReused(PlosiveClientError):
    """The idempotency key belongs to another request."""

    code = ErrorCode.KEY_REUSED


class Busy(PlosiveClientError):
    """The queue is full, or too many streams are open."""

    code = ErrorCode.BUSY


class VersionMismatch(PlosiveClientError):
    """Client and daemon speak different major versions; the sentence says which to update."""

    code = ErrorCode.PROTOCOL


class Cancelled(PlosiveClientError):
    """It was cancelled, here or in the daemon."""

    code = ErrorCode.CANCELLED


class WorkFailed(PlosiveClientError):
    """The work itself failed: media, dub, range, face, option, disk...; `detail.code` says which."""


class DaemonDefect(PlosiveClientError):
    """A defect of the daemon; its log has the traceback."""

    code = ErrorCode.INTERNAL


class DaemonAbsent(PlosiveClientError):
    """No daemon runs, and none could be or should be started."""

    code = ErrorCode.DAEMON_ABSENT


class ConnectionLost(PlosiveClientError):
    """The daemon could not be reached for as long as was allowed."""

    code = ErrorCode.CONNECTION_LOST


class TimedOut(PlosiveClientError):
    """The daemon did not answer in time."""

    code = ErrorCode.TIMED_OUT


_CLASSES: dict[ErrorCode, type[PlosiveClientError]] = {
    ErrorCode.UNSPECIFIED: PlosiveClientError,
    ErrorCode.INVALID_REQUEST: InvalidRequest,
    ErrorCode.UNAUTHENTICATED: NotAllowed,
    ErrorCode.PATH_REFUSED: NotAllowed,
    ErrorCode.JOB_UNKNOWN: JobUnknown,
    ErrorCode.JOB_STATE: JobStateRefused,
    ErrorCode.KEY_REUSED: KeyReused,
    ErrorCode.BUSY: Busy,
    ErrorCode.PROTOCOL: VersionMismatch,
    ErrorCode.CANCELLED: Cancelled,
    ErrorCode.INTERNAL: DaemonDefect,
    ErrorCode.SHUTTING_DOWN: ConnectionLost,
    ErrorCode.DAEMON_ABSENT: DaemonAbsent,
    ErrorCode.CONNECTION_LOST: ConnectionLost,
    ErrorCode.TIMED_OUT: TimedOut,
}


def error_of(detail: ErrorDetail) -> PlosiveClientError:
    """The exception for a detail: of the class of its code, `WorkFailed` for those of the work."""
    return _CLASSES.get(detail.code, WorkFailed)(detail.sentence, detail=detail)
