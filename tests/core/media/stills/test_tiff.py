# SPDX-License-Identifier: Apache-2.0
"""Patched TIFF files differ in the strips or tiles of changed samples, and in where these lie; in no more."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.media.stills.edits import Pixels, changed_pixels, edit_of_copy, edit_to, random_pixels
from tests.core.media.stills.tiffpages import tiff

from plosive.errors import NotPatchableError
from plosive.geometry import Box
from plosive.media.exactness import Fate
from plosive.media.imagefile import OpenedImage, read_layout, read_planes
from plosive.media.imageoutput import write_edited
from plosive.media.stills.tiff import patch_tiff
from plosive.media.stills.touched import bits_of


def all_channels(path: Path, part: int = 0) -> Pixels:
    with OpenedImage(path) as opened:
        return bits_of(opened.pixels(part, {}))


def blocks_of(path: Path, page: int = 0) -> tuple[list[int], list[int], list[range]]:
    """(places, sizes, where these numbers stand) of strips or tiles, through tifffile: another reader."""
    tifffile = pytest.importorskip("tifffile")
    with tifffile.TiffFile(path) as opened:
        found = opened.pages[page]
        tags = [found.tags[324 if found.is_tiled else 273], found.tags[325 if found.is_tiled else 279]]
        spans = [range(tag.valueoffset, tag.valueoffset + tag.valuebytecount) for tag in tags]
        return list(found.dataoffsets), list(found.databytecounts), spans


def may_change(path: Path, page: int = 0) -> Any:
    """Bytes (n,) bool of a file that hold its blocks, their places or sizes."""
    places, sizes, spans = blocks_of(path, page)
    allowed = np.zeros(path.stat().st_size, bool)
    for span in (*spans, *(range(at, at + size) for at, size in zip(places, sizes, strict=True))):
        allowed[span.start : span.stop] = True
    return allowed


@settings(max_examples=100, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    kind=st.sampled_from(["u1", "u2", "u4", "f2", "f4"]),
    count=st.integers(1, 5),
    order=st.sampled_from("<>"),
    is_big=st.booleans(),
    is_planar=st.booleans(),
    tile=st.sampled_from([None, None, (16, 16), (32, 16)]),
    rows_per_strip=st.sampled_from([1, 5, 1000]),
    coding=st.sampled_from([(1, 1), (8, 1), (8, 2), (8, 3), (32946, 2), (32773, 1)]),
    size=st.one_of(st.tuples(st.integers(1, 40), st.integers(1, 40)), st.just((200, 5))),
)
def test_only_touched_blocks_change(
    tmp_path_factory: pytest.TempPathFactory,
    seed: int,
    kind: str,
    count: int,
    order: str,
    is_big: bool,
    is_planar: bool,
    tile: tuple[int, int] | None,
    rows_per_strip: int,
    coding: tuple[int, int],
    size: tuple[int, int],
) -> None:
    (height, width), (compression, predictor) = size, coding
    if predictor == 3 and kind[0] != "f":
        predictor = 2
    rng = np.random.default_rng(seed)
    pixels = random_pixels(rng, height, width, count, kind)
    folder = tmp_path_factory.mktemp("tiff")
    path, out_path = folder / "plate.tif", folder / "out.tif"
    arguments = (order, is_big, tile, min(rows_per_strip, height), is_planar, compression, predictor)
    path.write_bytes(tiff(pixels, *arguments))
    assert np.array_equal(all_channels(path), bits_of(pixels)), "the file written by hand is wrong"
    layout = read_layout(path)
    left, top = int(rng.integers(0, width)), int(rng.integers(0, height))
    box = Box(left, top, int(rng.integers(left, width)) + 1, int(rng.integers(top, height)) + 1)
    new = changed_pixels(rng, pixels, box, layout.channels)
    edit = edit_to(path, tuple(new[..., channel] for channel in layout.channels), box)
    fate = write_edited(layout, edit, out_path)
    assert fate.fate is Fate.PATCHED, fate.why
    assert np.array_equal(all_channels(out_path), bits_of(new))
    old_bytes, new_bytes = path.read_bytes(), out_path.read_bytes()
    if compression == 1:
        assert new_bytes == tiff(new, *arguments)
        return
    allowed = may_change(path)
    differs = np.frombuffer(old_bytes, np.uint8) != np.frombuffer(new_bytes[: len(old_bytes)], np.uint8)
    assert not (differs & ~allowed).any()
    old_blocks, new_blocks = blocks_of(path), blocks_of(out_path)
    across = -(-width // (tile or (width, 1))[0])
    block_height = tile[1] if tile else min(rows_per_strip, height)
    per_plane = across * -(-height // block_height)
    untouched = (bits_of(new) == bits_of(pixels)).all(axis=(1, 2))
    for index, (at, length) in enumerate(zip(*new_blocks[:2], strict=True)):
        block_top = index % per_plane // across * block_height
        if untouched[block_top : block_top + block_height].all():
            assert (at, length) == (old_blocks[0][index], old_blocks[1][index])
            assert new_bytes[at : at + length] == old_bytes[at : at + length]
        assert at % 2 == 0


@pytest.mark.parametrize("compression", ["none", "lzw", "zip", "packbits"])
@pytest.mark.parametrize("kind", ["uint8", "uint16", "float"])
@pytest.mark.parametrize("tile", [0, 16])
def test_files_of_libtiff(tmp_path: Path, compression: str, kind: str, tile: int) -> None:
    import OpenImageIO as oiio

    dtype = {"uint8": "u1", "uint16": "u2", "float": "f4"}[kind]
    pixels = random_pixels(np.random.default_rng(2), 50, 61, 4, dtype)
    path, out_path = tmp_path / "plate.tif", tmp_path / "out.tif"
    spec = oiio.ImageSpec(61, 50, 4, kind)
    spec.tile_width = spec.tile_height = tile
    for name, value in (("compression", compression), ("oiio:UnassociatedAlpha", 1), ("Artist", "Ann Ode")):
        spec.attribute(name, value)
    spec.attribute("tiff:RowsPerStrip", 8)
    spec.attribute("ICCProfile", oiio.TypeDesc("uint8[200]"), np.arange(200, dtype=np.uint8))
    output = oiio.ImageOutput.create(str(path))
    assert output.open(str(path), spec) and output.write_image(pixels), output.geterror()
    output.close()
    box = Box(7, 11, 40, 30)
    new = changed_pixels(np.random.default_rng(3), pixels, box, (0, 1, 2))
    edit = edit_to(path, tuple(new[..., channel] for channel in range(3)), box)
    fate = write_edited(edit.layout, edit, out_path)
    assert fate.fate is Fate.PATCHED, fate.why
    assert np.array_equal(all_channels(out_path), bits_of(new))
    old_bytes = np.frombuffer(path.read_bytes(), np.uint8)
    new_bytes = np.frombuffer(out_path.read_bytes(), np.uint8)
    assert not ((old_bytes != new_bytes[: len(old_bytes)]) & ~may_change(path)).any()
    with OpenedImage(path) as old, OpenedImage(out_path) as patched:
        headers = [
            {one.name: str(one.value) for one in opened.spec(0).extra_attribs} for opened in (old, patched)
        ]
    assert headers[0] == headers[1]


@pytest.mark.parametrize("compression", ["tiff_lzw", "tiff_adobe_deflate", "packbits", None])
def test_files_of_pillow_read_by_pillow(tmp_path: Path, compression: str | None) -> None:
    from PIL import Image

    pixels = random_pixels(np.random.default_rng(4), 90, 70, 3, "u1")
    path, out_path = tmp_path / "plate.tif", tmp_path / "out.tif"
    Image.fromarray(pixels).save(path, compression=compression, tiffinfo={270: "slate 12", 65001: "private"})
    new = changed_pixels(np.random.default_rng(5), pixels, Box(3, 30, 60, 50), (0, 1, 2))
    edit = edit_to(path, tuple(new[..., channel] for channel in range(3)))
    assert write_edited(edit.layout, edit, out_path).fate is Fate.PATCHED
    with Image.open(out_path) as opened:
        assert np.array_equal(np.asarray(opened), new)
        assert opened.tag_v2[65001] == "private"


def test_an_untouched_picture_is_the_file_itself(tmp_path: Path) -> None:
    path, out_path = tmp_path / "plate.tif", tmp_path / "out.tif"
    path.write_bytes(tiff(random_pixels(np.random.default_rng(1), 9, 9, 3, "u2"), compression=8))
    patch_tiff(edit_to(path, read_planes(read_layout(path))[0]), out_path)
    assert out_path.read_bytes() == path.read_bytes()


def test_other_pages_keep_their_bytes(tmp_path: Path) -> None:
    rng = np.random.default_rng(6)
    pixels = random_pixels(rng, 20, 21, 3, "u2")
    path, out_path = tmp_path / "plate.tif", tmp_path / "out.tif"
    path.write_bytes(tiff(pixels, compression=8, predictor=2, pages=3))
    new = changed_pixels(rng, pixels, Box(2, 2, 20, 20), (0, 1, 2))
    edit = edit_to(path, tuple(new[..., channel] for channel in range(3)))
    assert write_edited(edit.layout, edit, out_path).fate is Fate.PATCHED
    assert np.array_equal(all_channels(out_path), new)
    for page in (1, 2):
        assert np.array_equal(all_channels(out_path, page), pixels)
        assert blocks_of(out_path, page) == blocks_of(path, page)
    stored = np.frombuffer(path.read_bytes(), np.uint8)
    patched = np.frombuffer(out_path.read_bytes(), np.uint8)
    assert not ((stored != patched[: len(stored)]) & ~may_change(path)).any()


def test_white_may_be_nought(tmp_path: Path) -> None:
    rng = np.random.default_rng(7)
    pixels = random_pixels(rng, 12, 13, 1, "u1")
    path, out_path = tmp_path / "plate.tif", tmp_path / "out.tif"
    path.write_bytes(tiff(pixels, photometric=0))
    layout = read_layout(path)
    before = read_planes(layout)[0][0]
    new = changed_pixels(rng, before[..., None], Box(1, 1, 9, 9), (0,))[..., 0]
    edit = edit_to(path, (new,))
    assert write_edited(layout, edit, out_path).fate is Fate.PATCHED
    assert np.array_equal(read_planes(read_layout(out_path))[0][0], new)


def test_strips_that_two_pages_share_are_left_alone(tmp_path: Path) -> None:
    pixels = random_pixels(np.random.default_rng(8), 10, 10, 3, "u1")
    path = tmp_path / "plate.tif"
    stored = bytearray(tiff(pixels, compression=8, pages=2))
    path.write_bytes(stored)
    first, second = blocks_of(path, 0), blocks_of(path, 1)
    for old, new in zip(second[2], first[2], strict=True):
        stored[old.start : old.stop] = stored[new.start : new.stop]
    path.write_bytes(stored)
    edit = edit_to(path, tuple(255 - plane for plane in read_planes(read_layout(path))[0]))
    with pytest.raises(NotPatchableError, match="one upon the other"):
        patch_tiff(edit, tmp_path / "out.tif")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"compression": 7}, "TIFF 7"),
        ({"compression": 50000}, "TIFF 50000"),
        ({"photometric": 3}, "a palette"),
        ({"photometric": 5}, "inks"),
        ({"photometric": 6}, "YCbCr"),
        ({"predictor": 3, "compression": 8}, "predictor 3"),
        ({"more": {37724: (7, 20, b"Adobe Photoshop Docu")}}, "Photoshop layers"),
        ({"more": {33302: (2, 14, b"Plain Texture\0")}}, "a texture with smaller copies"),
        ({"more": {266: (3, 1, struct.pack("<H", 2))}}, "bits turned round"),
        ({"more": {258: (3, 3, struct.pack("<HHH", 8, 8, 16))}}, "several types"),
        ({"more": {258: (3, 3, struct.pack("<HHH", 12, 12, 12))}}, "12 bits"),
        ({"more": {339: (3, 3, struct.pack("<HHH", 2, 2, 2))}}, "does not patch"),
        ({"more": {277: (3, 1, struct.pack("<H", 4000))}}, "4000 channels"),
        ({"more": {256: (4, 1, struct.pack("<I", 1 << 31))}}, "header lies"),
        (
            {"more": {322: (4, 1, struct.pack("<I", 1 << 31)), 323: (4, 1, struct.pack("<I", 1 << 31))}},
            "lies",
        ),
        ({"more": {700: (7, 1 << 30, struct.pack("<II", 8, 0))}}, "header lies"),
        ({"more": {330: (4, 1, struct.pack("<I", 1 << 30))}}, "header lies"),
    ],
)
def test_refusals_are_sentences(tmp_path: Path, arguments: dict[str, Any], sentence: str) -> None:
    pixels = random_pixels(np.random.default_rng(1), 8, 9, 3, "u2")
    good, bad = tmp_path / "good.tif", tmp_path / "bad.tif"
    good.write_bytes(tiff(pixels))
    edit = edit_to(good, tuple(0xFFFF - plane for plane in read_planes(read_layout(good))[0]))
    bad.write_bytes(tiff(pixels, **arguments))
    with pytest.raises(NotPatchableError, match=sentence) as caught:
        patch_tiff(edit_of_copy(edit, bad), tmp_path / "out.tif")
    assert str(caught.value).endswith("it is written anew.")


def test_strips_that_grow_share_the_room_they_had(tmp_path: Path) -> None:
    rng = np.random.default_rng(10)
    pixels = rng.integers(0, 4, (60, 50, 3)).astype(np.uint8)
    path, out_path = tmp_path / "plate.tif", tmp_path / "out.tif"
    path.write_bytes(tiff(pixels, compression=8, rows_per_strip=6))
    new = pixels.copy()
    new[10:40, 20:30] = rng.integers(0, 256, (30, 10, 3))
    edit = edit_to(path, tuple(new[..., channel] for channel in range(3)))
    assert write_edited(edit.layout, edit, out_path).fate is Fate.PATCHED
    assert np.array_equal(all_channels(out_path), new)
    places, sizes, _spans = blocks_of(out_path)
    moved = [size for at, size in zip(places, sizes, strict=True) if at >= path.stat().st_size]
    assert 1 <= len(moved) <= 4, "of six strips, those that do not fit where all were"
