# SPDX-License-Identifier: Apache-2.0
"""A gRPC status -> the client's exception."""

from __future__ import annotations

from typing import Any

import grpc

from plosive_client.errors import ErrorCode, ErrorDetail, PlosiveClientError, error_of
from plosive_client.messages import read
from plosive_proto.v1 import errors_pb2

__all__ = ["failure_of", "is_broken"]

_ERROR_METADATA = "plosive-error-bin"
_CODES = {  # where no detail came along: it was gRPC itself, or something in between
    grpc.StatusCode.UNAVAILABLE: ErrorCode.CONNECTION_LOST,
    grpc.StatusCode.DEADLINE_EXCEEDED: ErrorCode.TIMED_OUT,
    grpc.StatusCode.CANCELLED: ErrorCode.CANCELLED,
    grpc.StatusCode.UNAUTHENTICATED: ErrorCode.UNAUTHENTICATED,
    grpc.StatusCode.PERMISSION_DENIED: ErrorCode.PATH_REFUSED,
    grpc.StatusCode.INVALID_ARGUMENT: ErrorCode.INVALID_REQUEST,
    grpc.StatusCode.RESOURCE_EXHAUSTED: ErrorCode.BUSY,
    grpc.StatusCode.UNIMPLEMENTED: ErrorCode.PROTOCOL,
}


def is_broken(error: grpc.RpcError) -> bool:
    """Whether the daemon was not there or went away: the only failure that is tried again. A server that goes
    down at once cancels what it has open, without a word.
    """
    status = _status(error)
    if status == grpc.StatusCode.CANCELLED:
        return _detail(error) is None
    return bool(status == grpc.StatusCode.UNAVAILABLE)


def failure_of(error: grpc.RpcError) -> PlosiveClientError:
    """The exception for a call that failed, with the daemon's detail where there is one."""
    detail = _detail(error)
    if detail is not None:
        return error_of(detail)
    code = _CODES.get(_status(error), ErrorCode.INTERNAL)
    status: Any = error
    details = str(status.details() or "") if hasattr(error, "details") else str(error)
    return error_of(
        ErrorDetail(code, _sentence(code, details), is_retryable=code is ErrorCode.CONNECTION_LOST)
    )


def _sentence(code: ErrorCode, details: str) -> str:
    told = f" ({details.rstrip('.')})" if details else ""
    if code is ErrorCode.CONNECTION_LOST:
        return f"The Plosive daemon cannot be reached{told}; try again, or start it with `plosive serve`."
    if code is ErrorCode.TIMED_OUT:
        return "The Plosive daemon did not answer in time; it may be busy, so try again with more seconds."
    if code is ErrorCode.CANCELLED:
        return "The request was cancelled."
    if code is ErrorCode.PROTOCOL:
        return f"The Plosive daemon does not know this request{told}; update Plosive where the daemon runs."
    if code is ErrorCode.INTERNAL:
        return f"The Plosive daemon answered with a defect{told}; its log has the details."
    return f"The Plosive daemon refused the request{told}."


def _detail(error: grpc.RpcError) -> ErrorDetail | None:
    call: Any = error
    for key, value in (call.trailing_metadata() or ()) if hasattr(error, "trailing_metadata") else ():
        if key == _ERROR_METADATA and isinstance(value, bytes):
            try:
                return read(ErrorDetail, errors_pb2.ErrorDetail.FromString(value))
            except Exception:  # DecodeError of whatever protobuf is there
                return None
    return None


def _status(error: grpc.RpcError) -> Any:
    code = getattr(error, "code", None)
    return code() if callable(code) else None
