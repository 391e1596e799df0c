# SPDX-License-Identifier: Apache-2.0
"""The worker that ships conforms a small edit: held to its roots, and killed half-way."""

from __future__ import annotations

import base64
import os
import shutil
import signal
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest

from plosive.demo.sample import SamplePlate, spoken_line, write_sample
from plosive.errors import PlosiveError
from plosive.progress import SilentProgress
from plosive_daemon.job import JobKind, JobState, ReelProgress
from plosive_daemon.workers.failures import error_of
from plosive_daemon.workers.process import COMMAND
from plosive_daemon.workers.session import Session, WorkerSettings
from plosive_daemon.workers.shared_reel import SharedReel
from plosive_daemon.workers.tasks.conform import run
from plosive_proto.v1 import conform_pb2

from .conftest import Workshop

RATE = 24
FRAMES = 16


def a_range(start: int, duration: int) -> Any:
    time = otio.opentime.RationalTime
    return otio.opentime.TimeRange(time(start, RATE), time(duration, RATE))


def written_reel(folder: Path, secret: Path) -> Path:
    """Three shots under one line of speech: two of a portrait, far apart in it, and between them one whose
    media lies in `secret`.
    """
    write_sample(folder / "a.mov", SamplePlate(FRAMES, 480, 270, frame_rate=Fraction(RATE)), SilentProgress())
    shutil.copy(folder / "a.mov", secret / "b.mov")
    shutil.copy(spoken_line()[0], folder / "mix.wav")
    track = otio.schema.Track("V1", kind=otio.schema.TrackKind.Video)
    track.append(otio.schema.Gap(source_range=a_range(0, 10)))  # before the first word
    for name, url, first, length in (
        ("one", "a.mov", 0, 4),
        ("closed", str(secret / "b.mov"), 0, 4),
        ("two", "a.mov", 10, 4),
    ):
        media = otio.schema.ExternalReference(url, a_range(0, FRAMES))
        track.append(otio.schema.Clip(name, media, a_range(first, length)))
    timeline = otio.schema.Timeline("reel")
    timeline.tracks.append(track)
    otio.adapters.write_to_file(timeline, str(folder / "reel.otio"))
    return folder / "reel.otio"


@pytest.fixture
def reel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PLOSIVE_CACHE", str(tmp_path / "cache"))
    for name in ("media", "secret", "made"):
        (tmp_path / name).mkdir()
    return written_reel(tmp_path / "media", tmp_path / "secret")


def conformed(shop: Workshop, reel: Path, out: Path, **more: Any) -> str:
    """The id of a job."""
    request = conform_pb2.ConformRequest(
        edit_path=str(reel), out_folder_path=str(out), handle_frames=1, score=False, **more
    )
    if not request.dubs:
        request.dubs.add(language="de", dub_path=str(reel.parent / "mix.wav"))
    return shop.store.add(request.SerializeToString(), kind=JobKind.CONFORM)[0].id


def worker_of(shop: Workshop, job_id: str) -> int:
    line = [line for line in shop.logs.last_lines(job_id, 50) if "process" in line][-1]
    return int(line.rstrip(".").split()[-1])


def test_who_works_on_another_kind_of_device_makes_nothing_for_a_reel(reel: Path, tmp_path: Path) -> None:
    """What a render comes to depends on it."""
    folder = tmp_path / "job"
    (folder / "helper-cuda-1").mkdir(parents=True)
    SharedReel(folder / "shared").begin("cuda")
    request = conform_pb2.ConformRequest(edit_path=str(reel), out_folder_path=str(tmp_path / "made" / "out"))
    request.dubs.add(language="de", dub_path=str(reel.parent / "mix.wav"))
    coded = base64.b64encode(request.SerializeToString()).decode()
    payload = {"request": coded, "folder": str(folder), "disk_reserve_bytes": 0, "helper": "cuda:1"}
    assert run(payload, Session("1", lambda message: None, WorkerSettings("cpu"), "conform")) == {
        "renders": 0
    }
    assert not (tmp_path / "made" / "out").exists()


