# SPDX-License-Identifier: Apache-2.0
"""Shots that nobody sees: which clips surely hide what lies below them, and which may not."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest
from tests.core.conform.conftest import EditMaker

from plosive.conform import Edit, read_edit
from plosive.reel.choosing.selection import named_shots
from plosive.reel.jobs import left_alone

Change = Callable[[Any], None]


def resolve_effect(name: str, parameters: list[Any], enabled: bool = True) -> Any:
    """As Resolve writes its inspector: every clip has these, empty where nothing was touched."""
    said = {"Effect Name": name, "Enabled": enabled, "Parameters": parameters, "Type": 2}
    return otio.schema.Effect(effect_name="Resolve Effect", metadata={"Resolve_OTIO": said})


def parameter(value: float, default: float, keys: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "Parameter ID": "opacity",
        "Parameter Value": value,
        "Default Parameter Value": default,
        "Key Frames": keys or {},
    }


class Layers:
    """`low` (frames 10 to 19 of the edit) on Video 1, `top` (0 to 29) on Video 2, of movies of one size."""

    def __init__(self, maker: EditMaker) -> None:
        self.maker = maker
        maker.movie("low.mov", 40, Fraction(24))
        maker.movie("top.mov", 40, Fraction(24))
        self.low = self.clip("low", 0, 10)
        self.top = self.clip("top", 0, 30)
        self.below = otio.schema.Track("Video 1", children=[self.gap(10), self.low])
        self.above = otio.schema.Track("Video 2", children=[self.top])
        self.timeline = otio.schema.Timeline("layers", tracks=[self.below, self.above])
        self.timeline.global_start_time = otio.opentime.RationalTime(0, 24)

    def clip(self, name: str, first: int, length: int, url: str = "") -> Any:
        return self.maker.clip((first, length, 24), (0, 40, 24), url=url or f"{name}.mov", name=name)

    def gap(self, length: int) -> Any:
        return otio.schema.Gap(source_range=self.maker.range(0, length))

    def read(self) -> Edit:
        return self.maker.read(self.timeline)

    def hidden(self) -> set[str]:
        return {shot.name for shot in self.read().shots if shot.hidden}


@pytest.fixture(scope="module")
def _folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("layers")


@pytest.fixture
def layers(_folder: Path) -> Layers:
    return Layers(EditMaker(_folder))


def test_what_lies_wholly_under_another_is_left_alone_unless_it_is_named(layers: Layers) -> None:
    edit = layers.read()
    low = next(shot for shot in edit.shots if shot.name == "low")
    reason = left_alone(low, edit, None)
    assert reason == (
        "Nobody sees it: 'top' on Video 2 (shot 1) hides it; to sync it all the same name it with --only."
    )
    assert left_alone(edit.shots[0], edit, None) == ""
    assert left_alone(low, edit, None, named_shots(edit, [f"1-{low.number}"])) == ""
    assert left_alone(low, edit, None, named_shots(edit, ["00:00:00:00-00:00:01:00"])) == reason


def test_what_resolve_writes_on_every_clip_changes_nothing(layers: Layers) -> None:
    layers.top.effects.extend(
        [
            resolve_effect("Transform", []),
            resolve_effect("Composite", [parameter(100.0, 100.0)]),
            resolve_effect("Dynamic Zoom", [parameter(0.8, 1.0)], enabled=False),
            otio.schema.LinearTimeWarp(time_scalar=0.5),
        ]
    )
    layers.low.effects.append(resolve_effect("Cropping", []))
    assert layers.hidden() == {"low"}


def switched_off(layers: Layers) -> None:
    layers.top.enabled = False


def half_through(layers: Layers) -> None:
    layers.top.effects.append(resolve_effect("Composite", [parameter(50.0, 100.0)]))


def fading(layers: Layers) -> None:
    keys = {"0": {"Value": 0.0}, "9": {"Value": 100.0}}
    layers.top.effects.append(resolve_effect("Composite", [parameter(100.0, 100.0, keys)]))


def unknown_effect(layers: Layers) -> None:
    layers.top.effects.append(otio.schema.Effect("Wobble", effect_name="Wobble"))


def on_its_track(layers: Layers) -> None:
    layers.above.effects.append(otio.schema.Effect("Key", effect_name="Key"))


def blended(layers: Layers) -> None:
    layers.top.metadata["fcp_xml"] = {"compositemode": "multiply"}


def moved_below(layers: Layers) -> None:
    layers.low.effects.append(resolve_effect("Transform", [parameter(2.0, 1.0)]))


def matte_above(layers: Layers) -> None:
    matte = layers.clip("matte", 0, 30, url="top.mov")
    matte.effects.append(resolve_effect("Composite", [parameter(12, 0)]))
    layers.timeline.tracks.append(otio.schema.Track("Video 3", children=[matte]))


def too_short(layers: Layers) -> None:
    layers.top.source_range = layers.maker.range(0, 19)


def out_of_its_media(layers: Layers) -> None:
    layers.top.source_range = layers.maker.range(30, 30)


def offline(layers: Layers) -> None:
    layers.top.media_reference.target_url = "gone.mov"


def dissolving(layers: Layers) -> None:
    offset = otio.opentime.RationalTime(2, 24)
    layers.above[:] = []
    parts = [layers.clip("top", 0, 15), layers.clip("top", 15, 15)]
    dissolve = otio.schema.Transition("x", "SMPTE_Dissolve", offset, offset)
    layers.above.extend([parts[0], dissolve, parts[1]])


def sequence_above(layers: Layers) -> None:
    layers.maker.sequence("pictures", "a", 1, 40)
    layers.top.media_reference.target_url = "pictures/a.0001.png"


def other_size(layers: Layers) -> None:
    from PIL import Image

    place = layers.maker.folder / "wide"
    place.mkdir(exist_ok=True)
    for number in range(1, 41):
        Image.new("RGB", (32, 16)).save(place / f"a.{number:04d}.jpg")
    layers.top.media_reference.target_url = "wide/a.0001.jpg"


@pytest.mark.parametrize(
    "change",
    [
        switched_off, half_through, fading, unknown_effect, on_its_track, blended, moved_below, matte_above,
        too_short, out_of_its_media, offline, dissolving, sequence_above, other_size,
    ],
)  # fmt: skip
def test_where_something_may_be_seen_the_shot_stays(layers: Layers, change: Callable[[Layers], None]) -> None:
    change(layers)
    assert layers.hidden() == set()


def test_several_clips_hide_together_and_a_nest_is_hidden_too(layers: Layers) -> None:
    layers.above[:] = [layers.clip("top", 0, 15), layers.clip("next", 15, 15, url="top.mov")]
    inner = otio.schema.Stack("nest", children=[otio.schema.Track(children=[layers.clip("deep", 0, 10)])])
    inner[0][0].media_reference.target_url = "low.mov"
    layers.below.append(inner)
    edit = layers.read()
    told = {shot.name: shot.hidden for shot in edit.shots}
    assert "'top' on Video 2 (shot 1) and 1 more clip hide it" in told["low"]
    assert "'next' on Video 2" in told["deep"]
    assert not told["top"] and not told["next"]


FCPXML = """<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE fcpxml><fcpxml version="1.10"><resources>
<format id="r1" frameDuration="1/24s" width="64" height="64"/>
<asset id="a" name="low" start="0s" duration="40/24s" hasVideo="1" format="r1">
<media-rep kind="original-media" src="low.mov"/></asset>
<asset id="b" name="top" start="0s" duration="40/24s" hasVideo="1" format="r1">
<media-rep kind="original-media" src="top.mov"/></asset></resources>
<library><event><project name="p"><sequence format="r1" tcStart="0s" duration="1s"><spine>
<asset-clip ref="a" name="low" offset="0s" start="0s" duration="1s">
<asset-clip ref="b" name="top" lane="1" offset="0s" start="0s" duration="1s">ADJUST</asset-clip>
</asset-clip></spine></sequence></project></event></library></fcpxml>"""


@pytest.mark.parametrize(
    ("adjust", "is_hidden"),
    [
        ("", True),
        ('<adjust-conform type="fit"/><adjust-transform scale="1 1" position="0 0" anchor="0 0"/>', True),
        ('<adjust-transform scale="0.5 0.5"/>', False),
        ('<adjust-blend amount="0.5"/>', False),
        ('<adjust-crop mode="trim"><trim-rect left="10"/></adjust-crop>', False),
        ('<filter-video ref="r9" name="Keyer"/>', False),
    ],
)
def test_fcpxml_says_what_it_does_to_the_picture(layers: Layers, adjust: str, is_hidden: bool) -> None:
    path = layers.maker.folder / "layers.fcpxml"
    path.write_text(FCPXML.replace("ADJUST", adjust), encoding="utf-8")
    shots = {shot.name: shot for shot in read_edit(path).shots}
    assert bool(shots["low"].hidden) is is_hidden


@pytest.mark.parametrize(("scale", "is_hidden"), [("100", True), ("93.75", False)])
def test_premiere_writes_motion_that_does_nothing(layers: Layers, scale: str, is_hidden: bool) -> None:
    said = {
        "effectid": "basic",
        "parameter": [
            {"parameterid": "scale", "value": scale},
            {"parameterid": "center", "value": {"horiz": "0", "vert": "0"}},
        ],
    }
    layers.top.effects.append(otio.schema.Effect("Basic Motion", metadata={"fcp_xml": said}))
    assert (layers.hidden() == {"low"}) is is_hidden
