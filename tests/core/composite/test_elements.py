# SPDX-License-Identifier: Apache-2.0
"""Elements contract 1: the final is rebuilt from plate and elements to the bit with OpenImageIO's maths."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from fractions import Fraction
from importlib.resources import files
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import OpenImageIO as oiio
import pytest
from numpy.typing import NDArray
from tests.core.composite.elements_made import channels, info, made_face, tracked, whole, writer
from tests.core.conftest import PictureFrame

from plosive.colour.transfer import Transfer, scene_from_linear
from plosive.composite.elements import CHANNEL_NAMES, ElementsFolder, ElementsPlate, MadeFace
from plosive.errors import MediaWriteError
from plosive.geometry import Box
from plosive.media import open_plate
from plosive.media.plate import PlateFrame, PlateKind
from plosive.media.scene import linear_box, linear_of

BOXES = (Box(20, 30, 120, 130), Box(90, 60, 190, 160))  # they overlap
WIDTH, HEIGHT = 240, 180


def picture(index: int = 0) -> PictureFrame:
    rng = np.random.default_rng(index)
    smooth = cv2.resize(rng.uniform(0.1, 0.9, (6, 8, 3)).astype(np.float32), (WIDTH, HEIGHT))
    noise = rng.normal(0, 0.01, (HEIGHT, WIDTH, 3)).astype(np.float32)
    return PictureFrame(index, smooth + noise)


def movie(transfer: Transfer = Transfer.BT1886) -> ElementsPlate:
    return ElementsPlate(info(WIDTH, HEIGHT, transfer), "/shots/shot.mov", 0, None)


def rebuilt(plate: NDArray[np.float32], path: Path) -> NDArray[np.float32]:
    """plate * (1 - matte.A * blend.A) + mouth * (matte.A * blend.A), by ImageBufAlgo alone."""
    algo, layers = oiio.ImageBufAlgo, whole(path)

    def held(*planes: NDArray[np.float32]) -> Any:
        buffer = oiio.ImageBuf(oiio.ImageSpec(plate.shape[1], plate.shape[0], 3, oiio.FLOAT))
        buffer.set_pixels(buffer.roi, np.ascontiguousarray(np.dstack(planes)))
        return buffer

    share = algo.mul(held(*[layers["matte.alpha"]] * 3), held(*[layers["blend.alpha"]] * 3))
    mouth = held(*(layers[f"mouth.{name}"] for name in ("red", "green", "blue")))
    final = algo.add(algo.mul(held(plate), algo.invert(share)), algo.mul(mouth, share))
    return np.asarray(final.get_pixels(oiio.FLOAT), np.float32)


def final_over(plate: NDArray[np.float32], path: Path) -> NDArray[np.float32]:
    """The plate with the file's R G B in its data window."""
    spec, found = channels(path)
    made = plate.copy()
    top, left = spec.y - spec.full_y, spec.x - spec.full_x
    rgb = np.stack([found[name] for name in "RGB"], axis=2)
    made[top : top + spec.height, left : left + spec.width] = rgb
    return made


def laid(
    plate: PlateFrame, transfer: Transfer, blends: tuple[float, ...], covered: bool = False
) -> tuple[list[MadeFace], PlateFrame]:
    faces: list[MadeFace] = []
    result = plate
    for number, (box, blend) in enumerate(zip(BOXES, blends, strict=False), 1):
        face, result = made_face(result, box, blend, transfer, number, covered)
        faces.append(face)
    return faces, result


@pytest.mark.parametrize("transfer", [Transfer.BT1886, Transfer.SRGB, Transfer.PQ, Transfer.HLG])
@pytest.mark.parametrize("blends", [(1.0,), (0.25,), (1.0, 1.0), (0.75, 0.5)])
@pytest.mark.parametrize("covered", [False, True])
def test_the_final_is_rebuilt_to_the_bit(
    tmp_path: Path, transfer: Transfer, blends: tuple[float, ...], covered: bool
) -> None:
    frame = picture()
    plate = linear_box(frame, transfer, Box(0, 0, WIDTH, HEIGHT))
    faces, result = laid(frame, transfer, blends, covered)
    made = writer(tmp_path / "e", movie(transfer))
    with made:
        made.write(frame, faces)
    final = final_over(plate, made.path(0))
    np.testing.assert_array_equal(rebuilt(plate, made.path(0)), final)
    # And that is the picture which the job delivers, but for the rounding of codes and back.
    delivered = linear_box(result, transfer, Box(0, 0, WIDTH, HEIGHT))
    np.testing.assert_allclose(final, delivered, rtol=2e-4, atol=2e-5)
    assert np.abs(delivered - plate).max() > 0.005