def test_a_reel_is_conformed_even_when_its_worker_is_killed(
    workshop_of: Callable[..., Workshop], reel: Path, tmp_path: Path
) -> None:
    out = tmp_path / "made" / "reel"
    own = tmp_path / "0"  # the shop's: a daemon's own lies where its workers may write anyway
    roots = {"read_roots": (tmp_path / "media",), "write_roots": (tmp_path / "made", own)}
    shop = workshop_of(command=COMMAND, disk_reserve_bytes=0, **roots)
    job_id = conformed(shop, reel, out)
    at_second = lambda job: job.progress.stage.startswith("2/2 ") or job.state.is_ended  # noqa: E731
    assert not shop.wait(job_id, at_second, 120.0).state.is_ended
    shown = shop.wait(job_id, lambda job: job.progress.seconds_left >= 0 or job.state.is_ended).progress
    assert shown.reel is not None
    assert shown.reel == ReelProgress(
        2, 2, 1, shot_number=3, shot_name="two", language="de", frames_done=shown.reel.frames_done,
        frames_total=5 + 6,
    )  # fmt: skip
    assert Path(shown.preview_path).read_bytes()[:2] == b"\xff\xd8"
    (first,) = [path for path in out.glob("de/*/*.mov") if not path.name.startswith(".")]
    before = first.stat().st_mtime_ns
    os.kill(worker_of(shop, job_id), signal.SIGKILL)
    job = shop.ended(job_id, 120.0)

    assert job.state is JobState.DONE, job.error
    assert (job.attempts, first.stat().st_mtime_ns) == (2, before), "the first shot was made again"
    result = job.result
    assert result is not None and result.conform is not None
    told = {shot.name: shot for shot in result.conform.shots}
    assert [shot.number for shot in result.conform.shots] == [1, 2, 3]
    assert {name: shot.state for name, shot in told.items()} == {
        "one": "synced", "closed": "left_alone", "two": "synced",
    }  # fmt: skip
    assert "outside the folders that may be read from" in told["closed"].reason
    assert (result.conform.shots_synced, result.conform.shots_taken_up) == (2, 0), "this job made both"
    assert result.frames_synced == result.frames_total == 5 + 6  # handles, as far as there is media
    (edit,) = result.conform.edits
    assert result.out_path == edit.edit_path == str(out / "reel_de_v001.otio")
    assert Path(edit.page_path).is_file() and Path(edit.record_path).is_file()
    timeline: Any = otio.adapters.read_from_file(edit.edit_path)
    clips = {clip.name: clip for clip in timeline.find_clips()}
    assert clips["one"].media_reference.target_url == told["one"].out_path == str(first)
    assert clips["closed"].media_reference.target_url == str(tmp_path / "secret" / "b.mov")
    assert [path for path in out.rglob("*") if path.name.endswith(".part")] == []
    assert not (shop.scratch / job_id / "journal").exists()

    again = shop.ended(conformed(shop, reel, out), 120.0)
    assert again.result is not None and again.result.out_path == str(out / "reel_de_v002.otio"), again.error
    assert again.result.conform is not None and again.result.conform.shots_taken_up == 2


@pytest.mark.parametrize(
    ("more", "code", "says"),
    [
        ({"edit_path": "{secret}/reel.otio"}, "PATH_REFUSED", "edit_path"),
        ({"dubs": [{"language": "de", "dub_path": "{secret}/mix.wav"}]}, "PATH_REFUSED", "dub_path"),
        ({"dubs": [{"language": "de", "track": "{secret}/mix.wav"}]}, "PATH_REFUSED", "is a file"),
        (
            {"transcripts": [{"language": "de", "transcript_path": "{secret}/mix.wav"}]},
            "PATH_REFUSED",
            "ranscript",
        ),
        ({"sheet_path": "{secret}/reel.otio"}, "PATH_REFUSED", "sheet_path"),
        ({"sheet_path": "{media}/reel.csv"}, "PATH_REFUSED", "words.txt"),
        ({"cast_path": "{secret}/reel.otio"}, "PATH_REFUSED", "cast_path"),
        ({"media_folder_paths": ["{secret}"]}, "PATH_REFUSED", "media_folder_paths"),
        ({"out_folder_path": "{secret}/out"}, "PATH_REFUSED", "out_folder_path"),
        ({"out_folder_path": "{made}/linked"}, "PATH_REFUSED", "written to"),
        ({"dubs": [{"language": "de", "track": "A7"}]}, "OPTION", "no audio tracks"),
        ({"only": ["99"]}, "OPTION", "'only'"),
        ({"edit_path": "{media}/mix.wav"}, "MEDIA_READ", "no edit"),
    ],
)
def test_what_cannot_be_done_is_told(
    reel: Path, tmp_path: Path, more: dict[str, Any], code: str, says: str
) -> None:
    """The task itself, in this process."""
    places = {name: str(tmp_path / name) for name in ("secret", "media", "made")}
    shutil.copy(reel, tmp_path / "secret" / "reel.otio")
    shutil.copy(reel.parent / "mix.wav", tmp_path / "secret" / "mix.wav")
    (tmp_path / "secret" / "words.txt").write_text("what nobody is to read")
    words = tmp_path / "media" / ".." / "secret" / "words.txt"
    (tmp_path / "media" / "reel.csv").write_text(f"number,name,record_in,transcript\n1,one,,{words}\n")
    (tmp_path / "made" / "linked").mkdir()
    (tmp_path / "made" / "linked" / "de").symlink_to(tmp_path / "secret")

    def placed(value: Any) -> Any:
        if isinstance(value, str):
            return value.format(**places)
        if isinstance(value, dict):
            return {name: placed(one) for name, one in value.items()}
        return [placed(one) for one in value]

    given = {"dubs": [{"language": "de", "dub_path": str(reel.parent / "mix.wav")}], **placed(more)}
    given = {"edit_path": str(reel), "out_folder_path": str(tmp_path / "made" / "out"), **given}
    settings = WorkerSettings("cpu", (places["media"],), (places["made"],))
    request = conform_pb2.ConformRequest(**given).SerializeToString()
    folder = tmp_path / "job"
    folder.mkdir()
    payload = {"request": base64.b64encode(request).decode(), "folder": str(folder), "disk_reserve_bytes": 0}
    with pytest.raises(PlosiveError) as caught:
        run(payload, Session("1", lambda message: None, settings, "conform"))
    told = error_of(caught.value, "conform")
    assert (told.code, says in told.sentence or says in told.field) == (code, True), told
    assert not [
        path
        for path in (tmp_path / "secret").iterdir()
        if path.name not in ("b.mov", "mix.wav", "reel.otio", "words.txt")
    ]
