# SPDX-License-Identifier: Apache-2.0
"""Results where their clips are: as takes, on tracks, in copies; read back, undone, never twice."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from fakes.resolve import EDITIONS, FakeBehaviour, FakeEdition, Scene
from fakes.resolve.cut import TimelineState
from fakes.results import Results
from plosive_host import PlosiveHostError
from plosive_resolve import (
    Choices,
    ClipUse,
    Fingerprint,
    Host,
    Placed,
    clips_meant,
    fingerprint,
    open_host,
    place,
    request_of,
    undo,
    view_timeline,
    voices_found,
)

RUNNING = [edition for edition in EDITIONS if edition.runs_python_scripts]
TAKE, TRACK, COPY = (Choices(output_mode=mode) for mode in ("take", "track", "timeline"))


class Desk:
    """A scene with one clip, meant by the artist, and the host that Plosive sees."""

    def __init__(
        self,
        folder: Path,
        patch: pytest.MonkeyPatch,
        *,
        rate: Fraction | int = 24,
        edition: FakeEdition | None = None,
        behaviour: FakeBehaviour | None = None,
        sequence: bool = False,
        **clip: Any,
    ) -> None:
        self.scene = Scene(rate, edition=edition, behaviour=behaviour)
        self.plate = (
            self.scene.sequence(first_file=1001, frames=200, start_timecode="10:00:00:00")
            if sequence
            else self.scene.picture(frames=200, start_timecode="10:00:00:00")
        )
        self.before_it = self.scene.place(self.scene.picture("a.mov"), duration=30)
        self.item = self.scene.place(self.plate, **{"source_in": 50, "duration": 40, **clip})
        self.after_it = self.scene.place(self.scene.picture("b.mov"), duration=30)
        self.results = Results(self.scene, folder, patch)
        self.scene.playhead(self.item.record_start)
        self.host: Host = open_host(self.scene.app.script_globals())

    def read(self) -> tuple[ClipUse, Fingerprint]:
        (clip,) = clips_meant(self.host)
        return clip, fingerprint(view_timeline(self.host.timeline))

    def run(self, choices: Choices, version: int = 1) -> Placed:
        clip, before = self.read()
        result = self.results.of(clip, choices, version, score=4.25)
        return place(self.host, clip, result, choices, before, f"job{version}", "de.wav")

    def shown(self, timeline: TimelineState | None = None) -> list[tuple[str, int, bool]]:
        """What each frame of the clip's stretch shows: plate, its frame from 0, whether synced."""
        timeline = timeline or self.scene.timeline
        stretch = range(self.item.record_start, self.item.record_end_exclusive)
        found = [(timeline.shown_at(frame), frame) for frame in stretch]
        return [self.results.played(item, frame) for item, frame in found if item is not None]

    def state(self) -> object:
        """All that undoing must put back."""
        timeline = self.scene.timeline
        return [
            (
                kind,
                track.name,
                track.is_locked,
                [
                    (
                        *(i.id, i.record_start, i.duration, i.source_in, i.speed, i.clip_color),
                        *(dict(i.markers), len(i.takes), i.selected_take, i.is_enabled),
                        i.media.id if i.media else "",
                    )
                    for i in track.items
                ],
            )
            for kind in ("video", "audio")
            for track in timeline.tracks(kind)
        ]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Desk]:
    return lambda **how: Desk(tmp_path, monkeypatch, **how)


MakeDesk = Callable[..., Desk]


@pytest.mark.parametrize("edition", RUNNING, ids=str)
@pytest.mark.parametrize("mode", (TAKE, TRACK), ids=("take", "track"))
def test_every_frame_shows_its_synced_self(desk: MakeDesk, edition: FakeEdition, mode: Choices) -> None:
    d = desk(edition=edition)
    plain, before = d.shown(), d.state()
    placed = d.run(mode)
    assert d.shown() == [(plate, frame, True) for plate, frame, _ in plain]
    assert placed.mode == mode.output_mode and placed.version == 1
    assert (d.after_it.record_start, d.after_it.duration) == (d.item.record_end_exclusive, 30)
    undo(d.host, placed)
    assert d.shown() == plain
    state = d.state()
    assert state == before


