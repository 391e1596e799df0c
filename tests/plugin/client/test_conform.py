# SPDX-License-Identifier: Apache-2.0
"""A conform from the client's three sides: Python, the command line, JSON lines."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from plosive_client import (
    ConformDub,
    ConformRequest,
    MovedFolder,
    PathMapping,
    ReelProgress,
    ShotState,
    WatchEvent,
    connect,
)
from plosive_client.commands import jobs
from plosive_client.job_text import event_line
from plosive_client.stdio import arguments
from plosive_client.stdio.json_form import from_json, parsed, to_json
from plosive_client.stdio.requests import REQUESTS
from plosive_proto.v1 import conform_pb2, job_pb2

END = ("-o", "out", "--dub", "de=mix.wav", "--key", "k", "--watch")


def run(*given: str) -> Result:
    return CliRunner().invoke(jobs, ["conform", *given])


def made() -> job_pb2.JobResult:
    """What a daemon tells of a reel of three shots."""
    result = job_pb2.JobResult(out_path="/mnt/out/reel_de_v001.otio")
    result.conform.edits.add(
        language="de",
        edit_path="/mnt/out/reel_de_v001.otio",
        extra_paths=["/mnt/out/reel_de_v001.edl"],
        page_path="/mnt/out/reel_de_v001.html",
    )
    told = result.conform.shots
    told.add(
        number=1, name="sh010", language="de", state=conform_pb2.SHOT_STATE_SYNCED, out_path="/mnt/a.mov"
    )
    told.add(number=2, name="sh\x1b020", language="de", state=3)  # type: ignore[arg-type]
    told[1].reason = "Nobody speaks in it."
    told.add(number=3, name="sh030", language="de", state=4)  # type: ignore[arg-type]
    told[2].reason = "It is damaged."
    told.add(number=4, name="sh040", language="de", state=77)  # type: ignore[arg-type]
    result.conform.shots_synced, result.conform.shots_left_alone, result.conform.shots_failed = 1, 1, 1
    return result


def test_progress_tells_the_shot_and_the_whole_reel(daemon: Any) -> None:
    told = run("/reel.otio", "-o", "/out", "--dub", "de=/mix.wav")
    job_id = told.output.strip()
    reel = job_pb2.ReelProgress(
        render=3, renders_total=25, renders_done=2, shot_number=7, shot_name="sh\x1b030", language="de",
        frames_done=260, frames_total=1800,
    )  # fmt: skip
    one = job_pb2.Progress(stage="3/25 render", frames_done=12, frames_total=96, seconds_left=-1, reel=reel)
    daemon.tell(job_id, progress=one)
    with connect(state_folder=daemon.folder, is_started=False) as client:
        events = client.watch(job_id)
        next(events)
        got = next(events).progress
    assert got is not None
    assert got.reel == ReelProgress(3, 25, 2, 7, "sh\x1b030", "de", 260, 1800)
    assert event_line(WatchEvent(1, progress=got)) == (
        "3 of 25, shot 7 sh 030 (de): render 12/96; 260/1800 frames in all"
    )
    later = replace(got, stage="3/25 score", frames_total=0, frames_done=0, seconds_left=750.0)
    assert event_line(WatchEvent(2, progress=later)) == (
        "3 of 25, shot 7 sh 030 (de): score; 260/1800 frames in all, 12:30 left"
    )
    waiting = replace(got, stage="other devices", frames_total=0, frames_done=0)
    assert ": other devices; 260" in event_line(WatchEvent(3, progress=waiting))
    assert to_json(later)["reel"]["shot_number"] == 7


def test_from_python(daemon: Any) -> None:
    wanted = ConformRequest(
        "/here/reel.otio",
        "/here/out",
        (ConformDub("de", "/here/mix.wav"),),
        moved_folders=(MovedFolder("/here/old", "/here/new"),),
    )
    mapping = PathMapping((("/here", "/mnt"),))
    with connect(state_folder=daemon.folder, is_started=False, path_mapping=mapping) as client:
        job = client.conform(wanted)
        asked = daemon.conforms[job.id]
        assert (asked.edit_path, asked.out_folder_path) == ("/mnt/reel.otio", "/mnt/out")
        assert asked.dubs[0].dub_path == "/mnt/mix.wav" and len(asked.idempotency_key) == 32
        assert (asked.moved_folders[0].beginning, asked.moved_folders[0].folder_path) == (
            "/here/old",
            "/mnt/new",
        )
        assert client.conform(wanted).id != job.id, "a fresh key each time"
        keyed = ConformRequest("/here/a.otio", "/here/out", wanted.dubs, idempotency_key="reel1")
        assert client.conform(keyed).id == client.conform(keyed).id
        daemon.tell_state(job.id, job_pb2.JOB_STATE_DONE, result=made())
        result = client.job(job.id).result
    assert result is not None and result.conform is not None
    assert result.out_path == result.conform.edits[0].edit_path == "/here/out/reel_de_v001.otio"
    states = [shot.state for shot in result.conform.shots]
    assert states == [ShotState.SYNCED, ShotState.LEFT_ALONE, ShotState.FAILED, ShotState.UNSPECIFIED]
    assert result.conform.shots[0].out_path == "/here/a.mov"


def test_an_answer_that_was_lost_makes_no_second_job(daemon: Any) -> None:
    daemon.drops_answers_of = ["Conform"]
    with connect(state_folder=daemon.folder, is_started=False) as client:
        job = client.conform(ConformRequest("/a.otio", "/out", (ConformDub("de", track="1"),)))
    assert list(daemon.conforms) == [job.id]


def test_from_the_command_line(daemon: Any, tmp_path: Path) -> None:
    (tmp_path / "DX FR").write_bytes(b"a file without a suffix")
    submitted = run(
        *("reel.otio", "-o", "out", "--dub", "de=mix.wav@-1/2#2", "--dub", "fr=DX FR", "--dub", "it=DX IT"),
        *("--dub", "pl=pl.wav@01:00:00:00#1"),
        *(
            "--dub",
            "es=3",
            "--handles",
            "8",
            "--only",
            "3,7-9",
            "--only",
            "marker:lips",
            "--rate",
            "24000/1001",
        ),
        *(
            "--media",
            "store",
            "--map",
            "Z:\\reel=here",
            "--rest",
            "--no-score",
            "--tracks",
            "--format",
            "edl",
            "--key",
            "k",
            "--dub",
            "sv:Anna Berg=A2#1",
            "--cast",
            "cast.json",
            "--sheet",
            "reel.csv",
            "--transcript",
            "de=reel.srt@01:00:00:00",
            "--transcript",
            "sv:Anna Berg=anna.srt@-1/2",
        ),
    )
    assert submitted.exit_code == 0, submitted.output
    job_id = submitted.output.strip()
    asked = daemon.conforms[job_id]
    assert (asked.edit_path, asked.out_folder_path) == (str(tmp_path / "reel.otio"), str(tmp_path / "out"))
    told = [(dub.language, dub.dub_path, dub.track, dub.channel) for dub in asked.dubs]
    assert told == [
        ("de", str(tmp_path / "mix.wav"), "", 2),
        ("fr", str(tmp_path / "DX FR"), "", 0),
        ("it", "", "DX IT", 0),
        ("pl", str(tmp_path / "pl.wav"), "", 1),
        ("es", "", "3", 0),
        ("sv", "", "A2", 1),
    ]
    assert [dub.speaker for dub in asked.dubs] == ["", "", "", "", "", "Anna Berg"]
    said = [(one.language, one.speaker, one.transcript_path, one.start_timecode) for one in asked.transcripts]
    assert said == [
        ("de", "", str(tmp_path / "reel.srt"), "01:00:00:00"),
        ("sv", "Anna Berg", str(tmp_path / "anna.srt"), ""),
    ]
    assert asked.transcripts[1].start_seconds.denominator == 2
    assert asked.cast_path == str(tmp_path / "cast.json")
    assert asked.sheet_path == str(tmp_path / "reel.csv")
    assert list(asked.only) == ["3,7-9", "marker:lips"] and asked.handle_frames == 8
    assert Fraction(asked.edit_rate.numerator, asked.edit_rate.denominator) == Fraction(24000, 1001)
    assert (asked.moved_folders[0].beginning, asked.media_folder_paths[0]) == (
        "Z:\\reel",
        str(tmp_path / "store"),
    )
    start = asked.dubs[0].dub_start_seconds
    assert Fraction(start.numerator, start.denominator) == Fraction(-1, 2)
    assert not any(dub.HasField("dub_start_seconds") for dub in asked.dubs[1:])
    assert [dub.dub_start_timecode for dub in asked.dubs] == ["", "", "", "01:00:00:00", "", ""]
    assert asked.rests_in_pauses and asked.named_tracks and asked.HasField("score") and not asked.score
    assert (asked.label, asked.idempotency_key, list(asked.extra_formats)) == ("reel.otio", "k", ["edl"])

    end = threading.Timer(0.3, lambda: daemon.tell_state(job_id, job_pb2.JOB_STATE_DONE, result=made()))
    end.start()
    watched = run("reel.otio", *END)
    code = jobs.main(["conform", "reel.otio", *END], standalone_mode=False)
    assert code == 3, "as of `plosive conform`, where some shots failed"
    assert watched.output.splitlines() == [
        "waiting",
        "done: /mnt/out/reel_de_v001.otio",
        "de: /mnt/out/reel_de_v001.otio",
        "de: /mnt/out/reel_de_v001.edl",
        "de: /mnt/out/reel_de_v001.html",
        "shots: 1 synced, 1 left alone, 1 failed",
        "  2 sh 020 (de) left alone: Nobody speaks in it.",
        "  3 sh030 (de) failed: It is damaged.",
    ]
    assert "3 sh030 (de) failed" in CliRunner().invoke(jobs, ["show", job_id]).output


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (("--dub", "mix.wav"), "LANG=AUDIO"),
        (("--dub", "de="), "LANG=AUDIO"),
        (("--dub", "de:=A2"), "LANG=AUDIO"),
        (("--transcript", "reel.srt"), "LANG=FILE"),
        (("--dub", "de=mix.wav@1/0"), "fraction"),
        (("--dub", "de=1", "--map", "Z:"), "THERE=HERE"),
        (("--dub", "de=1", "--rate", "x"), "fraction"),
    ],
)
def test_slips_are_told_before_anything_is_sent(daemon: Any, given: tuple[str, ...], says: str) -> None:
    refused = run("reel.otio", "-o", "out", *given)
    assert refused.exit_code == 2 and says in refused.output
    assert not daemon.conforms


def test_from_a_host() -> None:
    given_class, _ = REQUESTS["conform"]
    line = json.dumps(
        {
            "conform": {
                "edit_path": "/reel.otio",
                "out_folder_path": "/out",
                "dubs": [{"language": "de", "track": "DX DE"}],
                "only": ["1,2"],
            },
            "watch": False,
        }
    )
    wanted = ConformRequest("/reel.otio", "/out", (ConformDub("de", track="DX DE"),), only=("1,2",))
    assert from_json(given_class, parsed(line.encode())) == arguments.Conform(wanted, watch=False)
