# SPDX-License-Identifier: Apache-2.0
"""A part of a plate: read, described and written alone, under the plate's own numbers."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
import numpy as np
import pytest

from plosive.errors import MediaWriteError, RangeError
from plosive.geometry import Box
from plosive.media import DubTrack, FrameRange, PlateFrame, copier_of, open_plate, open_writer, read_dub
from plosive.media.audio import decoded_blocks
from plosive.media.exactness import Fate
from plosive.media.movpatcher import MovPatcher
from plosive.media.part import part_info, with_handles
from plosive.media.plateaudio import PlateAudio
from plosive.media.videowriter import VideoWriter

if TYPE_CHECKING:
    from tests.core.media.conftest import Maker

CODECS = [
    ("p.mov", "prores_ks", "yuv422p10le"),
    ("p.mp4", "libx264", "yuv420p"),
    ("p.mkv", "ffv1", "yuv420p"),
    ("p.mxf", "mpeg2video", "yuv422p"),
]


def lighter(frame: PlateFrame) -> PlateFrame:
    return frame.merged(Box(40, 24, 56, 40), np.full((16, 16, 3), 0.1, np.float32), np.ones((16, 16), bool))


def sound(path: Path, track: int = 0) -> np.ndarray[Any, Any]:
    with av.open(str(path)) as container:
        index = container.streams.audio[track].index
    return np.concatenate(list(decoded_blocks(path, index)), axis=1)


def packets(path: Path) -> list[bytes]:
    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux(container.streams.video[0]) if packet.size]


@pytest.mark.parametrize(("name", "encoder", "pixel_format"), CODECS)
def test_a_part_reads_the_frames_of_the_whole(
    make: Maker, name: str, encoder: str, pixel_format: str
) -> None:
    options = {"bf": "2"} if encoder == "libx264" else None
    plate = make.video(name, encoder, pixel_format, frames=14, gop=5, rate=Fraction(25), options=options)
    with open_plate(plate) as reader:
        whole = [frame.rgb8() for frame in reader.frames()]
        for first, last in ((0, 5), (3, 3), (6, 12), (11, 13)):
            part = reader.part(FrameRange(first, last))
            assert (part.info.first_frame, part.info.last_frame_inclusive) == (first, last)
            assert part.frame_times() == tuple(Fraction(n, 25) for n in range(last - first + 1))
            for start in (0, last - first):
                frames = list(part.frames(start))
                assert [frame.index for frame in frames] == list(range(start, last - first + 1))
                pairs = zip(frames, whole[first + start : last + 1], strict=True)
                assert all(np.array_equal(frame.rgb8(), wanted) for frame, wanted in pairs)
        assert reader.part(FrameRange(0, 13)) is reader
        assert not reader.is_part and reader.part(FrameRange(1, 13)).is_part
        assert len(list(reader.frames())) == 14, "the whole is as it was"


def test_numbers_timecode_and_handles(make: Maker) -> None:
    rate = Fraction(30000, 1001)
    plate = make.video("p.mov", "prores_ks", "yuv422p10le", frames=8, rate=rate, timecode="00:09:59;28")
    with open_plate(plate) as reader:
        info = reader.info
        times = reader.frame_times()
        assert [part_info(info, FrameRange(n, 7), times).start_timecode for n in (1, 2, 3)] == [
            "00:09:59;29",
            "00:10:00;00",
            "00:10:00;01",
        ]
        assert with_handles(FrameRange(3, 4), 2, info) == FrameRange(1, 6)
        assert with_handles(FrameRange(1, 6), 12, info) == FrameRange(0, 7)
        for bad in (FrameRange(-1, 3), FrameRange(3, 8), FrameRange(4, 3)):
            with pytest.raises(RangeError, match="leaves the plate"):
                reader.part(bad)


@pytest.mark.parametrize("plate_audio", [PlateAudio.AUTO, PlateAudio.MUTE, PlateAudio.DROP])
def test_a_mov_of_single_pictures_is_cut_and_patched(make: Maker, plate_audio: PlateAudio) -> None:
    plate = make.video(
        "p.mov",
        "prores_ks",
        "yuv422p10le",
        frames=12,
        rate=Fraction(25),
        timecode="01:00:00:20",
        sound_rate=48_000,
        sound_codec="pcm_s24le",
    )
    dub = read_dub(make.sound("d.wav", seconds=1.0))
    out = make.folder / "o.mov"
    with open_plate(plate) as reader:
        part = reader.part(FrameRange(4, 9))
        writer = open_writer(out, part, dub=DubTrack(dub, Fraction(-2, 25)), plate_audio=plate_audio)
        assert isinstance(writer, MovPatcher)
        with writer:
            for frame in part.frames():
                writer.write(lighter(frame) if frame.index == 2 else frame)
    before, after = packets(plate)[4:10], packets(out)
    assert [index for index in range(6) if before[index] != after[index]] == [2]
    assert [one.fate for one in writer.exactness.fates].count(Fate.PATCHED) == 1
    with open_plate(out) as made:
        assert (made.info.frame_count, made.info.start_timecode) == (6, "01:00:00:24")
    tracks = 1 if plate_audio is PlateAudio.DROP else 2
    assert np.array_equal(sound(out, tracks - 1), sound(dub.path)[:, 2 * 1920 : 8 * 1920])
    if tracks == 2:
        assert np.array_equal(sound(out), sound(plate)[:, 4 * 1920 : 10 * 1920])
    assert str(make.folder).encode() not in out.read_bytes()


def test_dnxhr_pictures_of_one_size_are_cut(make: Maker) -> None:
    options = {"profile": "dnxhr_hq"}
    plate = make.video("p.mov", "dnxhd", "yuv422p", width=256, height=128, frames=8, options=options)
    with open_plate(plate) as reader:
        part = reader.part(FrameRange(3, 6))
        writer = open_writer(make.folder / "o.mov", part)
        assert isinstance(writer, MovPatcher)
        with writer:
            for frame in part.frames():
                writer.write(lighter(frame) if frame.index == 1 else frame)
    before, after = packets(plate)[3:7], packets(make.folder / "o.mov")
    assert [one == other for one, other in zip(before, after, strict=True)] == [True, False, True, True]


@pytest.mark.parametrize(
    ("name", "encoder", "pixel_format", "sound_codec", "out"),
    [
        ("p.mkv", "ffv1", "yuv420p", "pcm_s16le", "o.mkv"),
        ("p.mov", "libx264", "yuv420p", "pcm_s16le", "o.mov"),
        ("p.mp4", "libx264", "yuv420p", "aac", "o.mp4"),
    ],
)
def test_other_video_is_written_for_these_frames(
    make: Maker, name: str, encoder: str, pixel_format: str, sound_codec: str, out: str
) -> None:
    plate = make.video(
        name,
        encoder,
        pixel_format,
        frames=60,
        rate=Fraction(25),
        gop=8,
        timecode="01:00:00:00",
        sound_rate=48_000,
        sound_codec=sound_codec,
    )
    with open_plate(plate) as reader:
        part = reader.part(FrameRange(35, 50))
        writer = open_writer(make.folder / out, part, plate_audio=PlateAudio.KEEP)
        assert isinstance(writer, VideoWriter)
        with writer:
            for frame in part.frames():
                writer.write(frame)
        wanted = [frame.rgb8() for frame in part.frames()]
    with open_plate(make.folder / out) as made:
        assert made.info.frame_count == 16
        assert made.info.start_timecode == "01:00:01:10"
        assert made.frame_times() == tuple(Fraction(n, 25) for n in range(16))
        for frame, picture in zip(made.frames(), wanted, strict=True):
            assert np.abs(frame.rgb8().astype(int) - picture).mean() < 2
    length, begin = 16 * 1920, 35 * 1920
    heard, whole = sound(make.folder / out), sound(plate)
    if sound_codec == "aac":
        assert abs(heard.shape[1] - length) <= 2048
        assert np.abs(heard[:, : length - 2048] - whole[:, begin : begin + length - 2048]).max() < 1e-3
    else:
        assert np.array_equal(heard, whole[:, begin : begin + length])


def test_of_a_sequence_only_these_files_are_written(make: Maker) -> None:
    plate = make.images("p.{frame}.dpx", "uint16", frames=tuple(range(1001, 1009)))
    with open_plate(plate) as reader:
        part = reader.part(FrameRange(1003, 1006))
        assert [path.name for path in part.paths] == [f"p.{number}.dpx" for number in range(1003, 1007)]
        with open_writer(make.folder / "out" / "o.####.dpx", part) as writer:
            for frame in part.frames():
                writer.write(frame)
        made = sorted(path.name for path in (make.folder / "out").iterdir())
        assert made == [f"o.{number}.dpx" for number in range(1003, 1007)]
        for number in range(1003, 1007):
            own = (make.folder / "out" / f"o.{number}.dpx").read_bytes()
            assert own == (make.folder / f"p.{number}.dpx").read_bytes()
        with pytest.raises(MediaWriteError, match="plate itself"):
            open_writer(make.folder / "p.1005-1008#.dpx", part, overwrite=True)


@pytest.mark.parametrize(
    ("name", "encoder", "pixel_format", "options"),
    [
        ("p.mxf", "dnxhd", "yuv422p", {"profile": "dnxhr_hq"}),
        ("p.mkv", "ffv1", "yuv422p10le", {"level": "3"}),
        ("p.mkv", "prores_ks", "yuv422p10le", {}),
        ("p.avi", "mjpeg", "yuvj422p", {}),
    ],
)
def test_pictures_that_stand_alone_are_copied_in_other_containers(
    make: Maker, name: str, encoder: str, pixel_format: str, options: dict[str, str]
) -> None:
    plate = make.video(
        name,
        encoder,
        pixel_format,
        width=256,
        height=128,
        frames=20,
        gop=1,
        rate=Fraction(25),
        timecode="01:00:00:00",
        options=options,
    )
    out = make.folder / f"o{plate.suffix}"
    with open_plate(plate) as reader:
        part = reader.part(FrameRange(7, 14))
        with copier_of(open_writer(out, part), {3}) as writer:
            for frame in part.frames():
                writer.write(lighter(frame) if frame.index == 3 else frame)
        wanted = [frame.rgb8() for frame in part.frames()]
    before, after = packets(plate)[7:15], packets(out)
    assert [index for index in range(8) if before[index] != after[index]] == [3]
    assert writer.exactness.count(Fate.COPIED) == 7
    with open_plate(out) as made:
        assert made.info.frame_count == 8
        shown = [frame.rgb8() for frame in made.frames()]
        if reader.info.start_timecode is not None:
            assert made.info.start_timecode == "01:00:00:07"
    same = [np.array_equal(one, other) for one, other in zip(shown, wanted, strict=True)]
    assert same == [index != 3 for index in range(8)]
