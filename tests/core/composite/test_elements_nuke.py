# SPDX-License-Identifier: Apache-2.0
"""`elements.nk`, read and worked out by a strict stand-in for Nuke: its Final is the picture made."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from tests.core.composite.elements_made import MADE, info, made_face, tracked, whole, writer
from tests.core.composite.nuke_reader import (
    Picture,
    Script,
    Viewer,
    evaluated,
    keys,
    nodes_below,
    read_script,
)
from tests.core.composite.test_elements import BOXES, HEIGHT, WIDTH, final_over, picture

from plosive.colour.coding import Curved, Processed
from plosive.colour.config import BUILT_IN
from plosive.colour.plate_colour import ColourChoice, PlateColour, StatedColour
from plosive.colour.transfer import Transfer, scene_from_linear, to_linear
from plosive.composite.elements import ElementsFace, ElementsPlate
from plosive.composite.elements.nuke import elements_nuke
from plosive.composite.elements.nuke_decoding import DECODE
from plosive.composite.elements.script import number_text, quoted, written_curve
from plosive.composite.elements.tracks import MadeFrames, elements_json
from plosive.geometry import Box
from plosive.media.plate import PlateKind
from plosive.media.scene import linear_box
from plosive.nuke_curve import nuke_keys

GOLDEN = Path(__file__).parents[2] / "golden" / "elements"
NOTHING_STATED = StatedColour(PlateColour.assumed("nothing", "a test", Transfer.SRGB))
RGB = ("rgba.red", "rgba.green", "rgba.blue")


def rgb(shown: Picture) -> NDArray[np.float32]:
    return np.stack([shown[name] for name in RGB], axis=2)


def as_picture(values: NDArray[np.float32]) -> Picture:
    made = {name: np.ascontiguousarray(values[..., k], np.float32) for k, name in enumerate(RGB)}
    return {**made, "rgba.alpha": np.zeros(values.shape[:2], np.float32)}


def shot(
    folder: Path, transfer: Transfer, first: int = 0, blends: tuple[float, ...] = (1.0, 0.5)
) -> tuple[Viewer, Script, list[NDArray[np.float32]], list[NDArray[np.float32]]]:
    """Three frames, the last kept, written and opened in Nuke: viewer, script, plates and finals (linear)."""
    if transfer is Transfer.SCENE:
        plate_info = info(
            WIDTH, HEIGHT, transfer, kind=PlateKind.SEQUENCE, path=Path("/x/shot.%04d.exr"),
            first_frame=first, is_float=True, pixel_aspect=Fraction(2), start_timecode=None,
        )  # fmt: skip
        plate = ElementsPlate(plate_info, "/x/shot.%04d.exr", first)
    else:
        plate = ElementsPlate(info(WIDTH, HEIGHT, transfer), "/x/shot v1.mov", first)
    coded: list[NDArray[np.float32]] = []
    plates: list[NDArray[np.float32]] = []
    made = writer(folder / "e", plate, (tracked(), tracked(number=2)))
    with made:
        for index in range(3):
            frame = picture(index)
            if transfer is Transfer.SCENE:
                frame.picture = scene_from_linear(np.exp2(6 * frame.picture - 4))
            faces, result = [], frame
            for number, (box, blend) in enumerate(zip(BOXES, blends, strict=False), 1):
                if index < 2:
                    face, result = made_face(result, box, blend, transfer, number)
                    faces.append(face)
            made.write(frame, faces)
            plates.append(linear_box(frame, transfer, Box(0, 0, WIDTH, HEIGHT)))
            coded.append(plates[-1] if transfer is Transfer.SCENE else frame.picture)
    finals = [final_over(plates[index], made.path(index)) for index in range(3)]

    def opened(file: str, number: int) -> Picture:
        if file == plate.files:
            return as_picture(coded[number - (first if transfer is Transfer.SCENE else 1)])
        assert file == f"{(folder / 'e').resolve().as_posix()}/elements.%04d.exr"
        layers = whole(Path(file % number))
        return {"rgba.alpha": np.zeros((HEIGHT, WIDTH), np.float32), **layers}

    script = read_script((folder / "e" / "elements.nk").read_text(encoding="utf-8"))
    return Viewer(script, opened), script, plates, finals


@pytest.mark.parametrize("first", [1001, 0])
def test_the_script_of_a_linear_plate_shows_the_final_to_the_bit(tmp_path: Path, first: int) -> None:
    viewer, _, plates, finals = shot(tmp_path, Transfer.SCENE, first)
    for index in range(3):
        shown = viewer.show("Final", first + index)
        np.testing.assert_array_equal(rgb(shown), finals[index])
        assert not rgb(viewer.show("Check", first + index)).any()
    assert np.abs(finals[1] - plates[1]).max() > 0.05
    np.testing.assert_array_equal(finals[2], plates[2])


@pytest.mark.parametrize("transfer", [Transfer.BT1886, Transfer.SRGB, Transfer.PQ, Transfer.HLG])
def test_the_script_of_a_movie_decodes_it_as_its_elements_were(tmp_path: Path, transfer: Transfer) -> None:
    first = 7
    viewer, script, plates, finals = shot(tmp_path, transfer, first)
    read = script.nodes["Plate"]
    assert (read.text("first"), read.text("last"), read.text("frame")) == ("1", "3", "7")
    for index in range(3):
        near = 6e-5 * max(1.0, float(plates[index].max()))  # powers of floats, in two libraries
        np.testing.assert_allclose(rgb(viewer.show("PlateLinear", first + index)), plates[index], atol=near)
        np.testing.assert_allclose(rgb(viewer.show("Final", first + index)), finals[index], atol=near)
        assert rgb(viewer.show("Check", first + index)).max() < near


def test_every_knob_for_changes_does_what_its_label_says(tmp_path: Path) -> None:
    viewer, script, plates, finals = shot(tmp_path, Transfer.SCENE, 1001)
    plate, final = plates[0], finals[0]
    layers = whole(tmp_path / "e" / "elements.1001.exr")
    share = (layers["matte.alpha"] * layers["blend.alpha"])[..., None]
    mouth = np.stack([layers[f"mouth.{name}"] for name in ("red", "green", "blue")], axis=2)
    script.nodes["BlendControl"].knobs["value"] = "{{curve L x1001 0.5 x1002 1}}"
    half = rgb(viewer.show("Final", 1001))
    np.testing.assert_allclose(half, (plate + final) / 2, atol=1e-5)
    script.nodes["BlendControl"].knobs["value"] = "1"
    script.nodes["MouthGrade"].knobs["multiply"] = "0.5"
    np.testing.assert_allclose(
        rgb(viewer.show("Final", 1001)), plate * (1 - share) + 0.5 * mouth * share, atol=1e-5
    )
    script.nodes["MouthGrade"].knobs["multiply"] = "1"
    script.nodes["LipsGrade"].knobs.update(multiply="0.5", disable="false")
    lips = layers["lips.alpha"][..., None]
    np.testing.assert_allclose(
        rgb(viewer.show("Final", 1001)), plate * (1 - share) + mouth * (1 - 0.5 * lips) * share, atol=1e-5
    )
    script.nodes["LipsGrade"].knobs["disable"] = "true"
    script.nodes["Slip"].knobs["translate"] = "{4 3}"
    slipped = rgb(viewer.show("Final", 1001))
    moved_share, moved_mouth = np.roll(share, (-3, 4), (0, 1)), np.roll(mouth, (-3, 4), (0, 1))
    np.testing.assert_allclose(slipped, plate * (1 - moved_share) + moved_mouth * moved_share, atol=1e-5)


def test_paint_on_the_plate_is_carried_along_the_jaw(tmp_path: Path) -> None:
    viewer, script, plates, finals = shot(tmp_path, Transfer.SCENE, 1001, (1.0,))
    spot = np.zeros((HEIGHT, WIDTH), np.float32)
    spot[70:90, 60:80] = 0.25  # inside the first face
    painted = {**as_picture(plates[0] + spot[..., None])}
    viewer.pin("PaintOnPlate", painted)
    script.nodes["MouthPainted"].knobs["disable"] = "false"
    difference = rgb(viewer.show("Final", 1001))[..., 1] - finals[0][..., 1]
    matte = whole(tmp_path / "e" / "elements.1001.exr")["matte.alpha"]
    full = matte > 0.999
    rows = np.mgrid[:HEIGHT, :WIDTH][0]
    moved = (rows * np.abs(difference)).sum() / np.abs(difference).sum()
    assert full[70:95, 60:80].all()
    # The disc's middle came from 3 pixels above, so the paint lies that much lower.
    assert 2.4 < moved - 79.5 < 3.1
    assert np.abs(difference[matte == 0] - spot[matte == 0]).max() < 1e-5


def test_tracks_and_curves_are_animated_knobs_in_nuke_s_frames(tmp_path: Path) -> None:
    _, script, _, _ = shot(tmp_path, Transfer.BT1886, 1001)
    face = script.nodes["Face2"]
    across, up = keys(face.knobs["chin"])
    assert face.user["chin"] == 12
    assert across == {1001: 80.5, 1002: 81.5, 1003: 82.5}
    assert up == {1001: 99.5, 1002: 98.5, 1003: 97.5}
    assert keys(face.knobs["blend"]) == [{1000: 0, 1001: 0, 1002: 0.5, 1003: 1, 1004: 0}]
    assert keys(face.knobs["jaw"]) == [{1001: 1, 1002: 0.5, 1003: 0}]
    follow = script.nodes["FollowFace2"].knobs["translate"]
    assert follow.count("Face2.mouth_centre.x") == 2 and follow.count("(Face2.reference)") == 2
    assert script.root["first_frame"] == "1001" and script.root["last_frame"] == "1003"
    assert script.root["format"] == f'"{WIDTH} {HEIGHT} 0 0 {WIDTH} {HEIGHT} 1 plosive_plate"'
    assert script.root["fps"] == "23.976024"


def test_a_face_that_is_not_seen_has_no_blend_there(tmp_path: Path) -> None:
    face = tracked(3)
    gapped = ElementsFace(
        face.number, face.person, "Anna", 0, np.array([0, 1, 4]), face.landmarks, face.blend + 1, face.curves
    )
    plate = ElementsPlate(info(WIDTH, HEIGHT, Transfer.BT1886), "/x/shot.mov", 10)
    script = read_script(elements_nuke(plate, [gapped], MadeFrames(), tmp_path))
    blend = keys(script.nodes["Face1"].knobs["blend"])[0]
    assert [blend[frame] for frame in range(9, 16)] == [0, 1, 1.5, 0, 0, 2, 0]


def test_nodes_stand_apart_and_flow_downwards(tmp_path: Path) -> None:
    _, script, _, _ = shot(tmp_path, Transfer.BT1886)
    places = {(int(node.knobs["xpos"]), int(node.knobs["ypos"])) for node in script.nodes.values()}
    assert len(places) == len(script.nodes)
    for node in script.nodes.values():
        assert node.kind == "BackdropNode" or "bdwidth" not in node.knobs
        for below in node.inputs:
            assert below is not None and int(below.knobs["ypos"]) < int(node.knobs["ypos"]), node.name
    assert nodes_below(script.nodes["Check"]) >= {"Plate", "Elements", "Final", "FinalMade"}


@pytest.mark.parametrize("transfer", list(DECODE))
def test_decoding_expressions_are_the_transfers(transfer: Transfer) -> None:
    lowest = 0.0 if transfer in (Transfer.PQ, Transfer.HLG) else -0.2
    coded = np.linspace(lowest, 1.0, 301, dtype=np.float32)[None]
    wanted = to_linear(torch.from_numpy(coded.astype(np.float64)), transfer).numpy()
    found = evaluated(DECODE[transfer].format(c="g"), {"g": coded})
    np.testing.assert_allclose(found, wanted, rtol=2e-4, atol=1e-6)


def test_log_plates_are_decoded_code_by_code(tmp_path: Path) -> None:
    colour = ColourChoice("ARRI LogC3 (EI800)", BUILT_IN).colour_of(Path("a.dpx"), NOTHING_STATED)
    assert isinstance(colour.coding, Curved)
    plate_info = info(
        32, 32, Transfer.SCENE, kind=PlateKind.SEQUENCE, path=Path("/x/a.%04d.dpx"), colour=colour
    )
    text = elements_nuke(ElementsPlate(plate_info, "/x/a.%04d.dpx", 0), [], MadeFrames(), tmp_path)
    codes = (np.arange(1024, dtype=np.float32) / 1023).reshape(32, 32)[..., None].repeat(3, axis=2)
    viewer = Viewer(read_script(text), lambda file, number: as_picture(codes))
    shown = rgb(viewer.show("PlateLinear", 0))
    np.testing.assert_allclose(shown, colour.coding.linear(codes), rtol=2e-5, atol=1e-6)
    assert shown.max() > 20


def test_spaces_that_are_no_curve_are_left_to_nuke_s_ocio(tmp_path: Path) -> None:
    colour = ColourChoice("sRGB - Display", BUILT_IN).colour_of(Path("a.tif"), NOTHING_STATED)
    mixed = replace(colour, coding=Processed(None), space="Odd Camera")  # type: ignore[arg-type]
    plate_info = info(32, 32, Transfer.SCENE, colour=mixed)
    script = read_script(elements_nuke(ElementsPlate(plate_info, "/x/a.mov", 0), [], MadeFrames(), tmp_path))
    node = script.nodes["PlateLinear"]
    assert (node.kind, node.text("in_colorspace"), node.text("out_colorspace")) == (
        "OCIOColorSpace", "Odd Camera", "scene_linear",
    )  # fmt: skip


def test_still_plates_and_odd_names_are_written_so_that_tcl_reads_them(tmp_path: Path) -> None:
    still = info(WIDTH, HEIGHT, Transfer.SRGB, kind=PlateKind.STILL, path=Path("a"))
    plate = ElementsPlate(still, '/x/my [best] "$1" shot.png', 0)
    read = read_script(elements_nuke(plate, [], MadeFrames(), tmp_path)).nodes["Plate"]
    assert read.knobs["file"] == r'"/x/my \[best] \"\$1\" shot.png"'
    assert read.text("file") == plate.files
    assert (read.text("first"), read.text("last"), read.text("frame_mode")) == ("1", "1", "")


def test_numbers_and_curves_read_back() -> None:
    assert [number_text(value) for value in (1.0, -0.0, 1e-9, -2.5, 23.976024)] == [
        "1",
        "0",
        "0",
        "-2.5",
        "23.976024",
    ]
    assert quoted("plain.exr") == "plain.exr"
    text = written_curve([1001, 1002, 1005], [0.1, -2.0, 1 / 3])
    assert text == "{curve L x1001 0.1 x1002 -2 x1005 0.33333}"
    read = list(nuke_keys(text.strip("{}").split()[1:]))
    assert [(key.frame, key.value) for key in read] == [(1001, 0.1), (1002, -2.0), (1005, 0.33333)]


def test_script_and_json_are_as_they_were(tmp_path: Path) -> None:
    """The golden job: what compositors' own scripts and templates lean on must not change unseen."""
    given = json.loads((GOLDEN / "input" / "job.json").read_text(encoding="utf-8"))
    plate = ElementsPlate(
        info(given["width"], given["height"], Transfer(given["transfer"]), path=Path(given["plate"])),
        given["plate"],
        given["first_number"],
    )
    faces = [replace(tracked(number=one["number"]), name=one["name"]) for one in given["faces"]]
    frames = MadeFrames({(one, index): (take, source) for one, index, take, source in given["sources"]})
    made = {
        "elements.nk": elements_nuke(plate, faces, frames, Path(given["folder"])),
        "elements.json": elements_json(plate, MADE, faces, frames),
    }
    for name, text in made.items():
        place = GOLDEN / "expected" / name
        if os.environ.get("PLOSIVE_WRITE_GOLDEN"):
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8")
        assert text == place.read_text(encoding="utf-8"), name
