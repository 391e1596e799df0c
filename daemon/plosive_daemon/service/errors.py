# SPDX-License-Identifier: Apache-2.0
"""What fails here or in a worker <-> gRPC status and ErrorDetail (errors.proto)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import grpc

from plosive.errors import PlosiveError
from plosive_daemon import store
from plosive_daemon.disk import DiskFull
from plosive_daemon.failure_codes import FAILURE_CODES
from plosive_daemon.job import JobError
from plosive_daemon.request_words import field_told, in_request_words
from plosive_daemon.workers.failures import CallFailed
from plosive_proto.v1 import errors_pb2

__all__ = [
    "TABLE",
    "CallFailed",
    "InvalidRequest",
    "PathRefused",
    "ProtocolRefused",
    "Row",
    "TooManyStreams",
    "Unauthenticated",
    "code_number",
    "detail_of",
    "error_of",
    "job_error_of",
    "row_named",
    "row_of",
    "shortened",
]

_SENTENCE_BYTES = 1_500
"""All metadata of an answer must stay under 8 KiB, and a status message is written there with up to three
bytes for one, a detail in base64.
"""


class InvalidRequest(PlosiveError):
    """A field of a request makes no sense; `field` is its place, such as sync.clip.media_path."""

    code = "INVALID_REQUEST"

    def __init__(self, sentence: str, field: str = "") -> None:
        super().__init__(sentence)
        self.field = field


class PathRefused(InvalidRequest):
    """A path that this daemon does not touch."""

    code = "PATH_REFUSED"


class Unauthenticated(PlosiveError):
    """No token, or a wrong one."""


class ProtocolRefused(PlosiveError):
    """The client speaks another major version of the contract."""


class TooManyStreams(PlosiveError):
    """As many streams are open as may."""


@dataclass(frozen=True)
class Row:
    """How the service answers with a failure code. `raised` are the classes that mean it, subclasses included
    unless they have a row of their own; the first is what the code comes back as.
    """

    code: str
    status: grpc.StatusCode
    raised: tuple[type[PlosiveError], ...] = ()
    is_retryable: bool = False


_STATUS = grpc.StatusCode
_ANSWERS: dict[str, tuple[grpc.StatusCode, tuple[type[PlosiveError], ...]]] = {
    "INVALID_REQUEST": (_STATUS.INVALID_ARGUMENT, (InvalidRequest, store.InvalidPageToken)),
    "UNAUTHENTICATED": (_STATUS.UNAUTHENTICATED, (Unauthenticated,)),
    "PATH_REFUSED": (_STATUS.PERMISSION_DENIED, (PathRefused,)),
    "JOB_UNKNOWN": (_STATUS.NOT_FOUND, (store.JobUnknown,)),
    "JOB_STATE": (_STATUS.FAILED_PRECONDITION, (store.JobStateRefused,)),
    "KEY_REUSED": (_STATUS.ALREADY_EXISTS, (store.KeyReused,)),
    "BUSY": (_STATUS.RESOURCE_EXHAUSTED, (TooManyStreams, store.QueueFull)),
    "PROTOCOL": (_STATUS.FAILED_PRECONDITION, (ProtocolRefused,)),
    "MEDIA_READ": (_STATUS.FAILED_PRECONDITION, ()),
    "MEDIA_WRITE": (_STATUS.FAILED_PRECONDITION, ()),
    "DUB": (_STATUS.FAILED_PRECONDITION, ()),
    "RANGE": (_STATUS.OUT_OF_RANGE, ()),
    "FACE": (_STATUS.FAILED_PRECONDITION, ()),
    "LANGUAGE": (_STATUS.FAILED_PRECONDITION, ()),
    "OPTION": (_STATUS.INVALID_ARGUMENT, ()),
    "DEPENDENCY": (_STATUS.FAILED_PRECONDITION, ()),
    "DEVICE_MEMORY": (_STATUS.RESOURCE_EXHAUSTED, ()),
    "DISK_FULL": (_STATUS.RESOURCE_EXHAUSTED, (store.StoreFull, DiskFull)),
    "CANCELLED": (_STATUS.CANCELLED, ()),
    "WORKER_DIED": (_STATUS.ABORTED, ()),
    "INTERNAL": (_STATUS.INTERNAL, (store.StoreFailed,)),
    "SHUTTING_DOWN": (_STATUS.UNAVAILABLE, (store.StoreClosed,)),
}
"""Status of each code, and the classes of queue and service that mean it beside the core's."""

