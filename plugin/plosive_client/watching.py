# SPDX-License-Identifier: Apache-2.0
"""A job's events over streams that break: complete, in order, each once."""

from __future__ import annotations

import time
from collections.abc import Iterator

import grpc

from plosive_client.cancellation import Cancellation
from plosive_client.connection import Connection, pauses
from plosive_client.errors import Cancelled
from plosive_client.job import Job, WatchEvent
from plosive_client.messages import read
from plosive_client.status import failure_of
from plosive_proto.v1 import job_pb2

__all__ = ["watch_job"]

_GET_SECONDS = 30.0


def watch_job(
    connection: Connection, job_id: str, after_sequence: int, cancellation: Cancellation | None
) -> Iterator[WatchEvent]:
    """See `Client.watch`."""
    stop = cancellation or Cancellation()
    last_sequence = after_sequence
    has_seen_end = has_broken = False
    clean_ends = 0
    lost_since: float | None = None
    pausing = pauses()
    while True:
        link = connection.link()
        request = job_pb2.WatchJobRequest(job_id=job_id, after_sequence=last_sequence)
        try:
            for message in connection.stream(link, "WatchJob", request, stop):
                lost_since, pausing = None, pauses()
                event = read(WatchEvent, message, connection.options.path_mapping.to_here)
                if event.job is not None:
                    has_seen_end = event.job.state.is_ended
                is_anew = event.job is not None and event.sequence < last_sequence
                if event.sequence <= last_sequence and not is_anew:
                    continue  # told before the break
                last_sequence, clean_ends = event.sequence, 0
                yield event
            if has_seen_end or stop.is_cancelled:
                break
            clean_ends += 1
            job = _job(connection, job_id, stop)
            if job.state.is_ended and clean_ends > 1:
                # All there is was told, but its end was not: a daemon whose queue was rebuilt counts anew.
                if has_broken or last_sequence > after_sequence:
                    yield WatchEvent(last_sequence + 1, job=job)
                return
        except (grpc.RpcError, ValueError) as error:
            if stop.is_cancelled:
                break
            if not isinstance(error, grpc.RpcError):
                connection.link()  # raises where the connection was closed
                raise
            failure = failure_of(error)
            if not connection.mends(error, link):
                raise failure from None
            if has_seen_end:
                return
            has_broken = True
            lost_since = time.monotonic() if lost_since is None else lost_since
            deadline = lost_since + connection.options.reconnect_seconds
            if time.monotonic() > deadline:
                raise failure from None
            if stop.wait(next(pausing)):
                break
            connection.renew(deadline, stop)
            continue
        if clean_ends > 1 and stop.wait(next(pausing)):
            break
    if stop.is_cancelled:
        raise Cancelled("The watching was cancelled; the job goes on.")


def _job(connection: Connection, job_id: str, stop: Cancellation) -> Job:
    request = job_pb2.GetJobRequest(job_id=job_id)
    answer = connection.call("GetJob", request, timeout_seconds=_GET_SECONDS, cancellation=stop)
    return read(Job, answer.job, connection.options.path_mapping.to_here)
