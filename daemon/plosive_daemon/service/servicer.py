# SPDX-License-Identifier: Apache-2.0
"""The RPCs of plosive.proto: convert, call, wrap. No logic here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import grpc

from plosive_daemon.job import Job, JobKind, JobProgress, JobState
from plosive_daemon.service.answering import answering
from plosive_daemon.service.authentication import client_of
from plosive_daemon.service.conversion import require_device
from plosive_daemon.service.info import DaemonInfo
from plosive_daemon.service.job_messages import job_message, progress_message, states_of
from plosive_daemon.service.limits import StreamLimit, require_within_limits
from plosive_daemon.service.paths import Roots
from plosive_daemon.service.request_paths import AnyMessage, with_real_paths
from plosive_daemon.service.submission import SubmitsJobs
from plosive_daemon.service.watching import AnyTold, ToldEvents, call_events, job_events
from plosive_daemon.service.worker_pool import JobLogs, WorkerPool, payload_of, response_in
from plosive_daemon.store import JobStore
from plosive_proto.v1 import (
    conform_pb2,
    faces_pb2,
    info_pb2,
    job_pb2,
    motion_pb2,
    plosive_pb2_grpc,
    preview_pb2,
    score_pb2,
)

__all__ = ["PlosiveServicer", "ServiceParts"]

Context: TypeAlias = grpc.ServicerContext
_USUAL_PAGE = 100
_USUAL_LOG_LINES = 200
_MOST_LOG_LINES = 10_000


@dataclass(frozen=True)
class ServiceParts:
    """All that the RPCs call."""

    store: JobStore
    pool: WorkerPool
    logs: JobLogs
    info: DaemonInfo
    submissions: SubmitsJobs
    roots: Roots
    streams: StreamLimit
    calls: StreamLimit


class PlosiveServicer(plosive_pb2_grpc.PlosiveServicer):
    """Each RPC a few lines; failures are told by `answering`."""

    def __init__(self, parts: ServiceParts) -> None:
        self._parts = parts
        self._told = ToldEvents()

    def GetInfo(self, request: info_pb2.GetInfoRequest, context: Context) -> info_pb2.GetInfoResponse:
        with answering(context, "GetInfo"):
            return self._parts.info.message()

    def ListGenerators(
        self, request: info_pb2.ListGeneratorsRequest, context: Context
    ) -> info_pb2.ListGeneratorsResponse:
        with answering(context, "ListGenerators"), self._parts.calls.one(_client(context)):
            result = self._parts.pool.call("generators", payload_of(request))
            return response_in(result, info_pb2.ListGeneratorsResponse())

    def SubmitJob(self, request: job_pb2.SubmitJobRequest, context: Context) -> job_pb2.SubmitJobResponse:
        with answering(context, "SubmitJob"):
            job, existed = self._parts.submissions.submit(request, _client(context))
            return job_pb2.SubmitJobResponse(job=self._message(job), existed=existed)

    def Conform(self, request: conform_pb2.ConformRequest, context: Context) -> job_pb2.ConformResponse:
        with answering(context, "Conform"):
            job, existed = self._parts.submissions.conform(request, _client(context))
            return job_pb2.ConformResponse(job=self._message(job), existed=existed)

    def GetJob(self, request: job_pb2.GetJobRequest, context: Context) -> job_pb2.GetJobResponse:
        with answering(context, "GetJob", _short(request.job_id)):
            job = self._parts.store.get(request.job_id)
            answer = job_pb2.GetJobResponse(job=self._message(job))
            (answer.conform if job.kind is JobKind.CONFORM else answer.request).MergeFromString(job.request)
            return answer

    def ListJobs(self, request: job_pb2.ListJobsRequest, context: Context) -> job_pb2.ListJobsResponse:
        with answering(context, "ListJobs"):
            require_within_limits(request)
            jobs, token = self._parts.store.page(
                states_of(list(request.states)),
                request.client,
                request.page_size or _USUAL_PAGE,
                request.page_token,
            )
            told = [job_message(job, self._jobs_ahead(job), is_listed=True) for job in jobs]
            return job_pb2.ListJobsResponse(jobs=told, next_page_token=token)

    def WatchJob(self, request: job_pb2.WatchJobRequest, context: Context) -> Iterator[AnyTold]:
        with (
            answering(context, "WatchJob", _short(request.job_id)),
            self._parts.streams.one(_client(context)),
        ):
            for event in job_events(self._parts.store, request.job_id, request.after_sequence, context):
                yield self._told.message(event, self._jobs_ahead(event.job))

    def CancelJob(self, request: job_pb2.CancelJobRequest, context: Context) -> job_pb2.CancelJobResponse:
        with answering(context, "CancelJob", _short(request.job_id)):
            if self._parts.store.cancel(request.job_id).state is JobState.RUNNING:
                self._parts.pool.cancel(request.job_id)
            return job_pb2.CancelJobResponse(job=self._message(self._parts.store.get(request.job_id)))

    def RetryJob(self, request: job_pb2.RetryJobRequest, context: Context) -> job_pb2.RetryJobResponse:
        with answering(context, "RetryJob", _short(request.job_id)):
            return job_pb2.RetryJobResponse(job=self._message(self._parts.store.retry(request.job_id)))

    def RemoveJob(self, request: job_pb2.RemoveJobRequest, context: Context) -> job_pb2.RemoveJobResponse:
        with answering(context, "RemoveJob", _short(request.job_id)):
            self._parts.store.remove(request.job_id)
            self._parts.logs.remove(request.job_id)
            return job_pb2.RemoveJobResponse()

    def GetJobLog(self, request: job_pb2.GetJobLogRequest, context: Context) -> job_pb2.GetJobLogResponse:
        with answering(context, "GetJobLog", _short(request.job_id)):
            job = self._parts.store.get(request.job_id)
            count = min(request.last_lines or _USUAL_LOG_LINES, _MOST_LOG_LINES)
            return job_pb2.GetJobLogResponse(lines=self._parts.logs.last_lines(job.id, count))

    def AnalyzeFaces(
        self, request: faces_pb2.AnalyzeFacesRequest, context: Context
    ) -> Iterator[faces_pb2.AnalyzeFacesResponse]:
        with answering(context, "AnalyzeFaces"), self._parts.calls.one(_client(context)):
            for event in self._call("faces", request, context):
                if isinstance(event, JobProgress):
                    yield faces_pb2.AnalyzeFacesResponse(progress=progress_message(event))
                else:
                    yield faces_pb2.AnalyzeFacesResponse(faces=response_in(event, faces_pb2.Faces()))

    def PreviewMotion(
        self, request: motion_pb2.PreviewMotionRequest, context: Context
    ) -> motion_pb2.PreviewMotionResponse:
        with answering(context, "PreviewMotion"), self._parts.calls.one(_client(context)):
            return response_in(self._result("motion", request, context), motion_pb2.PreviewMotionResponse())

    def RenderPreviewFrame(
        self, request: preview_pb2.RenderPreviewFrameRequest, context: Context
    ) -> preview_pb2.RenderPreviewFrameResponse:
        with answering(context, "RenderPreviewFrame"), self._parts.calls.one(_client(context)):
            require_device(request.device, "device")
            for unused in ("output", "elements"):
                request.sync.ClearField(unused)
            return response_in(
                self._result("frame", request, context), preview_pb2.RenderPreviewFrameResponse()
            )

    def ScoreResult(
        self, request: score_pb2.ScoreResultRequest, context: Context
    ) -> Iterator[score_pb2.ScoreResultResponse]:
        with answering(context, "ScoreResult"), self._parts.calls.one(_client(context)):
            for event in self._call("score", request, context):
                if isinstance(event, JobProgress):
                    yield score_pb2.ScoreResultResponse(progress=progress_message(event))
                else:
                    yield score_pb2.ScoreResultResponse(score=response_in(event, score_pb2.Score()))

    def _call(
        self, kind: str, request: AnyMessage, context: Context
    ) -> Iterator[JobProgress | dict[str, Any]]:
        require_within_limits(request)
        payload = payload_of(with_real_paths(request, self._parts.roots))
        return call_events(self._parts.pool, kind, payload, context)

    def _result(self, kind: str, request: AnyMessage, context: Context) -> dict[str, Any]:
        *_, result = (event for event in self._call(kind, request, context) if isinstance(event, dict))
        return result

    def _message(self, job: Job) -> job_pb2.Job:
        return job_message(job, self._jobs_ahead(job))

    def _jobs_ahead(self, job: Job | None) -> int:
        is_waiting = job is not None and job.state is JobState.WAITING
        return self._parts.store.places().get(job.id, 0) if job is not None and is_waiting else 0


def _client(context: Context) -> str:
    return client_of(context.invocation_metadata())


def _short(job_id: str) -> str:
    return job_id[:40]
