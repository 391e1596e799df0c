# SPDX-License-Identifier: Apache-2.0
"""For random timelines the frames that are asked for are those that are played, and handles.

What is played is found by a simulation of its own: for each frame of the edit it goes down from the timeline
to the clip that is on the screen, and asks each level for its time on the way.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil, floor
from pathlib import Path
from typing import Any

import opentimelineio as otio
from hypothesis import given, settings
from hypothesis import strategies as st

from plosive.conform import Shot, read_edit

RATES = (Fraction(24), Fraction(25), Fraction(24000, 1001))
SPEEDS = (1, 1, 1, 2, -1, Fraction(1, 2), Fraction(-1, 2), 0, Fraction(3, 4), -2)
SLIVER = Fraction(1, 10**9)  # of a second: inside a frame, just off its ends


@dataclass
class Seen:
    """Positions in a clip's media (frames) while it is on the screen, on entering and leaving each frame."""

    shown: set[int] = field(default_factory=set)
    low: Fraction | None = None
    high: Fraction | None = None

    def add(self, entered: Fraction, left: Fraction) -> None:
        self.shown.add(floor(min(entered, left)))
        for position in (entered, left):
            self.low = position if self.low is None else min(self.low, position)
            self.high = position if self.high is None else max(self.high, position)

    @property
    def span(self) -> tuple[int, int] | None:
        """What was shown, and what passed wholly."""
        if self.low is None or self.high is None:
            return None
        slack = Fraction(1, 10**6)
        passed = (ceil(self.low - slack), floor(self.high + slack) - 1)
        return min(passed[0], *self.shown), max(passed[1], *self.shown)


def length(item: Any, rate: Fraction) -> Fraction:
    return Fraction(item.source_range.duration.value) / rate


def inside(item: Any, into: Fraction, rate: Fraction) -> Fraction:
    """The item's own time, `into` seconds after its beginning."""
    start = Fraction(item.source_range.start_time.value) / rate
    for effect in item.effects:
        scalar = Fraction(effect.time_scalar)
        start += -scalar * length(item, rate) if scalar < 0 else 0
        return start + scalar * into
    return start + into


def on_screen(track: Any, time: Fraction, rate: Fraction) -> list[tuple[Any, Fraction]]:
    """Which items of a track show which moment of their own time; nothing beyond its ends."""
    found: list[tuple[Any, Fraction]] = []
    items = [child for child in track if not isinstance(child, otio.schema.Transition)]
    if not 0 <= time < sum((length(item, rate) for item in items), Fraction(0)):
        return found
    position = Fraction(0)
    children = list(track)
    for index, child in enumerate(children):
        if isinstance(child, otio.schema.Transition):
            continue
        before = children[index - 1] if index else None
        after = children[index + 1] if index + 1 < len(children) else None
        early = Fraction(before.in_offset.value) / rate if isinstance(before, otio.schema.Transition) else 0
        late = Fraction(after.out_offset.value) / rate if isinstance(after, otio.schema.Transition) else 0
        end = position + length(child, rate)
        if position - early <= time < end + late:
            found.append((child, inside(child, time - position, rate)))
        position = end
    return found


def simulated(timeline: Any, rate: Fraction, frames: int, media_rate: Fraction) -> dict[str, Seen]:
    seen: dict[str, Seen] = {}
    for number in range(frames):
        begins, ends = number / rate + SLIVER, (number + 1) / rate - SLIVER
        for track in timeline.tracks:
            starts = {id(item): (item, own) for item, own in down(track, begins, rate)}
            for item, own in down(track, ends, rate):
                _, entered = starts.get(id(item), (item, own))
                first = entered * media_rate
                seen.setdefault(item.name, Seen()).add(first, own * media_rate)
    return seen


def down(track: Any, time: Fraction, rate: Fraction) -> list[tuple[Any, Fraction]]:
    found: list[tuple[Any, Fraction]] = []
    for item, own in on_screen(track, time, rate):
        if isinstance(item, otio.schema.Stack):
            for inner in item:
                found += down(inner, own, rate)
        elif isinstance(item, otio.schema.Clip):
            found.append((item, own))
    return found


