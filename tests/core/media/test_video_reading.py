# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import av
import numpy as np
import pytest

from plosive.colour.transfer import Transfer
from plosive.errors import MediaReadError
from plosive.geometry import Box
from plosive.media import PlateKind, open_plate

if TYPE_CHECKING:
    from tests.core.media.conftest import Maker


def test_what_is_told_of_a_video(make: Maker) -> None:
    path = make.video(
        "p.mov",
        "prores_ks",
        "yuv422p10le",
        rate=Fraction(30000, 1001),
        timecode="01:00:00;00",
        pixel_aspect=Fraction(4, 3),
        options={"profile": "lt"},
        sound_rate=48_000,
    )
    with open_plate(path) as plate:
        info = plate.info
    assert (info.kind, info.width, info.height, info.frame_count) == (PlateKind.VIDEO, 96, 64, 6)
    assert info.frame_rate == Fraction(30000, 1001) and not info.is_variable_rate
    assert info.start_timecode == "01:00:00;00" and info.pixel_aspect == Fraction(4, 3)
    assert (info.codec, info.pixel_format, info.bit_depth) == ("prores", "yuv422p10le", 10)
    assert info.has_audio and not info.has_alpha and info.first_frame == 0
    assert plate.source.profile == "LT"


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_a_rotated_picture_is_shown_upright(make: Maker, rotation: int) -> None:
    path = make.video("p.mp4", "libx264", "yuv420p", rotation=rotation, options={"crf": "4"})
    still = make.video("q.mp4", "libx264", "yuv420p", options={"crf": "4"})
    with open_plate(path) as plate, open_plate(still) as unrotated:
        assert plate.info.rotation_degrees == rotation
        shown, stored = next(iter(plate.frames())).rgb8(), next(iter(unrotated.frames())).rgb8()
        assert np.array_equal(shown, np.rot90(stored, -rotation // 90))
        assert (plate.info.width, plate.info.height) == shown.shape[1::-1]


@pytest.mark.parametrize(
    ("tags", "transfer"),
    [((1, 1, 1, 1), Transfer.BT1886), ((9, 16, 9, 1), Transfer.PQ), ((9, 18, 9, 1), Transfer.HLG)],
)
def test_transfer_follows_the_tags(make: Maker, tags: tuple[int, int, int, int], transfer: Transfer) -> None:
    with open_plate(make.video("p.mkv", "ffv1", "yuv422p10le", tags=tags)) as plate:
        assert plate.info.transfer is transfer


@pytest.mark.parametrize("tags", [(1, 1, 1, 1), (6, 6, 6, 1), (9, 1, 9, 1), (1, 1, 1, 2)])
def test_working_undoes_the_files_matrix_and_range(
    make: Maker, tags: tuple[int, int, int, int], paint
) -> None:  # type: ignore[no-untyped-def]
    with open_plate(make.video("p.mkv", "ffv1", "yuv444p12le", tags=tags)) as plate:
        working = next(iter(plate.frames())).working(Box(0, 0, 96, 64))
    assert np.abs(working - paint(0, 96, 64)).max() < 1 / 1000


def test_untagged_pictures_are_guessed_by_size(make: Maker) -> None:
    small = make.video("s.mkv", "ffv1", "yuv444p", tags=(2, 2, 2, 0), frames=1)
    large = make.video("l.mkv", "ffv1", "yuv444p", tags=(2, 2, 2, 0), frames=1, width=1280, height=32)
    with open_plate(small) as plate, open_plate(large) as other:
        assert plate.samples.coding.matrix.name == "BT601"
        assert other.samples.coding.matrix.name == "BT709"


def test_each_frame_of_a_variable_rate_has_its_own_time(make: Maker) -> None:
    stamps = [0, 1001, 2002, 4004, 5005, 9009]
    path = make.video(
        "p.mp4", "libx264", "yuv420p", time_stamps=stamps, time_base=Fraction(1, 30000), options={"bf": "2"}
    )
    with open_plate(path) as plate:
        assert plate.info.is_variable_rate
        assert plate.frame_times() == tuple(Fraction(stamp, 30000) for stamp in stamps)


def test_milliseconds_of_matroska_do_not_make_a_rate_variable(make: Maker) -> None:
    with open_plate(make.video("p.mkv", "ffv1", "yuv420p", rate=Fraction(24000, 1001), frames=12)) as plate:
        assert plate.info.frame_rate == Fraction(24000, 1001) and not plate.info.is_variable_rate
        assert plate.frame_times()[5] == Fraction(5 * 1001, 24000)


def test_interlaced_video_is_warned_about(make: Maker) -> None:
    path = make.video("p.mov", "mpeg2video", "yuv420p", rate=Fraction(25), is_interlaced=True)
    with open_plate(path) as plate:
        assert plate.info.is_interlaced and any("interlaced" in sentence for sentence in plate.info.warnings)


def test_a_cut_file_with_its_index_in_front_names_the_frames(make: Maker) -> None:
    path = make.video("p.mov", "prores_ks", "yuv422p10le", frames=8)
    moved = path.with_name("front.mov")
    _index_in_front(path, moved)
    moved.write_bytes(moved.read_bytes()[: moved.stat().st_size * 2 // 3])
    with pytest.raises(MediaReadError, match=r"cut short: it declares 8 frames but only \d"):
        open_plate(moved)


def test_a_cut_h264_file_names_the_frames(make: Maker) -> None:
    path = make.video("p.mp4", "libx264", "yuv420p", frames=12)
    moved = path.with_name("front.mp4")
    _index_in_front(path, moved)
    moved.write_bytes(moved.read_bytes()[: moved.stat().st_size * 2 // 3])
    with pytest.raises(MediaReadError, match=r"front\.mp4"), open_plate(moved) as plate:
        list(plate.frames())


def test_damage_in_the_middle_names_the_frame(make: Maker) -> None:
    path = make.video("p.mov", "prores_ks", "yuv422p10le", frames=8)
    data = bytearray(path.read_bytes())
    places = [place for place in range(len(data)) if data[place : place + 4] == b"icpf"]
    data[places[4] : places[4] + 4] = b"xxxx"
    path.write_bytes(data)
    with open_plate(path) as plate, pytest.raises(MediaReadError, match="frame 4 of 8"):
        list(plate.frames())


def test_8k_pictures_are_read_and_edited(make: Maker) -> None:
    path = make.folder / "p.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=24)
        stream.width, stream.height, stream.pix_fmt = 7680, 4320, "yuv420p"
        container.mux(
            stream.encode(av.VideoFrame.from_ndarray(np.full((6480, 7680), 128, np.uint8), "yuv420p"))
        )
        container.mux(stream.encode(None))
    with open_plate(path) as plate:
        frame = next(iter(plate.frames()))
        box = Box(4000, 2000, 4200, 2100)
        merged = frame.merged(box, np.full((100, 200, 3), 0.05, np.float32), np.ones((100, 200), bool))
        assert merged.working(box).shape == (100, 200, 3)


def _index_in_front(path: Path, out: Path) -> None:
    import av

    with av.open(str(path)) as source, av.open(str(out), "w", options={"movflags": "faststart"}) as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(source.streams.video[0]):
            if packet.size:
                packet.stream = stream
                target.mux(packet)


@pytest.mark.parametrize(("codec", "pixels"), [("libx264", "yuv420p"), ("libx265", "yuv420p")])
def test_a_picture_sought_is_the_one_met_on_the_way(make: Maker, codec: str, pixels: str) -> None:
    """Also where pictures that no other refers to are left out on the way there."""
    path = make.video("p.mp4", codec, pixels, frames=40, options={"g": "30", "bf": "3", "crf": "30"})
    with open_plate(path) as plate:
        assert plate.is_seekable
        met = [frame.rgb8() for frame in plate.frames()]
        for index in (39, 1, 7, 29, 30, 31, 18):
            sought = plate.frames(index)
            for frame in (next(sought), *sought):
                assert np.array_equal(frame.rgb8(), met[frame.index]), (index, frame.index)


def test_pictures_of_444_are_not_sought(make: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of x264 before build 151 would show noise: FFmpeg knows them by their first picture alone."""
    path = make.video("p.mp4", "libx264", "yuv444p", frames=12, options={"g": "5"})
    with open_plate(path) as plate:
        assert not plate.is_seekable
        sought: list[int | None] = []
        real = plate._decoded
        monkeypatch.setattr(plate, "_decoded", lambda at: sought.append(at) or real(at))
        assert next(plate.frames(9)).index == 9 and sought == [None]