@pytest.mark.parametrize("is_inclusive", (True, False))
@pytest.mark.parametrize("is_selected", (True, False))
@pytest.mark.parametrize("handles", (0, 12))
@pytest.mark.parametrize("numbers", ("from_zero", "file_numbers"))
@pytest.mark.parametrize("sequence", (False, True))
def test_takes_are_right_whatever_the_bounds_mean(
    desk: MakeDesk, is_inclusive: bool, is_selected: bool, handles: int, numbers: Any, sequence: bool
) -> None:
    behaviour = FakeBehaviour(
        take_end_is_inclusive=is_inclusive, new_take_is_selected=is_selected, sequence_numbers=numbers
    )
    d = desk(behaviour=behaviour, sequence=sequence)
    plain, before = d.shown(), d.state()
    placed = d.run(Choices(handle_frames=handles))
    assert placed.mode == "take" and d.item.duration == 40
    assert d.shown() == [(plate, frame, True) for plate, frame, _ in plain]
    undo(d.host, placed)
    assert d.state() == before


@pytest.mark.parametrize("shift", (-1, 1))
@pytest.mark.parametrize("source_in", (0, 50))
@pytest.mark.parametrize("mode", (TAKE, TRACK), ids=("take", "track"))
def test_a_source_start_one_off_misleads_nobody(
    desk: MakeDesk, shift: int, source_in: int, mode: Choices
) -> None:
    d = desk(behaviour=FakeBehaviour(source_start_shift=shift), source_in=source_in)
    plain = d.shown()
    assert d.run(mode).mode == mode.output_mode
    assert d.shown() == [(plate, frame, True) for plate, frame, _ in plain]


def test_version_two_is_a_take_beside_version_one(desk: MakeDesk) -> None:
    d = desk()
    plain = d.shown()
    d.run(TAKE, 1)
    assert d.read()[0].media.media_id == d.plate.id, "the plate is meant, not the first result"
    placed = d.run(TAKE, 2)
    assert (placed.version, placed.take_index, len(d.item.takes)) == (2, 3, 3)
    assert d.shown() == [(plate, frame, True) for plate, frame, _ in plain]
    undo(d.host, placed)
    assert (len(d.item.takes), d.item.selected_take) == (2, 2)


def test_version_two_of_a_retimed_result_lies_in_version_one(desk: MakeDesk) -> None:
    d = desk(
        edition=FakeEdition((20, 2)), behaviour=FakeBehaviour(take_keeps_speed=False), speed=Fraction(1, 2)
    )
    plain = d.shown()
    first = d.run(TRACK, 1)
    before, timelines = d.state(), len(d.scene.app.project.timelines)
    placed = d.run(TRACK, 2)
    assert first.nested_timeline_id and placed.nested_timeline_id and placed.take_index == 2
    assert len(d.scene.timeline.video) == 2 and len(d.scene.timeline.video[1].items) == 1
    assert d.shown() == [(plate, frame, True) for plate, frame, _ in plain]
    undo(d.host, placed)
    assert d.state() == before and len(d.scene.app.project.timelines) == timelines


@pytest.mark.parametrize("later", (TAKE, TRACK), ids=("take", "track"))
def test_version_two_on_a_track_lies_in_version_one(desk: MakeDesk, later: Choices) -> None:
    d = desk()
    d.run(TRACK, 1)
    tracks = len(d.scene.timeline.video)
    placed = d.run(later, 2)
    assert len(d.scene.timeline.video) == tracks == 2
    assert len(d.scene.timeline.video[1].items) == 1 and placed.take_index == 2
    assert not d.item.takes, "the plate itself is left alone"


def test_the_same_result_is_placed_once(desk: MakeDesk) -> None:
    d = desk()
    clip, before = d.read()
    result = d.results.of(clip, TAKE)
    place(d.host, clip, result, TAKE, before, "job1", "de.wav")
    clip, before = d.read()
    state = d.state()
    again = place(d.host, clip, result, TAKE, before, "job1", "de.wav")
    assert again.was_there and d.state() == state
    undo(d.host, again)
    assert d.state() == state


def test_a_copy_of_the_timeline_takes_the_result(desk: MakeDesk) -> None:
    d = desk()
    plain, before = d.shown(), d.state()
    placed = d.run(COPY)
    assert d.state() == before and d.scene.app.timeline is d.scene.timeline
    copy = d.scene.app.project.timelines[1]
    assert placed.timeline_name == copy.name == "Reel 1 Plosive 1" and placed.mode == "timeline"
    assert d.shown(copy) == [(plate, frame, True) for plate, frame, _ in plain]
    d.scene.playhead(d.after_it.record_start)
    d.run(COPY)
    assert len(d.scene.app.project.timelines) == 2, "clips of one run share the copy"


