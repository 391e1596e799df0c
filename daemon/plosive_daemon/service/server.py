# SPDX-License-Identifier: Apache-2.0
"""The gRPC server around the servicer: health, reflection, the token before all, bounds on connections."""

from __future__ import annotations

import logging
import os
import time
from concurrent.futures import ThreadPoolExecutor

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from plosive.errors import OptionError, PlosiveError
from plosive_daemon.service.authentication import Authentication
from plosive_daemon.service.limits import StreamLimit
from plosive_daemon.service.malformed import Malformed
from plosive_daemon.service.servicer import PlosiveServicer, ServiceParts
from plosive_daemon.service.tls import Place, clear_dead_socket
from plosive_daemon.service.watching import told_bytes
from plosive_daemon.settings import DaemonSettings
from plosive_proto.v1 import job_pb2, plosive_pb2, plosive_pb2_grpc

__all__ = ["PlosiveServer", "call_limit", "stream_limit"]

SERVICE = plosive_pb2.DESCRIPTOR.services_by_name["Plosive"].full_name
_LOG = logging.getLogger(__name__)
_CALLS = 32
"""Calls at work at once, beside the watchers, each with a thread."""
_INTERACTIVE_CALLS = 8
_WATCHERS_OF_ONE_CLIENT = 0.9
"""The share of all streams that one client may have, so that another can always watch its job."""
_MOST_METADATA_BYTES = 16 << 10


def stream_limit(settings: DaemonSettings) -> StreamLimit:
    """Of WatchJob."""
    return StreamLimit(settings.watchers, max(1, int(settings.watchers * _WATCHERS_OF_ONE_CLIENT)))


def call_limit() -> StreamLimit:
    """Of requests that people wait for; there is one worker for them."""
    return StreamLimit(_INTERACTIVE_CALLS, _INTERACTIVE_CALLS // 2)


class PlosiveServer:
    """Listens from `start` to `stop`."""

    def __init__(
        self,
        parts: ServiceParts,
        token: str,
        settings: DaemonSettings,
        place: Place,
        credentials: grpc.ServerCredentials | None,
    ) -> None:
        threads = settings.watchers + _CALLS
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="plosive-rpc")
        self.refusals = 0
        self._last_call = time.monotonic()
        self._server = grpc.server(
            self._pool,
            interceptors=(Authentication(token, self._refused, self._called), Malformed()),
            maximum_concurrent_rpcs=threads,
            options=_options(settings),
        )
        self._health = health.HealthServicer()
        self._health.set("", health_pb2.HealthCheckResponse.NOT_SERVING)
        servicer = PlosiveServicer(parts)
        self._server.add_generic_rpc_handlers((_watching(servicer),))  # asked before the generated one
        plosive_pb2_grpc.add_PlosiveServicer_to_server(  # type: ignore[no-untyped-call]
            servicer, self._server
        )
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        reflection.enable_server_reflection(
            (SERVICE, health.SERVICE_NAME, reflection.SERVICE_NAME), self._server
        )
        self.address = self._bound(place, credentials)

    @property
    def idle_seconds(self) -> float:
        """Since the last call of the contract that was let in."""
        return time.monotonic() - self._last_call

    def start(self) -> None:
        """Serve; health says so."""
        self._server.start()
        for name in ("", SERVICE):
            self._health.set(name, health_pb2.HealthCheckResponse.SERVING)

    def leave(self) -> None:
        """Health says that it is going; calls are still answered."""
        self._health.enter_graceful_shutdown()

    def stop(self, timeout_seconds: float) -> None:
        """Take no more calls; those at work have so long."""
        self._server.stop(timeout_seconds).wait(timeout_seconds + 1.0)
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _bound(self, place: Place, credentials: grpc.ServerCredentials | None) -> str:
        old_mask = None
        if place.socket is not None:
            clear_dead_socket(place.socket)
            old_mask = os.umask(0o177)  # nobody else, from the first moment
        try:
            if credentials is None:
                port = self._server.add_insecure_port(place.address)
            else:
                port = self._server.add_secure_port(place.address, credentials)
        except RuntimeError:
            port = 0
        finally:
            if old_mask is not None:
                os.umask(old_mask)
        if not port:
            raise OptionError(f"{place.address} cannot be listened at; another program may do so already.")
        return place.with_port(port)

    def _called(self) -> None:
        self._last_call = time.monotonic()

    def _refused(self, method: str, error: PlosiveError) -> None:
        self.refusals += 1
        if self.refusals & (self.refusals - 1) == 0:  # the 1st, 2nd, 4th, ...: a flood must not fill the log
            _LOG.warning("refused %s (%d so far): %s", method[:100], self.refusals, error)


def _watching(servicer: PlosiveServicer) -> grpc.GenericRpcHandler:
    """WatchJob with a serialiser that takes what is bytes already."""
    handler = grpc.unary_stream_rpc_method_handler(
        servicer.WatchJob,
        request_deserializer=job_pb2.WatchJobRequest.FromString,
        response_serializer=told_bytes,
    )
    return grpc.method_handlers_generic_handler(SERVICE, {"WatchJob": handler})


def _options(settings: DaemonSettings) -> list[tuple[str, int]]:
    """Names: grpc/impl/channel_arg_names.h."""
    return [
        ("grpc.max_receive_message_length", settings.message_bytes),
        ("grpc.max_send_message_length", settings.message_bytes),
        ("grpc.max_metadata_size", _MOST_METADATA_BYTES),
        ("grpc.max_concurrent_streams", settings.watchers + _CALLS),
        ("grpc.so_reuseport", 0),  # else a second program could listen at the same port and be given calls
        ("grpc.keepalive_time_ms", 60_000),
        ("grpc.keepalive_timeout_ms", 20_000),
        ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
        ("grpc.http2.max_ping_strikes", 4),
        ("grpc.server_handshake_timeout_ms", 10_000),
    ]
