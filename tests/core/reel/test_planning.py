# SPDX-License-Identifier: Apache-2.0
"""Which dub lies on which shot, when, and what a shot's names are."""

from __future__ import annotations

import wave
from fractions import Fraction
from pathlib import Path

import numpy as np
import opentimelineio as otio
import pytest
from tests.core.conform.conftest import EditMaker

from plosive.conform import Edit
from plosive.demo.sample import spoken_line
from plosive.errors import DubError, OptionError
from plosive.media.retime import parse_retime
from plosive.media.timecode import FrameRange
from plosive.reel.choosing.selection import selected_shots
from plosive.reel.dub.choice import reel_dub, track_dubs
from plosive.reel.dub.sound import DubSound
from plosive.reel.dub.speech_spans import Span, overlapping, spoken_spans
from plosive.reel.dub.voices import HeardVoice, LanguageVoices
from plosive.reel.jobs import left_alone, render_jobs
from plosive.reel.options import DubWish
from plosive.reel.results.naming import next_version, plain, render_name, version_name
from plosive.speech.sound import voice
from plosive.user_folders import cache_root

NTSC = Fraction(24000, 1001)
RATE = 48000


def write_wav(path: Path, samples: np.ndarray[tuple[int, ...], np.dtype[np.int16]], rate: int = RATE) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(samples.shape[1])
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.astype("<i2").tobytes())
    return path


def voices(sound: DubSound, spans: tuple[Span, ...]) -> LanguageVoices:
    return LanguageVoices("de", (HeardVoice("", sound, spans),))


@pytest.fixture
def counted(tmp_path: Path) -> Path:
    """Four seconds, two channels: sample n is n modulo 32000 in the first, 7 in the second."""
    steps = np.arange(RATE * 4) % 32000
    return write_wav(tmp_path / "counted.wav", np.stack([steps, np.full_like(steps, 7)], axis=1))


def an_edit(tmp_path: Path, *clips: otio.schema.Clip, audio: otio.schema.Track | None = None) -> Edit:
    maker = EditMaker(tmp_path)
    maker.movie("a.mov", 100, NTSC, "01:00:00:00")
    timeline = maker.timeline(clips, (86400, 24000 / 1001))
    if audio is not None:
        timeline.tracks.append(audio)
    return maker.read(timeline, handles=4)


def a_clip(first: int, length: int, speed: float = 1.0) -> otio.schema.Clip:
    rate = 24000 / 1001
    clip = EditMaker(Path()).clip(
        (86400 + first, length, rate), (86400, 100, rate), url="a.mov", name="s.mov"
    )
    if speed != 1:
        clip.effects.append(otio.schema.LinearTimeWarp(time_scalar=speed))
    return clip


def test_a_stretch_is_the_very_samples(counted: Path, tmp_path: Path) -> None:
    (tmp_path / "scratch").mkdir()
    edit = an_edit(tmp_path, a_clip(0, 24))
    dub = reel_dub(DubWish.parse(f"de={counted}#1"), edit)
    sound = DubSound(dub, tmp_path / "scratch")
    piece = sound.stretch(Fraction(1, 3) + Fraction(1, 10**7), Fraction(1, 2))
    assert piece.start_seconds == Fraction(16000, RATE)
    assert np.array_equal(np.rint(piece.samples * 32768), np.arange(16000, 24000))
    piece.write(tmp_path / "piece.wav")
    with wave.open(str(tmp_path / "piece.wav")) as file:
        assert (file.getframerate(), file.getsampwidth(), file.getnframes()) == (RATE, 3, 8000)
        assert int.from_bytes(file.readframes(2)[3:6], "little") == 16001 << 8
    before = sound.stretch(Fraction(-1, 100), Fraction(0))
    assert len(before.samples) == 480 and not before.samples.any()


