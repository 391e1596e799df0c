# SPDX-License-Identifier: Apache-2.0
"""The Python API: what can be asked of a daemon."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from types import TracebackType
from typing import Any, TypeVar

from plosive_client.cancellation import Cancellation
from plosive_client.clip import ClipRange, FrameRange, Voice
from plosive_client.conform import ConformRequest
from plosive_client.connection import Connection
from plosive_client.errors import DaemonDefect, JobStateRefused, JobUnknown
from plosive_client.faces import Faces
from plosive_client.info import DaemonInfo, GeneratorInfo
from plosive_client.job import Job, JobRequest, JobState, Progress, WatchEvent
from plosive_client.messages import fill, message_of, read
from plosive_client.motion import MotionPreview
from plosive_client.preview import PreviewFrame
from plosive_client.score import Score
from plosive_client.sync import Style, SyncRequest
from plosive_client.versions import require_same_major
from plosive_client.watching import watch_job
from plosive_proto.v1 import conform_pb2, faces_pb2, info_pb2, job_pb2, motion_pb2, preview_pb2, score_pb2

__all__ = ["Client"]

T = TypeVar("T")
_PAGE_JOBS = 500
_CALL_SECONDS = 30.0
_WORK_SECONDS = 600.0


class Client:
    """Made by `connect`; a context manager; may be used from several threads.

    Every method raises PlosiveClientError subclasses: the daemon's own code, sentence and field,
    ConnectionLost where it could not be reached within the call's seconds, TimedOut where it did not answer
    in them, Cancelled. Paths are this machine's; the path mapping carries them over and back.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._mapping = connection.options.path_mapping

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def name(self) -> str:
        """As the daemon was told."""
        return self._connection.options.client_name

    def open(self) -> None:
        """`connect` has done it. Raises as `connect`."""
        self._connection.open()
        require_same_major(self.info())

    def close(self) -> None:
        """Calls of other threads end with Cancelled; jobs go on in the daemon."""
        self._connection.close()

    def info(self, *, timeout_seconds: float = _CALL_SECONDS) -> DaemonInfo:
        """Versions, devices, roots and limits of the daemon."""
        answer = self._connection.call("GetInfo", info_pb2.GetInfoRequest(), timeout_seconds=timeout_seconds)
        return self._read(DaemonInfo, answer)

    def generators(self, *, timeout_seconds: float = _CALL_SECONDS) -> tuple[GeneratorInfo, ...]:
        """What can make mouths there."""
        answer = self._connection.call(
            "ListGenerators", info_pb2.ListGeneratorsRequest(), timeout_seconds=timeout_seconds
        )
        return tuple(self._read(GeneratorInfo, each) for each in answer.generators)

    def submit(
        self,
        sync: SyncRequest,
        *,
        label: str = "",
        priority: int | None = None,
        idempotency_key: str = "",
        device: str = "",
        timeout_seconds: float = _CALL_SECONDS,
    ) -> Job:
        """Put a job into the queue. The same `idempotency_key` with the same request gives the same job;
        without one a fresh one is used, so that a try which broke can be repeated without a second job.
        """
        wanted = JobRequest(sync, label, priority, idempotency_key or secrets.token_hex(16), device)
        message = job_pb2.SubmitJobRequest()
        fill(message, wanted, self._mapping.to_daemon)
        answer = self._connection.call("SubmitJob", message, timeout_seconds=timeout_seconds)
        return self._read(Job, answer.job)

    def conform(self, wanted: ConformRequest, *, timeout_seconds: float = _CALL_SECONDS) -> Job:
        """Put a conform into the queue, as one job. Keys are as those of `submit`."""
        keyed = replace(wanted, idempotency_key=wanted.idempotency_key or secrets.token_hex(16))
        message = conform_pb2.ConformRequest()
        fill(message, keyed, self._mapping.to_daemon)
        answer = self._connection.call("Conform", message, timeout_seconds=timeout_seconds)
        return self._read(Job, answer.job)

    def job(self, job_id: str, *, timeout_seconds: float = _CALL_SECONDS) -> Job:
        """One job as it stands."""
        return self._about("GetJob", message_of(job_pb2.GetJobRequest, job_id=job_id), timeout_seconds)

    def jobs(
        self,
        *,
        states: Iterable[JobState] = (),
        client_name: str = "",
        limit: int | None = None,
        timeout_seconds: float = _CALL_SECONDS,
    ) -> Iterator[Job]:
        """Jobs, newest first, fetched a page at a time: all, or those in `states` and of `client_name`."""
        numbers = [job_pb2.JobState.Value(f"JOB_STATE_{state.name}") for state in states]
        left = limit
        token = ""
        while left is None or left > 0:
            size = _PAGE_JOBS if left is None else min(left, _PAGE_JOBS)
            request = message_of(
                job_pb2.ListJobsRequest, states=numbers, client=client_name, page_size=size, page_token=token
            )
            answer = self._connection.call("ListJobs", request, timeout_seconds=timeout_seconds)
            for each in list(answer.jobs)[:left]:
                yield self._read(Job, each)
            left = None if left is None else left - len(answer.jobs)
            token = answer.next_page_token
            if not token:
                return

    def watch(
        self, job_id: str, *, after_sequence: int = 0, cancellation: Cancellation | None = None
    ) -> Iterator[WatchEvent]:
        """A job's events until it has ended: its whole state first, or what came after `after_sequence` (the
        `sequence` of an event seen before). Streams that break, and daemons that restart, are taken up again:
        no event is lost and none comes twice. Raises ConnectionLost where the daemon stays away.
        """
        return watch_job(self._connection, job_id, after_sequence, cancellation)

    def cancel(self, job_id: str, *, timeout_seconds: float = _CALL_SECONDS) -> Job:
        """Stop a job that waits or runs; one that has ended stays as it is."""
        return self._about("CancelJob", message_of(job_pb2.CancelJobRequest, job_id=job_id), timeout_seconds)

    def retry(self, job_id: str, *, timeout_seconds: float = _CALL_SECONDS) -> Job:
        """Put a failed or cancelled job into the queue again. Raises JobStateRefused for others."""
        try:
            return self._about(
                "RetryJob", message_of(job_pb2.RetryJobRequest, job_id=job_id), timeout_seconds
            )
        except JobStateRefused as error:
            job = self.job(job_id, timeout_seconds=timeout_seconds) if error.broken_tries else None
            if job is None or job.state.is_ended:
                raise
            return job  # the try that broke had done it

    def remove(self, job_id: str, *, timeout_seconds: float = _CALL_SECONDS) -> None:
        """Forget an ended job: its entry, log and scratch files. Results stay."""
        request = message_of(job_pb2.RemoveJobRequest, job_id=job_id)
        try:
            self._connection.call("RemoveJob", request, timeout_seconds=timeout_seconds)
        except JobUnknown as error:
            if not error.broken_tries:
                raise

    def log(
        self, job_id: str, *, last_lines: int = 200, timeout_seconds: float = _CALL_SECONDS
    ) -> tuple[str, ...]:
        """The last lines (1 to 10000) of a job's log."""
        request = message_of(job_pb2.GetJobLogRequest, job_id=job_id, last_lines=last_lines)
        answer = self._connection.call("GetJobLog", request, timeout_seconds=timeout_seconds)
        return tuple(answer.lines)

    def faces(
        self,
        clip: ClipRange,
        *,
        cast_path: str = "",
        on_progress: Callable[[Progress], None] | None = None,
        timeout_seconds: float = _WORK_SECONDS,
        cancellation: Cancellation | None = None,
    ) -> Faces:
        """Who is in a clip."""
        request = message_of(faces_pb2.AnalyzeFacesRequest, cast_path=self._mapping.to_daemon(cast_path))
        fill(request.clip, clip, self._mapping.to_daemon, "clip")
        return self._streamed(
            "AnalyzeFaces", request, "faces", Faces, on_progress, timeout_seconds, cancellation
        )

    def preview_motion(
        self,
        clip: ClipRange,
        voice: Voice,
        *,
        style: Style | None = None,
        timeout_seconds: float = _WORK_SECONDS,
        cancellation: Cancellation | None = None,
    ) -> MotionPreview:
        """The mouth motion that a dub will give."""
        request = motion_pb2.PreviewMotionRequest()
        fill(request.clip, clip, self._mapping.to_daemon, "clip")
        fill(request.voice, voice, self._mapping.to_daemon, "voice")
        if style is not None:
            fill(request.style, style, self._mapping.to_daemon, "style")
        answer = self._connection.call(
            "PreviewMotion", request, timeout_seconds=timeout_seconds, cancellation=cancellation
        )
        return self._read(MotionPreview, answer)

    def preview_frame(
        self,
        sync: SyncRequest,
        frame: int,
        *,
        largest_side_pixels: int = 0,
        device: str = "",
        timeout_seconds: float = _WORK_SECONDS,
        cancellation: Cancellation | None = None,
    ) -> PreviewFrame:
        """One synced frame (in the media's own numbers), its longer side 64 to 2048 pixels, 0: 960."""
        request = message_of(
            preview_pb2.RenderPreviewFrameRequest,
            frame=frame,
            largest_side_pixels=largest_side_pixels,
            device=device,
        )
        fill(request.sync, sync, self._mapping.to_daemon, "sync")
        answer = self._connection.call(
            "RenderPreviewFrame", request, timeout_seconds=timeout_seconds, cancellation=cancellation
        )
        return self._read(PreviewFrame, answer)

    def score(
        self,
        result_path: str,
        *,
        voice: Voice | None = None,
        plate_path: str = "",
        plate_range: FrameRange | None = None,
        report_path: str = "",
        on_progress: Callable[[Progress], None] | None = None,
        timeout_seconds: float = _WORK_SECONDS,
        cancellation: Cancellation | None = None,
    ) -> Score:
        """The score of any synced video; `report_path` (.html) is where the report goes, if anywhere.
        `plate_range` is what of the plate the result holds, None for all.
        """
        request = message_of(
            score_pb2.ScoreResultRequest,
            result_path=self._mapping.to_daemon(result_path),
            plate_path=self._mapping.to_daemon(plate_path),
            report_path=self._mapping.to_daemon(report_path),
        )
        if voice is not None:
            fill(request.voice, voice, self._mapping.to_daemon, "voice")
        if plate_range is not None:
            request.plate_range.SetInParent()
            fill(request.plate_range, plate_range, place="plate_range")
        return self._streamed(
            "ScoreResult", request, "score", Score, on_progress, timeout_seconds, cancellation
        )

    def _streamed(
        self,
        method: str,
        request: Any,
        answer_field: str,
        answer_class: type[T],
        on_progress: Callable[[Progress], None] | None,
        timeout_seconds: float,
        cancellation: Cancellation | None,
    ) -> T:
        answers: list[T] = []

        def take(message: Any) -> None:
            if message.HasField(answer_field):
                answers.append(self._read(answer_class, getattr(message, answer_field)))
            elif message.HasField("progress") and on_progress is not None:
                on_progress(self._read(Progress, message.progress))

        self._connection.read_all(
            method, request, timeout_seconds=timeout_seconds, on_message=take, cancellation=cancellation
        )
        if not answers:
            raise DaemonDefect(
                "The Plosive daemon ended its answer before it was whole; its log has the reason."
            )
        return answers[-1]

    def _about(self, method: str, request: Any, timeout_seconds: float) -> Job:
        answer = self._connection.call(method, request, timeout_seconds=timeout_seconds)
        return self._read(Job, answer.job)

    def _read(self, cls: type[T], message: Any) -> T:
        return read(cls, message, self._mapping.to_here)
