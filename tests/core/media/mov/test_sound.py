# SPDX-License-Identifier: Apache-2.0
"""A dub laid into a MOV as a track of its own; the plate's sound kept, muted or dropped."""

from __future__ import annotations

import io
import re
import struct
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from plosive.errors import NotPatchableError
from plosive.media import read_dub
from plosive.media.mov import AddedSound, MovRewriter, read_mov
from plosive.media.plateaudio import PlateAudio

OFFSETS = r"/moov0/trak\d+/mdia0/minf0/stbl0/stco0"
SIZES = "/moov0/trak0/mdia0/minf0/stbl0/stsz0"


def rewritten(path: Path, new: dict[int, bytes], **sound: Any) -> Path:
    file = read_mov(path)
    output = io.BytesIO()
    with MovRewriter(file, file.video_tracks[0], output, **sound) as writer:
        for number in range(len(file.video_tracks[0].samples)):
            writer.write_sample(number, new.get(number))
        writer.finish()
    out = path.with_stem("result")
    out.write_bytes(output.getvalue())
    return out


def same_but(tools: Any, path: Path, out: Path, *allowed: str) -> None:
    """Only boxes whose paths match `allowed` differ between two files."""
    differing = tools.changed(path.read_bytes(), out.read_bytes())
    assert [name for name in differing if not any(re.fullmatch(one, name) for one in allowed)] == []


@pytest.mark.parametrize("layout", ["moov last", "moov first", "private atoms", "private atoms, moov first"])
@pytest.mark.parametrize("patched", [False, True])
def test_a_dub_is_a_new_track_and_all_else_stays(maker: Any, tools: Any, layout: str, patched: bool) -> None:
    path, dub = maker.movie(), maker.dub()
    data = path.read_bytes()
    if "private" in layout:
        data = tools.with_private_atoms(data)
    if "first" in layout:
        data = tools.moov_first(data)
    path.write_bytes(data)
    new = {3: bytes(70_000), 11: bytes(9)} if patched else {}
    out = rewritten(path, new, added_sound=AddedSound(dub, language="deu"))

    before, after = read_mov(path), read_mov(out)
    added = after.tracks[-1]
    assert len(after.tracks) == len(before.tracks) + 1
    assert (added.track_id, added.name, added.language) == (before.next_track_id, "Dub", "deu")
    assert (added.handler, added.codec, added.is_enabled, added.alternate_group) == ("soun", "in24", True, 0)
    assert (added.duration, added.edits[0].duration, added.edits[0].media_time) == (480, 480, 0)
    assert after.next_track_id == before.next_track_id + 1
    assert after.duration == before.duration

    new_trak = rf"/moov0/trak{added.index}(/.*)?"
    same_but(tools, path, out, r"/mdat1", "/moov0", "/moov0/mvhd0", OFFSETS, SIZES, new_trak)
    mvhd = [file.read(file.box("moov/mvhd")) for file in (before, after)]
    assert mvhd[0][:-4] == mvhd[1][:-4]

    told, found = tools.packets(path), tools.packets(out)
    assert {key: told[key] for key in told if key != 1 or not patched} == {
        key: found[key] for key in told if key != 1 or not patched
    }
    heard = tools.sound(out, added.track_id)
    assert np.array_equal(heard, tools.sound(dub, 1))
    assert len(heard) == 48_000 * 12 // 25


def test_without_a_patch_no_picture_moves(maker: Any) -> None:
    path = maker.movie()
    out = rewritten(path, {}, added_sound=AddedSound(maker.dub()))
    places = [read_mov(one).video_tracks[0].samples.offsets for one in (path, out)]
    assert np.array_equal(*places)


@pytest.mark.parametrize("layout", ["moov last", "moov first"])
def test_muted_tracks_lose_one_bit(maker: Any, tools: Any, layout: str) -> None:
    path = maker.movie()
    if layout == "moov first":
        path.write_bytes(tools.moov_first(path.read_bytes()))
    out = rewritten(path, {}, plate_audio=PlateAudio.MUTE)
    first, second = path.read_bytes(), out.read_bytes()
    assert len(first) == len(second)
    differing = [(a, b) for a, b in zip(first, second, strict=True) if a != b]
    assert differing and all(b == a & 0xFE for a, b in differing)  # FFmpeg enables the first of them only
    assert [track.is_enabled for track in read_mov(out).tracks if track.handler == "soun"] == [False, False]
    assert tools.packets(path) == tools.packets(out)


@pytest.mark.parametrize("layout", ["moov last", "moov first"])
def test_dropped_tracks_become_free(maker: Any, tools: Any, layout: str) -> None:
    path = maker.movie()
    if layout == "moov first":
        path.write_bytes(tools.moov_first(path.read_bytes()))
    out = rewritten(path, {2: bytes(100)}, plate_audio=PlateAudio.DROP)
    before, after = read_mov(path), read_mov(out)
    assert [track.handler for track in before.tracks] == ["vide", "soun", "soun", "tmcd"]
    assert [track.handler for track in after.tracks] == ["vide", "tmcd"]
    assert [box.fourcc for box in after.moov.children].count("free") == 2
    assert after.moov.size == before.moov.size
    told, found = tools.packets(path), tools.packets(out)
    assert found.keys() == {1, 4}
    assert found[4] == told[4]
    assert found[1][:2] == told[1][:2]


