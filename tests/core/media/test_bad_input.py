# SPDX-License-Identifier: Apache-2.0
"""Each expected failure is one sentence that names the file, and leaves nothing behind."""

from __future__ import annotations

import os
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from plosive.errors import DubError, MediaReadError, MediaWriteError, PlosiveError
from plosive.media import open_plate, open_writer, read_dub
from plosive.media.staging import StagedFile

if TYPE_CHECKING:
    from tests.core.media.conftest import Maker


def sentence(error: pytest.ExceptionInfo[PlosiveError]) -> str:
    text = str(error.value)
    assert text.endswith(".") and "\n" not in text and len(text) < 300
    return text


def test_missing(tmp_path: Path) -> None:
    for name in ("no.mov", "no.exr", "no.####.exr", "nowhere/no.%04d.exr"):
        with pytest.raises(MediaReadError) as error:
            open_plate(tmp_path / name)
        assert "no" in sentence(error)


@pytest.mark.parametrize("name", ["p.mov", "p.exr", "p.mxf", "p.png"])
@pytest.mark.parametrize("content", [b"", b"this is no picture at all" * 40])
def test_empty_and_foreign(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(MediaReadError) as error:
        open_plate(path)
    assert name in sentence(error)


@pytest.mark.parametrize("name", ["p.mp4", "p.mkv", "p.mxf"])
def test_a_file_cut_to_its_head(make: Maker, name: str) -> None:
    encoder = {"p.mp4": "libx264", "p.mkv": "ffv1", "p.mxf": "mpeg2video"}[name]
    path = make.video(name, encoder, "yuv420p", rate=Fraction(25))
    path.write_bytes(path.read_bytes()[:600])
    with pytest.raises(MediaReadError) as error:
        open_plate(path)
    assert name in sentence(error)


@pytest.mark.skipif(
    os.name == "nt" or getattr(os, "geteuid", lambda: 0)() == 0, reason="needs a user without all rights"
)
def test_unreadable(make: Maker) -> None:
    path = make.video("p.mp4", "libx264", "yuv420p")
    path.chmod(0)
    with pytest.raises(MediaReadError, match="permission"):
        open_plate(path)


def test_sound_is_no_plate(make: Maker) -> None:
    with pytest.raises(MediaReadError, match="only audio"):
        open_plate(make.sound("s.wav"))


def test_gaps_are_named(make: Maker) -> None:
    make.images("p.{frame}.exr", "half", frames=(1001, 1002, 1004, 1005, 1008))
    for name in ("p.####.exr", "p.1001.exr", "p.%04d.exr", ""):
        with pytest.raises(MediaReadError, match=r"lacks frames 1003, 1006-1007;") as error:
            open_plate(make.folder / name)
        sentence(error)
    with pytest.raises(MediaReadError, match="lacks frame 1003;"):
        open_plate(make.folder / "p.1001-1005#.exr")
    with open_plate(make.folder / "p.1004-1005#.exr") as plate:
        assert (plate.info.first_frame, plate.info.last_frame_inclusive) == (1004, 1005)


def test_mixed_sizes_are_named(make: Maker) -> None:
    make.images("p.{frame}.png", "uint8", frames=(1, 2))
    make.images("p.{frame}.png", "uint8", frames=(3,), width=50)
    with pytest.raises(MediaReadError, match=r"p\.0003\.png is 50x32 but p\.0001\.png is 48x32"):
        open_plate(make.folder / "p.####.png")


def test_a_broken_frame_in_a_sequence(make: Maker) -> None:
    pattern = make.images("p.{frame}.exr", "half")
    broken = make.folder / "p.1002.exr"
    broken.write_bytes(b"")
    with pytest.raises(MediaReadError, match=r"p\.1002\.exr"):
        open_plate(pattern)


def test_a_truncated_frame_in_a_sequence(make: Maker) -> None:
    pattern = make.images("p.{frame}.exr", "half", attributes={"compression": "none"})
    broken = make.folder / "p.1002.exr"
    broken.write_bytes(broken.read_bytes()[:-900])
    with pytest.raises(MediaReadError, match=r"p\.1002\.exr"), open_plate(pattern) as plate:
        for frame in plate.frames():
            frame.rgb8()


def test_a_folder_of_several_sequences(make: Maker) -> None:
    make.images("a.{frame}.exr", "half")
    make.images("b.{frame}.exr", "half")
    with pytest.raises(MediaReadError, match="several sequences"):
        open_plate(make.folder)


def test_an_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(MediaReadError, match="no images"):
        open_plate(tmp_path)


def test_dubs_without_sound(make: Maker) -> None:
    empty = make.folder / "e.wav"
    empty.write_bytes(b"")
    foreign = make.folder / "f.wav"
    foreign.write_bytes(b"no sound" * 100)
    for path in (
        make.folder / "no.wav",
        empty,
        foreign,
        make.folder,
        make.video("v.mp4", "libx264", "yuv420p"),
    ):
        with pytest.raises(DubError) as error:
            read_dub(path)
        sentence(error)
    with pytest.raises(DubError, match="channel 3"):
        read_dub(make.sound("s.wav", channels=2), channel=3)


def test_out_is_never_the_plate(make: Maker) -> None:
    path = make.video("p.mkv", "ffv1", "yuv420p")
    before = path.read_bytes()
    link = path.with_name("link.mkv")
    try:
        link.symlink_to(path)
    except OSError:
        pytest.skip("no symbolic links here")
    for out in (path, link, path.parent / "." / "p.mkv"):
        with open_plate(path) as plate, pytest.raises(MediaWriteError, match="the plate itself"):
            open_writer(out, plate, overwrite=True)
    assert path.read_bytes() == before


def test_out_is_no_frame_of_the_plate(make: Maker) -> None:
    pattern = make.images("p.{frame}.exr", "half")
    with open_plate(pattern) as plate:
        for out in (pattern, make.folder, make.folder / "p.1001.exr"):
            with pytest.raises(MediaWriteError, match="plate itself"):
                open_writer(out, plate, overwrite=True)


def test_out_exists(make: Maker) -> None:
    path = make.video("p.mkv", "ffv1", "yuv420p")
    out = path.with_name("o.mkv")
    out.write_bytes(b"mine")
    with open_plate(path) as plate:
        with pytest.raises(MediaWriteError, match="exists already"):
            open_writer(out, plate)
        with open_writer(out, plate, overwrite=True) as writer:
            for frame in plate.frames():
                writer.write(frame)
    assert out.stat().st_size > 100


@pytest.mark.parametrize("name", ["nowhere/o.mkv", "nowhere/deeper/o.####.exr", "o.xyz", "o", "o.exr"])
def test_out_that_cannot_be(make: Maker, name: str) -> None:
    with open_plate(make.video("p.mkv", "ffv1", "yuv420p")) as plate, pytest.raises(MediaWriteError) as error:
        open_writer(make.folder / name, plate)
    sentence(error)
    assert {path.name for path in make.folder.iterdir()} == {"p.mkv"}


def test_an_unknown_codec(make: Maker) -> None:
    with (
        open_plate(make.video("p.mkv", "ffv1", "yuv420p")) as plate,
        pytest.raises(MediaWriteError, match="no known codec"),
    ):
        open_writer(make.folder / "o.mov", plate, codec="indeo")


def test_variable_rate_does_not_fit_mxf(make: Maker) -> None:
    path = make.video(
        "p.mp4", "libx264", "yuv420p", time_stamps=[0, 1, 2, 5, 6, 9], time_base=Fraction(1, 24)
    )
    with open_plate(path) as plate, pytest.raises(MediaWriteError, match="variable frame rate"):
        open_writer(make.folder / "o.mxf", plate)


@pytest.mark.parametrize("out", ["o.mkv", "o.mov", "o.####.png"])
@pytest.mark.parametrize("failure", [KeyboardInterrupt, ValueError, MediaWriteError])
def test_a_stop_in_the_middle_leaves_nothing(make: Maker, out: str, failure: type[BaseException]) -> None:
    path = make.video("p.mkv", "ffv1", "yuv420p")
    with pytest.raises(failure), open_plate(path) as plate, open_writer(make.folder / out, plate) as writer:
        for frame in plate.frames():
            writer.write(frame)
            if frame.index == 3:
                raise failure
    assert {path.name for path in make.folder.iterdir()} == {"p.mkv"}


@pytest.mark.parametrize("out", ["o.mkv", "o.####.png"])
def test_too_few_frames_are_no_result(make: Maker, out: str) -> None:
    path = make.video("p.mkv", "ffv1", "yuv420p")
    with (
        pytest.raises(MediaWriteError, match="Only 1 of 6"),
        open_plate(path) as plate,
        open_writer(make.folder / out, plate) as writer,
    ):
        writer.write(next(iter(plate.frames())))
    assert {path.name for path in make.folder.iterdir()} == {"p.mkv"}


@pytest.mark.parametrize("out", ["o.mkv", "o.mov", "o.mxf"])
def test_a_full_disk(make: Maker, monkeypatch: pytest.MonkeyPatch, out: str) -> None:
    def no_space(self: StagedFile, data: bytes) -> int:
        self.error = self.error or OSError(28, "No space left on device")
        raise self.error

    monkeypatch.setattr(StagedFile, "write", no_space)
    with (
        open_plate(make.video("p.mkv", "ffv1", "yuv420p", width=256, height=128, rate=Fraction(25))) as plate,
        pytest.raises(MediaWriteError, match="the disk is full"),
        open_writer(make.folder / out, plate) as writer,
    ):
        for frame in plate.frames():
            writer.write(frame)
    assert {path.name for path in make.folder.iterdir()} == {"p.mkv"}


WRITE_UNDER_A_LIMIT = """
import resource, signal, sys
import numpy as np
from plosive.errors import MediaWriteError
from plosive.geometry import Box
from plosive.media import open_plate, open_writer

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (500, 500))
change, touched = np.full((40, 40, 3), 0.1, np.float32), np.ones((40, 40), bool)
for plate, out in zip(sys.argv[1::2], sys.argv[2::2]):
    try:
        with open_plate(plate) as opened, open_writer(out, opened) as writer:
            for frame in opened.frames():
                writer.write(frame.merged(Box(0, 0, 40, 40), change, touched))
        print("written", out)
    except MediaWriteError as error:
        print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="file size limits are a POSIX matter")
def test_images_that_do_not_fit_are_no_result(make: Maker) -> None:
    """A limit of 500 bytes a file stands in for a disk that fills up in the middle of a picture."""
    results = make.folder / "results"
    results.mkdir()
    arguments: list[str] = []
    suffixes = ("exr", "dpx", "tif", "png", "bmp", "tga")  # libjpeg ends the process: see the next test
    for suffix in suffixes:
        kind = "half" if suffix == "exr" else "uint8"
        own = make.images(f"{suffix}.{{frame}}.{suffix}", kind, width=256, height=128)
        arguments += [str(own), str(results / f"own{suffix}.####.{suffix}")]
        arguments += [str(make.folder / "exr.####.exr"), str(results / f"new{suffix}.####.{suffix}")]
    done = subprocess.run(
        [sys.executable, "-c", WRITE_UNDER_A_LIMIT, *arguments], capture_output=True, text=True, check=True
    )
    sentences = done.stdout.splitlines()
    assert len(sentences) == 2 * len(suffixes)
    for told in sentences:
        assert ".1001." in told and "disk" in told and ".part" not in told and not told.startswith("written")
    assert not list(results.iterdir())


@pytest.mark.parametrize("suffix", ["exr", "jpg"])
def test_a_disk_without_room_is_found_before_writing(
    make: Maker, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    path = make.video("p.mkv", "ffv1", "yuv420p")
    monkeypatch.setattr("plosive.media.imageoutput._SPARE_BYTES", 1 << 60)
    with (
        pytest.raises(MediaWriteError, match="no room"),
        open_plate(path) as plate,
        open_writer(make.folder / f"o.####.{suffix}", plate) as writer,
    ):
        writer.write(next(iter(plate.frames())))
    assert {left.name for left in make.folder.iterdir()} == {"p.mkv"}
