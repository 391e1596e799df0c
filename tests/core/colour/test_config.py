# SPDX-License-Identifier: Apache-2.0
"""Colour spaces by name: found, refused with the nearest, and read for what their samples mean."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from plosive.colour.coding import Coded, Curved, Processed, SceneLinear
from plosive.colour.config import ColourConfig
from plosive.colour.primaries import chromaticities_from, named_primaries, rec709_matrix
from plosive.colour.transfer import Transfer
from plosive.errors import OptionError

pytest.importorskip("OpenImageIO")

AP1 = (0.713, 0.293, 0.165, 0.830, 0.128, 0.044, 0.32168, 0.33767)
AP1_TO_709 = [[1.70505, -0.62179, -0.08326], [-0.13026, 1.14080, -0.01055], [-0.02400, -0.12897, 1.15297]]
CONFIG = """ocio_profile_version: 2
roles:
  scene_linear: plate linear
  data: numbers
  aces_interchange: plate linear
file_rules:
  - !<Rule> {name: scans, colorspace: odd log, pattern: "*scan*", extension: "*"}
  - !<Rule> {name: Default, colorspace: numbers}
displays:
  one:
    - !<View> {name: raw, colorspace: numbers}
colorspaces:
  - !<ColorSpace> {name: plate linear}
  - !<ColorSpace> {name: numbers, isdata: true}
  - !<ColorSpace>
    name: odd log
    to_scene_reference: !<LogAffineTransform>
      {base: 10, log_side_slope: 0.25, log_side_offset: 0.4, lin_side_offset: 0.01, direction: inverse}
  - !<ColorSpace>
    name: turned about
    to_scene_reference: !<MatrixTransform> {matrix: [-1, 0, 0, 0, 0, -1, 0, 0, 0, 0, -1, 0, 0, 0, 0, 1]}
