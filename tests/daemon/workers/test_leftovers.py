# SPDX-License-Identifier: Apache-2.0
"""Only what a dead process was writing is removed, and only where it wrote."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from plosive.media.staging import StagedFile, StagedFolder
from plosive_daemon.workers.leftovers import JobFolder, remove_partial_output


def dead_pid() -> int:
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    return child.pid


def test_what_staging_names_is_found(tmp_path: Path) -> None:
    (tmp_path / "seq").mkdir()
    staged = StagedFile(tmp_path / "a.mov")
    folders = [StagedFolder(tmp_path / "seq"), StagedFolder(tmp_path / "new", ".elements")]
    kept = [tmp_path / ".a.mov.1.part", tmp_path / "b.part", tmp_path / ".x.part", tmp_path / "a.mov"]
    kept.append(tmp_path / f".a.{os.getpid()}.exr.1.part")
    kept.append(tmp_path / f".a.mov.{os.getpid()}1.part")
    for path in kept:
        path.touch()
    removed = remove_partial_output([tmp_path, tmp_path / "seq", tmp_path / "absent"], os.getpid())
    assert sorted(removed) == sorted([staged.temporary, *(folder.temporary for folder in folders)])
    assert all(path.exists() for path in kept)
    staged.discard()


def test_a_link_is_removed_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "else").mkdir()
    (tmp_path / "else" / "precious").touch()
    (tmp_path / ".a.7.part").symlink_to(tmp_path / "else")
    remove_partial_output([tmp_path], 7)
    assert (tmp_path / "else" / "precious").exists() and not (tmp_path / ".a.7.part").is_symlink()


def test_tries_are_cleaned_when_their_process_is_dead(tmp_path: Path) -> None:
    folder, out = JobFolder(tmp_path / "job"), tmp_path / "out"
    folder.make()
    out.mkdir()
    pid = dead_pid()
    folder.begin_try(pid, [out], is_out_there=True)
    (out / f".a.mov.{pid}.part").touch()
    (out / f".a.mov.{os.getpid()}.part").touch()
    again = JobFolder(tmp_path / "job")  # as a daemon that was started anew finds it
    again.begin_try(os.getpid(), [out], is_out_there=True)
    assert [path.name for path in out.iterdir()] == [f".a.mov.{os.getpid()}.part"]
    again.clean()
    assert len(list(out.iterdir())) == 1, "a living process is left alone"


def test_a_damaged_list_of_tries_harms_nothing(tmp_path: Path) -> None:
    folder = JobFolder(tmp_path)
    lines = b'{"pid": 1\n{"pid": "x", "folders": []}\n\xff\n'
    (tmp_path / "tries.txt").write_bytes(lines + b'{"pid":%d,"folders":3}\n' % dead_pid())
    folder.clean()
    folder.clean()
    assert not (tmp_path / "tries.txt").exists()


def test_a_result_is_a_jobs_own_only_after_a_try_that_found_none(tmp_path: Path) -> None:
    folder = JobFolder(tmp_path / "job")
    folder.make()
    assert not folder.begin_try(dead_pid(), [], is_out_there=True)
    assert folder.begin_try(dead_pid(), [], is_out_there=False)
    assert folder.begin_try(dead_pid(), [], is_out_there=True), "it was cut off after the last rename"
    folder.end_try()
    assert not folder.begin_try(dead_pid(), [], is_out_there=True), "it came to an end: this is another's"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_a_jobs_folder_is_closed_to_others(tmp_path: Path) -> None:
    folder = JobFolder(tmp_path / "a" / "job")
    folder.make()
    assert folder.path.stat().st_mode & 0o077 == 0
    folder.remove()
    assert not folder.path.exists()
