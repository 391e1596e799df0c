# SPDX-License-Identifier: Apache-2.0
"""A MOV cut out of a longer one: the very samples, and times of their own."""

from __future__ import annotations

import random
import struct
from fractions import Fraction
from math import floor
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plosive.errors import MediaReadError, NotPatchableError
from plosive.media import open_plate
from plosive.media.mov import MovCut, cut_mov, read_mov
from plosive.media.mov.pieces import Piece, Pieces
from plosive.media.timecode import Timecode

RATES = [
    (Fraction(25), "01:00:00:00", 3, 9),
    (Fraction(24000, 1001), "00:59:59:20", 2, 11),
    (Fraction(30000, 1001), "01:00:59;25", 4, 10),
    (Fraction(60), "23:59:59:56", 5, 12),
]


def cut(plate: Path, out: Path, first: int, end_exclusive: int, **options: Any) -> MovCut:
    file = read_mov(plate)
    made = cut_mov(file, file.video_tracks[0], first, end_exclusive, **options)
    with made.file.opened() as source:
        out.write_bytes(source.read())
    return made


def pictures(path: Path) -> list[tuple[int, bytes]]:
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        return [(int(packet.pts), bytes(packet)) for packet in container.demux(stream) if packet.size]


@pytest.mark.parametrize(("rate", "timecode", "first", "end"), RATES)
@pytest.mark.parametrize("is_moov_first", [False, True])
def test_pictures_sound_and_timecode_are_those_of_the_frames(
    maker: Any,
    tools: Any,
    tmp_path: Path,
    rate: Fraction,
    timecode: str,
    first: int,
    end: int,
    is_moov_first: bool,
) -> None:
    plate = maker.movie(rate=rate, timecode=timecode)
    if is_moov_first:
        plate.write_bytes(tools.moov_first(plate.read_bytes()))
    out = tmp_path / "cut.mov"
    made = cut(plate, out, first, end)
    assert made.lost == ()
    before, after = pictures(plate), pictures(out)
    assert [data for _, data in after] == [data for _, data in before[first:end]]
    assert [pts for pts, _ in after] == [pts - before[first][0] for pts, _ in before[first:end]]
    for track in read_mov(plate).tracks:
        if track.handler == "soun":
            whole, part = tools.sound(plate, track.track_id), tools.sound(out, track.track_id)
            begin, stop = (round(number / rate * 48_000) for number in (first, end))
            assert np.array_equal(part, whole[begin : min(stop, len(whole))])
    with open_plate(out) as reader:
        assert reader.info.frame_count == end - first
        assert reader.info.frame_rate == rate
        assert reader.info.start_timecode == str(Timecode.parse(timecode, rate) + first)


def test_what_is_no_time_and_no_place_keeps_its_bytes(maker: Any, tools: Any, tmp_path: Path) -> None:
    plate = maker.movie()
    plate.write_bytes(tools.with_private_atoms(plate.read_bytes()))
    out = tmp_path / "cut.mov"
    cut(plate, out, 3, 8)
    kinds = {path.rpartition("/")[2][:4] for path in tools.changed(plate.read_bytes(), out.read_bytes())}
    times = {"mvhd", "tkhd", "mdhd", "elst", "stts", "stsz", "stsc", "stco", "wide", "skip"}
    assert kinds - times <= {"moov", "trak", "mdia", "minf", "stbl", "edts", "free"}
    assert {"mvhd", "tkhd", "mdhd", "elst", "stts", "stsz", "stco"} <= kinds


def test_cuts_of_one_plate_are_the_same_bytes_and_name_no_place(maker: Any, tmp_path: Path) -> None:
    plate = maker.movie()
    cut(plate, tmp_path / "1.mov", 2, 7)
    cut(plate, tmp_path / "2.mov", 2, 7)
    made = (tmp_path / "1.mov").read_bytes()
    assert made == (tmp_path / "2.mov").read_bytes()
    assert str(tmp_path).encode() not in made
    cut(plate, tmp_path / "all.mov", 0, 12)
    assert pictures(tmp_path / "all.mov") == pictures(plate)


