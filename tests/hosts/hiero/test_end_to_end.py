# SPDX-License-Identifier: Apache-2.0
"""Lip Sync Clip with the daemon and the workers that ship, on a real movie and a real WAV: the timeline plays
a new mouth at the frames that were asked for, and the plate's own pictures elsewhere.
"""

from __future__ import annotations

import importlib
import os
import time
import wave
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from fakes.hiero import FakeMedia, World
from fakes.hiero.scene import Cut, ScriptedScreen
from plosive.demo.sample import SamplePlate, spoken_line, write_sample
from plosive.progress import SilentProgress

WIDTH, HEIGHT, FRAMES = 320, 180, 12


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, daemon_in: Callable[[Path], None]) -> Path:
    """A daemon of its own, and plate.mov: the sample's camera over a portrait, 24 frames a second."""
    folder = tmp_path_factory.mktemp("hiero")
    write_sample(folder / "plate.mov", SamplePlate(FRAMES, WIDTH, HEIGHT), SilentProgress())
    daemon_in(folder)
    return folder


def probed(path: str) -> FakeMedia | None:
    """What a real file holds, as Hiero would tell it."""
    if not os.path.isfile(path):
        return None
    if path.endswith(".wav"):
        with wave.open(path) as sound:
            rate, count = sound.getframerate(), sound.getnframes()
        return FakeMedia(path, 0, 99, has_video=False, has_audio=True, samples=count, sample_rate=rate)
    with av.open(path) as container:
        stream = container.streams.video[0]
        rate = Fraction(stream.average_rate or 24)
        count = sum(1 for _ in container.decode(video=0))
    return FakeMedia(path, 0, count - 1, rate)


def pictures(path: str) -> list[Any]:
    """Y'CbCr of every frame, as it is stored."""
    with av.open(path) as container:
        return [frame.to_ndarray() for frame in container.decode(video=0)]


def shown(item: Any) -> list[Any]:
    """What a track item plays."""
    movie = pictures(item.source().mediaSource().firstpath())
    clip = item.source()
    frames = range(item.timelineIn(), item.timelineOut() + 1)
    return [movie[round(item.mapTimelineToSource(at)) + clip.sourceIn()] for at in frames]


def assert_of_the_same_numbers(mouths: list[Any], originals: list[Any], plate: list[Any]) -> None:
    """Most of each picture is the plate's frame of that number, and of no other."""
    for mouth, original in zip(mouths, originals, strict=True):
        near = [int((mouth != one).sum()) for one in plate]
        assert np.array_equal(plate[near.index(min(near))], original)


def synced(screen: ScriptedScreen, desk: Any, item: Any) -> None:
    importlib.import_module("plosive_hiero.action").lip_sync((item,), desk)
    deadline = time.monotonic() + 180.0
    while screen.ticking is not None and time.monotonic() < deadline:
        screen.ticking()
        time.sleep(0.05)
    assert screen.ticking is None and not screen.whys[-1], screen.whys


@pytest.fixture
def desk_of() -> Iterator[Any]:
    made: list[Any] = []

    def make(screen: ScriptedScreen) -> Any:
        made.append(importlib.import_module("plosive_hiero.desk").Desk(screen))
        return made[-1]

    yield make
    for desk in made:
        desk.close()


def test_version_and_track_item_play_the_synced_frames(
    world: World, place: Path, tmp_path: Path, desk_of: Any
) -> None:
    world.probe = probed
    cut = Cut(world, tmp_path, Fraction(24))
    dub, words = spoken_line()
    item = cut.item(cut.clip(FakeMedia((place / "plate.mov").as_posix())), 100, 6, 3)
    world.media.clear()
    sound = cut.clip(FakeMedia(Path(dub).as_posix()))
    cut.item(sound, 98, 3, 20, track=cut.a1)  # trimmed at its head, before the clip
    originals, plate_path = shown(item), item.source().mediaSource().firstpath()

    screen = ScriptedScreen(transcript=words, output="version", score=False)
    synced(screen, desk_of(screen), item)
    assert "3 of 12 frames synced" in screen.told[0][1], screen.told
    result = item.source().mediaSource().firstpath()
    assert result == (tmp_path / "plosive" / "plate_6-8_v001.mov").as_posix()
    mouths = shown(item)
    whole, plate = pictures(result), pictures(plate_path)
    changed = [n for n in range(FRAMES) if not np.array_equal(whole[n], plate[n])]
    assert changed and set(changed) <= set(range(6, 9))
    assert_of_the_same_numbers(mouths, originals, plate)
    assert screen.bars[0].is_closed and any("render" in text for text, _ in screen.bars[0].shown)

    screen = ScriptedScreen(transcript=words, output="track", handles=2, score=False)
    synced(screen, desk_of(screen), item)
    [made] = cut.sequence.videoTracks()[1].items()
    assert made.source().mediaSource().firstpath().endswith("/plate_6-8_v002.mov")
    assert (made.source().duration(), made.sourceIn(), made.timelineIn()) == (7, 2.0, 100)
    assert_of_the_same_numbers(shown(made), originals, plate)
    assert any(not np.array_equal(one, other) for one, other in zip(shown(made), originals, strict=True))
    cut.project.undo()
    cut.project.undo()
    assert len(cut.sequence.videoTracks()) == 1
    assert item.source().mediaSource().firstpath() == plate_path


def test_the_daemons_refusal_reaches_the_artist(
    world: World, place: Path, tmp_path: Path, desk_of: Any
) -> None:
    world.probe = probed
    cut = Cut(world, tmp_path, Fraction(24))
    item = cut.item(cut.clip(FakeMedia((place / "plate.mov").as_posix())), 0, 0, 5)
    (tmp_path / "noise.wav").write_bytes(b"no sound")
    screen = ScriptedScreen(dub_path=str(tmp_path / "noise.wav"))
    synced(screen, desk_of(screen), item)
    assert "noise.wav" in screen.told[0][1] and item.source().mediaSource().firstpath().endswith("plate.mov")
