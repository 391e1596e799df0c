# SPDX-License-Identifier: Apache-2.0
"""What comes into the node: by its own path, or rendered; and at which frames."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from fakes.nuke import FakeNuke
from fakes.nuke.scene import lip_sync, read_node, write_plate
from plosive_host import PlosiveHostError

Plain = Callable[..., Any]


@pytest.fixture
def plain(nuke: FakeNuke) -> Plain:
    return lambda *given: importlib.import_module("plosive_nuke.plate").plain_plate(*given)


def test_dots_switched_off_nodes_and_groups_around_it_change_nothing(
    nuke: FakeNuke, plain: Plain, tmp_path: Path
) -> None:
    read = read_node(nuke, write_plate(tmp_path / "a", 1001, 1010), 1001, 1010)
    dot, grade = nuke.nodes.Dot(), nuke.nodes.Grade(multiply=2.0, disable=True)
    dot.setInput(0, read)
    grade.setInput(0, dot)
    group = nuke.nodes.Group()
    with group:
        inside = nuke.nodes.Input(number=0)
    group.setInput(0, grade)
    plate = plain(inside, 1002, 1005, "main")
    assert (plate.media_path, plate.shift, plate.is_movie) == (
        str(tmp_path / "a" / "plate.%04d.exr"),
        0,
        False,
    )
    assert (plate.first, plate.last_inclusive) == (1001, 1010)
    grade["disable"].setValue(False)
    assert plain(inside, 1002, 1005, "main") is None
    grade["disable"].setExpression("frame > 3")
    assert plain(inside, 1002, 1005, "main") is None


@pytest.mark.parametrize(
    ("mode", "text", "shift"),
    [
        ("expression", "", 0),
        ("expression", "frame", 0),
        ("expression", "frame-1000", -1000),
        ("expression", "frame + 12", 12),
        ("start at", "1", 1000),
        ("start at", "1101", -100),
        ("start at", "", 0),
        ("expression", "frame*2", None),
        ("expression", "1001", None),
        ("offset", "10", None),
    ],
)
def test_how_a_read_counts(
    nuke: FakeNuke, plain: Plain, tmp_path: Path, mode: str, text: str, shift: int | None
) -> None:
    """And the fake's own picture agrees: red is the file's number."""
    read = read_node(nuke, write_plate(tmp_path / "a", 1001, 1010), 1001, 1010, frame_mode=mode, frame=text)
    first = 1002 - (shift or 0)
    plate = plain(read, first, first + 3, "main")
    if shift is None:
        assert plate is None
        return
    assert plate.shift == shift
    for frame in range(first, first + 4):
        assert nuke.show(read, frame).planes["rgba.red"][0, 0] == frame + shift


def test_the_medias_first_frame_is_on_disk_not_in_the_read(
    nuke: FakeNuke, plain: Plain, tmp_path: Path
) -> None:
    read = read_node(nuke, write_plate(tmp_path / "a", 991, 1010), 1001, 1010)
    assert plain(read, 1001, 1004, "main").first == 991
    assert plain(read, 1000, 1004, "main") is None  # held there: no file's frame is seen


def test_a_path_with_tcl_and_views(nuke: FakeNuke, plain: Plain, tmp_path: Path) -> None:
    write_plate(tmp_path / "show" / "left", 1, 3, "p_l.%03d.exr")
    nuke.root()["views"]._value = "left right"
    read = read_node(nuke, "[file dirname [value root.name]]/%V/p_%v.###.exr", 1, 3)
    plate = plain(read, 1, 3, "left")
    assert plate.media_path == str(tmp_path / "show" / "left" / "p_l.%03d.exr")
    assert (plate.first, plate.last_inclusive) == (1, 3)
    with pytest.raises(PlosiveHostError, match="right"):
        plain(read, 1, 3, "right")


def test_filename_filters_of_the_studio(nuke: FakeNuke, plain: Plain, tmp_path: Path) -> None:
    write_plate(tmp_path / "linux", 1, 3)
    nuke.addFilenameFilter(lambda name: name.replace("S:/", f"{tmp_path}/"))
    plate = plain(read_node(nuke, "S:/linux/plate.%04d.exr", 1, 3), 1, 3, "main")
    assert plate.media_path == str(tmp_path / "linux" / "plate.%04d.exr")


def test_movies_count_from_one_in_nuke(nuke: FakeNuke, plain: Plain, tmp_path: Path) -> None:
    movie = tmp_path / "a.mov"
    movie.write_bytes(b"never read here")
    read = read_node(nuke, str(movie), 1, 100, frame_mode="start at", frame="1001", raw=False)
    read.metadata = lambda key: 23.976 if key == "input/frame_rate" else None
    plate = plain(read, 1001, 1100, "main")
    assert (plate.shift, plate.first, plate.last_inclusive) == (-1001, 0, 99)
    assert plate.rate == Fraction(24000, 1001)
    movie.unlink()
    with pytest.raises(PlosiveHostError, match=r"a\.mov is not there"):
        plain(read, 1001, 1100, "main")


def test_missing_files_are_said_before_any_work(nuke: FakeNuke, plain: Plain, tmp_path: Path) -> None:
    pattern = write_plate(tmp_path / "a", 1, 6)
    Path(pattern % 3).unlink()
    Path(pattern % 4).unlink()
    read = read_node(nuke, pattern, 1, 6)
    with pytest.raises(PlosiveHostError, match=r"lacks frame 3 and 1 more; render them"):
        plain(read, 1, 6, "main")
    assert plain(read, 5, 6, "main") is not None


@pytest.mark.parametrize("name", ["clip.r3d", "still.exr", "shot.%04d.psd"])
def test_what_plosive_cannot_read_by_path_is_rendered(
    nuke: FakeNuke, plain: Plain, tmp_path: Path, name: str
) -> None:
    (tmp_path / name).write_bytes(b"")
    assert plain(read_node(nuke, str(tmp_path / name), 1, 5), 1, 5, "main") is None


def test_nothing_connected(nuke: FakeNuke, plosive: Any) -> None:
    node = lip_sync(nuke)
    node["dub"].setValue("/dub.wav")
    nuke.press(node, "sync")
    assert "Nothing is connected to LipSync1" in nuke.messages[0] and "Log: " in nuke.messages[0]
    assert "Nothing is connected" in node["status"].value()


@pytest.mark.parametrize(
    ("told", "exact"),
    [
        (24.0, Fraction(24)),
        (23.976, Fraction(24000, 1001)),
        (23.98, Fraction(24000, 1001)),
        (23.976023976, Fraction(24000, 1001)),
        (29.97, Fraction(30000, 1001)),
        (59.94, Fraction(60000, 1001)),
        (47.952, Fraction(48000, 1001)),
        (12.5, Fraction(25, 2)),
        (25.0, Fraction(25)),
        (119.88, Fraction(120000, 1001)),
    ],
)
def test_rates_are_exact(nuke: FakeNuke, told: float, exact: Fraction) -> None:
    nuke.root()["fps"].setValue(told)
    assert importlib.import_module("plosive_nuke.frame_rate").script_rate() == exact


def test_no_rate_at_all(nuke: FakeNuke) -> None:
    nuke.root()["fps"].setValue(0)
    with pytest.raises(PlosiveHostError, match="frame rate is 0"):
        importlib.import_module("plosive_nuke.frame_rate").script_rate()


@pytest.mark.parametrize(
    ("management", "knobs", "wanted"),
    [
        ("Nuke", {"raw": True}, ("", "", "")),
        ("Nuke", {"raw": False, "colorspace": "default (linear)"}, ("", "", "")),
        ("Nuke", {"raw": False, "colorspace": "AlexaV3LogC"}, ("arri_logc3_ei800", "", None)),
        ("Nuke", {"raw": False, "colorspace": "Cineon"}, ("", "", None)),
        ("OCIO", {"raw": True}, ("scene_linear", "CONFIG", "")),
        ("OCIO", {"raw": False, "colorspace": "scene_linear (ACEScg)"}, ("scene_linear", "CONFIG", "")),
        ("OCIO", {"raw": False, "colorspace": "ACES2065-1"}, ("ACES2065-1", "CONFIG", "ACES2065-1")),
        (
            "OCIO",
            {"raw": False, "colorspace": "default (ARRI LogC3 (EI800))"},
            ("ARRI LogC3 (EI800)", "CONFIG", "ARRI LogC3 (EI800)"),
        ),
    ],
)
def test_colour_is_passed_on(
    nuke: FakeNuke,
    plain: Plain,
    tmp_path: Path,
    management: str,
    knobs: dict[str, Any],
    wanted: tuple[Any, ...],
) -> None:
    config = tmp_path / "studio.ocio"
    config.write_text("ocio_profile_version: 2\n")
    for name, value in (
        ("colorManagement", management),
        ("OCIO_config", "custom"),
        ("customOCIOConfigPath", str(config)),
        ("workingSpaceLUT", "scene_linear (ACEScg)"),
    ):
        nuke.root()[name].setValue(value)
    read = read_node(nuke, write_plate(tmp_path / "a", 1, 2), 1, 2, **knobs)
    colour = plain(read, 1, 2, "main").colour
    told = (colour.colorspace, colour.ocio_config_path.replace(str(config), "CONFIG"), colour.layers_from)
    assert told == wanted


def test_nukes_own_config_is_found_and_the_variable_counts_first(
    nuke: FakeNuke, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    colour = importlib.import_module("plosive_nuke.colour")
    nuke.root()["colorManagement"].setValue("OCIO")
    assert colour.working_colour().ocio_config_path == ""
    own = tmp_path / "plugins" / "OCIOConfigs" / "configs" / "nuke-default" / "config.ocio"
    own.parent.mkdir(parents=True)
    own.write_text("")
    assert colour.working_colour() == colour.PlateColour("scene_linear", str(own))
    (tmp_path / "studio.ocio").write_text("")
    monkeypatch.setenv("OCIO", str(tmp_path / "studio.ocio"))
    assert colour.working_colour().ocio_config_path == str(tmp_path / "studio.ocio")


@pytest.mark.parametrize(
    ("given", "samples", "transfer", "light"),
    [
        (("", "", ""), "SceneLinear", "scene", ""),
        (("ACEScg", "c.ocio", "ACEScg"), "SceneLinear", "scene", "ACEScg"),
        (
            ("logc", "c.ocio", "logc"),
            "Curved",
            "scene",
            None,
        ),  # light in the camera's primaries: no name here
        (("logc", "", None, True), "Curved", "scene", ""),  # Nuke's own curves have no primaries
        (("adx10", "c.ocio", "adx10"), "Processed", "scene", ""),  # the config's scene_linear
        (("adx10", "", "adx10"), "Processed", "scene", None),
        (("srgb_encoded_rec709_srgb", "", None, True), "Coded", "srgb", ""),
        (("g22_encoded_rec709", "", None, True), "Coded", "srgb", None),  # taken for the nearest
        (("", "", ""), "Coded", "bt1886", None),
        (("", "", ""), "", "", None),
    ],
)
def test_the_light_of_the_layers(
    nuke: FakeNuke, given: Any, samples: str, transfer: str, light: str | None
) -> None:
    colour = importlib.import_module("plosive_nuke.colour")
    assert colour.PlateColour(*given).layers_light(samples, transfer) == light
