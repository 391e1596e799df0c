# SPDX-License-Identifier: Apache-2.0
"""Made frames are kept, found again to the bit, and never believed when they are damaged."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import plosive
from plosive.demo.sample import SamplePlate, write_sample
from plosive.geometry import Box
from plosive.media import open_plate
from plosive.media.imageframe import ImagePlateFrame
from plosive.media.videoframe import VideoPlateFrame
from plosive.progress import SilentProgress
from plosive.sync import SyncOptions, sync_plate
from plosive.sync.framechange import DamagedChange, SampledFrame, packed, unpacked
from plosive.sync.journal import RenderJournal

FRAMES = 8
CHILD = """
import os, signal, sys
from pathlib import Path
from plosive.progress import SilentProgress
from plosive.sync import SyncOptions, sync_plate

plate, dub, out, elements, journal, killed_at = sys.argv[1:]

class Deadly(SilentProgress):
    stage, done = "", 0

    def start(self, stage, total_frames):
        self.stage, self.done = stage, 0

    def advance(self, frames=1):
        self.done += frames
        if self.stage == "render" and self.done == int(killed_at):
            os.kill(os.getpid(), signal.SIGKILL)

options = SyncOptions(Path(plate), Path(dub), Path(out), elements=Path(elements))
sync_plate(options, Deadly(), Path(journal))
"""


def read(path: Path) -> list[SampledFrame]:
    with open_plate(path) as reader:
        frames: list[Any] = list(reader.frames())
    return frames


@pytest.fixture(scope="module")
def plate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("journal") / "plate.mov"
    write_sample(path, SamplePlate(FRAMES, 640, 360), SilentProgress())
    return path


@pytest.fixture(scope="module")
def frames(plate: Path, tmp_path_factory: pytest.TempPathFactory) -> list[SampledFrame]:
    """A frame of a video (4:2:2, 10 bits), of a half EXR with a data window, and of an 8-bit PNG."""
    import OpenImageIO as oiio

    folder = tmp_path_factory.mktemp("stills")
    rng = np.random.default_rng(4)
    exr, png = folder / "one.exr", folder / "one.png"
    for path, kind in ((exr, oiio.HALF), (png, oiio.UINT8)):
        spec = oiio.ImageSpec(60, 41, 3, kind)
        if path is exr:
            spec.x, spec.y, spec.full_x, spec.full_y, spec.full_width, spec.full_height = 3, 4, 0, 0, 70, 50
        output = oiio.ImageOutput.create(str(path))
        assert output.open(str(path), spec) and output.write_image(rng.random((41, 60, 3), np.float32))
        output.close()
    return [read(plate)[3], read(exr)[0], read(png)[0]]


def changed(frame: SampledFrame, seed: int = 1) -> SampledFrame:
    """The frame with two overlapping changes."""
    rng = np.random.default_rng(seed)
    made: Any = frame
    for box in (Box(11, 9, 38, 30), Box(20, 12, 47, 31)):
        change = rng.normal(0, 0.2, (box.height, box.width, 3)).astype(np.float32)
        made = made.merged(box, change, rng.random((box.height, box.width)) < 0.7)
    return made  # type: ignore[no-any-return]


def same(one: SampledFrame, other: SampledFrame) -> bool:
    planes = zip(one.planes(), other.planes(), strict=True)
    if isinstance(one, VideoPlateFrame) and isinstance(other, VideoPlateFrame):
        told = one.changed_box == other.changed_box and one.pts == other.pts
        told &= all(np.array_equal(a, b) for a, b in zip(one.original_planes(), other.original_planes()))  # noqa: B905
    else:
        assert isinstance(one, ImagePlateFrame) and isinstance(other, ImagePlateFrame)
        told = one.edited_box == other.edited_box and one.layout == other.layout
    bits = all(a.dtype == b.dtype and a.tobytes() == b.tobytes() for a, b in planes)
    return told and bits and one.index == other.index


def test_a_made_frame_comes_back_to_the_bit(frames: list[SampledFrame]) -> None:
    for frame in frames:
        made = changed(frame)
        again, note = unpacked(frame, packed(frame, made, b"a note"))
        assert same(made, again) and not same(made, frame) and note == b"a note"
        kept, note = unpacked(frame, packed(frame, frame))
        assert kept is frame and note == b""


def test_floats_that_are_no_numbers_come_back_too(frames: list[SampledFrame]) -> None:
    frame = frames[1]
    box = Box(0, 0, 60, 41)
    samples = [np.array(plane) for plane in frame.samples_in(box)]
    samples[0][3, :4] = (np.nan, np.inf, -np.inf, -0.0)
    made = frame.with_samples(box, samples)
    assert same(made, unpacked(frame, packed(frame, made))[0])


def test_a_frame_of_another_plate_is_refused(frames: list[SampledFrame], plate: Path) -> None:
    frame = frames[0]
    data = packed(frame, changed(frame))
    for other in (frames[1], frames[2], read(plate)[4]):
        with pytest.raises(DamagedChange):
            unpacked(other, data)
    regraded: Any = frame
    box = Box(20, 20, 24, 24)
    regraded = frame.with_samples(box, [plane ^ 1 for plane in frame.samples_in(box)])
    regraded.changed_box = None
    with pytest.raises(DamagedChange, match="not the one"):
        unpacked(regraded, data)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_damaged_bytes_are_refused_and_nothing_else_happens(
    frames: list[SampledFrame], data: st.DataObject
) -> None:
    from plosive.sync.framechange import _sealed

    frame = data.draw(st.sampled_from(frames))
    whole = packed(frame, changed(frame), b"note")
    place = data.draw(st.integers(0, min(len(whole), 80) - 1))
    spoiled = bytearray(whole)
    spoiled[place] ^= data.draw(st.integers(1, 255))
    for wrong in (bytes(spoiled), whole[:place], whole + b"x"):
        with pytest.raises(DamagedChange):
            unpacked(frame, wrong)
    with suppress(DamagedChange):  # as if whoever spoiled it had sealed it again
        unpacked(frame, _sealed(bytes(spoiled[:-16])))


def test_the_journal_of_another_job_is_emptied_and_foreign_files_stay(
    frames: list[SampledFrame], tmp_path: Path
) -> None:
    folder = tmp_path / "journal"
    frame, made = frames[0], changed(frames[0])
    first = RenderJournal(folder, "a")
    assert first.find(frame) is None
    first.keep(frame, made)
    (folder / "notes.txt").write_text("mine")
    (folder / ".000007.frame.123.part").write_bytes(b"half")
    again = RenderJournal(folder, "a")
    found: Any = again.find(frame)
    assert same(found, made) and again.taken_up == 1
    other = RenderJournal(folder, "b")
    assert other.find(frame) is None and other.notes == ()
    assert sorted(path.name for path in folder.iterdir()) == ["journal.json", "notes.txt"]


@pytest.mark.parametrize(
    "header", [b"", b"{", b"[]", b'{"schema": "plosive.journal.v0", "key": "a"}', b"\xff"]
)
def test_a_journal_without_its_header_is_emptied(
    header: bytes, frames: list[SampledFrame], tmp_path: Path
) -> None:
    RenderJournal(tmp_path, "a").keep(frames[0], changed(frames[0]))
    (tmp_path / "journal.json").write_bytes(header)
    assert RenderJournal(tmp_path, "a").find(frames[0]) is None


def test_half_written_frames_are_made_again(frames: list[SampledFrame], tmp_path: Path) -> None:
    journal = RenderJournal(tmp_path, "a")
    journal.keep(frames[0], changed(frames[0]))
    (file,) = tmp_path.glob("*.frame")
    whole = file.read_bytes()
    for size in (0, 10, len(whole) // 2, len(whole) - 1):
        file.write_bytes(whole[:size])
        assert journal.find(frames[0]) is None
    file.unlink()
    file.mkdir()
    assert journal.find(frames[0]) is None


def test_a_journal_that_cannot_be_written_fails_no_job(frames: list[SampledFrame], tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    journal = RenderJournal(file, "a")
    journal.keep(frames[0], changed(frames[0]))
    assert journal.find(frames[0]) is None
    assert "are not kept" in journal.problem


def test_a_killed_job_goes_on_and_gives_the_same_bytes(
    plate: Path, spoken_line: Path, tmp_path: Path
) -> None:
    journal = tmp_path / "kept"
    whole = SyncOptions(plate, spoken_line, tmp_path / "whole.mov", elements=tmp_path / "whole")
    again = replace(whole, out=tmp_path / "again.mov", elements=tmp_path / "again")
    sync_plate(whole, SilentProgress())
    wanted = results(tmp_path, "whole")
    assert len(wanted) == FRAMES + 3

    killed_at = random.randint(2, FRAMES - 2)
    arguments = (plate, spoken_line, again.out, again.elements, journal, killed_at)
    child = subprocess.run(
        [sys.executable, "-c", CHILD, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": str(Path(plosive.__file__).parents[1])},
    )
    assert child.returncode == -signal.SIGKILL, child.stderr
    assert not again.out.exists()
    kept = sorted(journal.glob("*.frame"))
    assert len(kept) >= killed_at
    kept[0].write_bytes(kept[0].read_bytes()[:-7])  # a damaged one is made again

    resumed = sync_plate(again, SilentProgress(), journal)
    assert resumed.notes[-1].startswith(f"{len(kept) - 1} frame")
    assert results(tmp_path, "again") == wanted
    # And where it was killed when its elements had their names and OUT had not:
    again.out.unlink()
    once_more = sync_plate(replace(again, overwrite=True), SilentProgress(), journal)
    assert once_more.notes[-1].startswith(f"{FRAMES} frames")
    assert results(tmp_path, "again") == wanted
    assert json.loads((tmp_path / "again.plosive.json").read_text())["schema"]


def results(folder: Path, name: str) -> dict[str, bytes]:
    """What must be the same: OUT, and elements but for the script, which tells where they lie."""
    files = [path for path in (folder / name).iterdir() if path.suffix != ".nk"]
    return {path.name: path.read_bytes() for path in files} | {"out": (folder / f"{name}.mov").read_bytes()}
