# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import av
import numpy as np
import pytest

from plosive.media import Dub, DubTrack, open_plate, open_writer, read_dub
from plosive.media.audio import SPEECH_RATE, decoded_blocks
from plosive.media.plateaudio import PlateAudio

if TYPE_CHECKING:
    from tests.core.media.conftest import Maker


def written_sound(path: Path, track: int = 0) -> tuple[np.ndarray, int]:
    """((channels, samples) float32, rate) of an audio track."""
    with av.open(str(path)) as container:
        stream = container.streams.audio[track]
        index, rate = stream.index, stream.codec_context.sample_rate
    return np.concatenate(list(decoded_blocks(path, index)), axis=1), rate


@pytest.mark.parametrize("rate", [8_000, 16_000, 44_100, 48_000, 96_000])
@pytest.mark.parametrize("channels", [1, 2, 6])
def test_any_rate_and_channels(make: Maker, rate: int, channels: int) -> None:
    dub = read_dub(make.sound("s.wav", rate=rate, channels=channels, seconds=0.5))
    assert (dub.sample_rate, dub.channel_count, dub.duration_seconds) == (rate, channels, Fraction(1, 2))
    assert 0.2 < dub.peak < 0.3 and not dub.is_silent and not dub.warnings
    speech = dub.speech_samples()
    assert speech.dtype == np.float32 and speech.shape == (SPEECH_RATE // 2,)


def test_speech_keeps_its_time_and_channel(make: Maker) -> None:
    path = make.sound("s.wav", rate=48_000, channels=2, seconds=1)
    time = np.arange(SPEECH_RATE) / SPEECH_RATE
    for channel in (1, 2):
        speech = read_dub(path, channel=channel).speech_samples()
        wanted = 0.25 * np.sin(2 * np.pi * 200 * channel * time)
        assert np.abs(speech - wanted)[200:-200].max() < 0.005
    mixed = read_dub(path).speech_samples()
    wanted = 0.125 * (np.sin(2 * np.pi * 200 * time) + np.sin(2 * np.pi * 400 * time))
    assert np.abs(mixed - wanted)[200:-200].max() < 0.005


@pytest.mark.parametrize(("name", "codec"), [("s.flac", "flac"), ("s.mp4", "aac"), ("s.aiff", "pcm_s16be")])
def test_other_formats(make: Maker, name: str, codec: str) -> None:
    if codec == "aac":
        path = make.video("v.mp4", "libx264", "yuv420p", frames=24, sound_rate=48_000, sound_codec="aac")
    else:
        path = make.sound(name, codec=codec)
    dub = read_dub(path)
    assert abs(dub.duration_seconds - 1) < Fraction(1, 20)


def test_silence_is_warned_about(make: Maker) -> None:
    path = make.folder / "s.wav"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=48_000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 4800), np.int16), "s16", "mono")
        frame.sample_rate = 48_000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    dub = read_dub(path)
    assert dub.is_silent and "silent" in dub.warnings[0]


def _with_dub(make: Maker, out: str, dub: Dub, start: Fraction, **options: object) -> Path:
    plate_path = make.video(
        "p.mov", "prores_ks", "yuv422p10le", width=256, height=128, frames=12, rate=Fraction(25)
    )
    with open_plate(plate_path) as plate:
        writer = open_writer(make.folder / out, plate, dub=DubTrack(dub, start), **options)  # type: ignore[arg-type]
        with writer:
            for frame in plate.frames():
                writer.write(frame)
    return make.folder / out


@pytest.mark.parametrize("out", ["o.mov", "o.mkv", "o.mxf", "o.avi"])
@pytest.mark.parametrize("start", [Fraction(0), Fraction(1, 7), Fraction(-1, 7)])
def test_the_dub_lies_on_the_plate_to_the_sample(make: Maker, out: str, start: Fraction) -> None:
    path = make.sound("s.wav", rate=48_000, channels=2, seconds=0.4)
    original = np.concatenate(list(decoded_blocks(path, 0)), axis=1)
    sound, rate = written_sound(_with_dub(make, out, read_dub(path), start))
    length, first = int(Fraction(12, 25) * 48_000), round(start * 48_000)
    wanted = np.zeros((2, length), np.float32)
    kept = original[:, max(0, -first) :][:, : length - max(0, first)]
    wanted[:, max(0, first) : max(0, first) + kept.shape[1]] = kept
    assert rate == 48_000 and np.array_equal(sound, wanted)


@pytest.mark.parametrize("out", ["o.mp4", "o.mpg", "o.ts"])
def test_lossy_sound_keeps_its_place(make: Maker, out: str) -> None:
    path = make.sound("s.wav", rate=48_000, seconds=2)
    dub = read_dub(path)
    result = _with_dub(make, out, dub, Fraction(1, 5))
    with av.open(str(result)) as container:
        picture, sound = container.streams.video[0], container.streams.audio[0]
        first_picture = next(container.decode(picture)).pts * picture.time_base
        container.seek(0)
        frames = [(frame.pts * sound.time_base, frame.to_ndarray()) for frame in container.decode(sound)]
        rate = sound.codec_context.sample_rate
    samples = np.concatenate([np.asarray(block, np.float64).reshape(-1) for _, block in frames])
    loud = np.flatnonzero(np.abs(samples) > 0.1 * np.abs(samples).max())[0]
    starts = frames[0][0] - first_picture + Fraction(int(loud), rate)
    assert abs(starts - Fraction(1, 5)) < Fraction(1, 100)


