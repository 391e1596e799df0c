# SPDX-License-Identifier: Apache-2.0
"""Every call shows the token, and calls of the contract its major version, before a byte of it is read."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NoReturn

import grpc

from plosive.errors import PlosiveError
from plosive_daemon.service.answering import abort
from plosive_daemon.service.errors import InvalidRequest, ProtocolRefused, Unauthenticated
from plosive_daemon.service.limits import CLIENT_NAME_CHARACTERS

__all__ = ["PROTOCOL_MAJOR", "PROTOCOL_MINOR", "Authentication", "client_of", "is_token"]

PROTOCOL_MAJOR = 1
PROTOCOL_MINOR = 0
_OURS = "/plosive.v1.Plosive/"
_ANSWERS_ALL_VERSIONS = "/plosive.v1.Plosive/GetInfo"

Metadata = Sequence[tuple[str, str | bytes]]


class Authentication(grpc.ServerInterceptor):  # type: ignore[misc]
    """Refuses calls without the daemon's token, of other major versions, and with an odd client's name."""

    def __init__(
        self, token: str, on_refusal: Callable[[str, PlosiveError], None], on_call: Callable[[], None]
    ) -> None:
        if not token:
            raise ValueError("an empty token would let everybody in")
        self._token = token
        self._on_refusal = on_refusal
        self._on_call = on_call

    def intercept_service(self, continuation: Any, handler_call_details: Any) -> Any:
        metadata = tuple(handler_call_details.invocation_metadata or ())
        try:
            self._require(handler_call_details.method, metadata)
        except PlosiveError as error:
            self._on_refusal(handler_call_details.method, error)
            return _refusing(error)
        if handler_call_details.method.startswith(_OURS):
            self._on_call()
        return continuation(handler_call_details)

    def _require(self, method: str, metadata: Metadata) -> None:
        shown = _values(metadata, "authorization")
        if len(shown) != 1 or not is_token(shown[0], self._token):
            raise Unauthenticated(
                "This daemon wants its token (metadata 'authorization: Bearer TOKEN'); it lies in the file "
                "'token' of the daemon's folder, which only its user can read."
            )
        names = _values(metadata, "plosive-client")
        if len(names) > 1 or any(not _is_name(name) for name in names):
            raise InvalidRequest(
                f"The metadata plosive-client is a name of at most {CLIENT_NAME_CHARACTERS} printable "
                "characters.",
                "plosive-client",
            )
        if method.startswith(_OURS) and method != _ANSWERS_ALL_VERSIONS:
            _require_version(_values(metadata, "plosive-protocol"))


def is_token(authorization: str | bytes, token: str) -> bool:
    """Whether `authorization` is `Bearer TOKEN`, in time that does not depend on where it differs."""
    given = authorization if isinstance(authorization, bytes) else authorization.encode("utf-8", "replace")
    return hmac.compare_digest(given, f"Bearer {token}".encode())


def client_of(metadata: Metadata | None) -> str:
    """The name that a client gave itself; empty: none."""
    names = _values(metadata or (), "plosive-client")
    return str(names[0]) if names else ""


def _require_version(given: list[str | bytes]) -> None:
    if len(given) == 1 and given[0] == str(PROTOCOL_MAJOR):
        return
    theirs = str(given[0])[:8] if given else ""
    if theirs.isascii() and theirs.isdigit() and int(theirs) > PROTOCOL_MAJOR:
        raise ProtocolRefused(
            f"This daemon speaks version {PROTOCOL_MAJOR} of Plosive's protocol and the client version "
            f"{theirs}; update Plosive where the daemon runs, and start the daemon again."
        )
    if theirs.isascii() and theirs.isdigit():
        raise ProtocolRefused(
            f"This daemon speaks version {PROTOCOL_MAJOR} of Plosive's protocol and the client version "
            f"{theirs}; update the client (the plug-in of the host)."
        )
    raise ProtocolRefused(
        f"This daemon speaks version {PROTOCOL_MAJOR} of Plosive's protocol; the client must say its own "
        "(metadata 'plosive-protocol')."
    )


def _is_name(name: str | bytes) -> bool:
    return isinstance(name, str) and len(name) <= CLIENT_NAME_CHARACTERS and name.isprintable()


def _values(metadata: Metadata, key: str) -> list[str | bytes]:
    return [value for name, value in metadata if name == key]


def _refusing(error: PlosiveError) -> Any:
    """A handler of both kinds of streams: unlike others it answers before any message has come, so that
    nobody without the token can hold a thread.
    """

    def refuse(requests: Iterator[bytes], context: grpc.ServicerContext) -> NoReturn:
        del requests
        abort(context, error)

    return grpc.stream_stream_rpc_method_handler(refuse)
