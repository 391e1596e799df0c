# SPDX-License-Identifier: Apache-2.0
"""Speech under a clip: whose, from which file, from when on; and the request that comes of it."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from fakes.resolve import FakeEdition, Scene
from plosive_host import PlosiveHostError
from plosive_resolve import (
    Choices,
    ClipUse,
    VoiceChoice,
    VoicesFound,
    clips_meant,
    open_host,
    request_of,
    voices_found,
)

FILM = Fraction(24000, 1001)
CHOICES = Choices(folder="/out")


def found(scene: Scene) -> tuple[ClipUse, VoicesFound]:
    host = open_host(scene.app.script_globals())
    (clip,) = clips_meant(host)
    return clip, voices_found(host, clip)


def request(scene: Scene, choices: Choices = CHOICES) -> dict[str, Any]:
    clip, voices = found(scene)
    return request_of(clip, voices.voices, choices)


def with_clip(rate: Fraction | int = 24, **how: Any) -> Scene:
    """A picture of 40 frames from frame 48 of the timeline on, frame 100 of its media first."""
    scene = Scene(rate, **how)
    item = scene.place(
        scene.picture(frames=300, audio_channels=2),
        record_frame=scene.frame(48),
        source_in=100,
        duration=40,
        kind="both",
    )
    scene.select(item)
    scene.playhead(scene.frame(48))
    return scene


def test_its_own_sound_is_no_dub() -> None:
    clip, voices = found(with_clip())
    assert voices.voices == () and "No dub" in voices.notes[0]
    with pytest.raises(PlosiveHostError, match="no dub"):
        request_of(clip, voices.voices, CHOICES)


def test_its_own_sound_is_no_dub_when_it_is_not_linked() -> None:
    scene = with_clip()
    for item in scene.timeline.all_items():
        item.link_group = 0
    assert found(scene)[1].voices == ()


@pytest.mark.parametrize("rate", (24, FILM, 25, Fraction(30000, 1001)))
def test_the_dub_starts_exactly_where_it_lies(rate: Fraction | int) -> None:
    scene = with_clip(rate)
    scene.place(scene.sound(seconds=20), 2, record_frame=scene.frame(40), source_in=12, duration=60)
    (voice,) = found(scene)[1].voices
    assert (voice.key, voice.dub_path, voice.needs) == ("A2", "/media/dub.wav", "")
    sent = request(scene)["voices"][0]
    # file sample 0 sounds on timeline frame 28; the media's frame 0 would lie on frame -52
    assert Fraction(sent["dub_start_seconds"]) == Fraction(28 + 52) / Fraction(rate)


def test_a_dub_that_began_before_the_media_has_a_start_below_zero() -> None:
    scene = with_clip()
    scene.place(scene.sound(seconds=60), 2, record_frame=scene.frame(40), source_in=200, duration=60)
    assert Fraction(request(scene)["voices"][0]["dub_start_seconds"]) == Fraction(-108, 24)


def test_a_wav_that_was_imported_at_another_rate_counts_in_that_rate() -> None:
    scene = with_clip(Fraction(30000, 1001))
    dub = scene.sound(seconds=300, rate=24)
    scene.place(dub, 2, record_frame=scene.frame(40), source_in=2400, duration=60)
    (voice,) = found(scene)[1].voices
    start = Fraction(scene.frame(40)) / Fraction(30000, 1001)
    assert voice.dub_start_seconds == start - 100, "source frame 2400 at 24 is second 100 of the file"


def test_tracks_are_speakers_and_name_their_faces() -> None:
    scene = with_clip()
    scene.place(scene.sound("anna.wav"), 2, record_frame=scene.frame(48), duration=40)
    scene.place(scene.sound("ben.wav"), 3, record_frame=scene.frame(48), duration=40)
    scene.timeline.audio[1].name = "ANNA"
    clip, voices = found(scene)
    assert [voice.label for voice in voices.voices] == ["ANNA: anna.wav", "Audio 3: ben.wav"]
    with pytest.raises(PlosiveHostError, match="choose the face of ANNA"):
        request_of(clip, voices.voices, CHOICES)
    faces = {"A2": VoiceChoice(face="1"), "A3": VoiceChoice(face="2", transcript="hallo")}
    sent = request_of(clip, voices.voices, Choices(folder="/out", voices=faces))["voices"]
    assert [(one["face"], one.get("transcript")) for one in sent] == [("1", None), ("2", "hallo")]
    only = Choices(folder="/out", voices={"A3": VoiceChoice(is_used=False)})
    assert len(request_of(clip, voices.voices, only)["voices"]) == 1


def test_music_and_what_is_switched_off_are_left_out() -> None:
    scene = with_clip()
    for number, name in enumerate(("MUSIC", "SFX 2", "M&E", "Dialog DE", "Ambiance"), 2):
        scene.place(scene.sound(f"{number}.wav"), number, record_frame=scene.frame(48), duration=40)
        scene.timeline.audio[number - 1].name = name
    scene.timeline.audio[5].is_enabled = False
    voices = found(scene)[1]
    assert [voice.track_name for voice in voices.suggested] == ["Dialog DE"]
    assert len(voices.voices) == 4 and "Audio track 6 (Ambiance) is switched off" in voices.notes[0]
    scene.timeline.audio[4].items[0].is_enabled = False
    assert found(scene)[1].suggested == ()


def test_what_is_cut_up_or_trimmed_has_to_be_made_first() -> None:
    scene = with_clip()
    dub = scene.sound(seconds=30)
    scene.place(dub, 2, record_frame=scene.frame(50), source_in=100, duration=10)
    clip, voices = found(scene)
    assert (voices.voices[0].needs, "trimmed" in voices.voices[0].why) == ("assembling", True)
    scene.place(dub, 2, record_frame=scene.frame(70), source_in=300, duration=10)
    assert found(scene)[1].voices[0].why == "2 items make the dub"
    with pytest.raises(PlosiveHostError, match="rendered first") as caught:
        request_of(clip, voices.voices, CHOICES)
    assert caught.value.code == "NOT_PREPARED"


def test_a_whole_short_file_within_the_clip_needs_nothing() -> None:
    scene = with_clip()
    scene.place(scene.sound(seconds=1), 2, record_frame=scene.frame(55), duration=24)
    (voice,) = found(scene)[1].voices
    assert voice.needs == ""


@pytest.mark.parametrize("edition", (FakeEdition((20, 2)), FakeEdition((21, 1))), ids=str)
def test_sound_without_a_plain_file_has_to_be_rendered(edition: FakeEdition) -> None:
    scene = with_clip(edition=edition)
    nested = scene.sound("Compound 1")
    nested.path, nested.kind = "", "compound"
    scene.place(nested, 2, kind="audio", record_frame=scene.frame(48), duration=40)
    fast = scene.sound("fast.wav", seconds=60)
    scene.place(fast, 3, record_frame=scene.frame(40), source_in=10, duration=100, speed=2)
    away = scene.sound("away.wav", seconds=60)
    away.is_offline = True
    scene.place(away, 4, record_frame=scene.frame(48), duration=40)
    mp3 = scene.sound("cut.mp3", seconds=60)
    scene.place(mp3, 5, record_frame=scene.frame(50), source_in=10, duration=9)
    needs = {voice.track_index: (voice.needs, voice.why) for voice in found(scene)[1].voices}
    assert {key: value[0] for key, value in needs.items()} == dict.fromkeys((2, 3, 4, 5), "rendering")
    assert "no sound file" in needs[2][1] and "another speed" in needs[3][1] and "offline" in needs[4][1]


@pytest.mark.parametrize(
    ("channels", "heard", "sent", "needs"),
    ((2, [2], 2, ""), (2, [1, 2], 0, ""), (1, [1], 0, ""), (6, [3, 4], 0, "rendering"), (6, [3], 3, "")),
)
def test_channels(channels: int, heard: list[int], sent: int, needs: str) -> None:
    scene = with_clip()
    item = scene.place(scene.sound(channels=channels), 2, record_frame=scene.frame(48), duration=40)
    item.channel_map = {"channels": heard}
    (voice,) = found(scene)[1].voices
    assert (voice.dub_channel, voice.needs) == (sent, needs)


def test_a_transition_or_title_is_no_sound_and_no_clip() -> None:
    scene = with_clip()
    scene.transition(1, scene.frame(48), 8)
    scene.generator(2, scene.frame(40), 60)
    clip, voices = found(scene)
    assert clip.duration_record_frames == 40 and voices.voices == ()


def test_the_request_says_all_that_was_chosen() -> None:
    scene = with_clip()
    scene.place(scene.sound(seconds=60), 2, record_frame=scene.frame(40), duration=60)
    choices = Choices(
        folder="/out",
        strength=0.5,
        jaw=1.25,
        lip=1.0,
        language="de",
        transcript="guten Tag",
        generator="plate",
        elements=True,
        handle_frames=5,
        first_record_frame=scene.frame(50),
        last_record_frame_inclusive=scene.frame(59),
    )
    sent = request(scene, choices)
    assert sent["clip"] == {
        "media_path": "/media/plate.mov",
        "range": {"first_frame": 100, "last_frame_inclusive": 139},
        "handle_frames": 5,
    }
    assert sent["style"] == {
        "strength": {"keys": [{"media_frame": 100, "value": 0.5}]},
        "jaw": {"keys": [{"media_frame": 100, "value": 1.25}]},
    }
    assert sent["kept_ranges"] == [
        {"range": {"first_frame": 95, "last_frame_inclusive": 101}},
        {"range": {"first_frame": 112, "last_frame_inclusive": 144}},
    ]
    assert sent["output"] == {"versioned": {"folder_path": "/out", "stem": "plate_100-139_de"}}
    assert sent["elements"] == {"folder_path": "/out/plate_100-139_de_elements_v001"}
    assert (sent["score"], sent["generator"]) == (True, "plate")
    assert (sent["voices"][0]["language"], sent["voices"][0]["transcript"]) == ("de", "guten Tag")


def test_a_chosen_file_begins_with_the_clip() -> None:
    sent = request(with_clip(), Choices(folder="/out", dub_path="/dubs/a.wav"))["voices"]
    assert sent == [{"dub_path": "/dubs/a.wav", "dub_start_seconds": "25/6"}]


@pytest.mark.parametrize("speed", (Fraction(2), Fraction(1, 2), Fraction(-1)))
def test_a_retimed_clip_s_time_begins_with_the_dub(speed: Fraction) -> None:
    scene = Scene(24)
    item = scene.place(
        scene.picture(frames=300), record_frame=scene.frame(48), source_in=150, duration=40, speed=speed
    )
    scene.place(scene.sound(seconds=60), 1, record_frame=scene.frame(24), source_in=12, duration=100)
    scene.select(item)
    sent = request(scene)
    assert "dub_start_seconds" not in sent["voices"][0] and "score" not in sent
    low, high = sent["clip"]["retime"]["keys"]
    (a, at_a), (b, at_b) = ((key["media_frame"], Fraction(key["timeline_seconds"])) for key in (low, high))
    assert Fraction(b - a, 24) / (at_b - at_a) == speed
    # the clip begins 36 frames after the file's first sample, with frame 150 or, backwards, with its end
    begin = 150 if speed > 0 else 151
    assert at_a + Fraction(begin - a, 24) / speed == Fraction(36, 24)


@pytest.mark.parametrize(
    "wrong", ({"strength": 1.5}, {"jaw": -1}, {"handle_frames": -1}, {"output_mode": "bin"})
)
def test_choices_keep_their_bounds(wrong: dict[str, Any]) -> None:
    with pytest.raises(PlosiveHostError) as caught:
        Choices(**wrong)
    assert caught.value.code == "CHOICE"


def test_a_range_beside_the_clip_is_refused() -> None:
    scene = with_clip()
    scene.place(scene.sound(seconds=60), 2, record_frame=scene.frame(40), duration=60)
    with pytest.raises(PlosiveHostError, match="lies outside"):
        request(scene, Choices(folder="/out", first_record_frame=scene.frame(200)))