def test_a_locked_track_is_unlocked_and_locked_again(desk: MakeDesk) -> None:
    d = desk()
    d.scene.timeline.video[0].is_locked = True
    placed = d.run(TAKE)
    assert placed.mode == "take" and d.scene.timeline.video[0].is_locked
    undo(d.host, placed)
    assert not d.item.takes and d.scene.timeline.video[0].is_locked


def test_what_belongs_to_the_clip_goes_with_it(desk: MakeDesk) -> None:
    d = desk()
    d.item.grade = "warm"
    d.item.properties = {"ZoomX": 1.25, "CompositeMode": 3, "FlipX": True}
    d.item.flags = ["Red"]
    d.item.markers = {60: {"color": "Cyan", "duration": 1.0, "note": "n", "name": "look", "customData": ""}}
    d.scene.fusion_comp(d.item)
    placed = d.run(TRACK)
    (made,) = d.scene.timeline.video[1].items
    assert made.id == placed.item_id and placed.notes == ()
    assert (made.grade, made.properties, made.flags) == ("warm", d.item.properties, ["Red"])
    assert len(made.fusion_comps) == 1 and d.scene.timeline.video[1].name == "Plosive"
    assert made.markers[60 - 38]["name"] == "look", "12 handles before frame 50"


def test_the_artist_sees_what_was_done(desk: MakeDesk) -> None:
    d = desk()
    placed = d.run(TAKE)
    (marker,) = d.item.markers.values()
    assert (marker["color"], marker["name"]) == ("Green", "Lip Sync v1")
    assert "Score 4.2 of 5" in marker["note"] and "job1" in marker["customData"]
    assert d.item.clip_color == "Violet" and d.item.media is not None
    assert d.item.media.third_party_metadata["Plosive Job"] == "job1"
    assert "de.wav" in d.item.media.metadata["Comments"]
    (bin_,) = [one for one in d.scene.app.project.root_folder.folders if one.name == "Plosive"]
    assert d.item.media in bin_.clips
    assert d.scene.app.project.current_folder is d.scene.app.project.root_folder
    undo(d.host, placed)
    assert d.item.clip_color == "" and not d.item.markers


def test_titles_above_stay_above_where_tracks_can_be_added_between(desk: MakeDesk) -> None:
    for edition, is_noted in ((FakeEdition((20, 2)), False), (FakeEdition((21, 1)), True)):
        d = desk(edition=edition)
        title = d.scene.generator(2, d.item.record_start, 40, "Title")
        placed = d.run(TRACK)
        names = [track.name for track in d.scene.timeline.video]
        above = d.scene.timeline.video[2].items[0]
        assert len(names) == 3 and (above is title) != is_noted
        assert any("Video 2" in note for note in placed.notes) == is_noted


def test_an_append_that_fails_is_made_good(desk: MakeDesk) -> None:
    d = desk(behaviour=FakeBehaviour(next_append_errors=True, first_delete_fails=True))
    plain = d.shown()
    placed = d.run(TRACK)
    d.scene.app.project.save()
    assert d.shown() == [(plate, frame, True) for plate, frame, _ in plain]
    assert [item.id for item in d.scene.timeline.video[1].items] == [placed.item_id]


def test_an_edit_meanwhile_is_refused_and_one_elsewhere_is_not(desk: MakeDesk) -> None:
    d = desk()
    clip, before = d.read()
    result = d.results.of(clip, TAKE)
    d.item.record_start += 1
    d.item.duration -= 1
    with pytest.raises(PlosiveHostError, match="was edited") as caught:
        place(d.host, clip, result, TAKE, before)
    assert caught.value.code == "CHANGED" and not d.item.takes
    d.item.record_start -= 1
    d.item.duration += 1
    d.after_it.duration -= 3
    assert place(d.host, clip, result, TAKE, before).mode == "take"


def test_an_edit_of_the_dub_meanwhile_is_refused(desk: MakeDesk) -> None:
    d = desk()
    dub = d.scene.place(d.scene.sound(), record_frame=d.item.record_start, duration=40)
    clip, before = d.read()
    dub.record_start += 2
    with pytest.raises(PlosiveHostError, match="was edited"):
        place(d.host, clip, d.results.of(clip, TAKE), TAKE, before)


def test_the_clip_s_timeline_is_used_though_another_is_open(desk: MakeDesk) -> None:
    d = desk()
    clip, before = d.read()
    other = TimelineState("Other", Fraction(24), 86400)
    d.scene.app.project.add_timeline(other)
    place(d.host, clip, d.results.of(clip, TAKE), TAKE, before)
    assert len(d.item.takes) == 2 and d.scene.app.timeline is other
    d.scene.app.project.remove_timeline(d.scene.timeline)
    with pytest.raises(PlosiveHostError, match="no longer in the open project"):
        place(d.host, clip, d.results.of(clip, TAKE), TAKE, before)


