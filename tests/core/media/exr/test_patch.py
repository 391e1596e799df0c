# SPDX-License-Identifier: Apache-2.0
"""EXR files patched: the samples meant, every other one to the bit, every other chunk to the byte."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from plosive.errors import NotPatchableError
from plosive.geometry import Box
from plosive.media import open_plate
from plosive.media.exactness import Fate
from plosive.media.exr import patch
from plosive.media.exr.decoding import decoded
from plosive.media.exr.patch import patch_exr
from plosive.media.exr.structure import read_structure
from plosive.media.imageedit import ImageEdit
from plosive.media.imagefile import read_layout, read_planes
from plosive.media.imageoutput import write_edited

if TYPE_CHECKING:
    from conftest import Exr

OF_OPENIMAGEIO = ("none", "rle", "zips", "zip", "piz", "pxr24", "b44", "b44a", "dwaa", "dwab")
COMPRESSIONS = (*OF_OPENIMAGEIO, "htj2k256", "htj2k32", "lj2k", "zstd")
RGBAZ = {"R": "half", "G": "half", "B": "half", "A": "half", "Z": "float"}
BOX = Box(20, 40, 60, 70)


def require_patched(exr: Exr, edit: ImageEdit, is_for_openimageio: bool = True) -> None:
    """Patch it, and look at the result with the eyes of others."""
    path, out = edit.layout.path, exr.folder / "out.exr"
    patch_exr(edit, out)
    for before, after in zip(exr.meant(edit), exr.read(out), strict=True):
        assert before.keys() == after.keys()
        assert all(np.array_equal(before[name], after[name]) for name in before)
    if is_for_openimageio:
        meant = exr.read_by_openimageio(path)
        for name, plane in zip(edit.layout.channel_names, edit.after, strict=True):
            meant[edit.layout.part][name] = np.ascontiguousarray(plane).view(f"u{plane.itemsize}")
        for before, after in zip(meant, exr.read_by_openimageio(out), strict=True):
            assert all(np.array_equal(before[name], after[name]) for name in before)
    old, new = read_structure(path), read_structure(out)
    assert old.header_bytes == new.header_bytes
    changed = np.zeros(edit.before[0].shape, np.bool_)
    for before, after in zip(edit.before, edit.after, strict=True):
        kind = f"u{before.itemsize}"
        changed |= np.ascontiguousarray(before).view(kind) != np.ascontiguousarray(after).view(kind)
    for old_part, new_part in zip(old.parts, new.parts, strict=True):
        for was, now in zip(old_part.chunks(), new_part.chunks(), strict=True):
            left, top = (
                was.window.left - old_part.data_window.left,
                was.window.top - old_part.data_window.top,
            )
            inside = changed[top : top + was.window.height, left : left + was.window.width]
            is_touched = was.part == edit.layout.part and bool(inside.any())
            if not is_touched:
                assert old.data[was.offset : was.end] == new.data[now.offset : now.end]
    unchanged = dataclasses.replace(edit, after=edit.before)
    patch_exr(unchanged, out)
    assert out.read_bytes() == path.read_bytes()


@pytest.mark.parametrize("tile", [None, (32, 24)], ids=["lines", "tiles"])
@pytest.mark.parametrize("compression", COMPRESSIONS)
def test_every_compression(exr: Exr, compression: str, tile: tuple[int, int] | None) -> None:
    planes = exr.planes(300 if compression in ("dwab", "lj2k") else 100, 75, RGBAZ)
    path = exr.write("plate.exr", exr.part(planes, compression, tile=tile))
    require_patched(exr, exr.edit(path, BOX), compression in OF_OPENIMAGEIO)


@pytest.mark.parametrize("compression", ["none", "zip", "piz", "dwaa"])
@pytest.mark.parametrize("kind", ["half", "float", "uint"])
def test_one_gray_channel_of_every_type(exr: Exr, kind: str, compression: str) -> None:
    path = exr.write("plate.exr", exr.part(exr.planes(90, 70, {"Y": kind}), compression))
    require_patched(exr, exr.edit(path, BOX, "Y"))


def test_types_beside_each_other(exr: Exr) -> None:
    kinds = {"R": "float", "G": "half", "B": "float", "id": "uint", "A": "half", "crypto.R": "float"}
    path = exr.write("plate.exr", exr.part(exr.planes(90, 70, kinds), "zip"))
    require_patched(exr, exr.edit(path, BOX))


@pytest.mark.parametrize(("left", "top"), [(-7, -33), (5, 1000)])
@pytest.mark.parametrize("tile", [None, (20, 20)], ids=["lines", "tiles"])
def test_data_window_apart_from_display_window(
    exr: Exr, left: int, top: int, tile: tuple[int, int] | None
) -> None:
    part = exr.part(exr.planes(90, 70, RGBAZ), "zips", left=left, top=top, tile=tile)
    require_patched(exr, exr.edit(exr.write("plate.exr", part), BOX))


@pytest.mark.parametrize("order", ["DECREASING_Y", "RANDOM_Y"])
def test_line_orders(exr: Exr, order: str) -> None:
    import OpenEXR

    part = exr.part(
        exr.planes(90, 70, RGBAZ),
        "piz",
        tile=(16, 16) if order == "RANDOM_Y" else None,
        lineOrder=getattr(OpenEXR, order),
    )
    require_patched(exr, exr.edit(exr.write("plate.exr", part), BOX))


@pytest.mark.parametrize("part", [0, 1, 2])
def test_parts(exr: Exr, part: int) -> None:
    rgb = {"R": "half", "G": "half", "B": "half"}
    path = exr.write(
        "plate.exr",
        exr.part(exr.planes(90, 70, RGBAZ), "zip", name="one", view="left"),
        exr.part(exr.planes(100, 80, rgb), "dwaa", name="two", view="right"),
        exr.part(exr.planes(90, 70, rgb), "piz", name="three", tile=(32, 32)),
    )
    require_patched(exr, exr.edit(path, BOX, part=part))


def test_a_deep_part_beside_the_picture_is_copied(exr: Exr) -> None:
    import OpenEXR

    deep = np.empty((90, 70), object)
    for place in np.ndindex(deep.shape):
        deep[place] = exr.random.random(int(exr.random.integers(0, 4))).astype(np.float32)
    window = (np.array([0, 0], np.int32), np.array([69, 89], np.int32))
    header = {
        "compression": OpenEXR.ZIPS_COMPRESSION,
        "type": OpenEXR.deepscanline,
        "dataWindow": window,
        "displayWindow": (np.array([0, 0], np.int32), np.array([99, 79], np.int32)),
    }
    flat = exr.part(exr.planes(90, 70, RGBAZ), "dwaa", name="flat")
    path = exr.write("plate.exr", OpenEXR.Part(header, {"Z": deep}, "deep"), flat)
    edit, out = exr.edit(path, BOX, part=1), exr.folder / "out.exr"
    patch_exr(edit, out)
    old, new = read_structure(path), read_structure(out)
    assert old.parts[0].is_deep and old.header_bytes == new.header_bytes
    for was, now in zip(old.parts[0].chunks(), new.parts[0].chunks(), strict=True):
        assert old.data[was.offset : was.end] == new.data[now.offset : now.end]
    own = OpenEXR.File(str(out), separate_channels=True).parts[1].channels
    for name, plane in zip("RGB", edit.after, strict=True):
        assert np.array_equal(own[name].pixels.view(np.uint16), plane.view(np.uint16))


def test_long_names(exr: Exr) -> None:
    layer = "a-layer-with-a-name-of-more-than-thirty-one-bytes"
    kinds = {f"{layer}.{name}": "half" for name in "RGB"}
    path = exr.write("plate.exr", exr.part(exr.planes(90, 70, kinds), "piz"))
    require_patched(exr, exr.edit(path, BOX, tuple(kinds)))


def test_two_places_far_apart(exr: Exr) -> None:
    path = exr.write("plate.exr", exr.part(exr.planes(300, 70, RGBAZ), "zip"))
    edit = exr.edit(path, Box(0, 0, 70, 300))
    for before, after in zip(edit.before, edit.after, strict=True):
        after[40:200] = before[40:200]
    require_patched(exr, edit)


def test_the_writer_patches_and_says_so(exr: Exr) -> None:
    path = exr.write("plate.exr", exr.part(exr.planes(90, 70, RGBAZ), "dwaa"))
    layout = read_layout(path)
    before, _ = read_planes(layout)
    after = tuple(np.array(plane) for plane in before)
    for plane in after:
        plane[BOX.slices] = 0.5
    out = exr.folder / "out.exr"
    assert write_edited(layout, ImageEdit(layout, before, after, BOX), out).fate is Fate.PATCHED
    written, _ = read_planes(read_layout(out))
    for meant, found in zip(after, written, strict=True):
        assert np.array_equal(meant.view(np.uint16), found.view(np.uint16))


@pytest.mark.parametrize("fault", ["sample", "length"])
def test_a_fault_of_ours_is_found(exr: Exr, monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    path = exr.write("plate.exr", exr.part(exr.planes(90, 70, RGBAZ), "dwaa"))

    def wrong(raw: Any, compression: str, was_bytes: int) -> bytes:
        made = bytearray(raw.tobytes())
        made[70 * 12 * 20] ^= 1
        return bytes(made) if fault == "sample" else bytes(made[:-1])

    monkeypatch.setattr(patch, "packed", wrong)
    with pytest.raises(NotPatchableError):
        patch_exr(exr.edit(path, BOX), exr.folder / "out.exr")


@pytest.mark.parametrize("tile", [None, (32, 24)], ids=["lines", "tiles"])
def test_where_decoders_differ_openimageio_s_samples_stay(
    exr: Exr, monkeypatch: pytest.MonkeyPatch, tile: tuple[int, int] | None
) -> None:
    path = exr.write("plate.exr", exr.part(exr.planes(90, 70, RGBAZ), "dwaa", tile=tile))

    def a_bit_off(*arguments: Any) -> Any:
        return [[plane ^ 1 for plane in planes] for planes in decoded(*arguments)]

    monkeypatch.setattr(patch, "decoded", a_bit_off)
    require_patched(exr, exr.edit(path, BOX))


def _other_size(edit: ImageEdit) -> ImageEdit:
    before = tuple(plane[:-1] for plane in edit.before)
    return dataclasses.replace(edit, before=before, after=before)


def _other_type(edit: ImageEdit) -> ImageEdit:
    before = tuple(plane.astype(np.float32) for plane in edit.before)
    return dataclasses.replace(edit, before=before, after=before)


def _other_name(edit: ImageEdit) -> ImageEdit:
    return dataclasses.replace(
        edit, layout=dataclasses.replace(edit.layout, channel_names=("R", "G", "blue"))
    )


def _other_samples(edit: ImageEdit) -> ImageEdit:
    before = tuple(np.array(plane) for plane in edit.before)
    before[1][45, 0] = 3
    return dataclasses.replace(edit, before=before)


def _other_part(edit: ImageEdit) -> ImageEdit:
    return dataclasses.replace(edit, layout=dataclasses.replace(edit.layout, part=1))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_other_size, "another size"),
        (_other_type, "another type"),
        (_other_name, "names its channels"),
        (_other_samples, "not as it was read"),
        (_other_part, "other parts"),
    ],
)
def test_what_is_not_the_file_that_was_read_is_refused(exr: Exr, change: Any, words: str) -> None:
    path = exr.write("plate.exr", exr.part(exr.planes(90, 70, RGBAZ), "zip"))
    with pytest.raises(NotPatchableError, match=words):
        patch_exr(change(exr.edit(path, BOX)), exr.folder / "out.exr")


def test_an_incomplete_offset_table_is_refused(exr: Exr) -> None:
    path = exr.write("plate.exr", exr.part(exr.planes(90, 70, RGBAZ), "zip"))
    edit = exr.edit(path, BOX)
    whole = bytearray(path.read_bytes())
    table = read_structure(path).parts[0].table_offset
    whole[table + 8 : table + 16] = bytes(8)
    path.write_bytes(whole)
    with pytest.raises(NotPatchableError, match="offset table is incomplete"):
        patch_exr(edit, exr.folder / "out.exr")


def test_the_plate_is_not_written_to(exr: Exr, tmp_path: Path) -> None:
    path = exr.write("plate.exr", exr.part(exr.planes(90, 70, RGBAZ), "zip"))
    before = path.read_bytes()
    path.chmod(0o444)
    patch_exr(exr.edit(path, BOX), tmp_path / "out.exr")
    assert path.read_bytes() == before


@pytest.mark.parametrize("tile", [None, (32, 24)], ids=["lines", "tiles"])
@pytest.mark.parametrize("compression", ["htj2k256", "htj2k32", "lj2k", "zstd"])
def test_plates_in_compressions_newer_than_openimageio(
    exr: Exr, compression: str, tile: tuple[int, int] | None
) -> None:
    path = exr.write("plate.exr", exr.part(exr.planes(90, 70, RGBAZ), compression, tile=tile))
    layout = read_layout(path)
    before, alpha = read_planes(layout)
    own = exr.read(path)[0]
    for name, plane in zip("RGB", before, strict=True):
        assert np.array_equal(own[name], np.ascontiguousarray(plane).view(np.uint16))
    assert alpha is not None and np.array_equal(own["A"], np.ascontiguousarray(alpha).view(np.uint16))
    after = tuple(np.array(plane) for plane in before)
    after[0][BOX.slices] = 0.5
    edit, out = ImageEdit(layout, before, after, BOX), exr.folder / "out.exr"
    assert write_edited(layout, edit, out).fate is Fate.PATCHED
    assert np.array_equal(read_planes(read_layout(out))[0][0].view(np.uint16), after[0].view(np.uint16))


def chroma_file(exr: Exr) -> Path:
    """Luminance and chroma as OpenEXR's RgbaOutputFile stores them: RY and BY at every fourth pixel."""
    luminance, chroma = (np.linspace(0.1, 0.9, size).astype(np.float16).tobytes() for size in (40, 20))
    lines = [((y,), (chroma + chroma if y % 2 == 0 else b"") + luminance) for y in range(30)]
    channels = {"BY": ("half", 2, 2), "RY": ("half", 2, 2), "Y": ("half", 1, 1)}
    return exr.write_raw("chroma.exr", channels, (0, 0, 39, 29), lines)


