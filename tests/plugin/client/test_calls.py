# SPDX-License-Identifier: Apache-2.0
"""Each call of the Python API against a daemon written by hand."""

from __future__ import annotations

import threading
import time
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from plosive_client import (
    Cancellation,
    Cancelled,
    Client,
    ClipRange,
    ConnectionLost,
    DaemonAbsent,
    ErrorCode,
    FrameRange,
    InvalidRequest,
    JobState,
    JobStateRefused,
    JobUnknown,
    KeyReused,
    NotAllowed,
    Output,
    PathMapping,
    PlateAudio,
    Progress,
    SyncRequest,
    TimedOut,
    VersionMismatch,
    Voice,
    connect,
)
from plosive_proto.v1 import job_pb2

CLIP = ClipRange("/here/a.%04d.exr", FrameRange(1001, 1100), Fraction(24000, 1001))
SYNC = SyncRequest(
    CLIP,
    (Voice("/here/dub.wav", dub_start_seconds=Fraction(-1, 24)),),
    Output("/here/out/a.####.exr", plate_audio=PlateAudio.MUTE),
)


def test_submit_carries_the_request(daemon: Any, client: Client) -> None:
    job = client.submit(SYNC, label="shot 10", priority=0, device="cuda:0")
    assert (job.state, job.label) == (JobState.WAITING, "shot 10")
    sent = daemon.requests[job.id]
    assert sent.sync.clip.sequence_rate.numerator == 24000
    assert sent.sync.clip.range.last_frame_inclusive == 1100
    assert sent.sync.voices[0].dub_start_seconds.numerator == -1
    assert not sent.sync.clip.HasField("handle_frames")
    assert sent.sync.output.WhichOneof("place") == "path"
    assert sent.sync.output.plate_audio == 2
    assert sent.HasField("priority") and sent.priority == 0
    assert len(sent.idempotency_key) == 32


def test_metadata_of_calls(daemon: Any, client: Client) -> None:
    client.generators()
    method, metadata = daemon.calls[-1]
    assert method == "ListGenerators"
    assert metadata["plosive-protocol"] == "1"
    assert metadata["plosive-client"] == "test"


def test_a_client_name_that_metadata_cannot_hold(daemon: Any) -> None:
    with connect(is_started=False, client_name="Nüke\n" + 80 * "x"):
        assert daemon.calls[-1][1]["plosive-client"] == ("N?ke?" + 80 * "x")[:64]


def test_jobs_come_over_pages(daemon: Any, client: Client) -> None:
    ids = [daemon.add_job(f"j{number}") for number in range(8)]
    assert [job.id for job in client.jobs()] == ids[::-1]
    assert [job.id for job in client.jobs(limit=4)] == ids[:3:-1]
    assert list(client.jobs(states=[JobState.DONE])) == []


def test_a_submit_whose_answer_was_lost_makes_one_job(daemon: Any, client: Client) -> None:
    daemon.drops_answers_of = ["SubmitJob", "SubmitJob"]
    job = client.submit(SYNC)
    assert list(daemon.jobs) == [job.id]


def test_a_key_of_another_request(client: Client) -> None:
    client.submit(SYNC, idempotency_key="k")
    with pytest.raises(KeyReused, match="Key is taken"):
        client.submit(SYNC, idempotency_key="k", label="other")


def test_cancel_retry_remove_log(daemon: Any, client: Client) -> None:
    job_id = client.submit(SYNC).id
    assert client.cancel(job_id).state is JobState.CANCELLED
    assert client.retry(job_id).state is JobState.WAITING
    with pytest.raises(JobStateRefused):
        client.retry(job_id)
    assert client.log(job_id, last_lines=2) == ("two", "three")
    client.remove(job_id)
    with pytest.raises(JobUnknown, match="There is no job") as caught:
        client.job(job_id)
    assert caught.value.detail.code is ErrorCode.JOB_UNKNOWN


def test_answers_that_were_lost_after_the_work(daemon: Any, client: Client) -> None:
    job_id = client.submit(SYNC).id
    client.cancel(job_id)
    daemon.drops_answers_of = ["RetryJob"]
    assert client.retry(job_id).state is JobState.WAITING
    daemon.drops_answers_of = ["RemoveJob"]
    client.remove(job_id)
    with pytest.raises(JobUnknown):
        client.remove(job_id)


def test_interactive_calls(daemon: Any, client: Client) -> None:
    told: list[Progress] = []
    faces = client.faces(CLIP, on_progress=told.append)
    assert (faces.people[0].name, faces.people[0].thumbnail_jpeg, faces.width) == ("Ada", b"\xff\xd8", 640)
    assert [progress.frames_done for progress in told] == [0, 1, 2]
    motion = client.preview_motion(CLIP, SYNC.voices[0])
    assert (motion.phones[0].symbol, motion.curves[0].values) == ("p", (0.0, 0.5))
    assert client.preview_frame(SYNC, 1050).is_synced
    assert client.score("/here/out.mov").total == 4.5


