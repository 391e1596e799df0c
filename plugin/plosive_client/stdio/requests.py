# SPDX-License-Identifier: Apache-2.0
"""What each request of a host does with the client: its events go to `say`, its answer is returned."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from plosive_client.cancellation import Cancellation
from plosive_client.channel import TlsOptions
from plosive_client.client import Client
from plosive_client.connecting import connect
from plosive_client.errors import Cancelled, InvalidRequest, VersionMismatch, error_of
from plosive_client.job import Job, JobState
from plosive_client.path_mapping import PathMapping
from plosive_client.stdio import arguments
from plosive_client.stdio.json_form import to_json
from plosive_client.versions import PROTOCOL_MAJOR, PROTOCOL_MINOR, client_version

__all__ = ["REQUESTS", "STDIO_PROTOCOL", "JobNotDone", "Say", "greet"]

STDIO_PROTOCOL = 1
"""The version of PROTOCOL.md."""

Say = Callable[[str, dict[str, Any]], None]
Answer = dict[str, Any]


class JobNotDone(Exception):
    """A watched job failed or was cancelled; `job` is its last state."""

    def __init__(self, job: Job) -> None:
        super().__init__(job.id)
        self.job = job
        self.error = error_of(job.error) if job.error else Cancelled("The job was cancelled.")


def greet(given: arguments.Hello) -> tuple[Client, Answer]:
    """Connect as the host wants it. Raises as `connect`, and VersionMismatch where the host is of another
    time.
    """
    if given.protocol != STDIO_PROTOCOL:
        who = "Plosive" if given.protocol > STDIO_PROTOCOL else "the plug-in of the host"
        raise VersionMismatch(
            f"The plug-in speaks version {given.protocol} of the line protocol, Plosive {client_version()} "
            f"version {STDIO_PROTOCOL}; update {who}."
        )
    client = connect(
        state_folder=Path(given.state_folder) if given.state_folder else None,
        address=given.address,
        token=given.token,
        tls=_tls(given.tls) if given.tls else None,
        client_name=given.client_name,
        is_started=given.start,
        start_seconds=given.start_seconds,
        reconnect_seconds=given.reconnect_seconds,
        path_mapping=PathMapping(tuple((pair.here, pair.daemon) for pair in given.path_mapping)),
    )
    answer = {
        "protocol": STDIO_PROTOCOL,
        "client_version": client_version(),
        "client_protocol": [PROTOCOL_MAJOR, PROTOCOL_MINOR],
        "daemon": to_json(client.info()),
    }
    return client, answer


def _submit(client: Client, given: arguments.Submit, say: Say, stop: Cancellation) -> Answer:
    job = client.submit(
        given.sync,
        label=given.label,
        priority=given.priority,
        idempotency_key=given.idempotency_key,
        device=given.device,
    )
    return _followed(client, job, given.watch, say, stop)


def _conform(client: Client, given: arguments.Conform, say: Say, stop: Cancellation) -> Answer:
    return _followed(client, client.conform(given.conform), given.watch, say, stop)


def _followed(client: Client, job: Job, is_watched: bool, say: Say, stop: Cancellation) -> Answer:
    if not is_watched:
        return {"job": to_json(job)}
    say("submitted", {"job": to_json(job)})
    return _watch(client, arguments.Watch(job.id), say, stop)


def _watch(client: Client, given: arguments.Watch, say: Say, stop: Cancellation) -> Answer:
    job: Job | None = None
    for event in client.watch(given.job_id, after_sequence=given.after_sequence, cancellation=stop):
        if event.job is not None:
            job = event.job
            say("state", {"sequence": event.sequence, "job": to_json(job)})
        elif event.progress is not None:
            say("progress", {"sequence": event.sequence, "progress": to_json(event.progress)})
        else:
            say("warning", {"sequence": event.sequence, "warning": event.warning or ""})
    if job is None or not job.state.is_ended:
        job = client.job(given.job_id)
    if job.state is not JobState.DONE:
        raise JobNotDone(job)
    return {"job": to_json(job)}


def _jobs(client: Client, given: arguments.Jobs, say: Say, stop: Cancellation) -> Answer:
    name = client.name if given.mine else ""
    found = client.jobs(states=given.states, client_name=name, limit=max(0, given.limit))
    return {"jobs": [to_json(job) for job in islice(found, max(0, given.limit))]}


def _faces(client: Client, given: arguments.Faces, say: Say, stop: Cancellation) -> Answer:
    faces = client.faces(
        given.clip,
        cast_path=given.cast_path,
        on_progress=lambda progress: say("progress", {"progress": to_json(progress)}),
        timeout_seconds=given.timeout_seconds,
        cancellation=stop,
    )
    return {"faces": to_json(faces)}


def _motion(client: Client, given: arguments.Motion, say: Say, stop: Cancellation) -> Answer:
    motion = client.preview_motion(
        given.clip,
        given.voice,
        style=given.style,
        timeout_seconds=given.timeout_seconds,
        cancellation=stop,
    )
    return {"motion": to_json(motion)}


def _frame(client: Client, given: arguments.Frame, say: Say, stop: Cancellation) -> Answer:
    frame = client.preview_frame(
        given.sync,
        given.frame,
        largest_side_pixels=given.largest_side_pixels,
        device=given.device,
        timeout_seconds=given.timeout_seconds,
        cancellation=stop,
    )
    if given.image_path:
        _write_whole(Path(given.image_path), frame.image_jpeg)
        frame = replace(frame, image_jpeg=b"")
    return {"frame": {**to_json(frame), "image_path": given.image_path}}


def _score(client: Client, given: arguments.Score, say: Say, stop: Cancellation) -> Answer:
    score = client.score(
        given.result_path,
        voice=given.voice,
        plate_path=given.plate_path,
        plate_range=given.plate_range,
        report_path=given.report_path,
        on_progress=lambda progress: say("progress", {"progress": to_json(progress)}),
        timeout_seconds=given.timeout_seconds,
        cancellation=stop,
    )
    return {"score": to_json(score)}


def _remove(client: Client, given: arguments.AboutJob, say: Say, stop: Cancellation) -> Answer:
    client.remove(given.job_id)
    return {}


def _job(ask: Callable[[Client, str], Job]) -> Callable[..., Answer]:
    def answer(client: Client, given: arguments.AboutJob, say: Say, stop: Cancellation) -> Answer:
        return {"job": to_json(ask(client, given.job_id))}

    return answer


REQUESTS: dict[str, tuple[type[Any], Callable[..., Answer]]] = {
    "submit": (arguments.Submit, _submit),
    "conform": (arguments.Conform, _conform),
    "watch": (arguments.Watch, _watch),
    "job": (arguments.AboutJob, _job(Client.job)),
    "jobs": (arguments.Jobs, _jobs),
    "cancel": (arguments.AboutJob, _job(Client.cancel)),
    "retry": (arguments.AboutJob, _job(Client.retry)),
    "remove": (arguments.AboutJob, _remove),
    "log": (arguments.Log, lambda c, g, say, stop: {"lines": list(c.log(g.job_id, last_lines=g.last_lines))}),
    "faces": (arguments.Faces, _faces),
    "motion": (arguments.Motion, _motion),
    "frame": (arguments.Frame, _frame),
    "score": (arguments.Score, _score),
    "generators": (arguments.Nothing, lambda c, g, say, stop: {"generators": to_json(c.generators())}),
    "info": (arguments.Nothing, lambda c, g, say, stop: {"info": to_json(c.info())}),
}


def _tls(given: arguments.Tls) -> TlsOptions:
    paths = (given.authority_path, given.certificate_path, given.key_path)
    authority, certificate, key = (Path(path) if path else None for path in paths)
    return TlsOptions(authority, certificate, key, given.server_name)


def _write_whole(path: Path, data: bytes) -> None:
    """Under a temporary name in the same folder, then renamed."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        temporary.write_bytes(data)
        os.replace(temporary, path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        sentence = f"{path} cannot be written: {error.strerror}."
        raise InvalidRequest(sentence, "image_path") from error
