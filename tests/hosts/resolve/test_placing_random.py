# SPDX-License-Identifier: Apache-2.0
"""A placed result shows at every frame the synced self of what was there, or is refused and nothing is
changed.

Random clips on random timelines with every switch of the fake thrown at random; a fixed set of seeds.
"""

from __future__ import annotations

import random
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from fakes.resolve import EDITIONS, FakeBehaviour, Scene
from fakes.resolve.cut import ItemState, TimelineState
from fakes.results import Results
from plosive_host import PlosiveHostError
from plosive_resolve import Choices, clips_meant, fingerprint, open_host, place, undo, view_timeline

RATES = [Fraction(rate) for rate in (24, 25, 30, 50)] + [Fraction(n * 1000, 1001) for n in (24, 30)]
SPEEDS = [Fraction(p, 100) for p in (100, 100, 100, 100, 200, 50, -100, 150, -200, -50, 70, 133)]
RUNNING = [edition for edition in EDITIONS if edition.runs_python_scripts]


def behaviour_of(draw: random.Random) -> FakeBehaviour:
    return FakeBehaviour(
        source_start_shift=draw.choice([0, 0, 1, -1]),
        source_end_short=draw.choice([None, 1, 2, 3]),
        source_times=draw.choice(["exact", "milliseconds"]),
        video_left_offset_rate=draw.choice(["media", "timeline"]),
        sequence_numbers=draw.choice(["from_zero", "file_numbers"]),
        take_end_is_inclusive=draw.random() < 0.5,
        new_take_is_selected=draw.random() < 0.5,
        take_keeps_speed=draw.random() < 0.5,
        first_delete_fails=draw.random() < 0.3,
        next_append_errors=draw.random() < 0.2,
    )


def drawn(draw: random.Random) -> tuple[Scene, ItemState]:
    """A clip with neighbours, titles above, a lock, another page: as edits are."""
    rate = draw.choice(RATES)
    start = draw.choice(["01:00:00:00", "00:00:00:00"])
    scene = Scene(rate, start, edition=draw.choice(RUNNING), behaviour=behaviour_of(draw))
    frames, timecode = draw.randint(60, 200), draw.choice(["00:00:00:00", "10:00:00:00"])
    if draw.random() < 0.3:
        media = scene.sequence(first_file=draw.choice([0, 1, 1001]), frames=frames, start_timecode=timecode)
    else:
        own = rate if draw.random() < 0.7 else draw.choice(RATES)
        media = scene.picture(frames=frames, rate=own, start_timecode=timecode)
    speed = draw.choice(SPEEDS)
    step = abs(speed) * media.rate / rate
    duration = draw.randint(3, max(3, min(int(frames / step), 80)))
    room = int(frames - duration * step)
    first = draw.randint(0, room) if speed > 0 else frames - 1 - draw.randint(0, room)
    track = draw.choice([1, 1, 2])
    if draw.random() < 0.7:
        scene.place(scene.picture("a.mov"), track, duration=30, record_frame=scene.frame(0))
    item = scene.place(
        media, track, record_frame=scene.frame(30), source_in=first, duration=duration, speed=speed
    )
    if draw.random() < 0.7:
        scene.place(scene.picture("b.mov"), track, duration=30)
    if draw.random() < 0.3:
        at = scene.frame(30 + duration + draw.randint(0, 20))
        scene.place(scene.picture("above.mov"), track + 1, record_frame=at, duration=10)
    if draw.random() < 0.3:
        scene.generator(track + draw.choice([1, 2]), scene.frame(20), 5)
    item.grade, item.properties = "warm", {"ZoomX": 1.5}
    scene.timeline.video[track - 1].is_locked = draw.random() < 0.3
    scene.app.page = draw.choice(["edit", "edit", "color", "fusion"])
    scene.playhead(item.record_start)
    return scene, item


def state(timeline: TimelineState) -> list[Any]:
    """All that undoing has to put back."""
    return [
        (track.name, track.is_locked, track.is_enabled, [dict(vars(item)) for item in track.items])
        for kind in ("video", "audio")
        for track in timeline.tracks(kind)
    ]


def copied_state(timeline: TimelineState) -> list[Any]:
    return [
        (*rest, [{**item, "markers": dict(item["markers"]), "takes": list(item["takes"])} for item in items])
        for *rest, items in state(timeline)
    ]


def shown(results: Results, timeline: TimelineState, frames: range) -> list[Any]:
    found = [(timeline.shown_at(frame), frame) for frame in frames]
    return [results.played(item, frame) if item and item.media else None for item, frame in found]


@pytest.mark.parametrize("seed", range(40))
def test_right_or_refused(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    draw = random.Random(seed)
    scene, item = drawn(draw)
    choices = Choices(
        output_mode=draw.choice(["take", "take", "track", "timeline"]),
        handle_frames=draw.choice([0, 0, 12, 5]),
    )
    results, host = Results(scene, tmp_path, monkeypatch), open_host(scene.app.script_globals())
    (clip,) = clips_meant(host)
    mine, app = scene.timeline, scene.app
    frames = range(item.record_start, item.record_end_exclusive)
    elsewhere = [f for f in range(mine.start_frame, mine.end_frame_exclusive) if f not in frames]
    wanted = [(*played[:2], True) for played in shown(results, mine, frames)]
    others = [mine.shown_at(frame) for frame in elsewhere]
    before, page, folder = copied_state(mine), app.page, app.project.current_folder
    seen = fingerprint(view_timeline(host.timeline))
    result = results.of(clip, choices, score=4.0)
    try:
        placed = place(host, clip, result, choices, seen, "job", "dub.wav")
    except PlosiveHostError:
        assert clip.is_retimed, "only retimed clips may be refused"
        assert copied_state(mine) == before
        placed = None
    assert (app.page, app.project.current_folder, app.project.current_timeline) == (page, folder, mine)
    if placed is None:
        return
    there = next(one for one in app.project.timelines if one.id == placed.timeline_id)
    assert shown(results, there, frames) == wanted
    app.project.save()
    assert shown(results, there, frames) == wanted, "gone with a save"
    if choices.output_mode == "timeline":
        assert copied_state(mine) == before
        return
    assert [mine.shown_at(frame) for frame in elsewhere] == others
    count = len(mine.all_items())
    (again,) = clips_meant(host)
    if again.with_handles(choices.handle_frames) == clip.with_handles(choices.handle_frames):
        seen = fingerprint(view_timeline(host.timeline))
        assert place(host, again, result, choices, seen, "job", "dub.wav").was_there
        assert len(mine.all_items()) == count
    undo(host, placed)
    assert copied_state(mine) == before
