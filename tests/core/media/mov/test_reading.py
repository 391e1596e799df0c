# SPDX-License-Identifier: Apache-2.0
"""Boxes and tables of MOV files, held against what FFmpeg says of them."""

from __future__ import annotations

import struct
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from plosive.errors import MediaReadError, NotPatchableError
from plosive.media.mov import read_mov, refusal, require_patchable
from plosive.media.mov.box import Box
from plosive.media.mov.indexedit import IndexEdit
from plosive.media.mov.language import language_of, packed_language
from plosive.media.mov.mediabox import MediaBox


def test_tables_say_what_ffmpeg_says(maker: Any) -> None:
    import av

    for path in (
        maker.movie(rate=Fraction(24000, 1001)),
        maker.movie("b.mp4", encoder="libx264", pixel_format="yuv420p", timecode=None, frames=30),
    ):
        file = read_mov(path)
        with av.open(str(path)) as container:
            found: dict[int, list[Any]] = {stream.id: [] for stream in container.streams}
            for packet in container.demux():
                if packet.size:
                    found[packet.stream.id].append(packet)
        assert [track.track_id for track in file.tracks] == list(found)
        for track in file.tracks:
            if track.table.constant_size and track.handler == "soun":
                assert int(track.table.chunk_sizes.sum()) == sum(one.size for one in found[track.track_id])
                continue
            told = found[track.track_id]
            assert track.samples.offsets.tolist() == [packet.pos for packet in told]
            assert track.samples.sizes.tolist() == [packet.size for packet in told]
            start = track.edits[0].media_time
            assert (track.decode_times() - start).tolist() == [packet.dts for packet in told]
            assert (track.composition_times() - start).tolist() == [packet.pts for packet in told]


def test_tracks(maker: Any) -> None:
    file = read_mov(maker.movie())
    assert [(one.handler, one.codec) for one in file.tracks] == [
        ("vide", "apch"),
        ("soun", "in24"),
        ("soun", "in24"),
        ("tmcd", "tmcd"),
    ]
    picture = file.tracks[0]
    assert (picture.is_enabled, picture.edits[0].rate, picture.references) == (True, 1, (("tmcd", (4,)),))
    assert picture.data_references == (("url ", True),)
    assert Fraction(picture.media_duration, picture.timescale) == Fraction(12, 25)
    assert Fraction(picture.duration, file.timescale) == Fraction(12, 25)
    assert file.track(4).handler == "tmcd"
    with pytest.raises(MediaReadError, match="no track 9"):
        file.track(9)


def test_every_box_has_its_own_path_and_bytes(maker: Any, tools: Any) -> None:
    path = maker.movie()
    path.write_bytes(tools.with_private_atoms(path.read_bytes()))
    file, data = read_mov(path), path.read_bytes()
    listed = list(file.boxes())
    assert len({box.path for box in listed}) == len(listed)
    places = {(offset, size) for _, offset, size in tools.boxes(data)}
    assert places <= {(box.offset, box.size) for box in listed}
    for box in listed:
        assert file.read(box) == data[box.offset : box.end]
        assert file.box(box.path) is box
    assert file.box("moov/trak[1]/mdia/hdlr") is not None
    assert file.box("moov/trak[0]/tapt/clef") is not None


def test_languages() -> None:
    assert [language_of(code) for code in (0, 2, 94, 200, 0x7FFF, 0x55C4)] == [
        "eng",
        "deu",
        "epo",
        "und",
        "und",
        "und",
    ]
    for language in ("eng", "fra", "zxx", "und"):
        assert language_of(packed_language(language)) == language
    assert packed_language("Not one") == packed_language("und")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is no QuickTime or MP4 file"),
        (b"RIFF1234WAVE" + bytes(100), "is cut short or damaged"),
        (b"\0\0\0\x08free", "has no index"),
        (b"\0\0\0\x03moov" + bytes(100), "there is no box at byte 0"),
        (b"\0\0\0\x01moov\0\0\0\0\0\0\0\x0f" + bytes(100), "there is no box at byte 0"),
        (b"\0\0\0\x08moov", "its index has no header"),
        (b"\0\0\0\x10moov\0\0\0\x08cmov", "has a compressed index"),
        (b"\0\0\0\x10moov\0\0\0\x09mvhd", "ends past its 'moov' box"),
        (b"\0\0\0\x10moov\0\0\0\x08mvhd", "the header of its index"),
        (b"\0\0\0\x08PNG\r", "is no QuickTime or MP4 file"),
    ],
)
def test_files_that_are_none(tmp_path: Path, content: bytes, sentence: str) -> None:
    path = tmp_path / "a.mov"
    path.write_bytes(content)
    with pytest.raises(MediaReadError, match=sentence):
        read_mov(path)