def test_a_result_of_other_length_or_time_is_not_placed(desk: MakeDesk) -> None:
    d = desk()
    clip, before = d.read()
    result = d.results.of(clip, TAKE)
    with pytest.raises(PlosiveHostError, match="has 63 frames where 64"):
        place(d.host, clip, {**result, "frames_total": 63}, TAKE, before)
    media = d.results._media[result["out_path"]]
    media.start_timecode_frame += 1
    with pytest.raises(PlosiveHostError, match="not frame 38"):
        place(d.host, clip, result, TAKE, before)
    with pytest.raises(PlosiveHostError, match="is not there"):
        place(d.host, clip, {**result, "out_path": "/nowhere/a.mov"}, TAKE, before)
    assert not d.item.takes


def test_a_plate_at_another_rate_than_its_file_is_timed_anew(desk: MakeDesk) -> None:
    d = desk()
    d.scene.place(d.scene.sound(seconds=60), record_frame=d.item.record_start, duration=40)
    clip, before = d.read()
    result = d.results.of(clip, TAKE)
    d.results._media[result["out_path"]].rate = Fraction(25)  # the file's own; the plate was set to 24
    with pytest.raises(PlosiveHostError, match="24 fps by its clip attributes and its file at 25") as caught:
        place(d.host, clip, result, TAKE, before)
    assert caught.value.code == "RATE" and not d.item.takes
    clip, before = d.read()
    sent = request_of(clip, voices_found(d.host, clip).voices, Choices(folder="/out"))
    low, high = sent["clip"]["retime"]["keys"]
    seconds = Fraction(high["timeline_seconds"]) - Fraction(low["timeline_seconds"])
    assert seconds == Fraction(high["media_frame"] - low["media_frame"], 24)
    assert "dub_start_seconds" not in sent["voices"][0] and "score" not in sent
    plain = d.shown()
    assert place(d.host, clip, result, TAKE, before).mode == "take"
    assert d.shown() == [(plate, frame, True) for plate, frame, _ in plain]


@pytest.mark.parametrize("mode", (TAKE, TRACK, COPY), ids=("take", "track", "copy"))
def test_where_every_way_is_wrong_nothing_is_left(
    desk: MakeDesk, mode: Choices, monkeypatch: pytest.MonkeyPatch
) -> None:
    d = desk()
    for module in ("take_placing", "track_placing"):
        monkeypatch.setattr(f"plosive_resolve.{module}.why_not_shown", lambda *_: "it is wrong")
    monkeypatch.setattr("plosive_resolve.nested_placing.why_other_frames", lambda *_: "it is wrong")
    before, timelines = d.state(), len(d.scene.app.project.timelines)
    with pytest.raises(PlosiveHostError, match="in every way there is") as caught:
        d.run(mode)
    assert caught.value.code == "PLACING" and d.state() == before
    assert len(d.scene.app.project.timelines) == timelines and d.scene.app.timeline is d.scene.timeline


def test_page_bin_and_timeline_are_as_they_were(desk: MakeDesk) -> None:
    d = desk()
    d.scene.app.page = "color"
    undo(d.host, d.run(TRACK))
    assert d.scene.app.page == "color"
    assert len(d.scene.timeline.video) == 1


@pytest.mark.parametrize("keeps", (True, False))
@pytest.mark.parametrize("edition", (FakeEdition((20, 2)), FakeEdition((21, 1))), ids=str)
@pytest.mark.parametrize("speed", (Fraction(2), Fraction(1, 2), Fraction(-1), Fraction(-3, 2)))
@pytest.mark.parametrize("mode", (TAKE, TRACK), ids=("take", "track"))
def test_retimed_clips_are_exact_or_refused(
    desk: MakeDesk, keeps: bool, edition: FakeEdition, speed: Fraction, mode: Choices
) -> None:
    source_in = 150 if speed < 0 else 60
    d = desk(
        edition=edition,
        behaviour=FakeBehaviour(take_keeps_speed=keeps),
        speed=speed,
        source_in=source_in,
    )
    plain, before = d.shown(), d.state()
    placed = d.run(mode)
    assert d.shown() == [(plate, frame, True) for plate, frame, _ in plain]
    undo(d.host, placed)
    assert d.state() == before
