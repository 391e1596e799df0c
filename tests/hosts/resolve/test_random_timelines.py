# SPDX-License-Identifier: Apache-2.0
"""Random timelines on the fake, with every behaviour that nobody has settled: the frames asked for are the
frames played, and what is placed plays, at every timeline frame, the synced frame of the number that was seen
there before.
"""

from __future__ import annotations

import json
import math
import os
import tempfile
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fakes.resolve import FakeBehaviour, FakeEdition, Scene
from fakes.resolve.cut import ItemState, TimelineState
from fakes.results import Results
from plosive.media.placement import place_dub, place_retimed
from plosive.media.retime import parse_retime
from plosive_client import SyncRequest
from plosive_client.messages import fill
from plosive_client.stdio.json_form import from_json, parsed
from plosive_daemon.service.conversion import sync_options_of
from plosive_host import PlosiveHostError
from plosive_proto.v1 import sync_pb2
from plosive_resolve import (
    Choices,
    clips_meant,
    fingerprint,
    open_host,
    place,
    request_of,
    undo,
    view_timeline,
    voices_found,
)

FILM, NTSC = Fraction(24000, 1001), Fraction(30000, 1001)
RATES = (Fraction(24), FILM, Fraction(25), NTSC, Fraction(50), Fraction(60000, 1001))
SPEEDS = (Fraction(1),) * 6 + tuple(Fraction(p, 100) for p in (200, 50, 150, 80, 125, 33, -100, -200, -50))
EDITIONS = tuple(
    FakeEdition(version, is_studio)
    for version, is_studio in (((19, 1), True), ((20, 2), False), ((21, 0, 4), True), ((21, 1), True))
)
MANY = int(os.environ.get("PLOSIVE_EXAMPLES", "60"))  # thousands now and then, by hand
SETTINGS = settings(
    max_examples=MANY, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)


@dataclass(frozen=True)
class Wanted:
    """A clip on a timeline, and how the program behaves."""

    rate: Fraction
    media_rate: Fraction
    is_sequence: bool
    has_timecode: bool
    frames: int
    source_in: int
    duration: int
    speed: Fraction
    gap: int
    edition: FakeEdition
    behaviour: FakeBehaviour
    handles: int
    mode: str
    dub_at: int
    dub_in: int


@st.composite
def wanted(draw: st.DrawFn) -> Wanted:
    rate = draw(st.sampled_from(RATES))
    is_sequence = draw(st.booleans())
    media_rate = rate if is_sequence or draw(st.integers(0, 3)) else draw(st.sampled_from(RATES))
    speed = draw(st.sampled_from(SPEEDS))
    duration = draw(st.integers(6, 70))
    step = abs(speed) * media_rate / rate
    used = math.ceil(duration * step) + 1
    before, after = draw(st.integers(0, 60)), draw(st.integers(0, 60))
    return Wanted(
        rate,
        media_rate,
        is_sequence,
        draw(st.booleans()),
        before + used + after,
        before if speed > 0 else before + used - 1,
        duration,
        speed,
        draw(st.integers(0, 20)),
        draw(st.sampled_from(EDITIONS)),
        FakeBehaviour(
            source_start_shift=draw(st.sampled_from((0, 0, 1, -1))),
            video_left_offset_rate=draw(st.sampled_from(("media", "timeline"))),
            source_end_short=draw(st.sampled_from((None, None, 1, 2, 3))),
            source_times=draw(st.sampled_from(("exact", "milliseconds"))),
            sequence_numbers=draw(st.sampled_from(("from_zero", "file_numbers"))),
            take_end_is_inclusive=draw(st.booleans()),
            new_take_is_selected=draw(st.booleans()),
            take_keeps_speed=draw(st.booleans()),
            current_item=draw(st.sampled_from(("topmost", "lowest"))),
            first_delete_fails=draw(st.booleans()),
            next_append_errors=draw(st.booleans()),
        ),
        draw(st.integers(0, 20)),
        draw(st.sampled_from(("take", "track", "timeline"))),
        draw(st.integers(-30, 0)),
        draw(st.integers(0, 200)),
    )