def test_clips_of_a_track_sound_at_their_places(counted: Path, tmp_path: Path) -> None:
    """One second in, the track plays its file from two seconds on, for one second."""
    (tmp_path / "scratch").mkdir()
    media = otio.schema.ExternalReference(
        target_url=str(counted), available_range=EditMaker.range(0, 4 * 24, 24)
    )
    clip = otio.schema.Clip("line", media, EditMaker.range(48, 24, 24))
    clip.metadata["fcp_xml"] = {"sourcetrack": {"trackindex": "1"}}
    track = otio.schema.Track("Dialogue DE", kind="Audio")
    track.extend([otio.schema.Gap(source_range=EditMaker.range(0, 24, 24)), clip])
    edit = an_edit(tmp_path, a_clip(0, 24), audio=track)
    assert track_dubs(edit, ()) == (DubWish("de", "A1"),)
    assert track_dubs(edit, ("de",)) == track_dubs(edit, ("DE",)) == ()
    for name in ("A1", "1", "dialogue de"):
        dub = reel_dub(DubWish("de", name), edit)
        assert not dub.is_mix
        sound = DubSound(dub, tmp_path / "scratch")
        heard = sound.stretch(Fraction(0), Fraction(3))
        steps = np.rint(heard.samples * 32768).astype(int)
        first = round((heard.start_seconds - 0) * RATE)
        begin = RATE - first
        assert not steps[: max(0, begin)].any()
        at = max(0, begin)
        assert steps[at] == (2 * RATE) % 32000 and steps[at + 100] == (2 * RATE + 100) % 32000
        assert not steps[at + RATE + 1 :].any()
    with pytest.raises(OptionError, match="'Dialogue DE'"):
        reel_dub(DubWish("de", "A7"), edit)
    with pytest.raises(OptionError, match="does not exist"):
        reel_dub(DubWish("de", "mix.wav", "1"), edit)


def test_a_track_whose_sound_is_offline_is_told(tmp_path: Path) -> None:
    media = otio.schema.ExternalReference(
        target_url="/nowhere/line.wav", available_range=EditMaker.range(0, 96, 24)
    )
    track = otio.schema.Track("DE", kind="Audio", children=[otio.schema.Clip("line", media)])
    edit = an_edit(tmp_path, a_clip(0, 24), audio=track)
    with pytest.raises(DubError, match="nothing of that track can be heard"):
        reel_dub(DubWish("de", "DE"), edit)


def test_each_frame_of_the_plate_meets_the_sound_the_edit_has_there(counted: Path, tmp_path: Path) -> None:
    """Exact fractions, whatever the speed: the moment of the dub that the sync job gives a frame of the plate
    is the edit's moment of that frame.
    """
    (tmp_path / "scratch").mkdir()
    edit = an_edit(tmp_path, a_clip(10, 24), a_clip(20, 24, 2.0), a_clip(50, 24, -1.0), a_clip(40, 24, 0.5))
    sound = DubSound(reel_dub(DubWish("de", str(counted), "-1/7"), edit), tmp_path / "scratch")
    spans = ((Fraction(0), Fraction(4)),)
    jobs = render_jobs(edit.shots, voices(sound, spans))
    assert [job.group.shots for job in jobs] == [(1,), (2,), (3,), (4,)]
    for job, shot in zip(jobs, edit.shots, strict=True):
        assert (job.start_seconds - Fraction(-1, 7)) * RATE == int(
            (job.start_seconds + Fraction(1, 7)) * RATE
        )
        assert job.group.source_frames == shot.source_frames
        for moment in (shot.record_start_seconds, shot.record_start_seconds + Fraction(1, 3)):
            position = shot.retime.position(moment)
            wanted = moment - job.start_seconds
            if job.audio_start is not None:
                assert shot.speed == 1
                assert position / NTSC - job.audio_start == wanted
                continue
            wish = parse_retime(job.retime_text or "")
            assert wish.timeline_rate == NTSC
            (low, at), (high, until) = ((Fraction(frame), seconds) for frame, seconds in wish.keys)
            assert at + (position - low) * (until - at) / (high - low) == wanted


