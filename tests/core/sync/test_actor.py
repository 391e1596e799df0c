# SPDX-License-Identifier: Apache-2.0
"""What a job knows of its actor, and from where."""

from __future__ import annotations

import json
import wave
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from plosive.cli import main
from plosive.demo.sample import SamplePlate, write_sample
from plosive.errors import MediaReadError, OptionError
from plosive.faces.track import FaceTrack
from plosive.media import open_plate, read_dub
from plosive.motion import CHANNELS, MouthFootage, motion_curves
from plosive.progress import SilentProgress
from plosive.speech import Phone, PhoneSource, Sound, Speech
from plosive.speech.sound import mel
from plosive.sync import SyncOptions, actor, own_sound, sync_plate
from plosive.sync.actor import ActorSources, know_actors
from plosive.sync.own_sound import OwnSound, listen_to, match_sound
from plosive.sync.same_person import head_distance
from plosive.sync.takes import footage_of, survey_takes

FRAMES = 20
RATE = 25


@pytest.fixture(scope="module")
def plate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("actor") / "plate.mov"
    write_sample(path, SamplePlate(FRAMES, 640, 360), SilentProgress())
    return path


def talk(seconds: int, seed: int) -> Speech:
    """Phones at random, decoded as it were."""
    rng = np.random.default_rng(seed)
    sounds = ("AA", "T", "IY", "S", "M", "N", "AH", "K", "OW", "B", "AE", "SIL")
    phones, at = [], Fraction(0)
    while at < seconds:
        end = min(at + Fraction(int(rng.integers(6, 20)), 100), Fraction(seconds))
        phones.append(Phone(str(rng.choice(sounds)), at, end))
        at = end
    empty = np.zeros(seconds * 100, np.float32)
    return Speech(
        Fraction(seconds), tuple(phones), (), Sound(empty, empty, empty), PhoneSource.DECODED, "de", 0.3
    )


def mouth(speech: Speech, late: float = 0.0, noise: float = 0.15) -> MouthFootage:
    """A mouth that does what the rules make of `speech`, `late` seconds after it."""
    rng = np.random.default_rng(1)
    moments = (np.arange(int(speech.duration_seconds * RATE)) + 0.5) / RATE
    centres = [Fraction(moment - late).limit_denominator(1000) for moment in moments.tolist()]
    curves = motion_curves(speech, centres, frame_seconds=Fraction(1, RATE))
    moved = curves.values + rng.normal(0, noise, curves.values.shape)
    values = np.array([0.0, 0.5, 0.74, 0.32, 0.56]) + moved * [0.25, 0.1, 0.06, 0.26, 0.4]
    values[:, 0] = np.maximum(values[:, 0], 0.002)
    return MouthFootage(values.astype(np.float32), moments)


def sound_of(speech: Speech) -> OwnSound:
    hops = int(speech.duration_seconds * 100)
    return OwnSound(speech, np.random.default_rng(4).normal(size=(hops, mel.BANDS)).astype(np.float32))


def test_sound_that_fits_its_picture_is_told_from_other_sound() -> None:
    own = talk(9, 1)
    match = match_sound(mouth(own, late=0.06), sound_of(own))
    assert match.is_match
    assert match.lag is not None
    assert match.lag.seconds == pytest.approx(0.06, abs=0.02)
    other = match_sound(mouth(own), sound_of(talk(9, 2)))
    assert not other.is_match
    assert "does not clearly move" in other.reason
    off = match_sound(mouth(own, late=0.3), sound_of(own))
    assert "ms off its sound" in off.reason
    assert "less than 5 s" in match_sound(mouth(talk(3, 1)), sound_of(talk(3, 1))).reason


def test_sound_of_no_use_says_why(tmp_path: Path) -> None:
    silent = tmp_path / "silent.wav"
    with wave.open(str(silent), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16000)
        file.writeframes(bytes(2 * 16000 * 6))
    assert listen_to(silent, 6.0, "en") == "its sound is silent"
    assert listen_to(tmp_path / "missing.wav", 6.0, "en") == "it has no sound that can be read"


def test_a_short_line_is_too_little(spoken_line: Path) -> None:
    assert listen_to(spoken_line, 10.0, "en") == "less than 5 s are spoken in it"