def test_a_stream_of_progress_is_begun_anew(daemon: Any, client: Client) -> None:
    daemon.drops_answers_of = ["AnalyzeFaces"]
    assert client.faces(CLIP).people[0].number == 1


def test_only_unavailable_is_tried_again(daemon: Any, client: Client) -> None:
    daemon.unavailable_calls = 3
    client.info()
    before = len(daemon.calls)
    with pytest.raises(JobUnknown):
        client.job("nobody")
    assert len(daemon.calls) == before + 1


def test_away_for_too_long(daemon: Any, client: Client) -> None:
    daemon.unavailable_calls = 1000
    begun = time.monotonic()
    with pytest.raises(ConnectionLost, match=r"Going down\."):
        client.info(timeout_seconds=0.6)
    assert 0.2 < time.monotonic() - begun < 2.0


def test_late_answers(daemon: Any, client: Client) -> None:
    daemon.answer_seconds = 1.0
    with pytest.raises(TimedOut, match="in time"):
        client.info(timeout_seconds=0.2)


def test_a_call_is_cancelled_from_another_thread(daemon: Any, client: Client) -> None:
    daemon.answer_seconds = 1.5
    stop = Cancellation()
    threading.Timer(0.2, stop.cancel).start()
    begun = time.monotonic()
    with pytest.raises(Cancelled):
        client.faces(CLIP, cancellation=stop)
    assert time.monotonic() - begun < 1.0
    with pytest.raises(Cancelled):
        client.preview_frame(SYNC, 1, cancellation=stop)


def test_values_that_do_not_fit(client: Client) -> None:
    with pytest.raises(InvalidRequest) as caught:
        client.submit(SyncRequest(ClipRange("/a"), (Voice("/b", dub_channel=-1),), Output("/c")))
    assert caught.value.field == "sync.voices[0].dub_channel"
    with pytest.raises(InvalidRequest, match="range"):
        client.submit(SyncRequest(ClipRange("/a", range=(1, 2)), (), Output("/c")))  # type: ignore[arg-type]
    with pytest.raises(InvalidRequest):
        client.log("x", last_lines=-1)


@pytest.mark.parametrize(("major", "who"), [(2, "update the client"), (0, "update Plosive where the daemon")])
def test_another_major_version(daemon: Any, major: int, who: str) -> None:
    daemon.major = major
    with pytest.raises(VersionMismatch, match=who):
        connect(is_started=False)


def test_a_wrong_token(daemon: Any) -> None:
    (daemon.folder / "token").write_text("wrong")
    with pytest.raises(NotAllowed):
        connect(is_started=False, start_seconds=2.0)


def test_nobody_there(tmp_path: Path) -> None:
    with pytest.raises(DaemonAbsent, match="plosive serve"):
        connect(state_folder=tmp_path / "none", is_started=False)
    assert not (tmp_path / "none").exists()


def test_a_dead_daemons_address_is_not_shown_the_token(daemon: Any, fake_daemon_module: Any) -> None:
    told = (daemon.folder / "daemon.json").read_text()
    daemon.stop()
    other = fake_daemon_module.FakeDaemon(daemon.folder.parent / "other")
    other.start()
    (daemon.folder / "daemon.json").write_text((other.folder / "daemon.json").read_text())
    assert told
    with pytest.raises(DaemonAbsent):
        connect(is_started=False)
    assert other.calls == []
    other.stop()


def test_a_daemon_that_does_not_serve_yet(daemon: Any) -> None:
    daemon.is_serving = False
    with pytest.raises(ConnectionLost, match="does not serve yet"):
        connect(is_started=False, start_seconds=0.5)
    threading.Timer(0.3, lambda: setattr(daemon, "is_serving", True)).start()
    connect(is_started=False, start_seconds=5.0).close()


def test_calls_find_a_daemon_that_came_back_elsewhere(daemon: Any, client: Client) -> None:
    daemon.stop()
    daemon.token = "u" * 43
    threading.Timer(0.3, daemon.start).start()
    assert client.info(timeout_seconds=10.0).plosive_version == "0.1.0"


def test_another_machine_wants_tls() -> None:
    with pytest.raises(InvalidRequest, match="TLS"):
        connect(address="render1:50051", token="t")


def test_paths_are_mapped_both_ways(daemon: Any) -> None:
    mapping = PathMapping((("/here", "/there"),))
    with connect(is_started=False, path_mapping=mapping) as client:
        job = client.submit(SYNC)
        assert daemon.requests[job.id].sync.clip.media_path == "/there/a.%04d.exr"
        assert daemon.requests[job.id].sync.output.path == "/there/out/a.####.exr"
        result = job_pb2.JobResult(out_path="/there/out/a.####.exr")
        daemon.tell_state(job.id, job_pb2.JOB_STATE_DONE, result=result)
        done = client.job(job.id)
        assert done.result is not None and done.result.out_path == "/here/out/a.####.exr"
        assert client.info().read_roots == ("/here",)
        assert client.score("/here/x.mov").reasons == ("/there/x.mov",)


def test_closed(client: Client) -> None:
    client.close()
    client.close()
    with pytest.raises(Cancelled, match="closed"):
        client.info()