def test_long_pauses_keep_the_plate_unless_mouths_are_to_rest(counted: Path, tmp_path: Path) -> None:
    (tmp_path / "scratch").mkdir()
    edit = an_edit(tmp_path, a_clip(0, 96))
    sound = DubSound(reel_dub(DubWish("de", str(counted)), edit), tmp_path / "scratch")
    spans = ((Fraction(1, 10), Fraction(1, 2)),)
    (job,) = render_jobs(edit.shots, voices(sound, spans))
    (quiet,) = job.quiet
    assert (quiet.first_frame, quiet.last_frame_inclusive) == (12, 99)
    (job,) = render_jobs(edit.shots, voices(sound, spans), is_resting=True)
    assert job.quiet == ()
    (job,) = render_jobs(edit.shots, voices(sound, (*spans, (Fraction(39, 10), Fraction(5)))))
    (quiet,) = job.quiet
    assert quiet.last_frame_inclusive == 87, "lips part before the voice, which is at 4.0 s, frame 95.9"
    assert left_alone(edit.shots[0], edit, spans) == ""
    assert left_alone(edit.shots[0], edit, ()) == "Nobody speaks in it."


def test_a_shot_without_speech_is_a_render_of_its_own_in_which_a_speaking_mouth_rests(
    counted: Path, tmp_path: Path
) -> None:
    """One plate through two shots; speech is in the first alone, and in the second's handles."""
    (tmp_path / "scratch").mkdir()
    edit = an_edit(tmp_path, a_clip(10, 24), a_clip(34, 24))
    sound = DubSound(reel_dub(DubWish("de", str(counted)), edit), tmp_path / "scratch")
    spans = ((Fraction(1, 10), Fraction(1)),)
    spoken, silent = render_jobs(edit.shots, voices(sound, spans), is_resting=True)
    assert (spoken.group.shots, spoken.is_spoken, spoken.quiet) == ((1,), True, ())
    assert (silent.group.shots, silent.is_spoken) == ((2,), False)
    assert silent.quiet == (silent.group.source_frames,) == (FrameRange(30, 61),)
    assert spoken == render_jobs(edit.shots[:1], voices(sound, spans), is_resting=True)[0]


