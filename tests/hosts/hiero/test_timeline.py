# SPDX-License-Identifier: Apache-2.0
"""Lip Sync Clip on the timeline: the frames asked for are those played, and the result plays them again."""

from __future__ import annotations

import importlib
from fractions import Fraction
from typing import Any

import pytest

from fakes.hiero import World
from fakes.hiero.media import TimeBase
from fakes.hiero.scene import Cut, ScriptedScreen, desk_with
from fakes.hiero.timeline import AudioTrack, Transition, VideoTrack


def action() -> Any:
    return importlib.import_module("plosive_hiero.action").lip_sync


class Trial:
    """One run on a selection, up to the job that was asked for."""

    def __init__(self, cut: Cut, *selection: Any, **chosen: Any) -> None:
        self.cut = cut
        self.screen = ScriptedScreen(**chosen)
        self.desk, self.session = desk_with(self.screen)
        action()(selection, self.desk)

    @property
    def sync(self) -> dict[str, Any]:
        assert self.session.requests, (self.screen.told, self.screen.whys)
        return self.session.asked("submit")["sync"]  # type: ignore[no-any-return]

    def finish(self, version: int = 1, **facts: Any) -> str:
        """The job ends with a result of the frames asked for; its path."""
        clip = self.sync["clip"]
        plate = self.cut.world.media[clip["media_path"]]
        first, last = plate.first, plate.last_inclusive
        if "handle_frames" in clip:
            first = max(first, clip["range"]["first_frame"] - clip["handle_frames"])
            last = min(last, clip["range"]["last_frame_inclusive"] + clip["handle_frames"])
        if "#" not in plate.path:
            first, last = 0, last - first
        output = self.sync["output"]["versioned"]
        extension = ".####.exr" if "#" in plate.path else ".mov"
        path = f"{output['folder_path']}/{output['stem']}_v{version:03d}{extension}"
        self.cut.world.media.setdefault(path, type(plate)(path, first, last, plate.rate))
        result = {"out_path": path, "frames_synced": 3, "frames_total": last - first + 1, **facts}
        self.session.done({"job": {"id": "JOB1", "state": "done", "result": result}}, "submit")
        assert self.screen.ticking is not None
        self.screen.ticking()
        return path


def played(item: Any) -> list[Fraction]:
    """Numbers of the media that an item shows, frame for frame."""
    clip = item.source()
    return [
        Fraction(item.mapTimelineToSource(at)).limit_denominator(1000) + clip.sourceIn()
        for at in range(item.timelineIn(), item.timelineOut() + 1)
    ]


def test_a_version_plays_the_same_frames_and_undoes_in_one_step(cut: Cut) -> None:
    clip = cut.clip(cut.media())
    item = cut.item(clip, 10, 20, 30)
    effect = cut.effect(item)
    cut.dub(10, 30)
    before = played(item)
    trial = Trial(cut, item)
    assert trial.sync["clip"] == {
        "media_path": f"{cut.folder.as_posix()}/sh010.####.exr",
        "range": {"first_frame": 1021, "last_frame_inclusive": 1050},
        "sequence_rate": "24",
    }
    [voice] = trial.sync["voices"]
    assert Fraction(voice["dub_start_seconds"]) == Fraction(20, 24)
    path = trial.finish(score=4.25)
    assert "frames synced, score 4.2 of 5" in trial.screen.told[0][1]
    assert item.source().mediaSource().firstpath() == path and played(item) == before
    assert item.linkedItems() == (effect,) and effect.linkedItems() == (item,)
    assert clip.binItem().numVersions() == 2 and clip.binItem().activeItem() is clip
    assert [name for name, _ in cut.world.steps] == [f"Lip Sync sh010 {path.rpartition('/')[2][:-4]}"]
    cut.project.undo()
    assert item.source() is clip and clip.binItem().numVersions() == 1
    assert trial.screen.ticking is None and trial.screen.bars[0].is_closed


