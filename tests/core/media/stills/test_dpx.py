# SPDX-License-Identifier: Apache-2.0
"""Patched DPX files are, byte for byte, those that would have been written with the new samples."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.media.stills.dpxfile import dpx
from tests.core.media.stills.edits import Pixels, changed_pixels, edit_of_copy, edit_to, random_pixels

from plosive.errors import NotPatchableError
from plosive.geometry import Box
from plosive.media.exactness import Fate
from plosive.media.imagefile import read_layout, read_planes
from plosive.media.imageoutput import write_edited
from plosive.media.stills.dpx import patch_dpx
from plosive.media.stills.touched import bits_of

LAYOUTS = [(8, 0), (10, 0), (10, 1), (10, 2), (12, 0), (12, 1), (12, 2), (16, 0), (32, 0)]
DESCRIPTORS = {50: 3, 51: 4, 52: 4, 6: 1, 100: 2, 102: 3, 103: 4}


def shown(codes: Pixels, bits: int, packing: int) -> Pixels:
    """As OpenImageIO shows codes."""
    if bits == 32:
        return codes.view(np.float32)
    if bits == 12 and packing == 1:
        return (codes << 4 | 0x9).astype(np.uint16)
    if bits in (10, 12):
        return (codes << (16 - bits) | codes >> (2 * bits - 16)).astype(np.uint16)
    return codes


def codes_of(rng: np.random.Generator, height: int, width: int, count: int, bits: int) -> Pixels:
    if bits == 32:
        return random_pixels(rng, height, width, count, "f4").view(np.uint32)
    return random_pixels(rng, height, width, count, "u1" if bits == 8 else "u2", (1 << bits) - 1)


def changed_codes(
    rng: np.random.Generator, codes: Pixels, box: Box, channels: tuple[int, ...], bits: int
) -> Pixels:
    if bits == 32:
        return changed_pixels(rng, codes.view(np.float32), box, channels).view(np.uint32)
    return changed_pixels(rng, codes, box, channels, (1 << bits) - 1)


@settings(max_examples=80, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    layout=st.sampled_from(LAYOUTS),
    descriptor=st.sampled_from(sorted(DESCRIPTORS)),
    order=st.sampled_from("<>"),
    size=st.one_of(st.tuples(st.integers(1, 40), st.integers(1, 40)), st.just((200, 5))),
    padding=st.sampled_from([0, 0, 4, 12]),
    orientation=st.integers(0, 3),
)
def test_a_patch_is_the_file_written_with_the_new_samples(
    tmp_path_factory: pytest.TempPathFactory,
    seed: int,
    layout: tuple[int, int],
    descriptor: int,
    order: str,
    size: tuple[int, int],
    padding: int,
    orientation: int,
) -> None:
    (bits, packing), count = layout, DESCRIPTORS[descriptor]
    height, width = size
    if count == 1 and bits == 10 and packing:
        return  # see test_one_component
    if bits == 10 and packing and descriptor in (52, 100) and width * count % 3 == 1:
        return  # OpenImageIO does not read the last word of such rows, and here it holds a colour
    rng = np.random.default_rng(seed)
    codes = codes_of(rng, height, width, count, bits)
    folder = tmp_path_factory.mktemp("dpx")
    path, out_path = folder / "plate.dpx", folder / "out.dpx"
    arguments = (bits, packing, order, descriptor, padding, orientation)
    path.write_bytes(dpx(codes, *arguments))
    channels = read_layout(path).channels
    left, top = int(rng.integers(0, width)), int(rng.integers(0, height))
    box = Box(left, top, int(rng.integers(left, width)) + 1, int(rng.integers(top, height)) + 1)
    new = changed_codes(rng, codes, box, channels, bits)
    planes = tuple(shown(new[..., channel], bits, packing) for channel in channels)
    edit = edit_to(path, planes, box)
    for before, channel in zip(edit.before, channels, strict=True):
        wanted = shown(codes[..., channel], bits, packing)
        assert np.array_equal(bits_of(before), bits_of(wanted))
    assert write_edited(edit.layout, edit, out_path).fate is Fate.PATCHED
    assert out_path.read_bytes() == dpx(new, *arguments)
    assert path.read_bytes() == dpx(codes, *arguments)


@pytest.mark.parametrize("packing", [1, 2])
def test_one_component_of_ten_bits_lies_in_the_order_of_its_bits(tmp_path: Path, packing: int) -> None:
    rng = np.random.default_rng(3)
    codes = codes_of(rng, 7, 12, 1, 10)
    swapped = codes.reshape(7, 4, 3)[..., ::-1].reshape(7, 12, 1)
    path, out_path = tmp_path / "plate.dpx", tmp_path / "out.dpx"
    path.write_bytes(dpx(swapped, 10, packing, descriptor=6))
    box = Box(2, 1, 9, 5)
    new = changed_codes(rng, codes, box, (0,), 10)
    edit = edit_to(path, (shown(new[..., 0], 10, packing),), box)
    assert write_edited(edit.layout, edit, out_path).fate is Fate.PATCHED
    assert out_path.read_bytes() == dpx(
        new.reshape(7, 4, 3)[..., ::-1].reshape(7, 12, 1), 10, packing, descriptor=6
    )


def test_nothing_changed_is_the_file_itself(tmp_path: Path) -> None:
    path, out_path = tmp_path / "plate.dpx", tmp_path / "out.dpx"
    path.write_bytes(dpx(codes_of(np.random.default_rng(1), 5, 9, 3, 10), 10, 1) + b"tail")
    edit = edit_to(path, read_planes(read_layout(path))[0])
    patch_dpx(edit, out_path)
    assert out_path.read_bytes() == path.read_bytes()


def test_of_several_pictures_only_the_edited_one_changes(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    codes = codes_of(rng, 9, 11, 3, 10)
    path, out_path = tmp_path / "plate.dpx", tmp_path / "out.dpx"
    path.write_bytes(dpx(codes, 10, 1, elements=2))
    new = changed_codes(rng, codes, Box(1, 1, 9, 9), (0, 1, 2), 10)
    edit = edit_to(path, tuple(shown(new[..., channel], 10, 1) for channel in range(3)))
    patch_dpx(edit, out_path)
    one = dpx(codes, 10, 1)[2048:]
    assert out_path.read_bytes() == path.read_bytes()[:2048] + dpx(new, 10, 1)[2048:] + one


def test_padded_rows_of_a_tall_picture_are_read_right(tmp_path: Path) -> None:
    codes = codes_of(np.random.default_rng(7), 600, 8, 3, 10)
    path = tmp_path / "plate.dpx"
    path.write_bytes(dpx(codes, 10, 1, padding=8))
    planes = read_planes(read_layout(path))[0]
    assert all(np.array_equal(planes[c], shown(codes[..., c], 10, 1)) for c in range(3))


@pytest.mark.parametrize("name", ["dpx_nuke_10bits_rgb.dpx", "dpx_nuke_16bits_rgba.dpx"])
def test_files_of_nuke(material: Path, tmp_path: Path, name: str) -> None:
    path, out_path = material / "exr" / name, tmp_path / "out.dpx"
    layout = read_layout(path)
    before = read_planes(layout)[0]
    patch_dpx(edit_to(path, before), out_path)
    assert out_path.read_bytes() == path.read_bytes()

    box = Box(100, 200, 301, 333)
    after = tuple(plane.copy() for plane in before)
    for plane in after:
        codes = plane[box.slices] >> 6
        plane[box.slices] = ((codes ^ 5) << 6) | ((codes ^ 5) >> 4)
    edit = edit_to(path, after, box)
    assert write_edited(layout, edit, out_path).fate is Fate.PATCHED
    old, new = (np.frombuffer(one.read_bytes(), np.uint8) for one in (path, out_path))
    assert np.array_equal(old[:2048], new[:2048])
    row_bytes = -(-512 * (4 if "rgba" in name else 3) // 3) * 4
    rows = (np.flatnonzero(old != new) - 2048) // row_bytes
    assert set(rows) == set(range(200, 333))
    ours, theirs = _by_ffmpeg(out_path), _by_ffmpeg(path)
    mask = np.zeros((512, 512), bool)
    mask[box.slices] = True
    assert np.array_equal(ours[~mask], theirs[~mask])
    assert (ours[mask] != theirs[mask]).all(axis=1).all()


def _by_ffmpeg(path: Path) -> Pixels:
    """RGB (h, w, 3) uint16 through another reader; its alpha is left away."""
    import av

    with av.open(str(path)) as container:
        frame = next(container.decode(video=0))
    planes = [
        np.frombuffer(plane, np.uint16).reshape(frame.height, -1)[:, : frame.width]
        for plane in frame.planes[:3]
    ]
    return np.stack(planes, axis=-1)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"encoding": 1}, "run-length encoded"),
        ({"descriptor": 9}, "does not patch"),
        ({"elements": 2, "offset": 2048}, "one upon the other"),
        ({"offset": 1 << 30}, "its header lies"),
        ({"padding_field": 1 << 31}, "its header lies"),
        ({"orientation": 4}, "stored in columns"),
        ({"size": 1}, "another picture"),
        ({"magic": b"XXXX"}, "no DPX file"),
        ({"packing_field": 2}, "otherwise than its header says"),
    ],
)
def test_refusals_are_sentences(tmp_path: Path, change: dict[str, object], sentence: str) -> None:
    codes = codes_of(np.random.default_rng(1), 6, 8, 3, 10)
    good, bad = tmp_path / "good.dpx", tmp_path / "bad.dpx"
    good.write_bytes(dpx(codes, 10, 1))
    after = tuple(np.bitwise_xor(plane, 0xFFFF) for plane in read_planes(read_layout(good))[0])
    edit = edit_of_copy(edit_to(good, after), bad)
    stored = bytearray(dpx(codes, 10, 1, elements=int(str(change.get("elements", 1)))))
    if "elements" in change:
        stored[780 + 72 + 28 : 780 + 72 + 32] = (2048).to_bytes(4, "big")
    for key, at, size in (
        ("encoding", 806, 2), ("descriptor", 800, 1), ("padding_field", 812, 4), ("packing_field", 804, 2),
        ("orientation", 768, 2), ("size", 772, 4), ("offset", 808, 4),
    ):  # fmt: skip
        if key in change:
            stored[at : at + size] = int(str(change[key])).to_bytes(size, "big")
    if "magic" in change:
        stored[:4] = b"XXXX"
    bad.write_bytes(bytes(stored))
    with pytest.raises(NotPatchableError, match=sentence) as caught:
        patch_dpx(edit, tmp_path / "out.dpx")
    assert str(caught.value).endswith("it is written anew.")
