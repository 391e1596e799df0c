# SPDX-License-Identifier: Apache-2.0
"""What one job on a plate leaves to the next: it makes it quicker, and no bit of it other."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import plosive.composite.grain
from plosive.demo.sample import SamplePlate, write_sample
from plosive.media.videoreader import VideoReader
from plosive.progress import SilentProgress
from plosive.sync import SyncOptions
from plosive.sync.job import sync_plate
from plosive.sync.plate_memory import PlateMemory


@pytest.fixture
def options(tmp_path: Path, spoken_line: Path, monkeypatch: pytest.MonkeyPatch) -> SyncOptions:
    monkeypatch.setenv("PLOSIVE_CACHE", str(tmp_path / "cache"))
    write_sample(tmp_path / "plate.mov", SamplePlate(8, 480, 270), SilentProgress())
    return SyncOptions(tmp_path / "plate.mov", spoken_line, tmp_path / "first.mov", frame_range="0-5")


def test_a_second_language_reads_the_plate_once_and_is_the_same_to_the_bit(
    options: SyncOptions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured: list[object] = []
    real = plosive.composite.grain.measured_grain
    monkeypatch.setattr(
        plosive.composite.grain, "measured_grain", lambda pool: measured.append(pool) or real(pool)
    )
    alone, after = (
        replace(options, out=tmp_path / name, audio_start="-1/8") for name in ("alone.mov", "after.mov")
    )
    sync_plate(alone, SilentProgress())
    assert len(measured) == 1
    with PlateMemory() as memory:
        sync_plate(options, SilentProgress(), memory=memory)
        assert len(measured) == 2
        reads: list[int] = []
        real_frames = VideoReader.frames

        def counted(self: VideoReader, first: int = 0) -> object:
            reads.append(first)
            return real_frames(self, first)

        monkeypatch.setattr(VideoReader, "frames", counted)
        sync_plate(after, SilentProgress(), memory=memory)
    assert len(reads) == 1, "only its rendering read the plate"
    assert len(measured) == 2, "the grain was known"
    assert after.out.read_bytes() == alone.out.read_bytes()
    assert after.out.read_bytes() != options.out.read_bytes()


def test_another_plate_finds_nothing_of_the_first(options: SyncOptions, tmp_path: Path) -> None:
    other = replace(options, out=tmp_path / "other.mov", plate=tmp_path / "other_plate.mov")
    write_sample(other.plate, SamplePlate(8, 320, 180), SilentProgress())
    sync_plate(replace(other, out=tmp_path / "alone.mov"), SilentProgress())
    with PlateMemory() as memory:
        sync_plate(options, SilentProgress(), memory=memory)
        sync_plate(other, SilentProgress(), memory=memory)
        changed = replace(options, out=tmp_path / "changed.mov")
        write_sample(tmp_path / "new.mov", SamplePlate(8, 320, 180), SilentProgress())
        (tmp_path / "new.mov").replace(options.plate)  # another picture under the name of the first
        sync_plate(changed, SilentProgress(), memory=memory)
    assert other.out.read_bytes() == (tmp_path / "alone.mov").read_bytes()
    assert changed.out.stat().st_size == other.out.stat().st_size
