# SPDX-License-Identifier: Apache-2.0
"""One host: its requests run side by side, each ends with one `done` or one `error`."""

from __future__ import annotations

import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterable
from typing import Any

from plosive_client.cancellation import Cancellation
from plosive_client.client import Client
from plosive_client.errors import Busy, Cancelled, ErrorCode, ErrorDetail, InvalidRequest, PlosiveClientError
from plosive_client.stdio import arguments
from plosive_client.stdio.json_form import from_json, parsed, to_json
from plosive_client.stdio.lines import LINE_BYTES, TooLong
from plosive_client.stdio.pacing import ProgressPacer
from plosive_client.stdio.requests import REQUESTS, JobNotDone, greet

__all__ = ["Session"]

_MOST_REQUESTS = 64
_LONGEST_ID = 200
_END_SECONDS = 2.0

RequestId = str | int


class Session:
    """Answers lines through `write`, which may be called from any thread."""

    def __init__(self, write: Callable[[dict[str, Any]], None]) -> None:
        self._write = write
        self._pacer = ProgressPacer(write)
        self._lock = threading.Lock()
        self._open: dict[RequestId, Cancellation] = {}
        self._threads: list[threading.Thread] = []
        self._client: Client | None = None
        self._greeting: threading.Event | None = None

    def run(self, lines: Iterable[bytes | TooLong]) -> None:
        """Until the lines end. Jobs that run go on in the daemon."""
        try:
            for line in lines:
                self._take(line)
        finally:
            self._close()

    def _take(self, line: bytes | TooLong) -> None:
        request_id: RequestId | None = None
        try:
            if isinstance(line, TooLong):
                raise InvalidRequest(f"A line was longer than {LINE_BYTES} bytes and was skipped.")
            try:
                message = parsed(line)
            except ValueError as error:
                raise InvalidRequest(f"A line is not JSON: {error}.") from error
            if not isinstance(message, dict):
                raise InvalidRequest("A line must hold one JSON object.")
            given_id = _id_of(message.pop("id", None))
            stop = self._opened(given_id)
            request_id = given_id
            work = self._work(message)
        except PlosiveClientError as error:
            self._fail(request_id, error.detail)
            return
        thread = threading.Thread(
            target=self._answer,
            args=(request_id, work, stop),
            name=f"plosive-request-{request_id}",
            daemon=True,
        )
        self._threads = [each for each in self._threads if each.is_alive()]
        self._threads.append(thread)
        thread.start()

    def _work(self, message: dict[str, Any]) -> Callable[[RequestId, Cancellation], dict[str, Any]]:
        """What a request wants done, with its fields looked at. Raises InvalidRequest."""
        kind = message.pop("type", None)
        if kind == "hello":
            hello = from_json(arguments.Hello, message)
            with self._lock:
                if self._client is not None or (self._greeting and not self._greeting.is_set()):
                    raise InvalidRequest("Hello was said already; start another child for another daemon.")
                self._greeting = threading.Event()
            return lambda request_id, stop: self._greet(hello)
        if kind == "stop":
            if set(message) != {"request"}:
                raise InvalidRequest("stop wants the id of a request, as 'request', and no more.", "request")
            return lambda request_id, stop: self._stop(_id_of(message["request"], "request"))
        if not isinstance(kind, str) or kind not in REQUESTS:
            raise InvalidRequest(f"There is no request '{str(kind)[:80]}'; PROTOCOL.md lists them.", "type")
        if self._greeting is None:
            raise InvalidRequest("Say hello first.", "type")
        given_class, run = REQUESTS[kind]
        given = from_json(given_class, message)

        def work(request_id: RequestId, stop: Cancellation) -> dict[str, Any]:
            def say(event: str, fields: dict[str, Any]) -> None:
                self._say(request_id, event, fields)

            return run(self._greeted_client(stop), given, say, stop)

        return work

    def _answer(
        self,
        request_id: RequestId,
        work: Callable[[RequestId, Cancellation], dict[str, Any]],
        stop: Cancellation,
    ) -> None:
        try:
            self._end(request_id, {"type": "done", **work(request_id, stop)})
        except JobNotDone as error:
            self._fail(request_id, error.error.detail, job=to_json(error.job))
        except PlosiveClientError as error:
            self._fail(request_id, error.detail)
        except Exception as error:
            traceback.print_exc(file=sys.stderr)
            sentence = f"Plosive's client ran into a defect of its own ({type(error).__name__})."
            self._fail(request_id, ErrorDetail(ErrorCode.INTERNAL, sentence))

    def _greet(self, hello: arguments.Hello) -> dict[str, Any]:
        assert self._greeting is not None
        try:
            client, answer = greet(hello)
            self._client = client
            return answer
        finally:
            self._greeting.set()

    def _greeted_client(self, stop: Cancellation) -> Client:
        """The client, once hello is answered; requests may be said meanwhile."""
        assert self._greeting is not None
        while not self._greeting.wait(0.05):
            if stop.is_cancelled:
                raise Cancelled("The request was cancelled.")
        if self._client is None:
            raise InvalidRequest("Hello failed; say it again.", "type")
        return self._client

    def _stop(self, request_id: RequestId) -> dict[str, Any]:
        with self._lock:
            stop = self._open.get(request_id)
        if stop is not None:
            stop.cancel()
        return {"was_open": stop is not None}

    def _opened(self, request_id: RequestId) -> Cancellation:
        with self._lock:
            if request_id in self._open:
                raise InvalidRequest(f"The id {request_id!r} belongs to a request that still runs.", "id")
            if len(self._open) >= _MOST_REQUESTS:
                raise Busy(
                    f"{_MOST_REQUESTS} requests run already; request {request_id!r} was not begun.", "id"
                )
            self._open[request_id] = Cancellation()
            return self._open[request_id]

    def _say(self, request_id: RequestId, event: str, fields: dict[str, Any]) -> None:
        message = {"id": request_id, "type": event, **fields}
        if event == "progress":
            self._pacer.put(request_id, message)
        else:
            self._pacer.flush(request_id)
            self._write(message)

    def _fail(self, request_id: RequestId | None, detail: ErrorDetail, **more: Any) -> None:
        self._end(request_id, {"type": "error", **to_json(detail), **more})

    def _end(self, request_id: RequestId | None, message: dict[str, Any]) -> None:
        if request_id is not None:
            self._pacer.forget(request_id)
            with self._lock:
                self._open.pop(request_id, None)
        self._write({"id": request_id, **message})

    def _close(self) -> None:
        with self._lock:
            stops = list(self._open.values())
        for stop in stops:
            stop.cancel()
        deadline = time.monotonic() + _END_SECONDS
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        if self._client is not None:
            self._client.close()
        self._pacer.close()


def _id_of(given: Any, field: str = "id") -> RequestId:
    is_right = isinstance(given, (str, int)) and not isinstance(given, bool)
    if not is_right or len(str(given)) > _LONGEST_ID:
        sentence = f"'{field}' must be a whole number, or text of at most {_LONGEST_ID} characters."
        raise InvalidRequest(sentence, field)
    return given  # type: ignore[no-any-return]