def test_speech_is_found_where_it_is(
    spoken_line: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The demo's line, which is 3.5 s long, a second into the edit."""
    (tmp_path / "scratch").mkdir()
    edit = an_edit(tmp_path, a_clip(0, 96))
    sound = DubSound(reel_dub(DubWish("en", str(spoken_line), "01:00:01:00"), edit), tmp_path / "scratch")
    assert sound.start_seconds == Fraction(1001, 1000)
    spans = spoken_spans(sound)
    assert 2 < sum(float(end - start) for start, end in spans) < 4
    assert 0.8 < spans[0][0] < 2 and 3.5 < spans[-1][1] < 4.8
    assert overlapping(spans, Fraction(0), Fraction(1, 2)) == ()
    listened: list[int] = []
    real = voice.voice_likelihoods
    monkeypatch.setattr(
        voice, "voice_likelihoods", lambda pieces: listened.append(len(pieces)) or real(pieces)
    )
    assert spoken_spans(sound) == spans and not listened, "the next run knows it"
    (kept,) = (cache_root() / "voices").iterdir()
    kept.write_bytes(b"damaged")
    assert spoken_spans(sound) == spans and listened == [1]


def test_names_are_the_same_each_time_and_never_alike(counted: Path, tmp_path: Path) -> None:
    (tmp_path / "scratch").mkdir()
    edit = an_edit(tmp_path, a_clip(0, 24), a_clip(60, 24))
    sound = DubSound(reel_dub(DubWish("de", str(counted)), edit), tmp_path / "scratch")
    jobs = render_jobs(edit.shots, voices(sound, ((Fraction(0), Fraction(3)),)))
    names = [render_name(job.group, edit.shots, "de", 1) for job in jobs]
    assert names == ["001_s_de_v001", "002_s_de_v001"], "two clips of one name"
    assert plain("../a b:c*") == "a-b-c" and plain("") == ""
    assert version_name(Path("my reel.otio"), "pt-BR", 12) == "my-reel_pt-BR_v012"
    for name in ("reel_de_v001.otio", "reel_de_v004.html", "reel_fr_v009.otio", "reel_de_v01.otio"):
        (tmp_path / name).touch()
    assert next_version(tmp_path, Path("reel.otio"), "de") == 5
    assert next_version(tmp_path / "none", Path("reel.otio"), "de") == 1


def test_dubs_as_typed(tmp_path: Path) -> None:
    assert DubWish.parse("de=mix.wav@01:00:00:00#2") == DubWish("de", "mix.wav", "01:00:00:00", 2)
    assert DubWish.parse("pt-BR=A2") == DubWish("pt-BR", "A2")
    odd = tmp_path / "mix#2.wav"
    odd.touch()
    assert DubWish.parse(f"de={odd}") == DubWish("de", str(odd))
    for text in ("mix.wav", "=mix.wav", "de=", "d/e=mix.wav", "de=mix.wav#0"):
        with pytest.raises(OptionError):
            DubWish.parse(text)


def test_shots_are_chosen_by_number_time_and_marker(tmp_path: Path) -> None:
    clips = [a_clip(0, 24), a_clip(30, 24), a_clip(60, 24)]
    mark = otio.schema.Marker("fix me", EditMaker.range(86435, 1, 24000 / 1001), "RED")
    clips[1].markers.append(mark)
    edit = an_edit(tmp_path, *clips)
    assert selected_shots(edit, ()) == {1, 2, 3}
    assert selected_shots(edit, ("1,3",)) == {1, 3}
    assert selected_shots(edit, ("2-99",)) == {2, 3}
    assert selected_shots(edit, ("01:00:00:23-01:00:01:00",)) == {1, 2}
    assert selected_shots(edit, ("marker",)) == selected_shots(edit, ("marker:Fix me",)) == {2}
    assert selected_shots(edit, ("marker:red", "3")) == {2, 3}
    for text in ("9", "marker:blue", "all of it", "01:00:02:00-01:00:01:00"):
        with pytest.raises(OptionError):
            selected_shots(edit, (text,))


def test_blocks_heard_at_once_are_heard_each_for_itself() -> None:
    """Noise and tones of several lengths; rows of a batch must not hear each other, nor the shorter ones what
    fills them up.
    """
    from plosive.speech.sound.voice import voice_likelihood, voice_likelihoods

    spoken, rate = spoken_line()[0], 16000
    with wave.open(str(spoken)) as file:
        step = file.getframerate() // rate
        voice = np.frombuffer(file.readframes(file.getnframes()), "<i2")[::step].astype(np.float32) / 32768
    noise = np.random.default_rng(1).normal(0, 0.1, 7001).astype(np.float32)
    pieces = [voice, noise, np.zeros(0, np.float32), voice[3000:21000] * np.float32(0.1)]
    for alone, together in zip(map(voice_likelihood, pieces), voice_likelihoods(pieces), strict=True):
        assert alone.shape == together.shape
        assert np.allclose(alone, together, atol=1e-4)
    assert voice_likelihoods(pieces)[0].max() > 0.5 > voice_likelihoods(pieces)[1].max()


def test_a_muted_track_that_is_named_is_heard(counted: Path, tmp_path: Path) -> None:
    """Of several languages in an edit all but one are muted; a clip that is off itself stays off."""
    maker = EditMaker(tmp_path)
    clips = [maker.clip((0, 24, 24), (0, 96, 24), url=str(counted), name=name) for name in ("on", "off")]
    clips[1].enabled = False
    track = otio.schema.Track("DE", children=clips, kind="Audio")
    track.enabled = False
    edit = an_edit(tmp_path, a_clip(0, 24), audio=track)
    dub = reel_dub(DubWish.parse("de=DE"), edit)
    assert [piece.record_start_seconds for piece in dub.pieces] == [0]