def test_luminance_and_chroma_are_written_as_rgb_and_that_is_told(exr: Exr) -> None:
    path, out = chroma_file(exr), exr.folder / "out.exr"
    with open_plate(path) as plate:
        (warning,) = plate.info.warnings
    assert "luminance and chroma" in warning and warning.endswith("written anew whole.")
    layout = read_layout(path)
    before, _ = read_planes(layout)
    after = tuple(np.array(plane) for plane in before)
    after[0][5:9, 5:9] = 0.5
    fate = write_edited(layout, ImageEdit(layout, before, after, Box(5, 5, 9, 9)), out)
    assert fate.fate is Fate.REWRITTEN and fate.why == (
        "A frame holds luminance and chroma (Y, RY, BY) and is read and written as RGB, so its other bytes "
        "could not be kept."
    )
    for meant, found in zip(after, read_planes(read_layout(out))[0], strict=True):
        assert np.array_equal(meant, found)


def test_channels_of_fewer_samples_beside_the_picture(exr: Exr) -> None:
    lines = [((y,), exr.plane(1, 120 + 20 * (y % 2 == 0), "half").tobytes()) for y in range(30)]
    channels = {"B": ("half", 1, 1), "G": ("half", 1, 1), "R": ("half", 1, 1), "low": ("half", 2, 2)}
    path = exr.write_raw("plate.exr", channels, (0, 0, 39, 29), lines)
    require_patched(exr, exr.edit(path, Box(5, 3, 20, 18)), is_for_openimageio=False)


def test_lossy_plates_are_told_that_nothing_is_compressed_twice(exr: Exr) -> None:
    path = exr.write("plate.exr", exr.part(exr.planes(90, 70, RGBAZ), "dwaa"))
    with open_plate(path) as plate:
        (warning,) = plate.info.warnings
    assert "DWAA" in warning and "once more" in warning and "larger" in warning