def test_a_chosen_channel_goes_alone(make: Maker) -> None:
    path = make.sound("s.wav", rate=44_100, channels=2)
    sound, rate = written_sound(_with_dub(make, "o.mov", read_dub(path, channel=2), Fraction(0)))
    assert rate == 44_100 and sound.shape[0] == 1


def test_a_sequence_gets_the_dub_beside_it(make: Maker) -> None:
    dub = read_dub(make.sound("s.wav", seconds=0.2))
    result = _with_dub(make, "shot.####.png", dub, Fraction(0))
    sound, rate = written_sound(result.with_name("shot.wav"))
    assert sound.shape == (1, int(Fraction(12, 25) * rate))


def test_original_tracks_are_kept_beside_the_dub(make: Maker) -> None:
    plate_path = make.video(
        "p.mov", "prores_ks", "yuv422p10le", frames=12, rate=Fraction(25), sound_rate=44_100
    )
    before, _ = written_sound(plate_path)
    dub = read_dub(make.sound("s.wav"))
    for out, is_copied in (("o.mov", True), ("o.mkv", True), ("o.mp4", False)):
        codec = "prores_lt" if out == "o.mov" else None  # not the plate's own: a new file, not a patched one
        with (
            open_plate(plate_path) as plate,
            open_writer(
                make.folder / out, plate, dub=DubTrack(dub), plate_audio=PlateAudio.KEEP, codec=codec
            ) as writer,
        ):
            for frame in plate.frames():
                writer.write(frame)
        kept, rate = written_sound(make.folder / out, track=1)
        assert rate == 44_100
        if is_copied:
            assert np.array_equal(kept, before)
        else:
            assert any("encoded again" in sentence for sentence in writer.warnings)


def test_held_frames_lengthen_picture_and_sound(make: Maker) -> None:
    dub = read_dub(make.sound("s.wav", seconds=1))
    result = _with_dub(make, "o.mov", dub, Fraction(0), held_frames=13)
    with open_plate(result) as plate:
        assert plate.info.frame_count == 25 and not plate.info.is_variable_rate
        last = [frame.planes()[0] for frame in plate.frames(11)]
        assert all(np.abs(plane.astype(int) - last[0]).mean() < 1 for plane in last)
    sound, rate = written_sound(result)
    assert sound.shape[1] == rate


@pytest.mark.parametrize("wish", [PlateAudio.KEEP, PlateAudio.MUTE, PlateAudio.DROP, PlateAudio.AUTO])
def test_which_tracks_of_a_new_file_sound_and_which_is_the_dub(make: Maker, wish: PlateAudio) -> None:
    import av
    from av.stream import Disposition

    plate_path = make.video("p.mov", "prores_ks", "yuv422p10le", frames=4, sound_rate=44_100)
    dub = read_dub(make.sound("s.wav"))
    out = make.folder / "o.mov"
    with (
        open_plate(plate_path) as plate,
        open_writer(out, plate, dub=DubTrack(dub), plate_audio=wish, codec="prores_lt") as writer,
    ):
        for frame in plate.frames():
            writer.write(frame)
    with av.open(str(out)) as container:
        sounding = [bool(stream.disposition & Disposition.default) for stream in container.streams.audio]
        rates = [stream.codec_context.sample_rate for stream in container.streams.audio]
        of_dub = read_dub(out).stream_index - container.streams.audio[0].index
    kept = {PlateAudio.KEEP: [True, True], PlateAudio.MUTE: [True, False]}.get(wish, [True])
    assert sounding == kept
    assert rates[of_dub] == dub.sample_rate and len(rates) == len(kept)


def test_a_result_synced_again_has_a_dub_of_its_own(make: Maker) -> None:
    """The last one laid in is the dub; in a new file only one has the name."""
    import av

    plate = make.video("p.mov", "prores_ks", "yuv422p10le", frames=4, sound_rate=44_100)
    for number, codec in ((1, None), (2, None), (3, None), (4, "prores_lt")):
        dub = read_dub(make.sound(f"s{number}.wav", rate=8_000 * number))
        out = make.folder / f"o{number}.mov"
        with (
            open_plate(plate) as reader,
            open_writer(out, reader, dub=DubTrack(dub), codec=codec, plate_audio=PlateAudio.KEEP) as writer,
        ):
            for frame in reader.frames():
                writer.write(frame)
        assert read_dub(out).sample_rate == dub.sample_rate
        plate = out
    with av.open(str(plate)) as container:
        names = [stream.metadata["handler_name"] for stream in container.streams.audio]
    assert names.count("Dub") == 1 and names.count("Earlier dub") == 3


def test_without_a_dub_a_new_file_keeps_the_plates_sound(make: Maker) -> None:
    import av

    plate = make.video("p.mp4", "libx264", "yuv420p", frames=4, sound_rate=48_000, sound_codec="aac")
    for wish, count in ((PlateAudio.AUTO, 1), (PlateAudio.DROP, 0)):
        out = make.folder / f"{wish.value}.mp4"
        with open_plate(plate) as reader, open_writer(out, reader, plate_audio=wish) as writer:
            for frame in reader.frames():
                writer.write(frame)
        with av.open(str(out)) as container:
            assert len(container.streams.audio) == count
