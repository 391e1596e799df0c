# SPDX-License-Identifier: Apache-2.0
"""The fake DaVinci Resolve has the traps of the real one, and what is not there fails.

Scenes are made of media that lies nowhere (Scene.picture, Scene.sound).
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from fakes.resolve import EDITIONS, FakeBehaviour, FakeEdition, FakeRejection, Scene
from fakes.resolve.item import TimelineItem
from fakes.resolve.mediapool import MediaPool
from fakes.resolve.poolitem import MediaPoolItem
from fakes.resolve.timeline import Timeline

NTSC_FILM = Fraction(24000, 1001)


def parts(scene: Scene) -> tuple[Any, MediaPool, Timeline]:
    """The project, its media pool and the current timeline, as a script finds them."""
    project = scene.resolve.GetProjectManager().GetCurrentProject()
    timeline = project.GetCurrentTimeline()
    assert timeline is not None
    return project, project.GetMediaPool(), timeline


def only_item(timeline: Timeline, track: int = 1, kind: Any = "video") -> TimelineItem:
    items = timeline.GetItemListInTrack(kind, track)
    assert items is not None and len(items) == 1
    return items[0]


def pool_item(item: TimelineItem) -> MediaPoolItem:
    media = item.GetMediaPoolItem()
    assert media is not None
    return media


def test_frames_are_absolute_and_ends_exclusive() -> None:
    scene = Scene(24, "01:00:00:00")
    scene.place(scene.picture(frames=200), record_frame=scene.frame(10), source_in=5, duration=40)
    _, _, timeline = parts(scene)
    item = only_item(timeline)
    assert timeline.GetStartFrame() == 86400
    assert (item.GetStart(), item.GetEnd(), item.GetDuration()) == (86410, 86450, 40)
    assert isinstance(item.GetStart(), int) and isinstance(item.GetStart(True), float)
    assert (item.GetLeftOffset(), item.GetSourceStartFrame(), item.GetSourceEndFrame()) == (5, 5, 45)
    assert item.GetRightOffset() == 155


def test_a_method_that_a_version_lacks_is_none_though_hasattr_says_yes() -> None:
    scene = Scene(edition=FakeEdition((21, 0)))
    scene.place(scene.picture())
    _, _, timeline = parts(scene)
    assert hasattr(timeline, "GetSelectedClips") and "GetSelectedClips" not in dir(timeline)
    with pytest.raises(TypeError, match="'NoneType' object is not callable"):
        timeline.GetSelectedClips()
    with pytest.raises(FakeRejection):
        timeline.GetSelectedTimelineItems()  # in no README of any version
    assert "GetSpeed" not in dir(only_item(timeline))


@pytest.mark.parametrize("edition", EDITIONS, ids=str)
def test_what_each_version_has(edition: FakeEdition) -> None:
    scene = Scene(edition=edition)
    scene.place(scene.picture())
    _, _, timeline = parts(scene)
    names = {*dir(scene.resolve), *dir(timeline), *dir(only_item(timeline))}
    since = {"SetName": (19, 1), "GetSelectedClips": (21, 0, 4), "GetSpeed": (21, 1), "GetType": (21, 1)}
    assert {name for name in since if name in names} == {n for n, v in since.items() if edition.has(v)}
    assert ("SetName" in dir(only_item(timeline))) is edition.has((20, 2))


@pytest.mark.parametrize(
    "wrong",
    [
        lambda item, pool: item.GetStart("yes"),
        lambda item, pool: item.GetStart(True, 1),
        lambda item, pool: item.GetStart(subframePrecision=True),
        lambda item, pool: item.SetClipColor(3),
        lambda item, pool: pool.AppendToTimeline([{"mediaPoolItem": pool_item(item), "startframe": 0}]),
        lambda item, pool: pool.AppendToTimeline([{"startFrame": 0, "endFrame": 5}]),
        lambda item, pool: pool.AppendToTimeline(
            [{"mediaPoolItem": pool_item(item), "startFrame": 0, "endFrame": 500}]
        ),
        lambda item, pool: pool.ImportMedia([{"FilePath": "a.mov", "Start": 1}]),
        lambda item, pool: item.SetProperty("Zoom", 2.0),
        lambda item, pool: setattr(item, "name", "x"),
    ],
)
def test_wrong_calls_fail_the_test(wrong: Any) -> None:
    scene = Scene()
    scene.place(scene.picture())
    _, pool, timeline = parts(scene)
    with pytest.raises(FakeRejection):
        wrong(only_item(timeline), pool)


def test_append_is_exclusive_and_an_overlap_gives_a_ghost() -> None:
    scene = Scene()
    scene.place(scene.picture(frames=200), duration=50)
    _, pool, timeline = parts(scene)
    media = pool_item(only_item(timeline))
    clip = {"mediaPoolItem": media, "startFrame": 10, "endFrame": 40, "mediaType": 1, "trackIndex": 1}
    assert pool.AppendToTimeline([{**clip, "trackIndex": 2, "recordFrame": 86400}]) == []  # no such track
    (ghost,) = pool.AppendToTimeline([{**clip, "recordFrame": 86420}]) or []
    assert (ghost.GetStart(), ghost.GetName(), ghost.GetUniqueId(), ghost.GetMediaPoolItem()) == (
        None,
        None,
        "",
        None,
    )
    assert only_item(timeline).GetDuration() == 50
    (placed,) = pool.AppendToTimeline([{**clip, "recordFrame": 86500.0}]) or []
    assert (placed.GetStart(), placed.GetDuration(), placed.GetLeftOffset()) == (86500, 30, 10)


def test_a_locked_track_takes_nothing() -> None:
    scene = Scene()
    media = scene.picture()
    _, pool, timeline = parts(scene)
    assert timeline.SetTrackLock("video", 1, True)
    assert pool.AppendToTimeline([{"mediaPoolItem": MediaPoolItem(scene.app, media), "mediaType": 1}]) == []
    assert timeline.SetTrackLock("video", 1, False)
    assert len(pool.AppendToTimeline([{"mediaPoolItem": MediaPoolItem(scene.app, media)}]) or []) == 1


def test_a_length_at_another_rate_is_floored() -> None:
    scene = Scene(NTSC_FILM)
    media = MediaPoolItem(scene.app, scene.picture(rate=24, frames=100))
    _, pool, _ = parts(scene)
    clip = {"mediaPoolItem": media, "startFrame": 0, "endFrame": 48, "mediaType": 1}
    (placed,) = pool.AppendToTimeline([clip]) or []
    assert placed.GetDuration() == 47  # 47.95
    assert placed.GetSourceEndFrame() == 47  # inclusive, as the rates differ


def test_an_errored_append_is_gone_after_a_save() -> None:
    scene = Scene(behaviour=FakeBehaviour(next_append_errors=True))
    media = MediaPoolItem(scene.app, scene.picture())
    _, pool, timeline = parts(scene)
    assert pool.AppendToTimeline([{"mediaPoolItem": media, "mediaType": 1}]) is None
    assert only_item(timeline).GetDuration() == 200
    assert scene.resolve.GetProjectManager().SaveProject() is True
    assert timeline.GetItemListInTrack("video", 1) == []


def test_retimed_clips_read_in_two_domains() -> None:
    scene = Scene()
    scene.place(scene.picture(frames=200), 1, source_in=40, duration=30, speed=2)
    scene.place(scene.picture(frames=96), 2, source_in=71, duration=48, speed=-1)
    scene.place(scene.picture(frames=200), 3, source_in=96, duration=30, speed=0)
    scene.place(scene.picture(frames=200), 4, source_in=0, duration=96, speed=Fraction(1, 2))
    _, _, timeline = parts(scene)
    fast, back, frozen, slow = (only_item(timeline, track) for track in (1, 2, 3, 4))
    assert (fast.GetLeftOffset(), fast.GetSourceStartFrame(), fast.GetSourceEndFrame()) == (20, 40, 100)
    assert (back.GetLeftOffset(), back.GetSourceStartFrame(), back.GetSourceEndFrame()) == (24, 71, 23)
    assert (frozen.GetSourceStartFrame(), frozen.GetSourceEndFrame()) == (96, 96)
    assert (slow.GetSourceStartFrame(), slow.GetSourceEndFrame()) == (0, 48)
    shown = [scene.timeline.video[1].items[0].shown_media_frame(offset, scene.rate) for offset in (0, 1, 47)]
    assert shown == [71, 70, 24]


def test_sound_counts_in_its_own_rate_and_offset_in_the_timelines() -> None:
    scene = Scene(Fraction(30000, 1001), "01:00:00;00")
    scene.place(scene.sound(rate=24, seconds=400), source_in=240, duration=60)
    _, _, timeline = parts(scene)
    item = only_item(timeline, kind="audio")
    assert item.GetSourceStartFrame() == 240
    assert item.GetLeftOffset(True) == pytest.approx(float(10 * Fraction(30000, 1001)))
    assert item.GetSourceStartTime() == 10.0


def test_source_times_have_the_start_timecode_in_them() -> None:
    scene = Scene()
    scene.place(scene.picture(start_timecode="04:18:37:00"), source_in=24)
    _, _, timeline = parts(scene)
    assert only_item(timeline).GetSourceStartTime() == 4 * 3600 + 18 * 60 + 37 + 1


def test_a_frame_off_where_it_is_switched_on() -> None:
    scene = Scene(behaviour=FakeBehaviour(source_start_shift=1))
    scene.place(scene.picture(), source_in=24)
    _, _, timeline = parts(scene)
    assert (only_item(timeline).GetSourceStartFrame(), only_item(timeline).GetLeftOffset()) == (25, 24)


@pytest.mark.parametrize("is_inclusive", [True, False])
def test_takes(is_inclusive: bool) -> None:
    scene = Scene(behaviour=FakeBehaviour(take_end_is_inclusive=is_inclusive))
    scene.place(scene.picture(frames=100), record_frame=86410, source_in=10, duration=40)
    other = MediaPoolItem(scene.app, scene.picture("other.mov", frames=60))
    _, _, timeline = parts(scene)
    item = only_item(timeline)
    assert (item.GetTakesCount(), item.GetSelectedTakeIndex(), item.FinalizeTake()) == (0, 0, False)
    assert item.AddTake(other, 5, 44 if is_inclusive else 45)
    take = item.GetTakeByIndex(2)
    assert take is not None and take["endFrame"] == (44 if is_inclusive else 45)
    assert item.GetSelectedTakeIndex() == 1 and item.SelectTakeByIndex(2)
    assert (item.GetStart(), item.GetDuration(), item.GetLeftOffset()) == (86410, 40, 5)
    assert pool_item(item).GetName() == "other.mov"
    assert item.SelectTakeByIndex(1) and item.GetLeftOffset() == 10 and item.GetDuration() == 40
    assert item.DeleteTakeByIndex(2) and item.GetTakesCount() == 1


def test_deleting_needs_the_edit_page_and_may_fail_once() -> None:
    scene = Scene(behaviour=FakeBehaviour(first_delete_fails=True))
    scene.place(scene.picture())
    _, _, timeline = parts(scene)
    item = only_item(timeline)
    scene.app.page = "fairlight"
    assert timeline.DeleteClips([item]) is False
    assert scene.resolve.OpenPage("edit")
    assert timeline.DeleteClips([item]) is False and timeline.DeleteClips([item]) is True
    assert timeline.GetItemListInTrack("video", 1) == [] and item.GetStart() is None


def test_a_copy_of_a_timeline_becomes_the_current_one() -> None:
    scene = Scene()
    scene.place(scene.picture())
    project, _, timeline = parts(scene)
    assert timeline.DuplicateTimeline("Reel 1") is None
    twin = timeline.DuplicateTimeline("Reel 2")
    assert twin is not None and project.GetCurrentTimeline().GetName() == "Reel 2"
    assert twin.GetItemListInTrack("video", 1)[0].GetUniqueId() != only_item(timeline).GetUniqueId()


def test_colours_markers_and_transitions() -> None:
    scene = Scene()
    scene.place(scene.picture(frames=100))
    scene.place(scene.picture("b.mov", frames=100))
    scene.transition(1, scene.frame(100), 12)
    _, _, timeline = parts(scene)
    first, dissolve, _ = timeline.GetItemListInTrack("video", 1) or []
    assert (dissolve.GetName(), dissolve.GetMediaPoolItem(), dissolve.GetProperty()) == (
        "Cross Dissolve",
        None,
        {},
    )
    assert first.SetClipColor("Cyan") is False and first.SetClipColor("Teal") is True
    assert first.AddMarker(96, "Green", "Plosive", "4.2", 1, "job") is True
    assert first.GetMarkers() == {
        96.0: {"color": "Green", "duration": 1.0, "note": "4.2", "name": "Plosive", "customData": "job"}
    }
    assert first.AddMarker(96, "Green", "again", "", 1, "") is False


def test_a_studio_only_call_on_free_raises_a_modal_that_breaks_what_follows() -> None:
    scene = Scene(edition=FakeEdition((21, 0), is_studio=False))
    scene.place(scene.picture())
    _, _, timeline = parts(scene)
    item = only_item(timeline)
    assert scene.app.script_globals()["fusion"].UIManager is None
    assert scene.app.modal_text
    assert (item.SetClipColor("Teal"), timeline.GetItemListInTrack("video", 1)) == (False, None)
    assert scene.resolve.GetProductName() == "DaVinci Resolve"
    scene.app.modal_text = ""
    assert item.SetClipColor("Teal") is True


def test_free_21_1_runs_no_scripts() -> None:
    with pytest.raises(FakeRejection):
        Scene(edition=FakeEdition((21, 1), is_studio=False)).app.script_globals()
