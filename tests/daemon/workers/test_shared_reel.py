# SPDX-License-Identifier: Apache-2.0
"""One reel by two: every render is made once, whoever makes it, and the leader knows them all."""

from __future__ import annotations

import shutil
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest

from plosive.demo.sample import SamplePlate, spoken_line, write_sample
from plosive.errors import FaceError
from plosive.progress import SilentProgress
from plosive.reel import (
    ConformOptions,
    ConformResult,
    DubWish,
    ReelPosition,
    ReelWatch,
    conform_edit,
    help_conform,
)
from plosive.reel.renders import rendering
from plosive.sync_options import SyncOptions, SyncResult
from plosive_daemon.workers.shared_reel import SharedReel

SHOTS = 6


def a_range(start: int, duration: int) -> Any:
    time_of = otio.opentime.RationalTime
    return otio.opentime.TimeRange(time_of(start, 25), time_of(duration, 25))


@pytest.fixture(scope="module")
def reel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six shots, far apart in one generated plate, under the demo's line of speech."""
    folder = tmp_path_factory.mktemp("reel")
    write_sample(folder / "a.mov", SamplePlate(60, 128, 72), SilentProgress())
    shutil.copy(spoken_line()[0], folder / "mix.wav")
    track = otio.schema.Track("V1", kind=otio.schema.TrackKind.Video)
    for number in range(SHOTS):
        media = otio.schema.ExternalReference("a.mov", a_range(0, 60))
        track.append(otio.schema.Clip(f"s{number}", media, a_range(number * 10, 4)))
    timeline = otio.schema.Timeline("reel")
    timeline.tracks.append(track)
    otio.adapters.write_to_file(timeline, str(folder / "reel.otio"))
    return folder / "reel.otio"


class Made:
    """Stands in for `sync_plate`: copies the plate, tells who made what, and fails where told to."""

    def __init__(self) -> None:
        self.by: dict[str, list[str]] = {"lead": [], "help": []}
        self.failing = ""

    def __call__(self, options: SyncOptions, *more: object, **named: object) -> SyncResult:
        who = threading.current_thread().name
        self.by[who].append(options.out.name)
        time.sleep(0.05)
        if who == self.failing:
            raise FaceError("Face 7 is not in the plate; choose another.")
        shutil.copy(options.plate, options.out)
        return SyncResult(options.out, 4, 4, ())


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Made:
    made = Made()
    monkeypatch.setattr(rendering, "sync_plate", made)
    return made


def conformed(reel: Path, folder: Path, made: Made) -> ConformResult:
    """By this test's thread, with the help of another from its first render on."""
    wish = DubWish("de", str(reel.parent / "mix.wav"), "-1/2")
    options = ConformOptions(reel, folder / "out", (wish,), handles=0, score=False)
    begun = threading.Event()
    leading = SharedReel(folder / "shared")
    leading.begin()

    def at(position: ReelPosition) -> None:
        begun.set()

    def help_out() -> None:
        begun.wait(20.0)
        help_conform(options, SilentProgress(), SharedReel(folder / "shared"))

    helper = threading.Thread(target=help_out, name="help")
    helper.start()
    own, threading.current_thread().name = threading.current_thread().name, "lead"
    try:
        return conform_edit(options, SilentProgress(), watch=ReelWatch(at), sharing=leading)
    finally:
        threading.current_thread().name = own
        begun.set()
        helper.join()


def test_every_render_is_made_once(reel: Path, tmp_path: Path, made: Made) -> None:
    (german,) = conformed(reel, tmp_path, made).languages
    wanted = [one.out.name for one in german.shots if one.out is not None]
    assert len(wanted) == len(german.shots) == SHOTS
    assert Counter(made.by["lead"] + made.by["help"]) == Counter(wanted)
    assert made.by["help"] and made.by["lead"][0] == wanted[0] and made.by["help"][0] == wanted[-1]
    assert all(one.is_new and one.state == "synced" for one in german.shots), "some count as made before"
    assert sorted(path.name for path in (tmp_path / "out").glob("*.otio")) == ["reel_de_v001.otio"]

    made.by = {"lead": [], "help": []}
    (interrupted,) = conformed(reel, tmp_path, made).languages
    assert made.by == {"lead": [], "help": []} and all(one.is_new for one in interrupted.shots)
    shutil.rmtree(tmp_path / "shared")  # another job
    (again,) = conformed(reel, tmp_path, made).languages
    assert made.by == {"lead": [], "help": []} and not any(one.is_new for one in again.shots)


def test_what_fails_for_a_helper_is_tried_by_the_leader(reel: Path, tmp_path: Path, made: Made) -> None:
    made.failing = "help"
    (german,) = conformed(reel, tmp_path, made).languages
    assert {one.state for one in german.shots} == {"synced"}
    assert len(made.by["lead"]) == SHOTS and made.by["help"]


def test_a_claim_goes_with_who_has_it(tmp_path: Path) -> None:
    one, other = SharedReel(tmp_path / "shared"), SharedReel(tmp_path / "shared")
    one.begin()
    assert one.claim("a") and not other.claim("a") and other.claim("b")
    one.release("a", is_done=False)
    assert other.claim("a") and not other.is_done("a")
    other.release("a", is_done=True)
    assert one.is_done("a") and not one.is_done("b")
    other.note_helper("cuda-1", is_there=True)
    other.note_made("key")
    assert one.helpers == 1 and one.was_made("key") and not one.was_made("other")
    other.note_helper("cuda-1", is_there=False)
    assert one.helpers == 0
    one.begin("cuda")
    assert (one.device, other.device) == ("cuda", "cuda")
    assert one.was_made("key") and not one.is_done("a"), "what was made stays so"
