# SPDX-License-Identifier: Apache-2.0
"""Every RPC as a client sees it."""

from __future__ import annotations

import threading
import time
from typing import Any

import grpc

from plosive.errors import FaceError
from plosive_daemon.job import JobError, JobProgress, JobResult
from plosive_daemon.service.errors import CallFailed
from plosive_proto.v1 import errors_pb2, faces_pb2, info_pb2, job_pb2, motion_pb2, preview_pb2, score_pb2


def submitted(running: Any, **more: Any) -> job_pb2.Job:
    return running.call("SubmitJob", running.job_request(**more)).job


def test_info(running: Any) -> None:
    running.parts.info.look(running.pool)
    submitted(running)
    info = running.call("GetInfo", info_pb2.GetInfoRequest())
    assert (info.protocol_major, info.jobs_waiting, info.jobs_running) == (1, 1, 0)
    assert [device.name for device in info.devices] == ["cpu"]
    assert list(info.read_roots) == [str(running.folder / "media"), str(running.folder / "out")]
    assert info.limits.watchers == 20 and list(info.warnings) == ["told at start"]


def test_a_job_from_submission_to_its_end(running: Any) -> None:
    request = running.job_request(label="shot 10", priority=70, idempotency_key="k1")
    answer = running.call("SubmitJob", request)
    assert (answer.existed, answer.job.state) == (False, job_pb2.JOB_STATE_WAITING)
    assert (answer.job.client, answer.job.priority, answer.job.label) == ("tests", 70, "shot 10")
    again = running.call("SubmitJob", request)
    assert again.existed and again.job.id == answer.job.id

    got = running.call("GetJob", job_pb2.GetJobRequest(job_id=answer.job.id))
    assert got.request == request
    running.store.take("cpu")
    running.store.put_progress(answer.job.id, JobProgress(stage="render", frames_done=4, frames_total=8))
    running.store.add_warning(answer.job.id, "The dub is longer.")
    running.store.finish(
        answer.job.id, JobResult("/out/x.mov", frames_total=8, frames_synced=7, score=4.5, notes=("n",))
    )
    job = running.call("GetJob", job_pb2.GetJobRequest(job_id=answer.job.id)).job
    assert job.state == job_pb2.JOB_STATE_DONE and job.attempts == 1
    assert (job.result.out_path, job.result.frames_synced, job.result.score) == ("/out/x.mov", 7, 4.5)
    assert list(job.warnings) == ["The dub is longer."] and job.progress.frames_done == 4
    assert not job.HasField("error")


def test_another_request_with_the_same_key(running: Any) -> None:
    running.call("SubmitJob", running.job_request(idempotency_key="k"))
    status, detail = running.refused("SubmitJob", running.job_request(idempotency_key="k", label="other"))
    assert status is grpc.StatusCode.ALREADY_EXISTS
    assert detail.code == errors_pb2.ERROR_CODE_KEY_REUSED and "new key" in detail.sentence


def test_a_key_is_known_again_though_the_media_is_gone(running: Any) -> None:
    request = running.job_request(idempotency_key="k")
    first = running.call("SubmitJob", request)
    (running.folder / "media" / "plate.mov").unlink()
    assert running.call("SubmitJob", request).job.id == first.job.id


def test_versions_are_found_and_promised(running: Any) -> None:
    (running.folder / "out" / "shot_de_v004.exr").write_bytes(b"")

    def versioned(key: str = "") -> Any:
        request = running.job_request(idempotency_key=key)
        request.sync.output.versioned.folder_path = str(running.folder / "out")
        request.sync.output.versioned.stem = "shot_de"
        request.sync.output.versioned.found_path = "/etc/passwd"
        return request

    found = []
    for key in ("a", "b", "a"):
        job = running.call("SubmitJob", versioned(key)).job
        stored = running.call("GetJob", job_pb2.GetJobRequest(job_id=job.id)).request
        found.append(stored.sync.output.versioned.found_path)
    assert [path.rpartition("/")[2] for path in found] == [
        "shot_de_v005.mov", "shot_de_v006.mov", "shot_de_v005.mov"
    ]  # fmt: skip
    for job in running.call("ListJobs", job_pb2.ListJobsRequest()).jobs:
        running.call("CancelJob", job_pb2.CancelJobRequest(job_id=job.id))
    job = running.call("SubmitJob", versioned()).job
    stored = running.call("GetJob", job_pb2.GetJobRequest(job_id=job.id)).request
    assert stored.sync.output.versioned.found_path.endswith("shot_de_v005.mov")


def test_ten_clients_with_one_key_make_one_job(running: Any) -> None:
    request = running.job_request(idempotency_key="same")
    request.sync.output.versioned.folder_path = str(running.folder / "out")
    request.sync.output.versioned.stem = "shot"
    ids: list[str] = []
    threads = [
        threading.Thread(target=lambda: ids.append(running.call("SubmitJob", request).job.id))
        for _ in range(10)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ids) == 10 and len(set(ids)) == 1


