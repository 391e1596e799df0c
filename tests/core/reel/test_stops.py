# SPDX-License-Identifier: Apache-2.0
"""Runs that are stopped, killed, or kept from writing: what they leave, and how the next one goes on."""

from __future__ import annotations

import errno
import json
import os
import pickle
import shutil
import signal
import socket
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from tests.core.reel.copying import Copier

from plosive.conform.media.bundle import unpacked
from plosive.errors import FaceError, JobCancelled, MediaReadError, MediaWriteError
from plosive.media.staging import write_error
from plosive.progress import Progress, SilentProgress
from plosive.reel import ConformOptions, conform_edit, planning
from plosive.reel.renders import rendering
from plosive.reel.renders.folder import give_up_folder, keep_folder, take_folder
from plosive.reel.renders.worker import device_of
from plosive.reel.results import publishing
from plosive.reel.results.naming import language_folder, plain
from plosive.reel.results.publishing import clear_unpublished, publish
from plosive.reel.results.work_folder import held_folder
from plosive.sync.plate_memory import PlateMemory
from plosive.sync_options import SyncOptions, SyncResult

Scored = tuple[dict[str, object], list[str], Path | None]


class Killed(BaseException):
    """What no code cleans up after, in a test."""


@pytest.fixture
def scorer(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of what is scored; a page is written for each."""
    told: list[str] = []

    def score(options: SyncOptions, progress: Progress, memory: PlateMemory | None) -> Scored:
        del progress, memory
        assert options.report is not None
        told.append(options.out.parent.name)
        options.report.write_text("page")
        return {"total": 90.0, "total_of": 100}, ["Rough."], options.report

    monkeypatch.setattr(rendering, "score_finished", score)
    return told


def files_in(folder: Path) -> set[str]:
    """What an artist finds there."""
    found = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return {path.as_posix() for path in found if path.parts[0] != ".plosive"}


@pytest.mark.parametrize("error", [JobCancelled("Cancelled."), KeyboardInterrupt()])
def test_a_shot_stopped_while_it_is_scored_is_not_rendered_again(
    options: ConformOptions,
    copier: Copier,
    scorer: list[str],
    monkeypatch: pytest.MonkeyPatch,
    error: BaseException,
) -> None:
    options = replace(options, score=True)
    score = rendering.score_finished

    def stopped(wish: SyncOptions, progress: Progress, memory: PlateMemory | None) -> Scored:
        if "two" in wish.out.name:
            raise error
        return score(wish, progress, memory)

    monkeypatch.setattr(rendering, "score_finished", stopped)
    with pytest.raises(type(error)):
        conform_edit(options, SilentProgress())
    assert scorer == ["001_one_de_v001"]
    monkeypatch.setattr(rendering, "score_finished", score)
    (german,) = conform_edit(options, SilentProgress()).languages
    assert scorer == ["001_one_de_v001", "002_two_de_v001", "003_three_de_v001"]
    assert [job.out.parent.name for job in copier.jobs] == scorer, "each is rendered once"
    assert all(one.score and one.page and one.page.is_file() for one in german.shots)
    assert sorted(path.name for path in (options.out / "de").iterdir()) == scorer


def test_scores_come_later_where_they_were_not_wanted_at_first(
    options: ConformOptions, copier: Copier, scorer: list[str]
) -> None:
    conform_edit(options, SilentProgress())
    copier.jobs.clear()
    (german,) = conform_edit(replace(options, score=True), SilentProgress()).languages
    assert not copier.jobs and len(scorer) == 3
    assert all(one.score == {"total": 90.0, "total_of": 100} for one in german.shots)
    page = german.shots[0].page
    assert page is not None
    page.unlink()
    conform_edit(replace(options, score=True), SilentProgress())
    assert not copier.jobs and scorer[3:] == ["001_one_de_v001"] and page.is_file()


def test_what_cannot_be_scored_is_synced_all_the_same(
    options: ConformOptions, copier: Copier, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures: list[Exception] = [
        FaceError("Too few."), ValueError("bug"), MediaWriteError("Full."),
        MediaWriteError("Again?"), ValueError("again"),
    ]  # fmt: skip

    def fails(wish: SyncOptions, progress: Progress, memory: PlateMemory | None) -> Scored:
        raise failures.pop(0)

    monkeypatch.setattr(rendering, "score_finished", fails)
    options = replace(options, score=True)
    (german,) = conform_edit(options, SilentProgress()).languages
    assert german.count("synced") == 3
    one, two, three = (" ".join(shot.warnings) for shot in german.shots)
    assert "there is no 001_one_de_v001.html: Too few." in one
    assert "defect" in two and "Full." in three
    (again,) = conform_edit(options, SilentProgress()).languages
    assert not failures, "what may work the next time is tried again, and nothing else"
    assert again.shots[0].score == {"reason": "Too few."}


def test_a_render_that_was_whole_but_not_yet_known_is_made_anew_in_its_place(
    options: ConformOptions, copier: Copier
) -> None:
    """Killed between the result's last rename and the word that it is done; what a real kill leaves."""
    whole = options.out / "de" / "002_two_de_v001"
    take_folder(whole)
    for name in ("002_two_de_v001.mov", ".002_two_de_v001.mov.77.part", "002_two_de_v001.motion.json"):
        (whole / name).write_text("from a killed run")
    (whole / ".78.part").mkdir()
    (whole / ".78.part" / "0001.exr").write_text("half a sequence")
    conform_edit(options, SilentProgress())
    made = [job.out.parent.name for job in copier.jobs]
    assert made == ["001_one_de_v001", "002_two_de_v001", "003_three_de_v001"]
    assert [path.name for path in whole.iterdir()] == ["002_two_de_v001.mov"]


def test_a_folder_with_files_of_somebody_else_is_left_to_them(tmp_path: Path) -> None:
    folder = take_folder(tmp_path / "de" / "001_one")
    (folder / "notes.txt").write_text("mine")
    (folder / "001_one.mov").write_text("a killed run's")
    other = take_folder(tmp_path / "de" / "001_one")
    assert other.name == "001_one_2"
    keep_folder(other)
    (other / "001_one_2.mov").write_text("done")
    assert take_folder(tmp_path / "de" / "001_one").name == "001_one_3"
    give_up_folder(tmp_path / "de" / "001_one_3")
    assert not (tmp_path / "de" / "001_one_3").exists()
    assert (folder / "notes.txt").read_text() == "mine" and (other / "001_one_2.mov").exists()


def test_the_last_files_appear_together_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    contents = {"r_v001.edl": b"edl", "r_v001.json": b"json", "r_v001.otio": b"otio"}
    written = publishing.write_new

    def until(count: int, error: BaseException) -> Callable[[Path, bytes], None]:
        left = iter(range(count))

        def write(path: Path, content: bytes) -> None:
            if next(left, None) is None:
                raise error
            written(path, content)

        return write

    for count in range(3):
        monkeypatch.setattr(publishing, "write_new", until(count, MediaWriteError("full")))
        with pytest.raises(MediaWriteError):
            publish(tmp_path, "r_v001", contents)
        assert files_in(tmp_path) == set()
    (tmp_path / "r_v001.json").write_bytes(b"somebody's")
    for count in range(3):
        with monkeypatch.context() as patched:  # nothing runs after the kill
            patched.setattr(publishing, "write_new", until(count, Killed()))
            patched.setattr(publishing, "_settle", lambda folder, plan: None)
            with pytest.raises((Killed, MediaWriteError)):
                publish(tmp_path, "r_v001", contents)
        clear_unpublished(tmp_path)
        assert files_in(tmp_path) == {"r_v001.json"}
        assert (tmp_path / "r_v001.json").read_bytes() == b"somebody's"
    (tmp_path / "r_v001.json").unlink()
    monkeypatch.setattr(publishing, "write_new", written)
    publish(tmp_path, "r_v001", contents)
    clear_unpublished(tmp_path)
    assert files_in(tmp_path) == set(contents)
    assert not list((tmp_path / ".plosive" / "publishing").iterdir())


def test_a_version_that_was_cut_off_gets_its_number_again(
    options: ConformOptions, copier: Copier, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = publishing.write_new

    def cut_off(path: Path, content: bytes) -> None:
        if path.suffix == ".otio":
            raise Killed
        written(path, content)

    with monkeypatch.context() as patched:
        patched.setattr(publishing, "write_new", cut_off)
        patched.setattr(publishing, "_settle", lambda folder, plan: None)
        with pytest.raises(Killed):
            conform_edit(options, SilentProgress())
    assert (options.out / "reel_de_v001.html").exists()
    copier.jobs.clear()
    (german,) = conform_edit(options, SilentProgress()).languages
    assert german.version == 1 and not copier.jobs
    assert {name for name in files_in(options.out) if "/" not in name} == {
        "reel_de_v001.otio", "reel_de_v001.html", "reel_de_v001.json",
    }  # fmt: skip


def test_one_run_at_a_time_works_in_a_folder(
    options: ConformOptions, copier: Copier, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second is told who is there, and touches nothing."""
    told: list[str] = []
    render = rendering.sync_plate

    def meanwhile(wish: SyncOptions, progress: Progress, journal: Path | None, *rest: object) -> SyncResult:
        before = files_in(options.out)
        with pytest.raises(MediaWriteError) as failure:
            conform_edit(options, SilentProgress())
        told.append(str(failure.value))
        assert files_in(options.out) == before
        return render(wish, progress, journal)

    monkeypatch.setattr(rendering, "sync_plate", meanwhile)
    conform_edit(options, SilentProgress())
    assert len(told) == 3
    assert f"is in use by another conform (process {os.getpid()} on " in told[0]


def test_what_a_killed_process_was_making_is_cleared_away_and_no_other(tmp_path: Path) -> None:
    own, other, known = (take_folder(tmp_path / "de" / name) for name in ("001_a", "002_b", "003_c"))
    for folder in (own, other, known):
        (folder / f"{folder.name}.mov").touch()
    mark = next(path for path in other.iterdir() if path.name.startswith("."))
    (other / mark.name).write_text(f"{os.getppid()} {socket.gethostname()}")
    keep_folder(known)
    with held_folder(tmp_path):
        assert sorted(path.name for path in (tmp_path / "de").iterdir()) == ["002_b", "003_c"]
    (other / mark.name).write_text("7 another-machine")
    with held_folder(tmp_path):
        assert (other / "002_b.mov").exists()


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES])
def test_a_full_disk_ends_the_reel_with_one_sentence(
    options: ConformOptions, copier: Copier, number: int
) -> None:
    full = write_error(options.out / "x.mov", OSError(number, "no"))
    full.__cause__ = OSError(number, "no")
    copier.failures = {"two": full}
    with pytest.raises(MediaWriteError, match="run it again: what is done is kept") as failure:
        conform_edit(options, SilentProgress())
    assert "\n" not in str(failure.value)
    assert files_in(options.out) == {"de/001_one_de_v001/001_one_de_v001.mov"}
    copier.failures = {}
    copier.jobs.clear()
    (german,) = conform_edit(options, SilentProgress()).languages
    assert german.version == 1 and len(copier.jobs) == 2


def test_a_full_temporary_folder_is_told(
    options: ConformOptions, copier: Copier, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def full(*given: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(planning, "DubSound", full)
    with pytest.raises(MediaWriteError, match=f"The temporary folder {tmp_path} takes no more"):
        conform_edit(options, SilentProgress(), scratch_in=tmp_path)
    assert not options.out.exists() and not list(tmp_path.glob("plosive-reel-*"))


def test_a_folder_that_was_copied_keeps_what_is_done(options: ConformOptions, copier: Copier) -> None:
    """As a copy program does it: same bytes, new times."""
    conform_edit(options, SilentProgress())
    moved = options.out.with_name("elsewhere")
    shutil.copytree(options.out, moved, copy_function=shutil.copyfile)
    shutil.rmtree(options.out)
    for path in moved.rglob("*.mov"):
        os.utime(path, (1_000_000_000, 1_000_000_000))
    copier.jobs.clear()
    (german,) = conform_edit(replace(options, out=moved), SilentProgress()).languages
    assert not copier.jobs and german.version == 2
    edit = json.loads(german.edits[0].read_text(encoding="utf-8"))
    clip = edit["tracks"]["children"][0]["children"][0]
    url = Path(clip["media_references"]["DEFAULT_MEDIA"]["target_url"])
    assert url.is_relative_to(moved) and url.is_file()
    changed = moved / "de" / "001_one_de_v001" / "001_one_de_v001.mov"
    content = bytearray(changed.read_bytes())
    content[len(content) // 2] ^= 1
    changed.write_bytes(content)
    (again,) = conform_edit(replace(options, out=moved), SilentProgress()).languages
    assert [one.is_new for one in again.shots] == [True, False, False]
    assert changed.read_bytes() == content, "what somebody changed by hand is theirs"


def test_a_folder_in_which_nothing_came_about_is_not_left_behind(
    options: ConformOptions, copier: Copier, tmp_path: Path
) -> None:
    empty = tmp_path / "empty.edl"
    empty.write_text("TITLE: nothing\n")
    for edit in (tmp_path / "none.otio", empty):
        with pytest.raises(MediaReadError, match=r"does not exist|has no shots"):
            conform_edit(replace(options, edit=edit), SilentProgress())
        assert not options.out.exists()
    options.out.mkdir()
    with pytest.raises(MediaReadError):
        conform_edit(replace(options, edit=empty), SilentProgress())
    assert options.out.is_dir(), "what was there stays"


def test_an_archive_with_other_media_of_the_same_length_is_unpacked_beside(tmp_path: Path) -> None:
    """An earlier version's edit leads to what was unpacked for it."""
    archive, media = tmp_path / "reel.otioz", tmp_path / "media"

    def pack(content: bytes, when: int) -> None:
        with zipfile.ZipFile(archive, "w") as file:
            file.writestr("content.otio", b"{}")
            file.writestr(zipfile.ZipInfo("media/a.mov", (when, 1, 1, 0, 0, 0)), content)

    pack(b"first", 2020)
    first = unpacked(archive, media) / "media" / "a.mov"
    pack(b"other", 2021)
    assert unpacked(archive, media) == media / "reel_2" and first.read_bytes() == b"first"
    os.utime(first)
    pack(b"first", 2022)
    assert unpacked(archive, media) == media / "reel", "known by its checksum, where times differ"
    killed = media / "reel" / "media" / ".a.mov.77.part"
    killed.touch()
    (tmp_path / ".mine.part").touch()
    with held_folder(tmp_path):
        assert not killed.exists() and (tmp_path / ".mine.part").exists()


def test_a_dry_run_looks_into_an_archive(options: ConformOptions, copier: Copier, media: Path) -> None:
    """Its pictures lie there alone."""
    archive = options.edit.with_suffix(".otioz")
    text = options.edit.read_text(encoding="utf-8").replace(str(media / "a.mov"), "media/a.mov")
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("content.otio", text)
        file.write(media / "a.mov", "media/a.mov")
    (german,) = conform_edit(replace(options, edit=archive, dry_run=True), SilentProgress()).languages
    assert german.count("synced") == 3 and not options.out.exists()
    made = conform_edit(replace(options, edit=archive), SilentProgress())
    assert made.languages[0].count("synced") == 3
    assert (options.out / "media" / "reel" / "media" / "a.mov").is_file()


KILLED = """
import os, pickle, signal, sys
from pathlib import Path
from plosive.progress import SilentProgress
from plosive.reel import conform_edit, planning
from plosive.reel.results import publishing
from plosive.reel.renders import rendering
from tests.core.reel.copying import Copier

options, at = pickle.loads(sys.stdin.buffer.read())
render, write = Copier(), publishing.write_new

def kill(is_here):
    if is_here:
        os.kill(os.getpid(), signal.SIGKILL)

def rendered(wish, *rest):
    made = render(wish, *rest)
    kill(at == "rendered" and "two" in wish.out.name)
    return made

def written(path, content):
    write(path, content)
    kill(at == "written" and path.suffix == ".html")

rendering.sync_plate, publishing.write_new = rendered, written
conform_edit(options, SilentProgress())
"""


def test_after_a_kill_the_next_run_comes_to_what_one_run_does(
    options: ConformOptions, copier: Copier
) -> None:
    """SIGKILL, in a process of its own: a render is there but not known yet; a version is half written."""
    conform_edit(options, SilentProgress())
    undisturbed = options.out.with_name("undisturbed")
    options.out.rename(undisturbed)
    path = os.pathsep.join([str(Path(__file__).parents[3]), *sys.path])
    for at, left in (("rendered", 2), ("written", 3)):
        ended = subprocess.run(
            [sys.executable, "-c", KILLED],
            input=pickle.dumps((options, at)),
            env={**os.environ, "PYTHONPATH": path},
        )
        assert ended.returncode == -signal.SIGKILL
        assert len(list(options.out.rglob("*.mov"))) == left
    copier.jobs.clear()
    conform_edit(options, SilentProgress())
    assert not copier.jobs
    assert files_in(options.out) == files_in(undisturbed)
    for name in files_in(options.out) - {"reel_de_v001.json", "reel_de_v001.html"}:  # these tell times
        assert (options.out / name).read_bytes() == (undisturbed / name).read_bytes(), name
    assert not [path for path in options.out.rglob("*") if path.name.endswith(".part")]


PARENT = """
import os, sys, time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from plosive.reel.renders.worker import begin

if __name__ == "__main__":
    slots = [ProcessPoolExecutor(1, get_context("spawn"), initializer=begin, initargs=(n, 2)) for n in (0, 1)]
    for slot in slots:
        print(slot.submit(os.getpid).result(), slot.submit(os.getenv, "CUDA_VISIBLE_DEVICES").result())
        slot.submit(time.sleep, 600)
    sys.stdout.flush()
    time.sleep(600)
"""


def is_running(pid: int) -> bool:
    """Not so one that ended and that nobody has asked for."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="processes are told apart by /proc")
def test_processes_have_a_device_each_and_end_with_the_one_that_began_them(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(PARENT)
    environment = {
        **os.environ,
        "CUDA_VISIBLE_DEVICES": "GPU-b, GPU-a",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, env=environment) as parent:
        assert parent.stdout is not None
        told = [parent.stdout.readline().split() for _ in range(2)]
        workers = [int(pid) for pid, _ in told]
        parent.kill()
    assert [device for _, device in told] == [b"GPU-b", b"GPU-a"]
    last = time.monotonic() + 10
    while any(map(is_running, workers)) and time.monotonic() < last:
        time.sleep(0.05)
    assert not any(map(is_running, workers))


@pytest.mark.parametrize(
    ("slot", "devices", "visible", "device"),
    [(0, 2, None, "0"), (3, 2, "", "1"), (2, 4, "4,5,6,7", "6"), (5, 2, "MIG-a,MIG-b", "MIG-b")],
)
def test_slots_take_devices_in_turn(slot: int, devices: int, visible: str | None, device: str) -> None:
    assert device_of(slot, devices, visible) == device


@pytest.mark.parametrize(
    ("given", "made"),
    [
        ("a/b\\c:d", "a-b-c-d"), ("\u65e5" * 300, "\u65e5" * 40), ("e\u0301", "\u00e9"), ("...", ""),
        ("-rf", "rf"), ("line\nbreak\u202egnp", "line-break-gnp"), ("x" * 300, "x" * 60),
    ],
)  # fmt: skip
def test_names_are_names_on_every_system(given: str, made: str) -> None:
    assert plain(given) == made
    assert len(plain(given).encode()) <= 120


def test_folders_of_languages_are_none_that_a_system_or_plosive_takes() -> None:
    names = [language_folder(language) for language in ("de", "CON", "com1", "media", "alt1")]
    assert names == ["de", "CON_", "com1_", "media_", "alt1"]
