# SPDX-License-Identifier: Apache-2.0
"""The client's own classes and copied rules are held to the contract and the daemon."""

from __future__ import annotations

import fcntl
import re
import sys
from enum import Enum
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from plosive.user_folders import daemon_folder
from plosive_client import clip, conform, errors, faces, info, job, motion, preview, score, state_folder, sync
from plosive_client.messages import fill, is_path_field, kinds_of, read
from plosive_daemon.state_folder import Endpoint, StateFolder
from plosive_proto.v1 import (
    clip_pb2,
    conform_pb2,
    errors_pb2,
    faces_pb2,
    info_pb2,
    job_pb2,
    motion_pb2,
    preview_pb2,
    score_pb2,
    sync_pb2,
)

RENAMED = {
    job.JobRequest: "SubmitJobRequest",
    job.WatchEvent: "WatchJobResponse",
    info.DaemonInfo: "GetInfoResponse",
    motion.MotionPreview: "PreviewMotionResponse",
    preview.PreviewFrame: "RenderPreviewFrameResponse",
}
MODULES = {
    clip: clip_pb2,
    conform: conform_pb2,
    errors: errors_pb2,
    faces: faces_pb2,
    info: info_pb2,
    job: job_pb2,
    motion: motion_pb2,
    preview: preview_pb2,
    score: score_pb2,
    sync: sync_pb2,
}
PAIRS = [
    (cls, getattr(messages, RENAMED.get(cls, cls.__name__)))
    for module, messages in MODULES.items()
    for cls in vars(module).values()
    if isinstance(cls, type) and cls.__module__ == module.__name__ and hasattr(cls, "__dataclass_fields__")
]


@pytest.mark.parametrize(("cls", "message"), PAIRS, ids=lambda each: each.__name__)
def test_same_fields(cls: Any, message: Any) -> None:
    described = {field.name: field for field in message.DESCRIPTOR.fields}
    assert set(kinds_of(cls)) == set(described)
    for name, kind in kinds_of(cls).items():
        field = described[name]
        assert kind.is_tuple == (field.label == field.LABEL_REPEATED)
        assert kind.is_enum == (field.type == field.TYPE_ENUM)
        assert (kind.is_dataclass or kind.item is Fraction) == (field.type == field.TYPE_MESSAGE)


@pytest.mark.parametrize(
    ("cls", "enum"),
    [
        (errors.ErrorCode, errors_pb2.ErrorCode),
        (conform.ShotState, conform_pb2.ShotState),
        (job.JobState, job_pb2.JobState),
        (sync.PlateAudio, sync_pb2.PlateAudio),
        (sync.LengthMismatch, sync_pb2.LengthMismatch),
    ],
)
def test_same_names(cls: type[Enum], enum: Any) -> None:
    own = {"DAEMON_ABSENT", "CONNECTION_LOST", "TIMED_OUT"} if cls is errors.ErrorCode else set()
    prefix = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", cls.__name__).upper() + "_"
    assert {f"{prefix}{name}" for name in set(cls.__members__) - own} == set(enum.keys())


def test_every_path_of_the_protos_is_mapped(repository: Path) -> None:
    said = set()
    for proto in (repository / "proto" / "plosive" / "v1").glob("*.proto"):
        for block in re.findall(
            r"((?: *//[^\n]*\n)+) *(?:repeated |optional )?string (\w+) =", proto.read_text()
        ):
            if "Absolute path" in block[0] or "Folders that" in block[0]:
                said.add(block[1])
    assert {name for name in said if not is_path_field(name)} == set()
    assert len(said) > 12