def test_boxes_without_end(tmp_path: Path) -> None:
    path = tmp_path / "a.mov"
    path.write_bytes(b"\0\0\0\x08free" * 100_001)
    with pytest.raises(MediaReadError, match="more than 100000 boxes"):
        read_mov(path)
    nested = b""
    for _ in range(40):
        nested = struct.pack(">I4s", 8 + len(nested), b"trak") + nested
    path.write_bytes(struct.pack(">I4s", 8 + len(nested), b"moov") + nested)
    with pytest.raises(MediaReadError, match="deep in each other"):
        read_mov(path)
    with pytest.raises(MediaReadError, match="cannot be read"):
        read_mov(tmp_path / "none.mov")


def test_four_billion_samples_are_not_believed(maker: Any) -> None:
    path = maker.movie()
    data = bytearray(path.read_bytes())
    at = data.index(b"stsz")
    for constant, count, sentence in (
        (1, 0xFFFFFFFF, "lie in no chunk"),
        (0, 0xFFFFFFFF, "shorter than it says"),
        (0xFFFFFFFF, 12, "claims more samples"),
        (1, 0xFFFFFFFF, "claims more samples"),
    ):
        if constant and sentence == "claims more samples":
            struct.pack_into(">III", data, data.index(b"stsc") + 12, 1, 0xFFFFFFFF, 1)
        struct.pack_into(">II", data, at + 8, constant, count)
        path.write_bytes(data)
        track = read_mov(path).tracks[0]
        with pytest.raises(MediaReadError, match=sentence):
            _ = track.samples


class _Changed:
    """A movie with private atoms, changed at one place."""

    def __init__(self, path: Path, data: bytes) -> None:
        self.path = path
        self.data = bytearray(data)

    def rename(self, old: bytes, new: bytes, number: int = 0) -> None:
        """The fourcc of the `number`-th `old` becomes `new`."""
        at = -1
        for _ in range(number + 1):
            at = self.data.index(old, at + 1)
        self.data[at : at + 4] = new

    def put(self, after: bytes, skip: int, new: bytes, number: int = 0) -> None:
        at = -1
        for _ in range(number + 1):
            at = self.data.index(after, at + 1)
        self.data[at + skip : at + skip + len(new)] = new

    def append(self, fourcc: bytes, payload: bytes = b"") -> None:
        del self.data[-3:]  # its trailing bytes
        self.data += struct.pack(">I4s", 8 + len(payload), fourcc) + payload