def test_lists_in_pages(running: Any) -> None:
    ids = [submitted(running).id for _ in range(5)]
    first = running.call("ListJobs", job_pb2.ListJobsRequest(page_size=3))
    second = running.call("ListJobs", job_pb2.ListJobsRequest(page_size=3, page_token=first.next_page_token))
    assert [job.id for job in (*first.jobs, *second.jobs)] == ids[::-1] and not second.next_page_token
    assert [job.jobs_ahead for job in first.jobs] == [4, 3, 2]
    assert not running.call("ListJobs", job_pb2.ListJobsRequest(client="nobody")).jobs
    waiting = job_pb2.ListJobsRequest(states=[job_pb2.JOB_STATE_WAITING], client="tests")
    assert len(running.call("ListJobs", waiting).jobs) == 5
    for bad in (job_pb2.ListJobsRequest(states=[99]), job_pb2.ListJobsRequest(page_token="x; DROP TABLE")):
        assert running.refused("ListJobs", bad)[0] is grpc.StatusCode.INVALID_ARGUMENT


def test_watching_from_the_whole_state_to_the_end(running: Any) -> None:
    job_id = submitted(running).id
    stream = running.call("WatchJob", job_pb2.WatchJobRequest(job_id=job_id))
    first = next(stream)
    assert first.job.state == job_pb2.JOB_STATE_WAITING
    running.store.take("cpu")
    assert next(stream).job.state == job_pb2.JOB_STATE_RUNNING
    running.store.put_progress(job_id, JobProgress(stage="render", frames_done=1, frames_total=2))
    told = next(stream)
    assert told.progress.frames_done == 1
    running.store.add_warning(job_id, "Something.")
    assert next(stream).warning == "Something."
    running.store.finish(job_id, JobResult("/out/x.mov"))
    assert [message.job.state for message in stream] == [job_pb2.JOB_STATE_DONE]

    resumed = list(
        running.call("WatchJob", job_pb2.WatchJobRequest(job_id=job_id, after_sequence=told.sequence))
    )
    assert resumed[0].warning == "Something." and resumed[-1].job.state == job_pb2.JOB_STATE_DONE
    last = resumed[-1].sequence
    assert not list(running.call("WatchJob", job_pb2.WatchJobRequest(job_id=job_id, after_sequence=last)))


def test_watching_what_is_not_there(running: Any) -> None:
    status, detail = running.refused("WatchJob", job_pb2.WatchJobRequest(job_id="no such"))
    assert (status, detail.code) == (grpc.StatusCode.NOT_FOUND, errors_pb2.ERROR_CODE_JOB_UNKNOWN)


def test_a_removed_job_ends_its_stream(running: Any) -> None:
    job_id = submitted(running).id
    running.call("CancelJob", job_pb2.CancelJobRequest(job_id=job_id))
    running.call("RemoveJob", job_pb2.RemoveJobRequest(job_id=job_id))
    assert running.logs.removed == [job_id]
    assert running.refused("GetJob", job_pb2.GetJobRequest(job_id=job_id))[0] is grpc.StatusCode.NOT_FOUND


def test_too_many_streams(running: Any) -> None:
    job_id = submitted(running).id
    streams = [running.call("WatchJob", job_pb2.WatchJobRequest(job_id=job_id)) for _ in range(18)]
    for stream in streams:
        next(stream)
    status, detail = running.refused("WatchJob", job_pb2.WatchJobRequest(job_id=job_id))
    assert status is grpc.StatusCode.RESOURCE_EXHAUSTED and detail.is_retryable
    assert detail.code == errors_pb2.ERROR_CODE_BUSY
    others = tuple(item for item in running.metadata if item[0] != "plosive-client")
    stream = running.call(
        "WatchJob", job_pb2.WatchJobRequest(job_id=job_id), (*others, ("plosive-client", "b"))
    )
    assert next(stream).job.id == job_id  # another client still gets one
    running.call("CancelJob", job_pb2.CancelJobRequest(job_id=job_id))
    assert all(list(stream)[-1].job.state == job_pb2.JOB_STATE_CANCELLED for stream in streams)
    deadline = time.monotonic() + 5
    while running.parts.streams.count and time.monotonic() < deadline:
        time.sleep(0.01)
    assert running.parts.streams.count == 0


def test_streams_end_when_the_daemon_goes(running: Any) -> None:
    stream = running.call("WatchJob", job_pb2.WatchJobRequest(job_id=submitted(running).id))
    next(stream)
    running.store.close()
    try:
        next(stream)
    except grpc.RpcError as error:
        detail = errors_pb2.ErrorDetail.FromString(dict(error.trailing_metadata())["plosive-error-bin"])
        assert error.code() is grpc.StatusCode.UNAVAILABLE
        assert detail.code == errors_pb2.ERROR_CODE_SHUTTING_DOWN and detail.is_retryable
    else:
        raise AssertionError("the stream went on")