def test_a_cut_of_a_cut_is_the_cut(maker: Any, tmp_path: Path) -> None:
    plate = maker.movie(rate=Fraction(24000, 1001))
    cut(plate, tmp_path / "long.mov", 2, 11)
    cut(tmp_path / "long.mov", tmp_path / "short.mov", 3, 7)
    cut(plate, tmp_path / "at_once.mov", 5, 9)
    assert (tmp_path / "short.mov").read_bytes() == (tmp_path / "at_once.mov").read_bytes()


@pytest.mark.parametrize(
    ("encoder", "pixel_format", "options"),
    [
        ("v210", "yuv422p10le", {}),
        ("mjpeg", "yuvj422p", {}),
        ("png", "rgb24", {}),
    ],
)
def test_other_single_pictures_are_cut_too(
    maker: Any, tmp_path: Path, encoder: str, pixel_format: str, options: dict[str, str]
) -> None:
    plate = maker.movie(encoder=encoder, pixel_format=pixel_format, options=options, sounds=1)
    assert cut(plate, tmp_path / "cut.mov", 5, 10).lost == ()
    made = [data for _, data in pictures(tmp_path / "cut.mov")]
    assert made == [data for _, data in pictures(plate)][5:10]
    with open_plate(tmp_path / "cut.mov") as reader:
        assert len(list(reader.frames())) == 5


@given(st.integers(0, 39), st.integers(1, 40), st.sampled_from(RATES))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_run_sounds_as_the_plate_does(
    maker: Any, tools: Any, first: int, count: int, case: tuple[Fraction, str, int, int]
) -> None:
    rate, end = case[0], min(40, first + count)
    plate = maker.folder / f"{rate.numerator}.mov"
    if not plate.exists():
        maker.movie(plate.name, rate=rate, frames=40, sounds=1)
    cut(plate, maker.folder / "cut.mov", first, end)
    whole = tools.sound(plate, 2)
    part = tools.sound(maker.folder / "cut.mov", 2)
    begin, stop = (floor(number / rate * 48_000 + Fraction(1, 2)) for number in (first, end))
    assert np.array_equal(part, whole[begin:stop])
    assert [one[1] for one in pictures(maker.folder / "cut.mov")] == [
        one[1] for one in pictures(plate)[first:end]
    ]


def test_sound_may_be_left_out(maker: Any, tmp_path: Path) -> None:
    cut(maker.movie(), tmp_path / "cut.mov", 3, 8, without_sound=True)
    assert [track.handler for track in read_mov(tmp_path / "cut.mov").tracks] == ["vide", "tmcd"]


def test_compressed_sound_keeps_its_packets_and_an_edit_list_tells_what_sounds(
    maker: Any, tmp_path: Path
) -> None:
    plate = maker.movie("plate.mp4", encoder="mjpeg", pixel_format="yuvj422p", frames=40, timecode=None)
    out = tmp_path / "cut.mp4"
    made = cut(plate, out, 13, 27)
    assert made.lost == ()

    def sounding(path: Path) -> np.ndarray[Any, Any]:
        with av.open(str(path)) as container:
            arrays, start = [], None
            for frame in container.decode(audio=0):
                start = frame.pts if start is None else start
                arrays.append(frame.to_ndarray())
            samples = np.concatenate(arrays, axis=1)
            assert start is not None
            return samples[:, -start:] if start < 0 else np.pad(samples, ((0, 0), (start, 0)))

    whole, part = sounding(plate), sounding(out)
    begin = 13 * 1920
    length = 14 * 1920
    assert length <= part.shape[1] <= length + 2048
    assert np.abs(part[:, :length] - whole[:, begin : begin + length]).max() < 1e-4


def with_elst(data: bytes, tools: Any, track: int, entries: list[tuple[int, int]]) -> bytes:
    """`entries` of (duration, media time) in place of the one of a track in a file whose index comes last."""
    path = f"/moov0/trak{track}/edts0/elst0"
    offset, size = next((at, size) for name, at, size in tools.boxes(data) if name == path)
    body = struct.pack(">II", 0, len(entries)) + b"".join(
        struct.pack(">IiI", duration, start, 1 << 16) for duration, start in entries
    )
    new = bytearray(data)
    growth = 8 + len(body) - size
    for name, at, old in tools.boxes(data):
        if path.startswith(name):
            new[at : at + 4] = (old + growth).to_bytes(4, "big")
    new[offset + 8 : offset + size] = body
    return bytes(new)