def test_round_trip() -> None:
    wanted = job.JobRequest(
        sync.SyncRequest(
            clip.ClipRange(
                "/a.mov",
                clip.FrameRange(0, 5),
                handle_frames=0,
                retime=clip.Retime((clip.RetimeKey(Fraction(1, 2), Fraction(-1, 3)),)),
            ),
            (clip.Voice("/b.wav", dub_start_seconds=Fraction(0)), clip.Voice(motion_path="/c.json")),
            sync.Output(
                versioned=sync.VersionedName("/out", "shot"), length_mismatch=sync.LengthMismatch.HOLD
            ),
            style=sync.Style(jaw=clip.Curve((clip.CurveKey(Fraction(3), 0.5),))),
            kept_ranges=(sync.KeptRange(clip.FrameRange(1, 2), "Ada"),),
            actor_footage_paths=("/d.mov",),
            seed=2**63 - 1,
            elements=sync.Elements("/e", first_frame=0),
        ),
        priority=0,
    )
    message = job_pb2.SubmitJobRequest()
    fill(message, wanted)
    assert read(job.JobRequest, job_pb2.SubmitJobRequest.FromString(message.SerializeToString())) == wanted


def test_round_trip_of_a_conform() -> None:
    wanted = conform.ConformRequest(
        "/edits/reel.otio",
        "/out",
        (
            conform.ConformDub("de", "/mix.wav", dub_start_seconds=Fraction(-1, 2), channel=2),
            conform.ConformDub("fr", track="DX FR"),
        ),
        edit_rate=Fraction(24000, 1001),
        handle_frames=0,
        only=("1,7", "marker"),
        score=False,
        media_folder_paths=("/media",),
        moved_folders=(conform.MovedFolder("Z:\\reel", "/mnt/reel"),),
        priority=0,
    )
    message = conform_pb2.ConformRequest()
    fill(message, wanted, lambda path: f"/there{path}")
    assert [dub.WhichOneof("source") for dub in message.dubs] == ["dub_path", "track"]
    assert message.moved_folders[0].beginning == "Z:\\reel"  # the edit's words are no path of here
    assert message.moved_folders[0].folder_path == "/there/mnt/reel"
    back = read(conform.ConformRequest, message, lambda path: path.removeprefix("/there"))
    assert back == wanted


def test_what_newer_daemons_say() -> None:
    message = job_pb2.Job(id="x")
    message.state = 77  # type: ignore[assignment]
    assert read(job.Job, message).state is job.JobState.UNSPECIFIED


def test_the_place_of_the_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    for platform in ("linux", "darwin", "win32"):
        monkeypatch.setattr(sys, "platform", platform)
        for variable in ("PLOSIVE_STATE", "XDG_DATA_HOME", "LOCALAPPDATA"):
            monkeypatch.delenv(variable, raising=False)
        assert state_folder.daemon_folder() == daemon_folder()
        for variable in ("XDG_DATA_HOME", "LOCALAPPDATA", "PLOSIVE_STATE"):
            monkeypatch.setenv(variable, f"/{variable}")
            assert state_folder.daemon_folder() == daemon_folder()


def test_what_the_daemon_writes_is_read(tmp_path: Path) -> None:
    folder = StateFolder(tmp_path / "state")
    assert not state_folder.is_daemon_alive(folder.root)
    folder.prepare()
    folder.hold()
    token = folder.token()
    folder.write_endpoint(Endpoint("unix:/x", 7, 1, 5))
    assert state_folder.is_daemon_alive(folder.root)
    assert state_folder.read_token(folder.root) == token
    assert state_folder.read_endpoint(folder.root) == state_folder.Endpoint("unix:/x", 7, 1)
    folder.let_go()
    assert not state_folder.is_daemon_alive(folder.root)
    assert state_folder.read_endpoint(folder.root) is None


@pytest.mark.parametrize("told", ["", "[]", "{}", '{"address": 1, "pid": 1, "protocol_major": 1}'])
def test_an_endpoint_that_makes_no_sense(tmp_path: Path, told: str) -> None:
    (tmp_path / "daemon.json").write_text(told)
    assert state_folder.read_endpoint(tmp_path) is None


def test_asking_leaves_the_lock_free(tmp_path: Path) -> None:
    (tmp_path / "daemon.lock").write_text("")
    assert not state_folder.is_daemon_alive(tmp_path)
    with (tmp_path / "daemon.lock").open("r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        assert state_folder.is_daemon_alive(tmp_path)
