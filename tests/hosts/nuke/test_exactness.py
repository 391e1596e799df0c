# SPDX-License-Identifier: Apache-2.0
"""Frames and times, over Reads of all kinds: what is asked for is what is seen, and comes back where it was
seen.
"""

from __future__ import annotations

import random
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from fakes.nuke import FakeNuke
from fakes.nuke.pictures import read_picture, write_picture
from fakes.nuke.scene import ScriptedSession, lip_sync, read_node, write_plate

RATES = {24.0: Fraction(24), 23.976: Fraction(24000, 1001), 25.0: Fraction(25), 29.97: Fraction(30000, 1001)}
WAYS = ("expression", "frame+3", "start at 1", "start at 1001", "offset", "frame*1")


def mark(sync: dict[str, Any]) -> list[int]:
    """Answer as a daemon would: each asked frame and the handles that the media has, a quarter redder.
    Returns the files' numbers."""
    clip = sync["clip"]
    first = clip["range"]["first_frame"] - clip["handle_frames"]
    last = clip["range"]["last_frame_inclusive"] + clip["handle_frames"]
    made = []
    for frame in range(first, last + 1):
        source = Path(clip["media_path"] % frame)
        if source.exists():
            picture = read_picture(str(source))
            picture.planes["rgba.red"] += 0.25
            write_picture(Path(sync["output"]["path"] % frame), picture, list(picture.planes), False, {})
            made.append(frame)
    return made


def red_of(path: str) -> float:
    return float(read_picture(path).planes["rgba.red"][0, 0])


@pytest.mark.parametrize("seed", range(12))
def test_any_read(nuke: FakeNuke, plosive: type[ScriptedSession], tmp_path: Path, seed: int) -> None:
    some = random.Random(seed)
    disk_first, count = some.choice([0, 1, 86400, 1001]), some.randint(6, 9)
    pattern = write_plate(tmp_path / "a", disk_first, disk_first + count - 1)
    low, high = disk_first + some.randint(0, 2), disk_first + count - 1 - some.randint(0, 2)
    way = WAYS[seed % len(WAYS)]
    mode, text, shift, seen = {
        "expression": ("expression", "", 0, 0),
        "frame+3": ("expression", "frame+3", 3, 3),
        "start at 1": ("start at", "1", low - 1, low - 1),
        "start at 1001": ("start at", "1001", low - 1001, low - 1001),
        "offset": ("offset", "5", None, -5),
        "frame*1": ("expression", "frame*1", None, 0),
    }[way]
    read = read_node(nuke, pattern, low, high, frame_mode=mode, frame=text)
    dot = nuke.nodes.Dot()
    dot.setInput(0, read)
    node = lip_sync(nuke, dot)
    first = some.randint(low, high) - seen
    last, handles = some.randint(first, high - seen), some.randint(0, 3)
    told = some.choice(list(RATES))
    nuke.root()["fps"].setValue(told)
    dub_frame = first + some.choice([-3.0, 0.0, 0.5, 4.0])
    given = {"first": first, "last": last, "handles": handles, "dub": "/d.wav", "dub_frame": dub_frame}
    for name, value in {**given, "elements": False}.items():
        node[name].setValue(value)
    before = {
        frame: float(nuke.show(read, frame).planes["rgba.red"][0, 0]) for frame in range(first - 6, last + 7)
    }
    nuke.press(node, "sync")
    assert nuke.messages == []
    assert bool(nuke.rendered) is (shift is None)
    sync = plosive.made[0].asked("submit")["sync"]
    made = mark(sync)
    used = shift or 0
    media_first = disk_first if shift is not None else min(frame for _, frame, _, _ in nuke.rendered)
    start = Fraction(sync["voices"][0]["dub_start_seconds"])
    assert start * RATES[told] + media_first - used == Fraction(dub_frame)
    asked = sync["clip"]["range"]
    numbers = range(asked["first_frame"], asked["last_frame_inclusive"] + 1)
    reds = [red_of(sync["clip"]["media_path"] % number) for number in numbers]
    assert reds == [before[frame] for frame in range(first, last + 1)]
    plosive.made[0].done({"job": {"id": "J", "result": {"frames_total": len(made)}}})
    nuke.threads.idle_until(lambda: nuke.threads.waiting == 0)
    assert nuke.messages == []
    shown = {frame - used for frame in made}
    assert set(range(first, last + 1)) <= shown <= set(range(first - handles, last + handles + 1))
    for frame, plate in before.items():
        if frame in shown and frame - first >= -handles:
            wanted = red_of(sync["clip"]["media_path"] % (frame + used)) + 0.25
        else:
            wanted = plate
        assert nuke.show(node, frame).planes["rgba.red"][0, 0] == wanted, frame


def test_a_second_speaker_on_top_of_the_first(
    nuke: FakeNuke, plosive: type[ScriptedSession], tmp_path: Path
) -> None:
    """The second node renders what the first shows: its result, not the plate."""
    below = read_node(nuke, write_plate(tmp_path / "a", 1, 4), 1, 4)
    for name in ("one", "two"):
        node = lip_sync(nuke, below)
        for knob, value in (("dub", f"/{name}.wav"), ("elements", False)):
            node[knob].setValue(value)
        nuke.press(node, "sync")
        made = mark(plosive.made[0].asked("submit")["sync"])
        plosive.made[0].done({"job": {"id": name, "result": {"frames_total": len(made)}}})
        nuke.threads.idle_until(lambda: nuke.threads.waiting == 0)
        below = node
    assert nuke.messages == []
    assert [nuke.show(below, frame).planes["rgba.red"][0, 0] for frame in (1, 4)] == [1.5, 4.5]
    assert {name for name, _, _, _ in nuke.rendered} == {"LipSync2.PlateWrite"}
    rendered = len(nuke.rendered)
    below.input(0)["status"].setValue("something else")
    nuke.press(below, "sync")  # what the first tells makes no other picture
    assert len(nuke.rendered) == rendered
