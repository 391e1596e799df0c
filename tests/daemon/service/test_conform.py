# SPDX-License-Identifier: Apache-2.0
"""Conform as a client sees it: checked, stored as one job of its kind, told with its shots."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import grpc
import pytest

from plosive_daemon.job import (
    ConformedEdit,
    ConformedShot,
    ConformResult,
    JobKind,
    JobProgress,
    JobResult,
    ReelProgress,
)
from plosive_daemon.service.conform_conversion import conform_options_of
from plosive_daemon.service.errors import InvalidRequest
from plosive_proto.v1 import conform_pb2, errors_pb2, job_pb2


def wanted(folder: Path, **more: Any) -> conform_pb2.ConformRequest:
    (folder / "media" / "reel.otio").touch()
    given = {
        "edit_path": str(folder / "media" / "reel.otio"),
        "out_folder_path": str(folder / "out" / "new" / "reel"),
        "dubs": [{"language": "de", "dub_path": str(folder / "media" / "dub.wav")}],
    }
    return conform_pb2.ConformRequest(**{**given, **more})


def made() -> JobResult:
    shots = (
        ConformedShot(1, "sh010", "de", "synced", out_path="/out/de/1.mov"),
        ConformedShot(2, "sh020", "de", "left_alone", "Nobody speaks in it."),
        ConformedShot(3, "sh030", "de", "failed", "It is damaged."),
        ConformedShot(4, "sh040", "de", "taken_up", out_path="/out/de/4.mov"),
    )
    edit = ConformedEdit("de", "/out/r.otio", ("/out/r.edl",), "/out/r.html", "/out/r.json")
    return JobResult("/out/r.otio", conform=ConformResult((edit,), shots, 2, 1, 1, 1))


def test_a_conform_from_submission_to_its_end(running: Any) -> None:
    request = wanted(running.folder, label="reel 1", priority=0, idempotency_key="k")
    answer = running.call("Conform", request)
    assert (answer.existed, answer.job.state) == (False, job_pb2.JOB_STATE_WAITING)
    assert (answer.job.label, answer.job.priority, answer.job.client) == ("reel 1", 0, "tests")
    assert running.call("Conform", request).existed
    got = running.call("GetJob", job_pb2.GetJobRequest(job_id=answer.job.id))
    assert got.conform == request and not got.HasField("request")
    taken = running.store.take("cpu")
    assert (taken.kind, taken.request) == (JobKind.CONFORM, request.SerializeToString(deterministic=True))
    reel: Any = {"render": 2, "renders_total": 3, "shot_number": 4, "shot_name": "sh040", "frames_total": 9}
    running.store.put_progress(answer.job.id, JobProgress("2/3 render", 1, 4, reel=ReelProgress(**reel)))
    shown = running.call("GetJob", job_pb2.GetJobRequest(job_id=answer.job.id)).job.progress
    assert shown.reel == job_pb2.ReelProgress(**reel) and shown.stage == "2/3 render"
    running.store.finish(answer.job.id, made())

    job = running.call("GetJob", job_pb2.GetJobRequest(job_id=answer.job.id)).job
    told = job.result.conform
    assert [conform_pb2.ShotState.Name(shot.state) for shot in told.shots] == [
        f"SHOT_STATE_{name}" for name in ("SYNCED", "LEFT_ALONE", "FAILED", "TAKEN_UP")
    ]
    assert [shot.reason for shot in told.shots][1:3] == ["Nobody speaks in it.", "It is damaged."]
    assert (told.edits[0].edit_path, list(told.edits[0].extra_paths)) == ("/out/r.otio", ["/out/r.edl"])
    counts = (told.shots_synced, told.shots_taken_up, told.shots_left_alone, told.shots_failed)
    assert counts == (2, 1, 1, 1)
    (listed,) = running.call("ListJobs", job_pb2.ListJobsRequest()).jobs
    assert not listed.result.conform.shots and listed.result.conform.shots_synced == 2
    watched = list(running.call("WatchJob", job_pb2.WatchJobRequest(job_id=answer.job.id)))
    assert watched[-1].job.result.conform == told


def test_kinds_of_jobs_have_one_queue_and_one_set_of_keys(running: Any) -> None:
    running.call("Conform", wanted(running.folder, idempotency_key="k"))
    status, detail = running.refused("SubmitJob", running.job_request(idempotency_key="k"))
    assert (status, detail.code) == (grpc.StatusCode.ALREADY_EXISTS, errors_pb2.ERROR_CODE_KEY_REUSED)
    running.call("SubmitJob", running.job_request(idempotency_key="s"))
    for more in ({"idempotency_key": "s"}, {"idempotency_key": "k", "seed": 3}):
        status, detail = running.refused("Conform", wanted(running.folder, **more))
        assert detail.code == errors_pb2.ERROR_CODE_KEY_REUSED
    versioned = running.job_request()
    versioned.sync.output.versioned.folder_path = str(running.folder / "out")
    versioned.sync.output.versioned.stem = "a"
    ahead = running.call("SubmitJob", versioned).job.jobs_ahead
    assert ahead == 1, "the clip of the same client, not its reel"


def test_a_key_is_known_again_though_the_edit_is_gone(running: Any) -> None:
    request = wanted(running.folder, idempotency_key="k")
    first = running.call("Conform", request).job.id
    (running.folder / "media" / "reel.otio").unlink()
    assert running.call("Conform", request).job.id == first


@pytest.mark.parametrize(
    ("more", "code", "field"),
    [
        ({"edit_path": "/etc/passwd"}, "PATH_REFUSED", "edit_path"),
        ({"edit_path": "{out}/../secret/reel.otio"}, "PATH_REFUSED", "edit_path"),
        ({"edit_path": "{media}/none.otio"}, "MEDIA_READ", ""),
        ({"edit_path": ""}, "INVALID_REQUEST", "edit_path"),
        ({"out_folder_path": "{media}/made"}, "PATH_REFUSED", "out_folder_path"),
        ({"out_folder_path": ""}, "INVALID_REQUEST", "out_folder_path"),
        ({"dubs": [{"language": "de", "dub_path": "/etc/passwd"}]}, "PATH_REFUSED", "dubs[0].dub_path"),
        ({"media_folder_paths": ["{media}", "/etc"]}, "PATH_REFUSED", "media_folder_paths[1]"),
        (
            {"moved_folders": [{"beginning": "Z:", "folder_path": "/etc"}]},
            "PATH_REFUSED",
            "moved_folders[0].folder_path",
        ),
        ({"dubs": []}, "INVALID_REQUEST", "dubs"),
        ({"priority": 101}, "INVALID_REQUEST", "priority"),
        ({"device": "tpu"}, "INVALID_REQUEST", "device"),
        ({"label": "x" * 201}, "INVALID_REQUEST", "label"),
        ({"only": ["1"] * 65}, "INVALID_REQUEST", "only"),
        ({"only": ["1" * 1001]}, "INVALID_REQUEST", "only[0]"),
        ({"dubs": [{"language": "de", "track": "1"}] * 65}, "INVALID_REQUEST", "dubs"),
        ({"edit_path": "{media}/a\n.otio"}, "INVALID_REQUEST", "edit_path"),
    ],
)
def test_what_will_never_work_is_refused(running: Any, more: dict[str, Any], code: str, field: str) -> None:
    def placed(value: Any) -> Any:
        return value.format(media=f"{running.folder}/media", out=f"{running.folder}/out")

    given = {name: placed(value) if isinstance(value, str) else value for name, value in more.items()}
    if "media_folder_paths" in given:
        given["media_folder_paths"] = [placed(one) for one in given["media_folder_paths"]]
    _, detail = running.refused("Conform", wanted(running.folder, **given))
    assert (errors_pb2.ErrorCode.Name(detail.code), detail.field) == (f"ERROR_CODE_{code}", field)
    assert not running.call("ListJobs", job_pb2.ListJobsRequest()).jobs


def options(**more: Any) -> Any:
    given = {"edit_path": "/e.otio", "out_folder_path": "/out", "dubs": [{"language": "de", "track": "1"}]}
    return conform_options_of(conform_pb2.ConformRequest(**{**given, **more}), device="cuda:1")


def test_the_least_is_what_the_command_line_does_by_default() -> None:
    from plosive.reel import ConformOptions, DubWish

    plain = ConformOptions(Path("/e.otio"), Path("/out"), (DubWish("de", "1"),), device="cuda")
    assert options() == plain


def test_everything_arrives() -> None:
    from plosive.reel import ConformOptions, DubWish
    from plosive.reel.options import TranscriptWish

    assert options(
        dubs=[
            {
                "language": "pt-BR",
                "dub_path": "/mix.wav",
                "dub_start_seconds": {"numerator": -1001, "denominator": 24000},
                "channel": 2,
            },
            {"language": "de", "track": "DX DE"},
            {"language": "fr", "dub_path": "/fr.wav", "dub_start_timecode": "01:00:00;02"},
            {"language": "it", "track": "A2", "speaker": "Anna Berg", "channel": 1},
        ],
        transcripts=[
            {"language": "de", "transcript_path": "/de.srt", "start_timecode": "01:00:00:00"},
            {
                "language": "it",
                "speaker": "Anna Berg",
                "transcript_path": "/anna.srt",
                "start_seconds": {"numerator": -1, "denominator": 2},
            },
        ],
        cast_path="/cast.json",
        sheet_path="/reel.csv",
        named_tracks=True,
        timeline="reel 2",
        edit_rate={"numerator": 24000, "denominator": 1001},
        handle_frames=0,
        only=["3,5-8", "marker:lips"],
        media_folder_paths=["/media"],
        moved_folders=[{"beginning": "Z:\\reel", "folder_path": "/mnt"}],
        extra_formats=["edl", "aaf", "edl"],
        rests_in_pauses=True,
        score=False,
        generator="plate",
        seed=7,
    ) == ConformOptions(
        edit=Path("/e.otio"),
        out=Path("/out"),
        dubs=(
            DubWish("pt-BR", "/mix.wav", "-1001/24000", 2),
            DubWish("de", "DX DE"),
            DubWish("fr", "/fr.wav", "01:00:00;02"),
            DubWish("it", "A2", None, 1, "Anna Berg"),
        ),
        transcripts=(
            TranscriptWish("de", "/de.srt", "01:00:00:00"),
            TranscriptWish("it", "/anna.srt", "-1/2", "Anna Berg"),
        ),
        cast=Path("/cast.json"),
        sheet=Path("/reel.csv"),
        tracks=True,
        handles=0,
        only=("3,5-8", "marker:lips"),
        media=(Path("/media"),),
        path_map=(("Z:\\reel", "/mnt"),),
        rate=Fraction(24000, 1001),
        timeline="reel 2",
        exports=("edl", "aaf"),
        score=False,
        rest=True,
        device="cuda",
        seed=7,
    )


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"dubs": [{"language": "../de", "track": "1"}]}, "dubs[0].language"),
        ({"dubs": [{"language": "de"}]}, "dubs[0]"),
        ({"dubs": [{"language": "de", "track": "1", "speaker": "a:b"}]}, "dubs[0].speaker"),
        ({"transcripts": [{"language": "de"}]}, "transcripts[0].transcript_path"),
        ({"transcripts": [{"language": "x y", "transcript_path": "/a"}]}, "transcripts[0].language"),
        ({"transcripts": [{"language": "fr", "transcript_path": "/a"}]}, "transcripts"),
        (
            {
                "transcripts": [
                    {
                        "language": "de",
                        "transcript_path": "/a",
                        "start_timecode": "1:2:3:4",
                        "start_seconds": {"denominator": 1},
                    }
                ]
            },
            "transcripts[0].start_timecode",
        ),
        ({"dubs": [{"language": "de", "track": "1"}, {"language": "DE", "track": "2"}]}, "dubs"),
        (
            {"dubs": [{"language": "de", "track": "1", "dub_start_seconds": {"denominator": 1}}]},
            "dubs[0].dub_start_seconds",
        ),
        (
            {"dubs": [{"language": "de", "dub_path": "/a", "dub_start_seconds": {"numerator": 1}}]},
            "dubs[0].dub_start_seconds",
        ),
        (
            {"dubs": [{"language": "de", "track": "1", "dub_start_timecode": "01:00:00:00"}]},
            "dubs[0].dub_start_timecode",
        ),
        (
            {"dubs": [{"language": "de", "dub_path": "/a", "dub_start_timecode": "/etc/x"}]},
            "dubs[0].dub_start_timecode",
        ),
        ({"edit_rate": {"numerator": 0, "denominator": 1}}, "edit_rate"),
        ({"edit_rate": {"numerator": 1001, "denominator": 1}}, "edit_rate"),
        ({"handle_frames": 10_001}, "handle_frames"),
        ({"extra_formats": ["exe"]}, "extra_formats[0]"),
        ({"generator": "../x"}, "generator"),
        ({"seed": 2**63}, "seed"),
        ({"moved_folders": [{"beginning": " ", "folder_path": "/a"}]}, "moved_folders[0].beginning"),
    ],
)
def test_what_makes_no_sense_is_told_with_its_field(more: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        options(**more)
    assert caught.value.field == field