def test_again_is_the_next_version_of_the_plate(cut: Cut) -> None:
    clip = cut.clip(cut.media())
    item = cut.item(clip, 0, 5, 10)
    cut.dub(0, 10)
    Trial(cut, item).finish()
    again = Trial(cut, item)
    assert again.sync["clip"]["media_path"].endswith("/sh010.####.exr")
    second = again.finish(2)
    assert item.source().mediaSource().firstpath() == second
    assert [one.name() for one in clip.binItem().items()][1:] == [
        "sh010_1006-1015_v001.####.exr",
        "sh010_1006-1015_v002.####.exr",
    ]
    Trial(cut, item).finish(2)  # the daemon gives the same result again
    assert clip.binItem().numVersions() == 3 and item.source().mediaSource().firstpath() == second


def test_a_track_item_above_with_effects_linked(cut: Cut) -> None:
    media = cut.media("long.mov", 0, 999, has_audio=True)
    item = cut.item(cut.clip(media), 100, 40, 20)
    effect = cut.effect(item)
    effect.knobs["gain"] = 1.5
    item._reformat.setType("to box")
    cut.dub(100, 20)
    trial = Trial(cut, item, output="track", handles=8)
    assert trial.sync["clip"]["handle_frames"] == 8
    path = trial.finish()
    above = cut.sequence.videoTracks()[1]
    assert above.name() == "Lip Sync"
    [made] = above.items()
    assert made.source().mediaSource().firstpath() == path
    assert [number + 32 for number in played(made)] == played(item) == [Fraction(n) for n in range(40, 60)]
    [copy] = made.linkedItems()
    assert copy.knobs == {"gain": 1.5} and copy.parentTrack() is above
    assert made.reformatState().type() == "to box"
    Trial(cut, made, output="track", handles=8).finish(2)  # the result itself is chosen
    assert len(cut.sequence.videoTracks()) == 2 and len(above.items()) == 1
    assert made.source().binItem().numVersions() == 2
    cut.project.undo()
    cut.project.undo()
    assert len(cut.sequence.videoTracks()) == 1 and cut.project.clipsBin().bins() == ()


def test_what_hiero_places_wrong_is_undone(cut: Cut, world: World) -> None:
    clip = cut.clip(cut.media())
    item = cut.item(clip, 0, 5, 10)
    cut.dub(0, 10)
    world.version_shift = 1
    trial = Trial(cut, item)
    path = trial.finish()
    assert item.source() is clip and clip.binItem().numVersions() == 1 and world.steps == []
    assert "played other frames of sh010" in trial.screen.told[0][1] and path in trial.screen.told[0][1]
    world.version_shift, world.placed_shift = 0, 1
    trial = Trial(cut, item, output="track")
    trial.finish(2)
    assert len(cut.sequence.videoTracks()) == 1 and world.steps == []
    assert "other than it was told" in trial.screen.told[0][1]


def test_other_uses_of_the_clip_stay(cut: Cut) -> None:
    clip = cut.clip(cut.media())
    item, other = cut.item(clip, 0, 5, 10), cut.item(clip, 20, 50, 10)
    item._linked_to_bin = other._linked_to_bin = True
    cut.dub(0, 10)
    trial = Trial(cut, item)
    trial.finish()
    assert other.source() is clip and item.source() is not clip
    assert "follows the versions of its bin item no longer" in trial.screen.told[0][1]


def test_linked_sound_that_would_change_with_it(cut: Cut, monkeypatch: pytest.MonkeyPatch) -> None:
    clip = cut.clip(cut.media("a.mov", 0, 99, has_audio=True))
    item, own = cut.item(clip, 0, 5, 10), cut.item(clip, 0, 5, 10, track=cut.a1)
    cut.by_hand(lambda: item.link(own))
    cut.dub(0, 10, track=cut.track(AudioTrack("Dub")))
    real = type(item).setCurrentVersion

    def both(one: Any, version: Any) -> None:
        real(one, version)
        own._play(version.item())

    monkeypatch.setattr(type(item), "setCurrentVersion", both)
    trial = Trial(cut, item)
    trial.finish()
    assert "changed its version together with" in trial.screen.told[0][1]
    assert item.source() is clip and own.source() is clip


