# SPDX-License-Identifier: Apache-2.0
"""What the service asks of the workers.

A payload carries the serialised request message in base64 under `request`, paths in it absolute and checked
(the worker checks them again: `plosive_daemon.service.guard`). A result is the response message: serialised
in base64 under `response`, or as google.protobuf.json_format writes it with the protos' own field names.

    kind        request                     response
    faces       AnalyzeFacesRequest         Faces
    motion      PreviewMotionRequest        PreviewMotionResponse
    frame       RenderPreviewFrameRequest   RenderPreviewFrameResponse
    score       ScoreResultRequest          Score
    generators  ListGeneratorsRequest       ListGeneratorsResponse
    devices     GetInfoRequest              GetInfoResponse, of which `devices` and `warnings` are taken

"""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from google.protobuf import json_format  # type: ignore[import-untyped]
from google.protobuf.message import Message  # type: ignore[import-untyped]

from plosive_daemon.job import JobProgress

__all__ = ["JobLogs", "WorkerPool", "payload_of", "response_in"]

AnyMessage = TypeVar("AnyMessage", bound=Message)


class WorkerPool(Protocol):
    """Worker processes: one per device for jobs, and one for people who wait."""

    def start(self) -> None:
        """Begin to take jobs."""

    def stop(self, timeout_seconds: float) -> None:
        """End all workers; running jobs go back to the queue."""

    def cancel(self, job_id: str) -> None:
        """End a running job that the queue has marked as cancelled; answers within a second."""

    def problems(self) -> list[str]:
        """One sentence for each worker that cannot be started."""

    def call(
        self,
        kind: str,
        payload: dict[str, Any],
        on_progress: Callable[[JobProgress], None] | None = None,
        *,
        cancelled: threading.Event | None = None,
    ) -> dict[str, Any]:
        """What an interactive worker answers. Raises CallFailed or another PlosiveError; JobCancelled soon
        after `cancelled` is set.
        """


class JobLogs(Protocol):
    """Each job's own log."""

    def last_lines(self, job_id: str, count: int) -> list[str]:
        """At most `count` of them, oldest first; none where there is no log."""

    def remove(self, job_id: str) -> None:
        """Forget the log and scratch files of a job."""

    def remove_unknown(self, is_known: Callable[[str], bool]) -> int:
        """Forget the scratch files of all jobs that are not known; how many these are."""


def payload_of(request: Message) -> dict[str, Any]:
    """A request on its way to a worker."""
    return {"request": base64.b64encode(request.SerializeToString()).decode("ascii")}


def response_in(result: dict[str, Any], message: AnyMessage) -> AnyMessage:
    """`message` filled with a worker's answer. Raises ValueError or DecodeError where it is none."""
    if isinstance(result.get("response"), str):
        message.ParseFromString(base64.b64decode(result["response"], validate=True))
        return message
    json_format.ParseDict(result, message)
    return message