class Drawn:
    """Builds one timeline from hypothesis' draws; clips have names of their own."""

    def __init__(self, draw: Any, rate: Fraction, media_rate: Fraction) -> None:
        self.draw, self.rate, self.media_rate, self.count = draw, rate, media_rate, 0

    def range(self, start: int, duration: int, rate: Fraction | None = None) -> Any:
        exact = float(rate or self.rate)
        return otio.opentime.TimeRange(
            otio.opentime.RationalTime(start, exact), otio.opentime.RationalTime(duration, exact)
        )

    def effects(self, speeds: tuple[Any, ...]) -> list[Any]:
        speed = self.draw(st.sampled_from(speeds))
        return [] if speed == 1 else [otio.schema.LinearTimeWarp(time_scalar=float(speed))]

    def clip(self) -> Any:
        self.count += 1
        available = self.draw(st.integers(20, 90))
        media = otio.schema.ExternalReference(
            target_url=f"/nowhere/{self.count}.mov", available_range=self.range(0, available, self.media_rate)
        )
        start, duration = self.draw(st.integers(0, 40)), 2 * self.draw(st.integers(1, 12))
        return otio.schema.Clip(
            f"clip {self.count}",
            media_reference=media,
            source_range=self.range(start, duration),
            effects=self.effects(SPEEDS),
        )

    def item(self, depth: int) -> Any:
        kind = self.draw(st.sampled_from(("clip", "clip", "clip", "gap", "nest" if depth else "clip")))
        if kind == "gap":
            return otio.schema.Gap(source_range=self.range(0, 2 * self.draw(st.integers(1, 5))))
        if kind == "clip":
            return self.clip()
        tracks = [self.track(depth - 1) for _ in range(self.draw(st.integers(1, 2)))]
        start, duration = 2 * self.draw(st.integers(0, 8)), 4 * self.draw(st.integers(1, 6))
        return otio.schema.Stack(
            "nest",
            children=tracks,
            source_range=self.range(start, duration),
            effects=self.effects((1, -1, 2, 0) if depth == 2 else (1, -1)),  # cuts stay on frames of the edit
        )

    def track(self, depth: int) -> Any:
        items = [self.item(depth) for _ in range(self.draw(st.integers(1, 4)))]
        made: list[Any] = []
        for index, item in enumerate(items):
            both = index and all(isinstance(one, otio.schema.Clip) for one in (item, items[index - 1]))
            if both and self.draw(st.booleans()):
                offsets = [otio.opentime.RationalTime(self.draw(st.integers(0, 3)) * 2, float(self.rate))] * 2
                made.append(otio.schema.Transition("dissolve", "SMPTE_Dissolve", *offsets))
            made.append(item)
        total = sum(one.source_range.duration.value for one in items)
        track = otio.schema.Track("V", children=made, kind="Video")
        track.source_range = self.range(0, int(total)) if depth else None
        return track


@st.composite
def timelines(draw: Any) -> tuple[Any, Fraction, Fraction]:
    rate = draw(st.sampled_from(RATES))
    media_rate = draw(st.sampled_from((rate, rate, Fraction(30))))
    drawn = Drawn(draw, rate, media_rate)
    timeline = otio.schema.Timeline("random")
    for _ in range(draw(st.integers(1, 2))):
        timeline.tracks.append(drawn.track(2))
    return timeline, rate, media_rate


def expected(seen: Seen | None, shot: Shot, handles: int) -> tuple[Any, Any]:
    """(played, asked for) as pairs of frames: what was seen, as far as it exists, and handles."""
    assert shot.media is not None and shot.media.available is not None
    last = shot.media.available.last_frame_inclusive
    span = seen.span if seen is not None else None
    if span is None or span[0] > last or span[1] < 0:
        return None, None
    played = max(0, span[0]), min(last, span[1])
    pace = max(abs(speed) for speed in shot.retime.speeds) / shot.edit_rate
    more = ceil(handles * pace)
    return played, (max(0, played[0] - more), min(last, played[1] + more))


def pair(frames: Any) -> tuple[int, int] | None:
    return None if frames is None else (frames.first_frame, frames.last_frame_inclusive)


@settings(max_examples=60, deadline=None)
@given(timelines(), st.integers(0, 8))
def test_what_is_asked_for_is_what_is_played_and_handles(
    tmp_path_factory: Any, drawn: tuple[Any, Fraction, Fraction], handles: int
) -> None:
    timeline, rate, media_rate = drawn
    path = Path(tmp_path_factory.getbasetemp()) / "random.otio"
    otio.adapters.write_to_file(timeline, str(path))
    edit = read_edit(path, handles=handles, rate=rate)
    seen = simulated(timeline, rate, edit.duration_frames, media_rate)
    assert set(seen) <= {shot.name for shot in edit.shots}
    for shot in edit.shots:
        played, asked = expected(seen.get(shot.name), shot, handles)
        assert pair(shot.played_frames) == played, shot.name
        assert pair(shot.source_frames) == asked, shot.name
        if played is not None:
            shown = {frame for _, frame in shot.media_frames()}
            assert shown == seen[shot.name].shown
