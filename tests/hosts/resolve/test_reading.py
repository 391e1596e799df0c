# SPDX-License-Identifier: Apache-2.0
"""Which clips are meant: selected, under the playhead, of a Fusion tool; a result stands for its plate."""

from __future__ import annotations

from pathlib import Path

import pytest

from fakes.resolve import FakeBehaviour, FakeEdition, Scene
from fakes.results import Results
from plosive_host import PlosiveHostError
from plosive_resolve import Choices, clips_meant, fingerprint, open_host, place, view_timeline


def names(scene: Scene) -> list[str]:
    return [clip.name for clip in clips_meant(open_host(scene.app.script_globals()))]


def three(**how: object) -> Scene:
    scene = Scene(24, **how)  # type: ignore[arg-type]
    for name in ("a.mov", "b.mov", "c.mov"):
        scene.place(scene.picture(name, audio_channels=1), duration=20, kind="both")
    return scene


def test_selected_clips_are_meant_in_the_order_of_the_timeline() -> None:
    scene = three()
    a, _, c = scene.timeline.video[0].items
    scene.select(c, *scene.timeline.audio[0].items, a)
    assert names(scene) == ["a.mov", "c.mov"]


def test_before_21_0_4_the_playhead_tells() -> None:
    scene = three(edition=FakeEdition((21, 0)))
    scene.select(scene.timeline.video[0].items[2])
    scene.playhead(scene.frame(25))
    assert names(scene) == ["b.mov"]


@pytest.mark.parametrize("order", ("topmost", "lowest"))
def test_the_clip_that_is_seen_is_meant_under_titles_and_what_is_off(order: str) -> None:
    scene = three(behaviour=FakeBehaviour(current_item=order))  # type: ignore[arg-type]
    over = scene.place(scene.picture("over.mov"), 2, record_frame=scene.frame(20), duration=20)
    scene.generator(3, scene.frame(0), 60, "Title")
    scene.playhead(scene.frame(25))
    assert names(scene) == ["over.mov"]
    over.is_enabled = False
    assert names(scene) == ["b.mov"]
    over.is_enabled = True
    scene.timeline.video[1].is_enabled = False
    assert names(scene) == ["b.mov"]


def test_only_sound_or_nothing_is_told() -> None:
    scene = three()
    scene.select(scene.timeline.audio[0].items[0])
    with pytest.raises(PlosiveHostError, match="Only sound is selected"):
        names(scene)
    scene.select()
    scene.playhead(scene.frame(500))
    with pytest.raises(PlosiveHostError, match="put the playhead on the clip"):
        names(scene)


def test_a_title_among_the_selected_spoils_nothing() -> None:
    scene = three()
    title = scene.generator(2, scene.frame(0), 20, "Title")
    scene.select(title, scene.timeline.video[0].items[0])
    assert names(scene) == ["a.mov"]
    scene.select(title)
    with pytest.raises(PlosiveHostError, match="Title is no picture clip"):
        names(scene)


def test_a_fusion_tool_means_the_clip_of_its_composition() -> None:
    scene = three()
    item = scene.timeline.video[0].items[1]
    comp = scene.fusion_comp(item)
    scene.playhead(scene.frame(25))
    scene.select(scene.timeline.video[0].items[0])
    scene.app.page = "fusion"
    given = scene.app.script_globals("Tool", comp)
    clips = clips_meant(open_host(given), given["tool"])
    assert [clip.name for clip in clips] == ["b.mov"]


def test_a_result_above_stands_for_the_plate_beneath(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scene = three()
    results = Results(scene, tmp_path, monkeypatch)
    plate = scene.timeline.video[0].items[1]
    scene.select(plate)
    host = open_host(scene.app.script_globals())
    choices = Choices(output_mode="track", handle_frames=3)
    (clip,) = clips_meant(host)
    place(host, clip, results.of(clip, choices), choices, fingerprint(view_timeline(host.timeline)), "j", "d")
    (made,) = scene.timeline.video[1].items
    scene.select(made, plate)
    (again,) = clips_meant(host)
    assert again.item.place.item_id == plate.id and again.media.media_id == clip.media.media_id
    assert (again.first_frame, again.last_frame_inclusive) == (0, 19)
    scene.select(made)
    (again,) = clips_meant(host)
    assert (again.item.place.item_id, again.version_of) == (plate.id, made.id)
    scene.timeline.video[0].items.remove(plate)
    with pytest.raises(PlosiveHostError, match="choose the plate"):
        clips_meant(host)


def test_a_slipped_result_asks_for_what_it_would_play_of_the_plate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = Scene(24)
    results = Results(scene, tmp_path, monkeypatch)
    item = scene.place(scene.picture(frames=200), source_in=50, duration=40)
    host = open_host(scene.app.script_globals())
    choices = Choices(handle_frames=12)
    (clip,) = clips_meant(host)
    place(host, clip, results.of(clip, choices), choices, fingerprint(view_timeline(host.timeline)), "j", "d")
    item.source_in += 5
    item.duration -= 10
    (again,) = clips_meant(host)
    assert (again.first_frame, again.last_frame_inclusive) == (55, 84)
    assert again.media.media_id == clip.media.media_id and again.frame_count == 200
