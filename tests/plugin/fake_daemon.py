# SPDX-License-Identifier: Apache-2.0
"""A daemon written by hand: a real gRPC server on loopback that can drop streams, restart elsewhere, answer
late, speak another version.
"""

from __future__ import annotations

import fcntl
import json
import os
import threading
import time
from concurrent import futures
from pathlib import Path
from typing import Any

import grpc

from plosive_proto.v1 import (
    conform_pb2,
    errors_pb2,
    faces_pb2,
    info_pb2,
    job_pb2,
    motion_pb2,
    plosive_pb2_grpc,
    preview_pb2,
    score_pb2,
)

ENDED = (job_pb2.JOB_STATE_DONE, job_pb2.JOB_STATE_FAILED, job_pb2.JOB_STATE_CANCELLED)
PROGRESS_MESSAGES = 3


class FakeDaemon(plosive_pb2_grpc.PlosiveServicer):
    """Its jobs survive `stop` and `start`, as a daemon's do. `cuts` are numbers of events after which a watch
    stream breaks, one for each stream that is opened.
    """

    def __init__(self, state_folder: Path) -> None:
        self.folder = state_folder
        self.token = "t" * 43
        self.major, self.minor = 1, 0
        self.jobs: dict[str, job_pb2.Job] = {}
        self.requests: dict[str, job_pb2.SubmitJobRequest] = {}
        self.conforms: dict[str, conform_pb2.ConformRequest] = {}
        self.events: dict[str, list[job_pb2.WatchJobResponse]] = {}
        self.keys: dict[str, str] = {}
        self.cuts: list[int] = []
        self.unavailable_calls = 0
        self.answer_seconds = 0.0
        self.is_serving = True
        self.is_exclusive = False
        self.credentials: Any = None
        self.secure_port = 0
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.drops_answers_of: list[str] = []
        self.begins_anew = False
        self.streams_opened = 0
        self.news = threading.Condition()
        self._server: Any = None
        self._lock: int | None = None

    def start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._lock = os.open(self.folder / "daemon.lock", os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX | (fcntl.LOCK_NB if self.is_exclusive else 0))
        self._server = grpc.server(futures.ThreadPoolExecutor(24), interceptors=[_Guard(self)])
        plosive_pb2_grpc.add_PlosiveServicer_to_server(self, self._server)
        health = {"Check": grpc.unary_unary_rpc_method_handler(self._health)}
        self._server.add_generic_rpc_handlers(
            (grpc.method_handlers_generic_handler("grpc.health.v1.Health", health),)
        )
        port = self._server.add_insecure_port("127.0.0.1:0")
        if self.credentials is not None:
            self.secure_port = self._server.add_secure_port("127.0.0.1:0", self.credentials)
        self._server.start()
        (self.folder / "token").write_text(f"{self.token}\n")
        told = {
            "address": f"127.0.0.1:{port}",
            "pid": os.getpid(),
            "protocol_major": self.major,
            "started_unix_ms": 0,
        }
        (self.folder / "daemon.json").write_text(json.dumps(told))

    def stop(self, *, leaves_endpoint: bool = True) -> None:
        if self._server is not None:
            with self.news:
                self.news.notify_all()
            self._server.stop(0).wait()
            self._server = None
        if not leaves_endpoint:
            (self.folder / "daemon.json").unlink(missing_ok=True)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def tell(self, job_id: str, **event: Any) -> None:
        """One more event of a job, with the next sequence number."""
        with self.news:
            sequence = len(self.events[job_id]) + 1
            if "job" in event:
                self.jobs[job_id].CopyFrom(event["job"])
            self.events[job_id].append(job_pb2.WatchJobResponse(sequence=sequence, **event))
            self.news.notify_all()

    def tell_state(self, job_id: str, state: int, **more: Any) -> None:
        job = job_pb2.Job()
        job.CopyFrom(self.jobs[job_id])
        job.MergeFrom(job_pb2.Job(state=state, **more))  # type: ignore[arg-type]
        self.tell(job_id, job=job)

    def add_job(self, job_id: str) -> str:
        self.jobs[job_id] = job_pb2.Job(id=job_id, state=job_pb2.JOB_STATE_WAITING)
        self.events[job_id] = []
        self.tell_state(job_id, job_pb2.JOB_STATE_WAITING)
        return job_id

    # The calls of the contract

    def GetInfo(self, request: Any, context: Any) -> Any:
        self._arrived("GetInfo", context)
        return info_pb2.GetInfoResponse(
            plosive_version="0.1.0",
            process_id=os.getpid(),
            protocol_major=self.major,
            protocol_minor=self.minor,
            read_roots=["/there"],
        )

    def ListGenerators(self, request: Any, context: Any) -> Any:
        self._arrived("ListGenerators", context)
        return info_pb2.ListGeneratorsResponse(
            generators=[info_pb2.GeneratorInfo(name="plate", licence="own")]
        )

    def SubmitJob(self, request: job_pb2.SubmitJobRequest, context: Any) -> Any:
        existed = request.idempotency_key in self.keys
        if not existed:
            job_id = f"job{len(self.jobs):023d}"
            self.keys[request.idempotency_key] = job_id
            self.requests[job_id] = request
            self.add_job(job_id)
            self.jobs[job_id].label = request.label
        elif self.requests[self.keys[request.idempotency_key]] != request:
            fail(context, grpc.StatusCode.ALREADY_EXISTS, errors_pb2.ERROR_CODE_KEY_REUSED, "Key is taken.")
        self._arrived("SubmitJob", context)
        return job_pb2.SubmitJobResponse(job=self.jobs[self.keys[request.idempotency_key]], existed=existed)

    def Conform(self, request: conform_pb2.ConformRequest, context: Any) -> Any:
        existed = request.idempotency_key in self.keys
        if not existed:
            job_id = f"job{len(self.jobs):023d}"
            self.keys[request.idempotency_key] = job_id
            self.conforms[job_id] = request
            self.add_job(job_id)
            self.jobs[job_id].label = request.label
        self._arrived("Conform", context)
        return job_pb2.ConformResponse(job=self.jobs[self.keys[request.idempotency_key]], existed=existed)

    def GetJob(self, request: Any, context: Any) -> Any:
        self._arrived("GetJob", context)
        return job_pb2.GetJobResponse(job=self._job(request, context))

    def ListJobs(self, request: Any, context: Any) -> Any:
        self._arrived("ListJobs", context)
        found = [
            job for job in reversed(self.jobs.values()) if not request.states or job.state in request.states
        ]
        start = int(request.page_token or 0)
        size = min(request.page_size or 100, 3)
        token = str(start + size) if start + size < len(found) else ""
        return job_pb2.ListJobsResponse(jobs=found[start : start + size], next_page_token=token)

    def WatchJob(self, request: Any, context: Any) -> Any:
        self._job(request, context)
        self.streams_opened += 1
        cut = self.cuts.pop(0) if self.cuts else None
        sequence = request.after_sequence
        if self.begins_anew and sequence > len(self.events[request.job_id]):
            sequence = len(self.events[request.job_id]) - 1
        told = 0
        while context.is_active() and self._server is not None:
            with self.news:
                events = self.events[request.job_id][sequence:]
                if not events:
                    if self.jobs[request.job_id].state in ENDED:
                        return
                    self.news.wait(0.05)
                    continue
            for event in events:
                if cut is not None and told >= cut:
                    context.abort(grpc.StatusCode.UNAVAILABLE, "the stream was cut")
                yield event
                told += 1
                sequence = event.sequence
        context.abort(grpc.StatusCode.UNAVAILABLE, "going down")

    def CancelJob(self, request: Any, context: Any) -> Any:
        self._arrived("CancelJob", context)
        job = self._job(request, context)
        if job.state not in ENDED:
            self.tell_state(request.job_id, job_pb2.JOB_STATE_CANCELLED)
        return job_pb2.CancelJobResponse(job=self.jobs[request.job_id])

    def RetryJob(self, request: Any, context: Any) -> Any:
        job = self._job(request, context)
        if job.state not in (job_pb2.JOB_STATE_FAILED, job_pb2.JOB_STATE_CANCELLED):
            sentence = "The job is not in a state for that."
            fail(context, grpc.StatusCode.FAILED_PRECONDITION, errors_pb2.ERROR_CODE_JOB_STATE, sentence)
        self.tell_state(request.job_id, job_pb2.JOB_STATE_WAITING)
        self._arrived("RetryJob", context)
        return job_pb2.RetryJobResponse(job=self.jobs[request.job_id])

    def RemoveJob(self, request: Any, context: Any) -> Any:
        self._job(request, context)
        del self.jobs[request.job_id]
        self._arrived("RemoveJob", context)
        return job_pb2.RemoveJobResponse()

    def GetJobLog(self, request: Any, context: Any) -> Any:
        self._arrived("GetJobLog", context)
        return job_pb2.GetJobLogResponse(lines=["one", "two", "three"][-(request.last_lines or 200) :])

    def AnalyzeFaces(self, request: Any, context: Any) -> Any:
        self._arrived("AnalyzeFaces", context)
        for number in range(PROGRESS_MESSAGES):
            yield faces_pb2.AnalyzeFacesResponse(progress=job_pb2.Progress(stage="faces", frames_done=number))
            time.sleep(self.answer_seconds)
        person = faces_pb2.Person(number=1, name="Ada", thumbnail_jpeg=b"\xff\xd8")
        yield faces_pb2.AnalyzeFacesResponse(faces=faces_pb2.Faces(people=[person], width=640, height=360))

    def PreviewMotion(self, request: Any, context: Any) -> Any:
        self._arrived("PreviewMotion", context)
        return motion_pb2.PreviewMotionResponse(
            phones=[motion_pb2.Phone(symbol="p")],
            curves=[motion_pb2.MotionCurve(name="jaw", values=[0.0, 0.5])],
        )

    def RenderPreviewFrame(self, request: Any, context: Any) -> Any:
        self._arrived("RenderPreviewFrame", context)
        return preview_pb2.RenderPreviewFrameResponse(image_jpeg=b"\xff\xd8jpeg", width=64, is_synced=True)

    def ScoreResult(self, request: Any, context: Any) -> Any:
        self._arrived("ScoreResult", context)
        yield score_pb2.ScoreResultResponse(score=score_pb2.Score(total=4.5, reasons=[request.result_path]))

    def _arrived(self, method: str, context: Any) -> None:
        """Answers late, or drops the answer after the work was done."""
        time.sleep(self.answer_seconds)
        if method in self.drops_answers_of:
            self.drops_answers_of.remove(method)
            context.abort(grpc.StatusCode.UNAVAILABLE, "the answer was lost")

    def _job(self, request: Any, context: Any) -> job_pb2.Job:
        if request.job_id not in self.jobs:
            sentence = f"There is no job {request.job_id}."
            fail(context, grpc.StatusCode.NOT_FOUND, errors_pb2.ERROR_CODE_JOB_UNKNOWN, sentence)
        return self.jobs[request.job_id]

    def _health(self, data: bytes, context: Any) -> bytes:
        return b"\x08\x01" if self.is_serving else b"\x08\x02"


