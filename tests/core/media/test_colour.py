# SPDX-License-Identifier: Apache-2.0
"""Plates in named colour spaces: what is shown, worked on, and carried back as a change."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from numpy.typing import NDArray

from plosive.colour.coding import Coded, Curved, SceneLinear
from plosive.colour.plate_colour import ColourChoice
from plosive.colour.transfer import Transfer, linear_from_scene, scene_from_linear
from plosive.errors import OptionError
from plosive.geometry import Box
from plosive.media import PlateFrame, open_plate, open_writer

if TYPE_CHECKING:
    from tests.core.media.conftest import Maker

oiio = pytest.importorskip("OpenImageIO")

SIZE = 32, 48
AP1 = (0.713, 0.293, 0.165, 0.830, 0.128, 0.044, 0.32168, 0.33767)
WHOLE = Box(0, 0, SIZE[1], SIZE[0])
BOX = Box(10, 6, 34, 26)
LOGC = ColourChoice("ARRI LogC3 (EI800)")


@pytest.fixture(autouse=True)
def no_config(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OCIO", raising=False)


def written(path: Path, pixels: NDArray[Any], kind: str, **attributes: object) -> Path:
    spec = oiio.ImageSpec(pixels.shape[1], pixels.shape[0], pixels.shape[2], kind)
    spec.channelnames = ("R", "G", "B", "A")[: pixels.shape[2]]
    for name, value in attributes.items():
        name = name.replace("__", ":")
        if isinstance(value, tuple):
            spec.attribute(name, oiio.TypeDesc(f"float[{len(value)}]"), value)
        else:
            spec.attribute(name, value)
    output = oiio.ImageOutput.create(str(path))
    assert output.open(str(path), spec) and output.write_image(pixels), output.geterror()
    output.close()
    return path


def only_frame(path: Path, choice: ColourChoice | None = None) -> PlateFrame:
    with open_plate(path, colour=choice) as reader:
        return next(iter(reader.frames()))


def stored(frame: Any) -> NDArray[Any]:
    return np.stack(frame.planes(), axis=-1)


def ramp(low: float = 0.02, high: float = 0.9) -> NDArray[np.float32]:
    """Colours of many kinds (h, w, 3)."""
    rows, columns = np.mgrid[: SIZE[0], : SIZE[1]].astype(np.float32)
    parts = columns / SIZE[1], rows / SIZE[0], (rows + columns) / sum(SIZE)
    return np.asarray(low + (high - low) * np.stack(parts, axis=-1), np.float32)


def test_chromaticities_decide_how_an_exr_is_shown_not_how_it_is_worked_on(tmp_path: Path) -> None:
    light = ramp()
    plain = written(tmp_path / "plain.exr", light, "float")
    aces = written(tmp_path / "aces.exr", light, "float", chromaticities=AP1)
    with open_plate(plain) as reader:
        assert reader.info.colour is not None
        assert "Rec.709" in reader.info.colour.space and "OpenEXR" in reader.info.colour.reason
        plain_key = reader.info.colour.key
    with open_plate(aces) as reader:
        assert reader.info.colour is not None and reader.info.colour.key != plain_key == ""
        assert "ACEScg" in reader.info.colour.space and "chromaticities" in reader.info.colour.reason
    one, other = only_frame(plain), only_frame(aces)
    assert np.array_equal(one.working(WHOLE), other.working(WHOLE))
    assert np.array_equal(one.working(WHOLE), scene_from_linear(light))
    told = only_frame(plain, ColourChoice("ACEScg"))
    assert np.abs(told.rgb8().astype(int) - other.rgb8()).max() <= 1
    gray = written(tmp_path / "gray.exr", np.repeat(light[..., :1], 3, axis=2), "half", chromaticities=AP1)
    shown = only_frame(gray).rgb8()
    assert np.ptp(shown.astype(int), axis=2).max() <= 1, "white stays white"
    assert np.abs(one.rgb8().astype(int) - other.rgb8()).max() > 20


@pytest.mark.parametrize(
    ("name", "kind", "attributes", "steps"),
    [
        ("p.dpx", "uint16", {"oiio__BitsPerSample": 10}, 1023),
        ("p.tif", "uint16", {}, 65535),
        ("p.png", "uint8", {}, 255),
        ("p.exr", "half", {}, None),
    ],
)
def test_log_is_worked_on_as_light_and_comes_back_as_log(
    tmp_path: Path, name: str, kind: str, attributes: dict[str, object], steps: int | None
) -> None:
    path = written(tmp_path / name, ramp(0.1, 0.8), kind, **attributes)
    frame = only_frame(path, LOGC)
    before = stored(frame).astype(np.float64) / (np.iinfo(kind).max if steps else 1)
    light = linear_from_scene(frame.working(WHOLE))
    expected = (10 ** ((before - 0.385537) / 0.247190) - 0.052272) / 5.555556
    bright = before > 0.16
    np.testing.assert_allclose(light[bright], expected[bright], rtol=2e-4)
    touched = np.ones((BOX.height, BOX.width), np.bool_)
    touched[3:6, 4:9] = False
    change = np.full((BOX.height, BOX.width, 3), 0.07, np.float32)
    merged = frame.merged(BOX, change, touched)
    after = stored(merged)
    outside = np.ones(SIZE, np.bool_)
    outside[BOX.slices] = ~touched
    assert np.array_equal(after[outside], stored(frame)[outside])
    near = 17.52 * 0.247190 * np.log10(2) / (steps or 2000) * 4
    moved = merged.working(BOX) - frame.working(BOX)
    np.testing.assert_allclose(moved[touched], change[touched], atol=max(near, 2e-3))
    with open_plate(path, colour=LOGC) as reader, open_writer(tmp_path / f"out{name[1:]}", reader) as writer:
        writer.write(merged)
    back = only_frame(tmp_path / f"out{name[1:]}", LOGC)
    assert np.array_equal(stored(back), after), "the file holds log again"


@pytest.mark.parametrize(
    ("encoder", "pixel_format"), [("prores_ks", "yuv422p10le"), ("ffv1", "yuv420p"), ("ffv1", "yuv444p12le")]
)
def test_log_video_keeps_its_planes_outside_the_matte(make: Maker, encoder: str, pixel_format: str) -> None:
    path = make.video("p.mov" if encoder == "prores_ks" else "p.mkv", encoder, pixel_format)
    with open_plate(path, colour=LOGC) as reader:
        assert reader.info.transfer is Transfer.SCENE and not reader.info.is_float
        assert reader.info.colour is not None and reader.info.colour.facts()["samples"] == "Curved"
        frame = next(iter(reader.frames()))
    with open_plate(path) as reader:
        plain = next(iter(reader.frames()))
    box = Box(20, 16, 60, 48)
    coded, light = plain.working(box), linear_from_scene(frame.working(box))
    bright = coded > 0.16
    expected = (10 ** ((coded - 0.385537) / 0.247190) - 0.052272) / 5.555556
    np.testing.assert_allclose(light[bright], expected[bright], rtol=1e-3)
    assert frame.rgb8().mean() > plain.rgb8().mean() + 3, "log is shown with contrast and light"
    touched = np.zeros((box.height, box.width), np.bool_)
    touched[6:26, 8:32] = True
    change = np.full((box.height, box.width, 3), 0.05, np.float32)
    merged = frame.merged(box, change, touched)
    where = np.zeros((frame.height, frame.width), np.bool_)
    where[box.slices] = touched
    for ours, theirs in zip(merged.planes(), frame.planes(), strict=True):
        down, across = frame.height // ours.shape[0], frame.width // ours.shape[1]
        changed = np.repeat(np.repeat(ours != theirs, down, axis=0), across, axis=1)
        assert not changed[~where].any()
    inside = merged.working(box)[10:22, 12:28] - frame.working(box)[10:22, 12:28]
    depth = 8 if pixel_format.endswith("p") else 10
    assert abs(float(inside.mean()) - 0.05) < 2 / (1 << depth)


def test_what_was_told_beats_what_was_found_and_an_unknown_name_is_refused(
    tmp_path: Path, make: Maker
) -> None:
    path = written(tmp_path / "p.exr", ramp(), "half", chromaticities=AP1)
    with open_plate(path, colour=ColourChoice("lin_rec709")) as reader:
        assert reader.info.colour is not None
        assert reader.info.colour.reason == "as told by --colorspace"
        assert isinstance(reader.info.colour.coding, SceneLinear)
    with pytest.raises(OptionError, match="S-Log3 S-Gamut3"):
        open_plate(make.video("v.mkv", "ffv1", "yuv420p"), colour=ColourChoice("S-Log3"))
    with open_plate(make.images("s.{frame}.png", "uint8"), colour=ColourChoice("srgb_texture")) as reader:
        assert reader.info.colour is not None and reader.info.colour.coding == Coded(Transfer.SRGB)
        shown = next(iter(reader.frames())).rgb8()
    with open_plate(make.folder / "s.####.png") as reader:
        assert np.array_equal(next(iter(reader.frames())).rgb8(), shown), "as without being told"


def test_a_log_dpx_that_names_no_space_is_told(tmp_path: Path) -> None:
    path = written(tmp_path / "p.dpx", ramp(), "uint16", dpx__Transfer="Logarithmic")
    with open_plate(path) as reader:
        assert any("--colorspace" in warning for warning in reader.info.warnings)
    with open_plate(path, colour=LOGC) as reader:
        assert not any("--colorspace" in warning for warning in reader.info.warnings)
        assert reader.info.colour is not None and isinstance(reader.info.colour.coding, Curved)


def test_the_variable_ocio_rules_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.core.colour.test_config import CONFIG

    (tmp_path / "studio.ocio").write_text(CONFIG)
    monkeypatch.setenv("OCIO", str(tmp_path / "studio.ocio"))
    for name, wanted in (("scan1.tif", "odd log"), ("other.exr", "plate linear"), ("other.tif", "sRGB")):
        path = written(tmp_path / name, ramp(), "half" if name.endswith("exr") else "uint16")
        with open_plate(path) as reader:
            assert reader.info.colour is not None and reader.info.colour.space == wanted, name
    monkeypatch.setenv("OCIO", str(tmp_path / "gone.ocio"))
    with pytest.raises(OptionError, match=r"gone\.ocio does not exist"):
        open_plate(tmp_path / "other.tif")


@pytest.mark.parametrize(("kind", "name"), [("half", "p.exr"), ("float", "p.exr"), ("uint16", "p.tif")])
def test_premultiplied_colour_is_worked_on_as_colour(tmp_path: Path, kind: str, name: str) -> None:
    light, alpha = ramp(0.1, 0.8), np.ones((*SIZE, 1), np.float32)
    alpha[:, 20:28] = 0.5
    alpha[10:14] = 0.0
    pixels = np.concatenate([light * alpha, alpha], axis=2)
    pixels[10:14, :, :3] = 0.25  # light without matter
    path = written(tmp_path / name, pixels, kind)
    frame: Any = only_frame(path)
    shown = frame.working(WHOLE)
    full = only_frame(written(tmp_path / f"full.{name[2:]}", light, kind)).working(WHOLE)
    solid = np.ones(SIZE, np.bool_)
    solid[10:14] = False
    np.testing.assert_allclose(shown[solid], full[solid], atol=2e-3)
    change = np.full((BOX.height, BOX.width, 3), 0.04, np.float32)
    merged: Any = frame.merged(BOX, change, np.ones((BOX.height, BOX.width), np.bool_))
    np.testing.assert_allclose(
        merged.working(BOX)[solid[BOX.slices]], (full[BOX.slices] + change)[solid[BOX.slices]], atol=3e-3
    )
    assert np.array_equal(stored(merged)[10:14], stored(frame)[10:14]), "colour under alpha 0 stays"
    coverage = frame.coverage(BOX)
    assert coverage is not None and set(np.unique(coverage).round(3)) == {0.0, 0.5, 1.0}
    with open_plate(path) as reader, open_writer(tmp_path / f"out{name[1:]}", reader) as writer:
        writer.write(merged)
    result = oiio.ImageInput.open(str(tmp_path / f"out{name[1:]}"), _raw())
    source = oiio.ImageInput.open(str(path), _raw())
    assert np.array_equal(result.read_image(kind)[..., 3], source.read_image(kind)[..., 3])
    assert result.spec().get_int_attribute("oiio:UnassociatedAlpha") == source.spec().get_int_attribute(
        "oiio:UnassociatedAlpha"
    )


def _raw() -> Any:
    wanted = oiio.ImageSpec()
    wanted.attribute("oiio:UnassociatedAlpha", 1)
    return wanted


def test_unassociated_alpha_is_no_business_of_colour(tmp_path: Path) -> None:
    light, alpha = ramp(0.1, 0.8), np.full((*SIZE, 1), 0.5, np.float32)
    pixels = np.concatenate([light, alpha], axis=2)
    path = written(tmp_path / "p.png", pixels, "uint16", oiio__UnassociatedAlpha=1)
    frame: Any = only_frame(path)
    np.testing.assert_allclose(frame.working(WHOLE), light, atol=2e-5)
    assert frame.coverage(WHOLE) is None


@pytest.mark.parametrize("kind", ["half", "float"])
def test_what_is_no_number_stays_and_does_not_spread(tmp_path: Path, kind: str) -> None:
    light = ramp(0.2, 0.6)
    broken = light.copy()
    broken[12, 20] = np.nan
    broken[13, 21, 0] = np.inf
    broken[14, 22] = -np.inf
    broken[2, 2] = np.nan
    broken[8:11, 24:30] = np.nan  # more than a pixel
    if kind == "float":
        broken[16, 16] = 1e34
    path = written(tmp_path / "p.exr", broken, kind)
    frame: Any = only_frame(path)
    clean = only_frame(written(tmp_path / "c.exr", light, kind)).working(WHOLE)
    shown = frame.working(WHOLE)
    assert np.abs(shown - clean).max() < 0.03, "neighbours stand in: no dark and no glowing spot"
    good = np.isfinite(broken).all(axis=2) & (np.abs(broken) < 1e30).all(axis=2)
    finite = np.isfinite(broken) & (np.abs(broken) < 1e30)
    assert np.array_equal(shown[finite], clean[finite])
    change = np.full((BOX.height, BOX.width, 3), 0.05, np.float32)
    merged: Any = frame.merged(BOX, change, np.ones((BOX.height, BOX.width), np.bool_))
    kept = ~good
    bits = f"u{stored(frame).dtype.itemsize}"
    assert np.array_equal(stored(merged).view(bits)[kept], stored(frame).view(bits)[kept])
    inside = np.zeros(SIZE, np.bool_)
    inside[BOX.slices] = True
    assert (stored(merged)[inside & good] != stored(frame)[inside & good]).all()
    assert np.array_equal(stored(merged).view(bits)[~inside], stored(frame).view(bits)[~inside])


def test_light_past_half_is_kept_in_float_and_bounded_in_half(tmp_path: Path) -> None:
    light = ramp(1e4, 3e5)
    frame: Any = only_frame(written(tmp_path / "f.exr", light, "float"))
    change = np.full((SIZE[0], SIZE[1], 3), 0.2 * np.log(2), np.float32)  # a stop
    touched = np.ones(SIZE, np.bool_)
    np.testing.assert_allclose(stored(frame.merged(WHOLE, change, touched)), 2 * light, rtol=2e-4)
    half: Any = only_frame(written(tmp_path / "h.exr", np.clip(light, 0, 6e4), "half"))
    assert np.isfinite(stored(half.merged(WHOLE, change, touched)).astype(np.float32)).all()
