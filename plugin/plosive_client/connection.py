# SPDX-License-Identifier: Apache-2.0
"""The way to the daemon: found, started when absent, found again when it comes back elsewhere."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc

from plosive_client.cancellation import Cancellation
from plosive_client.channel import Link, TlsOptions, open_link, serves
from plosive_client.errors import (
    Cancelled,
    ConnectionLost,
    DaemonAbsent,
    NotAllowed,
    PlosiveClientError,
    TimedOut,
)
from plosive_client.launching import Launch
from plosive_client.path_mapping import PathMapping
from plosive_client.state_folder import is_daemon_alive, read_endpoint, read_token
from plosive_client.status import failure_of, is_broken

__all__ = ["ConnectOptions", "Connection", "pauses"]

_FIRST_PAUSE_SECONDS = 0.05
_LONGEST_PAUSE_SECONDS = 1.0
_LOOK_SECONDS = 0.1  # at the files of a daemon of this machine
_HEALTH_SECONDS = 2.0
_MOST_LAUNCHES = 5


@dataclass(frozen=True)
class ConnectOptions:
    """See `connect`."""

    state_folder: Path
    address: str = ""
    token: str = ""
    tls: TlsOptions | None = None
    client_name: str = "python"
    is_started: bool = True
    start_seconds: float = 30.0
    reconnect_seconds: float = 60.0
    path_mapping: PathMapping = field(default_factory=PathMapping)


class Connection:
    """Calls of one client; thread-safe. Only UNAVAILABLE is tried again, with growing pauses."""

    def __init__(self, options: ConnectOptions) -> None:
        self.options = options
        self._lock = threading.Lock()
        self._link: Link | None = None
        self._left_links: list[Link] = []
        self._is_closed = threading.Event()
        self._renewing = threading.Lock()

    def open(self) -> None:
        """Be connected to a daemon that serves. Raises DaemonAbsent, ConnectionLost, NotAllowed."""
        self.renew(time.monotonic() + self.options.start_seconds, Cancellation())

    def close(self) -> None:
        """Calls under way end with Cancelled. May be called twice."""
        self._is_closed.set()
        with self._lock:
            links = [*self._left_links, *([self._link] if self._link else [])]
            self._left_links, self._link = [], None
        for link in links:
            link.channel.close()

    def call(
        self, method: str, request: Any, *, timeout_seconds: float, cancellation: Cancellation | None = None
    ) -> Any:
        """The answer. A failure tells in `broken_tries` how many tries broke before it."""
        stop = cancellation or Cancellation()
        deadline = time.monotonic() + timeout_seconds

        def once(link: Link) -> Any:
            left = max(0.001, deadline - time.monotonic())
            future = getattr(link.stub, method).future(request, timeout=left, metadata=link.metadata)
            with stop.holding(future):
                return future.result()

        return self._tried(once, deadline, stop)

    def read_all(
        self,
        method: str,
        request: Any,
        *,
        timeout_seconds: float,
        on_message: Callable[[Any], None],
        cancellation: Cancellation | None = None,
    ) -> None:
        """All messages of a stream that ends; begun anew where it breaks."""
        stop = cancellation or Cancellation()
        deadline = time.monotonic() + timeout_seconds

        def once(link: Link) -> None:
            for message in self.stream(link, method, request, stop, max(0.001, deadline - time.monotonic())):
                on_message(message)

        self._tried(once, deadline, stop)

    def stream(
        self, link: Link, method: str, request: Any, stop: Cancellation, timeout_seconds: float | None = None
    ) -> Iterator[Any]:
        """The messages of one stream. Raises grpc.RpcError."""
        call = getattr(link.stub, method)(request, timeout=timeout_seconds, metadata=link.metadata)
        try:
            with stop.holding(call):
                yield from call
        finally:
            call.cancel()

    def link(self) -> Link:
        """The one in use. Raises Cancelled when closed."""
        with self._lock:
            if self._link is None:
                raise Cancelled("The connection to the Plosive daemon is closed.")
            return self._link

    def renew(self, deadline: float, stop: Cancellation) -> None:
        """After a break: look where the daemon is now, start it where that is allowed. Returns at once when
        it is still where it was. Raises ConnectionLost at `deadline` (time.monotonic).
        """
        while not self._renewing.acquire(timeout=_FIRST_PAUSE_SECONDS):  # one looks and starts for all
            if stop.is_cancelled:
                raise Cancelled("The request was cancelled.")
        try:
            self._renew(deadline, stop)
        finally:
            self._renewing.release()

    def mends(self, error: grpc.RpcError, link: Link) -> bool:
        """Whether trying again may help: the daemon went away, or it came back with another token."""
        if self._is_closed.is_set():
            return False
        if is_broken(error):
            return True
        is_new = not self.options.address and read_token(self.options.state_folder) != link.token
        return is_new and isinstance(failure_of(error), NotAllowed)

    def _tried(self, once: Callable[[Link], Any], deadline: float, stop: Cancellation) -> Any:
        for broken_tries, pause_seconds in enumerate(pauses()):
            link = self.link()
            try:
                return once(link)
            except grpc.FutureCancelledError:
                raise Cancelled("The request was cancelled.") from None
            except (grpc.RpcError, ValueError) as error:
                failure = self._failure(error, link)
                if stop.is_cancelled or self._is_closed.is_set():
                    raise Cancelled("The request was cancelled.") from None
                failure.broken_tries = broken_tries
                is_mended = isinstance(error, grpc.RpcError) and self.mends(error, link)
                if not is_mended or time.monotonic() + pause_seconds >= deadline:
                    raise failure from None
            if stop.wait(pause_seconds):
                raise Cancelled("The request was cancelled.")
            self.renew(deadline, stop)
        raise AssertionError("pauses do not end")

    def _failure(self, error: grpc.RpcError | ValueError, link: Link) -> PlosiveClientError:
        if isinstance(error, grpc.RpcError):
            return failure_of(error)
        with self._lock:
            if self._link is link:  # a ValueError of a channel that is still ours is a defect
                raise error
        return Cancelled("The connection to the Plosive daemon is closed.")

    def _renew(self, deadline: float, stop: Cancellation) -> None:
        if self.options.address:
            self._take(self.options.address, self.options.token)
            self._wait_for_health(deadline, stop, None)
            return
        folder = self.options.state_folder
        launch: Launch | None = None
        launches_left = _MOST_LAUNCHES if self.options.is_started else 0
        failure: PlosiveClientError | None = None
        for pause_seconds in pauses(_LOOK_SECONDS):
            if is_daemon_alive(folder):
                endpoint, token = read_endpoint(folder), read_token(folder)
                if endpoint is not None and token:
                    self._take(endpoint.address, token)
                    failure = self._health_failure()
                    if failure is None:
                        return
            elif launches_left and (launch is None or launch.was_killed):
                launches_left -= 1
                launch = Launch(folder)
            elif launch is None and self._link is None:
                raise DaemonAbsent("No Plosive daemon of yours runs; start one with `plosive serve`.")
            elif launch is not None and launch.has_ended:
                raise DaemonAbsent(
                    "The Plosive daemon was started and ended at once: "
                    f"{launch.last_words() or 'it said nothing'} (all of it is in {launch.log_path})"
                )
            self._pause(pause_seconds, deadline, stop, failure, launch)

    def _wait_for_health(self, deadline: float, stop: Cancellation, launch: Launch | None) -> None:
        for pause_seconds in pauses():
            failure = self._health_failure()
            if failure is None:
                return
            self._pause(pause_seconds, deadline, stop, failure, launch)

    def _health_failure(self) -> PlosiveClientError | None:
        """Why the daemon does not serve (yet); None where it does. Raises what waiting does not mend."""
        link = self.link()
        try:
            if serves(link, _HEALTH_SECONDS):
                return None
            return ConnectionLost(f"The Plosive daemon at {link.address} is there but does not serve yet.")
        except grpc.RpcError as error:
            failure = failure_of(error)
            if not isinstance(failure, (ConnectionLost, TimedOut)) and not self.mends(error, link):
                raise failure from None
            return failure
        except ValueError as error:
            return self._failure(error, link)

    def _pause(
        self,
        seconds: float,
        deadline: float,
        stop: Cancellation,
        failure: PlosiveClientError | None,
        launch: Launch | None,
    ) -> None:
        if self._is_closed.is_set() or stop.wait(seconds):
            raise Cancelled("The request was cancelled.")
        if time.monotonic() < deadline:
            return
        if launch is not None:
            raise DaemonAbsent(
                "The Plosive daemon was started but did not serve in time; "
                f"see {launch.log_path}, or try again."
            )
        raise failure or ConnectionLost(
            "The Plosive daemon went away and did not come back in time; start it with `plosive serve`."
        )

    def _take(self, address: str, token: str) -> None:
        """Use the daemon there. A channel that others may still read from stays until `close`."""
        with self._lock:
            if self._is_closed.is_set():
                raise Cancelled("The connection to the Plosive daemon is closed.")
            link = self._link
            if link is not None and (link.address, link.token) == (address, token):
                return
            new = open_link(address, token, self.options.client_name, self.options.tls)
            if link is not None:
                self._left_links.append(link)
            self._link = new


def pauses(longest_seconds: float = _LONGEST_PAUSE_SECONDS) -> Iterator[float]:
    """Seconds between tries: doubling, from 50 ms on."""
    seconds = _FIRST_PAUSE_SECONDS
    while True:
        yield seconds
        seconds = min(2 * seconds, longest_seconds)