def fail(context: Any, status: grpc.StatusCode, code: int, sentence: str, field: str = "") -> None:
    """End a call as the real daemon does."""
    detail = errors_pb2.ErrorDetail(code=code, sentence=sentence, field=field)  # type: ignore[arg-type]
    context.set_trailing_metadata((("plosive-error-bin", detail.SerializeToString()),))
    context.abort(status, sentence)


class _Guard(grpc.ServerInterceptor):  # type: ignore[misc]
    """Notes metadata, wants the token, and is away for as many calls as it was told."""

    def __init__(self, daemon: FakeDaemon) -> None:
        self._daemon = daemon

    def intercept_service(self, continuation: Any, details: Any) -> Any:
        metadata = dict(details.invocation_metadata)
        method = details.method.rpartition("/")[2]
        self._daemon.calls.append((method, metadata))
        if metadata.get("authorization") != f"Bearer {self._daemon.token}":
            return _refusing(
                grpc.StatusCode.UNAUTHENTICATED, errors_pb2.ERROR_CODE_UNAUTHENTICATED, "No token."
            )
        if method != "Check" and self._daemon.unavailable_calls > 0:
            self._daemon.unavailable_calls -= 1
            return _refusing(grpc.StatusCode.UNAVAILABLE, errors_pb2.ERROR_CODE_SHUTTING_DOWN, "Going down.")
        return continuation(details)


def _refusing(status: grpc.StatusCode, code: int, sentence: str) -> Any:
    def refuse(requests: Any, context: Any) -> None:
        fail(context, status, code, sentence)

    return grpc.stream_stream_rpc_method_handler(refuse)


def main() -> None:
    """As a process of its own, in PLOSIVE_STATE; ends where another holds the lock."""
    folder = Path(os.environ["PLOSIVE_STATE"])
    daemon = FakeDaemon(folder)
    daemon.is_exclusive = True
    daemon.start()
    threading.Event().wait(60.0)


if __name__ == "__main__":
    main()