def test_dub_in_and_own_sound_out(maker: Any, tools: Any) -> None:
    path, dub = maker.movie(), maker.dub(channels=2)
    for wish in (PlateAudio.MUTE, PlateAudio.DROP):
        out = rewritten(path, {5: bytes(30)}, plate_audio=wish, added_sound=AddedSound(dub, "Dialog DE"))
        after = read_mov(out)
        assert (after.tracks[-1].name, after.tracks[-1].track_id) == ("Dialog DE", 5)
        assert np.array_equal(tools.sound(out, 5), tools.sound(dub, 1))
        assert read_dub(out).stream_index == (4 if wish is PlateAudio.MUTE else 2)
        assert tools.packets(out)[4] == tools.packets(path)[4]


def test_references_to_dropped_tracks_are_emptied(maker: Any, tools: Any) -> None:
    path = maker.movie()
    data = bytearray(path.read_bytes())
    at = data.index(b"tref")  # of the picture to the timecode, track 4: sound tracks are put in its place
    data[at + 12 : at + 16] = struct.pack(">I", 2)
    path.write_bytes(data)
    assert read_mov(path).tracks[0].references == (("tmcd", (2,)),)
    out = read_mov(rewritten(path, {}, plate_audio=PlateAudio.DROP))
    assert out.tracks[0].references == (("free", (2,)),)

    trak = read_mov(path).tracks[0].box
    tref = trak.child("tref")
    assert tref is not None
    data[at + 4 : at + 12] = struct.pack(">I4s", 12, b"folw")
    grown = bytearray(tools.with_private_atoms(bytes(data)))
    at = grown.index(b"folw")
    grown[at + 4 : at + 8] = struct.pack(">I", 4)
    path.write_bytes(grown)
    out = read_mov(rewritten(path, {}, plate_audio=PlateAudio.DROP))
    assert out.tracks[0].references == (("folw", (4,)),)


def test_a_dub_past_the_end_lengthens_the_movie(maker: Any) -> None:
    path = maker.movie()
    file = read_mov(path)
    output = io.BytesIO()
    sound = AddedSound(maker.dub(seconds=Fraction(2)))
    with MovRewriter(file, file.video_tracks[0], output, added_sound=sound) as writer:
        writer.finish()
        assert any("mvhd" in note for note in writer.notes)
    path.write_bytes(output.getvalue())
    assert (file.duration, read_mov(path).duration) == (480, 2000)


def test_rounding_alone_does_not_lengthen_the_movie(maker: Any, tools: Any) -> None:
    rate = Fraction(24000, 1001)
    path, dub = maker.movie(rate=rate), maker.dub(seconds=Fraction(12) / rate)
    data = bytearray(path.read_bytes())
    at = data.index(b"mvhd") + 16  # a movie of 600 ticks a second, its end rounded down, as QuickTime does it
    struct.pack_into(">II", data, at, 600, int(600 * 12 / rate))
    path.write_bytes(data)
    out = rewritten(path, {}, added_sound=AddedSound(dub))
    assert read_mov(out).duration == read_mov(path).duration == 300
    assert np.array_equal(tools.sound(out, read_mov(out).tracks[-1].track_id), tools.sound(dub, 1))


def test_aac_in_mp4(maker: Any, tools: Any) -> None:
    path = maker.movie("plate.mp4", encoder="libx264", pixel_format="yuv420p", timecode=None)
    sound = maker.movie("sound.mp4", encoder="libx264", pixel_format="yuv420p", timecode=None, sounds=1)
    with pytest.raises(NotPatchableError, match="not one track of sound"):
        rewritten(path, {}, added_sound=AddedSound(sound))
    only = maker.folder / "only.mp4"
    import av

    with av.open(str(sound)) as source, av.open(str(only), "w") as target:
        stream = target.add_stream_from_template(source.streams.audio[0])
        for packet in source.demux(source.streams.audio[0]):
            if packet.dts is not None:
                packet.stream = stream
                target.mux(packet)
    out = rewritten(path, {}, added_sound=AddedSound(only))
    added = read_mov(out).tracks[-1]
    assert added.name == "Dub"
    assert tools.packets(out)[added.track_id] == tools.packets(only)[1]


@pytest.mark.parametrize("content", [b"", b"RIFF" + bytes(40), b"\0\0\0\x08moov"])
def test_sound_that_is_none(maker: Any, content: bytes) -> None:
    dub = maker.folder / "dub.mov"
    dub.write_bytes(content)
    with pytest.raises(NotPatchableError, match="The dub cannot be laid into"):
        rewritten(maker.movie(), {}, added_sound=AddedSound(dub))
