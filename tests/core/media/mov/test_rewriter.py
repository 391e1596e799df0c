# SPDX-License-Identifier: Apache-2.0
"""A MOV written anew: only sizes, offsets and the exchanged pictures differ."""

from __future__ import annotations

import io
import re
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from plosive.errors import NotPatchableError
from plosive.media.mov import MovRewriter, read_mov

MATERIAL = Path(__file__).resolve().parents[4] / ".." / "shared" / "material" / "prores"
KINDS = {
    "25": {},
    "23.976": {"rate": Fraction(24000, 1001)},
    "29.97 drop": {"rate": Fraction(30000, 1001), "timecode": "01:00:00;00"},
    "no sound": {"sounds": 0, "timecode": None},
    "interlaced": {"options": {"flags": "+ildct"}},
    "h264 mp4": {"name": "plate.mp4", "encoder": "libx264", "pixel_format": "yuv420p", "timecode": None},
    "h264 mov": {"encoder": "libx264", "pixel_format": "yuv420p"},
}


def rewritten(path: Path, new: dict[int, bytes], keeps_sizes: bool = False) -> bytes:
    """The file with other bytes for some samples of its first video track."""
    file = read_mov(path)
    output = io.BytesIO()
    with MovRewriter(file, file.video_tracks[0], output, keeps_sizes=keeps_sizes) as writer:
        for number in range(len(file.video_tracks[0].samples)):
            writer.write_sample(number, new.get(number))
        writer.finish()
    return output.getvalue()


def video(path: Path) -> list[bytes]:
    """The bytes of its pictures, read by the sample table."""
    samples = read_mov(path).video_tracks[0].samples
    data = path.read_bytes()
    return [data[at : at + size] for at, size in zip(samples.offsets, samples.sizes, strict=True)]


def other_bytes(samples: list[bytes]) -> dict[int, bytes]:
    """New bytes for some of them: shorter, longer, equal in size, and three in a row at the end."""
    rng = np.random.default_rng(1)
    last = len(samples) - 1
    sizes = {1: -7, 2: 0, 5: 1001, last - 2: 3, last - 1: -1, last: 4321}
    return {number: rng.bytes(len(samples[number]) + growth) for number, growth in sizes.items()}


@pytest.mark.parametrize("layout", ["moov last", "moov first", "private atoms", "private atoms, moov first"])
@pytest.mark.parametrize("kind", KINDS)
def test_only_sizes_offsets_and_pictures_change(maker: Any, tools: Any, kind: str, layout: str) -> None:
    path = maker.movie(**KINDS[kind])
    data = path.read_bytes()
    if "private" in layout:
        data = tools.with_private_atoms(data)
    if "first" in layout:
        data = tools.moov_first(data)
    path.write_bytes(data)
    before = video(path)
    new = other_bytes(before)

    assert rewritten(path, {}) == data

    result = rewritten(path, new)
    out = path.with_stem("result")
    out.write_bytes(result)
    assert video(out) == [new.get(number, content) for number, content in enumerate(before)]
    allowed = re.compile(r"/moov0/trak\d+/mdia0/minf0/stbl0/stco0|/moov0/trak0/mdia0/minf0/stbl0/stsz0")
    assert all(allowed.fullmatch(name) for name in tools.changed(data, result))
    assert "/moov0/trak0/mdia0/minf0/stbl0/stsz0" in tools.changed(data, result)
    told, found = tools.packets(path), tools.packets(out)
    video_id = read_mov(path).video_tracks[0].track_id
    assert told.keys() == found.keys()
    assert {key: told[key] for key in told if key != video_id} == {
        key: found[key] for key in found if key != video_id
    }
    times = [[line.rpartition(" ")[0] for line in one[video_id]] for one in (told, found)]
    assert times[0] == times[1]
    assert sum(a != b for a, b in zip(told[video_id], found[video_id], strict=True)) == len(new)