def test_a_sound_heard_before_is_not_listened_to_again(
    spoken_line: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLOSIVE_CACHE", str(tmp_path))
    (first, plain) = (listen_to(spoken_line, 10.0, "en", 0.5, is_cached=kept) for kept in (True, False))

    def never(*_: object) -> None:
        raise AssertionError("listened again")

    monkeypatch.setattr(own_sound, "hear", never)
    again = listen_to(spoken_line, 10.0, "en", 0.5, is_cached=True)
    assert isinstance(again, OwnSound) and isinstance(first, OwnSound) and isinstance(plain, OwnSound)
    assert repr(again.speech) == repr(first.speech) == repr(plain.speech)
    assert (again.energies == plain.energies).all()


def facts_of(sources: ActorSources) -> dict[str, Any]:
    (known,) = know_actors(sources).values()
    made: dict[str, Any] = json.loads(json.dumps(known.facts()))
    return made


@pytest.fixture
def sources(plate: Path, track: FaceTrack, spoken_line: Path) -> ActorSources:
    with open_plate(plate) as reader:
        info, times = reader.info, reader.frame_times()
    centres = [time + Fraction(1, 48) for time in times]
    return ActorSources(
        replace(info, has_audio=True, frame_count=600),
        times,
        [track],
        (),
        centres,
        read_dub(spoken_line),
        talk(4, 1),
    )


def test_a_dub_with_known_words_needs_no_learning(
    sources: ActorSources, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> OwnSound:
        raise AssertionError("listened all the same")

    monkeypatch.setattr(actor, "listen_to", never)
    facts = facts_of(replace(sources, speech=replace(talk(4, 1), source=PhoneSource.ALIGNED)))
    assert facts["motion_from"] == "the rules"
    assert "words of the dub are known" in facts["why_rules_alone"]
    given = facts_of(replace(sources, why_rules="--motion says what the mouth does"))
    assert given["why_rules_alone"] == "--motion says what the mouth does"


@pytest.mark.parametrize("learnable", [True, False])
def test_learning_is_used_where_it_pays_and_the_report_tells(
    sources: ActorSources, monkeypatch: pytest.MonkeyPatch, learnable: bool
) -> None:
    own = talk(24, 3)
    sound = sound_of(own)
    shown = mouth(own)
    if learnable:  # two bands of the sound say what the rules miss
        told = np.interp(shown.centre_seconds, np.arange(len(sound.energies)) / 100, smooth(sound.energies))
        shown.values[:, 0] = np.maximum(shown.values[:, 0] + 0.07 * told, 0.04)
    monkeypatch.setattr(actor, "listen_to", lambda *_, **__: sound)
    monkeypatch.setattr(actor, "footage_of", lambda *_: shown)
    monkeypatch.setattr(actor, "slow_width", lambda _: np.zeros(len(sources.synced[0].indices)))
    facts = facts_of(sources)
    (told_match,) = facts["own_sound"]
    assert told_match["matches_picture"]
    assert abs(told_match["lag_ms"]) <= 20
    trial = facts["learnt"]["held_back"][0]
    assert trial["channel"] == "aperture"
    assert trial["used"] == learnable
    if learnable:
        assert facts["motion_from"] == "the rules and what was learnt here"
        assert trial["correlation_learnt"] > trial["correlation_rules"] + 0.03
        better = facts_of(replace(sources, speech=replace(talk(4, 1), source=PhoneSource.RECOGNISED)))
        assert better["motion_from"] == "the rules", "the dub's sounds are better known than the footage's"
    else:
        assert not any(one["used"] for one in facts["learnt"]["held_back"][:1])


def smooth(energies: NDArray[np.float32]) -> NDArray[np.float64]:
    from scipy.ndimage import gaussian_filter1d

    made = gaussian_filter1d(energies[:, 3].astype(np.float64), 4)
    return np.asarray(made / made.std())


def test_heads_are_compared_without_their_size_and_turn(track: FaceTrack) -> None:
    turned = replace(track, landmarks=(track.landmarks * 1.7 + 30).astype(np.float32))
    assert head_distance(track, turned) < 0.002
    long = track.landmarks.copy()
    long[:, :, 1] = (long[:, :, 1] - long[:, :1, 1]) * 1.2 + long[:, :1, 1]
    assert head_distance(track, replace(track, landmarks=long)) > 0.045


def test_a_take_is_measured_like_the_plate(plate: Path, track: FaceTrack) -> None:
    (take,) = survey_takes([plate], SilentProgress())
    ((found, shot),) = take.shots
    assert len(shot.values) == FRAMES
    assert shot.sides is not None and shot.sides.shape == (FRAMES, 2)
    assert head_distance(track, found) < 0.03
    with open_plate(plate) as reader:
        same = footage_of(track, reader.frame_times(), reader.info.frame_rate)
    assert shot.values[0] == pytest.approx(same.values[0], abs=0.03)
    assert shot.centre_seconds[0] == pytest.approx(1 / 48)


def test_takes_widen_the_range_and_the_report_says_so(plate: Path, spoken_line: Path, tmp_path: Path) -> None:
    blank = tmp_path / "blank.mov"
    write_blank(blank)
    result = sync_plate(
        SyncOptions(
            plate,
            spoken_line,
            tmp_path / "out.mov",
            transcript="Maybe Bob prefers fluffy purple muffins",
            actor_footage=(plate, blank),
            dry_run=True,
        ),
        SilentProgress(),
    )
    (facts,) = result.report["actors"]  # type: ignore[misc,attr-defined]
    assert facts["takes_measured"] == 2
    assert facts["frames_measured"] == 2 * FRAMES
    assert set(facts["channels"]) == set(CHANNELS)
    assert "--actor-footage blank.mov shows no face, so it is not used." in result.warnings
    assert "footage" in result.stage_seconds


def write_blank(path: Path) -> None:
    import av

    with av.open(str(path), "w") as container:
        stream = container.add_stream("prores_ks", rate=24)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv422p10le"
        for _ in range(3):
            picture = np.full((64, 64, 3), 90, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
        container.mux(stream.encode())


def test_bad_footage_fails_before_the_long_work(plate: Path, spoken_line: Path, tmp_path: Path) -> None:
    options = SyncOptions(plate, spoken_line, tmp_path / "out.mov", actor_footage=(tmp_path / "no.mov",))
    with pytest.raises(MediaReadError, match=r"no\.mov"):
        sync_plate(options, SilentProgress())
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(OptionError, match="actor-footage"):
        replace(options, actor_footage=(tmp_path / "out.mov",)).validated()


def test_the_command_takes_footage_more_than_once(
    plate: Path, spoken_line: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.mov"
    command = ["sync", str(plate), "--audio", str(spoken_line), "-o", str(out)]
    takes = ["--actor-footage", str(plate), "--actor-footage", str(tmp_path / "gone.mov")]
    assert main([*command, *takes]) == 2
    told = capsys.readouterr().err
    assert "gone.mov does not exist" in told
    assert not out.exists()
