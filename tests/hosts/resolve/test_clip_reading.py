# SPDX-License-Identifier: Apache-2.0
"""Which frames a clip plays is read right whatever Resolve gets wrong: random cuts, all switches of the fake
at once.

A fixed set of seeds: media of a fake that lies nowhere, at rates, speeds, offsets and timecodes drawn from
what edits hold.
"""

from __future__ import annotations

import random
from fractions import Fraction

import pytest

from fakes.resolve import EDITIONS, FakeBehaviour, Scene
from fakes.resolve.cut import ItemState
from plosive_resolve.application import open_host
from plosive_resolve.reading import clips_meant

RATES = [Fraction(rate) for rate in (24, 25, 30, 50)] + [Fraction(n * 1000, 1001) for n in (24, 30, 60)]
SPEEDS = [Fraction(p, 100) for p in (100, 100, 100, 200, 50, -100, 150, -200, -50, 70, 110, 133, 400)]
RUNNING = [edition for edition in EDITIONS if edition.runs_python_scripts]


def drawn(seed: int) -> tuple[Scene, ItemState] | None:
    """A timeline with one clip on it; None where what was drawn does not fit into its media."""
    draw = random.Random(seed)
    behaviour = FakeBehaviour(
        source_start_shift=draw.choice([0, 0, 1, -1]),
        source_end_short=draw.choice([None, None, 1, 2, 3]),
        source_times=draw.choice(["exact", "milliseconds"]),
        video_left_offset_rate=draw.choice(["media", "timeline"]),
        sequence_numbers=draw.choice(["from_zero", "file_numbers"]),
    )
    rate = draw.choice(RATES)
    start = draw.choice(["01:00:00:00", "00:00:00:00", "09:59:50:00"])
    scene = Scene(rate, start, edition=draw.choice(RUNNING), behaviour=behaviour)
    frames, timecode = draw.randint(30, 400), draw.choice(["00:00:00:00", "10:00:00:00"])
    if draw.random() < 0.35:
        first_file = draw.choice([0, 1, 1001, 86400])
        media = scene.sequence(first_file=first_file, frames=frames, start_timecode=timecode)
    else:
        own = rate if draw.random() < 0.6 else draw.choice(RATES)
        media = scene.picture(frames=frames, rate=own, start_timecode=timecode)
    speed = draw.choice(SPEEDS)
    step = abs(speed) * media.rate / rate
    longest = min(int(frames / step), 150)
    if longest < 1:
        return None
    duration = draw.randint(1, longest)
    room = int(frames - duration * step)
    first = draw.randint(0, room) if speed > 0 else frames - 1 - draw.randint(0, room)
    at = scene.frame(draw.randint(0, 200))
    item = scene.place(media, record_frame=at, source_in=first, duration=duration, speed=speed)
    scene.playhead(item.record_start)
    return scene, item


@pytest.mark.parametrize("block", range(4))
def test_the_frames_that_are_shown_are_asked_for(block: int) -> None:
    seen = 0
    for seed in range(150 * block, 150 * block + 150):
        scene_and_item = drawn(seed)
        if scene_and_item is None:
            continue
        scene, item = scene_and_item
        assert item.media is not None
        (use,) = clips_meant(open_host(scene.app.script_globals()))
        truth = [
            item.media.first_file_number + item.shown_media_frame(offset, scene.rate)
            for offset in range(item.duration)
        ]
        told = [use.media_frame_shown(item.record_start + offset) for offset in range(item.duration)]
        assert told == truth, f"seed {seed}"
        assert use.first_frame <= min(truth) and max(truth) <= use.last_frame_inclusive, f"seed {seed}"
        around = 2 + 2 * abs(item.speed) * max(1, item.media.rate / scene.rate)
        assert min(truth) - use.first_frame <= around, f"seed {seed}"
        assert use.last_frame_inclusive - max(truth) <= around, f"seed {seed}"
        seen += 1
    assert seen > 100