"""


@pytest.fixture(scope="module")
def built_in() -> ColourConfig:
    return ColourConfig()


@pytest.fixture
def own(tmp_path: Path) -> str:
    path = tmp_path / "studio.ocio"
    path.write_text(CONFIG)
    return str(path)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("ACEScg", "ACEScg"),
        ("acescg", "ACEScg"),
        ("lin_ap1", "ACEScg"),
        ("scene_linear", "ACEScg"),
        (" ACES - ACES2065-1 ", "ACES2065-1"),
        ("arri_logc4", "ARRI LogC4"),
    ],
)
def test_a_space_goes_by_name_alias_and_role(built_in: ColourConfig, asked: str, found: str) -> None:
    assert built_in.find(asked) == found


@pytest.mark.parametrize(
    ("asked", "near"), [("LogC3", "ARRI LogC3 (EI800)"), ("s-log3", "S-Log3 S-Gamut3"), ("ACEScq", "ACEScg")]
)
def test_an_unknown_space_is_told_with_the_nearest(built_in: ColourConfig, asked: str, near: str) -> None:
    with pytest.raises(OptionError) as error:
        built_in.find(asked)
    sentence = str(error.value)
    assert asked in sentence and repr(near) in sentence and "plosive colorspaces" in sentence
    with pytest.raises(OptionError) as error:
        built_in.find("qqqqqq")
    assert "did you mean" not in str(error.value)


@pytest.mark.parametrize("name", ["ACEScg", "Linear Rec.709 (sRGB)", "ACES2065-1", "Linear S-Gamut3.Cine"])
def test_linear_spaces_are_light_as_stored(built_in: ColourConfig, name: str) -> None:
    assert isinstance(built_in.space(name).coding, SceneLinear)


def test_the_view_matrix_is_the_published_one(built_in: ColourConfig) -> None:
    np.testing.assert_allclose(built_in.space("ACEScg").to_rec709, AP1_TO_709, atol=1e-4)
    np.testing.assert_allclose(rec709_matrix(AP1), AP1_TO_709, atol=1e-4)
    arri = (0.684, 0.313, 0.221, 0.848, 0.0861, -0.102, 0.3127, 0.329)  # as ARRI publishes them
    matrix = built_in.space("ARRI LogC3 (EI800)").to_rec709
    assert matrix is not None
    np.testing.assert_allclose(chromaticities_from(matrix), arri, atol=5e-3)
    assert named_primaries(AP1) == "ACEScg (AP1)"
    assert named_primaries((0.6, 0.3, 0.3, 0.6, 0.1, 0.1, 0.3, 0.3)) is None
    assert rec709_matrix((0.3,) * 8) is None, "primaries that span nothing"


def logc3(coded: float) -> float:
    """ARRI ALEXA Log C Curve, EI 800 (ARRI 2017)."""
    cut, a, b, c, d, e, f = 0.010591, 5.555556, 0.052272, 0.247190, 0.385537, 5.367655, 0.092809
    return (10 ** ((coded - d) / c) - b) / a if coded > e * cut + f else (coded - f) / e


def slog3(coded: float) -> float:
    """Technical Summary for S-Gamut3.Cine/S-Log3 (Sony)."""
    code = coded * 1023
    if code >= 171.2102946929:
        return math.pow(10, (code - 420) / 261.5) * 0.19 - 0.01
    return (code - 95) * 0.01125 / (171.2102946929 - 95)


@pytest.mark.parametrize(
    ("name", "formula"), [("ARRI LogC3 (EI800)", logc3), ("S-Log3 S-Gamut3.Cine", slog3)]
)
def test_camera_log_becomes_the_maker_s_light(built_in: ColourConfig, name: str, formula: object) -> None:
    coding = built_in.space(name).coding
    assert isinstance(coding, Curved) and coding.transfer is Transfer.SCENE
    stored = np.linspace(0.0, 1.05, 211, dtype=np.float32)
    expected = [formula(float(value)) for value in stored]  # type: ignore[operator]
    np.testing.assert_allclose(coding.linear(stored), expected, rtol=2e-4, atol=3e-5)


def test_display_spaces_are_worked_on_as_coded(built_in: ColourConfig) -> None:
    for name, transfer in (
        ("srgb_texture", Transfer.SRGB),
        ("Rec.1886 Rec.709 - Display", Transfer.BT1886),
        ("Rec.2100-PQ - Display", Transfer.PQ),
    ):
        assert built_in.space(built_in.find(name)).coding == Coded(transfer)


def test_what_mixes_channels_goes_through_the_processor(built_in: ColourConfig) -> None:
    coding = built_in.space("ADX10").coding
    assert isinstance(coding, Processed) and coding.mixes_channels
    stored = np.random.default_rng(3).uniform(0.3, 0.7, (40, 3)).astype(np.float32)
    change = np.full((40, 3), 0.02, np.float32)
    edited = coding.edited(stored, change)
    np.testing.assert_allclose(coding.working(edited) - coding.working(stored), change, atol=2e-4)
    assert np.array_equal(coding.edited(stored, np.zeros_like(change)), stored)


def test_data_is_no_colour(built_in: ColourConfig) -> None:
    with pytest.raises(OptionError, match="data"):
        built_in.space(built_in.find("Raw"))


def test_a_studio_s_own_config(own: str) -> None:
    config = ColourConfig(own)
    assert config.of_file(Path("/shots/scan_0010.dpx")) == "odd log"
    assert config.of_file(Path("/shots/sc010.dpx")) is None, "the default rule tells nothing"
    coding = config.space("odd log").coding
    assert isinstance(coding, Curved)
    stored = np.linspace(0.05, 0.95, 91, dtype=np.float32)
    light = 10 ** ((stored - 0.4) / 0.25) - 0.01
    np.testing.assert_allclose(coding.linear(stored), light, rtol=3e-4, atol=1e-5)
    with pytest.raises(OptionError, match="does not rise"):
        config.space("turned about")


@pytest.mark.parametrize("text", [None, "no config", "ocio_profile_version: 2\nroles: {"])
def test_a_broken_config_is_one_sentence(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "broken.ocio"
    if text is not None:
        path.write_text(text)
    with pytest.raises(OptionError) as error:
        ColourConfig(str(path))
    assert str(path) in str(error.value) and "\n" not in str(error.value) and "--ocio" in str(error.value)
