# SPDX-License-Identifier: Apache-2.0
"""Which files a request may name."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Any

import grpc
import pytest

from plosive.errors import MediaReadError, PlosiveError
from plosive_daemon.service.errors import InvalidRequest, PathRefused
from plosive_daemon.service.guard import held
from plosive_daemon.service.paths import Roots, require_no_source_written, windows_problem
from plosive_daemon.service.request_paths import sources_of, with_real_paths
from plosive_proto.v1 import errors_pb2, score_pb2, sync_pb2

posix = pytest.mark.skipif(os.name == "nt", reason="links, devices and modes of Unix")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    for name in ("media", "out", "secret"):
        (tmp_path / name).mkdir()
    for name in ("media/plate.mov", "media/shot.1001.exr", "secret/key"):
        (tmp_path / name).write_bytes(b"x")
    return tmp_path


@pytest.fixture
def roots(place: Path) -> Roots:
    return Roots((place / "media",), (place / "out",))


def test_what_may_be_read(place: Path, roots: Roots) -> None:
    media = place / "media"
    assert roots.readable(str(media / "plate.mov"), "f") == media / "plate.mov"
    assert roots.readable(str(media), "f") == media
    assert roots.readable(str(media / "shot.####.exr"), "f") == media / "shot.####.exr"
    assert roots.readable(f"{media}/../media/./plate.mov", "f") == media / "plate.mov"
    (place / "out" / "r.mov").write_bytes(b"")
    assert roots.readable(str(place / "out" / "r.mov"), "f")  # results are scored
    with pytest.raises(MediaReadError, match="does not exist"):
        roots.readable(str(media / "none.mov"), "f")


@posix
@pytest.mark.parametrize(
    "text",
    [
        "{0}/secret/key",
        "{0}/media/../secret/key",
        "{0}/media/x/../../secret/key",
        "{0}/media/link",
        "{0}/media/folder/key",
        "{0}/mediaX/../secret/key",
        "{0}",
        "{0}/media-not",
        "/etc/passwd",
        "/proc/self/environ",
        "/proc/self/root{0}/media/plate.mov/../../secret/key",
        "/dev/zero",
        "/dev/stdin",
        "{0}/media/pipe",
        "{0}/media/socket",
        "{0}/media/zero",
        "media/plate.mov",
        "~/media/plate.mov",
        "./plate.mov",
        "file://{0}/media/plate.mov",
        "http://127.0.0.1/x.mov",
        "concat:{0}/media/plate.mov|/etc/passwd",
        "\\\\server\\share\\plate.mov",
        "C:\\plate.mov",
        "{0}/media/plate.mov\0",
        "{0}/media/plate.mov\n",
        "{0}/media/loop/x",
        "",
    ],
)
def test_what_may_not_be_read(place: Path, roots: Roots, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    media = place / "media"
    (media / "link").symlink_to(place / "secret" / "key")
    (media / "folder").symlink_to(place / "secret")
    (media / "zero").symlink_to("/dev/zero")
    (media / "loop").symlink_to(media / "loop")
    os.mkfifo(media / "pipe")
    with socket.socket(socket.AF_UNIX) as made:
        monkeypatch.chdir(media)  # a short name: sockets allow no long ones
        made.bind("socket")
    for check in (roots.readable, roots.writable):
        with pytest.raises((InvalidRequest, MediaReadError)):
            check(text.format(place), "f")


@posix
def test_what_may_be_written(place: Path, roots: Roots) -> None:
    assert roots.writable(f"{place}/out/new.mov", "f") == place / "out" / "new.mov"
    for text in ("media/new.mov", "out/../media/new.mov", "out/link/new.mov", "out/dangling"):
        (place / "out" / "link").unlink(missing_ok=True)
        (place / "out" / "link").symlink_to(place / "media")
        (place / "out" / "dangling").unlink(missing_ok=True)
        (place / "out" / "dangling").symlink_to(place / "secret" / "new")
        with pytest.raises(PathRefused):
            roots.writable(f"{place}/{text}", "f")
    with pytest.raises(InvalidRequest, match="does not exist"):
        roots.writable(f"{place}/out/no/new.mov", "f")
    assert roots.writable(f"{place}/out/no/such", "f", may_make_folders=True)


def test_without_roots_all_is_open_that_the_user_can_read(place: Path) -> None:
    assert Roots().readable(str(place / "secret" / "key"), "f")
    assert Roots().writable(str(place / "secret" / "new"), "f")


def test_no_result_goes_over_a_source(place: Path) -> None:
    media = place / "media"
    plate, frame, pattern = media / "plate.mov", media / "shot.1001.exr", media / "shot.%04d.exr"
    os.link(plate, place / "out" / "hard.mov")
    bad = [
        (plate, plate),
        (place / "out" / "hard.mov", plate),
        (media / "shot.####.exr", pattern),
        (media / "shot.1002.exr", frame),
        (media / "shot.@@@@.exr", frame),
        (media / "new.####.exr", media),
        (media, frame),
    ]
    for out, source in bad:
        with pytest.raises(PathRefused):
            require_no_source_written(out, [source], "f")
    good = [
        (media / "plate_v002.mov", plate),
        (media / "plate.score.html", media),
        (media / "other.####.exr", pattern),
        (place / "out" / "shot.####.exr", pattern),
        (media / "line_02.mov", media / "line_01.wav"),
    ]
    for out, source in good:
        require_no_source_written(out, [source], "f")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("C:\\media\\plate.mov", ""),
        ("C:/media/plate.mov", ""),
        ("D:\\a\\..\\b.mov", ""),
        ("C:plate.mov", "relative"),
        ("\\media\\plate.mov", "no drive"),
        ("/media/plate.mov", "no drive"),
        ("plate.mov", "no drive"),
        ("\\\\server\\share\\plate.mov", "network"),
        ("//server/share/plate.mov", "network"),
        ("\\\\nas\\shots\\..\\other\\x.mov", "network"),
        ("\\\\nas\\shots\\010\\plate.mov", ""),
        ("\\\\NAS\\Shots\\010\\plate.mov", ""),
        ("\\\\?\\C:\\plate.mov", "device"),
        ("\\\\.\\PhysicalDrive0", "device"),
        ("//?/C:/x", "device"),
        ("\\??\\C:\\x", "device"),
        ("C:\\CON", "CON"),
        ("C:\\media\\nul.mov", "nul.mov"),
        ("C:\\com1 .txt", "com1"),
        ("C:\\x.mov:hidden", "stream"),
        ("C:\\x.mov.", "ends in"),
        ("C:\\folder \\x", "ends in"),
    ],
)
def test_paths_of_windows(text: str, says: str) -> None:
    problem = windows_problem(text, [Path("\\\\nas\\shots\\010")])
    assert says in problem if says else not problem


def request(place: Path) -> sync_pb2.SyncRequest:
    sync = sync_pb2.SyncRequest()
    sync.clip.media_path = str(place / "media" / "plate.mov")
    sync.voices.add().dub_path = str(place / "media" / "plate.mov")
    sync.output.path = str(place / "out" / "synced.mov")
    return sync


FIELDS = [
    "clip.media_path",
    "clip.ocio_config_path",
    "voices[0].dub_path",
    "voices[0].transcript_path",
    "voices[0].motion_path",
    "actor_footage_paths[0]",
    "cast_path",
    "output.path",
    "elements.folder_path",
]


@pytest.mark.parametrize("field", FIELDS)
def test_every_path_of_a_request_is_held_to_the_roots(place: Path, roots: Roots, field: str) -> None:
    sync = request(place)
    bad = str(place / "secret" / "key")
    if field.startswith("actor"):
        sync.actor_footage_paths.append(bad)
    elif field.startswith("voices"):
        setattr(sync.voices[0], field.partition(".")[2], bad)
    elif "." in field:
        top, _, name = field.partition(".")
        setattr(getattr(sync, top), name, bad)
    else:
        setattr(sync, field, bad)
    with pytest.raises(PathRefused) as caught:
        with_real_paths(sync, roots, "sync")
    assert caught.value.field == f"sync.{field}"


def test_every_path_of_the_contract_is_known_as_source_or_result() -> None:
    """A field that holds a path and does not end in _path would slip through."""
    from plosive_proto.v1 import plosive_pb2

    seen: set[str] = set()

    def walk(message: Any) -> None:
        if message.full_name in seen:
            return
        seen.add(message.full_name)
        for field in message.fields:
            if field.message_type:
                walk(field.message_type)
            known = field.name.endswith(("_path", "_paths")) or field.full_name == "plosive.v1.Output.path"
            assert known or "path" not in field.name, field.full_name

    for method in plosive_pb2.DESCRIPTOR.services_by_name["Plosive"].methods:
        walk(method.input_type)


@posix
def test_links_are_resolved_in_requests(place: Path, roots: Roots) -> None:
    (place / "media" / "today").symlink_to(place / "media")
    sync = request(place)
    sync.clip.media_path = str(place / "media" / "today" / "plate.mov")
    sync.clip.ocio_config_path = "ocio://studio-config-latest"
    real = with_real_paths(sync, roots)
    assert real.clip.media_path == str(place / "media" / "plate.mov")
    assert list(sources_of(real)) == [place / "media" / "plate.mov"] * 2
    sync.output.path = str(place / "out" / "plate.mov")
    os.link(place / "media" / "plate.mov", place / "out" / "plate.mov")
    with pytest.raises(PathRefused, match="over the source"):
        with_real_paths(sync, roots)


@posix
def test_the_worker_sees_what_changed_after_the_check(place: Path, roots: Roots) -> None:
    plate = place / "media" / "plate.mov"
    real = with_real_paths(request(place), roots)
    with held(sources_of(real), roots):
        assert plate.read_bytes() == b"x"

    def expect_refusal() -> None:
        with pytest.raises(PlosiveError), held(sources_of(real), roots):
            pass

    plate.unlink()
    plate.symlink_to(place / "secret" / "key")
    expect_refusal()
    plate.unlink()
    os.mkfifo(plate)
    expect_refusal()
    plate.unlink()
    expect_refusal()
    (place / "media").rename(place / "was")
    (place / "media").symlink_to(place / "secret")
    (place / "secret" / "plate.mov").write_bytes(b"x")
    expect_refusal()


@posix
def test_a_link_to_a_file_of_another_extension_keeps_its_name(place: Path, roots: Roots) -> None:
    (place / "media" / "store").mkdir()
    (place / "media" / "store" / "ab12").write_bytes(b"x")
    (place / "media" / "words.srt").symlink_to(place / "media" / "store" / "ab12")
    (place / "media" / "out.srt").symlink_to(place / "secret" / "key")
    (place / "media" / "today").symlink_to(place / "media")
    sync = request(place)
    sync.voices[0].transcript_path = str(place / "media" / "today" / "words.srt")
    real = with_real_paths(sync, roots)
    assert real.voices[0].transcript_path == str(place / "media" / "words.srt")
    with held(sources_of(real), roots):
        pass
    with pytest.raises(PathRefused, match="replaced"), held(sources_of(real), roots):
        (place / "media" / "words.srt").unlink()
        (place / "media" / "words.srt").symlink_to(place / "secret" / "key")
    with pytest.raises(PathRefused), held(sources_of(real), roots):
        pass
    sync.voices[0].transcript_path = str(place / "media" / "out.srt")
    with pytest.raises(PathRefused):
        with_real_paths(sync, roots)


@posix
def test_a_source_swapped_while_the_job_runs(place: Path, roots: Roots) -> None:
    real = with_real_paths(request(place), roots)
    plate = place / "media" / "plate.mov"
    with pytest.raises(PathRefused, match="replaced"), held(sources_of(real), roots):
        plate.unlink()
        plate.symlink_to(place / "secret" / "key")


@posix
def test_frames_that_are_links(place: Path, roots: Roots) -> None:
    sync = request(place)
    sync.clip.media_path = str(place / "media" / "shot.####.exr")
    real = with_real_paths(sync, roots)
    (place / "media" / "shot.1002.exr").symlink_to(place / "media" / "shot.1001.exr")
    with held(sources_of(real), roots):
        pass
    sync.clip.media_path = str(place / "media" / "shot.1001.exr")
    by_one = with_real_paths(sync, roots)
    (place / "media" / "notes.txt").symlink_to(place / "secret" / "key")
    with held(sources_of(by_one), roots):
        pass
    sync.clip.media_path = str(place / "media" / "shot.exr.%04d")
    with pytest.raises(PathRefused), held(sources_of(with_real_paths(sync, roots)), roots):
        pass  # numbered at its end: any link in the folder may be one of its frames, such as notes.txt
    for named in (real, by_one):
        with pytest.raises(PathRefused), held(sources_of(named), roots):
            (place / "media" / "shot.1004.exr").symlink_to(place / "secret" / "key")
        (place / "media" / "shot.1004.exr").unlink()
    (place / "media" / "shot.1003.EXR").symlink_to(place / "secret" / "key")
    for named in (real, by_one):
        with pytest.raises(PathRefused), held(sources_of(named), roots):
            pass


def test_refused_paths_over_the_wire(running: Any) -> None:
    request = running.job_request()
    request.sync.clip.media_path = "/etc/passwd"
    status, detail = running.refused("SubmitJob", request)
    assert status is grpc.StatusCode.PERMISSION_DENIED and detail.field == "sync.clip.media_path"
    assert detail.code == errors_pb2.ERROR_CODE_PATH_REFUSED
    score = score_pb2.ScoreResultRequest(result_path="/etc/passwd")
    assert running.refused("ScoreResult", score)[1].field == "result_path"
    over = running.job_request()
    over.sync.output.path = str(running.folder / "out" / "synced.mov")
    over.sync.clip.media_path = over.sync.output.path
    (running.folder / "out" / "synced.mov").write_bytes(b"")
    assert running.refused("SubmitJob", over)[1].field == "sync.output.path"
    assert not running.pool.asked and not any(running.store.counts().values())
