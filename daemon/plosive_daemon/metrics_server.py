# SPDX-License-Identifier: Apache-2.0
"""Metrics over HTTP on loopback, with the token: GET /metrics."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from plosive.errors import OptionError
from plosive_daemon.metrics import CONTENT_TYPE, Metrics
from plosive_daemon.service.authentication import is_token

__all__ = ["MetricsServer"]

_SECONDS_FOR_REQUEST = 5.0
_MOST_AT_ONCE = 4


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 8

    def __init__(self, port: int, metrics: Metrics, token: str) -> None:
        self.metrics = metrics
        self.token = token
        self.room = threading.BoundedSemaphore(_MOST_AT_ONCE)
        super().__init__(("127.0.0.1", port), _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        if not self.room.acquire(blocking=False):  # whoever opens connections must not get a thread for each
            self.shutdown_request(request)
            return
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self.room.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A peer that goes away is nobody's concern."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = _SECONDS_FOR_REQUEST
    server_version = "plosive"
    sys_version = ""

    def do_GET(self) -> None:
        if not is_token(self.headers.get("Authorization", ""), self.server.token):
            self._answer(401, "This wants the daemon's token: Authorization: Bearer TOKEN\n")
        elif self.path.partition("?")[0] != "/metrics":
            self._answer(404, "There is /metrics only.\n")
        else:
            self._answer(200, self.server.metrics.text())

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: looks every few seconds would fill the log."""

    def _answer(self, status: int, text: str) -> None:
        data = text.encode("utf-8")
        self.send_response(status)
        self.send_header("Content-Type", CONTENT_TYPE)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Connection", "close")
        if status == 401:
            self.send_header("WWW-Authenticate", "Bearer")
        self.end_headers()
        self.wfile.write(data)


class MetricsServer:
    """Serves in a thread of its own from `start` to `stop`. Raises OptionError where the port is taken."""

    def __init__(self, port: int, metrics: Metrics, token: str) -> None:
        try:
            self._server = _Server(port, metrics, token)
        except OSError as error:
            raise OptionError(f"Metrics cannot be served at port {port}: {error.strerror}.") from error
        self.address = f"127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, name="plosive-metrics")

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
