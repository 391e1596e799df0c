# SPDX-License-Identifier: Apache-2.0
"""Patched PNG files hold the same chunks and filters as before; only the picture's new samples are new."""

from __future__ import annotations

import io
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.media.stills.edits import changed_pixels, edit_of_copy, edit_to, random_pixels
from tests.core.media.stills.pngfile import chunk, png, png_chunks, png_stream

from plosive.errors import NotPatchableError
from plosive.geometry import Box
from plosive.media.exactness import Fate
from plosive.media.imagefile import OpenedImage, read_layout, read_planes
from plosive.media.imageoutput import write_edited
from plosive.media.stills.png import patch_png

BEFORE = [
    (b"gAMA", (45455).to_bytes(4, "big")),
    (b"cHRM", bytes(range(32))),
    (b"iCCP", b"made up\0\0" + zlib.compress(bytes(300))),
    (b"pHYs", bytes.fromhex("00000b1300000b1301")),
    (b"tEXt", b"Comment\0slate 12 take 3"),
    (b"prVt", b"a chunk nobody knows"),
]
AFTER = [(b"tIME", bytes.fromhex("07e70b15112233")), (b"zTXt", b"Note\0\0" + zlib.compress(b"still here"))]


@settings(max_examples=80, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    kind=st.sampled_from(["u1", "u2"]),
    count=st.integers(1, 4),
    filters=st.lists(st.integers(0, 4), min_size=1, max_size=7),
    is_interlaced=st.booleans(),
    idat_bytes=st.sampled_from([1 << 20, 1500]),
    level=st.sampled_from([0, 1, 6, 9]),
    size=st.one_of(st.tuples(st.integers(1, 32), st.integers(1, 32)), st.just((200, 3))),
)
def test_a_patch_changes_just_the_filtered_rows(
    tmp_path_factory: pytest.TempPathFactory,
    seed: int,
    kind: str,
    count: int,
    filters: list[int],
    is_interlaced: bool,
    idat_bytes: int,
    level: int,
    size: tuple[int, int],
) -> None:
    height, width = size
    rng = np.random.default_rng(seed)
    pixels = random_pixels(rng, height, width, count, kind)
    folder = tmp_path_factory.mktemp("png")
    path, out_path = folder / "plate.png", folder / "out.png"
    path.write_bytes(png(pixels, filters, is_interlaced, idat_bytes, level, BEFORE, AFTER))
    layout = read_layout(path)
    left, top = int(rng.integers(0, width)), int(rng.integers(0, height))
    box = Box(left, top, int(rng.integers(left, width)) + 1, int(rng.integers(top, height)) + 1)
    new = changed_pixels(rng, pixels, box, layout.channels)
    edit = edit_to(path, tuple(new[..., channel] for channel in layout.channels), box)
    fate = write_edited(layout, edit, out_path)
    assert fate.fate is Fate.PATCHED, fate.why
    old, made = png_chunks(path.read_bytes()), png_chunks(out_path.read_bytes())
    assert [one for one in made if one[0] != b"IDAT"] == [one for one in old if one[0] != b"IDAT"]
    if (new == pixels).all():
        assert out_path.read_bytes() == path.read_bytes()
    stream = zlib.decompress(b"".join(content for name, content in made if name == b"IDAT"))
    assert stream == png_stream(new, filters, is_interlaced)
    with OpenedImage(out_path) as opened:
        assert np.array_equal(opened.pixels(0, {}), new)


@pytest.mark.parametrize("mode", ["L", "RGB", "LA", "RGBA", "I;16"])
@pytest.mark.parametrize("level", [1, 6, 9])
def test_files_of_pillow_read_by_pillow(tmp_path: Path, mode: str, level: int) -> None:
    from PIL import Image

    count = {"L": 1, "RGB": 3, "LA": 2, "RGBA": 4, "I;16": 1}[mode]
    pixels = random_pixels(np.random.default_rng(4), 90, 70, count, "u2" if mode == "I;16" else "u1")
    path, out_path = tmp_path / "plate.png", tmp_path / "out.png"
    Image.fromarray(pixels[..., 0] if count == 1 else pixels).save(path, compress_level=level, dpi=(72, 72))
    channels = read_layout(path).channels
    new = changed_pixels(np.random.default_rng(5), pixels, Box(3, 30, 60, 50), channels)
    edit = edit_to(path, tuple(new[..., channel] for channel in channels))
    assert write_edited(edit.layout, edit, out_path).fate is Fate.PATCHED
    with Image.open(out_path) as opened:
        assert np.array_equal(np.asarray(opened).reshape(90, 70, count), new)
        assert opened.info["dpi"] == pytest.approx((72, 72), abs=0.01)