TABLE = tuple(
    Row(one.name, _ANSWERS[one.name][0], (*one.raised, *_ANSWERS[one.name][1]), one.is_retryable)
    for one in FAILURE_CODES
)


def row_of(error: BaseException) -> Row:
    """The row of an error: that of its nearest class, or of the `code` that an error of no known class
    carries; INTERNAL where there is neither.
    """
    told = _told_by_worker(error)
    if told is not None:
        return row_named(told.code)
    rows = _rows_by_class()
    row = next((rows[kind] for kind in type(error).__mro__ if kind in rows), row_named("INTERNAL"))
    is_unknown = row.code == "INTERNAL" and isinstance(error, PlosiveError)
    return row_named(str(getattr(error, "code", row.code))) if is_unknown else row


def row_named(code: str) -> Row:
    """The row of a code's name; INTERNAL for a name that is not known."""
    rows = _rows_by_code()
    return rows.get(code, rows["INTERNAL"])


def code_number(code: str) -> errors_pb2.ErrorCode:
    """The ErrorCode of a name without prefix; that of INTERNAL for one that is not known."""
    number: errors_pb2.ErrorCode = errors_pb2.ErrorCode.Value(f"ERROR_CODE_{row_named(code).code}")
    return number


def detail_of(error: BaseException, job_id: str = "") -> errors_pb2.ErrorDetail:
    """What goes into the trailing metadata. A defect's own words stay in the log."""
    row = row_of(error)
    told = _told_by_worker(error)
    is_retryable = told.is_retryable if told is not None else row.is_retryable
    field = told.field if told is not None else str(getattr(error, "field", "")) or field_told(str(error))
    sentence = (
        in_request_words(str(error))
        if isinstance(error, PlosiveError)
        else f"Plosive ran into a defect of its own ({type(error).__name__}); its log has the details."
    )
    return errors_pb2.ErrorDetail(
        code=code_number(row.code),
        sentence=shortened(sentence),
        field=field[:200],
        is_retryable=is_retryable,
        job_id=job_id,
    )


def error_of(detail: errors_pb2.ErrorDetail) -> PlosiveError:
    """The exception that a detail came from, as far as the table tells."""
    name = errors_pb2.ErrorCode.Name(detail.code).removeprefix("ERROR_CODE_")
    row = row_named(name)
    kind = row.raised[0] if row.raised else PlosiveError
    if issubclass(kind, InvalidRequest):
        return kind(detail.sentence, detail.field)
    return kind(detail.sentence)


def job_error_of(error: BaseException) -> JobError:
    """The same words for a job's entry in the queue."""
    detail = detail_of(error)
    return JobError(row_of(error).code, detail.sentence, detail.field, detail.is_retryable)


def shortened(sentence: str) -> str:
    """On one line and short enough for metadata."""
    data = " ".join(sentence.split()).encode("utf-8", "replace")
    if len(data) <= _SENTENCE_BYTES:
        return data.decode("utf-8")
    return data[: _SENTENCE_BYTES - 3].decode("utf-8", "ignore") + "…"


def _told_by_worker(error: BaseException) -> JobError | None:
    told = getattr(error, "error", None)
    return told if isinstance(told, JobError) else None


@lru_cache(maxsize=1)
def _rows_by_class() -> dict[type, Row]:
    return {kind: row for row in TABLE for kind in row.raised}


@lru_cache(maxsize=1)
def _rows_by_code() -> dict[str, Row]:
    return {row.code: row for row in TABLE}