def test_sound_that_begins_late_begins_so_much_later_in_the_cut(
    maker: Any, tools: Any, tmp_path: Path
) -> None:
    plate = maker.movie()
    scale = read_mov(plate).timescale
    data = with_elst(plate.read_bytes(), tools, 1, [(scale * 5 // 25, -1), (scale * 7 // 25, 0)])
    plate.write_bytes(data)
    cut(plate, tmp_path / "cut.mov", 3, 10)
    track = read_mov(tmp_path / "cut.mov").tracks[1]
    assert [edit.media_time for edit in track.edits] == [-1, 0]
    assert Fraction(track.edits[0].duration, scale) == Fraction(2, 25)
    sound = tools.sound(tmp_path / "cut.mov", track.track_id)
    assert np.array_equal(sound, tools.sound(plate, track.track_id)[: 5 * 1920])
    made = cut(plate, tmp_path / "none.mov", 0, 4)
    assert [one.track_id for one in read_mov(tmp_path / "none.mov").tracks] == [1, 3, 4]
    assert made.lost == ("Track 2 (soun) has nothing in these frames.",)


def test_edit_lists_of_several_parts_are_refused_or_told(maker: Any, tools: Any, tmp_path: Path) -> None:
    plate = maker.movie()
    data = plate.read_bytes()
    plate.write_bytes(with_elst(data, tools, 1, [(100, 0), (100, 4800)]))
    made = cut(plate, tmp_path / "cut.mov", 0, 4)
    assert len(made.lost) == 1 and "several parts" in made.lost[0]
    plate.write_bytes(with_elst(data, tools, 0, [(100, 0), (100, 512)]))
    with pytest.raises(NotPatchableError, match="several parts"):
        cut(plate, tmp_path / "no.mov", 0, 4)


def test_pictures_the_plate_does_not_have_are_refused(maker: Any) -> None:
    file = read_mov(maker.movie(frames=6, sounds=0))
    for first, end in ((-1, 3), (3, 3), (4, 2), (2, 7)):
        with pytest.raises(NotPatchableError, match="no pictures"):
            cut_mov(file, file.video_tracks[0], first, end)


def test_damaged_files_are_refused_in_one_sentence(maker: Any, tmp_path: Path) -> None:
    good = maker.movie(frames=6, sounds=1).read_bytes()
    chance = random.Random(5)
    moov = good.rindex(b"moov") - 4
    refused = 0
    for _ in range(250):
        bad = bytearray(good)
        for _ in range(chance.randint(1, 3)):
            at = chance.randrange(moov, len(bad))
            bad[at] = chance.choice([0, 1, 127, 128, 255, bad[at] ^ (1 << chance.randrange(8))])
        path = tmp_path / "bad.mov"
        path.write_bytes(bytes(bad))
        try:
            made = cut_mov(file := read_mov(path), file.video_tracks[0], 1, 4) if read_mov(path) else None
            assert made is not None
            with made.file.opened() as source:
                assert len(source.read()) < 2 * len(good)
        except (NotPatchableError, MediaReadError):
            refused += 1
        except IndexError as error:  # the test's own: no video track is left
            assert "tuple index" in str(error)
    assert refused > 20


def test_pieces_are_read_as_one_file(tmp_path: Path) -> None:
    path = tmp_path / "whole"
    path.write_bytes(bytes(range(200)))
    pieces = Pieces(
        path, [Piece.of(b"head"), Piece(10, 5), Piece(5, 15), Piece(0, 3), Piece.of(b"x"), Piece(4, 0)]
    )
    assert len(pieces.pieces) == 4, "stretches side by side are one"
    wanted = b"head" + bytes(range(5, 20)) + b"x" + bytes(range(4))
    with pieces.open() as source:
        assert source.read() == wanted
        for start in range(len(wanted) + 3):
            source.seek(start)
            assert source.read(7) == wanted[start : start + 7]
        assert source.seek(0, 2) == len(wanted) == pieces.size_bytes