def test_several_clips_at_once(cut: Cut) -> None:
    clip = cut.clip(cut.media())
    items = [cut.item(clip, 0, 5, 10), cut.item(clip, 20, 50, 10)]
    for at in (0, 20):
        cut.dub(at, 10)
    screen = ScriptedScreen()
    desk, session = desk_with(screen)
    action()((items[1], items[0], items[1]), desk)
    ranges = [fields["sync"]["clip"]["range"]["first_frame"] for kind, fields in session.requests]
    assert ranges == [1051, 1006] and screen.dialogs[0].title == "Lip Sync Clips"
    assert len(screen.bars) == 2 and desk.is_busy


def test_choices_are_remembered_for_the_project(cut: Cut) -> None:
    item = cut.item(cut.clip(cut.media()), 0, 5, 10)
    cut.dub(0, 10)
    first = Trial(cut, item, jaw=130, transcript="ba", elements=True)
    style = first.sync["style"]
    assert style == {"jaw": {"keys": [{"media_frame": 1006, "value": 1.3}]}}
    assert first.sync["voices"][0]["transcript"] == "ba"
    again = Trial(cut, item)
    assert again.screen.began[0]["jaw"] == 130 and not again.screen.began[0]["transcript"]
    assert again.sync["elements"]["folder_path"].endswith("_elements_v001")


def test_changed_meanwhile(cut: Cut) -> None:
    clip = cut.clip(cut.media())
    item = cut.item(clip, 0, 5, 10)
    cut.dub(0, 10)
    trial = Trial(cut, item)
    item._source_in = 6.0
    trial.finish()
    assert "changed while it was synced" in trial.screen.told[0][1] and item.source() is clip


@pytest.mark.parametrize(
    ("speed", "source_in", "first", "last"),
    [(2.0, 10, 1011, 1029), (-1.0, 30, 1022, 1031), (0.5, 10, 1011, 1016), (-2.0, 50, 1033, 1051)],
)
def test_retimes(cut: Cut, speed: float, source_in: int, first: int, last: int) -> None:
    item = cut.item(cut.clip(cut.media()), 48, source_in, 10, speed)
    cut.dub(54, 10)
    clip = Trial(cut, item).sync["clip"]
    assert clip["range"] == {"first_frame": first, "last_frame_inclusive": last}
    keys = [(key["media_frame"], Fraction(key["timeline_seconds"])) for key in clip["retime"]["keys"]]
    # in the dub's time the clip begins a quarter of a second early
    shown = 1001 + source_in + (speed < 0)
    (a, at_a), (b, at_b) = keys
    assert at_a + (shown - a) * (at_b - at_a) / (b - a) == Fraction(-6, 24)
    assert (b - a) / (at_b - at_a) == Fraction(speed) * 24


def test_dissolves_are_counted_in(cut: Cut) -> None:
    item = cut.item(cut.clip(cut.media()), 50, 20, 10)
    item._before = Transition(Transition.kDissolve, 46, 53)
    item._after = Transition(Transition.kFadeOut, 57, 59)
    cut.dub(50, 10)
    trial = Trial(cut, item)
    assert trial.sync["clip"]["range"] == {"first_frame": 1017, "last_frame_inclusive": 1030}
    assert any("has a transition" in field.label for field in trial.screen.dialogs[0].fields)


def test_a_movie_of_another_rate_and_a_part_of_it(cut: Cut) -> None:
    media = cut.media("a.mov", 0, 499, rate=Fraction(25))
    clip = cut.clip(media, 100, 299)
    item = cut.item(clip, 24, 10, 20)
    cut.dub(24, 20)
    trial = Trial(cut, item)
    assert trial.sync["clip"]["range"] == {"first_frame": 110, "last_frame_inclusive": 129}
    keys = trial.sync["clip"]["retime"]["keys"]
    assert keys == [
        {"media_frame": 110, "timeline_seconds": "0"},
        {"media_frame": 130, "timeline_seconds": "5/6"},
    ]
    before = played(item)
    trial.finish()
    assert (item.source().sourceIn(), item.source().sourceOut()) == (100, 299) and played(item) == before


