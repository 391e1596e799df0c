# SPDX-License-Identifier: Apache-2.0
"""Requests of a host and their callbacks."""

from __future__ import annotations

import atexit
import itertools
import sys
import threading
import traceback
from collections.abc import Callable
from typing import Any

from plosive_host.child import Child
from plosive_host.errors import PlosiveHostError
from plosive_host.python import find_python, why_not

__all__ = ["LINE_PROTOCOL", "Request", "Session"]

LINE_PROTOCOL = 1
"""The version of plosive_client/PROTOCOL.md that this package speaks."""

Deliver = Callable[[Callable[[], None]], Any]
OnMessage = Callable[[dict[str, Any]], None]
OnError = Callable[[PlosiveHostError], None]


class Request:
    """One request under way: `stop` ends it (a watched job goes on), `wait` waits for its end."""

    def __init__(
        self,
        session: Session,
        number: int,
        on_event: OnMessage | None,
        on_done: OnMessage | None,
        on_error: OnError | None,
    ) -> None:
        self.id = number
        self._session = session
        self._on_event = on_event
        self._on_done = on_done
        self._on_error = on_error
        self._ended = threading.Event()
        self._answer: dict[str, Any] = {}
        self._error: PlosiveHostError | None = None

    def stop(self) -> None:
        """It ends with the error code CANCELLED, unless it has ended meanwhile."""
        self._session.request("stop", {"request": self.id})

    def wait(self, timeout_seconds: float) -> dict[str, Any]:
        """Its answer. Not to be called in a thread that must deliver callbacks meanwhile. Raises
        PlosiveHostError: the request's own, or TIMED_OUT.
        """
        if not self._ended.wait(timeout_seconds):
            raise PlosiveHostError("Plosive did not answer in time; try again.", "TIMED_OUT")
        if self._error is not None:
            raise self._error
        return self._answer

    def take(self, message: dict[str, Any], deliver: Deliver) -> bool:
        """A line about it; whether it was its last."""
        kind = message.get("type")
        if kind == "done":
            self._answer = message
            self._ended.set()
            _hand_over(deliver, self._on_done, message)
        elif kind == "error":
            sentence, code = str(message.get("sentence", "")), str(message.get("code", ""))
            self.fail(PlosiveHostError(sentence, code, str(message.get("field", "")), message), deliver)
        else:
            _hand_over(deliver, self._on_event, message)
        return self._ended.is_set()

    def fail(self, error: PlosiveHostError, deliver: Deliver) -> None:
        self._error = error
        self._ended.set()
        _hand_over(deliver, self._on_error, error)


class Session:
    """A child and its requests. Callbacks are handed to `deliver`, which calls them in the thread the host
    wants: `nuke.executeInMainThread`, a `Pump`, or nothing (they come in a thread of this package).

    `python` is the plug-in's own setting (see `find_python`), `hello` holds further fields of PROTOCOL.md's
    hello, `on_log` gets lines for people. The child ends with `close`, with the host, and when the host dies.
    """

    def __init__(
        self,
        client_name: str,
        deliver: Deliver | None = None,
        python: str = "",
        hello: dict[str, Any] | None = None,
        on_log: Callable[[str], None] | None = None,
    ) -> None:
        self._hello = {**(hello or {}), "protocol": LINE_PROTOCOL, "client_name": client_name}
        self._deliver: Deliver = deliver or _call
        self._python = python
        self._on_log = on_log
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._open: dict[int, Request] = {}
        self._child: Child | None = None
        self._has_greeted = False
        self._is_closing = False

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    @property
    def is_running(self) -> bool:
        return self._child is not None and self._child.is_running

    def start(self, on_ready: OnMessage | None = None, on_error: OnError | None = None) -> Request:
        """Start the child and say hello; returns at once, and requests may follow at once. `on_ready` gets
        the answer with the versions. May be called again after the child ended. Raises PlosiveHostError
        (NO_PYTHON).
        """
        if self.is_running:
            raise PlosiveHostError("The session runs already.", "INVALID_REQUEST")
        self._has_greeted = self._is_closing = False
        self._child = Child(find_python(self._python), self._take, self._child_ended, self._on_log)
        atexit.register(self.close)
        return self.request("hello", self._hello, on_done=on_ready, on_error=on_error)

    def request(
        self,
        kind: str,
        fields: dict[str, Any] | None = None,
        on_event: OnMessage | None = None,
        on_done: OnMessage | None = None,
        on_error: OnError | None = None,
    ) -> Request:
        """Ask for something of PROTOCOL.md: `kind` is its type. `on_event` gets submitted, state, progress
        and warning, then `on_done` or `on_error` is called once.
        """
        with self._lock:
            number = next(self._numbers)
            request = Request(self, number, on_event, on_done, on_error)
            self._open[number] = request
        child = self._child
        if child is None or not child.write({**(fields or {}), "id": number, "type": kind}):
            self._fail_open([number], self._why_ended(child))
        return request

    def call(
        self, kind: str, fields: dict[str, Any] | None = None, timeout_seconds: float = 30.0
    ) -> dict[str, Any]:
        """The answer of a request that is quick. Raises PlosiveHostError."""
        request = self.request(kind, fields)
        try:
            return request.wait(timeout_seconds)
        except PlosiveHostError as error:
            if error.code == "TIMED_OUT" and not error.message and self.is_running:
                request.stop()
            raise

    def close(self) -> None:
        """End the child; jobs go on in the daemon. Open requests end with CHILD_ENDED. Twice is fine."""
        self._is_closing = True
        atexit.unregister(self.close)
        if self._child is not None:
            self._child.close()

    def _take(self, message: dict[str, Any]) -> None:
        with self._lock:
            request = self._open.get(message.get("id") or 0)
        if request is None:
            if message.get("type") == "error" and self._on_log is not None:
                self._on_log(str(message.get("sentence", "")))
            return
        self._has_greeted = True
        if request.take(message, self._deliver):
            with self._lock:
                self._open.pop(request.id, None)

    def _child_ended(self) -> None:
        with self._lock:
            numbers = list(self._open)
        if numbers:
            self._fail_open(numbers, self._why_ended(self._child))

    def _why_ended(self, child: Child | None) -> PlosiveHostError:
        if child is None:
            return PlosiveHostError("Plosive's client was not started.", "CHILD_ENDED")
        if self._is_closing:
            return PlosiveHostError("The session was closed; jobs go on in the daemon.", "CHILD_ENDED")
        if not self._has_greeted:
            return why_not(child.python, child.last_words())
        told = f" ({child.last_words()})" if child.last_words() else ""
        return PlosiveHostError(f"Plosive's client ended unexpectedly{told}; start it again.", "CHILD_ENDED")

    def _fail_open(self, numbers: list[int], error: PlosiveHostError) -> None:
        for number in numbers:
            with self._lock:
                request = self._open.pop(number, None)
            if request is not None:
                request.fail(error, self._deliver)


def _call(function: Callable[[], None]) -> None:
    function()


def _hand_over(deliver: Deliver, callback: Callable[[Any], None] | None, what: Any) -> None:
    if callback is None:
        return
    chosen = callback

    def run() -> None:
        try:
            chosen(what)
        except Exception:  # a defect of the host's script must not end the reading thread
            traceback.print_exc(file=sys.stderr)

    deliver(run)
