# SPDX-License-Identifier: Apache-2.0
"""What a request asks for, as the core takes it."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from plosive.errors import OptionError, PlosiveError
from plosive.media.plateaudio import PlateAudio
from plosive.media.timecode import parse_time
from plosive.speech.text.transcript import read_script
from plosive_daemon.service.conversion import sync_options_of
from plosive_daemon.service.errors import InvalidRequest
from plosive_daemon.service.versioned_names import extension_of_plate, free_path
from plosive_proto.v1 import clip_pb2, sync_pb2


def request(**more: Any) -> sync_pb2.SyncRequest:
    sync = sync_pb2.SyncRequest(**more)
    sync.clip.media_path = sync.clip.media_path or "/media/plate.mov"
    if not sync.voices:
        sync.voices.add()
    for number, voice in enumerate(sync.voices):
        voice.dub_path = voice.dub_path or f"/media/dub{number}.wav"
    if not sync.output.WhichOneof("place"):
        sync.output.path = "/out/synced.mov"
    return sync


def test_the_least_is_what_the_command_line_does_by_default() -> None:
    from plosive.sync_options import SyncOptions

    options = sync_options_of(request())
    assert (
        options
        == SyncOptions(
            plate=Path("/media/plate.mov"), dub=Path("/media/dub0.wav"), out=Path("/out/synced.mov")
        ).validated()
    )


def test_everything_arrives() -> None:
    sync = request(
        kept_ranges=[{"range": {"first_frame": 5, "last_frame_inclusive": 9}, "face": "2"}],
        actor_footage_paths=["/media/take2.mov"],
        cast_path="/media/cast.json",
        generator="plate",
        seed=7,
        score=True,
        elements={"folder_path": "/out/el", "whole_window": True, "first_frame": 1001, "compression": "zips"},
    )
    sync.clip.range.first_frame, sync.clip.range.last_frame_inclusive = -3, 20
    sync.clip.sequence_rate.numerator, sync.clip.sequence_rate.denominator = 24000, 1001
    sync.clip.view, sync.clip.colorspace, sync.clip.ocio_config_path = "left", "ACEScg", "/ocio/c.ocio"
    voice = sync.voices[0]
    voice.dub_start_seconds.numerator, voice.dub_start_seconds.denominator = 1001, 24000
    voice.dub_channel, voice.transcript, voice.language, voice.face = 2, "Papa baut", "de", "1"
    sync.output.overwrite = True
    sync.output.plate_audio = sync_pb2.PLATE_AUDIO_MUTE
    sync.output.length_mismatch = sync_pb2.LENGTH_MISMATCH_HOLD
    sync.output.codec = "prores_hq"
    for frame, value in ((1, 0.0), (13, 1.0)):
        key = sync.style.strength.keys.add(value=value)
        key.media_frame.numerator, key.media_frame.denominator = frame, 2
    sync.style.jaw.keys.add(value=1.5)
    options = sync_options_of(sync, device="cuda:1")
    assert options.frame_range == "-3-20" and options.sequence_rate == Fraction(24000, 1001)
    assert (options.view, options.colorspace, options.ocio) == ("left", "ACEScg", "/ocio/c.ocio")
    assert parse_time(options.audio_start or "", Fraction(24)) == Fraction(1001, 24000)
    assert (options.audio_channel, options.language, options.face) == (2, "de", "1")
    assert read_script(options.transcript or "").text == "Papa baut"
    assert options.plate_audio is PlateAudio.MUTE and options.on_length_mismatch == "hold"
    assert (options.codec, options.overwrite, options.seed, options.device) == ("prores_hq", True, 7, "cuda")
    assert options.strength.keys == ((Fraction(1, 2), 0.0), (Fraction(13, 2), 1.0))  # type: ignore[union-attr]
    assert options.jaw.constant == 1.5  # type: ignore[union-attr]
    assert str(options.no_sync[0]) == "2=5-9" and options.actor_footage == (Path("/media/take2.mov"),)
    assert (options.elements, options.elements_window) == (Path("/out/el"), "whole")
    assert (options.elements_start, options.elements_compression) == (1001, "zips")
    assert options.report == Path("/out/synced.score.html") == options.page


def test_several_voices() -> None:
    sync = request(voices=[{"face": "1", "language": "de"}, {"face": "Ben", "transcript": "Hi"}])
    options = sync_options_of(sync)
    assert options.dub is None and options.language == "de"
    assert [(speaker.face, str(speaker.dub)) for speaker in options.speakers] == [
        ("1", "/media/dub0.wav"),
        ("Ben", "/media/dub1.wav"),
    ]


@pytest.mark.parametrize("words", ["/etc/secret.txt", "secret.srt", "C:\\x.json", "a.TextGrid"])
def test_words_are_never_taken_for_a_file(words: str, tmp_path: Path) -> None:
    """The core reads a transcript that ends as a file does; a client could name one outside the roots so."""
    (tmp_path / "secret.txt").write_text("secret")
    for text in (words, str(tmp_path / "secret.txt")):
        transcript = sync_options_of(request(voices=[{"transcript": text}])).transcript
        assert transcript is not None and read_script(transcript).text == text


def test_handles_need_a_range() -> None:
    sync = request()
    sync.clip.handle_frames = 8
    with pytest.raises(InvalidRequest, match="range"):
        sync_options_of(sync)
    sync.clip.range.first_frame, sync.clip.range.last_frame_inclusive = 10, 20
    options = sync_options_of(sync)
    assert (options.only_range, options.handles, options.frame_range) == (True, 8, "10-20")
    sync.clip.handle_frames = 10_001
    with pytest.raises(InvalidRequest, match="10000"):
        sync_options_of(sync)


def test_a_retimed_clip_keeps_its_fractions() -> None:
    sync = request()
    for frame, seconds in (((1001, 1), (0, 1)), ((2005, 2), (1001, 24000)), ((1003, 1), (-1, 3))):
        sync.clip.retime.keys.add(media_frame=_ratio(*frame), timeline_seconds=_ratio(*seconds))
    assert sync_options_of(sync).retime == "1001=0, 2005/2=1001/24000, 1003=-1/3"
    sync.clip.retime.keys[2].media_frame.numerator = 1001
    with pytest.raises(InvalidRequest, match="rise"):
        sync_options_of(sync)


BAD: list[tuple[str, Any, str]] = [
    ("no media", lambda s: s.clip.ClearField("media_path"), "sync.clip.media_path"),
    ("no voice", lambda s: s.ClearField("voices"), "sync.voices"),
    ("no dub", lambda s: s.voices[0].ClearField("dub_path"), "sync.voices[0].dub_path"),
    ("no output", lambda s: s.ClearField("output"), "sync.output"),
    ("backwards", lambda s: s.clip.range.MergeFrom(_range(9, 5)), "sync.clip.range"),
    ("kept", lambda s: s.kept_ranges.add().range.MergeFrom(_range(9, 5)), "sync.kept_ranges[0].range"),
    ("rate", lambda s: s.clip.sequence_rate.MergeFrom(_ratio(0, 1)), "sync.clip.sequence_rate"),
    ("rate 2", lambda s: s.clip.sequence_rate.MergeFrom(_ratio(1001, 1)), "sync.clip.sequence_rate"),
    ("ratio", lambda s: s.clip.sequence_rate.MergeFrom(_ratio(24, 0)), "sync.clip.sequence_rate"),
    (
        "start",
        lambda s: s.voices[0].dub_start_seconds.MergeFrom(_ratio(1, -2)),
        "sync.voices[0].dub_start_seconds",
    ),
    ("value", lambda s: s.style.jaw.keys.add(value=float("nan")), "sync.style.jaw.keys[0].value"),
    ("audio", lambda s: setattr(s.output, "plate_audio", 99), "sync.output.plate_audio"),
    ("length", lambda s: setattr(s.output, "length_mismatch", 99), "sync.output.length_mismatch"),
    ("generator", lambda s: setattr(s, "generator", "../evil.py"), "sync.generator"),
    (
        "retime",
        lambda s: s.clip.retime.keys.add(media_frame=_ratio(1, 1), timeline_seconds=_ratio(0, 1)),
        "sync.clip.retime",
    ),
    ("retime 0/0", lambda s: s.clip.retime.keys.add(), "sync.clip.retime.keys[0].media_frame"),
    ("elements", lambda s: s.elements.SetInParent(), "sync.elements.folder_path"),
    ("two faces", lambda s: s.voices.add(dub_path="/d.wav"), "sync.voices[0].face"),
    (
        "words twice",
        lambda s: s.voices[0].MergeFrom(clip_pb2.Voice(transcript="a", transcript_path="/b")),
        "sync.voices[0].transcript_path",
    ),
]


def _range(first: int, last: int) -> clip_pb2.FrameRange:
    return clip_pb2.FrameRange(first_frame=first, last_frame_inclusive=last)


def _ratio(numerator: int, denominator: int) -> clip_pb2.Rational:
    return clip_pb2.Rational(numerator=numerator, denominator=denominator)


@pytest.mark.parametrize(("change", "field"), [case[1:] for case in BAD], ids=[case[0] for case in BAD])
def test_nonsense_names_its_field(change: Any, field: str) -> None:
    sync = request()
    change(sync)
    with pytest.raises(InvalidRequest) as caught:
        sync_options_of(sync)
    assert caught.value.field == field


def test_what_the_core_refuses() -> None:
    sync = request(seed=1 << 63)
    with pytest.raises(OptionError, match="seed"):
        sync_options_of(sync)
    sync = request()
    sync.style.jaw.keys.add(value=2.5)
    with pytest.raises(PlosiveError, match="jaw"):
        sync_options_of(sync)
    for device in ("gpu", "cuda:", "cuda:123", "cpu;", "CPU"):
        with pytest.raises(InvalidRequest):
            sync_options_of(request(), device=device)


def test_a_dub_that_began_before_the_media_keeps_its_exact_start() -> None:
    sync = request()
    sync.voices[0].dub_start_seconds.MergeFrom(_ratio(-1001, 24000))
    assert parse_time(sync_options_of(sync).audio_start or "", Fraction(24)) == Fraction(-1001, 24000)


def versioned(folder: Path, stem: str = "shot_de", extension: str = "") -> sync_pb2.VersionedName:
    return sync_pb2.VersionedName(folder_path=str(folder), stem=stem, extension=extension)


def test_free_versions(tmp_path: Path) -> None:
    plate = Path("/media/plate.mov")

    def found(**more: Any) -> str:
        return free_path(versioned(tmp_path, **more), plate, lambda path: False).name

    assert found() == "shot_de_v001.mov"
    (tmp_path / "shot_de_v002.exr").touch()
    (tmp_path / "shot_de_v007_old.mov").touch()
    (tmp_path / "shot_de2_v900.mov").touch()
    assert found() == "shot_de_v008.mov"
    assert found(extension=".####.exr") == "shot_de_v008.####.exr"
    (tmp_path / "shot_de_v012.1001.exr").touch()
    assert found(extension=".%04d.exr") == "shot_de_v013.%04d.exr"
    promised = {tmp_path / "shot_de_v013.mov"}
    assert free_path(versioned(tmp_path), plate, promised.__contains__).name == "shot_de_v014.mov"


@pytest.mark.parametrize("stem", ["", "..", "a/b", "a\\b", "../x", "a.####", "x:y", " x", "a*"])
def test_stems_are_plain_names(tmp_path: Path, stem: str) -> None:
    with pytest.raises(InvalidRequest):
        free_path(versioned(tmp_path, stem), Path("/p.mov"), lambda path: False)


@pytest.mark.parametrize("extension", ["mov", "./x", ".mov/..", "..mov", ". mov", "." + "x" * 40])
def test_extensions_are_plain(tmp_path: Path, extension: str) -> None:
    with pytest.raises(InvalidRequest):
        free_path(versioned(tmp_path, extension=extension), Path("/p.mov"), lambda path: False)


@pytest.mark.parametrize(
    ("plate", "extension"),
    [
        ("/m/plate.mov", ".mov"),
        ("/m/shot.%04d.exr", ".####.exr"),
        ("/m/shot.####.exr", ".####.exr"),
        ("/m/shot.@@@@@.dpx", ".#####.dpx"),
        ("/m/shot.#.exr", ".####.exr"),
        ("/m/shot.1001.exr", ".####.exr"),
        ("/m/shot_000123.tif", ".######.tif"),
        ("/m/still.png", ".png"),
        ("/m/clip_v002.mov", ".mov"),
    ],
)
def test_the_plates_own_extension(plate: str, extension: str) -> None:
    assert extension_of_plate(Path(plate)) == extension


def test_a_folder_has_no_extension(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest):
        extension_of_plate(tmp_path)