def test_the_timecode_is_the_same(maker: Any) -> None:
    import av

    path = maker.movie(rate=Fraction(30000, 1001), timecode="01:00:00;00")
    out = path.with_stem("result")
    out.write_bytes(rewritten(path, {0: video(path)[0] + bytes(64)}))
    with av.open(str(out)) as container:
        assert container.streams.video[0].metadata["timecode"] == "01:00:00;00"


@pytest.mark.parametrize("path", sorted(MATERIAL.glob("*.mov")) or [None])
def test_apple_files(path: Path | None, tmp_path: Path, tools: Any) -> None:
    if path is None:
        pytest.skip("the material of the project is not here")
    data = path.read_bytes()
    assert rewritten(path, {}) == data
    before = video(path)
    new = other_bytes(before)
    out = tmp_path / path.name
    out.write_bytes(rewritten(path, new))
    assert video(out) == [new.get(number, content) for number, content in enumerate(before)]
    names = {name.rpartition("/")[2] for name in tools.changed(data, out.read_bytes())}
    assert names <= {"stsz0", "stco0"}
    told, found = tools.packets(path), tools.packets(out)
    assert {key: told[key] for key in told if key != 1} == {key: found[key] for key in found if key != 1}


def test_samples_may_be_left_out_and_come_only_once(maker: Any) -> None:
    path = maker.movie()
    file = read_mov(path)
    new = bytes(500)
    output = io.BytesIO()
    with MovRewriter(file, file.video_tracks[0], output) as writer:
        writer.write_sample(3, new)
        for number in (3, 2, 12, -1):
            with pytest.raises(ValueError):
                writer.write_sample(number, new)
        writer.write_sample(7, None)
        writer.finish()
    assert output.getvalue() == rewritten(path, {3: new})


def test_pictures_of_one_size_keep_it(maker: Any, tools: Any) -> None:
    path = maker.movie(encoder="rawvideo", pixel_format="uyvy422", timecode=None)
    track = read_mov(path).video_tracks[0]
    assert track.table.constant_size == len(video(path)[0])
    new = bytes(len(video(path)[0]))
    result = rewritten(path, {4: new}, keeps_sizes=True)
    assert tools.changed(path.read_bytes(), result) == set()
    with pytest.raises(NotPatchableError, match="have 12288 bytes"):
        rewritten(path, {4: new + b"\0"}, keeps_sizes=True)


@pytest.mark.parametrize("layout", ["moov last", "moov first", "private atoms, moov first"])
def test_one_size_of_all_becomes_a_list(maker: Any, tools: Any, layout: str) -> None:
    path = maker.movie(encoder="rawvideo", pixel_format="uyvy422", timecode=None)
    if "private" in layout:
        path.write_bytes(tools.with_private_atoms(path.read_bytes()))
    if "first" in layout:
        path.write_bytes(tools.moov_first(path.read_bytes()))
    before, data = video(path), path.read_bytes()
    new = {0: before[1], 4: before[4] + b"more", 11: b"less"}
    assert rewritten(path, {}) == data
    out = path.with_stem("result")
    out.write_bytes(rewritten(path, new))
    assert video(out) == [new.get(number, content) for number, content in enumerate(before)]
    grown = {"/moov0" + way for way in ("", *("/trak0" + rest for rest in ("", "/mdia0", "/mdia0/minf0")))}
    grown |= {"/moov0/trak0/mdia0/minf0/stbl0", "/moov0/trak0/mdia0/minf0/stbl0/stsz0"}
    differing = tools.changed(data, out.read_bytes())
    assert {name for name in differing if not name.endswith("stco0")} == grown
    told, found = tools.packets(path), tools.packets(out)
    assert {key: told[key] for key in (2, 3)} == {key: found[key] for key in (2, 3)}


def test_an_empty_picture_is_refused(maker: Any) -> None:
    with pytest.raises(NotPatchableError, match="empty"):
        rewritten(maker.movie(), {4: b""})