class Edit:
    """The scene of a wish: the clip between two others, a dub under it."""

    def __init__(self, wish: Wanted) -> None:
        self.scene = scene = Scene(wish.rate, edition=wish.edition, behaviour=wish.behaviour)
        start = "10:00:00:00" if wish.has_timecode else "00:00:00:00"
        if wish.is_sequence:
            self.plate = scene.sequence(first_file=1001, frames=wish.frames, start_timecode=start)
        else:
            self.plate = scene.picture(frames=wish.frames, rate=wish.media_rate, start_timecode=start)
        scene.place(scene.picture("a.mov", frames=100), record_frame=scene.frame(60), duration=40)
        self.item = scene.place(
            self.plate,
            record_frame=scene.frame(100 + wish.gap),
            source_in=wish.source_in,
            duration=wish.duration,
            speed=wish.speed,
        )
        scene.place(scene.picture("b.mov", frames=100), duration=30)
        dub = scene.sound(seconds=60)
        at = max(0, 100 + wish.gap + wish.dub_at)
        self.dub = scene.place(
            dub, 1, record_frame=scene.frame(at), source_in=wish.dub_in, duration=wish.duration + 60
        )
        scene.playhead(self.item.record_start)
        self.host = open_host(scene.app.script_globals())

    @property
    def frames(self) -> range:
        return range(self.item.record_start, self.item.record_end_exclusive)

    def played(self, number: int) -> int:
        """The media frame, as the daemon numbers it, that a timeline frame shows."""
        zero = self.plate.first_file_number if self.plate.kind == "sequence" else 0
        return zero + self.item.shown_media_frame(number - self.item.record_start, self.scene.rate)


@SETTINGS
@given(wish=wanted())
def test_frames_asked_for_are_the_frames_played(wish: Wanted) -> None:
    edit = Edit(wish)
    (clip,) = clips_meant(edit.host)
    choices = Choices(folder="/out", handle_frames=wish.handles)
    sent = request_of(clip, voices_found(edit.host, clip).voices, choices)
    played = [edit.played(frame) for frame in edit.frames]
    asked = sent["clip"]["range"]
    first, last = asked["first_frame"], asked["last_frame_inclusive"]
    assert first <= min(played) and max(played) <= last
    if wish.speed == 1 and wish.rate == wish.media_rate:
        assert (first, last) == (min(played), max(played))
        assert [clip.media_frame_shown(frame) for frame in edit.frames] == played
    assert last - first <= max(played) - min(played) + 4 + 2 * clip.step
    low, high = clip.with_handles(wish.handles)
    zero = clip.media.first_number
    assert zero <= low <= first and last <= high <= zero + wish.frames - 1
    assert sent["clip"]["handle_frames"] == wish.handles


@SETTINGS
@given(wish=wanted())
def test_the_dub_is_heard_with_the_frames_it_is_heard_with_in_the_edit(wish: Wanted) -> None:
    edit = Edit(wish)
    (clip,) = clips_meant(edit.host)
    sent = request_of(clip, voices_found(edit.host, clip).voices, Choices(folder="/out"))
    (voice,) = sent["voices"]
    file_starts = Fraction(edit.dub.record_start - wish.dub_in) / wish.rate
    assert edit.item.media is not None
    if clip.speed == 1:
        # where the media's first frame would be on the timeline
        zero = edit.item.record_start / wish.rate - edit.item.source_in / wish.media_rate
        assert Fraction(voice["dub_start_seconds"]) == file_starts - zero
    else:
        assert "dub_start_seconds" not in voice
        for key in sent["clip"]["retime"]["keys"]:
            position = Fraction(key["media_frame"] - clip.media.first_number)
            after = (position - edit.item.source_in) / wish.media_rate / wish.speed
            shown = edit.item.record_start / wish.rate + after
            assert Fraction(key["timeline_seconds"]) == shown - file_starts