def exr_plate(folder: Path, kind: str, count: int = 1) -> list[NDArray[Any]]:
    """ACEScg-like values from -0.3 to 60 with broken pixels, a moved display window and metadata."""
    pictures = []
    for index in range(count):
        base = np.exp2(8 * picture(index).picture - 5).astype(np.float32)
        base[40:60, 40:60] *= 10
        base[:8] = -0.3
        base[70, 60:62] = (np.nan, np.inf, -np.inf), (np.nan, 1, 1)
        alpha = np.linspace(0, 1, WIDTH, dtype=np.float32) * np.ones((HEIGHT, 1), np.float32)
        stored = np.dstack([base, alpha]).astype(np.float16 if kind == "half" else np.float32)
        spec = oiio.ImageSpec(WIDTH, HEIGHT, 4, kind)
        spec.x, spec.y, spec.full_x, spec.full_y = 100, -20, 100, -20
        spec.full_width, spec.full_height = WIDTH, HEIGHT
        spec.attribute("compression", "piz")
        spec.attribute("FramesPerSecond", oiio.TypeDesc("rational"), (24000, 1001))
        word = 0x01000000 | index
        spec.attribute("smpte:TimeCode", oiio.TypeDesc("timecode"), (word, 0))
        spec.attribute(
            "chromaticities",
            oiio.TypeDesc("float[8]"),
            (0.713, 0.293, 0.165, 0.83, 0.128, 0.044, 0.32168, 0.33767),
        )
        spec.attribute("PixelAspectRatio", 2.0)
        spec.attribute("cameraModel", "Alexa 35")
        spec.attribute("ISOSpeed", 800.0)
        spec.attribute("DateTime", "2026:11:20 10:11:12")
        out = oiio.ImageOutput.create("x.exr")
        assert out.open(str(folder / f"shot.{1001 + index}.exr"), spec) and out.write_image(stored)
        out.close()
        pictures.append(stored)
    return pictures


@pytest.mark.parametrize("kind", ["half", "float"])
def test_an_exr_plate_keeps_every_bit_that_plosive_did_not_make(tmp_path: Path, kind: str) -> None:
    (stored,) = exr_plate(tmp_path, kind)
    native = stored[..., :3].astype(np.float32)
    with open_plate(tmp_path / "shot.1001.exr") as reader:
        frame = next(iter(reader.frames()))
        plate_info = replace(reader.info, first_frame=1001, kind=PlateKind.SEQUENCE)
    faces, result = laid(frame, Transfer.SCENE, (1.0, 0.5))
    made = writer(tmp_path / "e", ElementsPlate(plate_info, "/x/shot.%04d.exr", 1001))
    with made:
        made.write(frame, faces)
    final = final_over(native, made.path(0))
    np.testing.assert_array_equal(final.view(np.uint32), bits_like(rebuilt(native, made.path(0)), final))
    outside = np.ones(native.shape[:2], np.bool_)
    for face in faces:
        outside[face.layers.box.slices] &= face.layers.matte == 0
    np.testing.assert_array_equal(final[outside].view(np.uint32), native[outside].view(np.uint32))
    delivered = linear_box(result, Transfer.SCENE, Box(0, 0, WIDTH, HEIGHT))
    finite = np.isfinite(native).all(axis=2)
    near = 1e-3 if kind == "half" else 2e-5  # the delivered file is rounded to its own half floats
    np.testing.assert_allclose(final[finite], delivered[finite], rtol=near, atol=1e-5)
    spec, found = channels(made.path(0))
    assert set(found) == {*CHANNEL_NAMES, "A"}
    box = Box(spec.x - 100, spec.y + 20, spec.x - 100 + spec.width, spec.y + 20 + spec.height)
    np.testing.assert_array_equal(found["A"], stored[..., 3].astype(np.float32)[box.slices])
    assert final[finite].max() > 20 and final[finite].min() < -0.2


