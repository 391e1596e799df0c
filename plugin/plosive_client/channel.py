# SPDX-License-Identifier: Apache-2.0
"""A gRPC channel to a daemon's address, and whether it serves there."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import grpc

from plosive_client.errors import InvalidRequest
from plosive_client.versions import PROTOCOL_MAJOR
from plosive_proto.v1.plosive_pb2_grpc import PlosiveStub

__all__ = ["Link", "TlsOptions", "open_link", "serves"]

_MOST_MESSAGE_BYTES = 64 << 20
_SERVING = (
    b"\x08\x01"  # grpc.health.v1.HealthCheckResponse{status: SERVING}; an empty request asks for the whole
)
_CLIENT_NAME_CHARACTERS = 64


@dataclass(frozen=True)
class TlsOptions:
    """PEM files for a daemon on another machine: who signed its certificate (None: the system's list), and
    this client's own certificate and key. `server_name` is the name in the daemon's certificate, where that
    is not the host's.
    """

    authority_path: Path | None = None
    certificate_path: Path | None = None
    key_path: Path | None = None
    server_name: str = ""


@dataclass(frozen=True)
class Link:
    """A channel with what its calls carry."""

    address: str
    token: str
    channel: grpc.Channel
    stub: PlosiveStub
    metadata: tuple[tuple[str, str], ...]


def open_link(address: str, token: str, client_name: str, tls: TlsOptions | None) -> Link:
    """Nothing is sent yet. Raises InvalidRequest where the token would go in the clear to another machine."""
    if tls is None and not _is_local(address):
        raise InvalidRequest(
            f"The daemon at {address} is on another machine, which wants TLS; name its certificate files.",
            "tls",
        )
    if tls is None:
        channel = grpc.insecure_channel(address, options=_options(""))
    else:
        credentials = grpc.ssl_channel_credentials(
            _read(tls.authority_path), _read(tls.key_path), _read(tls.certificate_path)
        )
        channel = grpc.secure_channel(address, credentials, options=_options(tls.server_name))
    stub = PlosiveStub(channel)  # type: ignore[no-untyped-call]
    name = client_name.encode("ascii", "replace").decode("ascii")
    metadata = (
        ("authorization", f"Bearer {token}"),
        ("plosive-protocol", str(PROTOCOL_MAJOR)),
        ("plosive-client", "".join(c if c.isprintable() else "?" for c in name)[:_CLIENT_NAME_CHARACTERS]),
    )
    return Link(address, token, channel, stub, metadata)


def serves(link: Link, timeout_seconds: float) -> bool:
    """Whether grpc.health.v1 says so; asked in raw bytes, as the client brings no package for it. Raises
    grpc.RpcError.
    """
    check = link.channel.unary_unary("/grpc.health.v1.Health/Check", _as_it_is, _as_it_is)
    return bool(check(b"", timeout=timeout_seconds, metadata=link.metadata) == _SERVING)


def _as_it_is(data: bytes) -> bytes:
    return data


def _options(server_name: str) -> Sequence[tuple[str, str | int]]:
    options: list[tuple[str, str | int]] = [
        ("grpc.max_receive_message_length", _MOST_MESSAGE_BYTES),
        ("grpc.max_send_message_length", _MOST_MESSAGE_BYTES),
        ("grpc.enable_http_proxy", 0),  # the proxy of the web is none for this
        ("grpc.enable_retries", 0),  # they are the client's own
        ("grpc.use_local_subchannel_pool", 1),
        ("grpc.initial_reconnect_backoff_ms", 100),
        ("grpc.min_reconnect_backoff_ms", 100),
        ("grpc.max_reconnect_backoff_ms", 1_000),
        ("grpc.keepalive_time_ms", 310_000),  # servers take more than one in five minutes for an attack
        ("grpc.keepalive_timeout_ms", 20_000),
    ]
    if server_name:
        options.append(("grpc.ssl_target_name_override", server_name))
    return options


def _is_local(address: str) -> bool:
    if address.startswith("unix:"):
        return True
    host = address.rpartition(":")[0].strip("[]")
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _read(path: Path | None) -> bytes | None:
    try:
        return path.read_bytes() if path else None
    except OSError as error:
        raise InvalidRequest(f"{path} cannot be read: {error.strerror}.", "tls") from error