@SETTINGS
@given(wish=wanted())
def test_what_is_placed_plays_the_same_frames_synced(wish: Wanted) -> None:
    edit = Edit(wish)
    choices = Choices(folder="/out", handle_frames=wish.handles, output_mode=wish.mode)
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        results = Results(edit.scene, Path(folder), patch)
        (clip,) = clips_meant(edit.host)
        before = fingerprint(view_timeline(edit.host.timeline))
        plain, rest = shown(edit, results), others(edit.scene.timeline, edit.item)
        state = whole(edit.scene.timeline)
        try:
            placed = place(edit.host, clip, results.of(clip, choices), choices, before, "job", "dub")
        except PlosiveHostError as refusal:
            assert refusal.code == "PLACING" and (wish.speed != 1 or wish.rate != wish.media_rate)
            assert whole(edit.scene.timeline) == state
            return
        edit.scene.app.project.save()
        timeline = edit.scene.timeline
        if wish.mode == "timeline":
            assert whole(timeline) == state
            timeline = next(one for one in edit.scene.app.project.timelines if one.id == placed.timeline_id)
        assert shown(edit, results, timeline) == [(plate, frame, True) for plate, frame, _ in plain]
        if wish.mode != "timeline":
            assert others(timeline, edit.item) == rest
            undo(edit.host, placed)
            assert whole(timeline) == state
        assert edit.scene.app.timeline is edit.scene.timeline and edit.scene.app.page == "edit"


def shown(edit: Edit, results: Results, timeline: TimelineState | None = None) -> list[tuple[str, int, bool]]:
    seen = [((timeline or edit.scene.timeline).shown_at(frame), frame) for frame in edit.frames]
    return [results.played(item, frame) for item, frame in seen if item is not None]


def others(timeline: TimelineState, item: ItemState) -> list[tuple[Any, ...]]:
    """What the artist has beside the clip."""
    media = {"a.mov", "b.mov", "dub.wav"}
    return [facts(one) for one in timeline.all_items() if one is not item and one.name in media]


def whole(timeline: TimelineState) -> list[list[tuple[Any, ...]]]:
    return [
        [facts(one) for one in track.items] for kind in ("video", "audio") for track in timeline.tracks(kind)
    ]


def facts(one: ItemState) -> tuple[Any, ...]:
    takes = (len(one.takes), one.selected_take)
    media = one.media.id if one.media else ""
    return (
        one.record_start,
        one.duration,
        one.source_in,
        one.speed,
        one.clip_color,
        dict(one.markers),
        takes,
        media,
    )


@SETTINGS
@given(wish=wanted())
def test_the_core_hears_the_dub_as_the_edit_does(wish: Wanted) -> None:
    """The request goes the whole way: JSON line, client, proto, daemon's options, the core's placement. Then
    at the centre of every frame the core looks up the moment of the dub that the edit plays with it.
    """
    edit = Edit(wish)
    (clip,) = clips_meant(edit.host)
    sent = request_of(clip, voices_found(edit.host, clip).voices, Choices(folder="/out"))
    first = clip.media.first_number
    info: Any = SimpleNamespace(
        frame_rate=clip.media_rate, first_frame=first, frame_count=wish.frames, start_timecode=None
    )
    starts = [Fraction(number) / clip.media_rate for number in range(wish.frames)]
    options = core_options(sent)
    if options.retime is None:
        placed = place_dub(info, starts, Fraction(60), options.audio_start, "plate")
    else:
        placed = place_retimed(info, starts, parse_retime(options.retime), options.audio_start, Fraction(60))
    file_starts = Fraction(edit.dub.record_start - wish.dub_in) / wish.rate
    per_frame = edit.item.media_frames_per_frame(wish.rate)
    for frame in range(clip.first_frame, clip.last_frame_inclusive + 1):
        centre = frame - first + Fraction(1, 2)
        on_timeline = edit.item.record_start + (centre - edit.item.source_in) / per_frame
        assert placed.dub_centres[frame - first] == on_timeline / wish.rate - file_starts


def core_options(sent: dict[str, Any]) -> Any:
    """A request as the daemon hands it to the core."""
    asked = from_json(SyncRequest, parsed(json.dumps(sent).encode()))
    message = sync_pb2.SyncRequest()
    fill(message, asked)
    return sync_options_of(message, out=Path("/out/result.mov"))