def bits_like(found: NDArray[np.float32], wanted: NDArray[np.float32]) -> NDArray[np.uint32]:
    """The bits of `found`, any NaN counting as the NaN of `wanted`: arithmetic on NaN keeps no payload."""
    return np.where(np.isnan(found) & np.isnan(wanted), wanted, found).view(np.uint32)


def test_the_header_carries_the_plate_and_says_what_was_done(tmp_path: Path) -> None:
    exr_plate(tmp_path, "half", 2)
    with open_plate(tmp_path / "shot.%04d.exr") as reader:
        frames = list(reader.frames())
        plate = ElementsPlate(reader.info, "/x/shot.%04d.exr", 1001)
    made = writer(tmp_path / "e", plate)
    with made:
        made.write(frames[1], laid(frames[1], Transfer.SCENE, (0.5,))[0])
        made.write(frames[0], [])
    spec, _ = channels(made.path(1))
    assert made.path(1).name == "elements.1002.exr"
    values = {a.name: a.value for a in spec.extra_attribs}
    assert (spec.full_x, spec.full_y, spec.full_width, spec.full_height) == (100, -20, WIDTH, HEIGHT)
    assert values["smpte:TimeCode"] == (0x01000001, 0)
    assert values["FramesPerSecond"] == (24000, 1001)
    assert values["chromaticities"][:2] == pytest.approx((0.713, 0.293))
    assert (values["PixelAspectRatio"], values["cameraModel"], values["ISOSpeed"]) == (2.0, "Alexa 35", 800.0)
    assert (values["DateTime"], values["compression"]) == ("2026:11:20 10:11:12", "zip")
    assert (values["plosive/contract"], values["plosive/frame"]) == (1, 1002)
    assert (values["plosive/generator"], values["plosive/dub"]) == ("plate", "line.wav")
    assert (values["plosive/faces"], values["plosive/blend"]) == ("1", "0.5")
    assert values["plosive/source_frames"] == "1003" and values["plosive/transfer"] == "scene"
    assert all(len(name) < 32 for name in (*values, *spec.channelnames))
    assert str(spec.format) == "float" and not spec.channelformats
    kept, none = channels(made.path(0))
    assert (kept.width, kept.height, kept.full_width) == (1, 1, WIDTH)
    assert none["mouth.A"] == none["matte.A"] == none["blend.A"] == 0
    assert none["R"] == frames[0].samples(Box(0, 0, 1, 1))[0, 0, 0]