def test_cancel_and_retry(running: Any) -> None:
    job_id = submitted(running).id
    running.store.take("cpu")
    assert running.refused("RetryJob", job_pb2.RetryJobRequest(job_id=job_id))[1].code == (
        errors_pb2.ERROR_CODE_JOB_STATE
    )
    running.call("CancelJob", job_pb2.CancelJobRequest(job_id=job_id))
    assert running.pool.cancelled_jobs == [job_id]
    running.store.fail(job_id, JobError("CANCELLED", "Stopped."))
    job = running.call("RetryJob", job_pb2.RetryJobRequest(job_id=job_id)).job
    assert (job.state, job.attempts) == (job_pb2.JOB_STATE_WAITING, 0)
    running.store.take("cpu")
    running.store.fail(job_id, JobError("DISK_FULL", "The disk is full.", is_retryable=True))
    job = running.call("GetJob", job_pb2.GetJobRequest(job_id=job_id)).job
    assert job.error.code == errors_pb2.ERROR_CODE_DISK_FULL and job.error.job_id == job_id


def test_the_log_of_a_job(running: Any) -> None:
    job_id = submitted(running).id
    lines = running.call("GetJobLog", job_pb2.GetJobLogRequest(job_id=job_id, last_lines=2)).lines
    assert list(lines) == [f"{job_id} line 3", f"{job_id} line 4"]
    status, _ = running.refused("GetJobLog", job_pb2.GetJobLogRequest(job_id="../../etc/passwd"))
    assert status is grpc.StatusCode.NOT_FOUND  # a name that is no job's never reaches a path


def test_interactive_requests(running: Any) -> None:
    media, dub = (str(running.folder / "media" / name) for name in ("plate.mov", "dub.wav"))
    running.pool.answers |= {
        "faces": {"width": 1920, "people": [{"number": 1, "name": "Anna"}]},
        "motion": {"language": "de", "curves": [{"name": "jaw", "values": [0.5]}]},
        "frame": {"is_synced": True, "width": 960, "image_jpeg": "/9j/"},
        "score": {"total": 4.25},
        "generators": {"generators": [{"name": "plate"}]},
    }
    faces = list(running.call("AnalyzeFaces", faces_pb2.AnalyzeFacesRequest(clip={"media_path": media})))
    assert faces[-1].faces.people[0].name == "Anna"
    request = motion_pb2.PreviewMotionRequest(clip={"media_path": media}, voice={"dub_path": dub})
    assert running.call("PreviewMotion", request).curves[0].values == [0.5]
    frame = preview_pb2.RenderPreviewFrameRequest(sync=running.job_request().sync, frame=3)
    frame.sync.output.path = "/no/such/folder/x.mov"  # of no use here
    assert running.call("RenderPreviewFrame", frame).image_jpeg == b"\xff\xd8\xff"
    score = list(running.call("ScoreResult", score_pb2.ScoreResultRequest(result_path=media)))
    assert score[-1].score.total == 4.25
    assert running.call("ListGenerators", info_pb2.ListGeneratorsRequest()).generators[0].name == "plate"
    assert [kind for kind, _ in running.pool.asked] == ["faces", "motion", "frame", "score", "generators"]


def test_failures_of_workers_are_told(running: Any) -> None:
    request = faces_pb2.AnalyzeFacesRequest(clip={"media_path": str(running.folder / "media" / "plate.mov")})
    running.pool.answers["faces"] = FaceError("There is no face.")
    status, detail = running.refused("AnalyzeFaces", request)
    assert (detail.code, detail.sentence) == (errors_pb2.ERROR_CODE_FACE, "There is no face.")
    running.pool.answers["faces"] = CallFailed(JobError("WORKER_DIED", "The worker died.", is_retryable=True))
    status, detail = running.refused("AnalyzeFaces", request)
    assert (status, detail.is_retryable) == (grpc.StatusCode.ABORTED, True)
    running.pool.answers["faces"] = ValueError("secret of ours")
    status, detail = running.refused("AnalyzeFaces", request)
    assert detail.code == errors_pb2.ERROR_CODE_INTERNAL and "secret" not in detail.sentence
    running.pool.answers["faces"] = {"no_such_field": 1}
    assert running.refused("AnalyzeFaces", request)[1].code == errors_pb2.ERROR_CODE_INTERNAL


def test_a_client_that_goes_cancels_its_request(running: Any) -> None:
    running.pool.answers["faces"] = "wait"
    request = faces_pb2.AnalyzeFacesRequest(clip={"media_path": str(running.folder / "media" / "plate.mov")})
    stream = running.call("AnalyzeFaces", request)
    assert next(stream).progress.frames_total == 9
    stream.cancel()
    assert running.pool.cancelled_calls.wait(5)
    names = [thread.name for thread in threading.enumerate()]
    deadline = time.monotonic() + 5
    while "plosive-faces" in names and time.monotonic() < deadline:
        time.sleep(0.02)
        names = [thread.name for thread in threading.enumerate()]
    assert "plosive-faces" not in names