def test_sizes_stay_near_the_source(tmp_path: Path) -> None:
    """What libpng and Pillow packed well stays packed: within a tenth, half the rows changed a little."""
    from PIL import Image

    rng = np.random.default_rng(9)
    rows, columns = np.mgrid[:270, :480]
    smooth = 120 + 60 * np.sin(rows / 37) + 50 * np.cos(columns / 23)
    pixels = (smooth[..., None] + rng.normal(0, 1.5, (270, 480, 3))).clip(0, 255).astype(np.uint8)
    path, out_path = tmp_path / "plate.png", tmp_path / "out.png"
    Image.fromarray(pixels).save(path)
    new = pixels.copy()
    new[100:200, 100:200] ^= 1
    edit = edit_to(path, tuple(new[..., channel] for channel in range(3)))
    assert write_edited(edit.layout, edit, out_path).fate is Fate.PATCHED
    assert out_path.stat().st_size < 1.1 * path.stat().st_size


def test_an_untouched_picture_is_the_file_itself(tmp_path: Path) -> None:
    path, out_path = tmp_path / "plate.png", tmp_path / "out.png"
    path.write_bytes(png(random_pixels(np.random.default_rng(1), 9, 9, 3, "u2"), [4]) + b"tail")
    patch_png(edit_to(path, read_planes(read_layout(path))[0]), out_path)
    assert out_path.read_bytes() == path.read_bytes()


@pytest.mark.parametrize("reaches", ["from", "to", "past"])
def test_the_one_transparent_colour_is_neither_taken_nor_given(tmp_path: Path, reaches: str) -> None:
    pixels = random_pixels(np.random.default_rng(1), 9, 9, 3, "u1")
    pixels[4, 4] = (1, 2, 3)
    path, out_path = tmp_path / "plate.png", tmp_path / "out.png"
    path.write_bytes(png(pixels, [1], before=[(b"tRNS", bytes([0, 1, 0, 2, 0, 3]))]))
    new = pixels.copy()
    new[{"from": (4, 4), "to": (5, 5), "past": (6, 6)}[reaches]] = (9, 9, 9) if reaches != "to" else (1, 2, 3)
    edit = edit_to(path, tuple(new[..., channel] for channel in range(3)))
    if reaches == "past":
        patch_png(edit, out_path)
        assert (b"tRNS", bytes([0, 1, 0, 2, 0, 3])) in png_chunks(out_path.read_bytes())
    else:
        with pytest.raises(NotPatchableError, match="marks one colour as transparent"):
            patch_png(edit, out_path)


def test_refusals_are_sentences(tmp_path: Path) -> None:
    from PIL import Image

    pixels = random_pixels(np.random.default_rng(1), 8, 9, 3, "u1")
    good, bad = tmp_path / "good.png", tmp_path / "bad.png"
    whole = png(pixels, [0], idat_bytes=50)
    good.write_bytes(whole)
    edit = edit_to(good, tuple(255 - plane for plane in read_planes(read_layout(good))[0]))
    palette, one_bit = io.BytesIO(), io.BytesIO()
    Image.fromarray(pixels).quantize(16).save(palette, "PNG")
    Image.fromarray(pixels[..., 0]).convert("1").save(one_bit, "PNG")
    chunks = png_chunks(whole)
    idats = [one for one in chunks if one[0] == b"IDAT"]
    bomb = zlib.compress(bytes(50_000_000), 9)

    def of(*parts: tuple[bytes, bytes]) -> bytes:
        return whole[:8] + b"".join(chunk(*one) for one in parts)

    cases = {
        palette.getvalue(): "has a palette",
        one_bit.getvalue(): "samples of 1 bits",
        png(pixels, [0], before=[(b"acTL", bytes(8))]): "is an animation",
        whole[:-30]: "cut short",
        whole[:60] + b"x" + whole[61:]: "checksum",
        b"GIF89a" + whole: "is no PNG",
        of(chunks[0], idats[0], (b"tEXt", b"in between"), *idats[1:], chunks[-1]): "header lies",
        of(chunks[0], chunks[-1]): "header lies",
        of(chunks[0], (b"IDAT", bomb), chunks[-1]): "header lies",
        of(chunks[0], (b"IDAT", b"not zlib data"), chunks[-1]): "cannot be unpacked",
        png(pixels[:, :8], [0]): "header lies",
        png(pixels[::-1], [0]): "otherwise than its header says",
        png(pixels.astype(np.uint16), [0]): "not of the type",
    }
    for stored, sentence in cases.items():
        bad.write_bytes(stored)
        with pytest.raises(NotPatchableError, match=sentence) as caught:
            patch_png(edit_of_copy(edit, bad), tmp_path / "out.png")
        assert str(caught.value).endswith("it is written anew.")