def test_a_movie_has_its_timecode_and_the_window_holds_only_what_was_made(tmp_path: Path) -> None:
    frame = picture(2)
    faces, _ = laid(frame, Transfer.BT1886, (1.0,))
    made = writer(tmp_path / "e", replace(movie(), first_number=1001))
    with made:
        made.write(frame, faces)
    spec, found = channels(made.path(2))
    assert made.path(2).name == "elements.1003.exr"
    assert spec.getattribute("smpte:TimeCode") == (0x01000002, 0)
    assert spec.getattribute("FramesPerSecond") == (24000, 1001)
    assert spec.get_int_attribute("plosive/frame") == 2
    matte = faces[0].layers.matte
    rows, columns = np.flatnonzero(matte.any(axis=1)), np.flatnonzero(matte.any(axis=0))
    assert (spec.x, spec.y) == (BOXES[0].left + columns[0], BOXES[0].top + rows[0])
    assert (spec.width, spec.height) == (np.ptp(columns) + 1, np.ptp(rows) + 1)
    assert (spec.full_width, spec.full_height) == (WIDTH, HEIGHT)
    np.testing.assert_array_equal(found["mouth.A"], found["matte.A"] > 0)
    outside = found["mouth.A"] == 0
    assert not found["mouth.R"][outside].any()
    inner = faces[0].patch.mouth_matte[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    np.testing.assert_array_equal(found["lips.A"], inner)


def test_the_st_map_moves_the_plate_as_the_jaw_was_moved(tmp_path: Path) -> None:
    frame = picture()
    faces, _ = laid(frame, Transfer.BT1886, (1.0,))
    made = writer(tmp_path / "e", movie(), is_whole=True)
    with made:
        made.write(frame, faces)
    layer = whole(made.path(0))
    x = (layer["st.u"] * WIDTH - 0.5).astype(np.float32)
    y = ((1 - layer["st.v"]) * HEIGHT - 0.5).astype(np.float32)
    moved = cv2.remap(frame.picture, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    box, inside = faces[0].layers.box, faces[0].layers.matte > 0
    np.testing.assert_allclose(moved[box.slices][inside], faces[0].patch.base[inside], atol=2e-3)
    assert np.abs(moved - frame.picture)[box.slices][inside].max() > 0.01
    # Everywhere else it is the identity, to a thousandth of a pixel.
    outside = layer["mouth.alpha"] == 0
    columns, rows = np.meshgrid(np.arange(WIDTH), np.arange(HEIGHT))
    assert np.abs(x - columns)[outside].max() < 1e-3 and np.abs(y - rows)[outside].max() < 1e-3


def test_whole_files_are_the_whole_final(tmp_path: Path) -> None:
    frame = picture()
    faces, _ = laid(frame, Transfer.BT1886, (1.0, 1.0))
    plate = linear_box(frame, Transfer.BT1886, Box(0, 0, WIDTH, HEIGHT))
    large = writer(tmp_path / "w", movie(), is_whole=True, compression="none")
    small = writer(tmp_path / "m", movie())
    for made in (large, small):
        with made:
            made.write(frame, faces)
    spec, found = channels(large.path(0))
    assert (spec.x, spec.y, spec.width, spec.height) == (0, 0, WIDTH, HEIGHT)
    assert spec.getattribute("compression") == "none"
    rgb = np.stack([found[name] for name in "RGB"], axis=2)
    np.testing.assert_array_equal(rgb, final_over(plate, small.path(0)))
    np.testing.assert_array_equal(rebuilt(plate, large.path(0)), rgb)


def test_blends_of_two_faces_can_be_changed_one_by_one(tmp_path: Path) -> None:
    frame = picture()
    faces, _ = laid(frame, Transfer.BT1886, (0.25, 0.75))
    made = writer(tmp_path / "e", movie())
    with made:
        made.write(frame, faces)
    layer = whole(made.path(0))
    masks = []
    for face in faces:
        mask = np.zeros((HEIGHT, WIDTH), np.bool_)
        mask[face.layers.box.slices] = face.layers.matte > 0
        masks.append(mask)
    one, other = masks
    assert (layer["blend.alpha"][one & ~other] == 0.25).all()
    assert (layer["blend.alpha"][other & ~one] == 0.75).all()
    assert (one & other).any() and (layer["blend.alpha"][one & other] == 1).all()


def test_nothing_is_overwritten_unasked_and_nothing_stays_of_a_failure(tmp_path: Path) -> None:
    folder = tmp_path / "e"
    frame = picture()
    with writer(folder, movie()) as made:
        made.write(frame, [])
    assert sorted(path.name for path in folder.iterdir()) == [
        "elements.0000.exr", "elements.json", "elements.nk", "landmarks.npz",
    ]  # fmt: skip
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(MediaWriteError, match="holds elements already"):
        ElementsFolder(folder).require_free()
    ElementsFolder(folder, overwrite=True).require_free()
    with pytest.raises(ZeroDivisionError), writer(folder, movie(), overwrite=True) as made:
        made.write(picture(1), [])
        raise ZeroDivisionError
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    (folder / "notes.txt").write_text("mine")
    with writer(folder, replace(movie(), first_number=7), overwrite=True) as made:
        made.write(frame, [])
    names = sorted(path.name for path in folder.iterdir())
    assert names == ["elements.0007.exr", "elements.json", "elements.nk", "landmarks.npz", "notes.txt"]
    (tmp_path / "file").write_text("")
    with pytest.raises(MediaWriteError, match="is a file"):
        ElementsFolder(tmp_path / "file").require_free()
    with pytest.raises(MediaWriteError, match="belongs to the plate"):
        ElementsFolder(folder, overwrite=True).require_free([folder / "elements.0007.exr"])


def test_a_full_disk_is_told_in_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Refusing:
        def open(self, *unused: Any) -> bool:
            return False

        def close(self) -> bool:
            return False

        def geterror(self) -> str:
            return "No space left on device"

    monkeypatch.setattr(oiio.ImageOutput, "create", lambda *unused: Refusing())
    told = pytest.raises(MediaWriteError, match=r"elements\.0000\.exr cannot be written \(No space left")
    with told, writer(tmp_path / "e", movie()) as made:
        made.write(picture(), [])
    assert list(tmp_path.iterdir()) == []


def test_curves_and_tracks_follow_the_schema_and_nuke_s_axes(tmp_path: Path) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    frame = picture(1)
    faces, _ = laid(frame, Transfer.BT1886, (0.5,))
    plate = replace(movie(), first_number=1001)
    with writer(tmp_path / "e", plate, (tracked(),)) as made:
        made.write(frame, faces)
    told = json.loads((tmp_path / "e" / "elements.json").read_text(encoding="utf-8"))
    schema = json.loads(files("plosive.composite.elements").joinpath("elements.schema.json").read_text())
    jsonschema.validate(told, schema, cls=jsonschema.Draft202012Validator)
    (face,) = told["faces"]
    assert face["frames"] == [1001, 1002, 1003]
    assert face["source_frames"] == [None, 1003, None] and face["source_takes"] == [None, 0, None]
    assert face["blend"] == [0, 0.5, 1]
    # Landmark 152 lies at column 80, row 80 of the first frame: 80.5 from the left, 99.5 from the bottom.
    assert face["plate_points"]["chin"][:2] == [[80.5, 99.5], [81.5, 98.5]]
    assert face["final_points"]["mouth_centre"][0] == [55.5, HEIGHT - 0.5 - 67.5]
    with np.load(tmp_path / "e" / "landmarks.npz") as kept:
        assert kept["face1_frames"].tolist() == [1001, 1002, 1003]
        assert kept["face1_landmarks"].shape == (3, 478, 3)
        assert kept["face1_landmarks"][1, 152].tolist() == [81.5, 98.5, -4]


def test_points_of_the_final_are_the_new_mouth_s(tmp_path: Path) -> None:
    frame = picture(1)
    (face,), _ = laid(frame, Transfer.BT1886, (1.0,))
    target = tracked().landmarks[1, :, :2] + np.float32([0, 6])
    with writer(tmp_path / "e", movie(), (tracked(),)) as made:
        made.write(frame, [replace(face, patch=replace(face.patch, target=target))])
    (told,) = json.loads((tmp_path / "e" / "elements.json").read_text(encoding="utf-8"))["faces"]
    plate, final = (np.array(told[name]["chin"]) for name in ("plate_points", "final_points"))
    assert (plate - final).tolist() == [[0, 0], [0, 6], [0, 0]]


def test_the_same_frames_give_the_same_bytes(tmp_path: Path) -> None:
    def digest(name: str) -> list[str]:
        frame = picture()
        with writer(tmp_path / name / "e", movie(), (tracked(),)) as made:
            made.write(frame, laid(frame, Transfer.BT1886, (0.5, 1.0))[0])
        found = sorted((tmp_path / name / "e").iterdir())
        return [hashlib.sha256(path.read_bytes()).hexdigest() for path in found if path.suffix != ".nk"]

    assert digest("one") == digest("two")


def test_light_of_codes_is_light(tmp_path: Path) -> None:
    linear = np.float32([[[0.0, 0.18, 60.0]]])
    np.testing.assert_allclose(
        linear_of(scene_from_linear(linear), Transfer.SCENE), linear, rtol=2e-5, atol=1e-7
    )
    assert Fraction(24000, 1001) == movie().info.frame_rate
