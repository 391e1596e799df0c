# SPDX-License-Identifier: Apache-2.0
"""Bytes that are no message of the contract are an invalid request, not a defect."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import grpc
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]

from plosive_daemon.service.answering import abort
from plosive_daemon.service.errors import InvalidRequest

__all__ = ["Malformed"]

_OURS = "/plosive.v1.Plosive/"


class _Unreadable:
    """Stands for a message that could not be read: grpc takes None, or an exception, for a defect."""


class Malformed(grpc.ServerInterceptor):  # type: ignore[misc]
    """Answers requests that cannot be read with INVALID_REQUEST; grpc itself would call them INTERNAL."""

    def intercept_service(self, continuation: Any, handler_call_details: Any) -> Any:
        handler = continuation(handler_call_details)
        if handler is None or not handler_call_details.method.startswith(_OURS):
            return handler
        read = _reading(handler.request_deserializer)
        if handler.response_streaming:
            return grpc.unary_stream_rpc_method_handler(
                _streaming(handler.unary_stream), read, handler.response_serializer
            )
        return grpc.unary_unary_rpc_method_handler(
            _answering(handler.unary_unary), read, handler.response_serializer
        )


def _reading(deserializer: Callable[[bytes], Any]) -> Callable[[bytes], Any]:
    def read(data: bytes) -> Any:
        try:
            return deserializer(data)
        except (DecodeError, ValueError):
            return _Unreadable()

    return read


def _answering(behaviour: Callable[..., Any]) -> Callable[..., Any]:
    def answer(request: Any, context: grpc.ServicerContext) -> Any:
        _require_readable(request, context)
        return behaviour(request, context)

    return answer


def _streaming(behaviour: Callable[..., Iterator[Any]]) -> Callable[..., Iterator[Any]]:
    def answer(request: Any, context: grpc.ServicerContext) -> Iterator[Any]:
        _require_readable(request, context)
        yield from behaviour(request, context)

    return answer


def _require_readable(request: Any, context: grpc.ServicerContext) -> None:
    if isinstance(request, _Unreadable):
        abort(context, InvalidRequest("The request is no message of Plosive's protocol; update the client."))