META = b"\0\0\0\0\0\0\0\x20hdlr" + bytes(24) + b"\0\0\0\x0ciloc\0\0\0\0"
REFUSALS: dict[str, tuple[Any, str]] = {
    "moof": (lambda one: one.append(b"moof", bytes(8)), "is a fragmented MP4"),
    "sidx": (lambda one: one.append(b"sidx", bytes(8)), "is a fragmented MP4"),
    "mvex": (lambda one: one.rename(b"PRIV", b"mvex", 3), "is a fragmented MP4"),
    "saio": (lambda one: one.rename(b"PRIV", b"saio"), r"holds places of sample data beside .* \(saio\)"),
    "iloc": (lambda one: one.append(b"meta", META), r"items with places of their own \(iloc\)"),
    "meta": (lambda one: one.append(b"meta", b"\1" * 50), "user data that cannot be read"),
    "subs": (lambda one: one.rename(b"PRIV", b"subs"), "sizes of parts of its pictures"),
    "rmra": (lambda one: one.rename(b"PRIV", b"rmra", 3), "points to other movies"),
    "gps": (lambda one: one.rename(b"PRIV", b"gps ", 3), r"places of position data \(gps\)"),
    "two moov": (lambda one: one.rename(b"PRIV", b"moov", 4), "more than one index"),
    "stz2": (lambda one: one.put(b"stsz", 0, b"stz2"), r"in a compact table \(stz2\)"),
    "two stsc": (lambda one: one.rename(b"PRIV", b"stsc"), "two sample tables"),
    "two stco": (lambda one: one.rename(b"PRIV", b"stco"), "without one list of places"),
    "no stco": (lambda one: one.rename(b"stco", b"stcx"), "without one list of places"),
    "dref": (lambda one: one.put(b"dref", 23, b"\0", 1), "media of a track in another file"),
    "encrypted": (lambda one: one.rename(b"apch", b"encv"), "is encrypted"),
    "ids": (lambda one: one.put(b"tkhd", 16, b"\0\0\0\1", 1), "tracks that share one number"),
    "outside": (lambda one: one.put(b"mdat", 0, b"skip"), "outside its media boxes"),
    "hint": (lambda one: one.put(b"tref", 8, b"hint\0\0\0\1"), "streaming hints"),
    "past the end": (lambda one: one.put(b"stco", 12, b"\x7f\0\0\0"), "points past the end of the file"),
    "in the index": (lambda one: one.put(b"stco", 12, b"\0\0\0\4", 6), "media of track 4 across its boxes"),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_refusals(maker: Any, tools: Any, case: str) -> None:
    change, sentence = REFUSALS[case]
    path = maker.movie()
    file = _Changed(path, tools.with_private_atoms(path.read_bytes()))
    change(file)
    path.write_bytes(file.data)
    movie = read_mov(path)
    with pytest.raises(NotPatchableError, match=sentence) as raised:
        require_patchable(movie, movie.tracks[0])
    assert str(raised.value).startswith("plate.mov ") and str(raised.value).endswith(".")


def test_pictures_out_of_order_or_shared_are_refused(maker: Any) -> None:
    path = maker.movie(frames=30, sounds=1)
    data = bytearray(path.read_bytes())
    file = read_mov(path)
    picture, sound = file.tracks[:2]
    assert refusal(file, picture) is None
    assert refusal(file, sound) == "plate.mov has no picture in track 2."
    offsets = picture.table.chunk_offsets
    assert len(offsets) > 2
    at = data.index(b"stco") + 12
    struct.pack_into(">II", data, at, int(offsets[1]), int(offsets[0]))
    path.write_bytes(data)
    file = read_mov(path)
    assert "another order than they are played" in str(refusal(file, file.tracks[0]))
    struct.pack_into(">II", data, at, *(int(offset) for offset in offsets[:2]))
    struct.pack_into(">I", data, data.index(b"stco", at) + 12, int(offsets[2]) + 5)
    path.write_bytes(data)
    file = read_mov(path)
    assert "in the same bytes" in str(refusal(file, file.tracks[0]))


def test_sizes_that_32_bits_do_not_hold(maker: Any) -> None:
    file = read_mov(maker.movie())
    edit = IndexEdit(file.moov, file.moov_bytes, file.moov.offset)
    with pytest.raises(NotPatchableError, match="grew past 4 GiB"):
        edit.put_offsets(file.tracks[0], np.array([1 << 32]), is_wide=False)
    box = Box("mdat", 40, (1 << 32) - 10, 8, "mdat")
    with pytest.raises(NotPatchableError, match="has no room for such a size"):
        MediaBox(box, None).header(np.array([48]), np.array([100]), False)
    widened = MediaBox(box, None).for_growth(100, False)
    assert widened.header(np.array([48]), np.array([100]), False) == (
        40,
        struct.pack(">I4sQ", 1, b"mdat", (1 << 32) + 98),
    )
    open_end = MediaBox(Box("mdat", 40, 1000, 8, "mdat", is_to_end=True), None)
    assert open_end.header(np.array([48]), np.array([100]), False) is None
    assert open_end.header(np.array([48]), np.array([100]), True) == (40, struct.pack(">I4s", 1100, b"mdat"))