def test_several_speakers(cut: Cut) -> None:
    item = cut.item(cut.clip(cut.media()), 0, 5, 24)
    cut.dub(0, 24)
    other = cut.track(AudioTrack("Dialogue 2"))
    cut.dub(0, 24, track=other)
    music = cut.track(AudioTrack("MX"))
    cut.dub(0, 24, track=music)
    none = Trial(cut, item)
    assert "each needs its face" in none.screen.whys[0] and none.session.requests == []
    trial = Trial(cut, item, **{"face:A1": "1", "face:A2": "2"})
    assert [voice["face"] for voice in trial.sync["voices"]] == ["1", "2"]


def test_own_sound_is_no_dub(cut: Cut) -> None:
    media = cut.media("a.mov", 0, 99, has_audio=True)
    clip = cut.clip(media)
    item = cut.item(clip, 0, 0, 24)
    own = cut.item(clip, 0, 0, 24, track=cut.a1)
    cut.by_hand(lambda: item.link(own))
    trial = Trial(cut, item)
    assert trial.session.requests == [] and "Choose the dub" in trial.screen.whys[0]


@pytest.mark.parametrize("what", ["freeze", "warp", "offline", "sound", "raw"])
def test_refusals_are_sentences(cut: Cut, what: str) -> None:
    media = cut.media("a.r3d" if what == "raw" else "a.mov", 0, 99, is_present=what != "offline")
    item = cut.item(cut.clip(media), 0, 0, 24, 0.0 if what == "freeze" else 1.0)
    if what == "warp":
        cut.effect(item, "TimeWarp")
    trial = Trial(cut, cut.dub(0, 24) if what == "sound" else item)
    expected = {
        "freeze": "freeze frame", "warp": "TimeWarp1", "offline": "offline", "sound": "Select the clips",
        "raw": "transcode",
    }[what]  # fmt: skip
    assert expected in trial.screen.told[0][1] and "host-hiero.log" in trial.screen.told[0][1]


def test_something_lies_above(cut: Cut) -> None:
    item = cut.item(cut.clip(cut.media()), 0, 5, 24)
    title = cut.track(VideoTrack("Titles"))
    cut.item(cut.clip(cut.media("t.mov", 0, 99)), 10, 0, 5, track=title)
    cut.dub(0, 24)
    dialog = Trial(cut, item).screen.dialogs[0]
    assert [option.value for option in dialog.field("output").options] == ["version"]
    assert any("would be hidden" in field.label for field in dialog.fields)


def test_a_clip_of_a_bin(cut: Cut) -> None:
    clip = cut.clip(cut.media("a.mov", 0, 99))
    clip.enableSoftTrims(10, 19)
    (cut.folder / "line.wav").write_bytes(b"RIFF")
    trial = Trial(cut, clip.binItem(), dub_path=str(cut.folder / "line.wav"))
    assert trial.sync["clip"]["range"] == {"first_frame": 10, "last_frame_inclusive": 19}
    assert trial.sync["voices"][0]["dub_start_seconds"] == "5/12"
    path = trial.finish()
    assert clip.binItem().activeItem().mediaSource().firstpath() == path
    cut.project.undo()
    assert clip.binItem().activeItem() is clip


def test_a_failure_and_a_cancel(cut: Cut) -> None:
    item = cut.item(cut.clip(cut.media()), 0, 5, 24)
    cut.dub(0, 24)
    trial = Trial(cut, item)
    trial.screen.ticking()  # type: ignore[misc]
    assert trial.screen.bars[0].shown == [("waiting, 2 before it", 0)]
    trial.screen.bars[0].cancel()
    assert trial.session.asked("cancel") == {"job_id": "JOB1"}
    trial.session.fail("The job was cancelled.", "CANCELLED", "submit")
    trial.screen.ticking()  # type: ignore[misc]
    assert trial.screen.told == [] and trial.screen.bars[0].is_closed
    trial = Trial(cut, item)
    trial.session.fail("No face was found.", "NO_FACE", "submit")
    trial.screen.ticking()  # type: ignore[misc]
    assert trial.screen.told[0][1].startswith("No face was found.\n\nLog: ")


def test_pulldown_rates(cut: Cut) -> None:
    cut.sequence._rate = TimeBase(Fraction(24000, 1001))
    item = cut.item(cut.clip(cut.media("a.mov", 0, 99, rate=Fraction(24000, 1001))), 0, 0, 24)
    cut.dub(0, 24)
    assert "retime" not in Trial(cut, item).sync["clip"]
